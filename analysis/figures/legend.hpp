/// @file
/// The lines of a legend: a sample of mark and line with words. Its size first, its place later.
#pragma once

#include "analysis/figures/plot.hpp"

namespace hullscan {

class Legend {
 public:
  Legend(const std::vector<PlotSeries>& series, const std::vector<RichText>& notes, const FigureStyle& style);
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] double width_mm() const { return width_mm_; }
  [[nodiscard]] double height_mm() const;
  void draw(Picture& picture, const Place& upper_left) const;

 private:
  struct Line {
    RichText words;
    std::optional<MarkStyle> mark = {};
    std::optional<LineStyle> line = {};
  };
  std::vector<Line> lines_;
  double size_pt_ = 7, line_mm_ = 3, width_mm_ = 0;
};

}  // namespace hullscan
