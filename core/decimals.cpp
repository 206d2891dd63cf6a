#include "core/decimals.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace hullscan {

double at_decimals(double value, int decimals) {
  constexpr std::array<double, 16> kPowers = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const double power = kPowers.at(static_cast<std::size_t>(decimals));
  // A double of 2^53 or more is whole.
  if (!(std::abs(value) * power < 9007199254740992.0)) return value;
  return std::round(value * power) / power + 0.0;
}

}  // namespace hullscan
