#include "workers/monte_carlo/moves.hpp"

#include <algorithm>
#include <map>

namespace hullscan {

std::int64_t CountLimit::value(const std::vector<std::vector<std::int64_t>>& counts) const {
  std::int64_t sum = 0;
  for (std::size_t l = 0; l < counts.size(); ++l) {
    for (std::size_t k = 0; k < counts[l].size(); ++k) sum += coefficients[l][k] * counts[l][k];
  }
  return sum;
}

std::int64_t CoupledMove::change(const CountLimit& limit) const {
  std::int64_t sum = 0;
  for (const Flip& flip : flips)
    sum += limit.coefficients[flip.sublattice][flip.to] - limit.coefficients[flip.sublattice][flip.from];
  return sum;
}

namespace {

/// Whether a part of the flips keeps the equalities, or changes no count at all.
bool has_smaller_part(const CoupledMove& move, const std::vector<CountLimit>& limits) {
  const std::size_t parts = std::size_t{1} << move.flips.size();
  for (std::size_t part = 1; part < parts; ++part) {
    CoupledMove smaller;
    for (std::size_t i = 0; i < move.flips.size(); ++i) {
      if ((part >> i & 1U) != 0) smaller.flips.push_back(move.flips[i]);
    }
    std::map<std::pair<std::size_t, std::uint8_t>, int> counts;
    for (const CoupledMove::Flip& flip : smaller.flips) {
      --counts[{flip.sublattice, flip.from}];
      ++counts[{flip.sublattice, flip.to}];
    }
    // a -> b and b -> c are a -> c on one site fewer.
    bool chained = false;
    for (const CoupledMove::Flip& one : smaller.flips) {
      for (const CoupledMove::Flip& other : smaller.flips)
        chained = chained || (one.sublattice == other.sublattice && one.to == other.from);
    }
    if (chained) return true;
    if (part + 1 == parts) break;
    const bool keeps = std::all_of(limits.begin(), limits.end(), [&](const CountLimit& limit) {
      return !limit.is_equality() || smaller.change(limit) == 0;
    });
    if (keeps) return true;
  }
  return false;
}

}  // namespace

std::vector<CoupledMove> composition_moves(const ParentCrystal& parent, const std::vector<CountLimit>& limits,
                                           std::size_t most_flips) {
  std::vector<CoupledMove::Flip> flips;
  for (std::size_t l = 0; l < parent.sublattices.size(); ++l) {
    const std::size_t species = parent.sublattices[l].allowed.size();
    for (std::size_t from = 0; from < species; ++from) {
      for (std::size_t to = 0; to < species; ++to) {
        if (from != to) flips.push_back({l, static_cast<std::uint8_t>(from), static_cast<std::uint8_t>(to)});
      }
    }
  }
  std::vector<CoupledMove> moves;
  std::vector<std::pair<CoupledMove, std::size_t>> growing{{{}, 0}};
  for (std::size_t size = 1; size <= most_flips; ++size) {
    std::vector<std::pair<CoupledMove, std::size_t>> larger;
    for (const auto& [move, begin] : growing) {
      for (std::size_t f = begin; f < flips.size(); ++f) {
        CoupledMove next = move;
        next.flips.push_back(flips[f]);
        if (has_smaller_part(next, limits)) continue;
        const bool keeps = std::all_of(limits.begin(), limits.end(), [&](const CountLimit& limit) {
          return !limit.is_equality() || next.change(limit) == 0;
        });
        if (keeps) {
          moves.push_back(std::move(next));
        } else {
          larger.emplace_back(std::move(next), f);
        }
      }
    }
    growing = std::move(larger);
  }
  return moves;
}

}  // namespace hullscan
