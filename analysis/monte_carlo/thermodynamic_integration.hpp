/// @file
/// Free energies from averages: integrals along temperature and along a chemical potential, from ends where they are
/// exact, with the error of the averages carried along and that of the interpolation estimated. Both directions of a
/// first-order transition, and where their free energies are equal.
///
/// All energies, entropies and counts are of one unit of amount (a site, an atom, or the whole cell): whichever the
/// caller divides by.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/monte_carlo/series_statistics.hpp"

namespace hullscan {

/// What is integrated, at one place, with its derivative where that is known.
struct IntegrandPoint {
  double at = 0;
  Estimate value;
  std::optional<Estimate> slope = {};
};

struct IntegratedPoint {
  double at = 0, value = 0;
  double statistical_error = 0;        ///< of the points and of the start
  double interpolation_error = 0;      ///< estimated bound
  [[nodiscard]] double error() const;  ///< both: root of the sum of squares
};

enum class StartAt { kFirst, kLast };

/// F(x) = start + integral from the start to x, at every point. Cubic Hermite between points with slopes, h (u0 + u1)/2
/// + h² (u0' - u1')/12; trapezoids where a slope is missing.
///
/// Statistical error: points are independent; value and slope of one point are not, so their errors add up in full. The
/// interpolation error is what the integral changes by when every second point is left out, interval by interval and
/// without cancelling: where the integrand is smooth on the grid the true one is about a fifteenth (trapezoids: a
/// third).
/// @param points two or more in ascending places. @throws InputError otherwise.
std::vector<IntegratedPoint> integrate(std::span<const IntegrandPoint> points, StartAt from, double start,
                                       double start_error = 0);

/// The integral beyond the last point of what falls off as exp(-x): value² / |slope|; 0 for a value of 0.
double exponential_tail(double value, double slope);

/// Averages at one temperature: at constant chemical potentials of Phi = E - sum of mu N, or at constant composition of
/// E.
struct ThermalPoint {
  double temperature_kelvin = 0;
  Estimate potential_ev;                      ///< <Phi>, of the unit of amount
  std::optional<Estimate> variance_ev2 = {};  ///< Var(Phi) of the cell / units in the cell: -d<Phi>/d beta
};

/// Grand potential (or free energy) phi, dphi/dT = -entropy.
struct FreeEnergyPoint {
  double temperature_kelvin = 0, value_ev = 0;
  double statistical_error_ev = 0, interpolation_error_ev = 0;
  [[nodiscard]] double error_ev() const;
};

/// The exact average at infinite temperature.
struct InfiniteTemperature {
  double entropy_kb = 0;                    ///< of the unit of amount: see ideal_entropy
  std::optional<double> potential_ev = {};  ///< unknown: it follows from the hottest point and its variance
  std::optional<double> variance_ev2 = {};
};

/// beta phi(beta) = -s + integral from 0 to beta of <Phi>. @param points of any order. @returns ascending in
/// temperature. Source: d(beta phi)/d beta = <Phi>: van de Walle & Asta, Modelling Simul. Mater. Sci. Eng. 10, 521
/// (2002).
/// @throws InputError without points, for two of one temperature, or one at or below 0 K.
std::vector<FreeEnergyPoint> free_energy_from_infinite_temperature(std::span<const ThermalPoint> points,
                                                                   const InfiniteTemperature& end);

/// beta phi(beta) = beta phi_0 - s_0 - integral from beta to infinity of (<Phi> - phi_0). Below the coldest point <Phi>
/// - phi_0 falls off as exp(-gap beta), gap from the variance there; all of this tail counts as interpolation error
/// (without a variance: (<Phi> - phi_0) beta, a gap of kT). @param ground_ev phi_0, the ground state's E - sum of mu N.
/// @param entropy_kb s_0, ln of the number of ground states.
/// @throws as above.
std::vector<FreeEnergyPoint> free_energy_from_ground_state(std::span<const ThermalPoint> points, double ground_ev,
                                                           double entropy_kb = 0);

/// ln of the number of occupations: sum over c of -x ln x for shares of one sublattice. For an infinite cell.
double ideal_entropy(std::span<const double> shares);
/// ln (N! / product of n_i!), exact for a cell. @param counts whole, not negative.
double ideal_entropy_of_counts(std::span<const std::int64_t> counts);

/// Averages at one chemical potential.
struct PotentialPoint {
  double chemical_potential_ev = 0;
  Estimate amount;                                     ///< x, of the unit
  std::optional<Estimate> susceptibility_per_ev = {};  ///< dx/dmu = beta Var(N) / units
};

struct GrandPotentialPoint {
  double chemical_potential_ev = 0, value_ev = 0;
  double statistical_error_ev = 0, interpolation_error_ev = 0;
  [[nodiscard]] double error_ev() const;
};

/// phi(mu) = phi(start) - integral of x dmu, at constant temperature. @param points ascending in mu, two or more.
std::vector<GrandPotentialPoint> grand_potential_along(std::span<const PotentialPoint> points, StartAt from,
                                                       double start_ev, double start_error_ev = 0);
/// From the end where x is 0 (the first point) or its `most` (the last), whose energy is exact: phi = e - mu x there.
/// What is left of x, or lacks to the most, falls off as exp(-beta |mu|) beyond the point; this tail counts as
/// interpolation error. @param end_ev e.
std::vector<GrandPotentialPoint> grand_potential_from_pure(std::span<const PotentialPoint> points, StartAt from,
                                                           double end_ev, double most = 1);

/// Free energies of two directions at one temperature.
struct DirectionGap {
  double temperature_kelvin = 0;
  double cooled_minus_heated_ev = 0, error_ev = 0;
  [[nodiscard]] bool significant() const;  ///< more than three errors
};

/// At the temperatures that both have. What was cooled is integrated from infinite temperature, what was heated from
/// the ground state. Without hysteresis the gaps are within their errors; beyond a first-order transition each
/// direction has too high a free energy once it has changed over.
std::vector<DirectionGap> direction_gaps(std::span<const FreeEnergyPoint> cooled,
                                         std::span<const FreeEnergyPoint> heated);

/// Where the free energies of the two directions are equal: the first-order transition. Linear between the two
/// temperatures where the gap falls through zero.
/// @returns nothing if the gap is not significant on both sides: there is no hysteresis, or it does not enclose one.
std::optional<Estimate> transition_temperature(std::span<const DirectionGap> gaps);

}  // namespace hullscan
