#include "analysis/monte_carlo/phase_diagram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/entries/csv_lines.hpp"
#include "analysis/entries/json_writer.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

/// A branch as curves over the chemical potential.
class BranchCurve {
 public:
  BranchCurve(const PhaseBranch& branch, double reach_ev) : branch_(branch), reach_(reach_ev) {}
  [[nodiscard]] double low() const { return branch_.points.front().chemical_potential_ev - reach_; }
  [[nodiscard]] double high() const { return branch_.points.back().chemical_potential_ev + reach_; }
  [[nodiscard]] bool holds(double mu) const { return mu >= low() && mu <= high(); }

  [[nodiscard]] double potential(double mu) const {
    const auto [left, right] = around(mu);
    if (left == right) {
      const double d = mu - left->chemical_potential_ev;
      return left->grand_potential_ev.value - left->fraction.value * d - left->susceptibility_per_ev * d * d / 2;
    }
    return hermite(mu, *left, *right, left->grand_potential_ev.value, right->grand_potential_ev.value,
                   -left->fraction.value, -right->fraction.value);
  }
  [[nodiscard]] double fraction(double mu) const {
    const auto [left, right] = around(mu);
    if (left == right)
      return std::clamp(left->fraction.value + left->susceptibility_per_ev * (mu - left->chemical_potential_ev), 0.0,
                        1.0);
    return std::clamp(hermite(mu, *left, *right, left->fraction.value, right->fraction.value,
                              left->susceptibility_per_ev, right->susceptibility_per_ev),
                      0.0, 1.0);
  }
  [[nodiscard]] const BranchPoint& nearest(double mu) const {
    const auto [left, right] = around(mu);
    return mu - left->chemical_potential_ev < right->chemical_potential_ev - mu ? *left : *right;
  }
  [[nodiscard]] double susceptibility(double mu) const {
    const auto [left, right] = around(mu);
    if (left == right) return left->susceptibility_per_ev;
    const double t = (mu - left->chemical_potential_ev) / (right->chemical_potential_ev - left->chemical_potential_ev);
    return (1 - t) * left->susceptibility_per_ev + t * right->susceptibility_per_ev;
  }
  [[nodiscard]] const PhaseBranch& branch() const { return branch_; }

 private:
  using Point = std::vector<BranchPoint>::const_iterator;
  /// The same one twice beyond the ends.
  [[nodiscard]] std::pair<Point, Point> around(double mu) const {
    const auto& points = branch_.points;
    const auto right = std::lower_bound(points.begin(), points.end(), mu, [](const BranchPoint& point, double at) {
      return point.chemical_potential_ev < at;
    });
    if (right == points.begin()) return {right, right};
    if (right == points.end()) return {std::prev(right), std::prev(right)};
    return {std::prev(right), right};
  }
  static double hermite(double mu, const BranchPoint& left, const BranchPoint& right, double y0, double y1, double s0,
                        double s1) {
    const double h = right.chemical_potential_ev - left.chemical_potential_ev,
                 t = (mu - left.chemical_potential_ev) / h, u = 1 - t;
    return y0 * (1 + 2 * t) * u * u + y1 * (3 - 2 * t) * t * t + h * (s0 * t * u * u - s1 * t * t * u);
  }
  const PhaseBranch& branch_;
  double reach_;
};

/// Where the curves are equal, in the range of both.
std::vector<double> crossings(const BranchCurve& a, const BranchCurve& b) {
  const double low = std::max(a.low(), b.low()), high = std::min(a.high(), b.high());
  if (low >= high) return {};
  std::vector<double> grid = {low, high};
  for (const BranchCurve* curve : {&a, &b}) {
    for (const BranchPoint& point : curve->branch().points) {
      if (point.chemical_potential_ev > low && point.chemical_potential_ev < high)
        grid.push_back(point.chemical_potential_ev);
    }
  }
  std::sort(grid.begin(), grid.end());
  const auto difference = [&](double mu) { return a.potential(mu) - b.potential(mu); };
  std::vector<double> found;
  constexpr int kParts = 8;  // a line may cut a curve twice between two points
  for (std::size_t i = 0; i + 1 < grid.size(); ++i) {
    for (int part = 0; part < kParts; ++part) {
      double left = grid[i] + (grid[i + 1] - grid[i]) * part / kParts,
             right = grid[i] + (grid[i + 1] - grid[i]) * (part + 1) / kParts;
      const bool above = difference(left) > 0;
      if (left >= right || above == (difference(right) > 0)) continue;
      for (int halving = 0; halving < 60; ++halving) {
        const double middle = (left + right) / 2;
        ((difference(middle) > 0) == above ? left : right) = middle;
      }
      found.push_back((left + right) / 2);
    }
  }
  return found;
}

/// @param mu_error of the chemical potential.
Estimate fraction_with_error(const BranchCurve& curve, double mu, double mu_error) {
  return {curve.fraction(mu),
          std::hypot(curve.susceptibility(mu) * mu_error, curve.nearest(mu).fraction.standard_error)};
}

/// The branch that is stable in a range of chemical potentials.
struct StablePiece {
  const BranchCurve* curve = nullptr;  ///< nothing: no branch reaches here
  double low = 0, high = 0;
};

std::vector<StablePiece> stable_pieces(const std::vector<BranchCurve>& curves) {
  std::vector<double> ends;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    ends.push_back(curves[i].low());
    ends.push_back(curves[i].high());
    for (std::size_t j = 0; j < i; ++j) {
      for (const double mu : crossings(curves[i], curves[j])) ends.push_back(mu);
    }
  }
  // Branches reach beyond their points to meet one another, not to where nothing was computed.
  double first = std::numeric_limits<double>::infinity(), last = -first;
  for (const BranchCurve& curve : curves) {
    first = std::min(first, curve.branch().points.front().chemical_potential_ev);
    last = std::max(last, curve.branch().points.back().chemical_potential_ev);
  }
  for (double& end : ends) end = std::clamp(end, std::min(first, last), std::max(first, last));
  std::sort(ends.begin(), ends.end());
  std::vector<StablePiece> pieces;
  for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
    if (ends[k + 1] - ends[k] <= 1e-12) continue;
    const double middle = (ends[k] + ends[k + 1]) / 2;
    const BranchCurve* lowest = nullptr;
    for (const BranchCurve& curve : curves) {
      if (curve.holds(middle) && (lowest == nullptr || curve.potential(middle) < lowest->potential(middle)))
        lowest = &curve;
    }
    if (!pieces.empty() && pieces.back().curve == lowest) {
      pieces.back().high = ends[k + 1];
    } else {
      pieces.push_back({lowest, ends[k], ends[k + 1]});
    }
  }
  return pieces;
}

std::string number_or_nothing(double value) { return std::isfinite(value) ? fmt::format("{:.9g}", value) : ""; }

}  // namespace

PhaseLayer phase_layer(double temperature_kelvin, std::span<const PhaseBranch> branches, double reach_ev) {
  std::vector<BranchCurve> curves;
  for (const PhaseBranch& branch : branches) {
    if (branch.points.empty())
      throw InputError(fmt::format("phase {} at {} K: there is no point", branch.phase, temperature_kelvin));
    for (std::size_t i = 1; i < branch.points.size(); ++i) {
      if (!(branch.points[i - 1].chemical_potential_ev < branch.points[i].chemical_potential_ev))
        throw InputError(fmt::format("phase {} at {} K: expected ascending chemical potentials, found {} after {} eV",
                                     branch.phase, temperature_kelvin, branch.points[i].chemical_potential_ev,
                                     branch.points[i - 1].chemical_potential_ev));
    }
    curves.emplace_back(branch, reach_ev);
  }
  PhaseLayer layer{temperature_kelvin, {}};
  const std::vector<StablePiece> pieces = stable_pieces(curves);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].curve == nullptr) continue;
    const BranchCurve& curve = *pieces[i].curve;
    double low_error = 0;
    const StablePiece* before = i > 0 && pieces[i - 1].curve != nullptr ? &pieces[i - 1] : nullptr;
    if (before != nullptr) {
      const double mu = pieces[i].low;
      const BranchCurve& other = *before->curve;
      const double apart = std::abs(curve.fraction(mu) - other.fraction(mu));
      const double of_potentials = std::hypot(curve.nearest(mu).grand_potential_ev.standard_error,
                                              other.nearest(mu).grand_potential_ev.standard_error);
      low_error = of_potentials > 0 ? of_potentials / std::max(apart, 1e-12) : 0;
      // At a crossing both are equal; where one branch ends they are not.
      const double off = std::abs(curve.potential(mu) - other.potential(mu));
      PhaseField two{{other.branch().phase, curve.branch().phase},
                     fraction_with_error(other, mu, low_error),
                     fraction_with_error(curve, mu, low_error),
                     mu,
                     mu,
                     off > 1e-9};
      if (!layer.fields.empty()) {
        layer.fields.back().to = two.from;
        layer.fields.back().high_chemical_potential_ev = mu;
      }
      layer.fields.push_back(two);
    }
    layer.fields.push_back({{curve.branch().phase},
                            fraction_with_error(curve, pieces[i].low, low_error),
                            fraction_with_error(curve, pieces[i].high, 0),
                            pieces[i].low,
                            pieces[i].high});
  }
  return layer;
}

PhaseLayer ground_state_layer(std::span<const GroundState> states) {
  std::vector<GroundState> sorted(states.begin(), states.end());
  std::sort(sorted.begin(), sorted.end(), [](const GroundState& a, const GroundState& b) {
    return std::pair(a.fraction, a.energy_ev) < std::pair(b.fraction, b.energy_ev);
  });
  std::vector<GroundState> hull;  // from below: every turn to the left (Andrew, Inf. Process. Lett. 9, 216 (1979))
  for (const GroundState& state : sorted) {
    if (!hull.empty() && hull.back().fraction == state.fraction) continue;
    while (hull.size() > 1) {
      const GroundState &a = hull[hull.size() - 2], &b = hull.back();
      const double turn = (b.fraction - a.fraction) * (state.energy_ev - a.energy_ev) -
                          (b.energy_ev - a.energy_ev) * (state.fraction - a.fraction);
      if (turn > 0) break;
      hull.pop_back();
    }
    hull.push_back(state);
  }
  PhaseLayer layer;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double mu = -kInfinity;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const bool last = i + 1 == hull.size();
    const double next =
        last ? kInfinity : (hull[i + 1].energy_ev - hull[i].energy_ev) / (hull[i + 1].fraction - hull[i].fraction);
    layer.fields.push_back({{hull[i].phase}, {hull[i].fraction, 0}, {hull[i].fraction, 0}, mu, next});
    if (!last)
      layer.fields.push_back(
          {{hull[i].phase, hull[i + 1].phase}, {hull[i].fraction, 0}, {hull[i + 1].fraction, 0}, next, next});
    mu = next;
  }
  return layer;
}

std::vector<std::vector<BranchPoint>> split_at_jumps(std::span<const BranchPoint> points, double least_jump) {
  std::vector<std::vector<BranchPoint>> pieces;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool cut = i == 0;
    if (!cut) {
      const BranchPoint &left = points[i - 1], &right = points[i];
      const double jump = std::abs(right.fraction.value - left.fraction.value);
      const double explained = std::max(left.susceptibility_per_ev, right.susceptibility_per_ev) *
                               (right.chemical_potential_ev - left.chemical_potential_ev);
      const double error = std::hypot(left.fraction.standard_error, right.fraction.standard_error);
      cut = jump > least_jump && jump > 2 * explained + (std::isfinite(error) ? 3 * error : 0);
    }
    if (cut) pieces.emplace_back();
    pieces.back().push_back(points[i]);
  }
  return pieces;
}

std::string phase_diagram_csv(const PhaseDiagram& diagram) {
  std::string text =
      "temperature_K,phases,from,from_error,to,to_error,low_chemical_potential_eV,high_chemical_potential_eV,"
      "resolved\n";
  for (const PhaseLayer& layer : diagram.layers) {
    for (const PhaseField& field : layer.fields) {
      std::string phases = field.phases[0];
      if (field.phases.size() > 1) phases += " + " + field.phases[1];
      text +=
          fmt::format("{:.9g},{},{:.9g},{},{:.9g},{},{},{},{}\n", layer.temperature_kelvin, csv_field(phases),
                      field.from.value, number_or_nothing(field.from.standard_error), field.to.value,
                      number_or_nothing(field.to.standard_error), number_or_nothing(field.low_chemical_potential_ev),
                      number_or_nothing(field.high_chemical_potential_ev), field.unresolved ? "no" : "yes");
    }
  }
  return text;
}

std::string phase_diagram_json(const PhaseDiagram& diagram) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("species").value(diagram.species);
  json.key("layers").begin_array();
  for (const PhaseLayer& layer : diagram.layers) {
    json.begin_object();
    json.key("temperature_kelvin").value(layer.temperature_kelvin);
    json.key("fields").begin_array();
    for (const PhaseField& field : layer.fields) {
      json.begin_object();
      json.key("phases").begin_array();
      for (const std::string& phase : field.phases) json.value(phase);
      json.end_array();
      json.key("from").value(field.from.value);
      json.key("from_error").value(field.from.standard_error);
      json.key("to").value(field.to.value);
      json.key("to_error").value(field.to.standard_error);
      json.key("low_chemical_potential_ev").value(field.low_chemical_potential_ev);
      json.key("high_chemical_potential_ev").value(field.high_chemical_potential_ev);
      json.key("resolved").value(!field.unresolved);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text + "\n";
}

}  // namespace hullscan
