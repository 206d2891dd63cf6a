#include <fmt/format.h>

#include <algorithm>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"
#include "analysis/report/parity.hpp"

namespace hullscan {
namespace {

std::string no_parity(const Report& report) {
  if (!report.hull) return no_hull_of(report, 0);
  return parity_of(report) ? "" : "no calculation has a prediction beside it";
}

Picture draw_parity(const Report& report, const FigureStyle& style) {
  const Parity parity = *parity_of(report);
  PlotSeries series;
  series.mark = MarkStyle{MarkShape::kDisc, parity.pairs.size() > 500 ? 0.9 : 1.3, palette::kSky, palette::kBlue, 0.12};
  double low = parity.pairs.front().calculated_ev_per_atom, high = low;
  for (const Parity::Pair& pair : parity.pairs) {
    low = std::min({low, pair.calculated_ev_per_atom, pair.predicted_ev_per_atom});
    high = std::max({high, pair.calculated_ev_per_atom, pair.predicted_ev_per_atom});
    series.points.push_back({pair.calculated_ev_per_atom, pair.predicted_ev_per_atom});
  }
  if (high - low < 1e-3) high = low + 1e-3;
  Plot plot;
  plot.title = "Predicted against calculated formation energies: " + report.content.campaign;
  plot.x = energy_axis("Calculated formation energy", low, high);
  plot.y = energy_axis("Predicted formation energy", low, high);
  plot.series = {std::move(series)};
  plot.equal_axes = plot.diagonal = true;
  plot.notes = {plain_text(fmt::format("{} calculation{}", parity.pairs.size(), parity.pairs.size() == 1 ? "" : "s")),
                plain_text(fmt::format("RMSE {:.1f} meV/atom", 1e3 * parity.rmse_ev_per_atom)),
                plain_text(fmt::format("MAE {:.1f} meV/atom", 1e3 * parity.mae_ev_per_atom))};
  Picture picture = picture_of(plot, style);
  picture.remarks.push_back("the predictions are those that chose the calculations, made before them");
  return picture;
}

}  // namespace

Figure parity_figure() {
  return {"parity", "formation energies that the surrogate predicted against those calculated", no_parity, draw_parity};
}

}  // namespace hullscan
