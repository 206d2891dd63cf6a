#include "campaign/import/ase_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/errors.hpp"
#include "core/foreign_json.hpp"
#include "core/foreign_text.hpp"
#include "core/json_text.hpp"

namespace hullscan {
namespace {

/// The numbers of an array: ASE's {"__ndarray__": [shape, type, numbers]}, or lists of lists.
void flatten(const Json& json, std::vector<double>& numbers) {
  if (json.is_array()) {
    for (const Json& one : json) flatten(one, numbers);
  } else if (json.is_boolean()) {
    numbers.push_back(json.get<bool>() ? 1 : 0);
  } else if (json.is_number()) {
    numbers.push_back(json.get<double>());
  }
}

std::vector<double> array_of(const Json& row, const char* name) {
  std::vector<double> numbers;
  const auto found = row.find(name);
  if (found == row.end()) return numbers;
  const Json* array = &*found;
  if (array->is_object() && array->contains("array")) array = &array->at("array");
  if (array->is_object() && array->contains("__ndarray__")) array = &array->at("__ndarray__");
  if (array != &*found || found->is_object()) {
    if (array->is_array() && array->size() == 3) flatten((*array)[2], numbers);
  } else {
    flatten(*array, numbers);
  }
  return numbers;
}

/// @throws FormatError with why it is none.
Structure crystal_of_row(const Json& row) {
  const std::vector<double> numbers = array_of(row, "numbers"), positions = array_of(row, "positions"),
                            cell = array_of(row, "cell"), pbc = array_of(row, "pbc");
  if (numbers.empty() || positions.size() != 3 * numbers.size())
    throw FormatError("it has no atoms, or not a position for each");
  if (cell.size() != 9) throw FormatError("it has no cell");
  if (pbc.size() != 3 || std::count(pbc.begin(), pbc.end(), 1.0) != 3)
    throw FormatError("it is not periodic in three directions");
  Eigen::Matrix3d rows;
  for (int i = 0; i < 9; ++i) rows(i / 3, i % 3) = cell[static_cast<std::size_t>(i)];
  Structure structure{Lattice(rows), {}, {}};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!(numbers[i] >= 0 && numbers[i] <= 118)) throw FormatError(fmt::format("{} is no atomic number", numbers[i]));
    const auto number = static_cast<int>(numbers[i]);
    const Eigen::Vector3d place(positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]);
    if (!place.allFinite()) throw FormatError(fmt::format("the position of atom {} is not finite", i + 1));
    if (number == 0) continue;  // "X": a vacancy
    structure.species.push_back(Species::from_atomic_number(number));
    structure.positions.push_back(structure.lattice.to_fractional({place}));
  }
  if (structure.species.empty()) throw FormatError("it has no atoms");
  return structure;
}

}  // namespace

std::vector<AseSystem> parse_ase_json(const std::string& text, const std::string& file_name) {
  std::string problem;
  const auto json = parse_foreign_json(text, problem);
  if (!json) throw InputError(fmt::format("{}:{}", file_name, problem));
  if (!json->is_object()) throw InputError(file_name + ": expected a database of ASE, {\"1\": {\"numbers\": …}, …}");
  std::vector<AseSystem> systems;
  for (const auto& [key, row] : json->items()) {
    const bool number = !key.empty() && key.size() < 16 && key.find_first_not_of("0123456789") == std::string::npos;
    if (!number || !row.is_object()) continue;  // "ids", "nextid", "metadata"
    AseSystem system;
    system.id = std::stoll(key);
    try {
      system.structure = crystal_of_row(row);
    } catch (const FormatError& error) {
      system.fault = error.what();
    }
    if (const auto energy = row.find("energy"); energy != row.end() && energy->is_number())
      system.energy_ev = energy->get<double>();
    if (const auto calculator = row.find("calculator"); calculator != row.end() && calculator->is_string())
      system.calculator = readable_line(calculator->get<std::string>(), 100);
    if (const auto pairs = row.find("key_value_pairs"); pairs != row.end() && pairs->is_object()) {
      for (const auto& [name, value] : pairs->items())
        system.key_values[readable_line(name)] =
            readable_line(value.is_string() ? value.get<std::string>() : json_text(value));
    }
    systems.push_back(std::move(system));
  }
  if (systems.empty()) throw InputError(file_name + ": a database of ASE without a row");
  return systems;
}

}  // namespace hullscan
