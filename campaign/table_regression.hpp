/// @file
/// Table models on a descriptor table: cross-validated errors, what leaving a group of descriptors out costs, and how a
/// model carries over to other tables.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "campaign/descriptor_table.hpp"
#include "surrogates/regression/table_model.hpp"

namespace hullscan {

/// In the unit of the targets.
struct TableErrors {
  std::size_t count = 0;
  double mae = 0, rmse = 0, r2 = 0;
};

/// Out of fold.
struct CrossValidatedErrors {
  TableErrors all;
  std::map<std::string, TableErrors> by_level;  ///< of the column asked for; empty without one
};

struct RegressionRequest {
  std::vector<TableMethod> methods;
  std::uint64_t seed = 1;         ///< of folds and trees
  std::size_t folds = 5;          ///< at least 2; as many as there are rows, if they are fewer
  std::optional<std::string> by;  ///< a column of DescriptorTable::others
  bool ablation = false;
};

/// A table of the same descriptors that the fitted models are applied to.
struct CarriedTable {
  std::string name;
  DescriptorTable table;
  Eigen::VectorXd targets;  ///< [rows]; none: it is only predicted
};

struct GroupLeftOut {
  std::string group;
  CrossValidatedErrors errors;
};

struct TableRegression {
  TableMethod method = TableMethod::kRidge;
  CrossValidatedErrors cross_validation;
  TableFit fit;                                ///< to all rows
  std::vector<double> coefficients;            ///< [columns] of ridge; empty for trees
  std::vector<double> importance;              ///< [columns], shares of 1
  std::vector<GroupLeftOut> ablation;          ///< in the order of the groups; a table of one group has none
  std::vector<TableErrors> carried;            ///< one for each table; of none where it has no targets
  std::vector<double> out_of_fold;             ///< [rows] each predicted without its fold
  std::vector<std::vector<double>> predicted;  ///< [tables][rows] by the fit to all rows
};

/// One for each method. @param targets [rows] of the table.
/// @throws InputError if there are fewer than two rows or a number is not finite.
std::vector<TableRegression> regress(const DescriptorTable& table, const Eigen::VectorXd& targets,
                                     const RegressionRequest& request, const std::vector<CarriedTable>& carried);

}  // namespace hullscan
