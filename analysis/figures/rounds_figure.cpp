#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"

namespace hullscan {
namespace {

struct Errors {
  PlotSeries left_out, fitted;
};

std::map<std::string, Errors> errors_by_model(const Report& report) {
  std::map<std::string, Errors> errors;
  for (const ReportRound& round : report.content.rounds) {
    const auto labels = static_cast<double>(round.labels);
    Errors& of = errors[round.surrogate];
    if (round.loo_rmse_ev_per_atom) of.left_out.points.push_back({labels, *round.loo_rmse_ev_per_atom});
    if (round.rmse_ev_per_atom) of.fitted.points.push_back({labels, *round.rmse_ev_per_atom});
  }
  return errors;
}

std::string no_rounds(const Report& report) {
  if (report.content.rounds.empty()) return "no surrogate was fitted";
  for (const auto& [model, errors] : errors_by_model(report)) {
    if (errors.left_out.points.size() > 1 || errors.fitted.points.size() > 1) return "";
  }
  return "there is only one fit";
}

Picture draw_rounds(const Report& report, const FigureStyle& style) {
  Plot plot;
  plot.title = "Error of the surrogate by round: " + report.content.campaign;
  auto errors = errors_by_model(report);
  double most = 0, fewest_labels = 1e300, most_labels = 0;
  std::size_t k = 0;
  for (auto& [model, of] : errors) {
    const Colour colour = palette::category(k++);
    const std::string prefix = errors.size() > 1 ? model + ", " : "";
    for (PlotSeries* series : {&of.fitted, &of.left_out}) {
      const bool left_out = series == &of.left_out;
      series->legend = plain_text(capitalised(prefix + (left_out ? "leave-one-out" : "on the fitted labels")));
      series->mark =
          MarkStyle{left_out ? MarkShape::kDisc : MarkShape::kSquare, 1.6, left_out ? colour : palette::kWhite, colour};
      series->line = LineStyle{style.line_mm, colour, left_out ? std::vector<double>{} : std::vector<double>{1.2, 0.7}};
      for (const DataPoint& point : series->points) {
        most = std::max(most, point.y);
        fewest_labels = std::min(fewest_labels, point.x);
        most_labels = std::max(most_labels, point.x);
      }
      plot.series.push_back(std::move(*series));
    }
  }
  plot.x = {fewest_labels, std::max(most_labels, fewest_labels + 1), plain_text("Number of labels"), 1, 0.05, true};
  plot.y = energy_axis("RMSE", 0, std::max(1.08 * most, 1e-4));
  plot.y.margin = 0.04;
  plot.grows_down = false;
  return picture_of(plot, style);
}

}  // namespace

Figure rounds_figure() {
  return {"rounds", "error of the surrogate against the number of labels, round by round", no_rounds, draw_rounds};
}

}  // namespace hullscan
