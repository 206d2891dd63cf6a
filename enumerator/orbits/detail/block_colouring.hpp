/// @file
/// Random colourings that are constant on blocks of sites: the cycles of an element, the orbits of a subgroup.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "enumerator/orbits/detail/random_stream.hpp"

namespace hullscan::detail {

/// Blocks of one sublattice by their number of sites.
using BlocksOfSize = std::map<int, std::vector<std::vector<std::uint16_t>>>;

/// Gives every species its number of blocks of each size, any choice of blocks as likely as any other.
/// @param taken [species][size index], as CycleColourings::draw chose them. @param blocks are shuffled.
inline void colour_blocks(BlocksOfSize& blocks, const std::vector<std::vector<int>>& taken, RandomStream& random,
                          std::span<std::uint8_t> occupation) {
  std::size_t size_index = 0;
  for (auto& [size, members] : blocks) {
    random.shuffle(members);
    std::size_t next = 0;
    for (std::size_t species = 0; species < taken.size(); ++species) {
      for (int i = 0; i < taken[species][size_index]; ++i) {
        for (const std::uint16_t site : members[next]) occupation[site] = static_cast<std::uint8_t>(species);
        ++next;
      }
    }
    ++size_index;
  }
}

}  // namespace hullscan::detail
