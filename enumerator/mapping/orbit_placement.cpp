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

struct IntoSupercell {
  SymmetryOperation operation;  ///< turns the structure's lattice so that it holds the supercell's vectors
  Eigen::Matrix3i multiples;    ///< rows: these in the structure's
};

std::optional<IntoSupercell> operation_into(const Supercell& supercell, const Eigen::Matrix3i& cells) {
  const ParentCrystal& parent = supercell.parent();
  const Eigen::Matrix3d vectors = (supercell.matrix() * parent.cell_in_primitive).cast<double>();
  for (const SymmetryOperation& operation : parent.operations) {
    const Eigen::Matrix3d turned = cells.cast<double>() * operation.rotation.cast<double>().transpose();
    const Eigen::Matrix3d multiples = vectors * turned.inverse();
    const Eigen::Matrix3d whole = multiples.array().round();
    if ((multiples - whole).cwiseAbs().maxCoeff() < kWhole) return IntoSupercell{operation, whole.cast<int>()};
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

/// The cells of a lattice that a supercell of it holds, by their first corner, in the lattice's vectors.
std::vector<Eigen::Vector3d> cells_in(const Eigen::Matrix3i& multiples) {
  const Eigen::Matrix3d back = multiples.cast<double>().inverse();
  Eigen::Vector3i low = Eigen::Vector3i::Zero(), high = Eigen::Vector3i::Zero();
  for (int i = 0; i < 3; ++i) {
    low += multiples.row(i).transpose().cwiseMin(0);
    high += multiples.row(i).transpose().cwiseMax(0);
  }
  std::vector<Eigen::Vector3d> corners;
  for (int i = low[0]; i <= high[0]; ++i) {
    for (int j = low[1]; j <= high[1]; ++j) {
      for (int k = low[2]; k <= high[2]; ++k) {
        const Eigen::RowVector3d inside = Eigen::RowVector3d(i, j, k) * back;
        if (inside.minCoeff() > -kWhole && inside.maxCoeff() < 1 - kWhole) corners.emplace_back(i, j, k);
      }
    }
  }
  return corners;
}

/// @param positions fractional in `rows`, one for each atom.
Structure repeated(const Structure& structure, const Eigen::Matrix3d& rows,
                   const std::vector<Eigen::Vector3d>& positions, const Eigen::Matrix3i& multiples) {
  const Eigen::Matrix3d back = multiples.cast<double>().inverse();
  Structure whole{Lattice(multiples.cast<double>() * rows), {}, {}};
  for (const Eigen::Vector3d& corner : cells_in(multiples)) {
    for (std::size_t a = 0; a < structure.atom_count(); ++a) {
      whole.species.push_back(structure.species[a]);
      whole.positions.push_back(wrapped({((positions[a] + corner).transpose() * back).transpose()}));
    }
  }
  return whole;
}

}  // namespace

OrbitPlacer::OrbitPlacer(std::span<const SearchSpace> spaces, MappingLimits limits) : spaces_(spaces), strata_(spaces) {
  for (const SearchSpace& space : spaces) mappers_.emplace_back(space.parent(), limits);
}

auto OrbitPlacer::place_in(std::size_t index, LatticeMapping mapping) const -> std::variant<Found, NotMapped> {
  const SearchSpace& space = spaces_[index];
  const auto cells = mapping.configuration.supercell->volume_factor();
  bool any_supercell = false;
  for (std::size_t i = 0; i < space.supercells().size(); ++i) {
    const Supercell& supercell = *space.supercells()[i];
    const auto into = operation_into(supercell, mapping.atoms.cells);
    if (!into) continue;
    any_supercell = true;
    std::vector<std::uint8_t> occupation = occupation_in(supercell, mapping.atoms, into->operation);
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
    const std::int64_t copies = std::llabs(std::llround(into->multiples.cast<double>().determinant()));
    return Found{{stratum->key, std::move(form.occupation), form.degeneracy, mapping.shear_strain,
                  mapping.rms_displacement_angstrom, copies},
                 i,
                 into->multiples,
                 std::move(mapping)};
  }
  if (!any_supercell) {
    return NotMapped{
        fmt::format("none of the supercells of space \"{}\" repeats its cell, which is {} cell{} of the "
                    "crystal",
                    space.name(), cells, cells == 1 ? "" : "s")};
  }
  return NotMapped{fmt::format("its composition is not among those of space \"{}\"", space.name())};
}

auto OrbitPlacer::find(const Structure& structure) -> std::variant<Found, NotMapped> {
  std::optional<Found> best;
  double best_cost = std::numeric_limits<double>::infinity();
  std::string reason;
  bool on_a_lattice = false;
  for (std::size_t s = 0; s < spaces_.size(); ++s) {
    if (!spaces_[s].spec().markers.empty()) continue;
    auto mapped = mappers_[s].map(structure);
    if (const auto* failed = std::get_if<NotMapped>(&mapped)) {
      if (reason.empty()) reason = failed->reason;
      continue;
    }
    auto& mapping = std::get<LatticeMapping>(mapped);
    const double cost = std::hypot(mapping.rms_displacement_angstrom, 2 * mapping.shear_strain);
    if (best && cost >= best_cost) continue;
    auto placed = place_in(s, std::move(mapping));
    if (auto* found = std::get_if<Found>(&placed)) {
      best = std::move(*found);
      best_cost = cost;
    } else if (!on_a_lattice) {  // this says more than that another space's lattice does not fit
      reason = std::get<NotMapped>(placed).reason;
      on_a_lattice = true;
    }
  }
  if (best) return std::move(*best);
  return NotMapped{reason.empty() ? "no space holds structures" : reason};
}

std::variant<PlacedOrbit, NotMapped> OrbitPlacer::place(const Structure& structure) {
  auto found = find(structure);
  if (auto* failed = std::get_if<NotMapped>(&found)) return std::move(*failed);
  return std::move(std::get<Found>(found).orbit);
}

std::variant<OnLattice, NotMapped> OrbitPlacer::place_atoms(const Structure& given) {
  auto searched = find(given);
  if (auto* failed = std::get_if<NotMapped>(&searched)) return std::move(*failed);
  Found& found = std::get<Found>(searched);
  const LatticeMapping& mapping = found.mapping;
  const ParentCrystal& parent = *spaces_[found.orbit.stratum.space].parent();
  const Structure structure = mappers_[found.orbit.stratum.space].as_mapped(given);
  const Eigen::Matrix3d own_rows = mapping.basis.cast<double>() * structure.lattice.rows();
  const Eigen::Matrix3d site_rows = std::cbrt(mapping.volume_ratio) * mapping.atoms.cells.cast<double>() *
                                    parent.primitive_lattice().rows() * mapping.rotation;
  std::vector<Eigen::Vector3d> own_positions;
  const Eigen::Matrix3d to_basis = mapping.basis.cast<double>().inverse();
  for (const Fractional& position : structure.positions)
    own_positions.push_back((position.x.transpose() * to_basis).transpose());
  OnLattice placed{std::move(found.orbit),
                   repeated(structure, site_rows, mapping.atoms.place_of_atom, found.multiples),
                   structure,
                   {}};
  // What is the supercell already stays as it was written.
  if (placed.orbit.copies > 1) placed.relaxed = repeated(structure, own_rows, own_positions, found.multiples);
  for (std::size_t a = 0; a < placed.relaxed.atom_count(); ++a)
    placed.atom.push_back(static_cast<int>(a % structure.atom_count()));
  return placed;
}

}  // namespace hullscan
