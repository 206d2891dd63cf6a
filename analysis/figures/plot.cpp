#include "analysis/figures/plot.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/figures/frame.hpp"
#include "analysis/figures/legend.hpp"
#include "analysis/figures/name_key.hpp"
#include "analysis/figures/placing.hpp"
#include "analysis/figures/rendering.hpp"

namespace hullscan {
namespace {

constexpr double kSameMm = 0.12;     ///< marks nearer than this are one to the eye
constexpr double kObstacleMm = 0.5;  ///< and these are one to a name

PlotAxis with_margin(PlotAxis axis) {
  const double by = axis.margin * (axis.high - axis.low);
  axis.low -= by;
  axis.high += by;
  return axis;
}

/// Values of a series outside the axes are not drawn.
bool inside(const Frame& frame, const Place& place) {
  const Box& box = frame.box();
  constexpr double kSlack = 1e-6;
  return place.x > box.left - kSlack && place.x < box.right + kSlack && place.y > box.top - kSlack &&
         place.y < box.bottom + kSlack;
}

std::vector<Place> marks_of(const Frame& frame, const PlotSeries& series, double same_mm = kSameMm) {
  std::set<std::pair<long, long>> seen;
  std::vector<Place> marks;
  for (const DataPoint& point : series.points) {
    const Place at = frame.at(point.x, point.y);
    if (inside(frame, at) && seen.emplace(std::lround(at.x / same_mm), std::lround(at.y / same_mm)).second)
      marks.push_back(at);
  }
  return marks;
}

/// From one error below to one above, as far as the axes reach, with a short line across where it ends within them.
void draw_error_bar(const Frame& frame, const DataPoint& point, double error, const std::optional<MarkStyle>& mark,
                    Picture& picture) {
  const Place middle = frame.at(point.x, point.y);
  if (!inside(frame, middle)) return;
  constexpr double kHalfCapMm = 0.5, kWidthMm = 0.18;
  const Colour colour = mark && mark->edge ? *mark->edge : palette::kBlack;
  for (const double sign : {-1.0, 1.0}) {
    Place end = frame.at(point.x, point.y + sign * error);
    const bool capped = inside(frame, end);
    end.y = std::clamp(end.y, frame.box().top, frame.box().bottom);
    picture.items.push_back(PictureLine{{middle, end}, kWidthMm, colour});
    if (capped)
      picture.items.push_back(
          PictureLine{{{end.x - kHalfCapMm, end.y}, {end.x + kHalfCapMm, end.y}}, kWidthMm, colour});
  }
}

void draw_series(const Frame& frame, const PlotSeries& series, Picture& picture) {
  if (!series.band_low.empty()) {
    PictureLine band{{}, 0, {}, {}, true, series.line ? series.line->colour : palette::kGrey, 0.2};
    for (std::size_t i = 0; i < series.points.size(); ++i)
      band.points.push_back(frame.at(series.points[i].x, series.band_high[i]));
    for (std::size_t i = series.points.size(); i-- > 0;)
      band.points.push_back(frame.at(series.points[i].x, series.band_low[i]));
    picture.items.push_back(std::move(band));
  }
  if (series.line) {
    PictureLine line{{}, series.line->width_mm, series.line->colour, series.line->dashes_mm};
    for (const DataPoint& point : series.points) line.points.push_back(frame.at(point.x, point.y));
    picture.items.push_back(std::move(line));
  }
  for (std::size_t i = 0; i < series.y_errors.size(); ++i) {
    if (std::isfinite(series.y_errors[i]) && series.y_errors[i] > 0)
      draw_error_bar(frame, series.points[i], series.y_errors[i], series.mark, picture);
  }
  if (series.mark) {
    for (const Place& at : marks_of(frame, series)) picture.items.push_back(PictureMark{at, *series.mark});
  }
}

Obstacles obstacles_of(const Plot& plot, const Frame& frame) {
  Obstacles obstacles{frame.box().grown(-0.7), {}};
  for (const PlotSeries& series : plot.series) {
    if (series.mark) {
      for (const Place& at : marks_of(frame, series, kObstacleMm))
        obstacles.marks.push_back(box_of(PictureMark{at, *series.mark}));
    }
    if (!series.line) continue;
    for (std::size_t i = 1; i < series.points.size(); ++i) {
      obstacles.lines.emplace_back(frame.at(series.points[i - 1].x, series.points[i - 1].y),
                                   frame.at(series.points[i].x, series.points[i].y));
    }
  }
  if (plot.diagonal) obstacles.lines.emplace_back(frame.at(plot.x.low, plot.x.low), frame.at(plot.x.high, plot.x.high));
  return obstacles;
}

struct Layout {
  Frame frame;
  PlacedNames names;
  std::optional<Place> legend;
};

Layout laid_out(const Plot& plot, const PlotAxis& x, const PlotAxis& y, double height_mm, const FigureStyle& style,
                const Legend& legend) {
  Layout layout{Frame(x, y, style, height_mm, plot.equal_axes), {}, std::nullopt};
  Obstacles obstacles = obstacles_of(plot, layout.frame);
  std::vector<NameToPlace> wishes;
  for (const PlotName& name : plot.names) {
    const TextExtent extent = extent_of(name.text, style.small_pt());
    wishes.push_back({layout.frame.at(name.at.x, name.at.y), name.mark_mm / 2, extent.width_mm,
                      extent.above_mm + extent.below_mm, name.towards});
  }
  layout.names = place_names(wishes, obstacles);
  for (const PlacedName& name : layout.names.names) {
    obstacles.texts.push_back(name.box.grown(0.5));
    if (name.leader) obstacles.lines.push_back(*name.leader);
  }
  obstacles.within = layout.frame.box().grown(-1.8);
  for (Box& mark : obstacles.marks) mark = mark.grown(1.2);
  layout.legend = free_place(legend.width_mm(), legend.height_mm(), obstacles);
  return layout;
}

void draw_names(const Plot& plot, const Layout& layout, const FigureStyle& style, Picture& picture) {
  for (const PlacedName& name : layout.names.names) {
    if (name.leader)
      picture.items.push_back(
          PictureLine{{name.leader->first, name.leader->second}, style.thin_line_mm, palette::kGrey});
  }
  for (std::size_t i = 0; i < plot.names.size(); ++i) {
    const Box& box = layout.names.names[i].box;
    const TextExtent extent = extent_of(plot.names[i].text, style.small_pt());
    picture.items.push_back(
        PictureText{plot.names[i].text, {box.left, box.top + extent.above_mm}, Anchor::kStart, style.small_pt()});
  }
}

/// The axes as they are shown in the end, with everything in its place.
struct Composed {
  PlotAxis x, y;
  Layout layout;
};

/// The y axis grows until the names cover nothing and the legend has a free place.
Composed composed(const Plot& plot, const FigureStyle& style, const Legend& legend, std::optional<double> height_mm,
                  int most_steps_for_names) {
  const PlotAxis x = with_margin(plot.x), y = with_margin(plot.y);
  const double range = y.high - y.low;
  double height = height_mm.value_or(plot.height_per_width * style.width_mm);
  Composed result{x, y, laid_out(plot, x, y, height, style, legend)};
  constexpr int kMostSteps = 16;
  for (int step = 0; step < kMostSteps && !plot.equal_axes; ++step) {
    const bool no_names = step < most_steps_for_names && !result.layout.names.clear && plot.grows_down;
    const bool no_legend = !legend.empty() && !result.layout.legend && plot.grows_up;
    if (!no_names && !no_legend) break;
    if (no_names) result.y.low -= 0.08 * range;
    if (no_legend) result.y.high += 0.08 * range;
    // Where much room is needed the data would become flat.
    if (!height_mm && result.y.high - result.y.low > 1.35 * range) height += 3;
    result.layout = laid_out(plot, x, result.y, height, style, legend);
  }
  return result;
}

/// More names than any place below the hull has rows for.
bool crowded(const Plot& plot, const FigureStyle& style) {
  constexpr double kMostRows = 5;
  double width = 0;
  for (const PlotName& name : plot.names) width += extent_of(name.text, style.small_pt()).width_mm;
  return width > kMostRows * style.width_mm;
}

/// Numbers for names.
Plot numbered(Plot plot) {
  for (std::size_t k = 0; k < plot.names.size(); ++k) plot.names[k].text = NameKey::number(k + 1);
  return plot;
}

void draw_zero_line(const Composed& of, const Box& legend, const FigureStyle& style, Picture& picture) {
  if (of.y.low >= 0 || of.y.high <= 0) return;
  const Frame& frame = of.layout.frame;
  picture.items.push_back(
      PictureLine{{frame.at(of.x.low, 0), frame.at(of.x.high, 0)}, style.thin_line_mm, palette::kGrey, {0.8, 0.8}});
  // It ends where words stand.
  for (const PlacedName& name : of.layout.names.names)
    picture.items.push_back(filled_box(name.box.grown(0.5), palette::kWhite));
  picture.items.push_back(filled_box(legend.grown(0.5), palette::kWhite));
}

}  // namespace

Picture picture_of(const Plot& given, const FigureStyle& style) {
  const Legend legend(given.series, given.notes, style);
  Plot plot = given;
  constexpr int kStepsForNames = 9, kStepsForNumbers = 3;
  const bool without_names = crowded(given, style);
  Composed of = composed(plot, style, legend, style.height_mm, without_names ? 0 : kStepsForNames);
  std::optional<NameKey> key;
  if (without_names || !of.layout.names.readable) {
    std::vector<RichText> names;
    for (const PlotName& name : given.names) names.push_back(name.text);
    key.emplace(std::move(names), style);
    plot = numbered(given);
    // A key that is as high as the page leaves the figure out of it: then the page is higher than asked.
    const auto height = style.height_mm
                            ? std::optional(std::max(0.5 * *style.height_mm, *style.height_mm - key->height_mm()))
                            : std::nullopt;
    of = composed(plot, style, legend, height, kStepsForNumbers);
  }
  const Frame& frame = of.layout.frame;
  Picture picture{plot.title, style.width_mm, frame.height_mm() + (key ? key->height_mm() : 0), {}};
  const Place at_legend =
      of.layout.legend.value_or(Place{frame.box().right - legend.width_mm() - 1.8, frame.box().top + 1.8});
  if (plot.zero_line)
    draw_zero_line(of, {at_legend.x, at_legend.y, at_legend.x + legend.width_mm(), at_legend.y + legend.height_mm()},
                   style, picture);
  if (plot.diagonal)
    picture.items.push_back(
        PictureLine{{frame.at(of.x.low, of.x.low), frame.at(of.x.high, of.x.high)}, 0.2, palette::kGrey});
  for (const PlotSeries& series : plot.series) draw_series(frame, series, picture);
  frame.draw(picture);
  draw_names(plot, of.layout, style, picture);
  legend.draw(picture, at_legend);
  if (key) key->draw(picture, frame.height_mm());
  return picture;
}

}  // namespace hullscan
