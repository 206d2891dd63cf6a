#include "enumerator/crystal/standard_cell.hpp"

#include <algorithm>
#include <vector>

#include "enumerator/crystal/detail/spglib.hpp"

namespace hullscan {
namespace {

/// Equal numbers for equal species, from 0, in the order in which species appear.
std::vector<int> types_of(const Structure& structure, std::vector<Species>& species) {
  std::vector<int> types;
  for (const Species& one : structure.species) {
    const auto found = std::find(species.begin(), species.end(), one);
    types.push_back(static_cast<int>(found - species.begin()));
    if (found == species.end()) species.push_back(one);
  }
  return types;
}

/// Atoms of a species together.
Structure sorted_structure(const detail::StandardisedCell& cell, const std::vector<Species>& species) {
  Structure result{cell.lattice, {}, {}};
  for (std::size_t kind = 0; kind < species.size(); ++kind) {
    for (std::size_t i = 0; i < cell.types.size(); ++i) {
      if (cell.types[i] != static_cast<int>(kind)) continue;
      result.species.push_back(species[kind]);
      result.positions.push_back(wrapped(cell.positions[i]));
    }
  }
  return result;
}

}  // namespace

std::optional<int> space_group_number(const Structure& structure, double symprec_angstrom) {
  std::vector<Species> species;
  std::string ignored;
  const std::vector<int> types = types_of(structure, species);
  const auto found = detail::find_symmetry(structure.lattice, structure.positions, types, symprec_angstrom, ignored);
  return found ? std::optional(found->number) : std::nullopt;
}

std::optional<Structure> standardised(const Structure& structure, StandardCell cell, double symprec_angstrom,
                                      std::string& why) {
  std::vector<Species> species;
  const std::vector<int> types = types_of(structure, species);
  const auto found = detail::standardised_cell(structure.lattice, structure.positions, types,
                                               cell == StandardCell::kPrimitive, symprec_angstrom, why);
  if (!found) return std::nullopt;
  return sorted_structure(*found, species);
}

std::optional<SymmetricCell> symmetric_cell(const Structure& structure, double symprec_angstrom) {
  std::vector<Species> species;
  std::string ignored;
  const std::vector<int> types = types_of(structure, species);
  const auto found =
      detail::symmetry_and_conventional_cell(structure.lattice, structure.positions, types, symprec_angstrom, ignored);
  if (!found) return std::nullopt;
  return SymmetricCell{found->number, sorted_structure(found->conventional, species)};
}

}  // namespace hullscan
