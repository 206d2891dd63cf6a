#include "enumerator/files/cif_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include "core/complaints.hpp"
#include "core/errors.hpp"
#include "enumerator/files/cif_atoms.hpp"
#include "enumerator/files/cif_document.hpp"
#include "enumerator/files/cif_symmetry.hpp"
#include "enumerator/files/content_check.hpp"
#include "enumerator/files/site_images.hpp"
#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

bool holds_cell(const CifBlock& block) { return block.value({"_cell_length_a"}) != nullptr; }

std::string block_list(const std::vector<const CifBlock*>& blocks) {
  std::string text;
  for (const CifBlock* block : blocks) text += (text.empty() ? "" : ", ") + block->name;
  return text;
}

const CifBlock& named_block(const std::vector<CifBlock>& blocks, const std::string& file, const std::string& wanted) {
  const std::string name = lower_case(wanted).starts_with("data_") ? wanted.substr(5) : wanted;
  std::vector<const CifBlock*> all;
  const CifBlock* found = nullptr;
  for (const CifBlock& block : blocks) {
    all.push_back(&block);
    if (block.name == name) return block;
    if (found == nullptr && lower_case(block.name) == lower_case(name)) found = &block;
  }
  if (found != nullptr) return *found;
  if (const auto number = integer_from(wanted);
      number && *number >= 1 && static_cast<std::size_t>(*number) <= blocks.size()) {
    return blocks[static_cast<std::size_t>(*number - 1)];
  }
  throw FormatError(file + ": no data block " + in_quotes(wanted) + "; there are: " + block_list(all));
}

/// One block with the cell and another with the atoms are one crystal, if there is one of each.
std::optional<CifBlock> joined_block(const std::vector<CifBlock>& blocks) {
  const CifBlock* cell = nullptr;
  const CifBlock* atoms = nullptr;
  for (const CifBlock& block : blocks) {
    if (holds_cell(block)) {
      if (cell != nullptr) return std::nullopt;
      cell = &block;
    }
    if (holds_atoms(block)) {
      if (atoms != nullptr) return std::nullopt;
      atoms = &block;
    }
  }
  if (cell == nullptr || atoms == nullptr) return std::nullopt;
  CifBlock joined = *atoms;
  for (const auto& [tag, column] : cell->items) {
    if (!joined.items.contains(tag) && column.loop < 0) joined.items.emplace(tag, column);
    if (!joined.items.contains(tag) && (tag.starts_with("_symmetry_") || tag.starts_with("_space_group_")))
      joined.items.emplace(tag, column);
  }
  joined.notes.insert(joined.notes.end(), cell->notes.begin(), cell->notes.end());
  return joined;
}

CifBlock chosen_block(const std::vector<CifBlock>& blocks, const std::string& file, const std::string& wanted,
                      ReadingWarnings& warnings) {
  if (blocks.empty()) throw FormatError(file + ": expected a CIF with a data_ block, found none");
  if (!wanted.empty()) return named_block(blocks, file, wanted);
  std::vector<const CifBlock*> with_structure;
  for (const CifBlock& block : blocks) {
    if (holds_cell(block) && holds_atoms(block)) with_structure.push_back(&block);
  }
  if (with_structure.size() > 1) {
    warnings.add({file, with_structure.front()->line, 0},
                 fmt::format("{} data blocks hold a structure, {}: the first is taken; name another as block, or "
                             "give its number in the file",
                             with_structure.size(), block_list(with_structure)));
  }
  if (!with_structure.empty()) return *with_structure.front();
  if (const auto joined = joined_block(blocks)) {
    warnings.add({file, joined->line, 0},
                 "the cell and the atoms stand in different data blocks and are taken together");
    return *joined;
  }
  const auto with_atoms = std::find_if(blocks.begin(), blocks.end(), holds_atoms);
  return with_atoms == blocks.end() ? blocks.front() : *with_atoms;
}

/// A reading of the block by one of the symmetries that it may mean.
struct Attempt {
  std::optional<SitesOfCell> expanded;
  std::string error;                        ///< why there are no sites
  std::vector<std::string> contradictions;  ///< `file:line:column: …`: what the file says else of the content
  ReadingWarnings warnings;
};

class CifReader {
 public:
  CifReader(const CifBlock& block, const std::string& file, ReadingWarnings& warnings)
      : block_(block), file_(file), warnings_(warnings) {}

  Crystal read() {
    for (const std::string& note : block_.notes) warnings_.add(note);
    if (!block_.fault.empty()) throw FormatError(block_.fault);
    const Lattice lattice = read_lattice();
    const std::vector<CifSymmetry> symmetries = symmetries_of_cif(block_, file_, lattice, warnings_);
    atoms_ = atoms_of_cif(block_, file_, lattice, warnings_);
    read_formula();
    std::vector<Attempt> attempts;
    for (const CifSymmetry& symmetry : symmetries) {
      attempts.push_back(attempt(lattice, symmetry));
      // Other settings are looked at only where the file leaves the choice open.
      if (attempts.size() == 1 && symmetries.size() > 1 && attempts[0].expanded && attempts[0].contradictions.empty() &&
          !may_be_other_origin(symmetries))
        break;
    }
    const std::size_t taken = best_of(attempts);
    Attempt& best = attempts[taken];
    if (!best.expanded) throw FormatError(attempts.front().error);
    tell_choice(symmetries, attempts, taken);
    for (const std::string& contradiction : best.contradictions) warnings_.add(contradiction);
    for (const std::string& line : best.warnings.lines()) warnings_.add(line);
    return Crystal{lattice, std::move(best.expanded->sites),
                   file_ + (block_.name.empty() ? "" : " (" + block_.name + ")")};
  }

 private:
  [[nodiscard]] SourcePosition at(const CifValue& value) const { return {file_, value.line, value.column}; }
  [[noreturn]] void fail(const SourcePosition& where, const std::string& what) const {
    throw FormatError(to_string(where) + ": " + what);
  }
  [[nodiscard]] SourcePosition block_place() const { return {file_, block_.line, 0}; }

  [[nodiscard]] std::optional<double> cell_number(const std::string& tag) const {
    const CifValue* value = block_.value({tag});
    if (value == nullptr) return std::nullopt;
    const auto number = cif_number(value->text);
    if (!number) fail(at(*value), tag + ": expected a number, found " + in_quotes(value->text));
    return number;
  }

  [[nodiscard]] std::string crystal_system() const {
    if (const int number = space_group_number_of_cif(block_); number != 0) {
      if (number >= 195) return "cubic";
      if (number >= 143) return "hexagonal";
      if (number >= 75) return "tetragonal";
      return number >= 16 ? "orthorhombic" : number >= 3 ? "monoclinic" : "triclinic";
    }
    const CifValue* value = block_.value({"_symmetry_cell_setting", "_space_group_crystal_system"});
    const std::string system = value == nullptr ? "" : lower_case(value->text);
    return system == "trigonal" ? "hexagonal" : system;
  }

  /// Lengths and angles that the file leaves out follow from the crystal system, angles else are 90°.
  Lattice read_lattice() const {
    static const std::array<std::string, 6> kTags = {"_cell_length_a",    "_cell_length_b",   "_cell_length_c",
                                                     "_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma"};
    std::array<std::optional<double>, 6> cell;
    std::string missing;
    for (std::size_t i = 0; i < 6; ++i) {
      cell[i] = cell_number(kTags[i]);
      if (!cell[i]) missing += (missing.empty() ? "" : ", ") + kTags[i];
    }
    if (!cell[0])
      fail(block_place(),
           "data block " + in_quotes(block_.name) + " has no _cell_length_a: expected a crystal structure");
    if (!missing.empty()) complete_cell(cell, missing);
    const auto [a, b, c, alpha, beta, gamma] =
        std::array<double, 6>{*cell[0], *cell[1], *cell[2], *cell[3], *cell[4], *cell[5]};
    try {
      const Lattice lattice = Lattice::from_parameters(a, b, c, alpha, beta, gamma);
      if (const std::string fault = unusable_cell(lattice); !fault.empty()) throw FormatError(fault);
      return lattice;
    } catch (const FormatError& error) {
      fail(at(*block_.value({"_cell_length_a"})),
           fmt::format("{} (found a, b, c = {}, {}, {} Å and angles {}, {}, {}°)", error.what(), a, b, c, alpha, beta,
                       gamma));
    }
  }

  void complete_cell(std::array<std::optional<double>, 6>& cell, const std::string& missing) const {
    const std::string system = crystal_system();
    const bool a_is_b = system == "cubic" || system == "hexagonal" || system == "tetragonal";
    if (!cell[1] && a_is_b) cell[1] = cell[0];
    if (!cell[2] && system == "cubic") cell[2] = cell[0];
    for (std::size_t i = 1; i < 3; ++i) {
      if (cell[i]) continue;
      fail(block_place(), "data block " + in_quotes(block_.name) + " has no _cell_length_" + (i == 1 ? "b" : "c") +
                              ": expected a crystal structure");
    }
    const bool oblique = system == "triclinic" || (system == "monoclinic" && !cell[4] && !cell[3] && !cell[5]);
    if (oblique && (!cell[3] || !cell[4] || !cell[5]))
      fail(block_place(), "data block " + in_quotes(block_.name) + " has no " + missing);
    for (std::size_t i = 3; i < 6; ++i) {
      if (!cell[i]) cell[i] = i == 5 && system == "hexagonal" ? 120.0 : 90.0;
    }
    warnings_.add(block_place(),
                  fmt::format("no {}: taken as {}, {}, {} Å and {}, {}, {}°{}", missing, *cell[0], *cell[1], *cell[2],
                              *cell[3], *cell[4], *cell[5], system.empty() ? "" : " of a " + system + " cell"));
  }

  void read_formula() {
    const CifValue* value = block_.value({"_chemical_formula_sum"});
    if (value == nullptr) return;
    formula_ = parse_fractional_formula(value->text);
    if (!formula_) {
      warnings_.add(at(*value), "_chemical_formula_sum " + in_quotes(value->text) +
                                    " is not a formula; the cell's content is not checked");
      return;
    }
    const CifValue* z = block_.value({"_cell_formula_units_z"});
    if (z == nullptr) return;
    const auto units = cif_number(z->text);
    if (units && *units > 0) {
      units_ = *units;
    } else {
      warnings_.add(at(*z), "_cell_formula_units_Z: expected a positive number, found " + in_quotes(z->text) +
                                ": it is passed over");
    }
  }

  [[nodiscard]] Attempt attempt(const Lattice& lattice, const CifSymmetry& symmetry) const {
    Attempt result;
    try {
      result.expanded = all_sites_of_cell(lattice, atoms_.sites, symmetry.operations, result.warnings);
    } catch (const FormatError& error) {
      result.error = error.what() + (symmetry.operations.size() == 1 ? "" : "; with " + symmetry.stated_by);
      return result;
    }
    for (const std::string& contradiction :
         {multiplicity_contradiction(*result.expanded, symmetry), formula_contradiction(*result.expanded, symmetry)}) {
      if (!contradiction.empty()) result.contradictions.push_back(contradiction);
    }
    return result;
  }

  /// The multiplicity in the file is the number of images, or, from older SHELXL, the order of the site symmetry.
  [[nodiscard]] std::string multiplicity_contradiction(const SitesOfCell& expanded, const CifSymmetry& symmetry) const {
    for (const std::string tag : {"_atom_site_symmetry_multiplicity", "_atom_site_site_symmetry_multiplicity",
                                  "_atom_site_site_symmetry_order"}) {
      const CifColumn* column = block_.find(tag);
      if (column == nullptr) continue;
      const auto order = static_cast<double>(symmetry.operations.size());
      const CifValue* first = nullptr;
      long images_of_first = 0, wrong_images = 0, wrong_order = 0;
      for (std::size_t i = 0; i < atoms_.sites.size(); ++i) {
        if (atoms_.rows[i] >= column->values.size()) return "";  // of another loop
        const CifValue& value = column->values[atoms_.rows[i]];
        const auto stated = value.is_known() ? cif_number(value.text) : std::nullopt;
        if (!stated) continue;
        const double images = expanded.image_counts[i];
        if (std::abs(*stated - images) > 0.5) {
          ++wrong_images;
          if (first == nullptr) {
            first = &value;
            images_of_first = expanded.image_counts[i];
          }
        }
        if (std::abs(*stated * images - order) > 0.5) ++wrong_order;
      }
      if (wrong_images == 0 || wrong_order == 0) continue;
      return to_string(at(*first)) + ": " + tag + ": the file says " + first->text + ", " + symmetry.stated_by +
             " make " + std::to_string(images_of_first) + (images_of_first == 1 ? " site" : " sites") +
             (wrong_images > 1 ? fmt::format(", and so of {} more of the listed sites", wrong_images - 1) : "") +
             "; the operations are used";
    }
    return "";
  }

  [[nodiscard]] std::string formula_contradiction(const SitesOfCell& expanded, const CifSymmetry& symmetry) const {
    if (!formula_) return "";
    const Amounts contents = contents_of(expanded.sites);
    const std::string wrong = content_mismatch(contents, *formula_, units_);
    if (wrong.empty()) return "";
    std::string remark;
    if (lacks_only_hydrogen(contents, *formula_)) remark = " (only hydrogen is missing: it may not have been located)";
    if (content_mismatch(contents, *formula_, 1.0).empty()) remark = " (the formula is that of the whole cell)";
    return to_string(at(*block_.value({"_chemical_formula_sum"}))) + ": _chemical_formula_sum: with " +
           symmetry.stated_by + " " + wrong + remark + "; the atoms listed are used";
  }

  static bool may_be_other_origin(const std::vector<CifSymmetry>& symmetries) {
    return std::any_of(symmetries.begin() + 1, symmetries.end(),
                       [](const CifSymmetry& s) { return s.setting.starts_with("origin"); });
  }

  /// The first with the fewest contradictions; one without sites only if none has any.
  static std::size_t best_of(const std::vector<Attempt>& attempts) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < attempts.size(); ++i) {
      if (!attempts[i].expanded) continue;
      if (!attempts[best].expanded || attempts[i].contradictions.size() < attempts[best].contradictions.size())
        best = i;
    }
    return best;
  }

  /// Which of several origins or axes was taken, and why, or that another would do as well.
  void tell_choice(const std::vector<CifSymmetry>& symmetries, const std::vector<Attempt>& attempts,
                   std::size_t taken) const {
    const CifValue* symbol = symmetry_symbol_of_cif(block_);
    const SourcePosition where = symbol == nullptr ? block_place() : at(*symbol);
    const CifSymmetry& used = symmetries[taken];
    if (taken != 0) {
      const Attempt& first = attempts.front();
      warnings_.add(where, used.stated_by + " does not say which origin or axes: " + used.setting +
                               " is taken, because with " + symmetries.front().setting + " " +
                               without_place(first.expanded ? first.contradictions.front() : first.error));
      return;
    }
    for (std::size_t i = 1; i < attempts.size(); ++i) {
      if (!attempts[i].expanded || attempts[i].contradictions.size() > attempts[0].contradictions.size()) continue;
      if (!symmetries[i].setting.starts_with("origin")) continue;
      warnings_.add(where, used.stated_by + " does not say which origin: " + used.setting + " is taken, " +
                               symmetries[i].setting + " would hold " +
                               formula_text(contents_of(attempts[i].expanded->sites)) + " instead of " +
                               formula_text(contents_of(attempts[0].expanded->sites)) +
                               "; write \":1\" or \":2\" after the symbol");
      return;
    }
  }

  /// A message inside another one.
  [[nodiscard]] std::string without_place(const std::string& message) const {
    if (!message.starts_with(file_ + ":")) return message;
    const std::size_t space = message.find(": ", file_.size());
    std::string text = space == std::string::npos ? message : message.substr(space + 2);
    for (const char* tail :
         {"; the atoms listed are used", "; the operations are used", "; with Hermann", "; with space group"}) {
      if (const std::size_t end = text.find(tail); end != std::string::npos) text.resize(end);
    }
    return text;
  }

  const CifBlock& block_;
  const std::string& file_;
  ReadingWarnings& warnings_;
  CifAtoms atoms_;
  std::optional<Amounts> formula_;
  std::optional<double> units_;
};

}  // namespace

Crystal crystal_from_cif(const std::string& text, const std::string& file_name, const std::string& block,
                         ReadingWarnings& warnings) {
  const CifBlock chosen = chosen_block(parse_cif(text, file_name), file_name, block, warnings);
  return CifReader(chosen, file_name, warnings).read();
}

std::vector<std::pair<std::string, Crystal>> crystals_from_cif(const std::string& text, const std::string& file_name,
                                                               ReadingWarnings& warnings) {
  std::vector<CifBlock> blocks = parse_cif(text, file_name);
  if (std::count_if(blocks.begin(), blocks.end(), holds_cell) < 2)
    return {{"", CifReader(chosen_block(blocks, file_name, "", warnings), file_name, warnings).read()}};
  std::erase_if(blocks, [](const CifBlock& block) { return !holds_cell(block); });
  std::vector<std::pair<std::string, Crystal>> crystals;
  Complaints faults;
  for (const CifBlock& block : blocks)
    faults.collect([&] { crystals.emplace_back(block.name, CifReader(block, file_name, warnings).read()); });
  faults.throw_if_any();
  return crystals;
}

}  // namespace hullscan
