#include "analysis/statistics/path_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

/// The smallest value with at least `share` of the weight at or below it. @param values sorted, with weights.
double quantile(const std::vector<std::pair<double, double>>& values, double share) {
  double all = 0;
  for (const auto& [value, weight] : values) all += weight;
  double below = 0;
  for (const auto& [value, weight] : values) {
    below += weight;
    // A third of a whole number has no exact double.
    if (below >= share * all * (1 - 1e-12)) return value;
  }
  return values.back().first;
}

/// Sums of one group; the mean first, so that the deviation does not lose digits.
class Gathered {
 public:
  void add(const PathSample& sample) { samples_.push_back(&sample); }
  [[nodiscard]] bool empty() const { return samples_.empty(); }

  [[nodiscard]] PathGroup group(const PathStatistics& of) const {
    PathGroup group;
    group.minimum = std::numeric_limits<double>::infinity();
    group.maximum = -group.minimum;
    double sum = 0;
    for (const PathSample* sample : samples_) {
      group.paths += sample->paths;
      group.weight += sample->weight;
      sum += sample->weight * sample->value;
      group.minimum = std::min(group.minimum, sample->lowest);
      group.maximum = std::max(group.maximum, sample->highest);
      (sample->value <= of.favourable_to ? group.favourable
       : sample->value <= of.neutral_to  ? group.neutral
                                         : group.unfavourable) += sample->weight;
    }
    group.mean = sum / group.weight;
    double squares = 0;
    for (const PathSample* sample : samples_) squares += sample->weight * std::pow(sample->value - group.mean, 2);
    group.deviation = std::sqrt(squares / group.weight);
    for (double* share : {&group.favourable, &group.neutral, &group.unfavourable}) *share /= group.weight;
    return group;
  }

 private:
  std::vector<const PathSample*> samples_;
};

}  // namespace

PathStatistics path_statistics(std::span<const PathSample> samples) {
  if (samples.empty()) throw InputError("path statistics: there are no paths");
  PathStatistics statistics;
  std::vector<std::pair<double, double>> reference;
  std::vector<std::string> types;
  std::map<std::int64_t, std::pair<Gathered, std::vector<Gathered>>> of_dopants;
  for (const PathSample& sample : samples) {
    if (!std::isfinite(sample.value) || !(sample.weight > 0))
      throw InputError(fmt::format("path statistics: a path of type {} has the value {} and the weight {}", sample.type,
                                   sample.value, sample.weight));
    if (std::find(types.begin(), types.end(), sample.type) == types.end()) types.push_back(sample.type);
    if (!sample.reference) continue;
    reference.emplace_back(sample.value, sample.weight);
    statistics.reference_paths += sample.paths;
  }
  if (reference.empty()) throw InputError("path statistics: no path belongs to the reference set");
  std::sort(reference.begin(), reference.end());
  statistics.favourable_to = quantile(reference, 1.0 / 3);
  statistics.neutral_to = quantile(reference, 2.0 / 3);

  for (const PathSample& sample : samples) {
    auto& [all, of_type] = of_dopants[sample.dopants];
    of_type.resize(types.size());
    all.add(sample);
    of_type[static_cast<std::size_t>(std::find(types.begin(), types.end(), sample.type) - types.begin())].add(sample);
  }
  for (const auto& [dopants, gathered] : of_dopants) {
    const auto take = [&, &of = dopants](const Gathered& sums, const std::string& type) {
      if (sums.empty()) return;
      PathGroup group = sums.group(statistics);
      group.type = type;
      group.dopants = of;
      statistics.groups.push_back(std::move(group));
    };
    take(gathered.first, "");
    for (std::size_t t = 0; t < types.size(); ++t) take(gathered.second[t], types[t]);
  }
  return statistics;
}

Json paths_json(const PathStatistics& statistics) {
  Json groups = Json::array();
  for (const PathGroup& group : statistics.groups) {
    groups.push_back({{"dopants", group.dopants},
                      {"type", group.type.empty() ? Json(nullptr) : Json(group.type)},
                      {"paths", std::to_string(group.paths)},
                      {"configurations", fmt::format("{:.0f}", group.weight)},
                      {"mean", group.mean},
                      {"deviation", group.deviation},
                      {"minimum", group.minimum},
                      {"maximum", group.maximum},
                      {"favourable", group.favourable},
                      {"neutral", group.neutral},
                      {"unfavourable", group.unfavourable}});
  }
  Json map = Json::array();
  for (const PathPlace& place : statistics.map) {
    map.push_back({{"type", place.type},
                   {"distance", place.distance_angstrom},
                   {"angle", place.angle_degrees},
                   {"value", place.value},
                   {"configurations", fmt::format("{:.0f}", place.weight)}});
  }
  return {{"space", statistics.space},
          {"quantity", statistics.quantity},
          {"reference", statistics.reference},
          {"reference_paths", std::to_string(statistics.reference_paths)},
          {"favourable_to", statistics.favourable_to},
          {"neutral_to", statistics.neutral_to},
          {"resolution", statistics.resolution},
          {"groups", std::move(groups)},
          {"map", std::move(map)}};
}

std::string paths_csv(std::span<const PathStatistics> statistics) {
  std::string text =
      "space,quantity,dopants,type,paths,configurations,mean,deviation,minimum,maximum,favourable,neutral,"
      "unfavourable\n";
  for (const PathStatistics& one : statistics) {
    for (const PathGroup& group : one.groups) {
      text += fmt::format("{},{},{},{},{},{:.0f},{},{},{},{},{},{},{}\n", csv_field(one.space), csv_field(one.quantity),
                          group.dopants, csv_field(group.type.empty() ? "all" : group.type), group.paths, group.weight,
                          group.mean, group.deviation, group.minimum, group.maximum, group.favourable, group.neutral,
                          group.unfavourable);
    }
  }
  return text;
}

}  // namespace hullscan
