#include "workers/best/energy_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace hullscan::detail {
namespace {

constexpr std::size_t kBlockSites = 4;

using Sites = std::vector<std::uint16_t>;
/// [site * sites + site]
using Graph = std::vector<std::uint8_t>;

std::vector<std::size_t> sorted_image(const CompositionEnergy& energy, std::size_t element,
                                      std::span<const std::size_t> cluster) {
  std::vector<std::size_t> image;
  for (const std::size_t state : cluster) image.push_back(energy.image(element, state));
  std::sort(image.begin(), image.end());
  return image;
}

/// Pairs of sites of one orbit, and the largest of their couplings.
struct SitePairs {
  double strength = 0;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
};

std::vector<SitePairs> site_pairs_by_strength(const CompositionEnergy& energy) {
  const std::size_t n = energy.site_count();
  std::vector<SitePairs> orbits;
  std::vector<std::uint8_t> seen(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (seen[i * n + j] != 0) continue;
      SitePairs orbit;
      for (std::size_t a = 1; a < energy.option_count(i); ++a) {
        for (std::size_t b = 1; b < energy.option_count(j); ++b)
          orbit.strength = std::max(orbit.strength, std::abs(energy.pair_ev(energy.state(i, a), energy.state(j, b))));
      }
      for (std::size_t g = 0; g < energy.action.order(); ++g) {
        const auto image = energy.action.group().element(g);
        const std::size_t a = image[i], b = image[j];
        if (seen[a * n + b] == 0) orbit.pairs.emplace_back(a, b);
        seen[a * n + b] = seen[b * n + a] = 1;
      }
      orbits.push_back(std::move(orbit));
    }
  }
  std::stable_sort(orbits.begin(), orbits.end(),
                   [](const SitePairs& a, const SitePairs& b) { return a.strength > 1.000001 * b.strength; });
  return orbits;
}

/// Blocks of a graph, orbit by orbit.
class BlockFinder {
 public:
  BlockFinder(const CompositionEnergy& energy, const Graph& graph, const BlockLimits& limits)
      : energy_(energy),
        graph_(graph),
        left_(limits.classes),
        most_memberships_(limits.blocks_a_site * energy.site_count()) {}

  /// @returns nothing if there are too many.
  std::optional<std::vector<BlockOrbit>> find() {
    const std::size_t n = energy_.site_count();
    std::vector<std::uint8_t> reached(n, 0);
    for (std::size_t site = 0; site < n; ++site) {
      if (reached[site] != 0) continue;
      for (std::size_t g = 0; g < energy_.action.order(); ++g) reached[energy_.action.group().element(g)[site]] = 1;
      Sites neighbours;
      for (std::size_t other = 0; other < n; ++other) {
        if (graph_[site * n + other] != 0) neighbours.push_back(static_cast<std::uint16_t>(other));
      }
      if (!grow({static_cast<std::uint16_t>(site)}, neighbours)) return std::nullopt;
    }
    return std::move(orbits_);
  }

 private:
  bool grow(const Sites& block, const Sites& common) {
    if (block.size() == kBlockSites || common.empty()) return block.size() < 2 || add(block);
    for (const std::uint16_t next : common) {
      Sites larger = block, fewer;
      larger.push_back(next);
      for (const std::uint16_t other : common) {
        if (graph_[next * energy_.site_count() + other] != 0) fewer.push_back(other);
      }
      // Members come in ascending order after the first, but whether a set is a largest one all neighbours decide.
      if (larger.size() > 2 && larger[larger.size() - 2] > next) continue;
      if (!grow(larger, fewer)) return false;
    }
    return true;
  }

  bool add(const Sites& block) {
    Sites key = block;
    std::sort(key.begin(), key.end());
    if (seen_.count(key) != 0) return true;
    BlockOrbit orbit;
    std::vector<std::size_t> stabiliser;
    for (std::size_t g = 0; g < energy_.action.order(); ++g) {
      Sites image;
      for (const std::uint16_t site : key) image.push_back(energy_.action.group().element(g)[site]);
      Sites sorted = image;
      std::sort(sorted.begin(), sorted.end());
      if (sorted == key) stabiliser.push_back(g);
      if (seen_.insert(std::move(sorted)).second) orbit.blocks.push_back(std::move(image));
    }
    if (seen_.size() * kBlockSites > most_memberships_) return false;
    std::map<std::vector<std::size_t>, BlockOrbit::ClusterClass> classes;
    for_clusters(key, [&](const std::vector<std::size_t>& cluster) {
      std::vector<std::size_t> first = cluster;
      for (const std::size_t g : stabiliser) first = std::min(first, sorted_image(energy_, g, cluster));
      classes[first].clusters.push_back(cluster);
    });
    if (classes.size() > left_) return false;
    left_ -= classes.size();
    for (auto& [first, one] : classes) orbit.classes.push_back(std::move(one));
    orbits_.push_back(std::move(orbit));
    return true;
  }

  template <class Visit>
  void for_clusters(const Sites& sites, const Visit& visit) const {
    std::vector<std::size_t> states;
    for (const std::uint16_t site : sites) {
      for (std::size_t option = 1; option < energy_.option_count(site); ++option)
        states.push_back(energy_.state(site, option));
    }
    const auto apart = [&](std::size_t i, std::size_t j) {
      return energy_.site_of[states[i]] != energy_.site_of[states[j]];
    };
    for (std::size_t i = 0; i < states.size(); ++i) {
      visit({states[i]});
      for (std::size_t j = i + 1; j < states.size(); ++j) {
        if (!apart(i, j)) continue;
        visit({states[i], states[j]});
        for (std::size_t k = j + 1; k < states.size(); ++k) {
          if (apart(j, k)) visit({states[i], states[j], states[k]});
        }
      }
    }
  }

  const CompositionEnergy& energy_;
  const Graph& graph_;
  std::size_t left_, most_memberships_;
  std::set<Sites> seen_;
  std::vector<BlockOrbit> orbits_;
};

}  // namespace

StatePairOrbits::StatePairOrbits(const CompositionEnergy& energy) {
  constexpr std::uint32_t kNone = ~0U;
  const std::size_t n = energy.state_count();
  of.assign(n * n, kNone);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      if (of[a * n + b] != kNone) continue;
      const auto orbit = static_cast<std::uint32_t>(members.size());
      members.emplace_back(a, b);
      size.push_back(0);
      for (std::size_t g = 0; g < energy.action.order(); ++g) {
        const std::size_t i = energy.image(g, a), j = energy.image(g, b);
        for (const std::size_t place : {i * n + j, j * n + i}) {
          if (of[place] == kNone) ++size.back();
          of[place] = orbit;
        }
      }
    }
  }
}

std::vector<std::size_t> first_image(const CompositionEnergy& energy, std::span<const std::size_t> cluster) {
  std::vector<std::size_t> first = sorted_image(energy, 0, cluster);
  for (std::size_t g = 1; g < energy.action.order(); ++g) first = std::min(first, sorted_image(energy, g, cluster));
  return first;
}

std::size_t image_count(const CompositionEnergy& energy, std::span<const std::size_t> cluster) {
  const std::vector<std::size_t> own = sorted_image(energy, 0, cluster);
  std::size_t stabiliser = 0;
  for (std::size_t g = 0; g < energy.action.order(); ++g) stabiliser += sorted_image(energy, g, own) == own ? 1 : 0;
  return energy.action.order() / stabiliser;
}

std::vector<BlockOrbit> choose_blocks(const CompositionEnergy& energy, const BlockLimits& limits) {
  const std::size_t n = energy.site_count();
  Graph graph(n * n, 0);
  const auto connect = [&](std::size_t a, std::size_t b) { graph[a * n + b] = graph[b * n + a] = 1; };
  for (const CompositionEnergy::Triplet& triplet : energy.triplets) {
    const auto [a, b, c] = triplet.states;
    connect(energy.site_of[a], energy.site_of[b]);
    connect(energy.site_of[a], energy.site_of[c]);
    connect(energy.site_of[b], energy.site_of[c]);
  }
  std::vector<BlockOrbit> blocks;
  if (!energy.triplets.empty()) {
    auto found = BlockFinder(energy, graph, limits).find();
    if (!found) return {};
    blocks = std::move(*found);
  }
  const std::vector<SitePairs> by_strength = site_pairs_by_strength(energy);
  for (const SitePairs& orbit : by_strength) {
    if (orbit.strength < 1e-9 * by_strength.front().strength) break;
    for (const auto& [a, b] : orbit.pairs) connect(a, b);
    auto found = BlockFinder(energy, graph, limits).find();
    if (!found) break;
    blocks = std::move(*found);
  }
  return blocks;
}

}  // namespace hullscan::detail
