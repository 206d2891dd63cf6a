/// @file
/// A plot between two axes: curves, marks, names beside points, and a legend where no data are. Values in, a picture
/// out; what the values mean is the figures'.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/figures/figure_style.hpp"
#include "analysis/figures/picture.hpp"

namespace hullscan {

struct PlotAxis {
  double low = 0, high = 1;  ///< what must be seen; low < high
  RichText label;
  double scale = 1;      ///< numbers beside the axis are values times this: eV shown as meV
  double margin = 0.03;  ///< of the range, on both sides
  bool whole = false;    ///< whole numbers only
};

struct LineStyle {
  double width_mm = 0.35;
  Colour colour = {};
  std::vector<double> dashes_mm = {};
};

struct DataPoint {
  double x = 0, y = 0;
};

struct PlotSeries {
  std::vector<DataPoint> points;  ///< marks that would fall on one another are drawn once
  std::optional<MarkStyle> mark = {};
  std::optional<LineStyle> line = {};
  RichText legend = {};  ///< empty: not in it
  /// Upper and lower edge of a band about the line; as many as points, or none.
  std::vector<double> band_low = {}, band_high = {};
  /// Standard errors, drawn as bars up and down where they are finite and above 0; as many as points, or none.
  std::vector<double> y_errors = {};
};

struct PlotName {
  DataPoint at;
  RichText text;
  double mark_mm = 2;                 ///< of what stands there
  std::optional<Place> towards = {};  ///< as NameToPlace
};

struct Plot {
  std::string title;
  PlotAxis x, y;
  std::vector<PlotSeries> series;  ///< drawn in this order
  std::vector<PlotName> names;
  std::vector<RichText> notes;  ///< lines of the legend without a sample
  bool equal_axes = false;      ///< a square whose axes show the same
  bool zero_line = false;       ///< thin, at y = 0
  bool diagonal = false;        ///< y = x
  double height_per_width = 0.76;
  /// Where the y axis may grow to make room: for names, below; for the legend, above.
  bool grows_down = true, grows_up = true;
};

/// The y axis grows until the names cover nothing and the legend has a free place. Where names would have to cover one
/// another or marks, numbers stand in their place, and a key below says whose they are.
Picture picture_of(const Plot& plot, const FigureStyle& style);

}  // namespace hullscan
