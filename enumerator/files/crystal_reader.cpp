#include "enumerator/files/crystal_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>

#include "core/complaints.hpp"
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

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// How the first line that says something begins, in capital letters; "" if none does.
std::string first_word_in_capitals(const std::string& text) {
  for (const std::string_view line : lines_of(text)) {
    const std::vector<Word> words = words_of(line);
    if (!words.empty() && words[0].text[0] != '#') return upper(std::string(words[0].text));
  }
  return "";
}

bool begins_as_cif(const std::string& text) { return first_word_in_capitals(text).starts_with("DATA_"); }

bool begins_as_extxyz(const std::string& text) {
  const std::vector<std::string_view> lines = lines_of(text);
  if (lines.size() < 2) return false;
  const std::vector<Word> first = words_of(lines[0]);
  return first.size() == 1 && integer_from(first[0].text) && lines[1].find("Lattice") != std::string_view::npos;
}

bool begins_as_poscar(const std::string& text) {
  const std::vector<std::string_view> lines = lines_of(text);
  if (lines.size() < 2 || begins_as_extxyz(text)) return false;
  const std::vector<Word> second = words_of(lines[1]);
  return !second.empty() && number_from(second[0].text);
}

Crystal crystal_of_frame(const LabelledFrame& frame, const std::string& source) {
  Crystal crystal{frame.structure.lattice, {}, source};
  std::map<Species, int> numbers;
  for (std::size_t i = 0; i < frame.structure.atom_count(); ++i) {
    const Species species = frame.structure.species[i];
    const std::string label = std::string(species.symbol()) + std::to_string(++numbers[species]);
    crystal.sites.push_back({label, wrapped(frame.structure.positions[i]), {{species, 1.0, std::nullopt}}, {}});
  }
  return crystal;
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
  return crystal_of_frame(frames[static_cast<std::size_t>(*wanted - 1)], file_name);
}

std::vector<std::pair<std::string, Crystal>> crystals_from_extxyz(const std::string& text, const std::string& file_name,
                                                                  ReadingWarnings& /*warnings*/) {
  std::vector<std::pair<std::string, Crystal>> crystals;
  const std::vector<LabelledFrame> frames = parse_extxyz(text, file_name);
  for (const LabelledFrame& frame : frames) {
    const std::string number = std::to_string(crystals.size() + 1);
    crystals.emplace_back(frames.size() == 1 ? "" : number, crystal_of_frame(frame, file_name + ", frame " + number));
  }
  return crystals;
}

std::vector<std::pair<std::string, Crystal>> crystals_from_one(const std::string& text, const std::string& file_name,
                                                               ReadingWarnings& warnings) {
  std::vector<std::pair<std::string, Crystal>> crystals;
  crystals.emplace_back("", crystal_from_poscar(text, file_name, warnings));
  return crystals;
}

struct Format {
  const char* name;                   ///< "a CIF"
  std::vector<const char*> endings;   ///< of a file's name, in capital letters
  std::vector<const char*> in_names;  ///< what a file's name may hold instead
  bool (*begins)(const std::string& text);
  /// @param block "": the first.
  Crystal (*read)(const std::string& text, const std::string& file_name, const std::string& block,
                  ReadingWarnings& warnings);
  std::vector<std::pair<std::string, Crystal>> (*read_all)(const std::string& text, const std::string& file_name,
                                                           ReadingWarnings& warnings);
  bool looks_for_overlaps = false;  ///< it looks for two atoms on one place itself
};

/// One line a format. What is known neither by its ending nor by its name is taken for the first that it begins as.
const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"a CIF", {".CIF", ".MCIF", ".CIF1", ".CIF2"}, {}, begins_as_cif, crystal_from_cif, crystals_from_cif, true},
      {"a POSCAR",
       {".VASP", ".POSCAR", ".CONTCAR"},
       {"POSCAR", "CONTCAR"},
       begins_as_poscar,
       [](const std::string& text, const std::string& file_name, const std::string& /*block*/,
          ReadingWarnings& warnings) { return crystal_from_poscar(text, file_name, warnings); },
       crystals_from_one},
      {"an extended XYZ file", {".XYZ", ".EXTXYZ"}, {}, begins_as_extxyz, crystal_from_extxyz, crystals_from_extxyz},
  };
  return all;
}

/// @returns null if neither its name nor its text tells.
const Format* format_of(const std::filesystem::path& file, const std::string& text) {
  const std::string extension = upper(file.extension().string()), name = upper(file.filename().string());
  const auto first = [&](auto holds) {
    const auto found = std::find_if(formats().begin(), formats().end(), holds);
    return found == formats().end() ? nullptr : &*found;
  };
  const auto any = [](const std::vector<const char*>& words, auto holds) {
    return std::any_of(words.begin(), words.end(), holds);
  };
  if (const Format* format = first(
          [&](const Format& one) { return any(one.endings, [&](const char* ending) { return extension == ending; }); }))
    return format;
  if (const Format* format = first([&](const Format& one) {
        return any(one.in_names, [&](const char* part) { return name.find(part) != std::string::npos; });
      }))
    return format;
  return first([&](const Format& one) { return one.begins(text); });
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

/// @throws FormatError where the format is not known.
const Format& known_format_of(const std::filesystem::path& file, const std::string& text) {
  const Format* format = format_of(file, text);
  if (format == nullptr) {
    std::vector<std::string> names;
    for (const Format& one : formats()) names.emplace_back(one.name);
    const std::string last = names.back();
    names.pop_back();
    throw FormatError(fmt::format("{}: expected {} or {}, found neither by name nor by content", file.string(),
                                  fmt::join(names, ", "), last));
  }
  return *format;
}

/// What the reader of a format leaves to be looked at.
void check_crystal(const Format& format, const Crystal& crystal, ReadingWarnings& warnings) {
  if (format.looks_for_overlaps) return;
  if (crystal.sites.empty()) throw FormatError(crystal.source + ": expected at least one atom, found none");
  check_distances(crystal, warnings);
}

/// What `work` returns; the warnings are logged, whatever happens.
template <class Work>
auto with_warnings(const std::filesystem::path& file, Work&& work) {
  ReadingWarnings warnings;
  try {
    auto result = work(warnings);
    log_once(warnings, file);
    return result;
  } catch (const FormatError&) {
    log_once(warnings, file);
    throw;
  }
}

}  // namespace

Crystal read_crystal(const std::filesystem::path& file, const std::string& block) {
  return with_warnings(file, [&](ReadingWarnings& warnings) {
    const std::string text = read_text_file(file);
    const Format& format = known_format_of(file, text);
    Crystal crystal = format.read(text, file.string(), block, warnings);
    check_crystal(format, crystal, warnings);
    return crystal;
  });
}

std::vector<std::pair<std::string, Crystal>> read_crystals(const std::filesystem::path& file) {
  return with_warnings(file, [&](ReadingWarnings& warnings) {
    const std::string text = read_text_file(file);
    const Format& format = known_format_of(file, text);
    auto crystals = format.read_all(text, file.string(), warnings);
    Complaints faults;
    for (const auto& [block, crystal] : crystals)
      faults.collect([&, &one = crystal] { check_crystal(format, one, warnings); });
    faults.throw_if_any();
    return crystals;
  });
}

std::vector<std::string> cif_block_names(const std::filesystem::path& file) {
  std::vector<std::string> names;
  for (const CifBlock& block : parse_cif(read_text_file(file), file.string())) names.push_back(block.name);
  return names;
}

}  // namespace hullscan
