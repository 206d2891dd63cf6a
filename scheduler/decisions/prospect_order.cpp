#include "scheduler/decisions/prospect_order.hpp"

#include <numeric>  // std::iota

namespace hullscan {

std::vector<std::size_t> all_prospects(std::span<const Prospect> prospects) {
  std::vector<std::size_t> order(prospects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

std::vector<std::size_t> drawn_prospects(std::span<const Prospect> prospects) {
  std::vector<std::size_t> order = all_prospects(prospects);
  std::erase_if(order, [&](std::size_t i) { return !prospects[i].drawn; });
  return order.empty() ? all_prospects(prospects) : order;
}

std::vector<std::size_t> first_of(std::vector<std::size_t> order, std::size_t count) {
  order.resize(std::min(order.size(), count));
  return order;
}

int compare_symmetry(const Prospect& a, const Prospect& b) {
  const auto a_scaled = a.stabiliser_order * static_cast<std::uint64_t>(b.atoms);
  const auto b_scaled = b.stabiliser_order * static_cast<std::uint64_t>(a.atoms);
  return a_scaled > b_scaled ? -1 : a_scaled < b_scaled ? 1 : 0;
}

bool more_symmetric(const Prospect& a, const Prospect& b) {
  if (const int order = compare_symmetry(a, b); order != 0) return order < 0;
  return std::tuple(a.atoms, identity_of(a)) < std::tuple(b.atoms, identity_of(b));
}

}  // namespace hullscan
