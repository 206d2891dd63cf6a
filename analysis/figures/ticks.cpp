#include "analysis/figures/ticks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hullscan {
namespace {

constexpr double kSlack = 1e-9;  ///< of a step: rounding

/// Multiples of step / parts, but those of step itself where `between`.
std::vector<double> multiples(double low, double high, double step, int parts, bool between) {
  const double fine = step / parts;
  std::vector<double> values;
  for (auto k = static_cast<long>(std::ceil(low / fine - kSlack));
       static_cast<double>(k) * fine <= high + kSlack * fine; ++k) {
    if (!between || k % parts != 0) values.push_back(static_cast<double>(k) * fine);
  }
  return values;
}

}  // namespace

Ticks ticks_between(double low, double high, int most, bool whole) {
  double power = std::pow(10.0, std::floor(std::log10((high - low) / std::max(2, most))));
  if (whole) power = std::max(1.0, power);
  for (;; power *= 10) {
    for (const int factor : {1, 2, 5}) {
      const double step = factor * power;
      if (std::floor(high / step + kSlack) - std::ceil(low / step - kSlack) + 1 > std::max(2, most)) continue;
      Ticks ticks;
      ticks.major = multiples(low, high, step, 1, false);
      if (!whole || step >= 10) ticks.minor = multiples(low, high, step, factor == 2 ? 4 : 5, true);
      ticks.digits = std::max(0, -static_cast<int>(std::floor(std::log10(step) + kSlack)));
      return ticks;
    }
  }
}

std::string number_text(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  if (text.front() != '-') return text;
  text.erase(0, 1);
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return zero ? text : "\u2212" + text;
}

}  // namespace hullscan
