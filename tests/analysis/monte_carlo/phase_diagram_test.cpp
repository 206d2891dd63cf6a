#include "analysis/monte_carlo/phase_diagram.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "core/energy_spectrum.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

constexpr double kEvPerKelvin = EnergySpectrum::kBoltzmannEvPerKelvin;

double root(double low, double high, const std::function<double(double)>& rising) {
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (rising(middle) < 0 ? low : high) = middle;
  }
  return low;
}

/// f = omega x (1 - x) + tilt x + kT (x ln x + (1 - x) ln(1 - x)).
struct RegularSolution {
  double omega = 0.2, tilt = 0.03;

  /// The branch that is poor in the species, or rich: as far as it is a minimum of f - mu x.
  [[nodiscard]] PhaseBranch branch(double kt, bool rich, int points = 400) const {
    const double curvature = 2 * omega / kt;  // spinodal: 1 / (x (1 - x)) = 2 omega / kT
    const double spinodal = curvature > 4 ? (1 - std::sqrt(1 - 4 / curvature)) / 2 : 0.5;
    PhaseBranch branch{rich ? "rich" : "poor", {}};
    for (int i = 0; i < points; ++i) {
      const double x_poor = 1e-6 * std::pow(0.995 * spinodal / 1e-6, double(i) / (points - 1));
      const double x = rich ? 1 - x_poor : x_poor;
      const double entropy = x * std::log(x) + (1 - x) * std::log(1 - x);
      const double mu = omega * (1 - 2 * x) + tilt + kt * std::log(x / (1 - x));
      const double phi = omega * x * (1 - x) + tilt * x + kt * entropy - mu * x;
      branch.points.push_back({mu, {phi, 0}, {x, 0}, 1 / (kt / (x * (1 - x)) - 2 * omega)});
    }
    if (rich) std::reverse(branch.points.begin(), branch.points.end());
    return branch;
  }
};

/// Independent sites: phi = -kT ln(exp(-a/kT) + exp((mu - b)/kT)).
PhaseBranch ideal_branch(const std::string& name, double kt, double a, double b, double error = 0) {
  PhaseBranch branch{name, {}};
  for (int i = -60; i <= 60; ++i) {
    const double mu = 0.01 * i, empty = std::exp(-a / kt), full = std::exp((mu - b) / kt), x = full / (empty + full);
    branch.points.push_back({mu, {-kt * std::log(empty + full), error}, {x, 0}, x * (1 - x) / kt});
  }
  return branch;
}

/// One composition, without entropy.
PhaseBranch compound(const std::string& name, double energy, double x) {
  PhaseBranch branch{name, {}};
  for (int i = -60; i <= 60; ++i) branch.points.push_back({0.01 * i, {energy - 0.01 * i * x, 0}, {x, 0}, 0});
  return branch;
}

}  // namespace

TEST_CASE("a miscibility gap has the compositions of the common tangent", "[analysis][monte-carlo]") {
  const RegularSolution solution;
  for (const double kt : {0.03, 0.06, 0.09}) {
    const std::vector<PhaseBranch> branches = {solution.branch(kt, false), solution.branch(kt, true)};
    // omega (1 - 2x) + kT ln(x/(1 - x)) = 0 on the poor side.
    const double binodal = root(1e-6, 0.499, [&](double x) {
      const double spinodal = (1 - std::sqrt(1 - 2 * kt / solution.omega)) / 2;
      return x > spinodal ? 1.0 : solution.omega * (1 - 2 * x) + kt * std::log(x / (1 - x));
    });

    const PhaseLayer layer = phase_layer(kt / kEvPerKelvin, branches);

    REQUIRE(layer.fields.size() == 3);
    const PhaseField& gap = layer.fields[1];
    CHECK(gap.phases == std::vector<std::string>{"poor", "rich"});
    CHECK_FALSE(gap.unresolved);
    CHECK(gap.from.value == Approx(binodal).margin(1e-5));
    CHECK(gap.to.value == Approx(1 - binodal).margin(1e-5));
    CHECK(gap.low_chemical_potential_ev == Approx(solution.tilt).margin(1e-6));
    CHECK(layer.fields[0].to.value == gap.from.value);
    CHECK(layer.fields[2].from.value == gap.to.value);
  }
}

TEST_CASE("two phases that mix ideally make a lens", "[analysis][monte-carlo]") {
  const double kt = 0.05, a = 0.02, b = -0.03, error = 1e-4;
  const std::vector<PhaseBranch> branches = {ideal_branch("alpha", kt, 0, 0, error),
                                             ideal_branch("beta", kt, a, b, error)};
  // 1 + z = exp(-a/kT) + z exp(-b/kT), z = exp(mu/kT).
  const double z = (1 - std::exp(-a / kt)) / (std::exp(-b / kt) - 1);
  const double in_alpha = z / (1 + z), in_beta = z * std::exp(-b / kt) / (std::exp(-a / kt) + z * std::exp(-b / kt));

  const PhaseLayer layer = phase_layer(kt / kEvPerKelvin, branches);

  REQUIRE(layer.fields.size() == 3);
  CHECK(layer.fields[1].phases == std::vector<std::string>{"alpha", "beta"});
  CHECK(layer.fields[1].from.value == Approx(in_alpha).margin(1e-5));
  CHECK(layer.fields[1].to.value == Approx(in_beta).margin(1e-5));
  const double mu_error = std::sqrt(2.0) * error / (in_beta - in_alpha);
  CHECK(layer.fields[1].from.standard_error == Approx(mu_error * in_alpha * (1 - in_alpha) / kt).epsilon(0.02));
}

TEST_CASE("a compound in a solution is stable below the temperature that its energy gives", "[analysis][monte-carlo]") {
  const double energy = -0.1;
  for (const double kt : {0.05, 0.12, 0.15}) {
    const std::vector<PhaseBranch> branches = {ideal_branch("solution", kt, 0, 0), compound("AB", energy, 0.5)};

    const PhaseLayer layer = phase_layer(kt / kEvPerKelvin, branches);

    if (kt > -energy / std::log(2)) {
      REQUIRE(layer.fields.size() == 1);
      CHECK(layer.fields[0].phases[0] == "solution");
      continue;
    }
    REQUIRE(layer.fields.size() == 5);
    const double mu = -2 * kt * std::acosh(std::exp(-energy / kt) / 2);
    CHECK(layer.fields[1].low_chemical_potential_ev == Approx(mu).margin(1e-6));
    CHECK(layer.fields[1].from.value == Approx(1 / (1 + std::exp(-mu / kt))).margin(1e-5));
    CHECK(layer.fields[1].to.value == 0.5);
    CHECK(layer.fields[2].phases == std::vector<std::string>{"AB"});
    CHECK(layer.fields[3].phases == std::vector<std::string>{"AB", "solution"});
    CHECK(layer.fields[3].to.value == Approx(1 - layer.fields[1].from.value));
  }
}

TEST_CASE("the limit of zero kelvin is the lower hull", "[analysis][monte-carlo]") {
  const std::vector<GroundState> states = {{"B", 1, 0.0},        {"A", 0, 0.0},        {"AB", 0.5, -0.1},
                                           {"AB3", 0.75, -0.04}, {"A3B", 0.25, -0.07}, {"AB", 0.5, -0.02}};

  const PhaseLayer layer = ground_state_layer(states);

  std::vector<std::string> fields;
  for (const PhaseField& field : layer.fields)
    fields.push_back(field.phases.size() == 1 ? field.phases[0] : field.phases[0] + "+" + field.phases[1]);
  CHECK(fields == std::vector<std::string>{"A", "A+A3B", "A3B", "A3B+AB", "AB", "AB+B", "B"});
  CHECK(layer.fields[5].low_chemical_potential_ev == Approx(0.2));
  CHECK(layer.temperature_kelvin == 0);
}

TEST_CASE("a walk along the chemical potential is cut where it jumps, and the cut is found again as a field",
          "[analysis][monte-carlo]") {
  const RegularSolution solution;
  const double kt = 0.06, mu_of_gap = solution.tilt + 0.003;  // the walk stays too long on the poor side
  PhaseBranch walk{"walk", {}};
  for (int i = -30; i <= 30; ++i) {
    const double mu = solution.tilt + 0.01 * i;
    const bool rich = mu > mu_of_gap;
    const double x =
        rich ? root(0.82, 1 - 1e-12,
                    [&](double at) {
                      return solution.omega * (1 - 2 * at) + solution.tilt + kt * std::log(at / (1 - at)) - mu;
                    })
             : root(1e-12, 0.18, [&](double at) {
                 return solution.omega * (1 - 2 * at) + solution.tilt + kt * std::log(at / (1 - at)) - mu;
               });
    const double phi =
        solution.omega * x * (1 - x) + solution.tilt * x + kt * (x * std::log(x) + (1 - x) * std::log(1 - x)) - mu * x;
    walk.points.push_back({mu, {phi, 0}, {x, 1e-4}, 1 / (kt / (x * (1 - x)) - 2 * solution.omega)});
  }

  const auto pieces = split_at_jumps(walk.points);

  REQUIRE(pieces.size() == 2);
  const std::vector<PhaseBranch> branches = {{"poor", pieces[0]}, {"rich", pieces[1]}};
  const PhaseLayer layer = phase_layer(kt / kEvPerKelvin, branches, 0.01);
  REQUIRE(layer.fields.size() == 3);
  CHECK(layer.fields[1].low_chemical_potential_ev == Approx(solution.tilt).margin(1e-4));
  CHECK_FALSE(layer.fields[1].unresolved);
  // Without reaching out the branches do not meet, and that is said.
  const PhaseLayer apart = phase_layer(kt / kEvPerKelvin, branches, 0);
  CHECK(apart.fields.size() == 2);
}

TEST_CASE("phase diagrams are written as CSV and JSON that say the same", "[analysis][monte-carlo]") {
  PhaseDiagram diagram{"Au", {ground_state_layer(std::vector<GroundState>{{"Cu", 0, 0}, {"Au", 1, 0}})}};
  diagram.layers.push_back(
      phase_layer(500, std::vector<PhaseBranch>{ideal_branch("solution", 0.05, 0, 0), compound("AB", -0.1, 0.5)}));

  const std::string csv = phase_diagram_csv(diagram);
  const Json json = Json::parse(phase_diagram_json(diagram));

  CHECK_THAT(csv, Contains("0,Cu + Au,0,0,1,0,0,0,yes\n"));
  CHECK(json["species"] == "Au");
  REQUIRE(json["layers"].size() == 2);
  CHECK(json["layers"][1]["fields"].size() == 5);
  CHECK(json["layers"][1]["fields"][1]["phases"] == Json({"solution", "AB"}));
  CHECK(json["layers"][0]["fields"][0]["low_chemical_potential_ev"].is_null());
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 3 + 5);
  CHECK_THROWS_AS(phase_layer(300, std::vector<PhaseBranch>{{"none", {}}}), InputError);
}
