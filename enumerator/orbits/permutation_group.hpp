/// @file
/// Permutations of the varied sites of a supercell; what the counting and enumerating algorithms see of symmetry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hullscan {

/// A permutation group as the full list of its elements, all distinct, identity first, then lexicographic.
struct PermutationGroup {
  std::size_t degree = 0;             ///< number of sites permuted
  std::vector<std::uint16_t> images;  ///< [order * degree]: images[g * degree + i] is where element g takes site i

  [[nodiscard]] std::size_t order() const { return degree == 0 ? 1 : images.size() / degree; }
  [[nodiscard]] std::span<const std::uint16_t> element(std::size_t g) const {
    return std::span(images).subspan(g * degree, degree);
  }
};

}  // namespace hullscan
