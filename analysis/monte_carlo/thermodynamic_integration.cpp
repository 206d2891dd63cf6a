#include "analysis/monte_carlo/thermodynamic_integration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/energy_spectrum.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr double kBoltzmann = EnergySpectrum::kBoltzmannEvPerKelvin;

/// Integral between two points.
double integral_between(const IntegrandPoint& left, const IntegrandPoint& right) {
  const double h = right.at - left.at;
  double sum = h * (left.value.value + right.value.value) / 2;
  if (left.slope && right.slope) sum += h * h * (left.slope->value - right.slope->value) / 12;
  return sum;
}

/// [interval]: its part of what leaving out every second point changes.
std::vector<double> interpolation_errors(std::span<const IntegrandPoint> points) {
  std::vector<double> errors(points.size() - 1, 0.0);
  if (points.size() == 2) {
    const double h = points[1].at - points[0].at;
    const bool slopes = points[0].slope && points[1].slope;
    errors[0] = slopes ? std::abs(h * h * (points[0].slope->value - points[1].slope->value) / 12)
                       : std::abs(h * (points[1].value.value - points[0].value.value) / 2);
    return errors;
  }
  for (std::size_t i = 0; i + 2 < points.size(); ++i) {
    const double fine = integral_between(points[i], points[i + 1]) + integral_between(points[i + 1], points[i + 2]);
    const double change = std::abs(fine - integral_between(points[i], points[i + 2]));
    for (std::size_t k = i; k < i + 2; ++k) {
      const double part = (points[k + 1].at - points[k].at) / (points[i + 2].at - points[i].at);
      errors[k] = std::max(errors[k], change * part);
    }
  }
  return errors;
}

double squared_error(const IntegrandPoint& point, double weight, double slope_weight) {
  const double of_slope = point.slope ? std::abs(slope_weight) * point.slope->standard_error : 0;
  const double error = (weight != 0 ? std::abs(weight) * point.value.standard_error : 0) + of_slope;
  return error * error;
}

std::vector<IntegratedPoint> integrate_from_first(std::span<const IntegrandPoint> points, double start,
                                                  double start_error) {
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (!(points[i - 1].at < points[i].at))
      throw InputError(fmt::format("points of an integral: expected ascending places, found {} after {}", points[i].at,
                                   points[i - 1].at));
  }
  if (points.size() < 2)
    throw InputError(fmt::format("points of an integral: expected two or more, found {}", points.size()));
  const std::vector<double> interpolation = interpolation_errors(points);
  std::vector<IntegratedPoint> result{{points[0].at, start, start_error, 0}};
  double passed = start_error * start_error;  // of points that are behind
  double weight = 0, slope_weight = 0;        // of the point that was reached last
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double h = points[i + 1].at - points[i].at;
    const double by_slope = points[i].slope && points[i + 1].slope ? h * h / 12 : 0;
    passed += squared_error(points[i], weight + h / 2, slope_weight + by_slope);
    weight = h / 2;
    slope_weight = -by_slope;
    result.push_back({points[i + 1].at, result[i].value + integral_between(points[i], points[i + 1]),
                      std::sqrt(passed + squared_error(points[i + 1], weight, slope_weight)),
                      result[i].interpolation_error + interpolation[i]});
  }
  return result;
}

/// In ascending beta.
std::vector<IntegrandPoint> over_beta(std::span<const ThermalPoint> points, double zero_ev) {
  if (points.empty()) throw InputError("free energy: there is no point to integrate from");
  std::vector<IntegrandPoint> list;
  for (const ThermalPoint& point : points) {
    if (!(point.temperature_kelvin > 0))
      throw InputError(fmt::format("free energy: a point at {} K, must be above 0", point.temperature_kelvin));
    IntegrandPoint one{1 / (kBoltzmann * point.temperature_kelvin),
                       {point.potential_ev.value - zero_ev, point.potential_ev.standard_error}};
    if (point.variance_ev2) one.slope = Estimate{-point.variance_ev2->value, point.variance_ev2->standard_error};
    list.push_back(one);
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return list;
}

/// phi = zero + F / beta, ascending in temperature.
std::vector<FreeEnergyPoint> free_energies(const std::vector<IntegratedPoint>& integrated, double zero_ev) {
  std::vector<FreeEnergyPoint> list;
  for (auto at = integrated.rbegin(); at != integrated.rend(); ++at) {
    if (at->at <= 0) continue;  // infinite temperature
    list.push_back({1 / (kBoltzmann * at->at), zero_ev + at->value / at->at, at->statistical_error / at->at,
                    at->interpolation_error / at->at});
  }
  return list;
}

std::vector<IntegrandPoint> over_potential(std::span<const PotentialPoint> points) {
  std::vector<IntegrandPoint> list;
  for (const PotentialPoint& point : points) {
    IntegrandPoint one{point.chemical_potential_ev, {-point.amount.value, point.amount.standard_error}};
    if (point.susceptibility_per_ev)
      one.slope = Estimate{-point.susceptibility_per_ev->value, point.susceptibility_per_ev->standard_error};
    list.push_back(one);
  }
  return list;
}

}  // namespace

double IntegratedPoint::error() const { return std::hypot(statistical_error, interpolation_error); }
double FreeEnergyPoint::error_ev() const { return std::hypot(statistical_error_ev, interpolation_error_ev); }
double GrandPotentialPoint::error_ev() const { return std::hypot(statistical_error_ev, interpolation_error_ev); }
bool DirectionGap::significant() const { return std::abs(cooled_minus_heated_ev) > 3 * error_ev; }

std::vector<IntegratedPoint> integrate(std::span<const IntegrandPoint> points, StartAt from, double start,
                                       double start_error) {
  if (from == StartAt::kFirst) return integrate_from_first(points, start, start_error);
  // Backwards along -x: the integrand changes its sign, its slope does not.
  std::vector<IntegrandPoint> mirrored(points.rbegin(), points.rend());
  for (IntegrandPoint& point : mirrored) {
    point.at = -point.at;
    point.value.value = -point.value.value;
  }
  std::vector<IntegratedPoint> result = integrate_from_first(mirrored, start, start_error);
  for (IntegratedPoint& point : result) point.at = -point.at;
  std::reverse(result.begin(), result.end());
  return result;
}

double exponential_tail(double value, double slope) {
  if (value == 0) return 0;
  return slope == 0 ? std::numeric_limits<double>::infinity() : value * value / std::abs(slope);
}

std::vector<FreeEnergyPoint> free_energy_from_infinite_temperature(std::span<const ThermalPoint> points,
                                                                   const InfiniteTemperature& end) {
  std::vector<IntegrandPoint> list = over_beta(points, 0);
  if (end.potential_ev) {
    IntegrandPoint zero{0, {*end.potential_ev, 0}};
    if (end.variance_ev2) zero.slope = Estimate{-*end.variance_ev2, 0};
    list.insert(list.begin(), zero);
    return free_energies(integrate(list, StartAt::kFirst, -end.entropy_kb), 0);
  }
  // From the hottest point back to beta = 0 along its tangent; what the slope gives is not better known than that.
  const IntegrandPoint& hottest = list.front();
  const double beta = hottest.at, by_slope = hottest.slope ? -beta * beta * hottest.slope->value / 2 : 0;
  const double start = -end.entropy_kb + beta * hottest.value.value + by_slope;
  const double tail = hottest.slope ? std::abs(by_slope) : std::abs(beta * hottest.value.value);
  std::vector<IntegratedPoint> integrated;
  if (list.size() == 1) {
    integrated.push_back({beta, start, beta * hottest.value.standard_error, 0});
  } else {
    integrated = integrate(list, StartAt::kFirst, start, beta * hottest.value.standard_error);
  }
  for (IntegratedPoint& point : integrated) point.interpolation_error += tail;
  return free_energies(integrated, 0);
}

std::vector<FreeEnergyPoint> free_energy_from_ground_state(std::span<const ThermalPoint> points, double ground_ev,
                                                           double entropy_kb) {
  const std::vector<IntegrandPoint> list = over_beta(points, ground_ev);
  const IntegrandPoint& coldest = list.back();
  const double excited = coldest.value.value;
  const double tail = coldest.slope && coldest.slope->value != 0 ? exponential_tail(excited, coldest.slope->value)
                                                                 : std::abs(excited) * coldest.at;
  const double start = -entropy_kb - tail;
  std::vector<IntegratedPoint> integrated;
  if (list.size() == 1) {
    integrated.push_back({coldest.at, start, 0, 0});
  } else {
    integrated = integrate(list, StartAt::kLast, start);
  }
  for (IntegratedPoint& point : integrated) point.interpolation_error += tail;
  return free_energies(integrated, ground_ev);
}

double ideal_entropy(std::span<const double> shares) {
  double entropy = 0;
  for (const double share : shares) entropy -= share > 0 ? share * std::log(share) : 0;
  return entropy;
}

double ideal_entropy_of_counts(std::span<const std::int64_t> counts) {
  double entropy = 0, all = 0;
  for (const std::int64_t count : counts) {
    all += static_cast<double>(count);
    entropy -= std::lgamma(static_cast<double>(count) + 1);
  }
  return entropy + std::lgamma(all + 1);
}

std::vector<GrandPotentialPoint> grand_potential_along(std::span<const PotentialPoint> points, StartAt from,
                                                       double start_ev, double start_error_ev) {
  std::vector<GrandPotentialPoint> list;
  for (const IntegratedPoint& point : integrate(over_potential(points), from, start_ev, start_error_ev))
    list.push_back({point.at, point.value, point.statistical_error, point.interpolation_error});
  return list;
}

std::vector<GrandPotentialPoint> grand_potential_from_pure(std::span<const PotentialPoint> points, StartAt from,
                                                           double end_ev, double most) {
  if (points.empty()) throw InputError("grand potential: there is no point to integrate from");
  const bool first = from == StartAt::kFirst;
  const PotentialPoint& end = first ? points.front() : points.back();
  const double left = first ? end.amount.value : most - end.amount.value;
  const double slope = end.susceptibility_per_ev ? end.susceptibility_per_ev->value : 0;
  const double tail = exponential_tail(left, slope);
  const double pure = end_ev - (first ? 0 : most * end.chemical_potential_ev);
  std::vector<GrandPotentialPoint> list = grand_potential_along(points, from, pure - tail);
  for (GrandPotentialPoint& point : list) point.interpolation_error_ev += tail;
  return list;
}

std::vector<DirectionGap> direction_gaps(std::span<const FreeEnergyPoint> cooled,
                                         std::span<const FreeEnergyPoint> heated) {
  std::vector<DirectionGap> gaps;
  for (const FreeEnergyPoint& one : cooled) {
    const auto other = std::find_if(heated.begin(), heated.end(), [&](const FreeEnergyPoint& point) {
      return std::abs(point.temperature_kelvin - one.temperature_kelvin) <= 1e-9 * one.temperature_kelvin;
    });
    if (other == heated.end()) continue;
    gaps.push_back(
        {one.temperature_kelvin, one.value_ev - other->value_ev, std::hypot(one.error_ev(), other->error_ev())});
  }
  std::sort(gaps.begin(), gaps.end(),
            [](const auto& a, const auto& b) { return a.temperature_kelvin < b.temperature_kelvin; });
  return gaps;
}

std::optional<Estimate> transition_temperature(std::span<const DirectionGap> gaps) {
  for (std::size_t i = 0; i + 1 < gaps.size(); ++i) {
    const DirectionGap &low = gaps[i], &high = gaps[i + 1];
    if (low.cooled_minus_heated_ev < 0 || high.cooled_minus_heated_ev >= 0) continue;
    const bool below = std::any_of(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                   [](const auto& gap) { return gap.cooled_minus_heated_ev > 0 && gap.significant(); });
    const bool above = std::any_of(gaps.begin() + static_cast<std::ptrdiff_t>(i) + 1, gaps.end(),
                                   [](const auto& gap) { return gap.cooled_minus_heated_ev < 0 && gap.significant(); });
    if (!below || !above) continue;
    const double slope =
        (high.cooled_minus_heated_ev - low.cooled_minus_heated_ev) / (high.temperature_kelvin - low.temperature_kelvin);
    const double part = low.cooled_minus_heated_ev / (low.cooled_minus_heated_ev - high.cooled_minus_heated_ev);
    return Estimate{low.temperature_kelvin - low.cooled_minus_heated_ev / slope,
                    ((1 - part) * low.error_ev + part * high.error_ev) / std::abs(slope)};
  }
  return std::nullopt;
}

}  // namespace hullscan
