#include "campaign/counting.hpp"

#include <fmt/format.h>

#include "core/errors.hpp"
#include "enumerator/sampling/composition_sampler.hpp"
#include "enumerator/space/space_group_finder.hpp"
#include "enumerator/space/space_group_histogram.hpp"

namespace hullscan {
namespace {

void add_count(OrbitCount& sum, const OrbitCount& count) {
  sum.total += count.total;
  sum.inequivalent += count.inequivalent;
}

/// Of the strata of one composition.
SpaceGroupCounts space_groups_of(std::span<const SpaceStratum> strata, SpaceGroupFinder& finder) {
  SpaceGroupCounts counts;
  for (const SpaceStratum& stratum : strata) {
    for (const auto& [number, share] :
         space_group_histogram(*stratum.space, stratum.supercell(), stratum.composition,
                               finder.of(*stratum.space, stratum.supercell(), stratum.marker), stratum.marker)) {
      add_count(counts[number], {share.labelled, share.orbits});
    }
  }
  return counts;
}

std::vector<MarkerCount> markers_of(std::span<const SpaceStratum> strata, StratumCounts& exact) {
  std::vector<MarkerCount> markers;
  for (const SpaceStratum& stratum : strata) {
    if (stratum.marker) markers.push_back({stratum, exact.of(stratum)});
  }
  return markers;
}

/// Counts compositions in the order of the list.
class Counter {
 public:
  explicit Counter(bool space_groups) : space_groups_(space_groups) {}

  /// @param strata of one composition.
  CompositionCount count(std::span<const SpaceStratum> strata) {
    CompositionCount result{strata.front(), {}, {}, {}};
    auto count = exact_.of_composition(strata.front());
    if (space_groups_) {
      result.space_groups = space_groups_of(strata, finder_);
      OrbitCount sum{0, 0};
      for (const auto& [number, share] : result.space_groups) add_count(sum, share);
      if (count && *count != sum) {
        throw Error(fmt::format("the space groups of {} do not sum to its count; this is a fault of hullscan",
                                strata.front().formula()));
      }
      count = sum;
    }
    result.count = count ? *count : count_what_is_left(strata.front());
    result.markers = markers_of(strata, exact_);
    return result;
  }

 private:
  /// Minimum distances have no formula.
  static OrbitCount count_what_is_left(const SpaceStratum& first) {
    const auto count = count_by_enumeration(*first.space, first.supercell(), first.composition);
    if (count) return *count;
    throw InputError(
        fmt::format("{}: {}: what min_distance leaves takes too long to count here; count "
                    "--space-groups and enumerate --discard count it without a limit of time",
                    first.space->name(), first.formula()));
  }

  bool space_groups_;
  StratumCounts exact_;
  SpaceGroupFinder finder_;
};

}  // namespace

CampaignCount count_campaign(std::span<const SearchSpace> spaces, bool space_groups,
                             const std::function<void(const BigInteger&)>& counted) {
  const Strata strata(spaces);
  Counter counter(space_groups);
  CampaignCount all;
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    SpaceCount& of_space = all.spaces.emplace_back();
    of_space.space = &spaces[s];
    for (std::size_t i = 0; i < spaces[s].supercells().size(); ++i) {
      SupercellCount& of_supercell = of_space.supercells.emplace_back();
      of_supercell.supercell = i;
      for (const auto& of_composition : strata.by_composition(s, i)) {
        const CompositionCount& one = of_supercell.compositions.emplace_back(counter.count(of_composition));
        add_count(of_supercell.count, one.count);
        add_count(all.count, one.count);
        for (const auto& [number, share] : one.space_groups) add_count(all.space_groups[number], share);
        if (counted) counted(all.count.inequivalent);
      }
    }
    of_space.looser = looser_symmetry(spaces[s]);
  }
  return all;
}

}  // namespace hullscan
