/// @file
/// Orbits of what a composition's energy is made of: pairs of states, and blocks, small sets of sites that all couple
/// with each other. Internal to workers.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "workers/best/composition_energy.hpp"

namespace hullscan::detail {

/// Orbits of unordered pairs of states, a state with itself included.
struct StatePairOrbits {
  explicit StatePairOrbits(const CompositionEnergy& energy);

  std::vector<std::uint32_t> of;                             ///< [state * states + state]
  std::vector<std::pair<std::size_t, std::size_t>> members;  ///< one of each orbit
  std::vector<std::size_t> size;                             ///< ordered pairs in it
};

/// An orbit of blocks. What a block has of clusters, sets of up to three of its states, falls into classes that the
/// block's own symmetry makes.
struct BlockOrbit {
  struct ClusterClass {
    std::vector<std::vector<std::size_t>> clusters;  ///< ascending states of the first block
  };
  std::vector<std::vector<std::uint16_t>> blocks;  ///< sites, all in the order of the first by an operation
  std::vector<ClusterClass> classes;
};

/// What a bound may cost.
struct BlockLimits {
  std::size_t classes = 0;        ///< of all blocks together: parameters of the relaxation
  std::size_t blocks_a_site = 0;  ///< all of a site's blocks are looked at wherever it is decided
};

/// Blocks of up to four sites: the largest sets that couple by triplets or by one of the strongest pair orbits, of
/// which as many are taken as give at most so many classes. Every triplet is in a block.
/// @returns nothing if the triplets alone are too many.
std::vector<BlockOrbit> choose_blocks(const CompositionEnergy& energy, const BlockLimits& limits);

/// The first of all images of a cluster under the group.
std::vector<std::size_t> first_image(const CompositionEnergy& energy, std::span<const std::size_t> cluster);
/// Number of images of a cluster.
std::size_t image_count(const CompositionEnergy& energy, std::span<const std::size_t> cluster);

}  // namespace hullscan::detail
