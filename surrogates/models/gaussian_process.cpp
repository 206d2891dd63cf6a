#include "surrogates/models/gaussian_process.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "core/hash.hpp"
#include "surrogates/features/described_labels.hpp"
#include "surrogates/regression/simplex_minimiser.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kGaussianProcessFormatVersion = 1;  ///< of one crystal's clusters
constexpr std::uint32_t kMoreGaussianProcessFormatVersion = 2;
constexpr double kNoRadialPart = 1e-9;  ///< a radial share below this counts as none

constexpr double kLooShare = 3;  ///< of the leave-one-out likelihood against the restricted one

/// Kernel matrices of one training set without their shares.
struct Kernels {
  Eigen::MatrixXd linear, squared_distance;
};

Kernels kernels_of(const Eigen::MatrixXd& z, const Eigen::VectorXd& prior, const Eigen::VectorXd& metric) {
  const Eigen::MatrixXd x = z * metric.asDiagonal();
  const Eigen::VectorXd square = x.rowwise().squaredNorm();
  Eigen::MatrixXd distance = (-2 * x * x.transpose()).colwise() + square;
  distance.rowwise() += square.transpose();
  return {z * prior.asDiagonal() * z.transpose(), distance.cwiseMax(0.0)};
}

Eigen::MatrixXd kernel_matrix(const Kernels& kernels, const KernelShape& shape, const Eigen::VectorXd& noise) {
  Eigen::MatrixXd k = shape.linear * kernels.linear;
  k.array() += shape.radial * (kernels.squared_distance.array() * (-0.5 / (shape.length * shape.length))).exp();
  k.diagonal() += shape.noise * noise;
  return k;
}

/// Minus the sum of two log likelihoods, each with the overall scale at its best value: the restricted one of all
/// labels, and, three times, a Gaussian one of the leave-one-out residuals. Infinite for an impossible shape.
double misfit(const Eigen::MatrixXd& k, const Eigen::MatrixXd& trend, const Eigen::VectorXd& y) {
  constexpr double kImpossible = std::numeric_limits<double>::infinity();
  const Eigen::LLT<Eigen::MatrixXd> llt(k);
  const double freedom = static_cast<double>(y.size() - trend.cols());
  if (llt.info() != Eigen::Success || freedom < 1) return kImpossible;
  const Eigen::MatrixXd half = llt.matrixL().solve(Eigen::MatrixXd::Identity(y.size(), y.size()));
  const Eigen::MatrixXd solved_trend = half.transpose() * (half * trend);
  const Eigen::LLT<Eigen::MatrixXd> inner(trend.transpose() * solved_trend);
  if (inner.info() != Eigen::Success) return kImpossible;
  const Eigen::MatrixXd removed = inner.solve(solved_trend.transpose());
  const Eigen::VectorXd weights = half.transpose() * (half * y) - solved_trend * (removed * y);
  const Eigen::ArrayXd diagonal = half.colwise().squaredNorm().transpose().array() -
                                  solved_trend.transpose().cwiseProduct(removed).colwise().sum().transpose().array();
  const double rest = y.dot(weights), loo = (weights.array() / diagonal).square().mean();
  if (!(rest > 0) || !(diagonal.minCoeff() > 0) || !(loo > 0)) return kImpossible;
  const auto log_determinant = [](const Eigen::LLT<Eigen::MatrixXd>& of) {
    return 2 * of.matrixLLT().diagonal().array().log().sum();
  };
  return 0.5 * (freedom * std::log(rest / freedom) + log_determinant(llt) + log_determinant(inner) +
                kLooShare * static_cast<double>(y.size()) * std::log(loo));
}

KernelShape shape_at(std::span<const double> logarithms) {
  return {1.0, std::exp(logarithms[0]), std::exp(logarithms[1]), std::exp(logarithms[2])};
}

/// [1 + points, independent] T such that [1, points] T is orthonormal over the labels.
Eigen::MatrixXd orthonormal_trends(const Eigen::MatrixXd& trends) {
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(trends);
  qr.setThreshold(1e-9);
  const Eigen::Index rank = qr.rank();
  const Eigen::MatrixXd r = qr.matrixR().topLeftCorner(rank, rank);
  const Eigen::MatrixXd inverse = r.triangularView<Eigen::Upper>().solve(Eigen::MatrixXd::Identity(rank, rank));
  Eigen::MatrixXd t = Eigen::MatrixXd::Zero(trends.cols(), rank);
  t.topRows(rank) = inverse;
  return qr.colsPermutation() * t;
}

Eigen::MatrixXd with_ones(const Eigen::MatrixXd& points) {
  Eigen::MatrixXd trends(points.rows(), points.cols() + 1);
  trends << Eigen::VectorXd::Ones(points.rows()), points;
  return trends;
}

/// The cluster expansion's prior; composition belongs to the trend.
Eigen::VectorXd prior_of(const Descriptors& descriptors) {
  Eigen::VectorXd prior = penalty_factors(descriptors.described()).cwiseInverse();
  prior.head(static_cast<Eigen::Index>(descriptors.columns().trend)).setZero();
  return prior;
}

/// What distances between configurations are measured in: near clusters count more, as in the linear part but less so.
Eigen::VectorXd metric_of(const Descriptors& descriptors) {
  Eigen::VectorXd metric = prior_of(descriptors);
  for (double& value : metric) value = value > 0 ? std::pow(value, GaussianProcess::kMetricPower) : 1.0;
  return (metric / metric.sum()).cwiseSqrt();
}

}  // namespace

class ProcessScorer final : public ConfigurationScorer {
 public:
  ProcessScorer(const GaussianProcess& model, const Supercell& supercell)
      : counter_(model.descriptors_, std::make_shared<Supercell>(supercell)),
        centre_(model.centre_),
        unit_(model.unit_),
        metric_(metric_of(model.descriptors_)),
        placed_(model.training_ * metric_.asDiagonal()),
        radial_weights_(model.shape_.radial * model.weights_),
        fall_(-0.5 / (model.shape_.length * model.shape_.length)) {
    const Eigen::VectorXd trend = model.trend_of_ * model.trend_weights_;
    constant_ = trend[0];
    linear_ =
        model.shape_.linear * prior_of(model.descriptors_).cwiseProduct(model.training_.transpose() * model.weights_);
    linear_.head(trend.size() - 1) += trend.tail(trend.size() - 1);
    squares_ = placed_.rowwise().squaredNorm();
    has_radial_ = model.shape_.radial > kNoRadialPart;
  }

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    const int atoms = counter_.atoms(occupation);
    if (atoms == 0) return std::numeric_limits<double>::infinity();
    Eigen::VectorXd z(centre_.size());
    counter_.count(occupation, {z.data(), static_cast<std::size_t>(z.size())});
    z = (z - centre_).cwiseProduct(unit_);
    double energy = constant_ + linear_.dot(z);
    if (has_radial_) {
      z = z.cwiseProduct(metric_);
      const Eigen::VectorXd distance = (squares_ - 2 * (placed_ * z)).array() + z.squaredNorm();
      energy += ((fall_ * distance.array().max(0.0)).exp() * radial_weights_.array()).sum();
    }
    return energy * counter_.primitive_cells() / atoms;
  }

 private:
  DescriptorCounter counter_;
  Eigen::VectorXd centre_, unit_, metric_, linear_, squares_;
  Eigen::MatrixXd placed_;  ///< training rows in the metric
  Eigen::VectorXd radial_weights_;
  double fall_;
  double constant_ = 0;
  bool has_radial_ = false;
};

GaussianProcess::GaussianProcess(std::shared_ptr<const ParentCrystal> parent, FeatureSettings settings)
    : descriptors_(Descriptors::of_clusters(parent, LatticeFeatures(parent, std::move(settings)))) {}

bool GaussianProcess::solve() {
  const Eigen::VectorXd prior = prior_of(descriptors_);
  const Eigen::MatrixXd k = kernel_matrix(kernels_of(training_, prior, metric_of(descriptors_)), shape_, noise_);
  factor_ = k;
  Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> llt(factor_);
  if (llt.info() != Eigen::Success) return false;
  const Eigen::MatrixXd trends = with_ones(training_.leftCols(static_cast<Eigen::Index>(descriptors_.columns().trend)));
  trend_of_ = orthonormal_trends(trends);
  trend_ = trends * trend_of_;
  const Eigen::MatrixXd solved_trend = llt.solve(trend_);
  trend_covariance_ = (trend_.transpose() * solved_trend).inverse();
  trend_weights_ = trend_covariance_ * (solved_trend.transpose() * targets_);
  weights_ = llt.solve(targets_ - trend_ * trend_weights_);
  return true;
}

FitReport GaussianProcess::fit(std::span<const LabelledConfiguration> labels) {
  Surrogate* const only[] = {this};
  const std::vector<LabelledConfiguration> all[] = {{labels.begin(), labels.end()}};
  return fit_together(only, all);
}

std::optional<std::string> GaussianProcess::join(std::span<Surrogate* const> members) {
  std::vector<const Descriptors*> of_members;
  for (Surrogate* member : members) of_members.push_back(&dynamic_cast<GaussianProcess&>(*member).descriptors_);
  auto joined = Descriptors::join(of_members);
  if (const auto* why = std::get_if<std::string>(&joined)) return *why;
  for (std::size_t m = 0; m < members.size(); ++m)
    dynamic_cast<GaussianProcess&>(*members[m]).descriptors_ = std::move(std::get<std::vector<Descriptors>>(joined)[m]);
  return std::nullopt;
}

FitReport GaussianProcess::fit_together(std::span<Surrogate* const> members,
                                        std::span<const std::vector<LabelledConfiguration>> labels) {
  std::vector<const Descriptors*> of_members;
  for (Surrogate* member : members) of_members.push_back(&dynamic_cast<GaussianProcess&>(*member).descriptors_);
  const DescribedLabels described = describe_labels(of_members, labels);
  const TrainingTable& table = described.table;
  const Eigen::Index rows = table.features.rows();
  FitReport report;
  report.labels = table.order.size();
  report.features = descriptors_.columns().names.size();

  centre_ = table.features.colwise().mean();
  unit_ = Eigen::VectorXd::Zero(table.features.cols());
  for (Eigen::Index j = 0; j < unit_.size(); ++j) {
    const double deviation = std::sqrt((table.features.col(j).array() - centre_[j]).square().mean());
    if (deviation > 1e-12 * table.features.col(j).cwiseAbs().maxCoeff()) unit_[j] = 1 / deviation;
  }
  training_ = (table.features.rowwise() - centre_.transpose()) * unit_.asDiagonal();
  targets_ = table.targets;
  noise_ = (table.weights / table.weights.mean()).cwiseInverse();

  // The shape, on subsets that depend on the labels' names only: roughly on a few, then better on more.
  std::vector<std::pair<std::uint64_t, Eigen::Index>> draw;
  for (Eigen::Index i = 0; i < rows; ++i) draw.emplace_back(hash64(table.ids[static_cast<std::size_t>(i)]), i);
  std::sort(draw.begin(), draw.end());
  const auto objective_on = [&](std::size_t labels_used) {
    std::vector<Eigen::Index> subset;
    for (const auto& [number, i] : draw) {
      if (subset.size() < labels_used) subset.push_back(i);
    }
    std::sort(subset.begin(), subset.end());
    const Eigen::MatrixXd z = training_(subset, Eigen::all);
    const Eigen::MatrixXd trends = with_ones(z.leftCols(static_cast<Eigen::Index>(descriptors_.columns().trend)));
    return [kernels = kernels_of(z, prior_of(descriptors_), metric_of(descriptors_)),
            y = Eigen::VectorXd(targets_(subset)), noise = Eigen::VectorXd(noise_(subset)),
            trend = Eigen::MatrixXd(trends * orthonormal_trends(trends))](std::span<const double> x) {
      for (const double value : x) {
        if (std::abs(value) > 25) return std::numeric_limits<double>::infinity();
      }
      return misfit(kernel_matrix(kernels, shape_at(x), noise), trend, y);
    };
  };
  const auto rough = objective_on(kLabelsForTheFirstShape);
  std::optional<SimplexMinimum> best;
  for (const std::array<double, 3>& start :
       {std::array{-2.0, 0.5, -5.0}, std::array{-5.0, 1.5, -3.0}, std::array{1.0, 1.5, -6.0}}) {
    SimplexMinimum found = minimise_by_simplex(rough, start, 1.0, 1e-3, 100);
    if (!best || found.value < best->value) best = std::move(found);
  }
  if (static_cast<std::size_t>(rows) > kLabelsForTheFirstShape) {
    best = minimise_by_simplex(objective_on(kLabelsForTheShape), best->at, 1.0, 1e-2, 50);
  }
  shape_ = std::isfinite(best->value) ? shape_at(best->at) : KernelShape{1.0, 1e-3, 1.0, 1e-2};
  while (!solve()) shape_.noise = std::max(1e-10, 10 * shape_.noise);  // rounding: all labels are more than the shape's

  const double freedom = static_cast<double>(std::max<Eigen::Index>(1, rows - trend_.cols()));
  scale_ = std::max(targets_.dot(weights_) / freedom, 1e-300);
  // Leave-one-out from the inverse without the trend: residual_i = (P y)_i / P_ii, variance_i = scale / P_ii.
  const Eigen::MatrixXd inverse_factor =
      factor_.triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(rows, rows));
  const Eigen::MatrixXd half_trend = inverse_factor.transpose() * (inverse_factor * trend_);
  const Eigen::VectorXd diagonal = inverse_factor.colwise().squaredNorm().transpose() -
                                   (half_trend * trend_covariance_).cwiseProduct(half_trend).rowwise().sum();
  Eigen::VectorXd loo(rows);
  std::vector<double> standardised;
  double squares = 0, loo_squares = 0;
  report.loo_residuals_ev_per_atom.assign(described.count(), 0.0);
  const std::vector<bool>& extreme = described.extreme;
  double predictable = 0;
  for (Eigen::Index i = 0; i < rows; ++i) {
    const std::size_t label = table.order[static_cast<std::size_t>(i)];
    squares += std::pow(shape_.noise * noise_[i] * weights_[i] * table.error_scale[i], 2);
    loo[i] = 0;
    if (extreme[label]) continue;
    const bool determined = diagonal[i] > 1e-14 * std::abs(factor_(i, i) * factor_(i, i));
    loo[i] = determined ? weights_[i] / diagonal[i] : std::numeric_limits<double>::infinity();
    if (determined) standardised.push_back(std::abs(loo[i]) / std::sqrt(scale_ / diagonal[i]));
    const double loo_residual = loo[i] * table.error_scale[i];
    loo_squares += loo_residual * loo_residual;
    report.loo_residuals_ev_per_atom[label] = loo_residual;
    predictable += 1;
  }
  calibration_ = 1;
  if (standardised.size() >= 10) {
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(0.683 * static_cast<double>(standardised.size()))) - 1;
    std::nth_element(standardised.begin(), standardised.begin() + rank, standardised.end());
    calibration_ = std::clamp(standardised[static_cast<std::size_t>(rank)], 0.1, 10.0);
  }
  report.rank = static_cast<int>(std::min(table.order.size(), report.features));
  report.regularisation = shape_.noise;
  report.rmse_mev_per_atom = 1e3 * std::sqrt(squares / static_cast<double>(rows));
  report.loo_rmse_mev_per_atom = 1e3 * std::sqrt(loo_squares / predictable);
  report.warnings = described.warnings(loo);
  const Eigen::VectorXd linear = shape_.linear * prior_of(descriptors_).cwiseProduct(training_.transpose() * weights_);
  const Eigen::VectorXd trend_slopes = trend_of_ * trend_weights_;
  for (std::size_t j = 0; j < report.features; ++j) {
    const auto at = static_cast<Eigen::Index>(j);
    report.coefficients.push_back(descriptors_.described()[j]);
    report.coefficients.back().energy_ev =
        (linear[at] + (j < descriptors_.columns().trend ? trend_slopes[at + 1] : 0.0)) * unit_[at];
  }
  for (Surrogate* member : members) {
    if (member == this) continue;
    auto& other = dynamic_cast<GaussianProcess&>(*member);
    Descriptors own = std::move(other.descriptors_);
    other = *this;
    other.descriptors_ = std::move(own);
  }
  return report;
}

std::unique_ptr<ConfigurationScorer> GaussianProcess::scorer(const Supercell& supercell) const {
  if (!fitted()) throw InputError("the gaussian process has not been fitted");
  descriptors_.require_own_parent(supercell, "supercell");
  return std::make_unique<ProcessScorer>(*this, supercell);
}

std::vector<Uncertainty> GaussianProcess::uncertainties(const Supercell& supercell,
                                                        std::span<const std::uint8_t> occupations) const {
  if (!fitted()) return {};
  descriptors_.require_own_parent(supercell, "supercell");
  const DescriptorCounter counter(descriptors_, std::make_shared<Supercell>(supercell));
  const Eigen::VectorXd prior = prior_of(descriptors_), metric = metric_of(descriptors_);
  const Eigen::MatrixXd half_trend = factor_.triangularView<Eigen::Lower>().solve(trend_);
  const std::size_t sites = supercell.varied_sites().size();
  std::vector<Uncertainty> uncertainties;
  for (; occupations.size() >= sites && sites > 0; occupations = occupations.subspan(sites)) {
    const auto occupation = occupations.first(sites);
    Eigen::VectorXd z(centre_.size());
    counter.count(occupation, {z.data(), static_cast<std::size_t>(z.size())});
    z = (z - centre_).cwiseProduct(unit_);
    const Eigen::VectorXd distance =
        ((training_.rowwise() - z.transpose()) * metric.asDiagonal()).rowwise().squaredNorm();
    Eigen::VectorXd k = shape_.linear * (training_ * prior.cwiseProduct(z));
    k.array() += shape_.radial * (distance.array() * (-0.5 / (shape_.length * shape_.length))).exp();
    const double own = shape_.linear * z.dot(prior.cwiseProduct(z)) + shape_.radial + shape_.noise;
    const Eigen::VectorXd half = factor_.triangularView<Eigen::Lower>().solve(k);
    Eigen::VectorXd trend(trend_of_.rows());
    trend << 1.0, z.head(trend_of_.rows() - 1);
    const Eigen::VectorXd off = trend_of_.transpose() * trend - half_trend.transpose() * half;
    const double variance = scale_ * std::max(0.0, own - half.squaredNorm() + off.dot(trend_covariance_ * off));
    const int atoms = counter.atoms(occupation);
    const double cells_per_atom = atoms > 0 ? counter.primitive_cells() / atoms : 1.0;
    uncertainties.push_back({calibration_ * std::sqrt(variance) * cells_per_atom, {}});
  }
  return uncertainties;
}

std::vector<std::byte> GaussianProcess::serialise() const {
  ByteWriter out;
  const bool as_at_first = descriptors_.plain() && descriptors_.settings().features == "clusters" &&
                           descriptors_.settings().leave_out.empty();
  out.write(as_at_first ? kGaussianProcessFormatVersion : kMoreGaussianProcessFormatVersion);
  if (as_at_first) {
    descriptors_.clusters().write(out);
  } else {
    out.write(static_cast<std::uint8_t>(descriptors_.plain() ? 1 : 0));
    descriptors_.write(out);
  }
  out.write(static_cast<std::uint8_t>(fitted() ? 1 : 0));
  if (!fitted()) return out.take();
  for (const double value : {shape_.linear, shape_.radial, shape_.length, shape_.noise, scale_, calibration_})
    out.write(value);
  const auto write = [&](const auto& matrix) {
    out.write(std::span<const double>(matrix.data(), static_cast<std::size_t>(matrix.size())));
  };
  write(centre_);
  write(unit_);
  write(training_);
  write(targets_);
  write(noise_);
  return out.take();
}

std::unique_ptr<Surrogate> deserialise_gaussian_process(std::span<const std::byte> bytes,
                                                        std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  const auto version = in.read<std::uint32_t>();
  if (version != kGaussianProcessFormatVersion && version != kMoreGaussianProcessFormatVersion) {
    throw StorageError(fmt::format("stored gaussian process has format {}, this version reads up to {}", version,
                                   kMoreGaussianProcessFormatVersion));
  }
  const auto read_descriptors = [&] {
    if (version == kGaussianProcessFormatVersion)
      return Descriptors::of_clusters(parent, LatticeFeatures::read(in, parent, "gaussian process"));
    const bool plain = in.read<std::uint8_t>() != 0;
    return Descriptors::read(in, parent, plain);
  };
  auto model = std::make_unique<GaussianProcess>(read_descriptors());
  if (in.read<std::uint8_t>() == 0) {
    in.finish();
    return model;
  }
  for (double* value : {&model->shape_.linear, &model->shape_.radial, &model->shape_.length, &model->shape_.noise,
                        &model->scale_, &model->calibration_}) {
    *value = in.read_double();
  }
  std::vector<double> centre = in.read_doubles(), unit = in.read_doubles(), training = in.read_doubles(),
                      targets = in.read_doubles(), noise = in.read_doubles();
  in.finish();
  const std::size_t features = model->descriptors_.columns().names.size();
  if (targets.empty() || centre.size() != features || unit.size() != features || noise.size() != targets.size() ||
      training.size() != features * targets.size()) {
    throw StorageError("stored gaussian process is damaged: its tables do not fit together");
  }
  const auto rows = static_cast<Eigen::Index>(targets.size()), columns = static_cast<Eigen::Index>(features);
  model->centre_ = Eigen::Map<Eigen::VectorXd>(centre.data(), columns);
  model->unit_ = Eigen::Map<Eigen::VectorXd>(unit.data(), columns);
  model->training_ = Eigen::Map<Eigen::MatrixXd>(training.data(), rows, columns);
  model->targets_ = Eigen::Map<Eigen::VectorXd>(targets.data(), rows);
  model->noise_ = Eigen::Map<Eigen::VectorXd>(noise.data(), rows);
  if (!model->solve()) throw StorageError("stored gaussian process is damaged: its labels give no kernel");
  return model;
}

std::unique_ptr<Surrogate> make_gaussian_process(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                                 Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  DescriptorSettings settings = read_kernel_settings(reader, *parent);
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  try {
    return std::make_unique<GaussianProcess>(Descriptors(std::move(parent), std::move(settings)));
  } catch (const InputError& error) {
    problems.add(spec.settings.where, std::string("surrogate: ") + error.what());
    return nullptr;
  }
}

}  // namespace hullscan
