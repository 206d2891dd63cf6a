/// @file
/// The group that acts on the varied sites of a supercell: every operation of the primitive parent crystal,
/// translations included, that maps the supercell's lattice to itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/parent_crystal.hpp"
#include "core/supercell.hpp"
#include "enumerator/crystal/supercell_operations.hpp"
#include "enumerator/orbits/permutation_group.hpp"

namespace hullscan {

struct SupercellGroup {
  PermutationGroup permutations;  ///< of the varied sites, in the order of Supercell::varied_sites()
  std::size_t operation_count =
      1;  ///< kept point operations * primitive cells, before operations that act alike are merged
  /// [permutations.order()] one operation that acts so, in primitive fractional coordinates, modulo the supercell.
  std::vector<SymmetryOperation> operation_of;
  /// Operations that leave every varied site in place, identity first. The operations that act as permutation p are
  /// operation_of[p] after each of these, so operation_count = permutations.order() * kernel.size().
  std::vector<SymmetryOperation> kernel;
  /// Indices of the permutations that a lattice translation of the primitive crystal makes, ascending; identity first.
  std::vector<std::size_t> translations;
  /// Those of them by SupercellOperations::reference_cells(): with one of these a configuration is superperiodic.
  std::vector<std::size_t> reference_translations;
};

/// @throws InputError if why_no_table() says so. Cost: O(operation_count * varied sites).
SupercellGroup group_of(const SupercellOperations& operations);
SupercellGroup group_of(const Supercell& supercell);

/// What is too large for a table of permutations: more than 65,535 varied sites, or more than 4 GiB; nothing if it
/// fits.
std::optional<std::string> why_no_table(const SupercellOperations& operations);

}  // namespace hullscan
