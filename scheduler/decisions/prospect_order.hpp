/// @file
/// What the selection policies share: the order of prospects that no draw and no rank decides, and the share of every
/// composition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "scheduler/decisions/selection.hpp"

namespace hullscan {

std::vector<std::size_t> all_prospects(std::span<const Prospect> prospects);
/// Those of the uniform draws; all where there is none.
std::vector<std::size_t> drawn_prospects(std::span<const Prospect> prospects);
/// At most `count`, from the beginning.
std::vector<std::size_t> first_of(std::vector<std::size_t> order, std::size_t count);

/// Ends every comparison, so that no two prospects tie.
inline auto identity_of(const Prospect& p) { return std::tie(p.candidate.stratum, p.candidate.occupation); }

/// Negative where `a` has more symmetry per atom (a larger supercell of the same crystal has more operations, but not
/// more symmetry), positive where it has less, else 0.
int compare_symmetry(const Prospect& a, const Prospect& b);
/// By symmetry per atom, then size, then identity.
bool more_symmetric(const Prospect& a, const Prospect& b);

/// Of some prospects, the n-th of every reduced composition of every space before the (n+1)-th of any; among
/// equals the smaller cell, then by the draw.
/// @param sort_members puts the prospects of one composition into their order.
template <class SortMembers>
std::vector<std::size_t> one_of_every_composition(std::span<const Prospect> prospects,
                                                  const std::vector<std::size_t>& some, std::size_t count,
                                                  const SortMembers& sort_members) {
  std::map<std::pair<std::uint32_t, Composition>, std::vector<std::size_t>> groups;
  for (const std::size_t i : some)
    groups[{prospects[i].candidate.stratum.space, prospects[i].composition.reduced()}].push_back(i);
  std::vector<std::pair<std::size_t, std::size_t>> ranked;  // place in its group, index
  for (auto& [key, members] : groups) {
    sort_members(members);
    for (std::size_t n = 0; n < members.size(); ++n) ranked.emplace_back(n, members[n]);
  }
  std::sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    const Prospect &p = prospects[a.second], &q = prospects[b.second];
    return std::tuple(a.first, p.atoms, p.draw, identity_of(p)) < std::tuple(b.first, q.atoms, q.draw, identity_of(q));
  });
  std::vector<std::size_t> order;
  for (const auto& [place, index] : ranked) order.push_back(index);
  return first_of(std::move(order), count);
}

}  // namespace hullscan
