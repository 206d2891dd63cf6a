/// @file
/// The best candidates of a stream, by better(): a bounded heap, so the rest costs one comparison each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/work_unit.hpp"

namespace hullscan {

class BestCandidates {
 public:
  BestCandidates(const Stratum& stratum, std::size_t at_most) : stratum_(stratum), at_most_(at_most) {}

  void offer(std::int64_t score, std::span<const std::uint8_t> occupation, std::uint64_t degeneracy);
  /// Best first. The collection is empty afterwards.
  [[nodiscard]] std::vector<Candidate> take();

 private:
  Stratum stratum_;
  std::size_t at_most_;
  std::vector<Candidate> heap_;  ///< the worst on top
};

}  // namespace hullscan
