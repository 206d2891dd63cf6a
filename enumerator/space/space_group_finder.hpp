/// @file
/// Space groups of configurations, whatever supercell and marked object they belong to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "enumerator/space/configuration_symmetry.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {

/// What was learnt of a supercell is kept until another one is asked about, so ask about one after the other. Not
/// shared between threads. Spaces must outlive it.
class SpaceGroupFinder {
 public:
  /// @param marker orbit of marked objects; exactly where the space marks something.
  [[nodiscard]] ConfigurationSymmetry& of(const SearchSpace& space, std::size_t supercell,
                                          std::optional<std::size_t> marker);
  /// @param degeneracy of the configuration's orbit, objects counted too. @returns 1 to 230.
  [[nodiscard]] int number(const SearchSpace& space, std::size_t supercell, std::optional<std::size_t> marker,
                           std::span<const std::uint8_t> occupation, std::uint64_t degeneracy);

 private:
  const SearchSpace* space_ = nullptr;
  std::size_t supercell_ = 0;
  std::map<std::optional<std::size_t>, ConfigurationSymmetry> known_;
};

}  // namespace hullscan
