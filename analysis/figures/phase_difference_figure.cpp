#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"

namespace hullscan {
namespace {

struct PhaseDifference {
  double x = 0, lowest_ev_per_atom = 0;
  std::optional<double> mean_ev_per_atom;  ///< Boltzmann
  double deviation_ev_per_atom = 0;
};

/// The lowest ensemble of each formula of a space that has a place on the axis.
std::map<Composition, const ReportEnsemble*> ensembles_of(const Report& report, const std::string& space) {
  std::map<Composition, const ReportEnsemble*> lowest;
  for (const ReportEnsemble& ensemble : report.ensembles) {
    if (ensemble.space != space || !ensemble.x) continue;
    const auto [at, inserted] = lowest.emplace(ensemble.composition.reduced(), &ensemble);
    if (ensemble.minimum_ev_per_atom < at->second->minimum_ev_per_atom) at->second = &ensemble;
  }
  return lowest;
}

std::vector<PhaseDifference> differences(const Report& report, const std::string& from, const std::string& to) {
  const auto a = ensembles_of(report, from), b = ensembles_of(report, to);
  std::vector<PhaseDifference> rows;
  for (const auto& [composition, first] : a) {
    const auto second = b.find(composition);
    if (second == b.end()) continue;
    PhaseDifference row{*first->x, second->second->minimum_ev_per_atom - first->minimum_ev_per_atom, {}, 0};
    if (first->averaged && second->second->averaged)
      row.mean_ev_per_atom = second->second->mean_ev_per_atom - first->mean_ev_per_atom;
    row.deviation_ev_per_atom = std::hypot(first->deviation_ev_per_atom, second->second->deviation_ev_per_atom);
    rows.push_back(row);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& p, const auto& q) { return p.x < q.x; });
  return rows;
}

std::vector<std::string> spaces_with_ensembles(const Report& report) {
  std::vector<std::string> spaces;
  for (const ReportSpace& space : report.content.spaces) {
    if (!ensembles_of(report, space.name).empty()) spaces.push_back(space.name);
  }
  return spaces;
}

std::string no_difference(const Report& report) {
  const std::vector<std::string> spaces = spaces_with_ensembles(report);
  if (spaces.size() < 2) return "fewer than two spaces have results";
  for (std::size_t k = 1; k < spaces.size(); ++k) {
    if (differences(report, spaces[0], spaces[k]).size() > 1) return "";
  }
  return fmt::format("no space has results at two compositions of {}", spaces[0]);
}

Picture draw_differences(const Report& report, const FigureStyle& style) {
  const std::vector<std::string> spaces = spaces_with_ensembles(report);
  Plot plot;
  plot.title = "Energy of phases against each other: " + report.content.campaign;
  double low = 0, high = 0, first = 1e300, last = -1e300;
  bool means = false;
  const bool ordered = report.axes.size() == 1;  // one axis does not order compositions of three end members
  for (std::size_t k = 1; k < spaces.size(); ++k) {
    const Colour colour = palette::category(k - 1);
    PlotSeries lowest, mean;
    for (const PhaseDifference& row : differences(report, spaces[0], spaces[k])) {
      lowest.points.push_back({row.x, row.lowest_ev_per_atom});
      low = std::min(low, row.lowest_ev_per_atom);
      high = std::max(high, row.lowest_ev_per_atom);
      first = std::min(first, row.x);
      last = std::max(last, row.x);
      if (!row.mean_ev_per_atom || !ordered) continue;
      mean.points.push_back({row.x, *row.mean_ev_per_atom});
      mean.band_low.push_back(*row.mean_ev_per_atom - row.deviation_ev_per_atom);
      mean.band_high.push_back(*row.mean_ev_per_atom + row.deviation_ev_per_atom);
      low = std::min(low, mean.band_low.back());
      high = std::max(high, mean.band_high.back());
    }
    const std::string pair = fmt::format("{} \u2212 {}", spaces[k], spaces[0]);
    if (!mean.points.empty()) {
      means = true;
      mean.line = LineStyle{0.25, colour, {1.2, 0.7}};
      mean.legend = plain_text(fmt::format("{}, {:g} K", pair, report.temperature_kelvin));
      plot.series.push_back(std::move(mean));
    }
    lowest.mark = MarkStyle{MarkShape::kDisc, 1.6, colour, palette::kBlack, 0.12};
    if (ordered) lowest.line = LineStyle{style.line_mm, colour};
    lowest.legend = plain_text(pair + ", lowest");
    plot.series.push_back(std::move(lowest));
  }
  const bool hull_axis = !report.hull_axis.formula.empty() && report.axis == report.hull_axis.label;
  plot.x = {first, last > first ? last : first + 0.1,
            hull_axis ? axis_text(report.hull_axis) : formula_text(capitalised(report.axis)), 1, 0.04};
  plot.y = energy_axis("Energy difference", low, std::max(high, low + 1e-3));
  plot.zero_line = true;
  Picture picture = picture_of(plot, style);
  if (means)
    picture.remarks.push_back(fmt::format(
        "dashed: Boltzmann averages at {:g} K of the calculated configurations, with one standard deviation",
        report.temperature_kelvin));
  return picture;
}

}  // namespace

Figure phase_difference_figure() {
  return {"phases", "energy of one space against another at the same compositions", no_difference, draw_differences};
}

}  // namespace hullscan
