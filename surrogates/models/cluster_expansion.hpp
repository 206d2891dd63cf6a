/// @file
/// Cluster expansion: the energy of a primitive cell is a constant plus, for every orbit of decorated clusters, a
/// coefficient times the number of its members per primitive cell; coefficients by ridge regression.
///
/// The regression works with energies per primitive cell, which are linear in the occupation even where vacancies are
/// among the occupants; labels and predictions are per atom and are converted with the atoms of their configuration.
#pragma once

#include <Eigen/Core>

#include "surrogates/features/lattice_features.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct ClusterExpansionSettings {
  ClusterCutoffs cutoffs;
  std::optional<double> ridge;  ///< fixed penalty; otherwise leave-one-out chooses
  bool electrostatic = false;   ///< the Ewald energy as one more feature
  Charges charges = {};         ///< of every species, if electrostatic
  bool relevance = false;       ///< automatic relevance determination instead of one penalty (relevance.hpp)
  bool hull_weights = false;    ///< labels near the hull count more: hull_weight()
  bool robust = false;          ///< labels that the others contradict count less: robust_weights()
  std::vector<std::string> leave_out = {};  ///< clusters, as FittedCoefficient calls them: their coefficients are zero
};

/// 1 + 4 exp(-d / 20 meV): what a label d above the hull of the labels counts in a fit with weights = "hull". The form
/// is that of CASM (wHullDist: A exp(-d/kT) + B; Puchala et al., Comput. Mater. Sci. 217, 111897 (2023)).
double hull_weight(double e_above_hull_ev_per_atom);

class ClusterExpansion final : public Surrogate {
 public:
  /// @throws InputError if a cluster to be left out does not exist, the cutoffs give too many clusters or the parent's
  /// symmetry does not fit its sites.
  ClusterExpansion(std::shared_ptr<const ParentCrystal> parent, const ClusterExpansionSettings& settings);
  ClusterExpansion(LatticeFeatures features, std::optional<double> ridge)
      : ridge_(ridge), features_(std::move(features)) {}
  /// The Ewald energy alone, divided by the relative permittivity: usable without any label. Labels, four or more, give
  /// it a slope with composition and another permittivity.
  static std::unique_ptr<ClusterExpansion> electrostatic(std::shared_ptr<const ParentCrystal> parent,
                                                         const Charges& charges, double permittivity);

  [[nodiscard]] std::string kind() const override {
    return assumed_permittivity_ ? "electrostatic" : "cluster-expansion";
  }
  [[nodiscard]] const ParentCrystal& parent() const override { return features_.parent(); }
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] bool fitted() const override { return fitted_; }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  /// They come from the ridge posterior with the leave-one-out error as noise, and are never more than the scatter of
  /// the labels about their composition. Nothing before the first fit in this process: it is not stored with the model.
  [[nodiscard]] std::vector<Uncertainty> uncertainties(const Supercell& supercell,
                                                       std::span<const std::uint8_t> occupations) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;
  [[nodiscard]] std::optional<int> interaction_order() const override { return features_.interaction_order(); }

  [[nodiscard]] const LatticeFeatures& features() const { return features_; }
  [[nodiscard]] const ClusterOrbits& orbits() const { return features_.orbits(); }
  /// [features().count()], eV per member; the electrostatic one is a factor. Empty before the first fit.
  [[nodiscard]] const std::vector<double>& coefficients() const { return coefficients_; }
  [[nodiscard]] double constant_ev_per_primitive_cell() const { return constant_; }

 private:
  friend std::unique_ptr<Surrogate> deserialise_cluster_expansion(std::span<const std::byte>,
                                                                  std::shared_ptr<const ParentCrystal>);
  friend std::unique_ptr<Surrogate> deserialise_electrostatic(std::span<const std::byte>,
                                                              std::shared_ptr<const ParentCrystal>);
  /// What the posterior needs; of the last fit.
  struct Posterior {
    Eigen::VectorXd mean;    ///< of the features
    Eigen::MatrixXd factor;  ///< [features, directions]
    double labels = 0;
    double noise_ev = 0;  ///< per primitive cell
    double most_ev = 0;   ///< per primitive cell
  };
  void assume_permittivity(double permittivity);  ///< becomes the electrostatic model, as before any label

  std::optional<double> ridge_;
  bool relevance_ = false, hull_weights_ = false, robust_ = false;  ///< of the next fit; not stored with the model
  std::vector<std::size_t> left_out_;                               ///< features; of the next fit
  std::optional<double> assumed_permittivity_;                      ///< of the electrostatic model
  LatticeFeatures features_;
  bool fitted_ = false;
  double constant_ = 0;
  std::vector<double> coefficients_;
  std::optional<Posterior> posterior_;
};

std::unique_ptr<Surrogate> make_cluster_expansion(const SurrogateSpec& spec,
                                                  std::shared_ptr<const ParentCrystal> parent, Problems& problems);
std::unique_ptr<Surrogate> deserialise_cluster_expansion(std::span<const std::byte> bytes,
                                                         std::shared_ptr<const ParentCrystal> parent);

std::unique_ptr<Surrogate> make_electrostatic(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                              Problems& problems);
std::unique_ptr<Surrogate> deserialise_electrostatic(std::span<const std::byte> bytes,
                                                     std::shared_ptr<const ParentCrystal> parent);

}  // namespace hullscan
