/// @file
/// Small crystals with made-up interactions for the tests of Monte Carlo, and their exact sums over all occupations.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/hash.hpp"
#include "surrogates/lattice/crystal_interactions.hpp"
#include "surrogates/lattice/lattice_polynomial.hpp"
#include "workers/monte_carlo/walker.hpp"

namespace hullscan::test {

struct BasisSite {
  Eigen::Vector3d at;
  int sublattice = 0;
};

/// Without symmetry: the interactions are given site by site.
inline std::shared_ptr<const ParentCrystal> plain_parent(const Eigen::Matrix3d& rows,
                                                         const std::vector<std::vector<std::string>>& species,
                                                         const std::vector<BasisSite>& sites) {
  auto parent = std::make_shared<ParentCrystal>(ParentCrystal{
      .lattice = Lattice(rows), .sites = {}, .sublattices = {}, .operations = {SymmetryOperation{}}, .source = {}});
  for (std::size_t l = 0; l < species.size(); ++l) {
    Sublattice& sublattice = parent->sublattices.emplace_back();
    sublattice.name = std::string(1, static_cast<char>('A' + l));
    for (const std::string& symbol : species[l]) sublattice.allowed.push_back(Species::from_symbol(symbol));
    for (std::size_t s = 0; s < sites.size(); ++s) {
      if (sites[s].sublattice == static_cast<int>(l)) sublattice.sites.push_back(static_cast<int>(s));
    }
  }
  for (const BasisSite& site : sites) {
    ParentSite& made = parent->sites.emplace_back();
    made.position = {site.at};
    made.sublattice = site.sublattice;
  }
  return parent;
}

/// Points, every pair within `pairs_angstrom` and every triplet whose sides are within `triplets_angstrom`, with
/// energies up to `scale_ev` that a hash decides.
inline CrystalInteractions random_interactions(const std::shared_ptr<const ParentCrystal>& parent,
                                               double pairs_angstrom, double triplets_angstrom, double scale_ev,
                                               std::uint64_t seed) {
  CrystalInteractions made{parent, PrimitiveSites(*parent), 0.1, {}};
  std::uint64_t drawn = 0;
  const auto add = [&](std::vector<LatticeSite> sites, double scale) {
    std::size_t decorations = 1;
    for (const LatticeSite& site : sites) decorations *= static_cast<std::size_t>(made.occupants(site.site) - 1);
    std::vector<double> energies;
    for (std::size_t i = 0; i < decorations; ++i)
      energies.push_back(scale * (static_cast<double>(random_bits(seed, drawn++) >> 11U) * 0x1p-52 - 1));
    made.clusters.push_back({std::move(sites), std::move(energies)});
  };
  for (int s = 0; s < made.sites.count(); ++s) {
    const LatticeSite home{{0, 0, 0}, s};
    add({home}, scale_ev);
    for (const LatticeSite& other : made.sites.neighbours(s, pairs_angstrom)) {
      if (other > home) add({home, other}, scale_ev / 2);
    }
    const auto near = made.sites.neighbours(s, triplets_angstrom);
    for (const LatticeSite& b : near) {
      for (const LatticeSite& c : near) {
        if (b > home && c > b && made.sites.distance_angstrom(b, c) <= triplets_angstrom)
          add({home, b, c}, scale_ev / 3);
      }
    }
  }
  return made;
}

/// The same energy term by term of the supercell: what the cell's tables must agree with.
inline LatticePolynomial polynomial_of(const CrystalInteractions& crystal, const Supercell& supercell) {
  LatticePolynomial::Builder builder(supercell);
  const SupercellSites where(crystal.sites, supercell);
  builder.add_constant(crystal.constant_ev * static_cast<double>(where.cells().size()));
  for (const CrystalInteractions::Cluster& cluster : crystal.clusters) {
    for (std::size_t code = 0; code < cluster.energies_ev.size(); ++code) {
      std::vector<std::uint8_t> occupants(cluster.sites.size());
      std::size_t rest = code;
      for (std::size_t i = cluster.sites.size(); i-- > 0;) {
        const auto radix = static_cast<std::size_t>(crystal.occupants(cluster.sites[i].site) - 1);
        occupants[i] = static_cast<std::uint8_t>(rest % radix + 1);
        rest /= radix;
      }
      for (const std::array<int, 3>& cell : where.cells()) {
        std::vector<int> varied;
        for (const LatticeSite& site : cluster.sites) varied.push_back(where.varied_index(cell, site));
        builder.add(varied, occupants, cluster.energies_ev[code]);
      }
    }
  }
  return builder.build();
}

}  // namespace hullscan::test
