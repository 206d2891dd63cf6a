#include "enumerator/mapping/orbit_placement.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/sampling/large_sampler.hpp"

namespace hullscan {
namespace {

constexpr double kWhole = 1e-6;

/// An operation of the crystal that turns the structure's lattice so that it holds the supercell's vectors.
std::optional<SymmetryOperation> operation_into(const Supercell& supercell, const Eigen::Matrix3i& cells) {
  const ParentCrystal& parent = supercell.parent();
  const Eigen::Matrix3d vectors = (supercell.matrix() * parent.cell_in_primitive).cast<double>();
  for (const SymmetryOperation& operation : parent.operations) {
    const Eigen::Matrix3d turned = cells.cast<double>() * operation.rotation.cast<double>().transpose();
    const Eigen::Matrix3d multiples = vectors * turned.inverse();
    if ((multiples.array() - multiples.array().round()).abs().maxCoeff() < kWhole) return operation;
  }
  return std::nullopt;
}

std::optional<std::size_t> composition_of(const SearchSpace& space, std::size_t supercell,
                                          std::span<const std::uint8_t> occupation) {
  const Supercell& cell = *space.supercells()[supercell];
  const auto& sublattices = space.parent()->sublattices;
  CompositionCounts counts;
  for (const Sublattice& sublattice : sublattices) counts.of_sublattice.emplace_back(sublattice.allowed.size(), 0);
  for (std::size_t v = 0; v < occupation.size(); ++v)
    ++counts.of_sublattice[static_cast<std::size_t>(cell.sublattice_of(static_cast<int>(v)))][occupation[v]];
  const auto& known = space.compositions(supercell);
  const auto found = std::lower_bound(known.begin(), known.end(), counts);
  if (found == known.end() || *found != counts) return std::nullopt;
  return static_cast<std::size_t>(found - known.begin());
}

}  // namespace

OrbitPlacer::OrbitPlacer(std::span<const SearchSpace> spaces, MappingLimits limits) : spaces_(spaces), strata_(spaces) {
  for (const SearchSpace& space : spaces) mappers_.emplace_back(space.parent(), limits);
}

std::variant<PlacedOrbit, NotMapped> OrbitPlacer::place_in(std::size_t index, const LatticeMapping& mapping) const {
  const SearchSpace& space = spaces_[index];
  const auto cells = mapping.configuration.supercell->volume_factor();
  bool any_supercell = false;
  for (std::size_t i = 0; i < space.supercells().size(); ++i) {
    const Supercell& supercell = *space.supercells()[i];
    const auto operation = operation_into(supercell, mapping.atoms.cells);
    if (!operation) continue;
    any_supercell = true;
    std::vector<std::uint8_t> occupation = occupation_in(supercell, mapping.atoms, *operation);
    const auto composition = composition_of(space, i, occupation);
    if (!composition) continue;
    const auto strata = strata_.of(index, i);
    const auto stratum = std::find_if(strata.begin(), strata.end(),
                                      [&](const SpaceStratum& one) { return one.composition == *composition; });
    if (stratum == strata.end()) continue;
    CanonicalForm form;
    if (space.why_not_enumerable(i)) {
      form = canonical_form(space.operations(i), SearchOrder::of(stratum->counts()), occupation);
    } else {
      form = canonical_form(*space.action(i), occupation);
    }
    return PlacedOrbit{stratum->key, std::move(form.occupation), form.degeneracy, mapping.shear_strain,
                       mapping.rms_displacement_angstrom};
  }
  if (!any_supercell) {
    return NotMapped{
        fmt::format("none of the supercells of space \"{}\" repeats its cell, which is {} cell{} of the "
                    "crystal",
                    space.name(), cells, cells == 1 ? "" : "s")};
  }
  return NotMapped{fmt::format("its composition is not among those of space \"{}\"", space.name())};
}

std::variant<PlacedOrbit, NotMapped> OrbitPlacer::place(const Structure& structure) {
  std::optional<PlacedOrbit> best;
  double best_cost = std::numeric_limits<double>::infinity();
  std::string reason;
  bool on_a_lattice = false;
  for (std::size_t s = 0; s < spaces_.size(); ++s) {
    if (!spaces_[s].spec().markers.empty()) continue;
    const auto mapped = mappers_[s].map(structure);
    if (const auto* failed = std::get_if<NotMapped>(&mapped)) {
      if (reason.empty()) reason = failed->reason;
      continue;
    }
    const auto& mapping = std::get<LatticeMapping>(mapped);
    const double cost = std::hypot(mapping.rms_displacement_angstrom, 2 * mapping.shear_strain);
    if (best && cost >= best_cost) continue;
    auto placed = place_in(s, mapping);
    if (auto* orbit = std::get_if<PlacedOrbit>(&placed)) {
      best = std::move(*orbit);
      best_cost = cost;
    } else if (!on_a_lattice) {  // this says more than that another space's lattice does not fit
      reason = std::get<NotMapped>(placed).reason;
      on_a_lattice = true;
    }
  }
  if (best) return std::move(*best);
  return NotMapped{reason.empty() ? "no space holds structures" : reason};
}

}  // namespace hullscan
