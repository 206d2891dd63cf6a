#include "campaign/monte_carlo/monte_carlo_point.hpp"

#include "core/energy_spectrum.hpp"

namespace hullscan {
namespace {

/// The number of atoms as a constant and weights of the columns: only vacancies make it vary.
struct AtomCount {
  double constant = 0;
  std::vector<double> weights;
};

AtomCount atom_count(const MonteCarloWalk& walk) {
  AtomCount count{static_cast<double>(walk.cell.plan.fixed_atoms), std::vector<double>(walk.series.columns(), 0.0)};
  const auto& sublattices = walk.cell.parent().sublattices;
  for (std::size_t l = 0; l < sublattices.size(); ++l) {
    if (sublattices[l].allowed.size() == 1 && sublattices[l].allowed[0].is_vacancy()) continue;
    count.constant += static_cast<double>(walk.cell.plan.sublattice_sites[l]);
  }
  for (std::size_t c = 0; c < walk.cell.counted.size(); ++c) {
    const auto& [l, k, name] = walk.cell.counted[c];
    if (sublattices[l].allowed[k].is_vacancy()) count.weights[c + 1] = -1;
  }
  return count;
}

struct EnergyPerAtom {
  SeriesMean mean;  ///< in eV/atom
  double atoms = 0;
};

/// <E>/<N>; its error is that of (E - (<E>/<N>) N)/<N>, which holds the correlation of both.
EnergyPerAtom energy_per_atom(const MonteCarloWalk& walk, std::int64_t first) {
  const AtomCount count = atom_count(walk);
  std::vector<double> weights = column_weights(walk.series.columns(), 0);
  const double energy = walk.series.mean(weights, first).value;
  const double atoms = count.constant + walk.series.mean(count.weights, first).value;
  const double ratio = energy / atoms;
  for (std::size_t c = 1; c < weights.size(); ++c) weights[c] = -ratio * count.weights[c];
  EnergyPerAtom result{walk.series.mean(weights, first), atoms};
  result.mean.value = ratio;
  result.mean.standard_error /= atoms;
  return result;
}

/// Of Phi = E - sum of mu N.
std::vector<double> grand_potential_weights(const MonteCarloWalk& walk) {
  std::vector<double> weights = column_weights(walk.series.columns(), 0);
  for (std::size_t c = 0; c < walk.cell.counted.size() && !walk.chain.potentials_ev.empty(); ++c)
    weights[c + 1] = -walk.chain.potentials_ev[walk.cell.counted[c].sublattice][walk.cell.counted[c].species];
  return weights;
}

/// <Phi> and its variance, for free energies.
Json average_json(const SeriesMean& mean, const Estimate& variance, const MonteCarloWalk& walk) {
  const auto sites = static_cast<double>(walk.cell.plan.varied_sites());
  return {{"mean", mean.value / sites},
          {"error", finite_or_null(mean.standard_error / sites)},
          {"variance_ev2", variance.value / sites},
          {"variance_error_ev2", finite_or_null(variance.standard_error / sites)}};
}

}  // namespace

bool precise_enough(const MonteCarloWalk& walk) {
  const Equilibration equilibration = walk.series.equilibration();
  return precision_reached(energy_per_atom(walk, equilibration.rows).mean, equilibration,
                           walk.cell.plan.spec->precision_ev_per_atom);
}

Json point_json(const MonteCarloWalk& walk) {
  const MonteCarloSpec& spec = *walk.cell.plan.spec;
  const SeriesStatistics& series = walk.series;
  const double kt = EnergySpectrum::kBoltzmannEvPerKelvin * walk.temperature_kelvin;
  const Equilibration equilibration = series.equilibration();
  const std::int64_t first = equilibration.rows;
  const EnergyPerAtom energy = energy_per_atom(walk, first);
  Json fractions = Json::object(), susceptibilities = Json::object();
  for (std::size_t c = 0; c < walk.cell.counted.size(); ++c) {
    const auto& [l, k, name] = walk.cell.counted[c];
    const std::vector<double> weights = column_weights(series.columns(), c + 1);
    const auto sites = static_cast<double>(walk.cell.plan.sublattice_sites[l]);
    const SeriesMean count = series.mean(weights, first);
    fractions[name] = {{"mean", count.value / sites}, {"error", finite_or_null(count.standard_error / sites)}};
    const Estimate variance = series.covariance(weights, weights, first);
    susceptibilities[name] = {{"value", variance.value / kt / sites},
                              {"error", finite_or_null(variance.standard_error / kt / sites)}};
  }
  const std::vector<double> grand = grand_potential_weights(walk);
  const Estimate variance = series.covariance(grand, grand, first);
  const double per_kelvin_per_atom = 1 / (kt * walk.temperature_kelvin * energy.atoms);
  Json potentials = Json::object();
  for (const auto& [name, value] : walk.chain.chemical_potentials_ev) potentials[name] = value;
  Json point{
      {"temperature_kelvin", walk.temperature_kelvin},
      {"chemical_potentials_ev", std::move(potentials)},
      {"sweeps", series.rows()},
      {"equilibration_sweeps", first},
      {"energy_ev_per_atom", energy.mean.value},
      {"energy_error_ev_per_atom", finite_or_null(energy.mean.standard_error)},
      {"precision_reached", precision_reached(energy.mean, equilibration, spec.precision_ev_per_atom)},
      {"autocorrelation_sweeps", energy.mean.autocorrelation_rows},
      {"heat_capacity_ev_per_kelvin_per_atom", variance.value * per_kelvin_per_atom},
      {"heat_capacity_error_ev_per_kelvin_per_atom", finite_or_null(variance.standard_error * per_kelvin_per_atom)},
      {"grand_potential_average_ev_per_site", average_json(series.mean(grand, first), variance, walk)},
      {"fractions", std::move(fractions)}};
  if (spec.ensemble == Ensemble::kSemiGrand) point["susceptibilities_per_ev"] = std::move(susceptibilities);
  return point;
}

Json state_json(const SeriesState& state) {
  return {{"rows", state.rows}, {"block_rows", state.block_rows}, {"origin", state.origin}, {"blocks", state.blocks},
          {"open", state.open}, {"open_rows", state.open_rows}};
}

SeriesState series_state(const Json& json) {
  return {.rows = json.at("rows"),
          .block_rows = json.at("block_rows"),
          .origin = json.at("origin").get<std::vector<double>>(),
          .blocks = json.at("blocks").get<std::vector<std::vector<double>>>(),
          .open = json.at("open").get<std::vector<double>>(),
          .open_rows = json.at("open_rows")};
}

}  // namespace hullscan
