/// @file
/// Cluster expansion: the energy of a primitive cell is a constant plus, for every orbit of decorated clusters, a
/// coefficient times the number of its members per primitive cell; coefficients by ridge regression.
///
/// The regression works with energies per primitive cell, which are linear in the occupation even where vacancies are
/// among the occupants; labels and predictions are per atom and are converted with the atoms of their configuration.
#pragma once

#include <Eigen/Core>

#include "surrogates/cluster_orbits.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct ClusterExpansionSettings {
  ClusterCutoffs cutoffs;
  std::optional<double> ridge;  ///< fixed penalty; otherwise leave-one-out chooses
};

class ClusterExpansion final : public Surrogate {
 public:
  /// Composition is nearly always determined by the labels, and an energy's slope with composition is large: point
  /// coefficients are held down this much less than the rest, enough to keep collinear ones finite.
  static constexpr double kPointPenaltyFactor = 1e-4;
  /// Interactions fade with distance and with the number of sites, so the penalty of a cluster grows as
  /// (diameter / shortest)^6 * 4^(sites - 2). Where labels are few this halves the error (SrCuOx with triplets, 25
  /// labels: 22.0 -> 9.1 meV/atom; Cu-Ag-Au, 50: 12.0 -> 9.9), where they are many it changes nothing. The idea of such
  /// priors: Mueller & Ceder, Phys. Rev. B 80, 024103 (2009).
  static constexpr double kDiameterPenaltyPower = 6;
  static constexpr double kSizePenaltyFactor = 4;

  /// @throws InputError if the cutoffs give too many clusters or the parent's symmetry does not fit its sites.
  ClusterExpansion(std::shared_ptr<const ParentCrystal> parent, const ClusterExpansionSettings& settings);

  [[nodiscard]] std::string kind() const override { return "cluster-expansion"; }
  [[nodiscard]] const ParentCrystal& parent() const override { return orbits_.parent(); }
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] bool fitted() const override { return fitted_; }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;

  [[nodiscard]] const ClusterOrbits& orbits() const { return orbits_; }
  /// [orbits().orbits().size()], eV per member; empty before the first fit.
  [[nodiscard]] const std::vector<double>& coefficients() const { return coefficients_; }
  [[nodiscard]] double constant_ev_per_primitive_cell() const { return constant_; }

 private:
  friend std::unique_ptr<Surrogate> deserialise_cluster_expansion(std::span<const std::byte>,
                                                                  std::shared_ptr<const ParentCrystal>);
  void require_own_parent(const Supercell& supercell, const std::string& who) const;
  [[nodiscard]] Eigen::VectorXd penalty_factors() const;  ///< [orbits]

  ClusterExpansionSettings settings_;
  ClusterOrbits orbits_;
  bool fitted_ = false;
  double constant_ = 0;
  std::vector<double> coefficients_;
};

std::unique_ptr<Surrogate> make_cluster_expansion(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                                  Problems& problems);
std::unique_ptr<Surrogate> deserialise_cluster_expansion(std::span<const std::byte> bytes,
                                                         std::shared_ptr<const ParentCrystal> parent);

}  // namespace hullscan
