#include "enumerator/orbits/bounded_counts.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>  // std::iota
#include <optional>

namespace hullscan {
namespace {

struct Interval {
  std::int64_t low = 0, high = 0;
};

class Generator {
 public:
  Generator(const std::vector<SublatticeChoices>& sublattices, const std::vector<LinearBound>& bounds,
            std::uint64_t most_steps, const std::function<bool(const CompositionCounts&)>& visit)
      : sublattices_(sublattices), bounds_(bounds), steps_left_(most_steps), visit_(visit), partial_(bounds.size(), 0) {
    for (const SublatticeChoices& sublattice : sublattices) {
      counts_.of_sublattice.emplace_back(sublattice.of_species.size(), 0);
      // What is left over is decided last.
      std::vector<std::size_t> order(sublattice.of_species.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return !sublattice.of_species[i].rest; });
      order_.push_back(std::move(order));
    }
    later_.resize(sublattices.size() + 1, std::vector<Interval>(bounds.size()));
    for (std::size_t s = sublattices.size(); s-- > 0;) {
      for (std::size_t b = 0; b < bounds.size(); ++b) {
        const Interval here = remaining(b, s, 0, sublattices[s].sites);
        later_[s][b] = {later_[s + 1][b].low + here.low, later_[s + 1][b].high + here.high};
      }
    }
  }

  GeneratorEnd run() {
    choose(0, 0, sublattices_.empty() ? 0 : sublattices_[0].sites);
    return end_;
  }

 private:
  [[nodiscard]] Interval counts_between(std::size_t s, std::size_t place, int left) const {
    const CountChoices& choices = sublattices_[s].of_species[order_[s][place]];
    if (choices.rest) return {0, left};
    return {choices.counts.front(), std::min(choices.counts.back(), left)};
  }

  /// Sums of coefficient * count over the species from `place` on, which take `left` sites together.
  [[nodiscard]] Interval remaining(std::size_t b, std::size_t s, std::size_t place, int left) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> room;  // coefficient, sites above the least count
    std::int64_t sum = 0, sites = left;
    for (std::size_t p = place; p < order_[s].size(); ++p) {
      const Interval between = counts_between(s, p, left);
      const std::int64_t coefficient = bounds_[b].coefficients[s][order_[s][p]];
      sum += coefficient * between.low;
      sites -= between.low;
      room.emplace_back(coefficient, between.high - between.low);
    }
    std::sort(room.begin(), room.end());
    const auto filled = [&](auto begin, auto end) {
      std::int64_t value = sum, missing = sites;
      for (auto one = begin; one != end && missing > 0; ++one) {
        const std::int64_t taken = std::min(missing, one->second);
        value += one->first * taken;
        missing -= taken;
      }
      return value;
    };
    return {filled(room.begin(), room.end()), filled(room.rbegin(), room.rend())};
  }

  [[nodiscard]] bool can_be_filled(std::size_t s, std::size_t place, int left) const {
    std::int64_t least = 0, most = 0;
    for (std::size_t p = place; p < order_[s].size(); ++p) {
      const Interval between = counts_between(s, p, left);
      if (between.low > between.high) return false;
      least += between.low;
      most += between.high;
    }
    return least <= left && left <= most;
  }

  [[nodiscard]] bool bounds_can_be_met(std::size_t s, std::size_t place, int left) const {
    for (std::size_t b = 0; b < bounds_.size(); ++b) {
      const Interval here = remaining(b, s, place, left), later = later_[s + 1][b];
      if (partial_[b] + here.high + later.high < bounds_[b].low || partial_[b] + here.low + later.low > bounds_[b].high)
        return false;
    }
    return true;
  }

  void choose(std::size_t s, std::size_t place, int left) {
    if (end_ != GeneratorEnd::kAll) return;
    if (s == sublattices_.size()) {
      if (!visit_(counts_)) end_ = GeneratorEnd::kStopped;
      return;
    }
    if (steps_left_-- == 0) {
      end_ = GeneratorEnd::kTooLong;
      return;
    }
    if (!can_be_filled(s, place, left) || !bounds_can_be_met(s, place, left)) return;
    if (place == order_[s].size()) {
      choose(s + 1, 0, s + 1 < sublattices_.size() ? sublattices_[s + 1].sites : 0);
      return;
    }
    const std::size_t species = order_[s][place];
    const CountChoices& choices = sublattices_[s].of_species[species];
    const auto take = [&](int n) {
      counts_.of_sublattice[s][species] = n;
      for (std::size_t b = 0; b < bounds_.size(); ++b) partial_[b] += bounds_[b].coefficients[s][species] * n;
      choose(s, place + 1, left - n);
      for (std::size_t b = 0; b < bounds_.size(); ++b) partial_[b] -= bounds_[b].coefficients[s][species] * n;
    };
    if (choices.rest) return take(left);
    for (const int n : choices.counts) {
      if (n > left || end_ != GeneratorEnd::kAll) break;
      take(n);
    }
  }

  const std::vector<SublatticeChoices>& sublattices_;
  const std::vector<LinearBound>& bounds_;
  std::uint64_t steps_left_;
  const std::function<bool(const CompositionCounts&)>& visit_;
  std::vector<std::int64_t> partial_;            ///< [bound]
  std::vector<std::vector<std::size_t>> order_;  ///< [sublattice] species, the rest last
  std::vector<std::vector<Interval>> later_;     ///< [sublattice][bound] sums of it and all behind it
  CompositionCounts counts_;
  GeneratorEnd end_ = GeneratorEnd::kAll;
};

}  // namespace

BigInteger SublatticeChoices::row_count() const {
  const auto size = static_cast<std::size_t>(sites) + 1;
  std::vector<BigInteger> ways(size, 0);
  ways[0] = 1;
  bool rest = false;
  for (const CountChoices& choices : of_species) {
    rest = rest || choices.rest;
    if (choices.rest) continue;
    std::vector<BigInteger> next(size, 0);
    for (std::size_t sum = 0; sum < size; ++sum) {
      if (ways[sum] == 0) continue;
      for (const int n : choices.counts) {
        const std::size_t with = sum + static_cast<std::size_t>(n);
        if (with < size) next[with] += ways[sum];
      }
    }
    ways = std::move(next);
  }
  if (!rest) return ways.back();
  BigInteger all = 0;
  for (const BigInteger& one : ways) all += one;
  return all;
}

int SublatticeChoices::nearest_sum() const {
  std::size_t most = 0;
  for (const CountChoices& choices : of_species) {
    if (!choices.rest) most += static_cast<std::size_t>(choices.counts.back());
  }
  std::vector<bool> reached(most + 1, false);
  reached[0] = true;
  for (const CountChoices& choices : of_species) {
    if (choices.rest) continue;
    std::vector<bool> next(most + 1, false);
    for (std::size_t sum = 0; sum <= most; ++sum) {
      if (!reached[sum]) continue;
      for (const int n : choices.counts) next[sum + static_cast<std::size_t>(n)] = true;
    }
    reached = std::move(next);
  }
  std::optional<int> nearest;
  for (int sum = 0; sum <= static_cast<int>(most); ++sum) {
    if (reached[static_cast<std::size_t>(sum)] && (!nearest || std::abs(sum - sites) < std::abs(*nearest - sites)))
      nearest = sum;
  }
  return nearest.value_or(0);
}

GeneratorEnd generate_counts(const std::vector<SublatticeChoices>& sublattices, const std::vector<LinearBound>& bounds,
                             std::uint64_t most_steps, const std::function<bool(const CompositionCounts&)>& visit) {
  return Generator(sublattices, bounds, most_steps, visit).run();
}

}  // namespace hullscan
