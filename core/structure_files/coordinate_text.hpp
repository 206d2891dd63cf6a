/// @file
/// Coordinates as decimals of one width: how the writers of structure files print them.
#pragma once

#include <Eigen/Core>
#include <string>

namespace hullscan {

struct CoordinateLayout {
  int decimals = 14;
  double zero_below = 1e-14;  ///< smaller values are written as 0: rounding noise must not tell equal structures apart
};

/// Without padding; -0.0 is written as 0.
std::string coordinate_text(double value, const CoordinateLayout& layout);
/// Three columns, each decimals + 6 wide.
std::string vector_text(const Eigen::Vector3d& x, const CoordinateLayout& layout);

}  // namespace hullscan
