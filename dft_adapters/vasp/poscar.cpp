#include "dft_adapters/vasp/poscar.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <numeric>  // std::iota

#include "core/errors.hpp"
#include "core/structure_files/poscar.hpp"

namespace hullscan::vasp {
namespace {

constexpr long kMostAtomsOfContcar = 1'000'000;

}  // namespace

std::vector<std::size_t> file_order(const Structure& structure) {
  std::vector<std::size_t> order(structure.atom_count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return structure.species[a].code() < structure.species[b].code();
  });
  return order;
}

std::vector<Species> file_species(const Structure& structure) {
  std::vector<Species> blocks;
  for (const std::size_t i : file_order(structure)) {
    if (blocks.empty() || blocks.back() != structure.species[i]) blocks.push_back(structure.species[i]);
  }
  return blocks;
}

std::string poscar_text(const Structure& structure, const std::string& title) {
  const double sign = structure.lattice.rows().determinant() < 0 ? -1 : 1;
  Structure right_handed{Lattice(sign * structure.lattice.rows()), structure.species, structure.positions};
  for (Fractional& position : right_handed.positions) position = wrapped(Fractional{sign * position.x});
  constexpr PoscarLayout kLayout{
      .coordinates = {.decimals = 16, .zero_below = 0}, .species_column_width = 0, .deuterium_as_hydrogen = true};
  return to_poscar(right_handed, title, file_species(structure), kLayout);
}

std::optional<Structure> parse_poscar(std::string_view text, std::string& problem) {
  try {
    Poscar read = hullscan::parse_poscar(text, "POSCAR", kMostAtomsOfContcar);
    if (std::none_of(read.structure.species.begin(), read.structure.species.end(),
                     [](Species species) { return species.is_vacancy(); }))
      return std::move(read.structure);
    problem = "POSCAR: expected elements, found a vacancy";
  } catch (const FormatError& not_a_poscar) {
    problem = not_a_poscar.what();
  }
  return std::nullopt;
}

Structure in_given_order(const Structure& structure, const std::vector<std::size_t>& order) {
  std::vector<bool> seen(structure.atom_count(), false);
  if (order.size() != structure.atom_count()) return structure;
  for (const std::size_t i : order) {
    if (i >= seen.size() || seen[i]) return structure;
    seen[i] = true;
  }
  Structure given = structure;
  for (std::size_t i = 0; i < order.size(); ++i) {
    given.species[order[i]] = structure.species[i];
    given.positions[order[i]] = structure.positions[i];
  }
  return given;
}

}  // namespace hullscan::vasp
