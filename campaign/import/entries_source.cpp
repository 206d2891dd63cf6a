// JSON of entries: our entries.json, pymatgen's entries and PhaseDiagram.as_dict, answers of databases.
#include <fmt/format.h>

#include "analysis/entries/entries_file.hpp"
#include "campaign/import/result_source.hpp"
#include "core/file_bytes.hpp"
#include "core/hash.hpp"

namespace hullscan {
namespace {

bool is_json(const ImportPath& path) {
  if (path.directory) return false;
  const std::size_t first = path.beginning.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return first != std::string::npos && (path.beginning[first] == '{' || path.beginning[first] == '[');
}

void read_entries_with_structures(const ImportPath& path, const ReadingOptions& /*options*/, Reading& reading) {
  const std::string text = user_file(path.path), hash = hash128_hex(text);
  for (StructuredEntry& one : parse_structured_entries_json(text, path.path.string())) {
    const HullEntry& entry = one.entry;
    ForeignResult result;
    result.id = entry.id;
    result.file = path.path;
    result.kind = entries_source().kind;
    result.hash = hash;
    result.composition = entry.composition;
    result.energy_ev = entry.energy_ev;
    result.keys = entry.keys;
    if (result.keys.erase(kEnergiesKey) > 0) {
      reading.left_out.push_back(
          {name_of(result), "its energy is a formation energy, which cannot be compared with total energies"});
      continue;
    }
    if (one.structure) {
      const auto atoms = static_cast<double>(one.structure->atom_count());
      result.energy_ev *= atoms / static_cast<double>(entry.composition.atom_count());
      result.composition = one.structure->composition();
      result.structure = std::move(one.structure);
    }
    reading.results.push_back(std::move(result));
  }
}

}  // namespace

const ResultSource& entries_source() {
  static const ResultSource source{"entries", "JSON of entries: entries.json, pymatgen's entries, PhaseDiagram.as_dict",
                                   is_json, read_entries_with_structures};
  return source;
}

}  // namespace hullscan
