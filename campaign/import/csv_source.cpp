// A table of structure files and energies.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <set>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/import/energy_table.hpp"
#include "campaign/import/result_source.hpp"
#include "campaign/import/structures_of_ids.hpp"
#include "core/errors.hpp"
#include "core/hash.hpp"
#include "dft_adapters/packed_file.hpp"
#include "enumerator/files/crystal_reader.hpp"
#include "enumerator/files/ordered_structure.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// Text whose first line separates fields; the header says the rest.
bool is_table(const ImportPath& path) {
  if (path.directory) return false;
  const bool packed = path.beginning.starts_with("\x1f\x8b");
  const std::string beginning = packed ? unpacked_user_file(path.path).substr(0, kBeginning) : path.beginning;
  if (beginning.find('\0') != std::string::npos) return false;
  const std::string first = beginning.substr(0, beginning.find_first_of("\r\n"));
  return first.find_first_of(",;\t") != std::string::npos || first.starts_with("sep=");
}

void read_table(const ImportPath& path, const ReadingOptions& /*options*/, Reading& reading) {
  const std::string bytes = unpacked_user_file(path.path), hash = hash128_hex(bytes);
  const std::vector<EnergyRow> rows = parse_energy_table(bytes, path.path.string());
  std::optional<StructuresOfIds> of_ids;
  if (rows.front().structure.empty()) of_ids.emplace(path.path, rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const EnergyRow& row = rows[i];
    const fs::path file =
        fs::path(row.structure).is_absolute() ? fs::path(row.structure) : path.path.parent_path() / row.structure;
    const std::string id = row.id.empty() ? row.structure : row.id;
    try {
      Structure structure = ordered_structure(of_ids ? of_ids->of(i) : read_crystal(file));
      const double atoms = static_cast<double>(structure.atom_count());
      ForeignResult result = result_of(path, csv_source().kind, id, std::move(structure),
                                       row.per_atom ? row.energy_ev * atoms : row.energy_ev);
      result.hash = hash128_hex(hash + (of_ids ? id : file_hash128_hex(file)));
      reading.results.push_back(std::move(result));
    } catch (const FormatError& error) {
      reading.left_out.push_back({fmt::format("{}:{}: {}", path.path.string(), row.line, id), error.what()});
    }
  }
}

}  // namespace

const ResultSource& csv_source() {
  static const ResultSource source{
      "csv", "CSV (or .csv.gz) with the columns structure (names of files) or id, and energy (eV)", is_table,
      read_table};
  return source;
}

}  // namespace hullscan
