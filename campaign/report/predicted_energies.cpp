#include "campaign/report/predicted_energies.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "analysis/statistics/finite_temperature.hpp"
#include "core/scaled_energy.hpp"

namespace hullscan {
namespace {

/// Models differ by more than this between configurations that they tell apart (eV/atom, in units of a score).
constexpr std::int64_t kNoiseOfScores = 1000;

/// From the candidates where they are all, else from the spectrum.
CountedEnergies counted_energies(std::span<const Candidate> candidates, const EnergySpectrum& spectrum,
                                 const BigInteger& orbits) {
  constexpr double kExactly = 1e-6;
  std::vector<EnergyCount> counts;
  if (candidates.size() == orbits) {
    for (const Candidate& candidate : candidates)
      counts.push_back({score_to_ev_per_atom(candidate.score), 1, candidate.degeneracy});
    return {std::move(counts), kExactly};
  }
  constexpr double kBinEvPerAtom = micro_ev_to_ev(EnergySpectrum::kBinMicroEv);
  for (std::size_t b = 0; b < spectrum.bins().size(); ++b) {
    const EnergySpectrum::Bin& bin = spectrum.bins()[b];
    counts.push_back({(spectrum.lowest_bin() + static_cast<double>(b)) * kBinEvPerAtom, bin.orbits, bin.labelled});
  }
  return {std::move(counts), kBinEvPerAtom};
}

/// First and second moment of energies (eV per cell) and the logarithm of the partition sum.
struct Moments {
  double mean = 0, square = 0, log_sum = 0;
};
Moments moments_of(std::span<const EnergyLevel> levels, double temperature_kelvin) {
  const double kt = kBoltzmannEvPerKelvin * temperature_kelvin;
  const ThermodynamicState state = canonical_state(levels, temperature_kelvin);
  const double variance = std::max(0.0, state.heat_capacity_ev_per_kelvin * kt * temperature_kelvin);
  return {state.energy_ev, variance + state.energy_ev * state.energy_ev, -state.free_energy_ev / kt};
}

/// What the spectrum counts beyond the candidates, spread evenly over each of its bins: in a large cell a bin is many
/// kT wide, and its lower edge alone matters.
std::vector<EnergyLevel> levels_beyond(std::span<const Candidate> candidates, const EnergySpectrum& spectrum) {
  constexpr double kBin = micro_ev_to_ev(EnergySpectrum::kBinMicroEv);
  constexpr int kParts = 32;
  std::vector<EnergyLevel> levels;
  for (std::size_t b = 0; b < spectrum.bins().size(); ++b)
    levels.push_back({(spectrum.lowest_bin() + static_cast<double>(b) + 0.5) * kBin,
                      static_cast<double>(spectrum.bins()[b].labelled)});
  const double last = score_to_ev_per_atom(candidates.back().score);
  for (const Candidate& candidate : candidates) {
    const double at = std::floor(score_to_ev_per_atom(candidate.score) / kBin) - spectrum.lowest_bin();
    const auto bin = static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(levels.size() - 1)));
    levels[bin].degeneracy -= static_cast<double>(candidate.degeneracy);
  }
  std::vector<EnergyLevel> spread;
  for (const EnergyLevel& level : levels) {
    if (level.degeneracy < 0.5) continue;
    const double low = std::max(level.energy_ev - kBin / 2, last), high = std::max(level.energy_ev + kBin / 2, last);
    for (int k = 0; k < kParts; ++k)
      spread.push_back({(low + (high - low) * (k + 0.5) / kParts) * static_cast<double>(spectrum.atoms()),
                        level.degeneracy / kParts});
  }
  return spread;
}

/// Over all configurations. Those that are not kept have their share of the exact partition sum and energies known to a
/// bin, moved as a whole so that their own sum is the exact one. Nothing where that sum is not kept at the temperature.
std::optional<ReportComposition::Average> average_of(std::span<const Candidate> candidates,
                                                     const EnergySpectrum& spectrum, const BigInteger& orbits,
                                                     double temperature_kelvin) {
  constexpr double kNothing = 1e-5;
  const auto atoms = static_cast<double>(spectrum.atoms());
  if (spectrum.atoms() == 0) return std::nullopt;
  std::vector<EnergyLevel> kept;
  for (const Candidate& candidate : candidates)
    kept.push_back({score_to_ev_per_atom(candidate.score) * atoms, static_cast<double>(candidate.degeneracy)});
  Moments moments = moments_of(kept, temperature_kelvin);
  if (candidates.size() != orbits) {
    const auto& temperatures = spectrum.temperatures_kelvin();
    const auto t = std::find(temperatures.begin(), temperatures.end(), temperature_kelvin);
    if (t == temperatures.end()) return std::nullopt;
    const double kt = kBoltzmannEvPerKelvin * temperature_kelvin;
    const auto index = static_cast<std::size_t>(t - temperatures.begin());
    const double log_all = -spectrum.free_energy_ev_per_atom(index) * atoms / kt;
    const double beyond = 1 - std::exp(std::min(0.0, moments.log_sum - log_all));
    const std::vector<EnergyLevel> rest = levels_beyond(candidates, spectrum);
    if (beyond > kNothing && !rest.empty()) {
      Moments other = moments_of(rest, temperature_kelvin);
      const double moved = kt * (other.log_sum - (log_all + std::log(beyond)));
      other.square += moved * (2 * other.mean + moved);
      other.mean += moved;
      moments.mean = (1 - beyond) * moments.mean + beyond * other.mean;
      moments.square = (1 - beyond) * moments.square + beyond * other.square;
    }
  }
  const double variance = std::max(0.0, moments.square - moments.mean * moments.mean);
  return ReportComposition::Average{moments.mean / atoms, std::sqrt(variance) / atoms};
}

}  // namespace

void add_histograms(std::vector<ReportSpace>& spaces,
                    const std::vector<std::vector<std::vector<CountedEnergies>>>& energies) {
  std::map<Composition, std::map<std::string, std::vector<EnergyCount>>> of_formula;
  std::map<Composition, double> resolution, width;
  const auto each = [&](const auto& visit) {
    for (std::size_t s = 0; s < energies.size(); ++s) {
      for (std::size_t i = 0; i < energies[s].size(); ++i) {
        for (std::size_t c = 0; c < energies[s][i].size(); ++c) {
          if (!energies[s][i][c].counts.empty())
            visit(spaces[s], spaces[s].supercells[i].compositions[c], energies[s][i][c]);
        }
      }
    }
  };
  each([&](const ReportSpace& space, const ReportComposition& composition, const CountedEnergies& counted) {
    std::vector<EnergyCount>& all = of_formula[composition.composition][space.name];
    all.insert(all.end(), counted.counts.begin(), counted.counts.end());
    resolution[composition.composition] = std::max(resolution[composition.composition], counted.resolution_ev);
  });
  for (const auto& [formula, of_space] : of_formula) {
    std::vector<std::vector<EnergyCount>> sets;
    for (const auto& [space, counts] : of_space) sets.push_back(counts);
    width[formula] = common_bin_width(sets, resolution[formula]);
  }
  each([&](const ReportSpace& /*space*/, ReportComposition& composition, const CountedEnergies& counted) {
    EnergyHistogram histogram = binned(counted.counts, width.at(composition.composition));
    composition.histogram_low_ev_per_atom = histogram.low_ev_per_atom;
    composition.histogram_bin_ev_per_atom = histogram.bin_ev_per_atom;
    composition.histogram = std::move(histogram.orbits);
    composition.histogram_configurations = std::move(histogram.configurations);
  });
}

CountedEnergies add_predictions(ReportComposition& composition, std::span<const Candidate> candidates,
                                const EnergySpectrum& spectrum, const BigInteger& orbits, double temperature_kelvin) {
  if (candidates.empty()) return {};
  composition.lowest_predicted_ev_per_atom = score_to_ev_per_atom(candidates.front().score);
  const auto tied = std::count_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return candidate.score - candidates.front().score <= kNoiseOfScores;
  });
  composition.tied_lowest = static_cast<std::uint64_t>(tied);
  composition.all_tied = tied > 1 && static_cast<std::size_t>(tied) == candidates.size();
  BigInteger counted = 0;
  for (const EnergySpectrum::Bin& bin : spectrum.bins()) counted += bin.orbits;
  if (spectrum.empty() || counted != orbits) return {};
  for (std::size_t t = 0; spectrum.atoms() > 0 && t < spectrum.temperatures_kelvin().size(); ++t) {
    composition.free_energies.push_back({spectrum.temperatures_kelvin()[t], spectrum.free_energy_ev_per_atom(t)});
  }
  composition.predicted_average = average_of(candidates, spectrum, orbits, temperature_kelvin);
  return counted_energies(candidates, spectrum, orbits);
}

}  // namespace hullscan
