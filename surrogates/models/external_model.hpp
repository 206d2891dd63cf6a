/// @file
/// A model that is a program of the user's (docs/formats/scorer.md): it scores at once, or learns from labels.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "surrogates/external/scorer_pool.hpp"
#include "surrogates/regression/composition_shift.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct ExternalSettings {
  ScorerSettings scorer;
  std::size_t batch = 512;    ///< occupations it is sent at a time
  bool needs_labels = false;  ///< else it scores from the beginning
};

class ExternalModel final : public Surrogate {
 public:
  ExternalModel(std::shared_ptr<const ParentCrystal> parent, ExternalSettings settings);
  [[nodiscard]] std::string kind() const override { return "external"; }
  [[nodiscard]] const ParentCrystal& parent() const override { return points_->parent(); }
  /// A scorer that fits does so itself. To one that does not, a constant and a slope with composition are added.
  /// @throws ScorerError too.
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  /// The scorer says whether it can fit labels of several crystals, when it is asked to.
  [[nodiscard]] std::optional<std::string> join(std::span<Surrogate* const>) override { return std::nullopt; }
  /// One fit of the scorer's over all crystals. To one that does not fit, shifts are added (fit_shifts).
  FitReport fit_together(std::span<Surrogate* const> members,
                         std::span<const std::vector<LabelledConfiguration>> labels) override;
  [[nodiscard]] bool fitted() const override { return !settings_.needs_labels || !model_.fitted().empty(); }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  /// The scorer's own deviations where it gives them, else the scatter of its fit.
  [[nodiscard]] std::vector<Uncertainty> uncertainties(const Supercell& supercell,
                                                       std::span<const std::uint8_t> occupations) const override;
  /// With the scorer's own words for its model, for which it is asked once.
  [[nodiscard]] std::vector<std::byte> serialise() const override;

 private:
  friend std::unique_ptr<Surrogate> deserialise_external(std::span<const std::byte>,
                                                         std::shared_ptr<const ParentCrystal>);
  /// By a scorer that only scores.
  [[nodiscard]] double energy_ev(const Configuration& configuration) const;

  ExternalSettings settings_;
  std::shared_ptr<const LatticeFeatures> points_;
  std::shared_ptr<ScorerPool> pool_;
  ScorerModel model_;
  CompositionShift shift_;
  double error_ev_per_atom_ = 0;  ///< of a fit of the scorer's, as it says; 0: not known
  std::string expected_;          ///< the scorer's words for its model when this was stored; empty: not stored yet
};

std::unique_ptr<Surrogate> make_external(const SurrogateSpec&, std::shared_ptr<const ParentCrystal>, Problems&);
std::unique_ptr<Surrogate> deserialise_external(std::span<const std::byte>, std::shared_ptr<const ParentCrystal>);

}  // namespace hullscan
