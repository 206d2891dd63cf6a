/// @file
/// An interatomic potential as a model of its own: usable without labels, where it scores with its total energies
/// (which place candidates above their hull as well as formation energies do); labels give it another slope with
/// composition.
#pragma once

#include "surrogates/features/lattice_features.hpp"
#include "surrogates/potentials/kim_energies.hpp"
#include "surrogates/regression/composition_shift.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

class KimSurrogate final : public Surrogate {
 public:
  /// @throws InputError as KimEnergies does.
  KimSurrogate(std::shared_ptr<const ParentCrystal> parent, const KimSettings& settings);
  [[nodiscard]] std::string kind() const override { return "kim"; }
  [[nodiscard]] const ParentCrystal& parent() const override { return points_->parent(); }
  /// Adds to the potential's energies a constant and a slope with composition: all that the labels' other reference
  /// asks.
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  /// A potential is the same in every crystal.
  [[nodiscard]] std::optional<std::string> join(std::span<Surrogate* const>) override { return std::nullopt; }
  FitReport fit_together(std::span<Surrogate* const> members,
                         std::span<const std::vector<LabelledConfiguration>> labels) override;  ///< as fit_shifts
  [[nodiscard]] bool fitted() const override { return true; }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  /// What the labels scatter about the potential; nothing without labels.
  [[nodiscard]] std::vector<Uncertainty> uncertainties(const Supercell& supercell,
                                                       std::span<const std::uint8_t> occupations) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;

 private:
  friend std::unique_ptr<Surrogate> deserialise_kim_surrogate(std::span<const std::byte>,
                                                              std::shared_ptr<const ParentCrystal>);
  [[nodiscard]] double energy_ev(const Configuration& configuration) const;

  std::shared_ptr<const LatticeFeatures> points_;
  std::shared_ptr<const KimEnergies> energies_;
  CompositionShift shift_;
};

std::unique_ptr<Surrogate> make_kim_surrogate(const SurrogateSpec&, std::shared_ptr<const ParentCrystal>, Problems&);
std::unique_ptr<Surrogate> deserialise_kim_surrogate(std::span<const std::byte>, std::shared_ptr<const ParentCrystal>);

}  // namespace hullscan
