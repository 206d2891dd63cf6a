#include "surrogates/models/cluster_expansion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "surrogates/byte_stream.hpp"
#include "surrogates/features/extreme_labels.hpp"
#include "surrogates/lattice/polynomial_scorer.hpp"
#include "surrogates/regression/relevance.hpp"
#include "surrogates/regression/ridge.hpp"
#include "surrogates/regression/robust_ridge.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kClusterExpansionFormatVersion = 2;
/// Below this many labels only the composition is fitted: two more points always lie on some interaction.
constexpr std::size_t kFewestLabels = 4;
/// Penalty where there are too few labels to choose one: nearly interpolates.
constexpr double kSmallPenalty = 1e-6;

/// The ridge problem that relevance leaves, its answer in all features.
RidgeFit fit_relevant(const RidgeProblem& problem, const Relevance& relevance) {
  const auto kept = static_cast<Eigen::Index>(relevance.kept.size()), all = problem.features.cols();
  RidgeProblem left{Eigen::MatrixXd(problem.features.rows(), kept),
                    problem.targets,
                    problem.weights,
                    problem.error_scale,
                    relevance.penalties,
                    1.0};
  for (Eigen::Index k = 0; k < kept; ++k)
    left.features.col(k) = problem.features.col(relevance.kept[static_cast<std::size_t>(k)]);
  const RidgeFit fit = fit_ridge(left);
  RidgeFit whole = fit;
  whole.coefficients = Eigen::VectorXd::Zero(all);
  whole.feature_mean = Eigen::VectorXd::Zero(all);
  whole.posterior_factor = Eigen::MatrixXd::Zero(all, fit.posterior_factor.cols());
  for (Eigen::Index k = 0; k < kept; ++k) {
    const Eigen::Index j = relevance.kept[static_cast<std::size_t>(k)];
    whole.coefficients[j] = fit.coefficients[k];
    whole.feature_mean[j] = fit.feature_mean[k];
    whole.posterior_factor.row(j) = fit.posterior_factor.row(k);
  }
  return whole;
}

}  // namespace

double hull_weight(double e_above_hull_ev_per_atom) {
  constexpr double kHeight = 4, kDecayEv = 0.020;
  return 1 + kHeight * std::exp(-std::max(0.0, e_above_hull_ev_per_atom) / kDecayEv);
}

ClusterExpansion::ClusterExpansion(std::shared_ptr<const ParentCrystal> parent,
                                   const ClusterExpansionSettings& settings)
    : ridge_(settings.ridge),
      relevance_(settings.relevance),
      hull_weights_(settings.hull_weights),
      robust_(settings.robust),
      features_(std::move(parent), {settings.cutoffs, settings.electrostatic, settings.charges}) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < features_.count(); ++i) names.push_back(features_.description(i).cluster);
  for (const std::string& name : settings.leave_out) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      throw InputError(fmt::format("leave_out: no cluster \"{}\"{}", name, did_you_mean(name, names)));
    left_out_.push_back(static_cast<std::size_t>(found - names.begin()));
  }
}

std::unique_ptr<ClusterExpansion> ClusterExpansion::electrostatic(std::shared_ptr<const ParentCrystal> parent,
                                                                  const Charges& charges, double permittivity) {
  auto model = std::make_unique<ClusterExpansion>(
      std::move(parent),
      ClusterExpansionSettings{.cutoffs = {}, .ridge = {}, .electrostatic = true, .charges = charges});
  model->assume_permittivity(permittivity);
  return model;
}

void ClusterExpansion::assume_permittivity(double permittivity) {
  assumed_permittivity_ = permittivity;
  fitted_ = true;
  constant_ = 0;
  coefficients_.assign(features_.count(), 0.0);
  coefficients_.back() = 1.0 / permittivity;
  posterior_.reset();
}

FitReport ClusterExpansion::fit(std::span<const LabelledConfiguration> labels) {
  TrainingTable table = training_table(features_, labels);
  for (const std::size_t feature : left_out_) table.features.col(static_cast<Eigen::Index>(feature)).setZero();
  if (assumed_permittivity_ && table.order.size() < kFewestLabels) {
    assume_permittivity(*assumed_permittivity_);
    FitReport report;
    report.labels = table.order.size();
    report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
    report.warnings.push_back(
        fmt::format("{} labelled configurations: electrostatics keeps its permittivity of {}, {} or more "
                    "give it another",
                    report.labels, *assumed_permittivity_, kFewestLabels));
    return report;
  }
  const std::size_t feature_count = features_.count();
  FitReport report;
  report.labels = table.order.size();

  const bool composition_only = table.order.size() < kFewestLabels;
  report.features = composition_only ? features_.point_count() : feature_count;
  const auto rows = static_cast<Eigen::Index>(table.order.size()), columns = static_cast<Eigen::Index>(report.features);
  RidgeProblem problem{table.features.leftCols(columns),          table.targets, table.weights, table.error_scale,
                       features_.penalty_factors().head(columns), ridge_};
  if (!problem.penalty && composition_only) problem.penalty = kSmallPenalty;

  if (hull_weights_) {
    for (Eigen::Index row = 0; row < rows; ++row)
      problem.weights[row] *= hull_weight(labels[table.order[static_cast<std::size_t>(row)]].e_above_hull_ev_per_atom);
  }
  // What only extrapolation could predict is no error to choose a penalty by.
  const std::vector<bool> extreme = extreme_labels(labels);
  const auto predictable = [&](Eigen::Index row) { return !extreme[table.order[static_cast<std::size_t>(row)]]; };
  for (Eigen::Index row = 0; row < rows; ++row) {
    if (!predictable(row)) problem.error_scale[row] = 0;
  }
  std::size_t doubted = 0;
  if (robust_ && !composition_only) {
    const Eigen::VectorXd given = problem.weights;
    problem.weights = robust_weights(problem);
    doubted = static_cast<std::size_t>((problem.weights.array() < 0.5 * given.array()).count());
  }
  std::optional<Relevance> relevance;
  if (relevance_ && !composition_only) {
    relevance = determine_relevance(problem, static_cast<Eigen::Index>(features_.point_count()));
    report.features = relevance->kept.size();
  }

  const RidgeFit fitted = relevance ? fit_relevant(problem, *relevance) : fit_ridge(problem);
  if (composition_only) {
    report.warnings.push_back(
        fmt::format("{} labelled configuration{}: only the composition is fitted, {} or more are "
                    "needed for interactions",
                    rows, rows == 1 ? "" : "s", kFewestLabels));
  } else {
    Eigen::VectorXd loo_residuals = fitted.loo_residuals;
    for (Eigen::Index row = 0; row < rows; ++row) {
      if (!predictable(row)) loo_residuals[row] = 0;
    }
    report.warnings = label_warnings(features_, table, loo_residuals);
    if (doubted > 0) {
      report.warnings.push_back(
          fmt::format("{} of {} labels count less than half in the robust fit: the others "
                      "contradict them",
                      doubted, rows));
    }
  }
  constant_ = fitted.intercept;
  fitted_ = true;
  coefficients_.assign(feature_count, 0.0);
  for (Eigen::Index j = 0; j < columns; ++j) coefficients_[static_cast<std::size_t>(j)] = fitted.coefficients[j];

  report.rank = fitted.rank;
  report.regularisation = fitted.penalty;
  report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
  double squares = 0, loo_squares = 0, noise = 0, scatter = 0, predicted = 0;
  for (Eigen::Index row = 0; row < rows; ++row) {
    const double residual = fitted.residuals[row] * table.error_scale[row];
    squares += residual * residual;
    if (!predictable(row)) continue;
    const double loo_residual = fitted.loo_residuals[row] * table.error_scale[row];
    report.loo_residuals_ev_per_atom[table.order[static_cast<std::size_t>(row)]] = loo_residual;
    predicted += 1;
    loo_squares += loo_residual * loo_residual;
    noise += fitted.loo_residuals[row] * fitted.loo_residuals[row];
  }
  report.rmse_mev_per_atom = 1e3 * std::sqrt(squares / static_cast<double>(rows));
  report.loo_rmse_mev_per_atom = 1e3 * std::sqrt(loo_squares / predicted);
  for (std::size_t i = 0; i < feature_count; ++i) {
    report.coefficients.push_back(features_.description(i));
    report.coefficients.back().energy_ev = coefficients_[i];
  }

  // How far labels lie from what their composition alone would give: more than that no prediction can err.
  RidgeProblem of_composition{table.features.leftCols(static_cast<Eigen::Index>(features_.point_count())),
                              table.targets,
                              table.weights,
                              table.error_scale,
                              Eigen::VectorXd::Ones(static_cast<Eigen::Index>(features_.point_count())),
                              kSmallPenalty};
  scatter = std::sqrt(fit_ridge(of_composition).residuals.squaredNorm() / static_cast<double>(rows));
  noise = std::sqrt(noise / predicted);
  if (composition_only || !std::isfinite(noise)) noise = scatter;
  posterior_ = Posterior{fitted.feature_mean, fitted.posterior_factor, static_cast<double>(rows), noise,
                         std::max(noise, scatter)};
  return report;
}

std::vector<Uncertainty> ClusterExpansion::uncertainties(const Supercell& supercell,
                                                         std::span<const std::uint8_t> occupations) const {
  if (!posterior_) return {};
  features_.require_own_parent(supercell, "supercell");
  const FeatureCounter counter(features_, supercell);
  const std::size_t sites = supercell.varied_sites().size();
  std::vector<double> row(features_.count());
  std::vector<Uncertainty> uncertainties;
  for (; occupations.size() >= sites && sites > 0; occupations = occupations.subspan(sites)) {
    const auto occupation = occupations.first(sites);
    counter.count(occupation, row);
    const Eigen::VectorXd off =
        Eigen::Map<const Eigen::VectorXd>(row.data(), posterior_->mean.size()) - posterior_->mean;
    const Eigen::VectorXd along = posterior_->factor.transpose() * off;
    const int atoms = counter.atoms().atoms(occupation);
    const double cells_per_atom = atoms > 0 ? counter.primitive_cells() / atoms : 1.0;
    const double deviation = posterior_->noise_ev * std::sqrt(1 + (1 + along.squaredNorm()) / posterior_->labels);
    const Eigen::VectorXd scaled = along * (cells_per_atom * posterior_->noise_ev / std::sqrt(posterior_->labels));
    uncertainties.push_back(
        {cells_per_atom * std::min(deviation, posterior_->most_ev), {scaled.data(), scaled.data() + scaled.size()}});
  }
  return uncertainties;
}

std::unique_ptr<ConfigurationScorer> ClusterExpansion::scorer(const Supercell& supercell) const {
  if (!fitted_) throw InputError("the cluster expansion has not been fitted");
  features_.require_own_parent(supercell, "supercell");
  return std::make_unique<PolynomialScorer>(features_.polynomial(supercell, constant_, coefficients_), supercell);
}

std::vector<std::byte> ClusterExpansion::serialise() const {
  ByteWriter out;
  out.write(kClusterExpansionFormatVersion);
  features_.write(out);
  out.write(ridge_.value_or(-1.0));
  out.write(static_cast<std::uint8_t>(fitted_ ? 1 : 0));
  out.write(constant_);
  out.write(std::span<const double>(coefficients_));
  return out.take();
}

std::unique_ptr<Surrogate> deserialise_cluster_expansion(std::span<const std::byte> bytes,
                                                         std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kClusterExpansionFormatVersion) {
    throw StorageError(fmt::format("stored cluster expansion has format {}, this version reads {}", version,
                                   kClusterExpansionFormatVersion));
  }
  LatticeFeatures features = LatticeFeatures::read(in, std::move(parent), "cluster expansion");
  std::optional<double> ridge;
  if (const double stored = in.read_double(); stored >= 0) ridge = stored;
  const bool fitted = in.read<std::uint8_t>() != 0;
  const double constant = in.read_double();
  std::vector<double> coefficients = in.read_doubles();
  in.finish();
  if (coefficients.size() != (fitted ? features.count() : 0)) {
    throw StorageError("stored cluster expansion is damaged: the number of coefficients does not fit");
  }
  auto model = std::make_unique<ClusterExpansion>(std::move(features), ridge);
  model->fitted_ = fitted;
  model->constant_ = constant;
  model->coefficients_ = std::move(coefficients);
  return model;
}

std::unique_ptr<Surrogate> make_cluster_expansion(const SurrogateSpec& spec,
                                                  std::shared_ptr<const ParentCrystal> parent, Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  const FeatureSettings features = read_feature_settings(reader, *parent);
  const auto ridge = reader.number("ridge", 0, 1e6);
  const bool relevance = reader.choice("selection", {"ridge", "ard"}, "ridge") == "ard";
  const bool hull_weights = reader.choice("weights", {"equal", "hull"}, "equal") == "hull";
  const bool robust = reader.boolean("robust", false);
  const std::vector<std::string> leave_out = reader.texts("leave_out");
  if (relevance && ridge)
    reader.problem("ridge", "selection = \"ard\" finds a penalty for every cluster; set one of the two");
  if (reader.has("kim")) {
    reader.problem("kim",
                   "a potential's energy is not a polynomial of the occupation; take kind = \"ridge\" with features = "
                   "\"clusters\", which has the same clusters and knows kim");
    (void)reader.raw("kim");
    (void)reader.raw("relax");
  }
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  try {
    return std::make_unique<ClusterExpansion>(
        std::move(parent), ClusterExpansionSettings{features.cutoffs, ridge, features.electrostatic, features.charges,
                                                    relevance, hull_weights, robust, leave_out});
  } catch (const InputError& error) {
    problems.add(spec.settings.where, std::string("surrogate: ") + error.what());
    return nullptr;
  }
}

std::unique_ptr<Surrogate> make_electrostatic(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                              Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  const Charges charges = read_charges(reader, *parent);
  const double permittivity = reader.number("permittivity", 1.0, 1.0, 1e4);
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  return ClusterExpansion::electrostatic(std::move(parent), charges, permittivity);
}

std::unique_ptr<Surrogate> deserialise_electrostatic(std::span<const std::byte> bytes,
                                                     std::shared_ptr<const ParentCrystal> parent) {
  std::unique_ptr<Surrogate> model = deserialise_cluster_expansion(bytes, std::move(parent));
  auto& expansion = static_cast<ClusterExpansion&>(*model);
  if (!expansion.features_.settings().electrostatic || !expansion.fitted_) {
    throw StorageError("stored electrostatic model is damaged: it has no electrostatic energy");
  }
  // What it was before its labels only matters for the next fit, which begins from the campaign file.
  expansion.assumed_permittivity_ = 1.0;
  return model;
}

}  // namespace hullscan
