/// @file
/// Colourings that minimum distances forbid, as pairs of coloured sites.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/supercell.hpp"
#include "enumerator/orbits/permutation_group.hpp"

namespace hullscan {

/// Sites are varied sites; species index into `allowed` of the site's sublattice.
struct ForbiddenPairs {
  struct Site {
    std::uint16_t site = 0;
    std::uint8_t species = 0;
    friend auto operator<=>(const Site&, const Site&) = default;
  };
  struct Pair {
    Site a, b;  ///< a.site < b.site
    friend auto operator<=>(const Pair&, const Pair&) = default;
  };
  std::vector<Site> sites;  ///< a species too close to a fixed site or to its own image; sorted, unique
  std::vector<Pair> pairs;  ///< sorted, unique

  [[nodiscard]] bool empty() const { return sites.empty() && pairs.empty(); }
  [[nodiscard]] bool allows(std::span<const std::uint8_t> occupation) const;
};

/// What `rules` forbid in a supercell: pairs closer than the rule's distance by more than the parent's symprec, and
/// all their images under the group, so that the answer is exactly as symmetric as the group.
ForbiddenPairs forbidden_pairs(const Supercell& supercell, const PermutationGroup& group,
                               std::span<const MinimumDistance> rules);

}  // namespace hullscan
