#include "scheduler/decisions/selection_by_symmetry.hpp"

#include "scheduler/decisions/prospect_order.hpp"

namespace hullscan {
namespace {

/// @param sign 1: the most symmetric first, -1: the least symmetric.
std::vector<std::size_t> select_by_symmetry(std::span<const Prospect> prospects, std::size_t count, int sign) {
  return one_of_every_composition(prospects, drawn_prospects(prospects), count, [&](std::vector<std::size_t>& members) {
    std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      const Prospect &p = prospects[a], &q = prospects[b];
      if (const int order = sign * compare_symmetry(p, q); order != 0) return order < 0;
      return std::tuple(p.draw, identity_of(p)) < std::tuple(q.draw, identity_of(q));
    });
  });
}

}  // namespace

std::vector<std::size_t> select_low_symmetry(std::span<const Prospect> prospects, std::size_t count) {
  return select_by_symmetry(prospects, count, -1);
}

std::vector<std::size_t> select_high_symmetry(std::span<const Prospect> prospects, std::size_t count) {
  return select_by_symmetry(prospects, count, 1);
}

}  // namespace hullscan
