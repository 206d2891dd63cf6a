#include "enumerator/crystal/looser_symmetry.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/errors.hpp"
#include "enumerator/crystal/detail/primitive_cell.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan {
namespace {

constexpr std::array<double, 3> kTolerances = {1e-3, 1e-2, 5e-2};  // Å
// A count within these bounds takes a fraction of a second.
constexpr std::size_t kManyCompositions = 1000;
constexpr double kManyImages = 4e6;  ///< operations times varied sites, over all supercells

/// Operations of the reference cell, its inner translations included.
double group_order(std::size_t operations, const Eigen::Matrix3i& cell_in_primitive) {
  return static_cast<double>(operations) * std::abs(cell_in_primitive.cast<double>().determinant());
}

std::optional<BigInteger> count_if_cheap(const SearchSpace& space) {
  double images = 0;
  for (std::size_t i = 0; i < space.supercells().size(); ++i) {
    images += static_cast<double>(space.operations(i).count()) *
              static_cast<double>(space.supercells()[i]->varied_sites().size());
    if (!space.markers(i).empty()) return std::nullopt;
  }
  const Strata strata(std::span(&space, 1));
  if (strata.size() > kManyCompositions || images > kManyImages) return std::nullopt;
  const auto count = exact_count(strata);
  return count ? std::optional(count->inequivalent) : std::nullopt;
}

/// False if the sites that vary, or the cell they are counted in, would be others.
bool same_sites(const ParentCrystal& a, const ParentCrystal& b) {
  return a.sites.size() == b.sites.size() &&
         std::equal(a.sites.begin(), a.sites.end(), b.sites.begin(), [](const ParentSite& x, const ParentSite& y) {
           return x.label == y.label && x.sublattice == y.sublattice;
         });
}

void add_counts(const SearchSpace& space, LooserSymmetry& looser) {
  const auto now = count_if_cheap(space);
  if (!now) return;
  SpaceSpec spec = space.spec();
  spec.symprec_angstrom = looser.symprec_angstrom;
  try {
    const SearchSpace other = SearchSpace::build(spec, space.crystal(), space.repeat_rule());
    if (!same_sites(*space.parent(), *other.parent())) return;
    looser.inequivalent = count_if_cheap(other);
    if (looser.inequivalent) looser.inequivalent_now = now;
  } catch (const InputError&) {
    return;  // the group alone is known
  }
}

}  // namespace

std::optional<LooserSymmetry> looser_symmetry(const SearchSpace& space) {
  const ParentCrystal& parent = *space.parent();
  std::vector<Fractional> positions;
  std::vector<int> types;
  for (const ParentSite& site : parent.sites) {
    positions.push_back(site.position);
    types.push_back(site.sublattice != kFixedSite ? site.sublattice + 1 : -1 - site.fixed_species.code());
  }
  const double order = group_order(parent.operations.size(), parent.cell_in_primitive);
  for (const double tolerance : kTolerances) {
    if (tolerance < parent.symprec_angstrom * 1.5) continue;
    try {
      const auto found = detail::primitive_cell(parent.lattice, positions, types, tolerance);
      if (group_order(found.operations.size(), found.cell_in_primitive) < order * 1.5) continue;
      LooserSymmetry looser{.symprec_angstrom = tolerance,
                            .space_group_number = found.number,
                            .space_group_symbol = found.symbol,
                            .inequivalent = {},
                            .inequivalent_now = {}};
      add_counts(space, looser);
      return looser;
    } catch (const InputError&) {
      continue;  // sites nearer than the tolerance
    }
  }
  return std::nullopt;
}

}  // namespace hullscan
