/// @file
/// What a person chooses of any figure, and the measures that all figures share.
#pragma once

#include <optional>

namespace hullscan {

struct FigureStyle {
  double width_mm = 86;             ///< one column of a journal
  std::optional<double> height_mm;  ///< nothing: what the figure needs
  double font_pt = 8;
  bool whole_range = false;  ///< of energies: also what lies far above the hull
  double axis_line_mm = 0.2, line_mm = 0.35, thin_line_mm = 0.12;

  [[nodiscard]] double font_mm() const { return font_pt * 25.4 / 72; }
  [[nodiscard]] double small_pt() const { return 0.875 * font_pt; }  ///< names beside points, legends
};

}  // namespace hullscan
