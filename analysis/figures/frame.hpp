/// @file
/// The rectangle between two axes: where a value is on the page, and its marks, numbers and labels.
#pragma once

#include "analysis/figures/plot.hpp"
#include "analysis/figures/ticks.hpp"

namespace hullscan {

class Frame {
 public:
  /// Leaves room for numbers and labels on a page of this size. @param x, y ranges as they are shown, margins included.
  /// @param square both axes as long as each other, the page as high as that needs.
  Frame(const PlotAxis& x, const PlotAxis& y, const FigureStyle& style, double height_mm, bool square);
  [[nodiscard]] Place at(double x, double y) const;
  [[nodiscard]] const Box& box() const { return box_; }
  [[nodiscard]] double height_mm() const { return height_mm_; }
  void draw(Picture& picture) const;

 private:
  [[nodiscard]] std::vector<PictureText> texts() const;
  /// Smaller than the other letters where it would be longer than the page.
  [[nodiscard]] double label_size(const RichText& label, double room_mm) const;
  PlotAxis x_, y_;
  FigureStyle style_;
  Ticks x_ticks_, y_ticks_;
  double y_numbers_mm_ = 0, digit_mm_ = 0;
  double height_mm_ = 0;
  Box box_;
};

}  // namespace hullscan
