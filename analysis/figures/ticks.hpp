/// @file
/// Where an axis has its marks and what stands beside them. Numbers only.
#pragma once

#include <string>
#include <vector>

namespace hullscan {

struct Ticks {
  std::vector<double> major, minor;  ///< ascending; within the range
  int digits = 0;                    ///< behind the point, of every number
};

/// Steps of 1, 2 or 5 times a power of ten.
/// @param most major marks; at least 2. Low < high.
/// @param whole steps of at least 1.
Ticks ticks_between(double low, double high, int most, bool whole = false);

/// "−0.25" with a real minus sign; never "−0.0".
std::string number_text(double value, int digits);

}  // namespace hullscan
