#include "enumerator/cif_symmetry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "core/log.hpp"
#include "enumerator/detail/spglib.hpp"
#include "enumerator/space_group_symbols.hpp"
#include "enumerator/symmetry_triplet.hpp"
#include "enumerator/text_file.hpp"

namespace hullscan {
namespace {

const std::vector<std::string> kOperationTags = {"_symmetry_equiv_pos_as_xyz", "_space_group_symop_operation_xyz"};
const std::vector<std::string> kHallTags = {"_symmetry_space_group_name_hall", "_space_group_name_hall"};
const std::vector<std::string> kHmTags = {"_symmetry_space_group_name_h-m", "_space_group_name_h-m_alt",
                                          "_space_group_name_h-m_full", "_space_group_name_h-m_ref"};
const std::vector<std::string> kNumberTags = {"_symmetry_int_tables_number", "_space_group_it_number"};
const std::vector<std::string> kCodeTags = {"_space_group_it_coordinate_system_code"};

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

class SymmetryReader {
 public:
  SymmetryReader(const CifBlock& block, const std::string& file, const Lattice& lattice)
      : block_(block), file_(file), lattice_(lattice) {}

  CifSymmetry read() {
    CifSymmetry symmetry;
    if (listed(symmetry)) {
      warn_if_symbol_differs(symmetry);
    } else if (!from_hall(symmetry) && !from_hm(symmetry) && !from_number(symmetry)) {
      symmetry.operations = {SymmetryOperation{}};
      symmetry.stated_by = "no symmetry";
    }
    for (SymmetryOperation& operation : symmetry.operations) {
      for (int i = 0; i < 3; ++i) operation.translation[i] -= std::floor(operation.translation[i]);
    }
    std::stable_partition(symmetry.operations.begin(), symmetry.operations.end(), [](const SymmetryOperation& o) {
      return o.rotation.isIdentity() && o.translation.isZero();
    });
    check_metric(symmetry);
    return symmetry;
  }

 private:
  [[noreturn]] void fail(const CifValue& where, const std::string& what) const {
    throw FormatError(to_string(SourcePosition{file_, where.line, where.column}) + ": " + what);
  }

  bool listed(CifSymmetry& symmetry) {
    const CifColumn* column = block_.find_any(kOperationTags);
    if (column == nullptr || column->values.empty()) return false;
    if (std::none_of(column->values.begin(), column->values.end(), [](const CifValue& v) { return v.is_known(); })) return false;
    std::set<OperationKey> known;
    for (const CifValue& value : column->values) {
      SymmetryOperation operation;
      try {
        operation = parse_triplet(value.text);
      } catch (const FormatError& error) {
        fail(value, error.what());
      }
      if (known.insert(key_of(operation)).second) symmetry.operations.push_back(operation);
    }
    where_ = column->values.front();
    if (known.insert(key_of(SymmetryOperation{})).second) {
      symmetry.operations.insert(symmetry.operations.begin(), SymmetryOperation{});
    }
    if (symmetry.operations.size() > 192) {
      fail(where_, "expected at most 192 symmetry operations, found " + std::to_string(symmetry.operations.size()));
    }
    for (const SymmetryOperation& a : symmetry.operations) {
      for (const SymmetryOperation& b : symmetry.operations) {
        SymmetryOperation c = product(a, b);
        if (known.contains(key_of(c))) continue;
        for (int i = 0; i < 3; ++i) c.translation[i] -= std::floor(c.translation[i]);
        fail(where_, "the symmetry operations listed are not a group: " + triplet_text(a) + " after " + triplet_text(b) +
                         " is " + triplet_text(c) + ", which is not among the " +
                         std::to_string(symmetry.operations.size()));
      }
    }
    symmetry.stated_by = std::to_string(symmetry.operations.size()) + " listed operations";
    return true;
  }

  void use(CifSymmetry& symmetry, const CifValue& where, int hall_number, const std::string& stated_by) {
    where_ = where;
    const CifValue* number = block_.value(kNumberTags);
    const int found = detail::space_group_setting(hall_number).number;
    if (number != nullptr && integer_from(number->text) != found) {
      log_warning(to_string(SourcePosition{file_, number->line, number->column}) + ": the file says space group number " +
                  in_quotes(number->text) + ", its " + stated_by + " is number " + std::to_string(found) +
                  "; the symbol is used");
    }
    symmetry.operations = detail::operations_of_hall_number(hall_number);
    symmetry.stated_by = stated_by;
  }

  bool from_hall(CifSymmetry& symmetry) {
    const CifValue* value = block_.value(kHallTags);
    if (value == nullptr || value->text.find_first_not_of(" \n\t") == std::string::npos) return false;
    const auto hall = setting_of_hall_symbol(value->text);
    if (!hall) {
      fail(*value, "Hall symbol " + in_quotes(value->text) +
                       " is none of the 530 tabulated settings: list the operations as _space_group_symop_operation_xyz");
    }
    use(symmetry, *value, *hall, "Hall symbol " + in_quotes(value->text));
    return true;
  }

  [[nodiscard]] std::string code() const {
    const CifValue* value = block_.value(kCodeTags);
    return value == nullptr ? "" : value->text;
  }

  bool from_hm(CifSymmetry& symmetry) {
    const CifValue* value = block_.value(kHmTags);
    if (value == nullptr || value->text.find_first_not_of(" \n\t") == std::string::npos) return false;
    const auto hall = setting_of_hm_symbol(value->text, code(), lattice_);
    if (!hall) {
      fail(*value, "space group symbol " + in_quotes(value->text) +
                       " is none of the tabulated settings: list the operations as _space_group_symop_operation_xyz");
    }
    use(symmetry, *value, *hall, "Hermann–Mauguin symbol " + in_quotes(value->text));
    add_doubt(symmetry, *hall, value->text);
    return true;
  }

  bool from_number(CifSymmetry& symmetry) {
    const CifValue* value = block_.value(kNumberTags);
    if (value == nullptr) return false;
    const auto number = integer_from(value->text);
    const auto hall = number ? setting_of_number(*number, code(), lattice_) : std::nullopt;
    if (!hall) fail(*value, "space group number " + in_quotes(value->text) + ", expected 1 to 230 in a tabulated setting");
    use(symmetry, *value, *hall, "space group number " + value->text);
    add_doubt(symmetry, *hall, "");
    return true;
  }

  void add_doubt(CifSymmetry& symmetry, int hall, const std::string& symbol) const {
    const bool said = symbol.find(':') != std::string::npos || !code().empty() || symbol.ends_with('S') || symbol.ends_with('Z');
    if (!said && has_two_origins(hall)) {
      symmetry.doubt = "the first of two origin choices was taken; write \":2\" after the symbol for the second";
    }
  }

  /// Listed operations win, but a file that lists only some of them is worth a word.
  void warn_if_symbol_differs(const CifSymmetry& symmetry) const {
    const CifValue* value = block_.value(kHmTags);
    const auto hall = value == nullptr ? std::nullopt : setting_of_hm_symbol(value->text, code(), lattice_);
    if (!hall) return;
    const std::size_t expected = detail::operations_of_hall_number(*hall).size();
    if (expected == symmetry.operations.size()) return;
    log_warning(to_string(SourcePosition{file_, value->line, value->column}) + ": the file lists " +
                std::to_string(symmetry.operations.size()) + " symmetry operations and " + in_quotes(value->text) + " has " +
                std::to_string(expected) + "; the listed ones are used");
  }

  /// RᵀGR = G with the metric G: otherwise the operations belong to another setting than the cell.
  void check_metric(const CifSymmetry& symmetry) const {
    const Eigen::Matrix3d metric = lattice_.rows() * lattice_.rows().transpose();
    for (const SymmetryOperation& operation : symmetry.operations) {
      const Eigen::Matrix3d r = operation.rotation.cast<double>();
      const Eigen::Matrix3d difference = r.transpose() * metric * r - metric;
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) {
          if (std::abs(difference(i, j)) <= 0.02 * std::sqrt(metric(i, i) * metric(j, j))) continue;
          fail(where_, symmetry.stated_by + ": operation " + triplet_text(operation) +
                           " does not fit the cell's lengths and angles: is the cell in another setting?");
        }
      }
    }
  }

  const CifBlock& block_;
  const std::string& file_;
  const Lattice& lattice_;
  CifValue where_;
};

}  // namespace

CifSymmetry symmetry_of_cif(const CifBlock& block, const std::string& file_name, const Lattice& lattice) {
  return SymmetryReader(block, file_name, lattice).read();
}

}  // namespace hullscan
