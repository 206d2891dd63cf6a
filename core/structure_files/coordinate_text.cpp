#include "core/structure_files/coordinate_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace hullscan {
namespace {

/// The sum turns -0.0 into 0.0.
double without_noise(double value, double zero_below) { return (std::abs(value) < zero_below ? 0.0 : value) + 0.0; }

/// Right-aligned, as printf("%*.*f") writes it; a structure file of a hundred thousand entries is mostly this.
void append_fixed(std::string& text, double value, std::size_t width, int decimals) {
  std::array<char, std::numeric_limits<double>::max_exponent10 + 64> digits;
  const auto written =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
  const auto length = static_cast<std::size_t>(written.ptr - digits.data());
  if (length < width) text.append(width - length, ' ');
  text.append(digits.data(), length);
}

}  // namespace

std::string coordinate_text(double value, const CoordinateLayout& layout) {
  std::string text;
  append_fixed(text, without_noise(value, layout.zero_below), 0, layout.decimals);
  return text;
}

std::string vector_text(const Eigen::Vector3d& x, const CoordinateLayout& layout) {
  const auto width = static_cast<std::size_t>(layout.decimals + 6);
  std::string text;
  text.reserve(3 * width + 2);
  for (int i = 0; i < 3; ++i) {
    if (i > 0) text += ' ';
    append_fixed(text, without_noise(x[i], layout.zero_below), width, layout.decimals);
  }
  return text;
}

}  // namespace hullscan
