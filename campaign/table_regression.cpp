#include "campaign/table_regression.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "surrogates/regression/cross_validation.hpp"

namespace hullscan {
namespace {

TableErrors table_errors(std::span<const double> predicted, std::span<const double> actual) {
  const PredictionErrors errors = prediction_errors(predicted, actual);
  return {errors.count, errors.mae_mev_per_atom / 1e3, errors.rmse_mev_per_atom / 1e3, errors.r2};
}

std::span<const double> values_of(const Eigen::VectorXd& vector) {
  return {vector.data(), static_cast<std::size_t>(vector.size())};
}

Eigen::MatrixXd without_group(const DescriptorTable& table, const std::string& group) {
  std::vector<Eigen::Index> taken;
  for (std::size_t c = 0; c < table.columns.groups.size(); ++c) {
    if (table.columns.groups[c] != group) taken.push_back(static_cast<Eigen::Index>(c));
  }
  return table.features(Eigen::all, taken);
}

std::vector<double> flat(const Eigen::MatrixXd& rows) {
  std::vector<double> values;
  for (Eigen::Index r = 0; r < rows.rows(); ++r) {
    for (Eigen::Index c = 0; c < rows.cols(); ++c) values.push_back(rows(r, c));
  }
  return values;
}

std::vector<double> out_of_fold(const TableModelSettings& settings, const Eigen::MatrixXd& features,
                                const Eigen::VectorXd& targets, const std::vector<std::vector<std::size_t>>& folds) {
  std::vector<double> predictions(static_cast<std::size_t>(targets.size()));
  for (const auto& fold : folds) {
    std::vector<bool> held_out(predictions.size(), false);
    std::vector<Eigen::Index> training, tests;
    for (const std::size_t i : fold) held_out[i] = true;
    for (std::size_t i = 0; i < predictions.size(); ++i)
      (held_out[i] ? tests : training).push_back(static_cast<Eigen::Index>(i));
    TableModel model(settings);
    model.fit(features(training, Eigen::all), targets(training), 0);
    std::vector<double> predicted(tests.size());
    model.predict(flat(features(tests, Eigen::all)), predicted);
    for (std::size_t t = 0; t < tests.size(); ++t) predictions[static_cast<std::size_t>(tests[t])] = predicted[t];
  }
  return predictions;
}

/// Errors of the rows of every value of a column.
std::map<std::string, TableErrors> errors_by(const std::vector<std::string>& level,
                                             const std::vector<double>& predicted, const Eigen::VectorXd& actual) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> parts;
  for (std::size_t i = 0; i < level.size(); ++i) {
    parts[level[i]].first.push_back(predicted[i]);
    parts[level[i]].second.push_back(actual[static_cast<Eigen::Index>(i)]);
  }
  std::map<std::string, TableErrors> errors;
  for (const auto& [name, part] : parts) errors[name] = table_errors(part.first, part.second);
  return errors;
}

/// One method on one table.
class Regression {
 public:
  Regression(const DescriptorTable& table, const Eigen::VectorXd& targets, const RegressionRequest& request,
             TableMethod method)
      : table_(table),
        targets_(targets),
        request_(request),
        folds_(random_folds(table.rows(), std::min(request.folds, table.rows()), request.seed)) {
    settings_.method = method;
    settings_.seed = request.seed;
  }

  TableRegression run(const std::vector<CarriedTable>& carried) const {
    TableRegression result;
    result.method = settings_.method;
    result.cross_validation = cross_validated(table_.features, &result.out_of_fold);
    TableModel model(settings_);
    result.fit = model.fit(table_.features, targets_, 0);
    if (settings_.method == TableMethod::kRidge)
      result.coefficients.assign(model.linear().data(), model.linear().data() + model.linear().size());
    result.importance = model.importance();
    if (request_.ablation) result.ablation = ablation();
    for (const CarriedTable& other : carried) {
      std::vector<double> predicted(other.table.rows());
      model.predict(flat(other.table.features), predicted);
      result.carried.push_back(other.targets.size() > 0 ? table_errors(predicted, values_of(other.targets))
                                                        : TableErrors{});
      result.predicted.push_back(std::move(predicted));
    }
    return result;
  }

 private:
  [[nodiscard]] CrossValidatedErrors cross_validated(const Eigen::MatrixXd& features,
                                                     std::vector<double>* predictions = nullptr) const {
    const std::vector<double> predicted = out_of_fold(settings_, features, targets_, folds_);
    if (predictions != nullptr) *predictions = predicted;
    CrossValidatedErrors errors{table_errors(predicted, values_of(targets_)), {}};
    if (request_.by) errors.by_level = errors_by(table_.others.at(*request_.by), predicted, targets_);
    return errors;
  }

  [[nodiscard]] std::vector<GroupLeftOut> ablation() const {
    std::vector<GroupLeftOut> entries;
    for (const std::string& group : table_.columns.distinct_groups()) {
      const Eigen::MatrixXd rest = without_group(table_, group);
      if (rest.cols() > 0) entries.push_back({group, cross_validated(rest)});
    }
    return entries;
  }

  const DescriptorTable& table_;
  const Eigen::VectorXd& targets_;
  const RegressionRequest& request_;
  std::vector<std::vector<std::size_t>> folds_;
  TableModelSettings settings_;
};

}  // namespace

std::vector<TableRegression> regress(const DescriptorTable& table, const Eigen::VectorXd& targets,
                                     const RegressionRequest& request, const std::vector<CarriedTable>& carried) {
  std::vector<TableRegression> results;
  for (const TableMethod method : request.methods)
    results.push_back(Regression(table, targets, request, method).run(carried));
  return results;
}

}  // namespace hullscan
