#include "surrogates/regression/table_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "surrogates/regression/detail/tree_training.hpp"
#include "surrogates/regression/ridge.hpp"

namespace hullscan {
namespace {

constexpr const char* kMethodNames[] = {"ridge", "random-forest", "gradient-boosting"};
constexpr std::size_t kFolds = 3;
constexpr double kOneDeviation = 0.6827;  ///< share of a normal distribution

struct TrendAndTrees {
  RidgeFit trend;
  detail::GrownTrees grown;
  TreeEnsemble trees;
};

RidgeFit fit_linear(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets, const Eigen::VectorXd& weights,
                    std::optional<double> penalty, const std::vector<bool>& always_in = {}) {
  Eigen::VectorXd error_scale = Eigen::VectorXd::Ones(targets.size());
  for (std::size_t r = 0; r < always_in.size(); ++r) error_scale[static_cast<Eigen::Index>(r)] = always_in[r] ? 0 : 1;
  return fit_ridge({features, targets, weights, error_scale, Eigen::VectorXd::Ones(features.cols()), penalty});
}

TrendAndTrees fit_trees(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets, const Eigen::VectorXd& weights,
                        Eigen::Index trend, const TableModelSettings& settings) {
  constexpr double kEnoughForCollinearColumns = 1e-9;
  TrendAndTrees fit;
  fit.trend = fit_linear(features.leftCols(trend), targets, weights, kEnoughForCollinearColumns);
  fit.grown = detail::grow_trees(features, fit.trend.residuals, weights, settings);
  fit.trees = TreeEnsemble(fit.grown.trees, static_cast<std::size_t>(features.cols()), fit.grown.scale);
  return fit;
}

std::vector<double> shares(std::vector<double> of) {
  double sum = 0;
  for (const double value : of) sum += value;
  if (sum > 0) {
    for (double& value : of) value /= sum;
  }
  return of;
}

}  // namespace

std::optional<TableMethod> table_method(const std::string& name) {
  for (std::size_t i = 0; i < std::size(kMethodNames); ++i) {
    if (name == kMethodNames[i]) return static_cast<TableMethod>(i);
  }
  return std::nullopt;
}

std::string table_method_name(TableMethod method) { return kMethodNames[static_cast<std::size_t>(method)]; }

std::vector<std::string> table_method_names() { return {std::begin(kMethodNames), std::end(kMethodNames)}; }

TableModelSettings read_table_model_settings(SettingsReader& reader, TableMethod method) {
  TableModelSettings settings;
  settings.method = method;
  if (method == TableMethod::kRidge) {
    settings.ridge = reader.number("ridge", 0, 1e6);
    return settings;
  }
  settings.trees = static_cast<int>(reader.integer("trees", 0, 0, 100'000));
  settings.depth = static_cast<int>(reader.integer("depth", 0, 0, 30));
  settings.seed = static_cast<std::uint64_t>(reader.integer("seed", 1, 0, 2147483646));
  if (method == TableMethod::kGradientBoosting)
    settings.learning_rate = reader.number("learning_rate", 0.05, 1e-4, 1.0);
  return settings;
}

std::vector<std::string> TableColumns::distinct_groups() const {
  std::vector<std::string> distinct;
  for (const std::string& group : groups) {
    if (std::find(distinct.begin(), distinct.end(), group) == distinct.end()) distinct.push_back(group);
  }
  return distinct;
}

TableFit TableModel::fit(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets, std::size_t trend,
                         const TableRows& about) {
  if (features.rows() == 0) throw InputError("the table has no rows, so there is nothing to fit a model to");
  if (!features.allFinite() || !targets.allFinite()) throw InputError("the table has a number that is not finite");
  const Eigen::Index rows = features.rows(), columns = features.cols();
  const auto trends = static_cast<Eigen::Index>(std::min<std::size_t>(trend, static_cast<std::size_t>(columns)));
  const Eigen::VectorXd weights =
      about.weights.size() > 0 ? about.weights : Eigen::VectorXd(Eigen::VectorXd::Ones(rows));
  const auto always_in = [&](Eigen::Index r) {
    return !about.always_in.empty() && about.always_in[static_cast<std::size_t>(r)];
  };
  TableFit report;
  Eigen::VectorXd out_of_sample = Eigen::VectorXd::Zero(rows), residuals;
  posterior_.reset();
  trees_ = TreeEnsemble();
  if (settings_.method == TableMethod::kRidge) {
    const RidgeFit fit = fit_linear(features, targets, weights, settings_.ridge, about.always_in);
    intercept_ = fit.intercept;
    linear_ = fit.coefficients;
    residuals = fit.residuals;
    out_of_sample = fit.loo_residuals;
    report.rank = fit.rank;
    report.penalty = fit.penalty;
    posterior_ = Posterior{fit.feature_mean, fit.posterior_factor, static_cast<double>(rows)};
    std::vector<double> weight;
    for (Eigen::Index c = 0; c < columns; ++c) {
      const double scatter = std::sqrt((features.col(c).array() - features.col(c).mean()).square().mean());
      weight.push_back(std::abs(linear_[c]) * scatter);
    }
    importance_ = shares(std::move(weight));
  } else {
    const TrendAndTrees all = fit_trees(features, targets, weights, trends, settings_);
    intercept_ = all.trend.intercept;
    linear_ = Eigen::VectorXd::Zero(columns);
    linear_.head(trends) = all.trend.coefficients;
    trees_ = all.trees;
    importance_ = shares(all.grown.gain);
    report.rank =
        static_cast<int>(std::count_if(all.grown.gain.begin(), all.grown.gain.end(), [](double g) { return g > 0; }));
    std::vector<double> spreads(static_cast<std::size_t>(rows), 0.0);
    const auto predict_with = [&](const TrendAndTrees& model, Eigen::Index row, bool with_spread) {
      std::vector<float> values;
      for (Eigen::Index c = 0; c < columns; ++c) values.push_back(static_cast<float>(features(row, c)));
      double prediction = 0;
      model.trees.predict(values, {&prediction, 1});
      if (with_spread) spreads[static_cast<std::size_t>(row)] = model.trees.spread(values);
      return prediction + model.trend.intercept + features.row(row).head(trends).dot(model.trend.coefficients);
    };
    residuals.resize(rows);
    for (Eigen::Index r = 0; r < rows; ++r) residuals[r] = targets[r] - predict_with(all, r, false);
    if (static_cast<std::size_t>(rows) < 3 * kFolds) {
      out_of_sample = all.trend.loo_residuals;
    } else {
      for (std::size_t fold = 0; fold < kFolds; ++fold) {
        std::vector<Eigen::Index> training, tests;
        for (Eigen::Index r = 0; r < rows; ++r)
          (static_cast<std::size_t>(r) % kFolds == fold && !always_in(r) ? tests : training).push_back(r);
        const TrendAndTrees part =
            fit_trees(features(training, Eigen::all), targets(training), weights(training), trends, settings_);
        for (const Eigen::Index r : tests) out_of_sample[r] = targets[r] - predict_with(part, r, true);
      }
    }
    spread_factor_ = 0;
    if (settings_.method == TableMethod::kRandomForest) {
      std::vector<double> ratio;
      for (Eigen::Index r = 0; r < rows; ++r) {
        if (const double spread = spreads[static_cast<std::size_t>(r)]; spread > 0)
          ratio.push_back(std::abs(out_of_sample[r]) / spread);
      }
      if (ratio.size() >= 3 * kFolds) {
        const auto at = static_cast<std::ptrdiff_t>(kOneDeviation * static_cast<double>(ratio.size() - 1));
        std::nth_element(ratio.begin(), ratio.begin() + at, ratio.end());
        spread_factor_ = ratio[static_cast<std::size_t>(at)];
      }
    }
  }
  fitted_ = true;
  double predicted = 0;
  for (Eigen::Index r = 0; r < rows; ++r) {
    if (always_in(r)) out_of_sample[r] = 0;
    predicted += always_in(r) ? 0 : 1;
  }
  report.rmse = std::sqrt(residuals.squaredNorm() / static_cast<double>(rows));
  report.out_of_sample_rmse = std::sqrt(out_of_sample.squaredNorm() / std::max(1.0, predicted));
  report.out_of_sample_residuals.assign(out_of_sample.data(), out_of_sample.data() + rows);
  noise_ = std::isfinite(report.out_of_sample_rmse) ? report.out_of_sample_rmse : report.rmse;
  return report;
}

void TableModel::predict(std::span<const double> rows, std::span<double> predictions) const {
  const std::size_t columns = column_count();
  if (settings_.method != TableMethod::kRidge) {
    std::vector<float> values(rows.size());
    std::transform(rows.begin(), rows.end(), values.begin(), [](double value) { return static_cast<float>(value); });
    trees_.predict(values, predictions);
  } else {
    std::fill(predictions.begin(), predictions.end(), 0.0);
  }
  for (std::size_t r = 0; r < predictions.size(); ++r) {
    double sum = intercept_;
    for (std::size_t c = 0; c < columns; ++c) sum += linear_[static_cast<Eigen::Index>(c)] * rows[r * columns + c];
    predictions[r] += sum;
  }
}

double TableModel::deviation(std::span<const double> row) const {
  if (posterior_) {
    const Eigen::VectorXd off =
        Eigen::Map<const Eigen::VectorXd>(row.data(), posterior_->mean.size()) - posterior_->mean;
    return noise_ * std::sqrt(1 + (1 + (posterior_->factor.transpose() * off).squaredNorm()) / posterior_->rows);
  }
  if (spread_factor_ > 0) {
    std::vector<float> values(row.size());
    std::transform(row.begin(), row.end(), values.begin(), [](double value) { return static_cast<float>(value); });
    return spread_factor_ * trees_.spread(values);
  }
  return noise_;
}

void TableModel::write(ByteWriter& out) const {
  out.write(static_cast<std::uint8_t>(settings_.method));
  out.write(settings_.ridge.value_or(-1.0));
  out.write(static_cast<std::uint32_t>(settings_.trees));
  out.write(static_cast<std::uint32_t>(settings_.depth));
  out.write(settings_.learning_rate);
  out.write(settings_.seed);
  out.write(static_cast<std::uint8_t>(fitted_ ? 1 : 0));
  out.write(intercept_);
  out.write(std::span<const double>(linear_.data(), static_cast<std::size_t>(linear_.size())));
  out.write(std::span<const double>(importance_));
  out.write(noise_);
  out.write(spread_factor_);
  trees_.write(out);
}

TableModel TableModel::read(ByteReader& in) {
  TableModelSettings settings;
  const auto method = in.read<std::uint8_t>();
  if (method >= std::size(kMethodNames)) throw StorageError("stored table model is damaged: unknown method");
  settings.method = static_cast<TableMethod>(method);
  if (const double ridge = in.read_double(); ridge >= 0) settings.ridge = ridge;
  settings.trees = static_cast<int>(in.read<std::uint32_t>());
  settings.depth = static_cast<int>(in.read<std::uint32_t>());
  settings.learning_rate = in.read_double();
  settings.seed = in.read<std::uint64_t>();
  TableModel model(settings);
  model.fitted_ = in.read<std::uint8_t>() != 0;
  model.intercept_ = in.read_double();
  const std::vector<double> linear = in.read_doubles();
  model.linear_ = Eigen::Map<const Eigen::VectorXd>(linear.data(), static_cast<Eigen::Index>(linear.size()));
  model.importance_ = in.read_doubles();
  model.noise_ = in.read_double();
  model.spread_factor_ = in.read_double();
  model.trees_ = TreeEnsemble::read(in);
  if (model.fitted_ && settings.method != TableMethod::kRidge && model.trees_.feature_count() != linear.size()) {
    throw StorageError("stored table model is damaged: its trees see other columns");
  }
  return model;
}

}  // namespace hullscan
