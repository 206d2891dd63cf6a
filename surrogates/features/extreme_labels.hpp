/// @file
/// Labels that hold their composition alone at the edge of all: without them nothing but extrapolation predicts them.
#pragma once

#include <span>
#include <vector>

#include "surrogates/surrogate.hpp"

namespace hullscan {

/// Labels of which some species takes a larger or smaller share of its sublattice than in any other: the pure ends of
/// an alloy, each label once. They stay in every fold of a validation, and no leave-one-out error is taken of them.
/// @returns [labels]; none where fewer than three others would be left, since then there is no other error to go by.
std::vector<bool> extreme_labels(std::span<const LabelledConfiguration> labels);

}  // namespace hullscan
