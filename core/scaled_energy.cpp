#include "core/scaled_energy.hpp"

#include <cmath>
#include <limits>

#include "core/errors.hpp"

namespace hullscan {
namespace {

template <class Integer>
Integer rounded_to(double energy, double units_per_ev) {
  constexpr auto kHighest = std::numeric_limits<Integer>::max();
  if (std::isnan(energy)) throw Error("the model's prediction is not a number");
  const double scaled = energy * units_per_ev;
  if (scaled >= static_cast<double>(kHighest)) return kHighest;
  if (scaled <= -static_cast<double>(kHighest)) return -kHighest;
  return static_cast<Integer>(std::llround(scaled));
}

}  // namespace

// Times 1e9, not divided by 1e-9, which is no exact double: scores of earlier campaigns are made again bit for bit.
std::int64_t score_from_ev_per_atom(double energy_ev_per_atom) {
  return rounded_to<std::int64_t>(energy_ev_per_atom, 1e9);
}

std::int32_t micro_ev_from_ev(double energy_ev) { return rounded_to<std::int32_t>(energy_ev, 1e6); }

}  // namespace hullscan
