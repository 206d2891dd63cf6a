#include "campaign/top.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>  // std::round
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "analysis/hull/hull_levels.hpp"
#include "campaign/report/tasks_seen.hpp"
#include "core/log.hpp"  // grouped
#include "core/scaled_energy.hpp"
#include "enumerator/crystal/standard_cell.hpp"
#include "enumerator/files/space_group_symbols.hpp"
#include "scheduler/decisions/refinement.hpp"
#include "scheduler/decisions/results.hpp"
#include "scheduler/decisions/stages.hpp"

namespace hullscan {
namespace {

/// A structure that may be one of the best: a result, or a candidate of a pass.
struct Contender {
  double above_ev_per_atom = 0, energy_ev_per_atom = 0;
  Composition reduced;
  std::uint64_t degeneracy = 1;
  std::size_t entry = 0;               ///< of the report; of results
  std::optional<Candidate> candidate;  ///< nothing: a result

  /// Ends in what tells any two apart. Of equal energies a result comes first, then the more symmetric.
  [[nodiscard]] auto order() const {
    static const Candidate kNone{};
    const Candidate& one = candidate ? *candidate : kNone;
    return std::tuple(std::round(1e9 * above_ev_per_atom), candidate.has_value(), degeneracy, reduced.formula(), entry,
                      one.stratum, one.occupation);
  }
};

/// The last pass that a model has scored to its end; nothing if there is none.
std::optional<int> scored_pass(const CampaignStore& store) {
  const auto pass = store.current_pass();
  if (!pass) return std::nullopt;
  const int last = pass->finished ? pass->number : pass->number - 1;
  return last > survey_pass(store) ? std::optional(last) : std::nullopt;
}

struct Asked {
  TasksSeen seen;
  std::set<std::pair<Stratum, std::vector<std::uint8_t>>> calculated;
};

Asked asked_so_far(const CampaignView& view, const CampaignStore& store) {
  Asked asked;
  store.each_task({}, [&](TaskRecord&& task) {
    if (!task.result) return;
    asked.calculated.emplace(task.task.stratum, task.task.occupation);
    if (!task.counts()) return;
    if (const auto orbit = orbit_of_result(view, task)) asked.seen.judges.insert(judge_of(view, orbit->stratum.space));
  });
  return asked;
}

class Ranking {
 public:
  Ranking(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store,
          const Report& report, const TopRequest& request)
      : view_(view), spaces_(spaces), store_(store), request_(request), report_(report) {}

  TopList list() {
    list_.above_hull = report_.hull.has_value();
    const bool any_result = report_.hull && !report_.content.entries.empty();
    const TopBy by = request_.by.value_or(any_result ? TopBy::kCalculated : TopBy::kPredicted);
    if (by != TopBy::kPredicted) add_results(by == TopBy::kCalculated);
    if (by != TopBy::kCalculated) add_candidates(by == TopBy::kPredicted);
    choose();
    say_ties();
    return std::move(list_);
  }

 private:
  void add_results(bool alone) {
    if (!report_.hull) {
      if (alone)
        throw InputError("no result can be ranked: " + (report_.hull_problem.empty()
                                                            ? std::string("nothing was calculated; --by predicted "
                                                                          "ranks by a model")
                                                            : report_.hull_problem));
      return;
    }
    std::size_t without = 0;
    for (std::size_t i = 0; i < report_.content.entries.size(); ++i) {
      const ReportEntry& entry = report_.content.entries[i];
      if (!entry.structure) {
        ++without;
        continue;
      }
      const HullEntryResult& hull = report_.of_entry(i);
      contenders_.push_back({hull.e_above_hull_ev_per_atom, hull.formation_energy_ev_per_atom,
                             entry.composition.reduced(),
                             static_cast<std::uint64_t>(entry.degeneracy.value_or(BigInteger(1))), i, std::nullopt});
    }
    if (without > 0)
      list_.remarks.push_back(fmt::format("{} result{} without a structure {} left out.", without,
                                          without == 1 ? "" : "s", without == 1 ? "is" : "are"));
  }

  void add_candidates(bool alone) {
    const auto pass = view_.campaign->surrogates.empty() ? std::nullopt : scored_pass(store_);
    if (!pass) {
      const char* why = view_.campaign->surrogates.empty() ? "the campaign file has no [[surrogate]], so nothing is "
                                                             "predicted"
                                                           : "no model has scored the whole space yet: run it on";
      if (alone) throw InputError(fmt::format("nothing can be ranked: {}", why));
      list_.remarks.push_back(fmt::format("Predictions are left out: {}.", why));
      return;
    }
    const Asked asked = asked_so_far(view_, store_);
    const std::set<std::uint32_t> scored = scored_spaces(view_, asked.seen);
    std::size_t off_the_hull = 0;
    const PassCandidates of_pass(store_, *pass);
    for (const StratumView& stratum : view_.strata) {
      if (scored.count(stratum.stratum.space) == 0 || stratum.composition.atom_count() == 0 ||
          !view_.campaign->spaces[stratum.stratum.space].markers.empty())
        continue;
      const std::vector<Candidate> candidates = of_pass.of(stratum.stratum);
      if (candidates.empty()) continue;
      std::optional<double> level;
      if (report_.hull) {
        level = hull_levels(*report_.hull, std::vector<Composition>{stratum.composition}).front();
        if (!level) {
          off_the_hull += candidates.size();
          continue;
        }
      } else {
        note_tie(stratum, candidates);
      }
      add_best_of(stratum, candidates, level, asked);
    }
    if (off_the_hull > 0)
      list_.remarks.push_back(
          fmt::format("{} predicted configurations are left out: no mix of the results has their "
                      "composition.",
                      off_the_hull));
  }

  /// No more than can be chosen: a campaign may keep millions.
  void add_best_of(const StratumView& stratum, const std::vector<Candidate>& candidates, std::optional<double> level,
                   const Asked& asked) {
    const Composition reduced = stratum.composition.reduced();
    std::size_t taken = 0;
    for (const Candidate& candidate : candidates) {
      if (taken == request_.count) break;
      if (report_.hull && asked.calculated.count({candidate.stratum, candidate.occupation}) != 0) continue;
      ++taken;
      const double energy = score_to_ev_per_atom(candidate.score);
      contenders_.push_back({level ? energy - *level : energy, energy, reduced, candidate.degeneracy, 0, candidate});
    }
  }

  /// Without a hull: energies above the lowest of the same composition in the same space.
  void measure_from_the_lowest() {
    std::map<std::pair<std::uint32_t, Composition>, double> lowest;
    for (const Contender& one : contenders_) {
      const auto [at, fresh] = lowest.try_emplace({one.candidate->stratum.space, one.reduced}, one.energy_ev_per_atom);
      if (!fresh) at->second = std::min(at->second, one.energy_ev_per_atom);
    }
    for (Contender& one : contenders_)
      one.above_ev_per_atom = one.energy_ev_per_atom - lowest.at({one.candidate->stratum.space, one.reduced});
  }

  void keep_asked() {
    if (!request_.only) return;
    std::vector<std::string> formulas;
    for (const Contender& one : contenders_) formulas.push_back(one.reduced.formula());
    std::erase_if(contenders_, [&](const Contender& one) { return one.reduced != *request_.only; });
    const std::string asked = request_.only->formula();
    if (contenders_.empty())
      throw InputError(
          fmt::format("no ranked structure has the composition {}{}", asked, did_you_mean(asked, formulas)));
  }

  void choose() {
    if (contenders_.empty()) throw InputError("nothing can be ranked: there is no structure with an energy");
    keep_asked();
    if (!report_.hull) {
      measure_from_the_lowest();
      find_predicted_hull();
    }
    std::sort(contenders_.begin(), contenders_.end(),
              [](const Contender& a, const Contender& b) { return a.order() < b.order(); });
    if (request_.per_composition) {
      std::stable_sort(contenders_.begin(), contenders_.end(), [](const Contender& a, const Contender& b) {
        return a.reduced.formula() < b.reduced.formula();
      });
    }
    std::map<Composition, std::size_t> taken;
    for (const Contender& one : contenders_) {
      std::size_t& rank = taken[request_.per_composition ? one.reduced : Composition()];
      if (rank == request_.count) continue;
      ++rank;
      list_.structures.push_back(one.candidate ? predicted(one, rank) : calculated(one, rank));
      TopStructure& made = list_.structures.back();
      made.space_group_number = space_group_number(made.structure, request_.symprec_angstrom);
      if (one.candidate) shown_.insert(one.candidate->stratum);
    }
  }

  TopStructure calculated(const Contender& one, std::size_t rank) const {
    const ReportEntry& entry = report_.content.entries[one.entry];
    return {.rank = rank,
            .id = entry.id,
            .space = entry.space,
            .composition = entry.composition,
            .degeneracy = one.degeneracy,
            .energy_ev_per_atom = one.energy_ev_per_atom,
            .above_ev_per_atom = one.above_ev_per_atom,
            .left_lattice = entry.left_lattice,
            .structure = *entry.structure};
  }

  TopStructure predicted(const Contender& one, std::size_t rank) const {
    const Stratum& stratum = one.candidate->stratum;
    const Supercell& supercell = *spaces_[stratum.space].supercells()[stratum.supercell];
    return {.rank = rank,
            .id = "",
            .space = view_.spaces[stratum.space].name,
            .composition = view_.view(stratum).composition,
            .degeneracy = one.degeneracy,
            .energy_ev_per_atom = one.energy_ev_per_atom,
            .above_ev_per_atom = one.above_ev_per_atom,
            .mixing_ev_per_atom = moved(mixing_zero_, one),
            .above_predicted_hull_ev_per_atom = moved(predicted_hull_, one),
            .structure = supercell.structure(one.candidate->occupation)};
  }

  /// The zeros of the report's own predictions, which are the same for all configurations of a composition.
  void find_predicted_hull() {
    for (const ReportCandidate& known : report_.content.candidates) {
      const Composition reduced = known.composition.reduced();
      if (known.mixing_ev_per_atom) mixing_zero_[reduced] = *known.mixing_ev_per_atom - known.predicted_ev_per_atom;
      if (known.e_above_predicted_hull_ev_per_atom)
        predicted_hull_[reduced] = *known.e_above_predicted_hull_ev_per_atom - known.predicted_ev_per_atom;
    }
  }

  static std::optional<double> moved(const std::map<Composition, double>& zeros, const Contender& one) {
    const auto zero = zeros.find(one.reduced);
    return zero == zeros.end() ? std::nullopt : std::optional(one.energy_ev_per_atom + zero->second);
  }

  /// Where all that was kept of a stratum has one energy, and there is more than was kept.
  void note_tie(const StratumView& stratum, const std::vector<Candidate>& candidates) {
    constexpr std::int64_t kNoiseOfScores = 1000;  // as the report's: models differ by more where they tell apart
    if (candidates.size() < 2 || candidates.back().score - candidates.front().score > kNoiseOfScores) return;
    if (!stratum.inequivalent || *stratum.inequivalent <= candidates.size()) return;
    ties_[stratum.stratum] = {&stratum, candidates.size()};
  }

  /// The species that share a sublattice, where one sublattice alone has several: "Br from I".
  static std::string species_text(const StratumView& stratum) {
    std::map<std::string, std::vector<std::string>> of_sublattice;
    for (const auto& [type, sites] : stratum.types) {
      const auto dot = type.rfind('.');
      if (sites > 0) of_sublattice[type.substr(0, dot)].push_back(type.substr(dot + 1));
    }
    std::erase_if(of_sublattice, [](const auto& one) { return one.second.size() < 2; });
    if (of_sublattice.size() != 1) return "its configurations apart";
    const std::vector<std::string>& species = of_sublattice.begin()->second;
    std::string text = species[0];
    for (std::size_t i = 1; i < species.size(); ++i)
      text += (i + 1 == species.size() ? (i == 1 ? " from " : " and ") : ", ") + species[i];
    return text;
  }

  void say_ties() {
    constexpr std::size_t kMost = 5;
    std::size_t said = 0, more = 0;
    std::map<Stratum, EnergySpectrum> spectra;
    if (!ties_.empty()) spectra = store_.spectra(*scored_pass(store_));
    for (const auto& [key, tie] : ties_) {
      if (shown_.count(key) == 0) continue;
      if (said == kMost) {
        ++more;
        continue;
      }
      ++said;
      const StratumView& stratum = *tie.first;
      const auto spectrum = spectra.find(key);
      std::size_t filled = 0;
      BigInteger lowest = 0, all = 0;
      if (spectrum != spectra.end()) {
        for (const EnergySpectrum::Bin& bin : spectrum->second.bins()) {
          if (bin.orbits > 0 && filled++ == 0) lowest = bin.orbits;
          all += bin.orbits;
        }
      }
      const bool counted = all == *stratum.inequivalent && lowest >= BigInteger(tie.second);
      list_.remarks.push_back(fmt::format(
          "{}: {} {} orbits have the same energy{}: the model cannot tell {}; their order is arbitrary.",
          stratum.formula, counted ? "these" : "at least", grouped((counted ? lowest : BigInteger(tie.second)).str()),
          counted && filled > 1 ? ", the lowest" : "",
          counted && filled == 1 ? species_text(stratum) : "these arrangements apart"));
    }
    if (more > 0)
      list_.remarks.push_back(fmt::format("And so it is at {} more composition{}.", more, more == 1 ? "" : "s"));
  }

  const CampaignView& view_;
  const std::vector<SearchSpace>& spaces_;
  const CampaignStore& store_;
  const TopRequest& request_;
  const Report& report_;
  TopList list_;
  std::vector<Contender> contenders_;
  std::set<Stratum> shown_;
  std::map<Composition, double> mixing_zero_, predicted_hull_;          ///< to be added to a score
  std::map<Stratum, std::pair<const StratumView*, std::size_t>> ties_;  ///< and how many are kept
};

}  // namespace

std::string TopStructure::file_stem(std::size_t width) const {
  std::string group = "unknown";
  if (space_group_number) {
    group = fmt::format("{}_{}", *space_group_number, symbol_of_number(*space_group_number));
    std::replace(group.begin(), group.end(), '/', '_');
  }
  return fmt::format("{:0{}}_{}_{}", rank, width, composition.reduced().formula(), group);
}

TopList find_top(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store,
                 const Report& report, const TopRequest& request) {
  return Ranking(view, spaces, store, report, request).list();
}

}  // namespace hullscan
