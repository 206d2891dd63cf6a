#include "workers/best_candidates.hpp"

#include <algorithm>
#include <cstring>

namespace hullscan {
namespace {

/// Offers that are taken before the best of them are found. Where energies tie, an enumeration may offer every orbit
/// before those it is better than.
constexpr std::size_t kTakenAtOnce = 4096;

bool before(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return !a.empty() && std::memcmp(a.data(), b.data(), a.size()) < 0;
}

}  // namespace

bool BestCandidates::is_better(const Kept& a, const Kept& b) const {
  return a.score != b.score ? a.score < b.score : before(occupation_of(a), occupation_of(b));
}

void BestCandidates::offer(std::int64_t score, std::span<const std::uint8_t> occupation, std::uint64_t degeneracy) {
  if (at_most_ == 0) return;
  if (full_) {
    const Kept& worst = kept_[at_most_ - 1];
    if (score > worst.score || (score == worst.score && !before(occupation, occupation_of(worst)))) return;
  }
  if (size_ == kept_.size()) {
    sites_ = occupation.size();
    kept_.push_back({0, 0, size_});
    occupations_.resize(kept_.size() * sites_);
  }
  Kept& one = kept_[size_++];
  one.score = score;
  one.degeneracy = degeneracy;
  std::copy(occupation.begin(), occupation.end(),
            occupations_.begin() + static_cast<std::ptrdiff_t>(one.slot * sites_));
  if (size_ >= 2 * at_most_ + kTakenAtOnce) keep_the_best();
}

void BestCandidates::keep_the_best() {
  const auto begin = kept_.begin();
  std::nth_element(begin, begin + static_cast<std::ptrdiff_t>(at_most_ - 1), begin + static_cast<std::ptrdiff_t>(size_),
                   [this](const Kept& a, const Kept& b) { return is_better(a, b); });
  size_ = at_most_;
  full_ = true;
}

std::vector<Candidate> BestCandidates::take() {
  if (size_ > at_most_) keep_the_best();
  kept_.resize(size_);
  std::sort(kept_.begin(), kept_.end(), [this](const Kept& a, const Kept& b) { return is_better(a, b); });
  std::vector<Candidate> best;
  best.reserve(size_);
  for (const Kept& one : kept_) {
    const auto occupation = occupation_of(one);
    best.push_back({stratum_, {occupation.begin(), occupation.end()}, one.degeneracy, one.score});
  }
  kept_.clear();
  occupations_.clear();
  size_ = 0;
  full_ = false;
  return best;
}

}  // namespace hullscan
