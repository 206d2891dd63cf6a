#include "analysis/figures/plot.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/figures/frame.hpp"
#include "analysis/figures/legend.hpp"
#include "analysis/figures/placing.hpp"
#include "analysis/figures/rendering.hpp"

namespace hullscan {
namespace {

constexpr double kSameMm = 0.12;  ///< marks nearer than this are one to the eye

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

std::vector<Place> marks_of(const Frame& frame, const PlotSeries& series) {
  std::set<std::pair<long, long>> seen;
  std::vector<Place> marks;
  for (const DataPoint& point : series.points) {
    const Place at = frame.at(point.x, point.y);
    if (inside(frame, at) && seen.emplace(std::lround(at.x / kSameMm), std::lround(at.y / kSameMm)).second)
      marks.push_back(at);
  }
  return marks;
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
  if (series.mark) {
    for (const Place& at : marks_of(frame, series)) picture.items.push_back(PictureMark{at, *series.mark});
  }
}

Obstacles obstacles_of(const Plot& plot, const Frame& frame) {
  Obstacles obstacles{frame.box().grown(-0.7), {}};
  for (const PlotSeries& series : plot.series) {
    if (series.mark) {
      for (const Place& at : marks_of(frame, series)) obstacles.marks.push_back(box_of(PictureMark{at, *series.mark}));
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

}  // namespace

Picture picture_of(const Plot& plot, const FigureStyle& style) {
  const Legend legend(plot.series, plot.notes, style);
  const PlotAxis x = with_margin(plot.x), y = with_margin(plot.y);
  const double range = y.high - y.low;
  double height = style.height_mm.value_or(plot.height_per_width * style.width_mm);
  PlotAxis grown = y;
  Layout layout = laid_out(plot, x, grown, height, style, legend);
  constexpr int kMostSteps = 14;
  for (int step = 0; step < kMostSteps && !plot.equal_axes; ++step) {
    const bool no_names = !layout.names.clear && plot.grows_down;
    const bool no_legend = !legend.empty() && !layout.legend && plot.grows_up;
    if (!no_names && !no_legend) break;
    if (no_names) grown.low -= 0.08 * range;
    if (no_legend) grown.high += 0.08 * range;
    // Where much room is needed the data would become flat.
    if (!style.height_mm && grown.high - grown.low > 1.35 * range) height += 3;
    layout = laid_out(plot, x, grown, height, style, legend);
  }
  Picture picture{plot.title, style.width_mm, layout.frame.height_mm(), {}};
  const Box& inner = layout.frame.box();
  const Place at_legend = layout.legend.value_or(Place{inner.right - legend.width_mm() - 1.8, inner.top + 1.8});
  if (plot.zero_line && grown.low < 0 && grown.high > 0) {
    picture.items.push_back(PictureLine{
        {layout.frame.at(x.low, 0), layout.frame.at(x.high, 0)}, style.thin_line_mm, palette::kGrey, {0.8, 0.8}});
    // It ends where words stand.
    for (const PlacedName& name : layout.names.names)
      picture.items.push_back(filled_box(name.box.grown(0.5), palette::kWhite));
    picture.items.push_back(filled_box(
        Box{at_legend.x, at_legend.y, at_legend.x + legend.width_mm(), at_legend.y + legend.height_mm()}.grown(0.5),
        palette::kWhite));
  }
  if (plot.diagonal)
    picture.items.push_back(
        PictureLine{{layout.frame.at(x.low, x.low), layout.frame.at(x.high, x.high)}, 0.2, palette::kGrey});
  for (const PlotSeries& series : plot.series) draw_series(layout.frame, series, picture);
  layout.frame.draw(picture);
  draw_names(plot, layout, style, picture);
  legend.draw(picture, at_legend);
  return picture;
}

}  // namespace hullscan
