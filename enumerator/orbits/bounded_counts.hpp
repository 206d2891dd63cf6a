/// @file
/// Counts of species on sublattices under linear bounds, generated without those that the bounds leave out.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "core/big_integer.hpp"
#include "enumerator/orbits/composition_counts.hpp"

namespace hullscan {

/// The counts that one species may take on a sublattice.
struct CountChoices {
  std::vector<int> counts;  ///< ascending, >= 0, not empty
  bool rest = false;        ///< takes what is left instead; at most one of a sublattice
};

struct SublatticeChoices {
  int sites = 0;
  std::vector<CountChoices> of_species;

  /// Rows that sum to the sites, without any bound: exact, by dynamic programming.
  [[nodiscard]] BigInteger row_count() const;
  /// The sum of explicit counts that is nearest to the sites; the smaller one of two.
  [[nodiscard]] int nearest_sum() const;
};

/// low <= sum of coefficient * count <= high.
struct LinearBound {
  static constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max() / 4;
  std::vector<std::vector<std::int64_t>> coefficients;  ///< [sublattice][species]
  std::int64_t low = -kUnbounded, high = kUnbounded;
};

enum class GeneratorEnd { kAll, kStopped, kTooLong };

/// Visits every combination of rows that meets all bounds, once, species by species: a choice after which a bound
/// cannot be met any more is not followed. What is left is judged by the least and the largest sum that real numbers
/// between the least and the largest counts allow, which is nearly exact where counts are ranges.
/// @param visit returns false to stop. @param most_steps choices to look at before kTooLong.
GeneratorEnd generate_counts(const std::vector<SublatticeChoices>& sublattices, const std::vector<LinearBound>& bounds,
                             std::uint64_t most_steps, const std::function<bool(const CompositionCounts&)>& visit);

}  // namespace hullscan
