#include "analysis/statistics/energy_bins.hpp"

#include <algorithm>
#include <cmath>

namespace hullscan {
namespace {

/// The energy below which this share of the orbits lies. @param sorted by energy.
double quantile(const std::vector<EnergyCount>& sorted, double orbits, double share) {
  double below = 0;
  for (const EnergyCount& count : sorted) {
    below += static_cast<double>(count.orbits);
    if (below >= share * orbits) return count.energy_ev_per_atom;
  }
  return sorted.back().energy_ev_per_atom;
}

/// The largest of 1, 2, 5 times a power of ten that is no larger than `width`.
double nice_width(double width) {
  const double power = std::pow(10.0, std::floor(std::log10(width) + 1e-9));
  for (const double factor : {5.0, 2.0}) {
    if (factor * power <= width * (1 + 1e-9)) return factor * power;
  }
  return power;
}

std::vector<EnergyCount> sorted_counts(std::span<const EnergyCount> counts) {
  std::vector<EnergyCount> sorted(counts.begin(), counts.end());
  std::erase_if(sorted, [](const EnergyCount& count) { return count.orbits == 0; });
  std::sort(sorted.begin(), sorted.end(),
            [](const EnergyCount& a, const EnergyCount& b) { return a.energy_ev_per_atom < b.energy_ev_per_atom; });
  return sorted;
}

}  // namespace

double bin_width(std::span<const EnergyCount> counts, double resolution_ev) {
  const std::vector<EnergyCount> sorted = sorted_counts(counts);
  if (sorted.empty()) return resolution_ev;
  double orbits = 0;
  for (const EnergyCount& count : sorted) orbits += static_cast<double>(count.orbits);
  const double range = sorted.back().energy_ev_per_atom - sorted.front().energy_ev_per_atom + resolution_ev;
  const double between = quantile(sorted, orbits, 0.75) - quantile(sorted, orbits, 0.25);
  return std::max(resolution_ev, nice_width(std::clamp(2 * between / std::cbrt(orbits), range / 25, range / 8)));
}

double common_bin_width(std::span<const std::vector<EnergyCount>> sets, double resolution_ev) {
  constexpr double kMostBins = 60;
  double width = 0, widest = 0;
  for (const std::vector<EnergyCount>& set : sets) {
    const std::vector<EnergyCount> sorted = sorted_counts(set);
    if (sorted.empty()) continue;
    const double range = sorted.back().energy_ev_per_atom - sorted.front().energy_ev_per_atom;
    widest = std::max(widest, range);
    // A set of one energy says nothing of the others' width.
    if (range > 0) width = width == 0 ? bin_width(set, resolution_ev) : std::min(width, bin_width(set, resolution_ev));
  }
  return std::max(resolution_ev, std::max(width, widest > 0 ? nice_width(widest / kMostBins * 2) : 0.0));
}

EnergyHistogram binned(std::span<const EnergyCount> counts, double width_ev) {
  const std::vector<EnergyCount> sorted = sorted_counts(counts);
  if (sorted.empty()) return {};
  // Energies at an edge, which rounding may have put a little below it, belong above.
  const auto bin_of = [&](double energy) { return std::llround(std::floor(energy / width_ev + 1e-6)); };
  const long long first = bin_of(sorted.front().energy_ev_per_atom), last = bin_of(sorted.back().energy_ev_per_atom);
  EnergyHistogram histogram{static_cast<double>(first) * width_ev, width_ev, {}, {}};
  histogram.orbits.assign(static_cast<std::size_t>(last - first) + 1, 0);
  histogram.configurations = histogram.orbits;
  for (const EnergyCount& count : sorted) {
    const auto at = static_cast<std::size_t>(bin_of(count.energy_ev_per_atom) - first);
    histogram.orbits[at] += count.orbits;
    histogram.configurations[at] += count.configurations;
  }
  histogram.low_ev_per_atom = std::round(histogram.low_ev_per_atom * 1e9) / 1e9;
  histogram.bin_ev_per_atom = std::round(width_ev * 1e9) / 1e9;
  return histogram;
}

}  // namespace hullscan
