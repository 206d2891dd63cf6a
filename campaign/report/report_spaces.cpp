#include "campaign/report/report_spaces.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "campaign/campaign_directory.hpp"
#include "campaign/report/predicted_energies.hpp"
#include "scheduler/decisions/refinement.hpp"
#include "scheduler/decisions/search_limits.hpp"
#include "scheduler/decisions/stages.hpp"

namespace hullscan {
namespace {

/// Adds the counts of another orbit of marked objects with the same composition.
void add_counts(ReportComposition& sum, const ReportComposition& more) {
  const auto add = [](std::optional<BigInteger>& count, const std::optional<BigInteger>& other) {
    if (count && other) {
      *count += *other;
    } else {
      count.reset();
    }
  };
  add(sum.total, more.total);
  add(sum.inequivalent, more.inequivalent);
  add(sum.enumerated_orbits, more.enumerated_orbits);
  add(sum.degeneracy_sum, more.degeneracy_sum);
}

}  // namespace

std::vector<ReportSpace> report_spaces(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                       const Strata& strata, const CampaignStore& store, const TasksSeen& seen) {
  const auto decision = stored_decision(store);
  const int counting = counted_pass(store);
  const auto totals = store.unit_totals(counting);
  const bool enumerated = store.pass_complete(counting);
  const auto pass = store.current_pass();
  const bool predicted =
      pass && pass->number > survey_pass(store) && pass->finished && !view.campaign->surrogates.empty();
  const auto candidates = predicted ? std::optional<PassCandidates>(std::in_place, store, pass->number) : std::nullopt;
  auto spectra = predicted ? store.spectra(pass->number) : std::map<Stratum, EnergySpectrum>{};
  auto totals_of_pass = predicted ? store.unit_totals(pass->number) : std::map<Stratum, UnitTotals>{};
  const std::set<std::uint32_t> modelled = scored_spaces(view, seen);
  const CampaignView stage = strata_of_stage(view, decision);  // without what a second stage leaves out
  const auto& temperatures = view.campaign->report.temperatures_kelvin;
  const double temperature = temperatures.empty() ? Report{}.temperature_kelvin : temperatures.front();
  std::vector<ReportSpace> result;
  std::vector<std::vector<std::vector<CountedEnergies>>> energies(spaces.size());  // [space][supercell][composition]
  auto stratum = stage.strata.begin();
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    const SearchSpace& space = spaces[s];
    const ParentCrystal& parent = *space.parent();
    ReportSpace report;
    report.name = space.name();
    report.structure_file = original_name(view.campaign->spaces[s].structure);
    report.space_group_number = parent.space_group_number;
    report.space_group_symbol = parent.space_group_symbol;
    report.list = view.campaign->spaces[s].list;
    report.repeats_left_out = !view.campaign->spaces[s].superperiodic;
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      ReportSupercell supercell;
      energies[s].emplace_back();
      supercell.matrix = space.supercells()[i]->matrix();
      supercell.sites = static_cast<int>(space.supercells()[i]->sites().size());
      supercell.group_order = static_cast<std::int64_t>(space.operations(i).count());
      std::optional<std::size_t> last;  // composition of the stratum before: with markers several strata share one
      for (const SpaceStratum& at : strata.of(s, i)) {
        if (stratum == stage.strata.end() || stratum->stratum != at.key) continue;
        ReportComposition composition;
        if (report.list.empty()) composition.counts = at.named_counts();  // of a listed structure nothing varies
        composition.composition = stratum->composition;
        if (stratum->inequivalent) {
          composition.total = stratum->total;
          composition.inequivalent = stratum->inequivalent;
        }
        const auto found = totals.find(stratum->stratum);
        if (enumerated && found != totals.end() && !stratum->by_branch_and_bound) {
          composition.enumerated_orbits = found->second.orbits;
          composition.degeneracy_sum = found->second.labelled;
          // Where no formula counts (minimum distances), the enumeration does.
          if (!composition.total) composition.total = composition.degeneracy_sum;
          if (!composition.inequivalent) composition.inequivalent = composition.enumerated_orbits;
        }
        CountedEnergies counted;
        if (predicted && !at.marker && modelled.count(static_cast<std::uint32_t>(s)) != 0)
          counted = add_predictions(composition, candidates->of(stratum->stratum), spectra[stratum->stratum],
                                    totals_of_pass[stratum->stratum].orbits, temperature);
        if (predicted && stratum->by_branch_and_bound) {
          if (const auto bound = kept_search(pass->number, stratum->stratum, store)) {
            composition.search = ReportComposition::Search{bound->proven, {}};
            if (std::isfinite(bound->bound_ev_per_atom))
              composition.search->bound_ev_per_atom = bound->bound_ev_per_atom;
          }
        }
        if (last == at.composition) {
          add_counts(supercell.compositions.back(), composition);
        } else {
          supercell.compositions.push_back(std::move(composition));
          energies[s].back().push_back(std::move(counted));
        }
        last = at.composition;
        ++stratum;
      }
      report.supercells.push_back(std::move(supercell));
    }
    result.push_back(std::move(report));
  }
  add_histograms(result, energies);
  return result;
}

}  // namespace hullscan
