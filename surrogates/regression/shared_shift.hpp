/// @file
/// Shifts of one potential's energies in several crystals, so that it fits the labels of all of them.
#pragma once

#include <functional>
#include <span>

#include "surrogates/regression/composition_shift.hpp"

namespace hullscan {

/// One crystal of several.
struct ShiftMember {
  const LatticeFeatures* points = nullptr;  ///< of the composition alone
  std::span<const LabelledConfiguration> labels;
  std::function<double(std::size_t)> energy_ev;  ///< of the supercell of a label; asked once for each that counts
  CompositionShift* shift = nullptr;             ///< what is fitted
};

/// A crystal of which something varies and that has labels takes a shift of its own (fit_composition_shift): that
/// mends what the potential says wrongly of it as a whole. The others take a number for each species, by least squares
/// over the labels of all.
/// @param members not all without labels. @returns of all labels, one member's after the other's.
/// @throws as fit_composition_shift.
FitReport fit_shifts(std::span<const ShiftMember> members);

/// Of several fits: sums, and root mean squares by labels. @param reports not empty.
FitReport merged_reports(std::span<FitReport> reports);

}  // namespace hullscan
