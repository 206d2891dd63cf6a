#include "campaign/report/predicted_energies.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

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
                                const EnergySpectrum& spectrum, const BigInteger& orbits) {
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
  return counted_energies(candidates, spectrum, orbits);
}

}  // namespace hullscan
