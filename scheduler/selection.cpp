#include "scheduler/selection.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>  // std::iota
#include <set>
#include <tuple>

#include "core/errors.hpp"

namespace hullscan {
namespace {

using Indices = std::vector<std::size_t>;

Indices all_of(std::span<const Prospect> prospects) {
  Indices order(prospects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

/// Ends every comparison, so that no two prospects tie.
auto identity(const Prospect& p) { return std::tie(p.candidate.stratum, p.candidate.occupation); }

/// By symmetry per atom (a larger supercell of the same crystal has more operations, but not more symmetry), then
/// size.
bool more_symmetric(const Prospect& a, const Prospect& b) {
  const auto a_scaled = a.stabiliser_order * static_cast<std::uint64_t>(b.atoms);
  const auto b_scaled = b.stabiliser_order * static_cast<std::uint64_t>(a.atoms);
  return std::tuple(b_scaled, a.atoms, identity(a)) < std::tuple(a_scaled, b.atoms, identity(b));
}

Indices first(Indices order, std::size_t count) {
  order.resize(std::min(order.size(), count));
  return order;
}

}  // namespace

std::vector<std::size_t> select_end_members(std::span<const Prospect> prospects) {
  Indices order = all_of(prospects);
  std::erase_if(order, [&](std::size_t i) { return !prospects[i].end_member; });
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(prospects[a].atoms, identity(prospects[a])) <
           std::tuple(prospects[b].atoms, identity(prospects[b]));
  });
  std::set<std::pair<std::uint32_t, Composition>> seen;
  std::erase_if(order, [&](std::size_t i) {
    return !seen.emplace(prospects[i].candidate.stratum.space, prospects[i].composition.reduced()).second;
  });
  return order;
}

std::vector<std::size_t> select_stratified(std::span<const Prospect> prospects, std::size_t count) {
  std::map<std::pair<std::uint32_t, Composition>, Indices> groups;
  for (std::size_t i = 0; i < prospects.size(); ++i) {
    groups[{prospects[i].candidate.stratum.space, prospects[i].composition.reduced()}].push_back(i);
  }
  // Round-robin: the n-th of every group comes before the (n+1)-th of any; among equals the smaller cell.
  std::vector<std::tuple<std::size_t, std::int64_t, std::uint64_t, std::size_t>> ranked;
  for (auto& [key, members] : groups) {
    std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return std::tuple(prospects[a].atoms, prospects[a].draw, identity(prospects[a])) <
             std::tuple(prospects[b].atoms, prospects[b].draw, identity(prospects[b]));
    });
    const auto most_symmetric = std::min_element(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return more_symmetric(prospects[a], prospects[b]);
    });
    std::rotate(members.begin(), most_symmetric, most_symmetric + 1);
    for (std::size_t n = 0; n < members.size(); ++n) {
      ranked.emplace_back(n, prospects[members[n]].atoms, prospects[members[n]].draw, members[n]);
    }
  }
  std::sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    return std::tuple(std::get<0>(a), std::get<1>(a), std::get<2>(a), identity(prospects[std::get<3>(a)])) <
           std::tuple(std::get<0>(b), std::get<1>(b), std::get<2>(b), identity(prospects[std::get<3>(b)]));
  });
  Indices order;
  for (const auto& entry : ranked) order.push_back(std::get<3>(entry));
  return first(order, count);
}

std::vector<std::size_t> select_uniform(std::span<const Prospect> prospects, std::size_t count) {
  Indices order = all_of(prospects);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(prospects[a].draw, identity(prospects[a])) <
           std::tuple(prospects[b].draw, identity(prospects[b]));
  });
  return first(order, count);
}

std::vector<std::size_t> select_hull_distance(std::span<const Prospect> prospects, std::size_t count) {
  Indices order = all_of(prospects);
  // To 0.1 meV/atom: a model of few labels ties many configurations, and then symmetry decides, not rounding.
  const auto distance = [&](std::size_t i) {
    return std::round(1e4 * prospects[i].predicted_e_above_hull_ev_per_atom.value_or(1e6));
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (distance(a) != distance(b)) return distance(a) < distance(b);
    return more_symmetric(prospects[a], prospects[b]);
  });
  const std::size_t share = std::max<std::size_t>(1, count / 2);
  std::map<std::pair<std::uint32_t, Composition>, std::size_t> taken;
  Indices chosen, passed_over;
  for (const std::size_t i : order) {
    if (chosen.size() == count) break;
    auto& of_composition = taken[{prospects[i].candidate.stratum.space, prospects[i].composition.reduced()}];
    if (of_composition < share) {
      ++of_composition;
      chosen.push_back(i);
    } else {
      passed_over.push_back(i);
    }
  }
  for (const std::size_t i : passed_over) {
    if (chosen.size() < count) chosen.push_back(i);
  }
  return chosen;
}

std::vector<std::size_t> select_all(std::span<const Prospect> prospects, std::size_t /*count*/) {
  Indices order = all_of(prospects);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return identity(prospects[a]) < identity(prospects[b]); });
  return order;
}

SelectionPolicy find_policy(const std::string& name) {
  if (name == "hull-distance") return select_hull_distance;
  if (name == "stratified") return select_stratified;
  if (name == "uniform") return select_uniform;
  if (name == "all") return select_all;
  throw InputError("select.policy: \"" + name +
                   "\" needs a surrogate that knows its own error, and none of this version does; " +
                   "use \"hull-distance\", \"stratified\", \"uniform\" or \"all\"");
}

}  // namespace hullscan
