/// @file
/// Training sets of low or of high symmetry, as they are compared for disordered CsPbI3 (Krautsou, Humonen, Lazarev,
/// Eremin & Budennyy, Sci. Rep. 15 (2025), doi 10.1038/s41598-025-92669-3: PLS and PHS). No model has a say in them.
#pragma once

#include "scheduler/decisions/selection.hpp"

namespace hullscan {

/// The same share for every reduced composition of every space; of each the configurations that the fewest operations
/// leave alone (the largest degeneracies) come first, and a uniform draw decides between equals.
std::vector<std::size_t> select_low_symmetry(std::span<const Prospect> prospects, std::size_t count);
/// The same with those first that the most operations leave alone.
std::vector<std::size_t> select_high_symmetry(std::span<const Prospect> prospects, std::size_t count);

}  // namespace hullscan
