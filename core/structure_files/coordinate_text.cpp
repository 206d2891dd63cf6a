#include "core/structure_files/coordinate_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hullscan {
namespace {

/// The sum turns -0.0 into 0.0.
double without_noise(double value, double zero_below) { return (std::abs(value) < zero_below ? 0.0 : value) + 0.0; }

}  // namespace

std::string coordinate_text(double value, const CoordinateLayout& layout) {
  return fmt::format("{:.{}f}", without_noise(value, layout.zero_below), layout.decimals);
}

std::string vector_text(const Eigen::Vector3d& x, const CoordinateLayout& layout) {
  const int width = layout.decimals + 6;
  const auto clean = [&](int i) { return without_noise(x[i], layout.zero_below); };
  return fmt::format("{:{}.{}f} {:{}.{}f} {:{}.{}f}", clean(0), width, layout.decimals, clean(1), width,
                     layout.decimals, clean(2), width, layout.decimals);
}

}  // namespace hullscan
