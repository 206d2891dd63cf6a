#include "enumerator/files/cif_symmetry.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <set>

#include "enumerator/crystal/detail/spglib.hpp"
#include "enumerator/files/space_group_symbols.hpp"
#include "enumerator/files/symmetry_triplet.hpp"
#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

using Tags = std::vector<std::string>;

// Names of DDLm come here with '_' for their '.'.
const Tags kOperationTags = {"_symmetry_equiv_pos_as_xyz",  "_space_group_symop_operation_xyz",
                             "_symmetry_equiv_pos_as_xyz_", "_space_group_symop_operation_xyz_",
                             "_symmetry_equiv_posn_as_xyz", "_symmetry_symop_operation_xyz"};
const Tags kMagneticTags = {"_space_group_symop_magn_operation_xyz", "_space_group_symop_magn_operation_xyz_"};
const Tags kMagneticCenteringTags = {"_space_group_symop_magn_centering_xyz", "_space_group_symop_magn_centering_xyz_"};
const Tags kSuperspaceTags = {"_space_group_symop_ssg_operation_algebraic",
                              "_space_group_symop_magn_ssg_operation_algebraic"};
const Tags kSuperspaceCenteringTags = {"_space_group_symop_magn_ssg_centering_algebraic"};
const Tags kBnsTags = {"_space_group_magn_number_bns"};
const Tags kHallTags = {"_symmetry_space_group_name_hall", "_space_group_name_hall"};
const Tags kHmTags = {
    "_symmetry_space_group_name_h-m", "_space_group_name_h-m_alt",  "_space_group_name_h-m",
    "_space_group_name_h-m_full",     "_space_group_name_h-m_ref",  "_symmetry_space_group_name_h_m",
    "_space_group_name_h_m_alt",      "_space_group_name_h_m",      "_symmetry_space_group_name_h-m_alt",
    "_symmetry_space_group_name",     "_symmetry_space_group_name_"};
const Tags kNumberTags = {"_symmetry_int_tables_number", "_space_group_it_number", "_symmetry_space_group_it_number",
                          "_space_group_int_tables_number"};
const Tags kCodeTags = {"_space_group_it_coordinate_system_code", "_symmetry_it_coordinate_system_code"};

constexpr std::size_t kMostOperations = 192;

/// Exact identity of an operation modulo translations; translations to 1e-4.
using OperationKey = std::array<int, 12>;

OperationKey key_of(const SymmetryOperation& operation) {
  OperationKey key{};
  for (int i = 0; i < 9; ++i) key[static_cast<std::size_t>(i)] = operation.rotation(i / 3, i % 3);
  for (int i = 0; i < 3; ++i) {
    const double t = operation.translation[i] - std::floor(operation.translation[i]);
    key[static_cast<std::size_t>(9 + i)] = static_cast<int>(std::lround(t * 5040.0)) % 5040;
  }
  return key;
}

SymmetryOperation product(const SymmetryOperation& a, const SymmetryOperation& b) {
  return {a.rotation * b.rotation, a.rotation.cast<double>() * b.translation + a.translation};
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \n\t") == std::string::npos; }

std::optional<long> whole_number(const std::string& text) {
  const auto number = cif_number(text);
  if (!number || *number != std::round(*number) || std::abs(*number) > 1e6) return std::nullopt;
  return std::lround(*number);
}

/// P1 and P-1 in a centred cell, which no table lists: "C 1", "F -1".
std::vector<SymmetryOperation> centred_triclinic(const std::string& symbol) {
  std::string squeezed;
  for (const char c : symbol) {
    if (!is_blank(std::string(1, c)) && c != '_')
      squeezed += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  std::vector<Eigen::Vector3d> centring = {Eigen::Vector3d::Zero()};
  const Eigen::Vector3d a(0, 0.5, 0.5), b(0.5, 0, 0.5), c(0.5, 0.5, 0);
  if (squeezed.size() < 2 || (squeezed.substr(1) != "1" && squeezed.substr(1) != "-1")) return {};
  switch (squeezed[0]) {
    case 'A':
      centring.push_back(a);
      break;
    case 'B':
      centring.push_back(b);
      break;
    case 'C':
      centring.push_back(c);
      break;
    case 'I':
      centring.emplace_back(0.5, 0.5, 0.5);
      break;
    case 'F':
      centring.insert(centring.end(), {a, b, c});
      break;
    case 'R':
      centring.insert(centring.end(), {{2.0 / 3, 1.0 / 3, 1.0 / 3}, {1.0 / 3, 2.0 / 3, 2.0 / 3}});
      break;
    default:
      return {};
  }
  std::vector<SymmetryOperation> operations;
  for (const int sign : {1, -1}) {
    if (sign < 0 && squeezed.size() == 2) break;
    for (const Eigen::Vector3d& shift : centring) operations.push_back({sign * Eigen::Matrix3i::Identity(), shift});
  }
  return operations;
}

class SymmetryReader {
 public:
  SymmetryReader(const CifBlock& block, const std::string& file, const Lattice& lattice, ReadingWarnings& warnings)
      : block_(block), file_(file), lattice_(lattice), warnings_(warnings) {}

  std::vector<CifSymmetry> read() {
    std::vector<CifSymmetry> found = stated();
    std::vector<CifSymmetry> fitting;
    std::string misfit;
    for (CifSymmetry& symmetry : found) {
      for (SymmetryOperation& operation : symmetry.operations) {
        for (int i = 0; i < 3; ++i) operation.translation[i] -= std::floor(operation.translation[i]);
      }
      std::stable_partition(symmetry.operations.begin(), symmetry.operations.end(), [](const SymmetryOperation& o) {
        return o.rotation.isIdentity() && o.translation.isZero();
      });
      const std::string why = metric_misfit(symmetry);
      if (why.empty()) {
        fitting.push_back(std::move(symmetry));
      } else if (misfit.empty()) {
        misfit = why;
      }
    }
    if (fitting.empty()) fail(where_, misfit);
    return fitting;
  }

 private:
  [[nodiscard]] SourcePosition at(const CifValue& where) const { return {file_, where.line, where.column}; }
  [[noreturn]] void fail(const CifValue& where, const std::string& what) const {
    throw FormatError(to_string(at(where)) + ": " + what);
  }

  std::vector<CifSymmetry> stated() {
    if (auto symmetry = listed(kMagneticTags, kMagneticCenteringTags, "listed magnetic operations")) {
      warnings_.add(at(where_),
                    "magnetic operations: they are used without time reversal, and magnetic moments are not read");
      return {*symmetry};
    }
    if (auto symmetry = listed(kOperationTags, {}, "listed operations")) {
      warn_if_symbol_differs(*symmetry);
      return {*symmetry};
    }
    if (auto symmetry = listed(kSuperspaceTags, kSuperspaceCenteringTags, "listed superspace operations")) {
      warnings_.add(at(where_), "a modulated structure: its average is read, the modulation is not");
      return {*symmetry};
    }
    for (const auto way : {&SymmetryReader::from_hall, &SymmetryReader::from_hm, &SymmetryReader::from_number,
                           &SymmetryReader::from_bns}) {
      if (auto found = (this->*way)(); !found.empty()) return found;
    }
    if (!unknown_.empty()) fail(where_, unknown_);
    CifSymmetry none;
    none.operations = {SymmetryOperation{}};
    none.stated_by = "no symmetry";
    return {none};
  }

  [[nodiscard]] const CifColumn* known_column(const Tags& tags) const {
    const CifColumn* column = block_.find_any(tags);
    if (column == nullptr) return nullptr;
    const bool known =
        std::any_of(column->values.begin(), column->values.end(), [](const CifValue& v) { return v.is_known(); });
    return known ? column : nullptr;
  }

  [[nodiscard]] std::vector<SymmetryOperation> operations_in(const CifColumn& column) const {
    std::vector<SymmetryOperation> operations;
    std::set<OperationKey> known;
    for (const CifValue& value : column.values) {
      if (!value.is_known()) continue;
      try {
        const SymmetryOperation operation = parse_triplet(first_three_coordinates(value.text));
        if (known.insert(key_of(operation)).second) operations.push_back(operation);
      } catch (const FormatError& error) {
        fail(value, error.what());
      }
    }
    return operations;
  }

  std::optional<CifSymmetry> listed(const Tags& tags, const Tags& centering_tags, const std::string& name) {
    const CifColumn* column = known_column(tags);
    if (column == nullptr) return std::nullopt;
    where_ = column->values.front();
    std::vector<SymmetryOperation> operations = operations_in(*column);
    std::set<OperationKey> known;
    for (const SymmetryOperation& operation : operations) known.insert(key_of(operation));
    const auto add = [&](const SymmetryOperation& operation) {
      if (known.insert(key_of(operation)).second) operations.push_back(operation);
    };
    if (!known.contains(key_of(SymmetryOperation{}))) {
      operations.insert(operations.begin(), SymmetryOperation{});
      known.insert(key_of(SymmetryOperation{}));
    }
    if (const CifColumn* centring = known_column(centering_tags)) {
      const std::vector<SymmetryOperation> given = operations;
      for (const SymmetryOperation& shift : operations_in(*centring)) {
        for (const SymmetryOperation& operation : given) add(product(shift, operation));
      }
    }
    if (operations.size() > kMostOperations * (centering_tags.empty() ? 1 : 8)) {
      fail(where_, "expected at most 192 symmetry operations, found " + std::to_string(operations.size()));
    }
    CifSymmetry symmetry;
    symmetry.operations = std::move(operations);
    check_group(symmetry.operations, known);
    symmetry.stated_by = std::to_string(symmetry.operations.size()) + " " + name;
    return symmetry;
  }

  void check_group(const std::vector<SymmetryOperation>& operations, const std::set<OperationKey>& known) const {
    for (const SymmetryOperation& a : operations) {
      for (const SymmetryOperation& b : operations) {
        SymmetryOperation c = product(a, b);
        if (known.contains(key_of(c))) continue;
        for (int i = 0; i < 3; ++i) c.translation[i] -= std::floor(c.translation[i]);
        fail(where_, "the symmetry operations listed are not a group: " + triplet_text(a) + " after " +
                         triplet_text(b) + " is " + triplet_text(c) + ", which is not among the " +
                         std::to_string(operations.size()));
      }
    }
  }

  /// The file's number, where it differs, is reported once.
  std::vector<CifSymmetry> settings(const CifValue& where, const std::vector<int>& halls,
                                    const std::string& stated_by) {
    where_ = where;
    const CifValue* number = block_.value(kNumberTags);
    const int found = detail::space_group_setting(halls.front()).number;
    if (number != nullptr && whole_number(number->text) != found) {
      warnings_.add(at(*number), "the file says space group number " + in_quotes(number->text) + ", its " + stated_by +
                                     " is number " + std::to_string(found) + "; the symbol is used");
    }
    const std::string full_symbol = detail::space_group_setting(halls.front()).full_symbol;
    std::vector<CifSymmetry> list;
    for (const int hall : halls) {
      const auto setting = detail::space_group_setting(hall);
      if (setting.number != found) continue;
      // "P n m a" is one setting, though it is the name of a type with six; a number is all of its settings.
      if (stated_by.starts_with("Hermann") && setting.full_symbol != full_symbol) continue;
      CifSymmetry symmetry;
      symmetry.operations = detail::operations_of_hall_number(hall);
      symmetry.stated_by = stated_by;
      if (setting.choice == "1" || setting.choice == "2") {
        symmetry.setting = "origin " + setting.choice;
      } else {
        symmetry.setting =
            "setting " + setting.full_symbol + (setting.choice.empty() ? "" : " (" + setting.choice + ")");
      }
      list.push_back(std::move(symmetry));
    }
    return list;
  }

  /// What cannot be understood is reported; another tag may say it better.
  void not_understood(const CifValue& where, const std::string& what) {
    if (unknown_.empty()) where_ = where;
    warnings_.add(at(where), what + ": it is passed over");
    if (unknown_.empty()) unknown_ = what + ": list the operations as _space_group_symop_operation_xyz";
  }

  std::vector<CifSymmetry> from_hall() {
    const CifValue* value = block_.value(kHallTags);
    if (value == nullptr || is_blank(value->text)) return {};
    if (const auto hall = setting_of_hall_symbol(value->text)) {
      return settings(*value, {*hall}, "Hall symbol " + in_quotes(value->text));
    }
    not_understood(*value, "Hall symbol " + in_quotes(value->text) + " is not one of the 530 tabulated settings");
    return {};
  }

  [[nodiscard]] std::string code() const {
    const CifValue* value = block_.value(kCodeTags);
    return value == nullptr ? "" : value->text;
  }

  std::vector<CifSymmetry> from_hm() {
    for (const std::string& tag : kHmTags) {
      const CifValue* value = block_.value({tag});
      if (value == nullptr || is_blank(value->text)) continue;
      const std::string stated_by = "Hermann–Mauguin symbol " + in_quotes(value->text);
      std::vector<int> halls = settings_of_hm_symbol(value->text, code(), lattice_);
      // A Hall symbol in the wrong place.
      if (const auto hall = halls.empty() ? setting_of_hall_symbol(value->text) : std::nullopt) halls = {*hall};
      if (!halls.empty()) return settings(*value, halls, stated_by);
      CifSymmetry centred;
      centred.operations = centred_triclinic(value->text);
      centred.stated_by = stated_by;
      where_ = *value;
      if (!centred.operations.empty()) return {centred};
      not_understood(*value, "space group symbol " + in_quotes(value->text) + " is not one of the tabulated settings");
    }
    return {};
  }

  std::vector<CifSymmetry> from_number() {
    const CifValue* value = block_.value(kNumberTags);
    if (value == nullptr) return {};
    const auto number = whole_number(value->text);
    const std::vector<int> halls = number ? settings_of_number(*number, code(), lattice_) : std::vector<int>{};
    if (!halls.empty()) return settings(*value, halls, "space group number " + value->text);
    if (number != 0)
      fail(*value, "space group number " + in_quotes(value->text) + ", expected 1 to 230 in a tabulated setting");
    return {};
  }

  std::vector<CifSymmetry> from_bns() {
    const CifValue* value = block_.value(kBnsTags);
    if (value == nullptr) return {};
    const auto operations = detail::operations_of_bns_number(value->text);
    if (operations.empty()) {
      not_understood(*value, "magnetic space group number " + in_quotes(value->text) + " is not one of the 1651");
      return {};
    }
    where_ = *value;
    warnings_.add(
        at(where_),
        "a magnetic space group: its operations are used without time reversal, and magnetic moments are not read");
    CifSymmetry symmetry;
    symmetry.operations = operations;
    symmetry.stated_by = "magnetic space group number " + in_quotes(value->text);
    return {symmetry};
  }

  /// Listed operations win, but a file that lists only some of them is worth a word.
  void warn_if_symbol_differs(const CifSymmetry& symmetry) const {
    const CifValue* value = block_.value(kHmTags);
    const auto hall = value == nullptr ? std::nullopt : setting_of_hm_symbol(value->text, code(), lattice_);
    if (!hall) return;
    const std::size_t expected = detail::operations_of_hall_number(*hall).size();
    if (expected == symmetry.operations.size()) return;
    warnings_.add(at(*value), "the file lists " + std::to_string(symmetry.operations.size()) +
                                  " symmetry operations and " + in_quotes(value->text) + " has " +
                                  std::to_string(expected) + "; the listed ones are used");
  }

  /// RᵀGR = G with the metric G, or why not: otherwise the operations belong to another setting than the cell.
  [[nodiscard]] std::string metric_misfit(const CifSymmetry& symmetry) const {
    const Eigen::Matrix3d metric = lattice_.rows() * lattice_.rows().transpose();
    for (const SymmetryOperation& operation : symmetry.operations) {
      const Eigen::Matrix3d r = operation.rotation.cast<double>();
      const Eigen::Matrix3d difference = r.transpose() * metric * r - metric;
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) {
          if (std::abs(difference(i, j)) <= 0.02 * std::sqrt(metric(i, i) * metric(j, j))) continue;
          return symmetry.stated_by + ": operation " + triplet_text(operation) +
                 " does not fit the cell's lengths and angles: is the cell in another setting?";
        }
      }
    }
    return "";
  }

  const CifBlock& block_;
  const std::string& file_;
  const Lattice& lattice_;
  ReadingWarnings& warnings_;
  CifValue where_;
  std::string unknown_;  ///< the first symbol that was not understood
};

}  // namespace

std::vector<CifSymmetry> symmetries_of_cif(const CifBlock& block, const std::string& file_name, const Lattice& lattice,
                                           ReadingWarnings& warnings) {
  return SymmetryReader(block, file_name, lattice, warnings).read();
}

int space_group_number_of_cif(const CifBlock& block) {
  if (const CifValue* value = block.value(kNumberTags)) {
    const auto number = whole_number(value->text);
    if (number && *number >= 1 && *number <= 230) return static_cast<int>(*number);
  }
  const Lattice any = Lattice::from_parameters(1, 1, 1, 90, 90, 90);
  if (const CifValue* value = block.value(kHallTags)) {
    if (const auto hall = setting_of_hall_symbol(value->text)) return detail::space_group_setting(*hall).number;
  }
  if (const CifValue* value = block.value(kHmTags)) {
    if (const auto hall = setting_of_hm_symbol(value->text, "", any)) return detail::space_group_setting(*hall).number;
  }
  return 0;
}

const CifValue* symmetry_symbol_of_cif(const CifBlock& block) {
  for (const Tags* tags : {&kHmTags, &kHallTags, &kNumberTags}) {
    if (const CifValue* value = block.value(*tags)) return value;
  }
  return nullptr;
}

}  // namespace hullscan
