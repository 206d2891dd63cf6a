/// @file
/// Subgroups of a supercell's translations, for counting configurations that no translation of a set repeats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hullscan {

/// A subgroup by generators, with the weight that it has in the count of what none of the set repeats.
struct TranslationSubgroup {
  std::vector<std::size_t> generators;
  std::int64_t weight = 1;
};

/// Inclusion and exclusion: a configuration that exactly the translations of a group K repeat is counted as the sum of
/// the weights of the subgroups H of K, which is 1 if no nontrivial element of `repeating` is in K and else 0.
///
/// Only elements of prime order matter. The subgroups of one prime that such elements generate are a lattice, whose
/// Möbius function gives the weights (P. Hall, Quart. J. Math. 7, 134 (1936)); those of different primes multiply.
/// @param repeating elements of an abelian group, with every power of its members; element 0 is the identity.
/// @param product of two elements of the group. @returns the trivial subgroup first.
std::vector<TranslationSubgroup> translation_subgroups(
    std::span<const std::size_t> repeating, const std::function<std::size_t(std::size_t, std::size_t)>& product);

}  // namespace hullscan
