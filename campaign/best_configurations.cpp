#include "campaign/best_configurations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "core/errors.hpp"
#include "core/scaled_energy.hpp"
#include "enumerator/crystal/standard_cell.hpp"

namespace hullscan {
namespace {

/// What a search of the composition starts from: the background of its order on every varied site.
std::vector<std::uint8_t> background_of(const Supercell& supercell, const CompositionCounts& counts) {
  const SearchOrder order = SearchOrder::of(counts);
  std::vector<std::uint8_t> background;
  for (std::size_t site = 0; site < supercell.varied_sites().size(); ++site)
    background.push_back(order.background[static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)))]);
  return background;
}

/// Searches compositions in the order of the list; a supercell's scorer is kept while its turn lasts.
class CompositionSearch {
 public:
  CompositionSearch(const ResolvedCampaign& resolved, const BestRequest& request)
      : resolved_(resolved), request_(request) {}

  /// @returns nothing for a composition without an atom.
  std::optional<BestOfComposition> run(const SpaceStratum& stratum) {
    const SearchSpace& space = *stratum.space;
    const Supercell& supercell = *space.supercells()[stratum.supercell()];
    const ConfigurationScorer& scorer = scorer_of(stratum, supercell);
    const std::int64_t atoms =
        space.composition(stratum.supercell(), stratum.counts()).without_vacancies().atom_count();
    if (atoms == 0) return std::nullopt;
    const auto tables = scorer.branch_tables(background_of(supercell, stratum.counts()));
    if (!tables) {
      const Surrogate& model = resolved_.surrogates.space(stratum.key.space);
      throw InputError(fmt::format("{}: {} cannot be searched: {}", resolved_.campaign.file.string(), stratum.formula(),
                                   why_not_searchable(model, supercell).value_or("the model is too large")));
    }
    using Clock = std::chrono::steady_clock;
    const auto begun = Clock::now();
    const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
    BestSearchResult result = search_best({.action = space.action(stratum.supercell()),
                                           .counts = stratum.counts(),
                                           .options = space.options(stratum.supercell()),
                                           .tables = tables,
                                           .atoms = atoms,
                                           .count = request_.count,
                                           .stratum = stratum.key,
                                           .seed = resolved_.campaign.seed,
                                           .stop_asked = [&] { return elapsed() > request_.seconds; },
                                           .threads = request_.threads});
    return BestOfComposition{stratum, std::move(result), elapsed()};
  }

 private:
  const ConfigurationScorer& scorer_of(const SpaceStratum& stratum, const Supercell& supercell) {
    if (const std::pair at{stratum.key.space, stratum.key.supercell}; at != scored_) {
      scorer_ = resolved_.surrogates.space(stratum.key.space).scorer(supercell);
      scored_ = at;
    }
    return *scorer_;
  }

  const ResolvedCampaign& resolved_;
  const BestRequest& request_;
  std::unique_ptr<ConfigurationScorer> scorer_;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> scored_;  ///< space and supercell of the scorer
};

}  // namespace

std::vector<std::string> fit_to_structures(ResolvedCampaign& resolved, const LabelledStructures& structures) {
  std::vector<std::string> warnings;
  for (const auto& group : resolved.surrogates.groups()) {
    std::vector<std::vector<LabelledConfiguration>> labels;
    for (const std::size_t space : group) {
      labels.emplace_back();
      for (const LabelledStructure& label : structures.kept) {
        if (label.space != space) continue;
        labels.back().push_back(label.label());
        // The labels' own parent was built from the same file; the model's supercells are of its own.
        const Supercell& supercell = *label.mapping.configuration.supercell;
        labels.back().back().configuration.supercell =
            std::make_shared<Supercell>(resolved.spaces[space].parent(), supercell.matrix());
      }
    }
    if (std::all_of(labels.begin(), labels.end(), [](const auto& of_space) { return of_space.empty(); })) continue;
    const FitReport report = resolved.surrogates.fit(group, labels);
    warnings.insert(warnings.end(), report.warnings.begin(), report.warnings.end());
  }
  return warnings;
}

double energy_ev_per_atom(const Candidate& candidate) { return score_to_ev_per_atom(candidate.score); }

double BestOfComposition::lowest_ev_per_atom() const {
  return result.best.empty() ? 0.0 : energy_ev_per_atom(result.best.front());
}

bool BestOfComposition::is_proven(const Candidate& candidate) const {
  return result.proven || energy_ev_per_atom(candidate) <= result.bound_ev_per_atom;
}

std::size_t BestOfComposition::proven_count() const {
  return static_cast<std::size_t>(std::count_if(result.best.begin(), result.best.end(),
                                                [&](const Candidate& candidate) { return is_proven(candidate); }));
}

double BestOfComposition::gap_ev_per_atom() const {
  return result.proven ? 0.0 : std::max(0.0, lowest_ev_per_atom() - result.bound_ev_per_atom);
}

std::vector<BestOfComposition> find_best(const ResolvedCampaign& resolved, const BestRequest& request) {
  std::vector<BestOfComposition> found;
  CompositionSearch search(resolved, request);
  const std::vector<std::string>& only = request.only_formulas;
  for (const SpaceStratum& stratum : Strata(resolved.spaces)) {
    if (!only.empty() && std::find(only.begin(), only.end(), stratum.formula()) == only.end()) continue;
    if (auto best = search.run(stratum)) found.push_back(std::move(*best));
  }
  return found;
}

TopList ranked_structures(const std::vector<BestOfComposition>& all, double symprec_angstrom) {
  TopList list;
  list.above_hull = false;
  std::map<std::pair<std::string, Composition>, double> lowest;  // [space, reduced composition]
  for (const BestOfComposition& best : all) {
    const SearchSpace& space = *best.stratum.space;
    const Supercell& supercell = *space.supercells()[best.stratum.supercell()];
    for (const Candidate& candidate : best.result.best) {
      TopStructure one{
          .id = "",
          .space = space.name(),
          .composition = space.composition(best.stratum.supercell(), best.stratum.counts()).without_vacancies(),
          .degeneracy = candidate.degeneracy,
          .energy_ev_per_atom = energy_ev_per_atom(candidate),
          .proven = best.is_proven(candidate),
          .structure = supercell.structure(candidate.occupation)};
      one.space_group_number = space_group_number(one.structure, symprec_angstrom);
      const auto [at, fresh] = lowest.try_emplace({one.space, one.composition.reduced()}, one.energy_ev_per_atom);
      at->second = std::min(at->second, one.energy_ev_per_atom);
      list.structures.push_back(std::move(one));
    }
  }
  for (TopStructure& one : list.structures)
    one.above_ev_per_atom = one.energy_ev_per_atom - lowest.at({one.space, one.composition.reduced()});
  std::stable_sort(list.structures.begin(), list.structures.end(), [](const TopStructure& a, const TopStructure& b) {
    return std::tuple(a.composition.reduced().formula(), a.above_ev_per_atom) <
           std::tuple(b.composition.reduced().formula(), b.above_ev_per_atom);
  });
  std::map<Composition, std::size_t> taken;
  for (TopStructure& one : list.structures) one.rank = ++taken[one.composition.reduced()];
  return list;
}

}  // namespace hullscan
