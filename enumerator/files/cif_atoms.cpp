#include "enumerator/files/cif_atoms.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "enumerator/files/atom_symbol.hpp"
#include "enumerator/files/content_check.hpp"
#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

const std::array<std::string, 3> kFractional = {"_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"};
const std::array<std::string, 3> kCartesian = {"_atom_site_cartn_x", "_atom_site_cartn_y", "_atom_site_cartn_z"};

bool has_known(const CifBlock& block, const std::string& tag) {
  const CifColumn* column = block.find(tag);
  return column != nullptr &&
         std::any_of(column->values.begin(), column->values.end(), [](const CifValue& v) { return v.is_known(); });
}

/// "O1, O2, O3 and 7 more"
std::string first_of(const std::vector<std::string>& labels) {
  std::string text;
  for (std::size_t i = 0; i < labels.size() && i < 5; ++i) text += (i == 0 ? "" : ", ") + labels[i];
  return labels.size() > 5 ? text + fmt::format(" and {} more", labels.size() - 5) : text;
}

class AtomReader {
 public:
  AtomReader(const CifBlock& block, const std::string& file, const Lattice& lattice, ReadingWarnings& warnings)
      : block_(block),
        file_(file),
        lattice_(lattice),
        warnings_(warnings),
        is_cartesian_(!has_known(block, kFractional[0]) && has_known(block, kCartesian[0])) {}

  CifAtoms read() {
    find_columns();
    read_expected_elements();
    if (is_cartesian_) find_cartesian_frame();
    CifAtoms atoms;
    for (std::size_t row = 0; row < x_[0]->values.size(); ++row) read_row(row, atoms);
    tell();
    if (atoms.sites.empty()) fail({file_, x_[0]->line, x_[0]->column}, "the list of atoms is empty");
    return atoms;
  }

 private:
  [[nodiscard]] SourcePosition at(const CifValue& value) const { return {file_, value.line, value.column}; }
  [[noreturn]] void fail(const SourcePosition& where, const std::string& what) const {
    throw FormatError(to_string(where) + ": " + what);
  }

  double number(const CifValue& value, const std::string& tag) const {
    const auto result = value.is_known() ? cif_number(value.text) : std::nullopt;
    if (!result) fail(at(value), tag + ": expected a number, found " + in_quotes(value.text));
    return *result;
  }

  void find_columns() {
    const auto& tags = is_cartesian_ ? kCartesian : kFractional;
    x_[0] = block_.find(tags[0]);
    if (x_[0] == nullptr) {
      fail({file_, block_.line, 0},
           "data block " + in_quotes(block_.name) + " has no _atom_site_fract_x: expected a crystal structure");
    }
    for (std::size_t i = 1; i < 3; ++i) {
      x_[i] = column_beside(tags[i]);
      if (x_[i] == nullptr) {
        fail({file_, x_[0]->line, x_[0]->column},
             is_cartesian_ ? "_atom_site_Cartn_x without _atom_site_Cartn_y and _atom_site_Cartn_z"
                           : "_atom_site_fract_x without _atom_site_fract_y and _atom_site_fract_z");
      }
    }
    label_ = column_beside("_atom_site_label");
    if (label_ == nullptr) label_ = column_beside("_atom_site_label_atom_id");
    type_ = column_beside("_atom_site_type_symbol");
    occupancy_ = column_beside("_atom_site_occupancy");
    flag_ = column_beside("_atom_site_calc_flag");
    if (label_ == nullptr && type_ == nullptr) {
      fail({file_, x_[0]->line, x_[0]->column}, "the atoms have neither _atom_site_label nor _atom_site_type_symbol");
    }
  }

  /// A column of the loop of x, or nullptr; one of another loop is passed over, unless it is a coordinate.
  const CifColumn* column_beside(const std::string& tag) {
    const CifColumn* column = block_.find(tag);
    if (column == nullptr) return nullptr;
    if (column->loop == x_[0]->loop && column->values.size() == x_[0]->values.size()) return column;
    if (tag.find("fract") != std::string::npos || tag.find("cartn") != std::string::npos) {
      fail({file_, column->line, column->column}, tag + " is not in the loop of _atom_site_fract_x");
    }
    warnings_.add({file_, column->line, column->column},
                  tag + " is not in the loop of the positions: it is passed over");
    return nullptr;
  }

  void read_expected_elements() {
    const CifValue* formula = block_.value({"_chemical_formula_sum"});
    const auto amounts = formula == nullptr ? std::nullopt : parse_fractional_formula(formula->text);
    if (!amounts) return;
    for (const auto& [species, amount] : *amounts) expected_.insert(species);
  }

  /// fractional = matrix · cartesian + shift: as the file says, else in the usual frame.
  void find_cartesian_frame() {
    to_fractional_ = lattice_.rows().transpose().inverse();
    bool stated = true;
    Eigen::Matrix3d matrix;
    Eigen::Vector3d shift = Eigen::Vector3d::Zero();
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        const CifValue* entry = block_.value({fmt::format("_atom_sites_fract_tran_matrix_{}{}", i + 1, j + 1),
                                              fmt::format("_atom_sites_fract_transf_matrix[{}][{}]", i + 1, j + 1)});
        stated = stated && entry != nullptr;
        if (entry != nullptr) matrix(i, j) = number(*entry, "_atom_sites_fract_tran_matrix");
      }
      const CifValue* entry = block_.value({fmt::format("_atom_sites_fract_tran_vector_{}", i + 1),
                                            fmt::format("_atom_sites_fract_transf_vector[{}]", i + 1)});
      if (entry != nullptr) shift[i] = number(*entry, "_atom_sites_fract_tran_vector");
    }
    if (stated) {
      to_fractional_ = matrix;
      shift_ = shift;
      return;
    }
    warnings_.add({file_, x_[0]->line, x_[0]->column},
                  "Cartesian atom positions without _atom_sites_fract_tran_matrix: read in Å with a along x and b in "
                  "the plane of x and y");
  }

  /// Nothing for a row without a position.
  std::optional<Fractional> position(std::size_t row) {
    Eigen::Vector3d x = Eigen::Vector3d::Zero();
    int unknown = 0, inapplicable = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const CifValue& value = x_[i]->values[row];
      if (value.is_known()) {
        x[static_cast<int>(i)] = number(value, (is_cartesian_ ? kCartesian : kFractional)[i]);
      } else if (value.text == ".") {
        ++inapplicable;
      } else {
        ++unknown;
      }
    }
    if (unknown > 0 || inapplicable == 3) return std::nullopt;
    if (inapplicable > 0) {
      warnings_.add(at(x_[0]->values[row]), "a coordinate that is \".\" is read as 0");
    }
    if (is_cartesian_) return Fractional{to_fractional_ * x + shift_};
    return Fractional{x};
  }

  void read_row(std::size_t row, CifAtoms& atoms) {
    const bool has_type = type_ != nullptr && type_->values[row].is_known();
    const CifValue& named = has_type || label_ == nullptr ? type_->values[row] : label_->values[row];
    const std::string label = label_ != nullptr && label_->values[row].is_known() ? label_->values[row].text : "";
    if (flag_ != nullptr && lower_case(flag_->values[row].text) == "dum") return;  // a dummy: no atom
    const auto place = position(row);
    if (!place) {
      without_position_.push_back(label.empty() ? named.text : label);
      if (without_position_.size() == 1) first_without_position_ = at(x_[0]->values[row]);
      return;
    }
    const AtomReading reading = atom(named, label, has_type);
    for (const AtomShare& share : reading.atoms) {
      ListedSite site;
      site.where = at(named);
      site.position = *place;
      site.species = share.species;
      site.oxidation_state = share.oxidation_state;
      site.label =
          label.empty() ? std::string(site.species.symbol()) + std::to_string(++numbers_[site.species]) : label;
      if (const auto state = stated_oxidation(named.text, site.label)) site.oxidation_state = state;
      if (occupancy_ != nullptr && occupancy_->values[row].is_known()) {
        const CifValue& value = occupancy_->values[row];
        site.occupancy = number(value, "_atom_site_occupancy");
        if (site.occupancy < 0 || site.occupancy > 1 + kOccupancyRounding) {
          fail(at(value), "_atom_site_occupancy of " + site.label + ": expected 0 to 1, found " + value.text);
        }
      }
      site.occupancy *= share.share * share_of_crenel(site.label);
      atoms.sites.push_back(std::move(site));
      atoms.rows.push_back(row);
    }
  }

  /// A modulated site that a crenel function switches on over part of the period is there for that part on average.
  [[nodiscard]] double share_of_crenel(const std::string& label) const {
    const CifColumn* labels = block_.find("_atom_site_occ_special_func_atom_site_label");
    const CifColumn* widths = block_.find("_atom_site_occ_special_func_crenel_w");
    if (labels == nullptr || widths == nullptr || labels->values.size() != widths->values.size()) return 1.0;
    for (std::size_t i = 0; i < labels->values.size(); ++i) {
      if (labels->values[i].text != label || !widths->values[i].is_known()) continue;
      const double width = number(widths->values[i], "_atom_site_occ_special_func_crenel_w");
      return width > 0 && width < 1 ? width : 1.0;
    }
    return 1.0;
  }

  AtomReading atom(const CifValue& named, const std::string& label, bool has_type) {
    try {
      if (const auto reading =
              has_type ? read_type_symbol(named.text, expected_) : read_site_label(named.text, expected_)) {
        remark(at(named), (has_type ? "type symbol " : "label ") + in_quotes(named.text), reading->remark);
        return *reading;
      }
      if (const auto by_label = has_type ? read_site_label(label, expected_) : std::nullopt;
          by_label && !by_label->atoms.empty()) {
        remark(at(named), "type symbol " + in_quotes(named.text) + " is not an element and label " + in_quotes(label),
               ": read as " + std::string(by_label->atoms.front().species.symbol()));
        return *by_label;
      }
    } catch (const FormatError& error) {
      fail(at(named), (has_type ? "type symbol " : "label ") + std::string(error.what()));
    }
    if (has_type) fail(at(named), "type symbol " + in_quotes(named.text) + " is not an element");
    fail(at(named),
         "label " + in_quotes(named.text) + " does not begin with an element and there is no _atom_site_type_symbol");
  }

  /// Remarks of one wording are reported together.
  void remark(const SourcePosition& where, const std::string& symbol, const std::string& text) {
    if (text.empty()) return;
    auto& [first, symbols] = remarks_[text];
    if (symbols.empty()) first = where;
    if (std::find(symbols.begin(), symbols.end(), symbol) == symbols.end()) symbols.push_back(symbol);
  }

  void tell() {
    for (const auto& [text, place] : remarks_) warnings_.add(place.first, first_of(place.second) + text);
    if (without_position_.empty()) return;
    warnings_.add(first_without_position_,
                  fmt::format("{} of the {} listed atoms have no position and are left out: {}",
                              without_position_.size(), x_[0]->values.size(), first_of(without_position_)));
  }

  /// _atom_type_oxidation_number by type symbol, or, as some programs write it, by label.
  std::optional<double> stated_oxidation(const std::string& type, const std::string& label) const {
    const CifColumn* symbols = block_.find("_atom_type_symbol");
    const CifColumn* numbers = block_.find("_atom_type_oxidation_number");
    if (symbols == nullptr || numbers == nullptr || symbols->values.size() != numbers->values.size())
      return std::nullopt;
    for (const std::string& wanted : {type, label}) {
      for (std::size_t i = 0; i < symbols->values.size(); ++i) {
        const CifValue& value = numbers->values[i];
        if (symbols->values[i].text == wanted && value.is_known()) return cif_number(value.text);
      }
    }
    return std::nullopt;
  }

  const CifBlock& block_;
  const std::string& file_;
  const Lattice& lattice_;
  ReadingWarnings& warnings_;
  bool is_cartesian_;
  std::array<const CifColumn*, 3> x_ = {};
  const CifColumn* label_ = nullptr;
  const CifColumn* type_ = nullptr;
  const CifColumn* occupancy_ = nullptr;
  const CifColumn* flag_ = nullptr;
  std::set<Species> expected_;  ///< elements of the formula
  Eigen::Matrix3d to_fractional_ = Eigen::Matrix3d::Identity();
  Eigen::Vector3d shift_ = Eigen::Vector3d::Zero();
  std::map<Species, int> numbers_;
  std::map<std::string, std::pair<SourcePosition, std::vector<std::string>>> remarks_;
  std::vector<std::string> without_position_;
  SourcePosition first_without_position_;
};

}  // namespace

CifAtoms atoms_of_cif(const CifBlock& block, const std::string& file_name, const Lattice& lattice,
                      ReadingWarnings& warnings) {
  return AtomReader(block, file_name, lattice, warnings).read();
}

bool holds_atoms(const CifBlock& block) { return has_known(block, kFractional[0]) || has_known(block, kCartesian[0]); }

}  // namespace hullscan
