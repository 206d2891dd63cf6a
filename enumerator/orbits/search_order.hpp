/// @file
/// In which order the species of a composition are placed. It defines the canonical form of a configuration and the
/// order in which orbits are visited; stored results depend on it, so it never changes.
///
/// The most abundant species of every sublattice (the first in the campaign file if several are) is the background,
/// which is not placed. Every other species that occurs is one stage: the choice of its set of sites among those of
/// its sublattice that earlier stages left free. Stages are sorted by the number of subsets C(sites, count), then by
/// sublattice, then by species.
///
/// A set A of sites is written as its ascending tuple. A is before B if its tuple is lexicographically smaller; of
/// sets of one size that is the one whose indicator is larger with site 0 as the most significant digit. The
/// canonical form of an orbit is the colouring whose first stage's set is the first of all its images under the
/// group, whose second stage's set is the first of all its images under the stabiliser of the first stage's set, and
/// so on: the largest colouring compared stage by stage. Orbits are visited in lexicographic order of the
/// concatenated tuples.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "enumerator/orbits/composition_counts.hpp"

namespace hullscan {

struct Stage {
  std::size_t sublattice = 0;
  std::uint8_t species = 0;  ///< index into the sublattice's `allowed`
  int count = 0;             ///< > 0
  friend bool operator==(const Stage&, const Stage&) = default;
};

struct SearchOrder {
  std::vector<Stage> stages;             ///< empty if every sublattice holds one species
  std::vector<std::uint8_t> background;  ///< [sublattice]
  std::size_t tuple_length = 0;          ///< sum of the stages' counts

  static SearchOrder of(const CompositionCounts& counts);
};

}  // namespace hullscan
