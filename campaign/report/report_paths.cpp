#include "campaign/report/report_paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>  // std::round
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "campaign/marked_pairs.hpp"
#include "campaign/report/predicted_energies.hpp"
#include "campaign/resolved_campaign.hpp"
#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/scaled_energy.hpp"
#include "enumerator/space/composition_constraints.hpp"
#include "scheduler/decisions/stages.hpp"

namespace hullscan {

namespace {

/// Where the dopant of each path with one stands. @param candidates the best: nothing is added unless they are all.
void add_places(const SpaceStratum& at, const std::string& type, const std::vector<Candidate>& candidates,
                const EnergySpectrum& spectrum, std::vector<PathPlace>& map) {
  BigInteger orbits = 0;
  for (const EnergySpectrum::Bin& bin : spectrum.bins()) orbits += bin.orbits;
  const MarkerOrbit& orbit = at.space->markers(at.supercell())[*at.marker];
  if (orbits != candidates.size() || orbit.sites.size() != 2) return;
  const Supercell& supercell = *at.space->supercells()[at.supercell()];
  const MarkedPair pair = marked_pair(supercell, orbit, *at.marker, site_classes(supercell));
  const std::set<Species> dopants = usual_dopants(*at.space->parent());
  for (const Candidate& candidate : candidates) {
    for (std::size_t site = 0; site < candidate.occupation.size(); ++site) {
      const int sublattice = supercell.sublattice_of(static_cast<int>(site));
      const auto& allowed = at.space->parent()->sublattices[static_cast<std::size_t>(sublattice)].allowed;
      if (!dopants.contains(allowed[candidate.occupation[site]])) continue;
      const PolarPlace place = polar_place(supercell, pair, site);
      const auto rounded = [](double value) { return std::round(value * 1e6) / 1e6; };
      map.push_back({type, rounded(place.distance_angstrom), rounded(place.angle_degrees),
                     score_to_ev_per_atom(candidate.score), static_cast<double>(candidate.degeneracy)});
    }
  }
}

}  // namespace

std::vector<PathStatistics> report_paths(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                         const Strata& strata, const CampaignStore& store) {
  std::vector<PathStatistics> all;
  const auto pass = store.current_pass();
  if (!pass || pass->number <= survey_pass(store) || !pass->finished || view.campaign->surrogates.empty()) return all;
  constexpr double kBinEv = micro_ev_to_ev(EnergySpectrum::kBinMicroEv);
  const auto spectra = store.spectra(pass->number);
  const auto& reference = view.campaign->report.path_reference;
  const Setting* target = view.campaign->surrogates.front().settings.find("target");
  const auto* quantity = target != nullptr ? std::get_if<std::string>(&target->value) : nullptr;
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    const SearchSpace& space = spaces[s];
    if (space.spec().markers.empty()) continue;
    std::map<std::pair<std::size_t, std::size_t>, std::vector<PathSample>> of_type;  // supercell, marker
    std::vector<PathPlace> map;
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    for (const SpaceStratum& at : strata) {
      if (at.space != &space) continue;
      const std::size_t supercell = at.supercell();
      PathSample sample;
      sample.type = marker_name(space, supercell, *at.marker);
      if (space.supercells().size() > 1)
        sample.type = matrix_text(space.supercells()[supercell]->matrix()) + " " + sample.type;
      sample.dopants = dopant_count(*space.parent(), at.counts());
      sample.reference = reference && satisfies(*reference, *space.parent(), at.counts());
      const auto candidates = store.candidates(pass->number, at.key);
      const auto found = spectra.find(at.key);
      if (found == spectra.end() || candidates.empty()) continue;
      fewest = std::min(fewest, sample.dopants);
      if (sample.dopants == 1) add_places(at, sample.type, candidates, found->second, map);
      const double best = score_to_ev_per_atom(candidates.front().score);
      for (std::size_t b = 0; b < found->second.bins().size(); ++b) {
        const EnergySpectrum::Bin& bin = found->second.bins()[b];
        if (bin.orbits == 0) continue;
        const double low = (found->second.lowest_bin() + static_cast<double>(b)) * kBinEv;
        sample.value = low + kBinEv / 2;
        sample.lowest = b == 0 ? best : low;
        sample.highest = low + kBinEv;
        sample.paths = bin.orbits;
        sample.weight = static_cast<double>(bin.labelled);
        of_type[{supercell, *at.marker}].push_back(sample);
      }
    }
    std::vector<PathSample> samples;
    for (const auto& [type, some] : of_type) samples.insert(samples.end(), some.begin(), some.end());
    if (samples.empty()) continue;
    if (!reference) {
      for (PathSample& sample : samples) sample.reference = sample.dopants == fewest;
    }
    try {
      PathStatistics statistics = path_statistics(samples);
      statistics.space = space.name();
      statistics.quantity = quantity != nullptr ? *quantity : "energy per atom";
      statistics.reference = reference ? reference->text : fmt::format("{} dopant{}", fewest, fewest == 1 ? "" : "s");
      statistics.resolution = kBinEv;
      statistics.map = std::move(map);
      all.push_back(std::move(statistics));
    } catch (const InputError& error) {
      log_warning(fmt::format("report.path_reference: {}: {}", space.name(), error.what()));
    }
  }
  return all;
}

}  // namespace hullscan
