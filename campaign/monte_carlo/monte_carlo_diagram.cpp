#include "campaign/monte_carlo/monte_carlo_diagram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "analysis/figures/monte_carlo_figures.hpp"
#include "analysis/figures/rendering.hpp"
#include "analysis/monte_carlo/thermodynamic_integration.hpp"
#include "core/energy_spectrum.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

constexpr double kNearlyPure = 0.05;  ///< a walk along the chemical potential that begins here begins at a pure end
constexpr double kSameComposition = 0.02;  ///< of a point and a phase of zero kelvin
constexpr double kOrdered = 0.25;          ///< kT times the susceptibility, of that of an ideal solution
constexpr double kWidestField = 0.4;       ///< in composition, of a field that has the name of a phase of zero kelvin

/// One walked point as the integrations take it.
struct Walked {
  double temperature_kelvin = 0, mu = 0;
  Estimate potential, variance, fraction, susceptibility;
};

std::optional<Estimate> estimate_of(const Json& value, const Json& error) {
  if (!value.is_number() || !error.is_number()) return std::nullopt;
  return Estimate{value.get<double>(), error.get<double>()};
}

/// The axis that has several values, and the species that it is of.
struct Axis {
  std::string key;      ///< as chemical_potentials_ev has it
  std::string counted;  ///< as fractions have it
  std::size_t species = 0;
};

std::optional<Axis> varied_axis(const MonteCarloCell& cell) {
  std::optional<Axis> found;
  for (const MonteCarloSpec::Axis& axis : cell.plan.spec->chemical_potentials) {
    if (axis.values.size() < 2) continue;
    if (found) return std::nullopt;
    for (const CountedSpecies& one : cell.counted) {
      if (one.name == axis.name || one.name.ends_with("." + axis.name)) found = Axis{axis.name, one.name, one.species};
    }
  }
  return found;
}

std::optional<Walked> walked_point(const Json& point, const Axis& axis) {
  const Json& average = point["grand_potential_average_ev_per_site"];
  const Json& fraction = point["fractions"][axis.counted];
  const Json& susceptibility = point["susceptibilities_per_ev"][axis.counted];
  const auto potential = estimate_of(average["mean"], average["error"]);
  const auto variance = estimate_of(average["variance_ev2"], average["variance_error_ev2"]);
  const auto amount = estimate_of(fraction["mean"], fraction["error"]);
  const auto slope = estimate_of(susceptibility["value"], susceptibility["error"]);
  if (!potential || !variance || !amount || !slope) return std::nullopt;
  return Walked{point["temperature_kelvin"].get<double>(),
                point["chemical_potentials_ev"][axis.key].get<double>(),
                *potential,
                *variance,
                *amount,
                *slope};
}

/// Labels by the model: what the model has for zero kelvin.
std::vector<GroundState> model_states(const MonteCarloCell& cell, std::size_t species) {
  const Surrogate& model = cell.resolved.surrogates.space(cell.plan.space);
  std::map<const Supercell*, std::unique_ptr<ConfigurationScorer>> scorers;
  std::vector<GroundState> states;
  for (const Configuration& label : cell.options.labels) {
    auto& scorer = scorers[label.supercell.get()];
    if (!scorer) scorer = model.scorer(*label.supercell);
    const auto sites = static_cast<double>(label.occupation.size());
    const auto of_species = std::count(label.occupation.begin(), label.occupation.end(), species);
    const Structure structure = label.supercell->structure(label.occupation);
    const auto atoms = static_cast<double>(structure.species.size());
    states.push_back({Composition::of(structure.species).reduced().formula(), static_cast<double>(of_species) / sites,
                      scorer->score(label.occupation) * atoms / sites});
  }
  return states;
}

/// Energy of a cell of one species, of one site.
double pure_energy_ev(const MonteCarloCell& cell, std::size_t species) {
  CellState state(cell.cell, cell.whole_cell);
  state.set(std::vector<std::uint8_t>(cell.cell->site_count(), static_cast<std::uint8_t>(species)));
  return state.energy_ev() / static_cast<double>(cell.cell->site_count());
}

class DiagramOfWalks {
 public:
  DiagramOfWalks(const MonteCarloCell& cell, const Json& points) : axis_(*varied_axis(cell)) {
    const CountedSpecies& other = cell.counted[cell.counted[0].name == axis_.counted ? 1 : 0];
    other_mu_ = cell.plan.chains.front().potentials_ev[other.sublattice][other.species];
    pure_first_ev_ = pure_energy_ev(cell, other.species);
    pure_last_ev_ = pure_energy_ev(cell, axis_.species);
    for (const Json& point : points) {
      if (const auto walked = walked_point(point, axis_)) {
        by_mu_[walked->mu].push_back(*walked);
        by_temperature_[walked->temperature_kelvin].push_back(*walked);
      }
    }
    for (auto& [temperature, list] : by_temperature_)
      std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.mu < b.mu; });
    states_ = model_states(cell, axis_.species);
  }

  WalkedDiagram made() {
    WalkedDiagram made;
    made.diagram.species = axis_.key;
    if (!states_.empty()) {
      made.diagram.layers.push_back(ground_state_layer(states_));
      for (const PhaseField& field : made.diagram.layers.front().fields) {
        if (field.phases.size() == 1) made.labelled.push_back(field.phases.front());
      }
      std::copy_if(states_.begin(), states_.end(), std::back_inserter(stable_), [&](const GroundState& state) {
        return std::find(made.labelled.begin(), made.labelled.end(), state.phase) != made.labelled.end();
      });
    }
    for (const auto& [mu, points] : by_mu_) along_temperature(mu, points);
    for (const auto& [temperature, points] : by_temperature_) {
      if (points.size() < 2) continue;
      along_potential(points);
      made.diagram.layers.push_back(layer(temperature, points));
    }
    for (const auto& [key, value] : best_) made.grand_potentials.push_back(value);
    return made;
  }

 private:
  static double step(const std::vector<Walked>& points) {
    double most = 0;
    for (std::size_t i = 1; i < points.size(); ++i) most = std::max(most, points[i].mu - points[i - 1].mu);
    return most;
  }

  [[nodiscard]] PhaseLayer layer(double temperature, const std::vector<Walked>& points) const {
    const auto between_jumps = split_at_jumps(as_branch(points));
    std::vector<PhaseBranch> branches;
    std::map<std::string, int> used;
    for (const std::vector<BranchPoint>& whole : between_jumps) {
      for (std::vector<BranchPoint>& piece : split_between_phases(temperature, whole)) {
        std::string name = name_of(temperature, piece);
        if (const int before = used[name]++; before > 0) name += fmt::format(" ({})", before + 1);
        branches.push_back({std::move(name), std::move(piece)});
      }
    }
    // Only what jumps may overlap: the other branches are one walk that was cut.
    const bool all_jump = branches.size() == between_jumps.size();
    PhaseLayer made = phase_layer(temperature, branches, all_jump ? step(points) : 0);
    fill_gaps(made);
    return made;
  }

  /// What lies between two neighbouring points of two phases is in one of them, or in both: not resolved.
  static void fill_gaps(PhaseLayer& layer) {
    std::vector<PhaseField> filled;
    for (const PhaseField& field : layer.fields) {
      if (!filled.empty() && filled.back().phases.size() == 1 && field.phases.size() == 1) {
        const PhaseField& before = filled.back();
        filled.push_back({{before.phases.front(), field.phases.front()},
                          before.to,
                          field.from,
                          before.high_chemical_potential_ev,
                          field.low_chemical_potential_ev,
                          true});
      }
      filled.push_back(field);
    }
    layer.fields = std::move(filled);
  }

  /// The estimate of the smallest error stays.
  void offer(const Walked& point, double value, double error, const char* from) {
    const GrandPotential offered{point.temperature_kelvin, point.mu, point.fraction, {value, error}, from};
    const auto [at, is_new] = best_.try_emplace({point.temperature_kelvin, point.mu}, offered);
    if (!is_new && error < at->second.value_ev.standard_error) at->second = offered;
  }

  void along_temperature(double mu, const std::vector<Walked>& points) {
    std::vector<ThermalPoint> thermal;
    for (const Walked& point : points) thermal.push_back({point.temperature_kelvin, point.potential, point.variance});
    const auto offer_all = [&](const std::vector<FreeEnergyPoint>& found, const char* from) {
      for (const FreeEnergyPoint& one : found) {
        const auto at = std::find_if(points.begin(), points.end(), [&](const Walked& point) {
          return point.temperature_kelvin == one.temperature_kelvin;
        });
        if (at != points.end()) offer(*at, one.value_ev, one.error_ev(), from);
      }
    };
    offer_all(free_energy_from_infinite_temperature(thermal, {.entropy_kb = std::log(2.0)}), "infinite temperature");
    if (states_.empty()) return;
    double ground = std::numeric_limits<double>::infinity();
    for (const GroundState& state : states_)
      ground = std::min(ground, state.energy_ev - mu * state.fraction - other_mu_ * (1 - state.fraction));
    // A walk that is below every label has found a phase that no label has: its ground state is not known.
    const bool below = std::any_of(points.begin(), points.end(), [&](const Walked& point) {
      return point.potential.value < ground - 3 * point.potential.standard_error - 1e-9;
    });
    if (!below) offer_all(free_energy_from_ground_state(thermal, ground), "ground state");
  }

  /// From the pure ends to the first jump.
  void along_potential(const std::vector<Walked>& points) {
    const auto pieces = split_at_jumps(as_branch(points));
    const std::size_t first = pieces.front().size(), last = pieces.back().size();
    const auto piece = [&](std::size_t begin, std::size_t count) {
      std::vector<PotentialPoint> list;
      for (std::size_t i = begin; i < begin + count; ++i)
        list.push_back({points[i].mu, points[i].fraction, points[i].susceptibility});
      return list;
    };
    if (points.front().fraction.value < kNearlyPure && first >= 2) {
      const auto found = grand_potential_from_pure(piece(0, first), StartAt::kFirst, pure_first_ev_ - other_mu_);
      for (std::size_t i = 0; i < first; ++i) offer(points[i], found[i].value_ev, found[i].error_ev(), "pure end");
    }
    if (points.back().fraction.value > 1 - kNearlyPure && last >= 2) {
      const std::size_t begin = points.size() - last;
      const auto found = grand_potential_from_pure(piece(begin, last), StartAt::kLast, pure_last_ev_);
      for (std::size_t i = 0; i < last; ++i)
        offer(points[begin + i], found[i].value_ev, found[i].error_ev(), "pure end");
    }
  }

  [[nodiscard]] std::vector<BranchPoint> as_branch(const std::vector<Walked>& points) const {
    std::vector<BranchPoint> list;
    for (const Walked& point : points) {
      const auto known = best_.find({point.temperature_kelvin, point.mu});
      const Estimate potential = known == best_.end() ? Estimate{} : known->second.value_ev;
      list.push_back({point.mu, potential, point.fraction, std::max(0.0, point.susceptibility.value)});
    }
    return list;
  }

  /// The phase of zero kelvin that a point has the composition of. Within the diagram its composition must also be
  /// stiff, as it is where sublattices are ordered. @returns nothing, or the phase.
  [[nodiscard]] const GroundState* phase_at(double temperature, const BranchPoint& point) const {
    const double x = point.fraction.value, kt = EnergySpectrum::kBoltzmannEvPerKelvin * temperature;
    const GroundState* nearest = nullptr;
    for (const GroundState& state : stable_) {
      const double distance = std::abs(x - state.fraction);
      if (distance > kSameComposition || (is_inner(state) && kt * point.susceptibility_per_ev > kOrdered * x * (1 - x)))
        continue;
      if (nearest == nullptr || distance < std::abs(x - nearest->fraction)) nearest = &state;
    }
    return nearest;
  }
  [[nodiscard]] static bool is_inner(const GroundState& state) { return state.fraction > 0 && state.fraction < 1; }

  /// A walk may pass from one ordered phase to the next without a jump: the step of the potential is too wide, or the
  /// transition is continuous. It is cut where the composition changes most between them.
  [[nodiscard]] std::vector<std::vector<BranchPoint>> split_between_phases(
      double temperature, const std::vector<BranchPoint>& whole) const {
    std::vector<std::vector<BranchPoint>> pieces(1);
    const GroundState* last = nullptr;
    std::size_t last_at = 0;
    std::vector<std::size_t> cuts;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const GroundState* const here = phase_at(temperature, whole[i]);
      if (here == nullptr) continue;
      if (last != nullptr && here->phase != last->phase && (is_inner(*here) || is_inner(*last))) {
        std::size_t cut = last_at + 1;
        for (std::size_t j = last_at + 1; j <= i; ++j) {
          if (rise(whole, j) > rise(whole, cut)) cut = j;
        }
        cuts.push_back(cut);
      }
      last = here;
      last_at = i;
    }
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (std::find(cuts.begin(), cuts.end(), i) != cuts.end()) pieces.emplace_back();
      pieces.back().push_back(whole[i]);
    }
    return pieces;
  }
  [[nodiscard]] static double rise(const std::vector<BranchPoint>& points, std::size_t i) {
    return points[i].fraction.value - points[i - 1].fraction.value;
  }

  [[nodiscard]] std::string name_of(double temperature, const std::vector<BranchPoint>& piece) const {
    if (std::abs(piece.back().fraction.value - piece.front().fraction.value) > kWidestField) return "disordered";
    std::string end;
    for (const BranchPoint& point : piece) {
      const GroundState* const phase = phase_at(temperature, point);
      if (phase == nullptr) continue;
      if (is_inner(*phase)) return phase->phase;
      end = phase->phase;
    }
    return end.empty() ? "disordered" : end;
  }

  Axis axis_;
  double other_mu_ = 0;                          ///< of the species whose chemical potential stays
  double pure_first_ev_ = 0, pure_last_ev_ = 0;  ///< per site, of a cell without and with nothing but the axis' species
  std::map<double, std::vector<Walked>> by_mu_, by_temperature_;
  std::vector<GroundState> states_;                           ///< labels, by the model
  std::vector<GroundState> stable_;                           ///< of these, those of phases of zero kelvin
  std::map<std::pair<double, double>, GrandPotential> best_;  ///< [temperature, mu]
};

}  // namespace

std::string why_no_diagram(const MonteCarloCell& cell) {
  if (cell.plan.spec->ensemble != Ensemble::kSemiGrand) return "it has no chemical potentials";
  if (cell.counted.size() != 2) return "it is drawn for two species on one sublattice";
  if (!cell.plan.limits.empty()) return "the space limits the counts of its species";
  if (!varied_axis(cell)) return "exactly one chemical potential must have several values";
  return "";
}

WalkedDiagram walked_diagram(const MonteCarloCell& cell, const Json& points) {
  return DiagramOfWalks(cell, points).made();
}

void write_diagram(const MonteCarloCell& cell, const WalkedDiagram& walked) {
  std::string text =
      "temperature_kelvin,chemical_potential_ev,fraction,fraction_error,grand_potential_ev_per_site,"
      "grand_potential_error_ev_per_site,integrated_from\n";
  for (const GrandPotential& one : walked.grand_potentials)
    text += fmt::format("{:.9g},{:.9g},{:.9g},{:.3g},{:.9f},{:.3g},{}\n", one.temperature_kelvin,
                        one.chemical_potential_ev, one.fraction.value, one.fraction.standard_error, one.value_ev.value,
                        one.value_ev.standard_error, one.from);
  write_durably(cell.folder / "grand_potentials.csv", text);
  write_durably(cell.folder / "phase_diagram.csv", phase_diagram_csv(walked.diagram));
  write_durably(cell.folder / "phase_diagram.json", phase_diagram_json(walked.diagram));
  const bool warm = std::any_of(walked.diagram.layers.begin(), walked.diagram.layers.end(),
                                [](const PhaseLayer& layer) { return layer.temperature_kelvin > 0; });
  if (!warm || !why_no_pictures().empty()) return;
  write_durably(cell.folder / "phase_diagram.svg",
                rendered(phase_diagram_picture(walked.diagram, walked.labelled, FigureStyle{}), PictureFormat::kSvg));
}

}  // namespace hullscan
