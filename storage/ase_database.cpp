#include "storage/ase_database.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <fstream>
#include <set>

#include "core/errors.hpp"
#include "core/foreign_json.hpp"
#include "core/foreign_text.hpp"
#include "core/json_text.hpp"
#include "storage/detail/sqlite.hpp"

namespace hullscan {
namespace {

using sqlite::Database;
using sqlite::Query;

static_assert(std::endian::native == std::endian::little, "ASE writes arrays little-endian");

constexpr const char* kColumns = "SELECT name FROM pragma_table_info('systems')";
// What is not of the type it should be comes as NULL: the file is somebody else's.
constexpr const char* kRowsOfSystems =
    "SELECT id, CASE typeof(numbers) WHEN 'blob' THEN numbers END, "
    "CASE typeof(positions) WHEN 'blob' THEN positions END, CASE typeof(cell) WHEN 'blob' THEN cell END, "
    "CASE typeof(pbc) WHEN 'integer' THEN pbc END, "
    "CASE WHEN typeof(energy) IN ('real', 'integer') AND abs(energy) < 1e300 THEN energy END, "
    "CASE typeof(calculator) WHEN 'text' THEN calculator END, "
    "CASE typeof(key_value_pairs) WHEN 'text' THEN key_value_pairs END, "
    "CASE typeof(forces) WHEN 'blob' THEN forces END FROM systems ORDER BY id";

template <class Number>
std::optional<std::vector<Number>> numbers_in(const Query& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  const std::vector<std::uint8_t> bytes = row.blob(column);
  if (bytes.empty() || bytes.size() % sizeof(Number) != 0) return std::nullopt;
  std::vector<Number> numbers(bytes.size() / sizeof(Number));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

std::vector<Eigen::Vector3d> vectors_from(const std::vector<double>& numbers) {
  std::vector<Eigen::Vector3d> vectors;
  for (std::size_t i = 0; i + 2 < numbers.size(); i += 3)
    vectors.emplace_back(numbers[i], numbers[i + 1], numbers[i + 2]);
  return vectors;
}

/// @throws FormatError with why it is none.
Structure crystal_in(const Query& row) {
  constexpr std::int64_t kAllThree = 7;
  const auto numbers = numbers_in<std::int32_t>(row, 1);
  const auto positions = numbers_in<double>(row, 2), cell = numbers_in<double>(row, 3);
  if (!numbers || !positions || positions->size() != 3 * numbers->size())
    throw FormatError("it has no atoms, or not a position for each");
  if (!cell || cell->size() != 9) throw FormatError("it has no cell");
  if (row.is_null(4) || row.integer(4) != kAllThree) throw FormatError("it is not periodic in three directions");
  Eigen::Matrix3d rows;
  for (int i = 0; i < 9; ++i) rows(i / 3, i % 3) = (*cell)[static_cast<std::size_t>(i)];
  Structure structure{Lattice(rows), {}, {}};
  const std::vector<Eigen::Vector3d> places = vectors_from(*positions);
  for (std::size_t i = 0; i < numbers->size(); ++i) {
    const std::int32_t number = (*numbers)[i];
    if (number < 0 || number > 118) throw FormatError(fmt::format("{} is no atomic number", number));
    if (!places[i].allFinite()) throw FormatError(fmt::format("the position of atom {} is not finite", i + 1));
    if (number == 0) continue;  // "X": a vacancy
    structure.species.push_back(Species::from_atomic_number(number));
    structure.positions.push_back(structure.lattice.to_fractional({places[i]}));
  }
  if (structure.species.empty()) throw FormatError("it has no atoms");
  return structure;
}

AseSystem system_in(const Query& row) {
  AseSystem system;
  system.id = row.integer(0);
  try {
    system.structure = crystal_in(row);
  } catch (const FormatError& error) {
    system.fault = error.what();
  }
  if (!row.is_null(5)) system.energy_ev = row.real(5);
  if (!row.is_null(6)) system.calculator = readable_line(row.text(6), 100);
  if (!row.is_null(7)) {
    const Json pairs = foreign_json_or_null(row.text(7));
    if (pairs.is_object()) {
      for (const auto& [key, value] : pairs.items())
        system.key_values[readable_line(key)] =
            readable_line(value.is_string() ? value.get<std::string>() : json_text(value));
    }
  }
  if (const auto forces = numbers_in<double>(row, 8); forces && system.structure) {
    const std::vector<Eigen::Vector3d> vectors = vectors_from(*forces);
    bool finite = vectors.size() == system.structure->atom_count();
    for (const Eigen::Vector3d& force : vectors) finite = finite && force.allFinite();
    if (finite) system.forces_ev_per_angstrom = vectors;
  }
  return system;
}

}  // namespace

bool is_sqlite_file(const std::filesystem::path& file) {
  constexpr std::string_view kBeginning("SQLite format 3\0", 16);
  std::ifstream stream(file, std::ios::binary);
  std::string begin(kBeginning.size(), ' ');
  return stream.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == kBeginning;
}

std::vector<AseSystem> read_ase_database(const std::filesystem::path& file) {
  std::vector<AseSystem> systems;
  try {
    Database database(file, sqlite::Access::kImmutable);
    std::set<std::string> missing = {"id",     "numbers",    "positions",       "cell",  "pbc",
                                     "energy", "calculator", "key_value_pairs", "forces"};
    {
      Query column = database.query(kColumns);
      while (column.next()) missing.erase(column.text(0));
    }
    if (!missing.empty()) {
      throw FormatError(fmt::format("{}: it is SQLite, but no database of ASE: table systems has no column \"{}\"",
                                    file.string(), *missing.begin()));
    }
    Query row = database.query(kRowsOfSystems);
    while (row.next()) systems.push_back(system_in(row));
  } catch (const StorageError& error) {
    throw FormatError(
        fmt::format("{}: cannot be read as a database of ASE: {}", file.string(), readable_line(error.what(), 300)));
  }
  return systems;
}

}  // namespace hullscan
