/// @file
/// Parent crystals for the tests of this room, their symmetry found by trying every small integer matrix, and the group
/// of a supercell by geometry: independent of the code under test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/supercell.hpp"

namespace hullscan::test {

struct VariedSite {
  Eigen::Vector3d fractional;
  std::vector<Species> allowed;  ///< one species: a fixed site
};

/// A parent whose reference cell is primitive; sites with the same `allowed` form one sublattice. Every operation with
/// entries -1, 0, 1 that preserves the metric and the sites is found by trial.
std::shared_ptr<const ParentCrystal> primitive_parent(const Eigen::Matrix3d& rows,
                                                      const std::vector<VariedSite>& sites);
/// The same crystal in a larger reference cell: its rows in units of the primitive vectors.
std::shared_ptr<const ParentCrystal> in_larger_cell(const ParentCrystal& primitive, const Eigen::Matrix3i& cell);

std::vector<Species> species(const std::vector<std::string>& symbols);
std::shared_ptr<const ParentCrystal> fcc(const std::vector<std::string>& symbols, double lattice_constant = 4.0);
/// Cubic perovskite ABO3 with `on_oxygen` on the three oxygen sites, A = Sr and B = Cu fixed.
std::shared_ptr<const ParentCrystal> perovskite(const std::vector<std::string>& on_oxygen);
/// Rock salt with both sublattices varied.
std::shared_ptr<const ParentCrystal> rock_salt(const std::vector<std::string>& cations,
                                               const std::vector<std::string>& anions);

/// Permutations of the varied sites by every operation of the parent, translations included, that maps the supercell's
/// lattice to itself: images[g][i] is where site i goes.
std::vector<std::vector<int>> supercell_group(const Supercell& supercell);
/// image[g[i]] = occupation[i].
std::vector<std::uint8_t> moved(const std::vector<std::uint8_t>& occupation, const std::vector<int>& permutation);
/// The configuration's colouring of the crystal, written in another supercell whose lattice is a sublattice of its own
/// or the same lattice. Both parents may differ in reference cell.
std::vector<std::uint8_t> rewritten(const Supercell& from, const std::vector<std::uint8_t>& occupation,
                                    const Supercell& to);

std::vector<std::uint8_t> random_occupation(const Supercell& supercell, std::uint64_t seed);

}  // namespace hullscan::test
