/// @file
/// Colourings of a ring of sites under its rotations: a space whose counts are known from the theory of necklaces.
#pragma once

#include <memory>
#include <numeric>  // std::gcd
#include <vector>

#include "workers/unit_runner.hpp"

namespace hullscan {

/// `sites` sites on a line that closes into itself, each Ni or Al: the translations of a linear supercell.
inline std::shared_ptr<const ParentCrystal> ring_parent() {
  ParentCrystal parent{.lattice = Lattice(Eigen::Matrix3d::Identity() * 3.0),
                       .sites = {{.label = "A", .position = {}, .sublattice = 0, .fixed_species = {}}},
                       .sublattices = {{"A", {Species::from_symbol("Ni"), Species::from_symbol("Al")}, {0}}},
                       .operations = {SymmetryOperation{}},
                       .source = {}};
  return std::make_shared<const ParentCrystal>(std::move(parent));
}

inline std::shared_ptr<const GroupAction> rotations(std::size_t sites) {
  PermutationGroup group{.degree = sites, .images = {}};
  for (std::size_t shift = 0; shift < sites; ++shift) {
    for (std::size_t i = 0; i < sites; ++i) group.images.push_back(static_cast<std::uint16_t>((i + shift) % sites));
  }
  return std::make_shared<const GroupAction>(std::move(group), std::vector<int>(sites, 0));
}

inline UnitStratum ring(int sites, int aluminium, const std::shared_ptr<const ParentCrystal>& parent) {
  SupercellMatrix line = SupercellMatrix::Identity();
  line(0, 0) = sites;
  return {std::make_shared<const OrbitEnumerator>(rotations(static_cast<std::size_t>(sites)),
                                                  CompositionCounts{{{sites - aluminium, aluminium}}}),
          std::make_shared<const Supercell>(parent, line)};
}

/// Stratum.index_in_supercell = number of Al among `sites`.
inline UnitRunnerParts ring_parts(int sites, std::uint64_t seed = 7) {
  const auto parent = ring_parent();
  std::vector<UnitStratum> strata;
  for (int aluminium = 0; aluminium <= sites; ++aluminium) strata.push_back(ring(sites, aluminium, parent));
  UnitRunnerParts parts;
  parts.seed = seed;
  parts.parents = {parent};
  parts.stratum = [strata](const Stratum& stratum) { return strata.at(stratum.index_in_supercell); };
  return parts;
}

inline std::uint64_t binomial(std::uint64_t n, std::uint64_t k) {
  std::uint64_t value = 1;
  for (std::uint64_t i = 1; i <= k; ++i) value = value * (n - k + i) / i;
  return value;
}

inline std::uint64_t totient(std::uint64_t n) {
  std::uint64_t count = 0;
  for (std::uint64_t i = 1; i <= n; ++i) count += std::gcd(i, n) == 1 ? 1 : 0;
  return count;
}

/// Necklaces of n beads, k of them black: (1/n) sum over d | gcd(n, k) of phi(d) C(n/d, k/d).
inline std::uint64_t necklaces(std::uint64_t n, std::uint64_t k) {
  std::uint64_t sum = 0;
  for (std::uint64_t d = 1; d <= n; ++d) {
    if (std::gcd(n, k) % d == 0) sum += totient(d) * binomial(n / d, k / d);
  }
  return sum / n;
}

}  // namespace hullscan
