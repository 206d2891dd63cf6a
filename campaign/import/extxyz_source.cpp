// Extended XYZ: one frame a result, its energy on the second line.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include "campaign/import/result_source.hpp"
#include "core/hash.hpp"
#include "core/structure_files/text_words.hpp"
#include "enumerator/files/extxyz_reader.hpp"

namespace hullscan {
namespace {

/// Total energies in eV by what other programs call them, the likeliest first.
constexpr std::array kEnergyNames = {"energy", "total_energy", "energy_ev",  "dft_energy",      "ref_energy",
                                     "etot",   "e_total",      "energy_dft", "potential_energy"};
constexpr std::array kIdNames = {"id", "name", "label", "config_name", "material_id", "entry_id"};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

template <std::size_t N>
const std::string* named(const std::map<std::string, std::string>& info, const std::array<const char*, N>& names) {
  for (const char* name : names) {
    for (const auto& [key, value] : info) {
      if (lower_case(key) == name) return &value;
    }
  }
  return nullptr;
}

/// A frame with a lattice: its first line is a number, and the second says "Lattice=".
bool is_extxyz(const ImportPath& path) {
  if (path.directory) return false;
  std::istringstream lines(path.beginning);
  std::string count, comment;
  while (std::getline(lines, count) && words_of(count).empty()) {
  }
  std::getline(lines, comment);
  const auto words = words_of(count);
  return words.size() == 1 && integer_from(words[0].text).has_value() && comment.find("attice") != std::string::npos;
}

void read_frames(const ImportPath& path, const ReadingOptions& /*options*/, Reading& reading) {
  const std::string hash = file_hash128_hex(path.path);
  std::size_t number = 0;
  for (LabelledFrame& frame : read_extxyz(path.path)) {
    ++number;
    const std::string* id = named(frame.info, kIdNames);
    ForeignResult result = result_of(path, extxyz_source().kind, id != nullptr ? *id : fmt::format("frame {}", number),
                                     std::move(frame.structure), 0);
    const std::string* energy = named(frame.info, kEnergyNames);
    const auto value = energy != nullptr ? finite_number(*energy) : std::nullopt;
    if (!value) {
      std::vector<std::string> keys;
      for (const auto& [key, text] : frame.info) keys.push_back(key);
      reading.left_out.push_back(
          {name_of(result), energy != nullptr
                                ? fmt::format("its energy is \"{}\", expected a number (eV)", *energy)
                                : fmt::format("it has no energy=; its second line has: {}", fmt::join(keys, ", "))});
      continue;
    }
    result.energy_ev = *value;
    result.hash = hash;
    if (!frame.forces.empty()) result.more.forces_ev_per_angstrom = std::move(frame.forces);
    reading.results.push_back(std::move(result));
  }
}

}  // namespace

const ResultSource& extxyz_source() {
  static const ResultSource source{"extxyz", "extended XYZ with energy= on the second line of each frame", is_extxyz,
                                   read_frames};
  return source;
}

}  // namespace hullscan
