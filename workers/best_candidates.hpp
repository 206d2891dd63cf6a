/// @file
/// The best candidates of a stream, by better(): what cannot be among them costs one comparison, and what can, whatever
/// the order it comes in, a copy and a few.
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

  /// @param occupation of one length in all offers.
  void offer(std::int64_t score, std::span<const std::uint8_t> occupation, std::uint64_t degeneracy);
  /// Best first. The collection is empty afterwards.
  [[nodiscard]] std::vector<Candidate> take();

 private:
  struct Kept {
    std::int64_t score = 0;
    std::uint64_t degeneracy = 0;
    std::size_t slot = 0;  ///< of its occupation
  };
  [[nodiscard]] std::span<const std::uint8_t> occupation_of(const Kept& one) const {
    return std::span(occupations_).subspan(one.slot * sites_, sites_);
  }
  [[nodiscard]] bool is_better(const Kept& a, const Kept& b) const;
  void keep_the_best();

  Stratum stratum_;
  std::size_t at_most_;
  std::size_t sites_ = 0;
  std::size_t size_ = 0;                   ///< of kept_ that are in use; the slots of the rest are free
  bool full_ = false;                      ///< the worst that may stay is kept_[at_most_ - 1]
  std::vector<Kept> kept_;                 ///< the best at_most_ of some while ago, and what has been better since
  std::vector<std::uint8_t> occupations_;  ///< [slots * sites_]
};

}  // namespace hullscan
