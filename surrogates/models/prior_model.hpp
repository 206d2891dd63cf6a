/// @file
/// A model fitted to what a potential, or another model that needs no labels, gets wrong: its prediction is c times the
/// prior's energy and a correction. A good prior leaves little to learn; a bad one is given a small c.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "surrogates/features/lattice_features.hpp"
#include "surrogates/features/orbit_columns.hpp"
#include "surrogates/regression/composition_shift.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

/// Energies by a prior, each computed once in its life. Threads may share it.
class PriorEnergies {
 public:
  explicit PriorEnergies(std::shared_ptr<const Surrogate> prior) : prior_(std::move(prior)) {}
  [[nodiscard]] const Surrogate& prior() const { return *prior_; }
  /// eV/atom. +infinity where the prior has none.
  /// @param occupations [n * varied sites]. @param energies [n].
  void energies(const Supercell& supercell, const ConfigurationScorer& scorer,
                std::span<const std::uint8_t> occupations, std::span<double> energies_ev_per_atom) const;

 private:
  std::shared_ptr<const Surrogate> prior_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, double> known_;  ///< by cell and occupation
};

class PriorModel final : public Surrogate, public TakesOrbitColumns {
 public:
  /// @param base is fitted to the differences. @param prior needs no labels.
  PriorModel(std::unique_ptr<Surrogate> base, std::shared_ptr<const Surrogate> prior);
  /// "gaussian-process with a prior".
  [[nodiscard]] std::string kind() const override;
  [[nodiscard]] const ParentCrystal& parent() const override { return base_->parent(); }
  /// The coefficient c of the prior is the one with the least n ln(leave-one-out mean square) + ((c - 1) / 0.5)^2: the
  /// prior is trusted until the labels say otherwise.
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] bool fitted() const override { return base_->fitted(); }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  [[nodiscard]] std::vector<Uncertainty> uncertainties(const Supercell& supercell,
                                                       std::span<const std::uint8_t> occupations) const override;
  [[nodiscard]] PriorOpinion prior_opinion(const Supercell& supercell,
                                           std::span<const std::uint8_t> occupations) const override;
  /// The share of the variance of the labels' formation energies that the prior explains by itself; below 0 where it is
  /// worse than their mean.
  [[nodiscard]] double explained() const { return explained_; }
  /// A prior that explains so much leads: its own order of the hull is followed beside that of the corrected model.
  static constexpr double kLeads = 0.8;
  [[nodiscard]] std::vector<std::byte> serialise() const override;
  /// @pre takes_orbit_columns() says that the base takes them.
  void take_columns(std::shared_ptr<const OrbitColumns> columns) override {
    dynamic_cast<TakesOrbitColumns&>(*base_).take_columns(std::move(columns));
  }
  [[nodiscard]] double coefficient() const { return coefficient_; }

 private:
  friend std::unique_ptr<Surrogate> deserialise_with_prior(std::span<const std::byte>,
                                                           std::shared_ptr<const ParentCrystal>);
  /// The prior's formation energies of the labels, eV/atom, by the labels' references.
  std::vector<double> shifted_energies(std::span<const LabelledConfiguration> labels);

  std::unique_ptr<Surrogate> base_;
  std::shared_ptr<const PriorEnergies> energies_;
  std::shared_ptr<const LatticeFeatures> points_;
  CompositionShift shift_;
  double coefficient_ = 1;
  double explained_ = 0;
};

inline constexpr std::string_view kWithPrior = " with a prior";  ///< after the base's kind

/// The prior that a model names, "kim:MODEL" as the table that it stands for; nothing where it names none, or something
/// that is no model.
std::optional<SurrogateSpec> prior_of(const SurrogateSpec& spec);
/// @param spec with a key `prior`: "kim:MODEL", or a table with the `kind` and the keys of a model that needs no
/// labels.
std::unique_ptr<Surrogate> make_with_prior(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                           Problems& problems);
std::unique_ptr<Surrogate> deserialise_with_prior(std::span<const std::byte>, std::shared_ptr<const ParentCrystal>);

}  // namespace hullscan
