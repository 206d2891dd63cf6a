/// @file
/// Errors of validations by group, over their repeats, for people who look at a terminal.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/report/report_content.hpp"

namespace hullscan::cli {

/// The spread of one number over repeats.
struct SpreadNumber {
  double mean = 0, deviation = 0;  ///< deviation: of one of them, with n - 1; 0 of a single one
  double smallest = 0, largest = 0;
};
/// @param values at least one.
SpreadNumber spread_of(std::span<const double> values);

/// One group of labels of one model.
struct GroupSpread {
  std::string kind, by, group;      ///< of the model; ReportValidation::Group
  std::vector<std::size_t> labels;  ///< [repeats]
  std::vector<double> rmse, mae;    ///< [repeats] meV/atom
};
/// By kind, grouping and group.
std::vector<GroupSpread> group_spreads(std::span<const ReportValidation> repeats);

}  // namespace hullscan::cli
