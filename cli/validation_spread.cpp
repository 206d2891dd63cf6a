#include "cli/validation_spread.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace hullscan::cli {

SpreadNumber spread_of(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  SpreadNumber spread;
  double squares = 0;
  for (const double value : values) spread.mean += value / n;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  if (values.size() > 1) spread.deviation = std::sqrt(squares / (n - 1));
  const auto [smallest, largest] = std::minmax_element(values.begin(), values.end());
  spread.smallest = *smallest;
  spread.largest = *largest;
  return spread;
}

std::vector<GroupSpread> group_spreads(std::span<const ReportValidation> repeats) {
  std::map<std::tuple<std::string, std::string, std::string>, GroupSpread> spreads;
  for (const ReportValidation& repeat : repeats) {
    for (const ReportValidation::Model& model : repeat.models) {
      for (const ReportValidation::Group& group : model.groups) {
        GroupSpread& spread = spreads[{model.kind, group.by, group.name}];
        spread.labels.push_back(group.count);
        spread.rmse.push_back(1e3 * group.rmse_ev_per_atom);
        spread.mae.push_back(1e3 * group.mae_ev_per_atom);
      }
    }
  }
  std::vector<GroupSpread> all;
  for (auto& [key, spread] : spreads) {
    std::tie(spread.kind, spread.by, spread.group) = key;
    all.push_back(std::move(spread));
  }
  return all;
}

}  // namespace hullscan::cli
