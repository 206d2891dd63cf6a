/// @file
/// Numbers instead of names where names have no room beside their points, and the list below the figure that says whose
/// they are.
#pragma once

#include <vector>

#include "analysis/figures/figure_style.hpp"
#include "analysis/figures/picture.hpp"

namespace hullscan {

class NameKey {
 public:
  /// @param names the k-th is number k + 1.
  NameKey(std::vector<RichText> names, const FigureStyle& style);
  [[nodiscard]] static RichText number(std::size_t k);
  [[nodiscard]] double height_mm() const;  ///< with the room above it
  void draw(Picture& picture, double top_mm) const;

 private:
  std::vector<RichText> names_;
  double size_pt_ = 7, line_mm_ = 3, page_mm_ = 86, number_mm_ = 3, column_mm_ = 10;
  std::size_t columns_ = 1, rows_ = 0;
};

}  // namespace hullscan
