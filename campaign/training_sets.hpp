/// @file
/// Training sets of low, high or any symmetry: what a model learns from that and must predict of the rest. After
/// Krautsou, Humonen, Lazarev, Eremin & Budennyy, Sci. Rep. 15 (2025), doi 10.1038/s41598-025-92669-3 (PLS and PHS).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "campaign/labelled_structures.hpp"
#include "campaign/validation.hpp"

namespace hullscan {

/// [label] operations of its supercell's group that leave the configuration alone.
std::vector<std::uint64_t> stabiliser_orders(std::span<const LabelledStructure> labels);

/// [label] degeneracies, configurations of its orbit in its supercell: operations of the group over stabiliser_orders.
/// 0 where the group is too large for a table of its operations.
std::vector<std::uint64_t> degeneracies_of(std::span<const LabelledStructure> labels);

enum class TrainedOn { kAny, kLowSymmetry, kHighSymmetry };

/// "random", "low-symmetry", "high-symmetry". @throws InputError for another name.
TrainedOn trained_on(const std::string& name);

struct TrainingSets {
  TrainedOn from = TrainedOn::kAny;
  std::optional<std::size_t> labels;  ///< to learn from; nothing: half of those that may be
  std::size_t repeats = 5;
  std::uint64_t seed = 0;
};

/// Labels that training sets of low (or high) symmetry are drawn from: this share of all, those with the fewest (or
/// most) operations per atom.
inline constexpr double kShareOfSymmetry = 0.4;

/// One fold for each repeat: what is not learnt from. Labels that nothing but extrapolation could predict
/// (always_learnt) are learnt from in every fold besides.
/// @throws InputError if there are not enough labels.
LabelLists folds_of_training_sets(const LabelledStructures& structures, const TrainingSets& wanted);

}  // namespace hullscan
