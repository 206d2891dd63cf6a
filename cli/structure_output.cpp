#include "cli/structure_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "cli/new_place.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/structure_files/poscar.hpp"
#include "enumerator/crystal/standard_cell.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "enumerator/files/space_group_symbols.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const TopStructure& one, const TopList& list, const Structure& structure,
                    const std::string& format) {
  const std::string name = one.calculated() ? one.id : "predicted";
  const std::string title = fmt::format("{} {} {:.1f} meV/atom above the {}", name, group_text(one),
                                        1e3 * one.above_ev_per_atom + 0.0, list.above_hull ? "hull" : "lowest");
  if (format == "cif") return to_cif(structure, one.file_stem());
  if (format == "poscar") return to_poscar(structure, title);
  std::map<std::string, std::string> properties{
      {"rank", std::to_string(one.rank)},
      {"id", name},
      {"space", one.space},
      {"space_group", group_text(one)},
      {list.above_hull ? "formation_energy_per_atom" : "score_per_atom", fmt::format("{}", one.energy_ev_per_atom)},
      {list.above_hull ? "e_above_hull" : "e_above_lowest", fmt::format("{}", one.above_ev_per_atom)}};
  if (one.proven) properties["proven"] = *one.proven ? "yes" : "no";
  return to_extxyz(structure, properties);
}

}  // namespace

void declare_structure_options(CommandLine& line) {
  line.flag("standardise", "conventional cells in the standard setting, freed of what is within --symprec");
  line.flag("primitive", "the same, primitive cells");
  line.option("symprec", "A", "tolerance of the space groups, Å; default 0.01");
}

StructureOutput::StructureOutput(const CommandLine& line, fs::path folder, std::string format)
    : folder_(std::move(folder)),
      format_(std::move(format)),
      standardise_(line.has("standardise") || line.has("primitive")),
      primitive_(line.has("primitive")),
      symprec_angstrom_(symprec_of(line)) {
  require_new_place(folder_, Parents::kAreMade);
}

Structure StructureOutput::written(const TopStructure& one) const {
  if (!standardise_) return one.structure;
  std::string why;
  const auto cell = primitive_ ? StandardCell::kPrimitive : StandardCell::kConventional;
  auto standard = standardised(one.structure, cell, symprec_angstrom_, why);
  if (!standard)
    throw InputError(fmt::format("rank {} ({}): it cannot be standardised with --symprec {}: {}", one.rank,
                                 one.composition.formula(), symprec_angstrom_, why));
  return std::move(*standard);
}

std::vector<std::string> StructureOutput::write(const TopList& list) const {
  std::size_t width = 2;
  for (const TopStructure& one : list.structures) width = std::max(width, std::to_string(one.rank).size());
  std::vector<StructureFile> files;
  for (const TopStructure& one : list.structures)
    files.push_back({one.file_stem(width) + ending_of(format_), text_of(one, list, written(one), format_)});
  return write_new_folder(folder_, files);
}

std::string ending_of(const std::string& format) { return format == "poscar" ? ".vasp" : "." + format; }

std::vector<std::string> write_new_folder(const fs::path& place, const std::vector<StructureFile>& files) {
  fs::path folder = fs::absolute(place).lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();
  require_new_place(folder, Parents::kAreMade);  // somebody may have made it meanwhile
  const fs::path unfinished = folder.string() + ".part";
  fs::remove_all(unfinished);
  fs::create_directories(unfinished);
  std::vector<std::string> names;
  for (const StructureFile& file : files) {
    write_durably(unfinished / file.name, file.text);
    names.push_back(file.name);
  }
  fs::rename(unfinished, folder);
  return names;
}

double symprec_of(const CommandLine& line) {
  return line.number("symprec", "Å", 1e-6, 1).value_or(kUsualSymprecAngstrom);
}

std::string one_of(const CommandLine& line, const std::string& option, const std::vector<std::string>& choices,
                   const std::string& otherwise) {
  const std::string word = line.value(option).value_or(otherwise);
  if (std::find(choices.begin(), choices.end(), word) == choices.end())
    throw InputError(fmt::format("--{}: expected one of {}, found \"{}\"{}", option, fmt::join(choices, ", "), word,
                                 did_you_mean(word, choices)));
  return word;
}

std::string group_text(const TopStructure& one) {
  return one.space_group_number ? symbol_of_number(*one.space_group_number) : "?";
}

void print_files(const fs::path& folder, const std::vector<std::string>& files) {
  fmt::print("{}: {} file{}\n", folder.string(), files.size(), files.size() == 1 ? "" : "s");
}

}  // namespace hullscan::cli
