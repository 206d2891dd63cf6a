/// @file
/// What enumerating a campaign whole would cost, and the ways out where that is too much.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/big_integer.hpp"
#include "core/json.hpp"
#include "enumerator/search_space.hpp"

namespace hullscan::cli {

/// More orbits than one starts to enumerate without a thought.
inline constexpr std::int64_t kManyOrbits = 1'000'000'000;

class EnumerationCost {
 public:
  /// A composition with its number of orbits, all markers together. The space must outlive this.
  void add(const SearchSpace& space, std::size_t supercell, std::size_t composition, const BigInteger& orbits);
  /// Times the start of the largest composition's enumeration on this machine: about a tenth of a second.
  /// @pre something was added.
  void measure();

  [[nodiscard]] double seconds() const { return orbits_ / orbits_per_second_; }  ///< of one core
  [[nodiscard]] Json json() const;
  /// Time, sizes, and for every space what its primitive cell would give or how to draw a sample.
  [[nodiscard]] std::string advice(const std::vector<SearchSpace>& spaces) const;

 private:
  double orbits_ = 0, csv_bytes_ = 0, table_bytes_ = 0, orbits_per_second_ = 0;
  const SearchSpace* space_ = nullptr;  ///< of the largest composition
  std::size_t supercell_ = 0, composition_ = 0;
  double largest_ = -1;
};

}  // namespace hullscan::cli
