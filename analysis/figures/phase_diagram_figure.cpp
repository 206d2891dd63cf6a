#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "analysis/figures/hull_points.hpp"
#include "analysis/figures/monte_carlo_figures.hpp"

namespace hullscan {
namespace {

/// Through the layers: a two-phase field by its phases and which of those with the same ones it is.
using FieldKey = std::pair<std::vector<std::string>, std::size_t>;

std::map<FieldKey, PhaseField> two_phase_fields(const PhaseLayer& layer) {
  std::map<FieldKey, PhaseField> fields;
  std::map<std::vector<std::string>, std::size_t> seen;
  for (const PhaseField& field : layer.fields) {
    if (field.phases.size() == 2) fields.emplace(FieldKey{field.phases, seen[field.phases]++}, field);
  }
  return fields;
}

PlotSeries straight(double x0, double y0, double x1, double y1, LineStyle style) {
  PlotSeries series;
  series.points = {{x0, y0}, {x1, y1}};
  series.line = std::move(style);
  return series;
}

/// Boundaries of one two-phase field over the layers in which it is there without a break.
struct FieldThroughLayers {
  std::vector<double> temperatures;
  std::vector<PhaseField> fields;
};

std::vector<FieldThroughLayers> connected_fields(const PhaseDiagram& diagram) {
  std::vector<FieldThroughLayers> all;
  std::map<FieldKey, std::size_t> open;
  for (const PhaseLayer& layer : diagram.layers) {
    std::map<FieldKey, std::size_t> still;
    for (const auto& [key, field] : two_phase_fields(layer)) {
      const auto before = open.find(key);
      const std::size_t at = before == open.end() ? all.size() : before->second;
      if (before == open.end()) all.emplace_back();
      all[at].temperatures.push_back(layer.temperature_kelvin);
      all[at].fields.push_back(field);
      still[key] = at;
    }
    open = std::move(still);
  }
  return all;
}

void add_boundaries(const FieldThroughLayers& field, const PhaseDiagram& diagram, const FigureStyle& style,
                    Plot& plot) {
  const std::size_t n = field.temperatures.size();
  for (std::size_t i = 0; i < n; ++i) {
    const bool end = (i + 1 == n && field.temperatures[i] != diagram.layers.back().temperature_kelvin) ||
                     (i == 0 && field.temperatures[i] != diagram.layers.front().temperature_kelvin);
    const LineStyle tie = end ? LineStyle{style.thin_line_mm, palette::kBlack, {0.9, 0.7}}
                              : LineStyle{style.thin_line_mm, palette::kPale};
    plot.series.push_back(straight(field.fields[i].from.value, field.temperatures[i], field.fields[i].to.value,
                                   field.temperatures[i], tie));
  }
  for (const bool lower : {true, false}) {
    PlotSeries line;
    line.line = LineStyle{style.line_mm, palette::kBlue};
    if (n == 1) line.mark = MarkStyle{MarkShape::kDisc, 0.8, palette::kBlue, {}};
    for (std::size_t i = 0; i < n; ++i)
      line.points.push_back({(lower ? field.fields[i].from : field.fields[i].to).value, field.temperatures[i]});
    plot.series.push_back(std::move(line));
  }
}

/// Where the field of each phase is widest: the layer in the middle of those within a twentieth of the widest.
void add_names(const PhaseDiagram& diagram, Plot& plot) {
  struct Wide {
    double width = 0;
    DataPoint middle;
  };
  std::map<std::string, std::vector<Wide>> by_phase;
  for (const PhaseLayer& layer : diagram.layers) {
    if (layer.temperature_kelvin <= 0) continue;
    for (const PhaseField& field : layer.fields) {
      if (field.phases.size() == 1)
        by_phase[field.phases[0]].push_back(
            {field.to.value - field.from.value, {(field.from.value + field.to.value) / 2, layer.temperature_kelvin}});
    }
  }
  for (const auto& [phase, fields] : by_phase) {
    double widest = 0;
    for (const Wide& one : fields) widest = std::max(widest, one.width);
    std::vector<DataPoint> nearly;
    for (const Wide& one : fields) {
      if (one.width >= widest - 0.05) nearly.push_back(one.middle);
    }
    plot.names.push_back({nearly[nearly.size() / 2], formula_text(phase), 0, std::nullopt});
  }
}

}  // namespace

Picture phase_diagram_picture(const PhaseDiagram& diagram, const std::vector<std::string>& computed,
                              const FigureStyle& style) {
  Plot plot;
  plot.title = "Phase diagram over the atomic fraction of " + diagram.species;
  std::size_t unresolved = 0;
  for (const PhaseLayer& layer : diagram.layers) {
    for (const PhaseField& field : layer.fields) unresolved += field.unresolved ? 1 : 0;
  }
  for (const FieldThroughLayers& field : connected_fields(diagram)) add_boundaries(field, diagram, style, plot);
  const PhaseLayer& coldest = diagram.layers.front();
  if (coldest.temperature_kelvin <= 0) {
    for (const bool filled : {true, false}) {
      PlotSeries marks;
      marks.mark = MarkStyle{MarkShape::kDisc, 2.0, filled ? palette::kBlack : palette::kWhite, palette::kBlack};
      marks.legend = plain_text(filled ? "Calculated, on the hull" : "Predicted, on the hull");
      for (const PhaseField& field : coldest.fields) {
        const bool calculated = std::find(computed.begin(), computed.end(), field.phases[0]) != computed.end();
        if (field.phases.size() == 1 && calculated == filled) marks.points.push_back({field.from.value, 0});
      }
      if (!marks.points.empty()) plot.series.push_back(std::move(marks));
    }
  }
  add_names(diagram, plot);
  const double hottest = diagram.layers.back().temperature_kelvin;
  const double low = std::min(coldest.temperature_kelvin, 0.9 * hottest);
  plot.x = {0, 1, plain_text("Atomic fraction of " + diagram.species), 1, 0.02};
  plot.y = {low, hottest, plain_text("Temperature (K)"), 1, 0.03};
  plot.grows_down = false;
  Picture picture = picture_of(plot, style);
  if (unresolved > 0)
    picture.remarks.push_back(fmt::format(
        "{} boundar{} where the grand potentials of two phases do not meet, since the walks of one end there",
        unresolved, unresolved == 1 ? "y is" : "ies are"));
  return picture;
}

}  // namespace hullscan
