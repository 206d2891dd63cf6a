/// @file
/// What the regressions see of a configuration: how often every orbit of clusters occurs per primitive cell, and, if
/// asked for, its electrostatic energy. Shared by the linear models, the Gaussian process and the trees.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "surrogates/byte_stream.hpp"
#include "surrogates/features/atom_counter.hpp"
#include "surrogates/features/cluster_orbits.hpp"
#include "surrogates/features/ewald.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct FeatureSettings {
  ClusterCutoffs cutoffs;
  bool electrostatic = false;
  Charges charges;  ///< of every species, if electrostatic
};

/// Takes the keys pairs, triplets, quadruplets, electrostatic, oxidation.
FeatureSettings read_feature_settings(SettingsReader& reader, const ParentCrystal& parent);

class LatticeFeatures {
 public:
  /// Interactions fade with distance and with the number of sites: a prior standard deviation falls with
  /// (shortest / diameter)^(power / 2) and by half with every further site. See docs/decisions/0003-ridge-penalties.md.
  static constexpr double kDiameterPenaltyPower = 6;
  static constexpr double kSizePenaltyFactor = 4;
  /// Composition is nearly always determined by the labels, and an energy's slope with composition is large: point
  /// coefficients are held down this much less than the rest, enough to keep collinear ones finite.
  static constexpr double kPointPenaltyFactor = 1e-4;

  /// @throws InputError if the cutoffs give too many clusters or the parent's symmetry does not fit its sites.
  LatticeFeatures(std::shared_ptr<const ParentCrystal> parent, FeatureSettings settings);

  [[nodiscard]] const FeatureSettings& settings() const { return settings_; }
  [[nodiscard]] const ParentCrystal& parent() const { return orbits_.parent(); }
  [[nodiscard]] const ClusterOrbits& orbits() const { return orbits_; }
  [[nodiscard]] std::size_t count() const { return orbits_.orbits().size() + (settings_.electrostatic ? 1 : 0); }
  /// The first features are the composition.
  [[nodiscard]] std::size_t point_count() const { return orbits_.point_count(); }
  [[nodiscard]] FittedCoefficient description(std::size_t feature) const;  ///< without its energy
  [[nodiscard]] Eigen::VectorXd penalty_factors() const;                   ///< [count()]

  /// Sites of the largest cluster; an electrostatic energy is one of pairs.
  [[nodiscard]] int interaction_order() const;

  /// constant + coefficients . features, of the whole supercell.
  [[nodiscard]] LatticePolynomial polynomial(const Supercell& supercell, double constant,
                                             std::span<const double> coefficients) const;

  /// @throws InputError if the supercell is of another parent crystal.
  void require_own_parent(const Supercell& supercell, const std::string& who) const;

  void write(ByteWriter& out) const;  ///< settings and fingerprint
  /// @throws StorageError if they are damaged or of another parent.
  static LatticeFeatures read(ByteReader& in, std::shared_ptr<const ParentCrystal> parent, const std::string& what);

 private:
  FeatureSettings settings_;
  ClusterOrbits orbits_;
};

/// Features of the configurations of one supercell. Safe to use from several threads.
class FeatureCounter {
 public:
  FeatureCounter(const LatticeFeatures& features, const Supercell& supercell);
  /// Per primitive cell. @param occupation [varied sites]. @param row [features.count()].
  void count(std::span<const std::uint8_t> occupation, std::span<double> row) const;
  [[nodiscard]] double primitive_cells() const { return cells_; }
  [[nodiscard]] const AtomCounter& atoms() const { return atoms_; }

 private:
  struct Cluster {
    std::uint32_t sites = 0;   ///< begin in sites_
    std::uint32_t orbits = 0;  ///< begin in orbit_of_
    std::uint8_t size = 0;
    double members = 0;  ///< clusters with these sites: periodic images meet in a small supercell
  };
  std::size_t features_;
  double cells_;
  AtomCounter atoms_;
  std::vector<Cluster> clusters_;
  std::vector<std::uint16_t> sites_, radix_;
  std::vector<int> orbit_of_;
  std::optional<SupercellElectrostatics> electrostatics_;
};

/// Labels as a regression wants them.
struct TrainingTable {
  std::vector<std::size_t> order;  ///< labels that count, in an order that does not depend on how they arrived
  Eigen::MatrixXd features;        ///< [order, features], per primitive cell
  Eigen::VectorXd targets;         ///< [order], eV per primitive cell
  Eigen::VectorXd weights;
  Eigen::VectorXd error_scale;   ///< primitive cells / atoms
  std::vector<std::string> ids;  ///< [order]
};

/// @throws InputError if there are no labels, an energy is not finite, a weight is negative, or a configuration belongs
///         to another parent crystal; naming the label.
TrainingTable training_table(const LatticeFeatures& features, std::span<const LabelledConfiguration> labels);

/// Prior variances' inverses by sites and diameter: see LatticeFeatures.
Eigen::VectorXd penalty_factors(std::span<const FittedCoefficient> described);

/// A column that counts a species on a sublattice.
struct PointColumn {
  std::string species, sublattice, description;
};
std::vector<PointColumn> point_columns(const LatticeFeatures& features);
/// As below, of any table whose first columns are these.
std::vector<std::string> label_warnings(const std::vector<PointColumn>& points, const TrainingTable& table,
                                        const Eigen::VectorXd& loo_residuals);

/// What of the labels a person should know: too few for the features, species never seen, compositions that vary
/// together, equal configurations with unequal energies, outliers by `loo_residuals` (eV per primitive cell).
std::vector<std::string> label_warnings(const LatticeFeatures& features, const TrainingTable& table,
                                        const Eigen::VectorXd& loo_residuals);

/// Those of nonzero weight, in the order of their ids. @throws InputError if there are none, an energy is not finite or
/// a weight is negative; naming the label.
std::vector<std::size_t> usable_labels(std::span<const LabelledConfiguration> labels);
/// Its id, else its number. @param index from 0
std::string name_of_label(const LabelledConfiguration& label, std::size_t index);
/// @throws InputError beginning with `who` if the supercell is of a crystal with other sites or other occupants.
void require_parent(const ParentCrystal& own, const Supercell& supercell, const std::string& who);

}  // namespace hullscan
