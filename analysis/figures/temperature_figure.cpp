#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/figures/hull_points.hpp"
#include "analysis/figures/monte_carlo_figures.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostCurves = 6;

std::vector<const TemperatureCurve*> shown_curves(const std::vector<TemperatureCurve>& curves) {
  std::vector<const TemperatureCurve*> shown;
  const std::size_t n = std::min(curves.size(), kMostCurves);
  for (std::size_t k = 0; k < n; ++k)
    shown.push_back(&curves[n < 2 ? 0 : (k * (curves.size() - 1) + (n - 1) / 2) / (n - 1)]);
  return shown;
}

PlotAxis value_axis(AverageKind kind, double low, double high) {
  const double range = std::max(high - low, 1e-6);
  switch (kind) {
    case AverageKind::kEnergy:
      return energy_axis("Energy", low, low + range);
    case AverageKind::kHeatCapacity:
      return {std::min(low, 0.0), std::max(low + range, 1e-3),
              RichText{{"Heat capacity ("}, {"k", Script::kNormal, true}, {"B", Script::kSub}, {"/atom)"}}, 1, 0.04};
    case AverageKind::kShortRangeOrder:
      return {std::min(low, -0.05), std::max(high, 0.05), plain_text("Warren-Cowley parameter"), 1, 0.05};
    case AverageKind::kSublatticeOrder:
      break;
  }
  return {0, 1, plain_text("Share of the sublattice"), 1, 0.04};
}

}  // namespace

Picture temperature_picture(AverageKind kind, const std::string& title, const std::vector<TemperatureCurve>& curves,
                            const FigureStyle& style) {
  Plot plot;
  plot.title = title;
  double low = 1e300, high = -1e300, coldest = 1e300, hottest = 0;
  std::size_t k = 0;
  for (const TemperatureCurve* curve : shown_curves(curves)) {
    const Colour colour = palette::category(k);
    PlotSeries series;
    series.mark = MarkStyle{shape_of_group(k), 1.4, colour, colour};
    series.line = LineStyle{style.thin_line_mm, colour};
    if (curves.size() > 1) series.legend = plain_text(curve->name);
    for (const TemperaturePoint& point : curve->points) {
      const double error = std::isfinite(point.value.standard_error) ? point.value.standard_error : 0;
      series.points.push_back({point.temperature_kelvin, point.value.value});
      series.y_errors.push_back(error);
      low = std::min(low, point.value.value - error);
      high = std::max(high, point.value.value + error);
      coldest = std::min(coldest, point.temperature_kelvin);
      hottest = std::max(hottest, point.temperature_kelvin);
    }
    plot.series.push_back(std::move(series));
    ++k;
  }
  plot.x = {coldest, std::max(hottest, coldest + 1), plain_text("Temperature (K)"), 1, 0.03};
  plot.y = value_axis(kind, low, high);
  plot.zero_line = kind == AverageKind::kShortRangeOrder;
  plot.grows_down = false;
  Picture picture = picture_of(plot, style);
  if (curves.size() > kMostCurves)
    picture.remarks.push_back(fmt::format("{} of {} curves are shown", kMostCurves, curves.size()));
  return picture;
}

}  // namespace hullscan
