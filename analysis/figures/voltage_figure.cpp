#include <fmt/format.h>

#include <algorithm>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"

namespace hullscan {
namespace {

bool has_steps(const ReportVoltage& voltage) { return voltage.profile && !voltage.profile->plateaus.empty(); }

std::string no_voltage(const Report& report) {
  if (report.voltages.empty())
    return report.content.working_ion ? "no calculation has finished" : "the campaign names no report.working_ion";
  for (const ReportVoltage& voltage : report.voltages) {
    if (has_steps(voltage)) return "";
  }
  return report.voltages.front().problem.empty() ? "the hull has no step" : report.voltages.front().problem;
}

/// "x in LixNiO2".
RichText ions_text(const VoltageProfile& profile) {
  return RichText{{"x", Script::kNormal, true},
                  {fmt::format(" in {}", profile.ion.symbol()), Script::kNormal, false},
                  {"x", Script::kSub, true}} +
         formula_text(profile.host.formula());
}

/// "Voltage vs. Li/Li+ (V)".
RichText volts_text(const VoltageProfile& profile) {
  const std::string charge = (profile.charge > 1 ? fmt::format("{}", profile.charge) : "") + "+";
  return RichText{{fmt::format("Voltage vs. {0}/{0}", profile.ion.symbol()), Script::kNormal, false},
                  {charge, Script::kSuper, false},
                  {" (V)", Script::kNormal, false}};
}

PlotSeries steps_of(const VoltageProfile& profile, Colour colour) {
  PlotSeries series;
  series.line = LineStyle{0.45, colour};
  for (const VoltagePlateau& plateau : profile.plateaus) {
    series.points.push_back({plateau.charged.ions_per_host, plateau.voltage});
    series.points.push_back({plateau.discharged.ions_per_host, plateau.voltage});
  }
  return series;
}

Picture draw_voltage(const Report& report, const FigureStyle& style) {
  Plot plot;
  plot.title = "Voltage: " + report.content.campaign;
  std::vector<const ReportVoltage*> known;
  for (const ReportVoltage& voltage : report.voltages) {
    if (has_steps(voltage)) known.push_back(&voltage);
  }
  PlotSeries measured;
  measured.mark = MarkStyle{MarkShape::kSquare, 1.5, palette::kWhite, palette::kBlack};
  measured.legend = plain_text("Measured");
  for (const MeasuredPoint& point : report.content.measured) {
    if (point.quantity == "voltage" && point.x) measured.points.push_back({*point.x, point.value});
  }
  for (std::size_t k = 0; k < known.size(); ++k) {
    PlotSeries steps = steps_of(*known[k]->profile, palette::category(k));
    const std::string average = fmt::format("average {:.2f} V", known[k]->profile->average_voltage);
    if (known.size() > 1) steps.legend = plain_text(known[k]->space + ", " + average);
    if (known.size() == 1 && !measured.points.empty()) steps.legend = plain_text("Calculated");
    if (known.size() == 1) plot.notes.push_back(plain_text(capitalised(average)));
    plot.series.push_back(std::move(steps));
  }
  plot.series.push_back(std::move(measured));
  double first = 1e300, last = -1e300, low = 1e300, high = -1e300;
  for (const PlotSeries& series : plot.series) {
    for (const DataPoint& point : series.points) {
      first = std::min(first, point.x);
      last = std::max(last, point.x);
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
  const double pad = std::max(0.05, 0.1 * (high - low));
  plot.x = {first, last, ions_text(*known.front()->profile), 1, 0};
  plot.y = {low - pad, high + pad, volts_text(*known.front()->profile), 1, 0};
  plot.grows_down = false;
  return picture_of(plot, style);
}

}  // namespace

Figure voltage_figure() {
  return {"voltage", "voltage steps against the content of the working ion", no_voltage, draw_voltage};
}

}  // namespace hullscan
