#include "enumerator/files/crystal_reader.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>

#include "core/errors.hpp"
#include "enumerator/files/cif_document.hpp"
#include "enumerator/files/cif_reader.hpp"
#include "enumerator/files/extxyz_reader.hpp"
#include "enumerator/files/poscar_reader.hpp"
#include "enumerator/files/reading_warnings.hpp"
#include "enumerator/files/site_images.hpp"
#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

enum class Format { kCif, kPoscar, kExtxyz, kUnknown };

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

Format format_of_name(const std::filesystem::path& file) {
  const std::string extension = upper(file.extension().string()), name = upper(file.filename().string());
  if (extension == ".CIF" || extension == ".MCIF" || extension == ".CIF1" || extension == ".CIF2") return Format::kCif;
  if (extension == ".XYZ" || extension == ".EXTXYZ") return Format::kExtxyz;
  if (extension == ".VASP" || extension == ".POSCAR" || extension == ".CONTCAR") return Format::kPoscar;
  if (name.find("POSCAR") != std::string::npos || name.find("CONTCAR") != std::string::npos) return Format::kPoscar;
  return Format::kUnknown;
}

Format format_of_text(const std::string& text) {
  const std::vector<std::string_view> lines = lines_of(text);
  for (const std::string_view line : lines) {
    const std::vector<Word> words = words_of(line);
    if (words.empty() || words[0].text[0] == '#') continue;
    if (upper(std::string(words[0].text.substr(0, 5))) == "DATA_") return Format::kCif;
    break;
  }
  if (lines.size() < 2) return Format::kUnknown;
  const std::vector<Word> first = words_of(lines[0]), second = words_of(lines[1]);
  if (first.size() == 1 && integer_from(first[0].text) && lines[1].find("Lattice") != std::string_view::npos) {
    return Format::kExtxyz;
  }
  if (!second.empty() && number_from(second[0].text)) return Format::kPoscar;
  return Format::kUnknown;
}

Crystal crystal_from_extxyz(const std::string& text, const std::string& file_name, const std::string& block,
                            ReadingWarnings& warnings) {
  const std::vector<LabelledFrame> frames = parse_extxyz(text, file_name);
  const auto wanted = block.empty() ? std::optional<long>(1) : integer_from(block);
  if (!wanted || *wanted < 1 || static_cast<std::size_t>(*wanted) > frames.size()) {
    throw FormatError(file_name + ": no frame " + in_quotes(block) + ", expected 1 to " +
                      std::to_string(frames.size()));
  }
  if (frames.size() > 1 && block.empty()) {
    warnings.add(file_name + ": the first of " + std::to_string(frames.size()) +
                 " frames is taken; give another's number as block");
  }
  const LabelledFrame& frame = frames[static_cast<std::size_t>(*wanted - 1)];
  Crystal crystal{frame.structure.lattice, {}, file_name};
  std::map<Species, int> numbers;
  for (std::size_t i = 0; i < frame.structure.atom_count(); ++i) {
    const Species species = frame.structure.species[i];
    const std::string label = std::string(species.symbol()) + std::to_string(++numbers[species]);
    crystal.sites.push_back({label, wrapped(frame.structure.positions[i]), {{species, 1.0, std::nullopt}}, {}});
  }
  return crystal;
}

/// What all_sites_of_cell finds in a CIF: two atoms on one place.
void check_distances(const Crystal& crystal, ReadingWarnings& warnings) {
  if (const std::string fault = unusable_cell(crystal.lattice); !fault.empty())
    throw FormatError(crystal.source + ": " + fault);
  std::vector<ListedSite> listed;
  for (const CrystalSite& site : crystal.sites) {
    listed.push_back(
        {site.label, site.occupants.front().species, std::nullopt, 1.0, site.position, {crystal.source, 0, 0}});
  }
  (void)all_sites_of_cell(crystal.lattice, listed, {SymmetryOperation{}}, warnings);
}

Crystal read(const std::filesystem::path& file, const std::string& block, ReadingWarnings& warnings) {
  const std::string text = read_text_file(file);
  const std::string name = file.string();
  Format format = format_of_name(file);
  if (format == Format::kUnknown) format = format_of_text(text);
  if (format == Format::kCif) return crystal_from_cif(text, name, block, warnings);
  if (format == Format::kUnknown) {
    throw FormatError(name +
                      ": expected a CIF, a POSCAR or an extended XYZ file, found neither by name nor by content");
  }
  const Crystal crystal = format == Format::kPoscar ? crystal_from_poscar(text, name, warnings)
                                                    : crystal_from_extxyz(text, name, block, warnings);
  if (crystal.sites.empty()) throw FormatError(name + ": expected at least one atom, found none");
  check_distances(crystal, warnings);
  return crystal;
}

}  // namespace

Crystal read_crystal(const std::filesystem::path& file, const std::string& block) {
  ReadingWarnings warnings;
  try {
    Crystal crystal = read(file, block, warnings);
    log_once(warnings, file);
    return crystal;
  } catch (const FormatError&) {
    log_once(warnings, file);
    throw;
  }
}

std::vector<std::string> cif_block_names(const std::filesystem::path& file) {
  std::vector<std::string> names;
  for (const CifBlock& block : parse_cif(read_text_file(file), file.string())) names.push_back(block.name);
  return names;
}

}  // namespace hullscan
