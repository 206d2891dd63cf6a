/// @file
/// The canonical form of a given colouring, by looking at every element of the group. Independent of the orderly
/// search, which must agree with it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "enumerator/orbits/group_action.hpp"
#include "enumerator/orbits/search_order.hpp"

namespace hullscan {

struct CanonicalForm {
  std::vector<std::uint8_t> occupation;  ///< [site_count]
  std::uint64_t degeneracy = 1;          ///< order of the group / order of the stabiliser
};

/// Canonical form of a colouring as search_order.hpp defines it.
/// @param occupation [site_count]; index into the `allowed` of the site's sublattice.
/// @param order of the colouring's own composition.
/// Cost: O(order of the group * number of placed sites).
CanonicalForm canonical_form(const GroupAction& action, const SearchOrder& order,
                             std::span<const std::uint8_t> occupation);
/// The same for a colouring whose composition is counted here.
CanonicalForm canonical_form(const GroupAction& action, std::span<const std::uint8_t> occupation);

/// The elements of the group that map a colouring onto itself, ascending; never empty.
std::vector<std::uint32_t> stabiliser_of(const GroupAction& action, std::span<const std::uint8_t> occupation);

/// Counts of a colouring; rows are as long as the highest species index of the sublattice asks for.
CompositionCounts counts_of(const GroupAction& action, std::span<const std::uint8_t> occupation);

/// @throws Error if the counts do not sum to the sites of the sublattices that the group acts on.
void require_counts_fit(const GroupAction& action, const CompositionCounts& counts);

/// The concatenated tuples of local site numbers: the place of a canonical form in the search order.
std::vector<std::uint32_t> search_tuple(const GroupAction& action, const SearchOrder& order,
                                        std::span<const std::uint8_t> occupation);

}  // namespace hullscan
