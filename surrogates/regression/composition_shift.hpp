/// @file
/// What has to be added to another reference's energies, linear in composition, so that they fit labels: a model that
/// gives total energies takes the references of formation energies this way.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "surrogates/features/lattice_features.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct CompositionShift {
  double constant_ev = 0;          ///< per primitive cell
  std::vector<double> slopes_ev;   ///< [points of the features], per primitive cell
  double scatter_ev_per_atom = 0;  ///< of the labels about the sum; 0: there was no fit
};

/// @param points features of the composition alone. @param energy_ev of the supercell of a label, by its index; asked
/// for those of nonzero weight.
/// @throws InputError as training_table does, and for an energy that is not finite, naming the label.
FitReport fit_composition_shift(const LatticeFeatures& points, std::span<const LabelledConfiguration> labels,
                                const std::function<double(std::size_t)>& energy_ev, CompositionShift& shift);

/// Energies of one supercell with the shift. Safe to use from several threads.
class ShiftedEnergies {
 public:
  ShiftedEnergies(std::shared_ptr<const LatticeFeatures> points, CompositionShift shift, const Supercell& supercell)
      : points_(std::move(points)), counter_(*points_, supercell), shift_(std::move(shift)) {}
  [[nodiscard]] const AtomCounter& atoms() const { return counter_.atoms(); }
  /// @param energy_ev of the supercell. @returns per atom; there must be atoms.
  [[nodiscard]] double per_atom(std::span<const std::uint8_t> occupation, double energy_ev) const;

 private:
  std::shared_ptr<const LatticeFeatures> points_;
  FeatureCounter counter_;
  CompositionShift shift_;
};

}  // namespace hullscan
