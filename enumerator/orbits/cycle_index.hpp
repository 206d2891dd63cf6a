/// @file
/// The cycle types of a group's elements on every sublattice, and how many colourings of given counts each of them
/// fixes: what exact counting and exact sampling share (Burnside's lemma).
#pragma once

#include <algorithm>
#include <compare>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/big_integer.hpp"
#include "enumerator/orbits/composition_counts.hpp"
#include "enumerator/orbits/group_action.hpp"

namespace hullscan {

/// Cycles (or orbits of a subgroup) on one sublattice.
struct CycleType {
  std::vector<std::pair<int, int>> cycles;  ///< (length, how many), lengths ascending
  friend auto operator<=>(const CycleType&, const CycleType&) = default;
};

/// Ways to give whole cycles to one of two species so that it covers 0, 1, … `up_to` sites: the coefficients of prod
/// (1 + x^length) over the cycles, by the recurrence that their logarithmic derivative makes.
/// @returns [up_to + 1]. Cost: O(up_to * min(sum of different lengths, 2^(number of them))) sums of big integers.
std::vector<BigInteger> two_species_colourings(const CycleType& type, int up_to);

/// C(n, k), exact, kept. Not shared between threads.
class Binomials {
 public:
  const BigInteger& operator()(int n, int k);

 private:
  std::vector<std::vector<BigInteger>> rows_;
};

/// Number of ways to colour whole cycles so that species s covers counts[s] sites: the coefficient of prod
/// x_s^counts[s] in prod over cycles of sum_s x_s^length.
///
/// Species by species: of the cycles that are left, choose how many of each length it takes; the states are the
/// numbers of cycles left of each length, so the cost does not grow with the number of colourings.
class CycleColourings {
 public:
  CycleColourings(CycleType type, std::vector<int> counts, Binomials& binomials);
  [[nodiscard]] const BigInteger& number() const { return number_; }

  /// For a uniform draw among them: how many cycles of each length every species takes, each choice with probability
  /// proportional to the colourings it leaves.
  /// @param below uniform integer in [0, bound). @pre number() > 0. @returns [species][length index]
  template <class Below>
  std::vector<std::vector<int>> draw(Below&& below);

 private:
  using Left = std::vector<int>;  ///< cycles left of each length
  /// Colourings by species order_[level..] of the cycles left.
  const BigInteger& ways(std::size_t level, const Left& left);
  [[nodiscard]] double choices_at_most(std::size_t level, const Left& left) const;
  /// Calls f(taken, number of ways to choose them) for every choice of the level's species.
  template <class F>
  void for_each_choice(std::size_t level, const Left& left, F&& f);

  CycleType type_;
  std::vector<int> counts_;
  std::vector<std::size_t> order_;  ///< species that occur, rarest first
  Binomials& binomials_;
  std::vector<std::map<Left, BigInteger>> known_;
  BigInteger number_;
};

/// Elements of the group that have the same cycle type on every sublattice.
struct CycleClass {
  std::vector<std::size_t> type_of_sublattice;  ///< index into CycleIndex::types(s)
  std::vector<std::uint32_t> elements;          ///< of the group, ascending
};

/// All classes of a group; the sum over classes of size * fixed colourings, divided by the order, counts orbits.
class CycleIndex {
 public:
  explicit CycleIndex(const GroupAction& action);
  [[nodiscard]] const std::vector<CycleClass>& classes() const { return classes_; }
  [[nodiscard]] const std::vector<CycleType>& types(std::size_t sublattice) const { return types_[sublattice]; }

 private:
  std::vector<std::vector<CycleType>> types_;  ///< [sublattice]
  std::vector<CycleClass> classes_;
};

template <class F>
void CycleColourings::for_each_choice(std::size_t level, const Left& left, F&& f) {
  const int wanted = counts_[order_[level]];
  std::vector<int> taken(left.size(), 0);
  std::vector<int> shorter(left.size(), 0);  // sites in cycles that are shorter
  for (std::size_t i = 1; i < left.size(); ++i) shorter[i] = shorter[i - 1] + left[i - 1] * type_.cycles[i - 1].first;
  const auto choose = [&](auto&& self, std::size_t i, int missing, const BigInteger& so_far) -> void {
    const int length = type_.cycles[i].first;
    if (i == 0) {  // the shortest cycles take what is left, if they can
      if (missing % length != 0 || missing / length > left[0]) return;
      taken[0] = missing / length;
      f(taken, BigInteger(so_far * binomials_(left[0], taken[0])));
      return;
    }
    const int least = std::max(0, (missing - shorter[i] + length - 1) / length);
    for (int n = least; n <= left[i] && n * length <= missing; ++n) {
      taken[i] = n;
      self(self, i - 1, missing - n * length, BigInteger(so_far * binomials_(left[i], n)));
    }
  };
  choose(choose, left.size() - 1, wanted, BigInteger(1));
}

template <class Below>
std::vector<std::vector<int>> CycleColourings::draw(Below&& below) {
  std::vector<std::vector<int>> taken_by(counts_.size(), std::vector<int>(type_.cycles.size(), 0));
  Left left;
  for (const auto& [length, number] : type_.cycles) left.push_back(number);
  for (std::size_t level = 0; level < order_.size(); ++level) {
    BigInteger ticket = below(ways(level, left));
    Left chosen;
    for_each_choice(level, left, [&](const std::vector<int>& taken, const BigInteger& choices) {
      if (!chosen.empty()) return;
      Left rest = left;
      for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= taken[i];
      const BigInteger weight = choices * ways(level + 1, rest);
      if (ticket < weight) {
        chosen = taken;
      } else {
        ticket -= weight;
      }
    });
    for (std::size_t i = 0; i < left.size(); ++i) left[i] -= chosen[i];
    taken_by[order_[level]] = chosen;
  }
  return taken_by;
}

}  // namespace hullscan
