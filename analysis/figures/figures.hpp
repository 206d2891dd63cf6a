/// @file
/// The figures that a report can be drawn as. A new one is a file with a function that returns its Figure, and two
/// lines in figures.cpp.
#pragma once

#include <string>
#include <vector>

#include "analysis/figures/figure_style.hpp"
#include "analysis/figures/picture.hpp"
#include "analysis/report/report_content.hpp"

namespace hullscan {

struct Figure {
  const char* kind;  ///< as the command line has it
  const char* what;  ///< one line
  /// Why this report cannot be drawn so, as a clause; empty: it can.
  std::string (*problem)(const Report& report);
  /// Only where there is no problem.
  Picture (*draw)(const Report& report, const FigureStyle& style);
};

/// In the order in which they are listed.
const std::vector<Figure>& figures();

}  // namespace hullscan
