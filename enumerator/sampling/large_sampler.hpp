/// @file
/// Samples of a supercell that is too large for a table of its permutations.
#pragma once

#include <cstdint>
#include <functional>

#include "enumerator/sampling/composition_sampler.hpp"

namespace hullscan {

/// As sample_composition(), for a supercell of any size up to 65,535 varied sites, without marked objects and minimum
/// distances (SearchSpace::build refuses these there). Draws and canonical forms are those of orbit_sampler.hpp and
/// canonical_form.hpp, with every operation's images worked out when they are looked at.
/// Cost of a draw: O(operations) comparisons that mostly end at their first sites.
/// @throws InputError at sample.where for a stratified sample, and if there are more sites.
SampleOutcome sample_large_composition(const SearchSpace& space, std::size_t supercell, std::size_t composition,
                                       const SampleSpec& sample, std::uint64_t seed,
                                       const std::function<void(const SampledOrbit&)>& visit);

/// canonical_form() by the operations of a supercell. @param order of the colouring's own composition.
CanonicalForm canonical_form(const SupercellOperations& operations, const SearchOrder& order,
                             std::span<const std::uint8_t> occupation);

}  // namespace hullscan
