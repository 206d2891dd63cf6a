/// @file
/// Regression on a table of named columns: ridge, random forest, gradient boosting. Knows nothing of crystals; the
/// descriptor models of campaigns and `hullscan regress` are made of it.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/campaign/settings.hpp"
#include "surrogates/regression/tree_ensemble.hpp"

namespace hullscan {

enum class TableMethod : std::uint8_t { kRidge, kRandomForest, kGradientBoosting };

std::optional<TableMethod> table_method(const std::string& name);  ///< "ridge", "random-forest", "gradient-boosting"
std::string table_method_name(TableMethod method);
std::vector<std::string> table_method_names();

struct TableModelSettings {
  TableMethod method = TableMethod::kRidge;
  std::optional<double> ridge;  ///< fixed penalty; otherwise leave-one-out chooses
  int trees = 0;                ///< 0: 300 of a forest, 500 of boosting
  int depth = 0;                ///< 0: 16 of a forest, 4 of boosting
  double learning_rate = 0.05;  ///< of boosting
  std::uint64_t seed = 1;       ///< of the rows and columns that trees are given
};

/// Takes the keys ridge; or trees, depth, learning_rate.
TableModelSettings read_table_model_settings(SettingsReader& reader, TableMethod method);

/// Columns by name, in groups that an ablation leaves out together.
struct TableColumns {
  std::vector<std::string> names, groups;  ///< [columns] each
  std::size_t trend =
      0;  ///< the first columns, on which trees come after a linear regression: trees do not extrapolate
  /// Sorted as they first appear.
  [[nodiscard]] std::vector<std::string> distinct_groups() const;
};

/// What is to be known of the rows; empty: nothing sets one apart.
struct TableRows {
  Eigen::VectorXd weights = {};      ///< [rows], > 0; their size does not matter, only how they compare
  std::vector<bool> always_in = {};  ///< [rows] never held out: nothing but extrapolation could predict them
};

struct TableFit {
  double rmse = 0, out_of_sample_rmse = 0;      ///< leave-one-out of ridge, three folds of trees; in the targets' unit
  std::vector<double> out_of_sample_residuals;  ///< [rows], target - prediction; 0 of those that are always in
  int rank = 0;
  double penalty = 0;
};

class TableModel {
 public:
  explicit TableModel(TableModelSettings settings) : settings_(settings) {}

  /// @param features [rows, columns]. @param targets [rows]. Rows in an order that is not the caller's accident:
  /// trees draw from them. @throws InputError if there are no rows or a number is not finite.
  TableFit fit(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets, std::size_t trend,
               const TableRows& about = {});
  [[nodiscard]] bool fitted() const { return fitted_; }
  [[nodiscard]] const TableModelSettings& settings() const { return settings_; }
  [[nodiscard]] std::size_t column_count() const { return static_cast<std::size_t>(linear_.size()); }
  /// @param rows [n * columns]. @param predictions [n]. Each row by itself, to the last bit.
  void predict(std::span<const double> rows, std::span<double> predictions) const;
  /// One standard deviation: of ridge's posterior, of a forest's trees scaled to cover 68 % of the out-of-sample
  /// residuals, of boosting these residuals' own. Zero before a fit in this process.
  [[nodiscard]] double deviation(std::span<const double> row) const;
  /// [columns], shares of 1: |coefficient| times standard deviation of ridge, gain of the trees' splits.
  [[nodiscard]] const std::vector<double>& importance() const { return importance_; }
  /// [columns]: of ridge, or of the trees' trend.
  [[nodiscard]] const Eigen::VectorXd& linear() const { return linear_; }
  [[nodiscard]] double intercept() const { return intercept_; }

  void write(ByteWriter& out) const;
  static TableModel read(ByteReader& in);

 private:
  struct Posterior {
    Eigen::VectorXd mean;
    Eigen::MatrixXd factor;
    double rows = 0;
  };
  TableModelSettings settings_;
  bool fitted_ = false;
  double intercept_ = 0;
  Eigen::VectorXd linear_;
  TreeEnsemble trees_;
  std::vector<double> importance_;
  double noise_ = 0, spread_factor_ = 0;
  std::optional<Posterior> posterior_;
};

/// What keeps forests and boosting from being fitted here (the library XGBoost is not there), in words.
std::optional<std::string> why_no_trees();

}  // namespace hullscan
