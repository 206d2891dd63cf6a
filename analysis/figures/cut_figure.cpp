#include <fmt/format.h>

#include <algorithm>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"
#include "analysis/hull/hull_cut.hpp"
#include "analysis/hull/plane_of_two.hpp"

namespace hullscan {
namespace {

const ReportCut* first_cut(const Report& report) {
  const auto found =
      std::find_if(report.cuts.begin(), report.cuts.end(), [](const ReportCut& cut) { return cut.cut.has_value(); });
  return found == report.cuts.end() ? nullptr : &*found;
}

std::string no_cut(const Report& report) {
  if (first_cut(report) != nullptr) return "";
  if (report.cuts.empty()) return "no cut was asked for: report.cuts of the campaign file";
  return report.cuts.front().asked + ": " + report.cuts.front().problem;
}

Picture draw_cut(const Report& report, const FigureStyle& style) {
  const HullCut& cut = *first_cut(report)->cut;
  const CompositionAxis axis = axis_of(cut);
  const PlaneOfTwo plane(axis, cut.from, cut.to);
  Plot plot;
  plot.title = fmt::format("Hull from {} to {}: {}", cut.from.formula(), cut.to.formula(), report.content.campaign);
  PlotSeries line, crossed, above, on;
  std::vector<std::pair<double, double>> chain;
  double low = 1e300, high = -1e300;
  for (std::size_t i = 0; i < cut.points.size(); ++i) {
    const CutPoint& point = cut.points[i];
    low = std::min(low, point.formation_energy_ev_per_atom);
    high = std::max(high, point.formation_energy_ev_per_atom);
    if (point.phases.size() > 1)
      crossed.points.push_back({plane.number(plane.place(point.x)), point.formation_energy_ev_per_atom});
    if (i > 0)
      plane.add_line(plane.place(cut.points[i - 1].x), cut.points[i - 1].formation_energy_ev_per_atom,
                     plane.place(point.x), point.formation_energy_ev_per_atom, chain, 24);
  }
  for (const auto& [place, energy] : chain) line.points.push_back({plane.number(place), energy});
  for (const CutEntry& entry : cut.entries) {
    const DataPoint at{plane.number(plane.place(entry.x)), entry.formation_energy_ev_per_atom};
    high = std::max(high, style.whole_range ? at.y : std::min(at.y, high + 0.1));
    (entry.vertex ? on : above).points.push_back(at);
  }
  std::erase_if(above.points, [&](const DataPoint& point) { return point.y > high; });
  for (const HullEntryResult& result : report.hull->entries) {
    for (const CutEntry& entry : cut.entries) {
      if (entry.id == result.id && entry.vertex)
        plot.names.push_back({{plane.number(plane.place(entry.x)), entry.formation_energy_ev_per_atom},
                              formula_text(result.composition.reduced().formula()),
                              2.2,
                              Place{0, 1}});
    }
  }
  line.line = LineStyle{style.line_mm, palette::kBlack};
  crossed.mark = MarkStyle{MarkShape::kDisc, 1.2, palette::kWhite, palette::kBlack};
  crossed.legend = plain_text("Tie line or facet crossed");
  above.mark = MarkStyle{MarkShape::kDisc, 1.5, palette::kWhite, palette::kBlue};
  above.legend = plain_text("Above the hull");
  on.mark = MarkStyle{MarkShape::kDisc, 2.0, palette::kBlue, palette::kBlack, 0.15};
  on.legend = plain_text("On the hull");
  plot.series = {above, line, crossed, on};
  const auto [first, last] = std::minmax(axis.low, axis.high);
  plot.x = {first, last, axis_text(axis)};
  plot.y = energy_axis("Formation energy", low, std::max(high, low + 1e-3));
  plot.y.low -= 0.05 * (plot.y.high - low);  // names stand below
  return picture_of(plot, style);
}

}  // namespace

Figure cut_figure() { return {"cut", "the hull along the first line that report.cuts names", no_cut, draw_cut}; }

}  // namespace hullscan
