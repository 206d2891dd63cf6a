#include "workers/best_candidates.hpp"

#include <algorithm>
#include <utility>  // std::exchange

namespace hullscan {

void BestCandidates::offer(std::int64_t score, std::span<const std::uint8_t> occupation, std::uint64_t degeneracy) {
  if (at_most_ == 0) return;
  const bool full = heap_.size() == at_most_;
  if (full && score > heap_.front().score) return;
  Candidate candidate{stratum_, {occupation.begin(), occupation.end()}, degeneracy, score};
  if (full) {
    if (!better(candidate, heap_.front())) return;
    std::pop_heap(heap_.begin(), heap_.end(), better);
    heap_.pop_back();
  }
  heap_.push_back(std::move(candidate));
  std::push_heap(heap_.begin(), heap_.end(), better);
}

std::vector<Candidate> BestCandidates::take() {
  std::sort_heap(heap_.begin(), heap_.end(), better);
  return std::exchange(heap_, {});
}

}  // namespace hullscan
