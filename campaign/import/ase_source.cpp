// Databases of the Atomic Simulation Environment: SQLite, and their form in JSON.
#include <fmt/format.h>

#include <cmath>

#include "campaign/import/ase_json.hpp"
#include "campaign/import/result_source.hpp"
#include "core/file_bytes.hpp"
#include "core/hash.hpp"

namespace hullscan {
namespace {

constexpr const char* kNdarray = "\"__ndarray__\"";

bool is_ase_json(const ImportPath& path) {
  const std::size_t first = path.beginning.find_first_not_of(" \t\r\n");
  return first != std::string::npos && path.beginning[first] == '{' &&
         path.beginning.find(kNdarray) != std::string::npos;
}

bool is_ase(const ImportPath& path) { return !path.directory && (is_sqlite_file(path.path) || is_ase_json(path)); }

std::string id_of(const AseSystem& system) {
  for (const char* key : {"name", "id", "label"}) {
    if (const auto found = system.key_values.find(key); found != system.key_values.end() && !found->second.empty())
      return fmt::format("{} (row {})", found->second, system.id);
  }
  return fmt::format("row {}", system.id);
}

void read_rows(const ImportPath& path, const ReadingOptions& /*options*/, Reading& reading) {
  const std::string hash = file_hash128_hex(path.path);
  const std::vector<AseSystem> systems = is_sqlite_file(path.path)
                                             ? read_ase_database(path.path)
                                             : parse_ase_json(user_file(path.path), path.path.string());
  for (const AseSystem& system : systems) {
    const std::string name = fmt::format("{}: {}", path.path.string(), id_of(system));
    if (!system.structure || !system.energy_ev) {
      reading.left_out.push_back({name, system.structure ? "it has no energy" : system.fault});
      continue;
    }
    ForeignResult result = result_of(path, ase_source().kind, id_of(system), *system.structure, *system.energy_ev);
    result.hash = hash;
    result.more.forces_ev_per_angstrom = system.forces_ev_per_angstrom;
    reading.results.push_back(std::move(result));
  }
}

}  // namespace

const ResultSource& ase_source() {
  static const ResultSource source{"ase", "a database of ASE, SQLite or JSON", is_ase, read_rows};
  return source;
}

}  // namespace hullscan
