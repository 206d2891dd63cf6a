#include "enumerator/cif_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "enumerator/atom_symbol.hpp"
#include "enumerator/cif_document.hpp"
#include "enumerator/cif_symmetry.hpp"
#include "enumerator/content_check.hpp"
#include "enumerator/site_expansion.hpp"
#include "enumerator/text_file.hpp"

namespace hullscan {
namespace {

bool holds_structure(const CifBlock& block) {
  return block.find("_cell_length_a") != nullptr &&
         (block.find("_atom_site_fract_x") != nullptr || block.find("_atom_site_cartn_x") != nullptr);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string block_list(const std::vector<const CifBlock*>& blocks) {
  std::string text;
  for (const CifBlock* block : blocks) text += (text.empty() ? "" : ", ") + block->name;
  return text;
}

const CifBlock& choose_block(const std::vector<CifBlock>& blocks, const std::string& file, const std::string& wanted) {
  if (blocks.empty()) throw FormatError(file + ": expected a CIF with a data_ block, found none");
  std::vector<const CifBlock*> with_structure, all;
  for (const CifBlock& block : blocks) {
    all.push_back(&block);
    if (holds_structure(block)) with_structure.push_back(&block);
  }
  if (!wanted.empty()) {
    const std::string name = lower(wanted).starts_with("data_") ? wanted.substr(5) : wanted;
    const CifBlock* found = nullptr;
    for (const CifBlock& block : blocks) {
      if (block.name == name) return block;
      if (found == nullptr && lower(block.name) == lower(name)) found = &block;
    }
    if (found != nullptr) return *found;
    throw FormatError(file + ": no data block " + in_quotes(wanted) + "; there are: " + block_list(all));
  }
  if (with_structure.size() > 1) {
    throw FormatError(file + ": " + std::to_string(with_structure.size()) +
                      " data blocks hold a structure, name one as block: " + block_list(with_structure));
  }
  return with_structure.empty() ? blocks.front() : *with_structure.front();
}

class CifReader {
 public:
  CifReader(const CifBlock& block, const std::string& file) : block_(block), file_(file) {}

  Crystal read() {
    const Lattice lattice = read_lattice();
    const CifSymmetry symmetry = symmetry_of_cif(block_, file_, lattice);
    const std::vector<ListedSite> listed = read_sites();
    ExpandedSites expanded = expand(lattice, listed, symmetry);
    check_multiplicities(expanded, symmetry);
    check_formula(expanded, symmetry);
    return Crystal{lattice, std::move(expanded.sites), file_ + (block_.name.empty() ? "" : " (" + block_.name + ")")};
  }

 private:
  [[nodiscard]] SourcePosition at(const CifValue& value) const { return {file_, value.line, value.column}; }
  [[noreturn]] void fail(const SourcePosition& where, const std::string& what) const {
    throw FormatError(to_string(where) + ": " + what);
  }
  [[nodiscard]] SourcePosition block_place() const { return {file_, block_.line, 0}; }

  static ExpandedSites expand(const Lattice& lattice, const std::vector<ListedSite>& listed, const CifSymmetry& symmetry) {
    try {
      return expand_sites(lattice, listed, symmetry.operations);
    } catch (const FormatError& error) {
      if (symmetry.operations.size() == 1) throw;
      throw FormatError(std::string(error.what()) + "; with " + symmetry.stated_by + doubt_text(symmetry));
    }
  }

  double number(const CifValue& value, const std::string& tag) const {
    const auto result = value.is_known() ? cif_number(value.text) : std::nullopt;
    if (!result) fail(at(value), tag + ": expected a number, found " + in_quotes(value.text));
    return *result;
  }

  double cell_number(const std::string& tag) const {
    const CifColumn* column = block_.find(tag);
    if (column == nullptr || column->values.empty()) {
      fail(block_place(), "data block " + in_quotes(block_.name) + " has no " + tag + ": expected a crystal structure");
    }
    return number(column->values.front(), tag);
  }

  Lattice read_lattice() const {
    const double a = cell_number("_cell_length_a"), b = cell_number("_cell_length_b"), c = cell_number("_cell_length_c");
    const double alpha = cell_number("_cell_angle_alpha"), beta = cell_number("_cell_angle_beta");
    const double gamma = cell_number("_cell_angle_gamma");
    try {
      const Lattice lattice = Lattice::from_parameters(a, b, c, alpha, beta, gamma);
      if (const std::string fault = unusable_cell(lattice); !fault.empty()) throw FormatError(fault);
      return lattice;
    } catch (const FormatError& error) {
      fail(at(block_.find("_cell_length_a")->values.front()),
           fmt::format("{} (found a, b, c = {}, {}, {} Å and angles {}, {}, {}°)", error.what(), a, b, c, alpha, beta, gamma));
    }
  }

  /// A column of the atom-site loop, or nullptr. @throws if it is of another loop.
  const CifColumn* atom_column(const std::string& tag, const CifColumn& x) const {
    const CifColumn* column = block_.find(tag);
    if (column == nullptr) return nullptr;
    if (column->loop != x.loop || column->values.size() != x.values.size()) {
      fail({file_, column->line, column->column}, tag + " is not in the loop of _atom_site_fract_x");
    }
    return column;
  }

  std::vector<ListedSite> read_sites() const {
    const CifColumn* x = block_.find("_atom_site_fract_x");
    if (x == nullptr) {
      if (const CifColumn* cartesian = block_.find("_atom_site_cartn_x")) {
        fail({file_, cartesian->line, cartesian->column},
             "Cartesian atom positions are not read, expected _atom_site_fract_x, _y, _z");
      }
      fail(block_place(), "data block " + in_quotes(block_.name) + " has no _atom_site_fract_x: expected a crystal structure");
    }
    const CifColumn* y = atom_column("_atom_site_fract_y", *x);
    const CifColumn* z = atom_column("_atom_site_fract_z", *x);
    if (y == nullptr || z == nullptr) {
      fail({file_, x->line, x->column}, "_atom_site_fract_x without _atom_site_fract_y and _atom_site_fract_z");
    }
    const CifColumn* label = atom_column("_atom_site_label", *x);
    const CifColumn* type = atom_column("_atom_site_type_symbol", *x);
    const CifColumn* occupancy = atom_column("_atom_site_occupancy", *x);
    const CifColumn* flag = atom_column("_atom_site_calc_flag", *x);
    if (label == nullptr && type == nullptr) {
      fail({file_, x->line, x->column}, "the atoms have neither _atom_site_label nor _atom_site_type_symbol");
    }
    std::vector<ListedSite> sites;
    std::map<Species, int> numbers;
    for (std::size_t i = 0; i < x->values.size(); ++i) {
      if (flag != nullptr && lower(flag->values[i].text) == "dum") continue;  // a dummy: no atom
      ListedSite site;
      site.position = {{number(x->values[i], "_atom_site_fract_x"), number(y->values[i], "_atom_site_fract_y"),
                        number(z->values[i], "_atom_site_fract_z")}};
      const CifValue& named = (type != nullptr && type->values[i].is_known()) ? type->values[i]
                              : label != nullptr                              ? label->values[i]
                                                                              : type->values[i];
      site.where = at(named);
      try {
        const AtomSymbol symbol = (type != nullptr && type->values[i].is_known()) ? parse_type_symbol(named.text)
                                                                                  : parse_site_label(named.text);
        site.species = symbol.species;
        site.oxidation_state = symbol.oxidation_state;
      } catch (const FormatError& error) {
        fail(site.where, error.what());
      }
      site.label = label != nullptr && label->values[i].is_known()
                       ? label->values[i].text
                       : std::string(site.species.symbol()) + std::to_string(++numbers[site.species]);
      if (const auto state = stated_oxidation(named.text, site.label)) site.oxidation_state = state;
      if (occupancy != nullptr && occupancy->values[i].is_known()) {
        const CifValue& value = occupancy->values[i];
        site.occupancy = number(value, "_atom_site_occupancy");
        if (site.occupancy < 0 || site.occupancy > 1 + kOccupancyTolerance) {
          fail(at(value), "_atom_site_occupancy of " + site.label + ": expected 0 to 1, found " + value.text);
        }
      }
      sites.push_back(std::move(site));
    }
    if (sites.empty()) fail({file_, x->line, x->column}, "the list of atoms is empty");
    return sites;
  }

  /// _atom_type_oxidation_number by type symbol, or, as some programs write it, by label.
  std::optional<double> stated_oxidation(const std::string& type, const std::string& label) const {
    const CifColumn* symbols = block_.find("_atom_type_symbol");
    const CifColumn* numbers = block_.find("_atom_type_oxidation_number");
    if (symbols == nullptr || numbers == nullptr || symbols->values.size() != numbers->values.size()) return std::nullopt;
    for (const std::string& wanted : {type, label}) {
      for (std::size_t i = 0; i < symbols->values.size(); ++i) {
        const CifValue& value = numbers->values[i];
        if (symbols->values[i].text == wanted && value.is_known()) return number(value, "_atom_type_oxidation_number");
      }
    }
    return std::nullopt;
  }

  /// The multiplicity in the file is the number of images, or, from older SHELXL, the order of the site symmetry.
  void check_multiplicities(const ExpandedSites& expanded, const CifSymmetry& symmetry) const {
    const CifColumn* x = block_.find("_atom_site_fract_x");
    for (const std::string tag : {"_atom_site_symmetry_multiplicity", "_atom_site_site_symmetry_multiplicity"}) {
      const CifColumn* column = block_.find(tag);
      if (column == nullptr || column->values.size() != x->values.size()) continue;
      const CifColumn* flag = block_.find("_atom_site_calc_flag");
      std::vector<const CifValue*> values;
      for (std::size_t i = 0; i < column->values.size(); ++i) {
        if (flag != nullptr && lower(flag->values[i].text) == "dum") continue;
        values.push_back(&column->values[i]);
      }
      const auto order = static_cast<long>(symmetry.operations.size());
      const CifValue* unlike_images = nullptr;
      const CifValue* unlike_order = nullptr;
      long images_there = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!values[i]->is_known()) continue;
        const auto stated = integer_from(values[i]->text);
        if (!stated) fail(at(*values[i]), tag + ": expected an integer, found " + in_quotes(values[i]->text));
        const long images = expanded.image_counts[i];
        if (*stated != images && unlike_images == nullptr) {
          unlike_images = values[i];
          images_there = images;
        }
        if (*stated * images != order && unlike_order == nullptr) unlike_order = values[i];
      }
      if (unlike_images == nullptr || unlike_order == nullptr) continue;
      fail(at(*unlike_images), tag + ": the file says " + unlike_images->text + ", " + symmetry.stated_by + " make " +
                                   std::to_string(images_there) + " sites" + doubt_text(symmetry));
    }
  }

  static std::string doubt_text(const CifSymmetry& symmetry) {
    return symmetry.doubt.empty() ? "" : " (" + symmetry.doubt + ")";
  }

  void check_formula(const ExpandedSites& expanded, const CifSymmetry& symmetry) const {
    const CifValue* value = block_.value({"_chemical_formula_sum"});
    if (value == nullptr) return;
    const auto formula = parse_fractional_formula(value->text);
    if (!formula) {
      log_warning(to_string(at(*value)) + ": _chemical_formula_sum " + in_quotes(value->text) +
                  " is no formula; the cell's content is not checked");
      return;
    }
    std::optional<double> units;
    if (const CifValue* z = block_.value({"_cell_formula_units_z"})) {
      units = number(*z, "_cell_formula_units_Z");
      if (!(*units > 0)) fail(at(*z), "_cell_formula_units_Z: expected a positive number, found " + in_quotes(z->text));
    }
    const std::string wrong = content_mismatch(contents_of(expanded.sites), *formula, units);
    if (wrong.empty()) return;
    fail(at(*value), "_chemical_formula_sum: with " + symmetry.stated_by + " " + wrong + doubt_text(symmetry));
  }

  const CifBlock& block_;
  const std::string& file_;
};

}  // namespace

Crystal crystal_from_cif(const std::string& text, const std::string& file_name, const std::string& block) {
  const std::vector<CifBlock> blocks = parse_cif(text, file_name);
  return CifReader(choose_block(blocks, file_name, block), file_name).read();
}

}  // namespace hullscan
