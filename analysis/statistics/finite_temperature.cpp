#include "analysis/statistics/finite_temperature.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/errors.hpp"

namespace hullscan {
namespace {

void check_levels(std::span<const EnergyLevel> levels) {
  if (levels.empty()) throw InputError("finite temperature: no energy levels");
  for (const EnergyLevel& level : levels) {
    if (!std::isfinite(level.energy_ev))
      throw InputError(fmt::format("finite temperature: energy is {}, must be finite", level.energy_ev));
    if (!(level.degeneracy > 0) || !std::isfinite(level.degeneracy))
      throw InputError(fmt::format("finite temperature: degeneracy is {}, must be positive", level.degeneracy));
  }
}

/// ln of the sum of exp(x), and the shares exp(x) / sum.
double log_sum_exp(const std::vector<double>& x, std::vector<double>& shares) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  shares.resize(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) sum += shares[i] = std::exp(x[i] - largest);
  for (double& share : shares) share /= sum;
  return largest + std::log(sum);
}

ThermodynamicState ground_state(std::span<const EnergyLevel> levels, double boltzmann) {
  double lowest = std::numeric_limits<double>::infinity(), configurations = 0;
  for (const EnergyLevel& level : levels) lowest = std::min(lowest, level.energy_ev);
  for (const EnergyLevel& level : levels)
    if (level.energy_ev == lowest) configurations += level.degeneracy;
  ThermodynamicState state{lowest, lowest, boltzmann * std::log(configurations), 0, {}};
  for (const EnergyLevel& level : levels)
    state.probabilities.push_back(level.energy_ev == lowest ? level.degeneracy / configurations : 0);
  return state;
}

/// The ensemble in which orbit i of composition c weighs degeneracy * exp(-E beta + n slope).
GrandCanonicalState weighted(std::span<const CompositionLevels> compositions, double beta, double slope,
                             double boltzmann) {
  // Exponents are taken against one level and one n, so that large total energies cost no digits.
  const double origin_ev = compositions.front().levels.front().energy_ev;
  const auto origin_n = compositions.front().exchanged;
  std::vector<double> exponents;
  for (const CompositionLevels& composition : compositions) {
    for (const EnergyLevel& level : composition.levels) {
      exponents.push_back(std::log(level.degeneracy) - (level.energy_ev - origin_ev) * beta +
                          static_cast<double>(composition.exchanged - origin_n) * slope);
    }
  }
  GrandCanonicalState state;
  std::vector<double> shares;
  const double log_sum = log_sum_exp(exponents, shares);
  double energy = 0, exchanged = 0;  // against the origin
  std::size_t i = 0;
  for (const CompositionLevels& composition : compositions) {
    std::vector<double>& mine = state.probabilities.emplace_back();
    double share = 0;
    for (const EnergyLevel& level : composition.levels) {
      mine.push_back(shares[i]);
      share += shares[i];
      energy += shares[i] * (level.energy_ev - origin_ev);
      exchanged += shares[i] * static_cast<double>(composition.exchanged - origin_n);
      ++i;
    }
    state.shares.push_back(share);
  }
  state.energy_ev = energy + origin_ev;
  state.mean_exchanged = exchanged + static_cast<double>(origin_n);
  state.entropy_ev_per_kelvin = boltzmann * (log_sum + energy * beta - exchanged * slope);
  return state;
}

void check_compositions(std::span<const CompositionLevels> compositions) {
  if (compositions.empty()) throw InputError("finite temperature: no compositions");
  for (const CompositionLevels& composition : compositions) check_levels(composition.levels);
}

void check_temperature(double temperature_kelvin) {
  if (!(temperature_kelvin > 0) || !std::isfinite(temperature_kelvin))
    throw InputError(fmt::format("finite temperature: {} K, must be above 0 K", temperature_kelvin));
}

/// The slope (ln of the fugacity) at which <n> is `mean`.
double slope_for(std::span<const CompositionLevels> compositions, double beta, double mean, double boltzmann) {
  std::int64_t least = compositions.front().exchanged, most = least;
  for (const CompositionLevels& composition : compositions) {
    least = std::min(least, composition.exchanged);
    most = std::max(most, composition.exchanged);
  }
  if (!(mean > static_cast<double>(least) && mean < static_cast<double>(most)))
    throw InputError(
        fmt::format("finite temperature: a mean of {} exchanged atoms, must lie between {} and {}", mean, least, most));
  const auto exchanged = [&](double slope) { return weighted(compositions, beta, slope, boltzmann).mean_exchanged; };
  double low = -1, high = 1;
  while (exchanged(low) > mean) low *= 2;
  while (exchanged(high) < mean) high *= 2;
  for (double middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2)
    (exchanged(middle) < mean ? low : high) = middle;
  return (low + high) / 2;
}

}  // namespace

ThermodynamicState canonical_state(std::span<const EnergyLevel> levels, double temperature_kelvin, double boltzmann) {
  check_levels(levels);
  if (!(temperature_kelvin >= 0) || !std::isfinite(temperature_kelvin))
    throw InputError(fmt::format("finite temperature: {} K, must not be below 0 K", temperature_kelvin));
  if (temperature_kelvin == 0) return ground_state(levels, boltzmann);
  const double kt = boltzmann * temperature_kelvin;
  const auto lowest = std::min_element(levels.begin(), levels.end(), [](const EnergyLevel& a, const EnergyLevel& b) {
                        return a.energy_ev < b.energy_ev;
                      })->energy_ev;
  std::vector<double> exponents;
  for (const EnergyLevel& level : levels)
    exponents.push_back(std::log(level.degeneracy) - (level.energy_ev - lowest) / kt);
  ThermodynamicState state;
  const double log_sum = log_sum_exp(exponents, state.probabilities);
  double mean = 0, square = 0;  // of E - lowest
  for (std::size_t i = 0; i < levels.size(); ++i) mean += state.probabilities[i] * (levels[i].energy_ev - lowest);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double off = levels[i].energy_ev - lowest - mean;
    square += state.probabilities[i] * off * off;
  }
  state.free_energy_ev = lowest - kt * log_sum;
  state.energy_ev = lowest + mean;
  state.entropy_ev_per_kelvin = boltzmann * log_sum + mean / temperature_kelvin;
  state.heat_capacity_ev_per_kelvin = square / (kt * temperature_kelvin);
  return state;
}

double ideal_entropy_ev_per_kelvin(std::span<const EnergyLevel> levels, double boltzmann) {
  check_levels(levels);
  double configurations = 0;
  for (const EnergyLevel& level : levels) configurations += level.degeneracy;
  return boltzmann * std::log(configurations);
}

double ideal_mixing_entropy_ev_per_kelvin(double sites, std::span<const double> fractions, double boltzmann) {
  double sum = 0, entropy = 0;
  for (const double x : fractions) {
    if (!(x >= 0)) throw InputError(fmt::format("finite temperature: a fraction of {}, must not be negative", x));
    sum += x;
    if (x > 0) entropy -= x * std::log(x);
  }
  if (std::abs(sum - 1) > 1e-9)
    throw InputError(fmt::format("finite temperature: fractions sum to {}, must be 1", sum));
  return boltzmann * sites * entropy;
}

GrandCanonicalState grand_canonical_state(std::span<const CompositionLevels> compositions, double temperature_kelvin,
                                          double chemical_potential_ev, double boltzmann) {
  check_compositions(compositions);
  check_temperature(temperature_kelvin);
  const double beta = 1 / (boltzmann * temperature_kelvin);
  GrandCanonicalState state = weighted(compositions, beta, chemical_potential_ev * beta, boltzmann);
  state.chemical_potential_ev = chemical_potential_ev;
  state.free_energy_ev = state.energy_ev - temperature_kelvin * state.entropy_ev_per_kelvin;
  return state;
}

GrandCanonicalState grand_canonical_at(std::span<const CompositionLevels> compositions, double temperature_kelvin,
                                       double mean_exchanged, double boltzmann) {
  check_compositions(compositions);
  check_temperature(temperature_kelvin);
  const double kt = boltzmann * temperature_kelvin;
  return grand_canonical_state(compositions, temperature_kelvin,
                               slope_for(compositions, 1 / kt, mean_exchanged, boltzmann) * kt, boltzmann);
}

}  // namespace hullscan
