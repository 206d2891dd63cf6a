/// @file
/// Gaussian process on clusters or contacts (descriptors.hpp): a mean linear in composition, a linear kernel that is
/// the cluster expansion with its prior, and a squared-exponential kernel for what clusters miss. It knows its error.
#pragma once

#include <Eigen/Core>

#include "surrogates/features/descriptors.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

/// The kernel is  scale * (linear * z D z' + radial * exp(-|M (z - z')|^2 / (2 length^2)) + noise * delta); z are
/// features divided by their standard deviation, D the prior variances of the clusters, M^2 = D^kMetricPower of
/// trace 1.
struct KernelShape {
  double linear = 1;
  double radial = 0.1;
  double length = 1;
  double noise = 1e-3;
};

class GaussianProcess final : public Surrogate, public TakesOrbitColumns {
 public:
  /// Chosen on Ag-Au, SrCuOx and Cu-Ag-Au among 0, 1/6, 1/3 (docs/decisions/0004-gaussian-process.md).
  static constexpr double kMetricPower = 1.0 / 3.0;
  /// Shape by maximising the likelihood on at most this many labels (evenly drawn), then everything exactly on all.
  static constexpr std::size_t kLabelsForTheShape = 500, kLabelsForTheFirstShape = 200;

  GaussianProcess(std::shared_ptr<const ParentCrystal> parent, FeatureSettings settings);
  explicit GaussianProcess(Descriptors descriptors) : descriptors_(std::move(descriptors)) {}

  [[nodiscard]] std::string kind() const override { return "gaussian-process"; }
  [[nodiscard]] const ParentCrystal& parent() const override { return descriptors_.parent(); }
  /// The likelihood is the restricted one, of what composition does not explain: Rasmussen & Williams, Gaussian
  /// Processes for Machine Learning (2006), section 2.7; to it the likelihood of the leave-one-out residuals is added,
  /// because real labels have heavier tails than a Gaussian and the first alone smooths too much. Intervals are
  /// calibrated: the predictive deviation is multiplied by the factor for which 68.3 % of the leave-one-out residuals
  /// lie within one deviation (section 5.4.2 has them in closed form). Cost: labels^3.
  FitReport fit(std::span<const LabelledConfiguration> labels) override;
  [[nodiscard]] std::optional<std::string> join(std::span<Surrogate* const> members) override;
  FitReport fit_together(std::span<Surrogate* const> members,
                         std::span<const std::vector<LabelledConfiguration>> labels) override;
  [[nodiscard]] bool fitted() const override { return weights_.size() > 0; }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override;
  [[nodiscard]] std::vector<Uncertainty> uncertainties(const Supercell& supercell,
                                                       std::span<const std::uint8_t> occupations) const override;
  [[nodiscard]] std::vector<std::byte> serialise() const override;
  void take_columns(std::shared_ptr<const OrbitColumns> columns) override {
    descriptors_.take_columns(std::move(columns));
  }

  [[nodiscard]] const Descriptors& descriptors() const { return descriptors_; }
  [[nodiscard]] const KernelShape& shape() const { return shape_; }
  [[nodiscard]] double calibration() const { return calibration_; }

 private:
  friend std::unique_ptr<Surrogate> deserialise_gaussian_process(std::span<const std::byte>,
                                                                 std::shared_ptr<const ParentCrystal>);
  friend class ProcessScorer;
  [[nodiscard]] bool solve();  ///< everything below from training_, targets_, noise_, shape_; false if rounding forbids

  Descriptors descriptors_;
  KernelShape shape_;
  double scale_ = 1;  ///< eV^2 per primitive cell^2
  double calibration_ = 1;
  Eigen::VectorXd centre_;    ///< [features]
  Eigen::VectorXd unit_;      ///< [features]: 1 / standard deviation, 0 for a constant feature
  Eigen::MatrixXd training_;  ///< [labels, features], centred, in units of unit_
  Eigen::VectorXd targets_;   ///< [labels], eV per primitive cell
  Eigen::VectorXd noise_;     ///< [labels]: 1 / weight
  // Made by solve():
  Eigen::MatrixXd factor_;    ///< lower Cholesky factor of the kernel matrix over scale_
  Eigen::MatrixXd trend_;     ///< [labels, independent trends]: the composition's orthonormal basis over the labels
  Eigen::MatrixXd trend_of_;  ///< [1 + points, independent trends]: trends of a new row
  Eigen::VectorXd weights_;   ///< [labels]
  Eigen::VectorXd trend_weights_;
  Eigen::MatrixXd trend_covariance_;
};

std::unique_ptr<Surrogate> make_gaussian_process(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                                 Problems& problems);
std::unique_ptr<Surrogate> deserialise_gaussian_process(std::span<const std::byte> bytes,
                                                        std::shared_ptr<const ParentCrystal> parent);

}  // namespace hullscan
