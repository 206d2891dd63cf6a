#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/figures/figures.hpp"
#include "analysis/figures/hull_points.hpp"
#include "analysis/hull/plane_of_two.hpp"
#include "analysis/report/report_predictions.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostSpacesApart = 5;
constexpr std::size_t kMostNames = 120;
constexpr double kSlackEv = 1e-9;

/// A hull line with end members at zero, through vertices by their place.
PlotSeries tie_lines(const PlaneOfTwo& plane, std::map<double, double> vertices, LineStyle style) {
  // Atoms of a unit are the same everywhere between elements: the line is straight.
  const int steps = plane.atoms_at(0) == plane.atoms_at(1) ? 1 : 16;
  vertices.emplace(0.0, 0.0);
  vertices.emplace(1.0, 0.0);
  std::vector<std::pair<double, double>> line;
  for (auto left = vertices.begin(), right = std::next(left); right != vertices.end(); ++left, ++right)
    plane.add_line(left->first, left->second, right->first, right->second, line, steps);
  PlotSeries series;
  series.line = std::move(style);
  for (const auto& [place, energy] : line) series.points.push_back({plane.number(place), energy});
  return series;
}

/// Vertices of the hull of the lowest predictions; empty if they have none.
std::map<double, double> predicted_vertices(const Report& report, const std::vector<PredictedPoint>& predictions) {
  std::vector<HullEntry> entries;
  for (const PredictedPoint& point : predictions)
    entries.push_back({fmt::format("{}", entries.size()),
                       point.composition,
                       point.lowest_ev_per_atom * static_cast<double>(point.composition.atom_count()),
                       {}});
  for (const Composition& member : report.hull->end_members)
    entries.push_back({fmt::format("end member {}", entries.size()), member, 0.0, {}});
  HullOptions options = unbounded_hull_options_for(entries);
  options.references = HullOptions::References::kEndMembers;
  options.end_members = report.hull->end_members;
  std::map<double, double> vertices;
  try {
    const HullReport hull = compute_hull(entries, options);
    for (std::size_t k = 0; k < predictions.size(); ++k) {
      if (hull.entries[k].vertex && vertex_kind(hull, hull.entries[k]) != VertexKind::kReference)
        vertices.emplace(predictions[k].x[1], predictions[k].lowest_ev_per_atom);
    }
  } catch (const InputError&) {
    return {};  // predictions beyond every bound are shown without their hull
  }
  return vertices;
}

/// Marks above and on the hull, one kind a space where there are few, and one of references.
class PointKinds {
 public:
  explicit PointKinds(const std::vector<HullPoint>& points) {
    for (const HullPoint& point : points) {
      if (!point.reference) spaces_.emplace(point.space, 0);
    }
    std::size_t next = 0;
    for (auto& [space, number] : spaces_) number = next++;
    apart_ = spaces_.size() > 1 && spaces_.size() <= kMostSpacesApart;
  }
  [[nodiscard]] bool apart() const { return apart_; }
  [[nodiscard]] std::string of(const HullPoint& point) const {
    return point.reference ? kReference : apart_ ? point.space : "";
  }
  [[nodiscard]] MarkStyle mark(const std::string& kind, bool vertex) const {
    MarkStyle style;
    Colour colour = palette::kBlue;
    if (kind == kReference) {
      style.shape = MarkShape::kDiamond;
      colour = palette::kBlack;
    } else if (apart_) {
      style.shape = shape_of_group(spaces_.at(kind));
      colour = palette::category(spaces_.at(kind));
    }
    style.size_mm = vertex ? 2.0 : 1.5;
    style.edge = vertex ? palette::kBlack : colour;
    style.fill = vertex ? colour : palette::kWhite;
    style.edge_width_mm = vertex ? 0.15 : 0.2;
    return style;
  }
  [[nodiscard]] RichText words(const std::string& kind) const {
    return plain_text(kind == kReference ? "Reference" : apart_ ? kind : "Above the hull");
  }

  [[nodiscard]] RichText words_on_hull(const std::string& kind) const {
    return kind == kReference ? plain_text("Reference, on the hull")
           : apart_           ? plain_text(kind)
                              : plain_text("On the hull");
  }

 private:
  static constexpr const char* kReference = "\n";  ///< no space has this name
  std::map<std::string, std::size_t> spaces_;
  bool apart_ = false;
};

double upper_end(const std::vector<HullPoint>& points, double low, double highest, bool whole) {
  std::map<std::pair<std::string, Composition>, double> lowest;  // of each space
  for (const HullPoint& point : points) {
    const double energy = point.result->formation_energy_ev_per_atom;
    const auto [at, inserted] = lowest.emplace(std::pair(point.space, point.result->composition.reduced()), energy);
    if (!inserted) at->second = std::min(at->second, energy);
  }
  double usual = std::max(0.01, -0.3 * low), top = 0;
  for (const auto& [composition, energy] : lowest) top = std::max(top, energy);
  const bool compounds = -low > 0.3 * top;  // else all of the picture is above zero
  for (const auto& [composition, energy] : lowest) usual = std::max(usual, (compounds ? 1.1 : 1.7) * energy);
  return std::max(1e-3, whole ? highest : std::min(highest, usual));
}

/// Behind one another in this order: predictions, what is above the hull, its line, what is on it.
std::vector<PlotSeries> hull_series(const Report& report, const PlaneOfTwo& plane, const std::vector<HullPoint>& points,
                                    const std::vector<PredictedPoint>& predictions, double high) {
  const PointKinds kinds(points);
  std::map<std::string, PlotSeries> above, on;
  std::map<double, double> vertices;
  for (const HullPoint& point : points) {
    const double energy = point.result->formation_energy_ev_per_atom;
    if (point.result->vertex) vertices.emplace(point.x[1], energy);
    if (energy <= high + kSlackEv)
      (point.result->vertex ? on : above)[kinds.of(point)].points.push_back({plane.number(point.x[1]), energy});
  }
  std::vector<PlotSeries> all;
  if (!predictions.empty()) {
    all.push_back(tie_lines(plane, predicted_vertices(report, predictions), {0.2, palette::kGrey, {1.0, 0.7}}));
    all.back().legend = plain_text("Hull of predictions");
    PlotSeries lowest;
    for (const PredictedPoint& point : predictions)
      lowest.points.push_back({plane.number(point.x[1]), point.lowest_ev_per_atom});
    lowest.mark = MarkStyle{MarkShape::kDisc, 0.8, palette::kGrey, {}};
    lowest.legend = plain_text("Lowest predicted");
    std::erase_if(lowest.points, [&](const DataPoint& point) { return point.y > high + kSlackEv; });
    all.push_back(std::move(lowest));
  }
  for (auto& [kind, series] : above) {
    series.mark = kinds.mark(kind, false);
    series.legend = kinds.words(kind);
    all.push_back(series);
  }
  all.push_back(tie_lines(plane, vertices, {0.35, palette::kBlack}));
  for (auto& [kind, series] : on) {
    series.mark = kinds.mark(kind, true);
    if (!kinds.apart() || !above.contains(kind)) series.legend = kinds.words_on_hull(kind);
    all.push_back(series);
  }
  return all;
}

/// The deepest first, where there are too many for any page.
std::vector<PlotName> names_of_vertices(const PlaneOfTwo& plane, const std::vector<Composition>& members,
                                        const std::vector<HullPoint>& points, std::size_t& unnamed) {
  std::vector<const HullPoint*> vertices;
  for (const HullPoint& point : points) {
    if (point.result->vertex) vertices.push_back(&point);
  }
  const auto energy = [](const HullPoint* point) { return point->result->formation_energy_ev_per_atom; };
  std::stable_sort(vertices.begin(), vertices.end(), [&](auto* a, auto* b) { return energy(a) < energy(b); });
  unnamed = vertices.size() > kMostNames ? vertices.size() - kMostNames : 0;
  vertices.resize(vertices.size() - unnamed);
  std::stable_sort(vertices.begin(), vertices.end(), [](auto* a, auto* b) { return a->x[1] < b->x[1]; });
  std::vector<PlotName> names;
  for (const HullPoint* point : vertices) {
    const double place = point->x[1];
    const Place towards = place < 1e-9 ? Place{1, -0.6} : place > 1 - 1e-9 ? Place{-1, -0.6} : Place{0, 1};
    names.push_back({{plane.number(place), energy(point)},
                     formula_text(point->result->composition.reduced().formula()),
                     2.2,
                     towards});
  }
  // An element without an entry is the zero: it has no mark, but a name.
  for (const std::size_t end : {0U, 1U}) {
    const auto place = static_cast<double>(end);
    const auto at_end = [&](const HullPoint* point) { return std::abs(point->x[1] - place) < 1e-9; };
    if (std::any_of(vertices.begin(), vertices.end(), at_end)) continue;
    names.push_back({{plane.number(place), 0}, formula_text(members[end].formula()), 0.6, Place{1 - 2 * place, -0.6}});
  }
  return names;
}

Picture draw_hull(const Report& report, const FigureStyle& style) {
  const auto& members = report.hull->end_members;
  const PlaneOfTwo plane(report.hull_axis, members[0], members[1]);
  const std::vector<HullPoint> points = hull_points(report);
  const std::vector<PredictedPoint> predictions = lowest_predictions(report);
  double low = 0, highest = 0;
  for (const HullPoint& point : points) {
    low = std::min(low, point.result->formation_energy_ev_per_atom);
    highest = std::max(highest, point.result->formation_energy_ev_per_atom);
  }
  for (const PredictedPoint& point : predictions) low = std::min(low, point.lowest_ev_per_atom);
  const double high = upper_end(points, low, highest, style.whole_range);

  Plot plot;
  plot.title = "Formation energy and convex hull: " + report.content.campaign;
  const auto [first, last] = std::minmax(report.hull_axis.low, report.hull_axis.high);
  plot.x = {first, last, axis_text(report.hull_axis)};
  plot.y = energy_axis("Formation energy", low, high);
  plot.zero_line = true;
  plot.y.low -= 0.05 * (high - low);  // names stand below

  plot.series = hull_series(report, plane, points, predictions, high);
  if (PointKinds(points).apart()) plot.notes.push_back(plain_text("Filled: on the hull"));
  if (report.content.entries_are_predicted)
    plot.notes.push_back(plain_text("Predicted by " + report.content.model + ", not calculated"));
  std::size_t outside = 0;
  for (const HullPoint& point : points) outside += point.result->formation_energy_ev_per_atom > high + kSlackEv ? 1 : 0;
  std::size_t unnamed = 0;
  plot.names = names_of_vertices(plane, members, points, unnamed);
  Picture picture = picture_of(plot, style);
  if (outside > 0)
    picture.remarks.push_back(
        fmt::format("{} of {} points lie above {:.0f} meV/atom and are not drawn; --whole-range draws them", outside,
                    points.size(), 1e3 * high));
  if (unnamed > 0) picture.remarks.push_back(fmt::format("{} more stable phases have no room for a name", unnamed));
  return picture;
}

}  // namespace

Figure hull_figure() {
  return {"hull", "formation energy against composition between two end members, with the convex hull",
          [](const Report& report) {
            if (has_predicted_hull(report)) return no_hull_of(report_of_predictions(report), 2);
            if (!report.hull && holds_predictions(report))
              return "nothing was calculated, and the energies of the model (" + report.content.model +
                     ") say nothing between compositions; hullscan top ranks within each";
            return no_hull_of(report, 2);
          },
          [](const Report& report, const FigureStyle& style) {
            return has_predicted_hull(report) ? draw_hull(report_of_predictions(report), style)
                                              : draw_hull(report, style);
          }};
}

}  // namespace hullscan
