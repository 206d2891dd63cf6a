#include "scheduler/decisions/stages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "analysis/entries/entries_file.hpp"
#include "analysis/hull/end_members.hpp"
#include "analysis/hull/hull_keys.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/scaled_energy.hpp"
#include "scheduler/decisions/results.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {
namespace {

/// Costs that differ by less are equal: two species are then taken in the campaign's order.
constexpr double kSameCostEv = 1e-7;

/// The lowest known configuration of a stratum.
struct Lowest {
  const StratumView* stratum = nullptr;
  double energy_ev = 0;  ///< of the cell
  bool calculated = false;
};

std::string rule_text(const RestrictSpec& spec) {
  std::string text;
  if (spec.keep) text = fmt::format("the lowest {} of each sublattice", *spec.keep);
  if (spec.within_ev_per_site)
    text += fmt::format("{}at most {:g} meV per site above the hull", spec.keep ? ", " : "",
                        1e3 * *spec.within_ev_per_site);
  return text;
}

/// Total energies of predictions from formation energies against the end members of the calculated.
class PredictedTotals {
 public:
  explicit PredictedTotals(const std::optional<HullReport>& calculated) {
    if (!calculated) return;
    members_.emplace(calculated->end_members);
    energies_ = calculated->end_member_energies_ev_per_atom;
  }
  [[nodiscard]] std::optional<double> energy_ev(double formation_ev_per_atom, const Composition& composition) const {
    double energy = formation_ev_per_atom * static_cast<double>(composition.atom_count());
    if (!members_) return energy;
    const auto units = members_->units(composition);
    if (!units) return std::nullopt;
    for (std::size_t j = 0; j < units->size(); ++j)
      energy += (*units)[j] * static_cast<double>(members_->members()[j].atom_count()) * energies_[j];
    return energy;
  }

 private:
  std::optional<EndMemberSpace> members_;
  std::vector<double> energies_;
};

void mark_kept(const RestrictSpec& rule, SpaceDecision& decision) {
  std::map<std::string, std::vector<JudgedSpecies*>> of_sublattice;
  for (JudgedSpecies& judged : decision.types) {
    if (!judged.cost_ev_per_site) continue;
    if (rule.within_ev_per_site) judged.kept = *judged.cost_ev_per_site <= *rule.within_ev_per_site + kSameCostEv;
    of_sublattice[judged.type.substr(0, judged.type.find('.'))].push_back(&judged);
  }
  if (!rule.keep) return;
  for (auto& [sublattice, judged] : of_sublattice) {
    std::stable_sort(judged.begin(), judged.end(), [](const JudgedSpecies* a, const JudgedSpecies* b) {
      return std::llround(*a->cost_ev_per_site / kSameCostEv) < std::llround(*b->cost_ev_per_site / kSameCostEv);
    });
    for (std::size_t i = static_cast<std::size_t>(*rule.keep); i < judged.size(); ++i) judged[i]->kept = false;
  }
}

}  // namespace

bool has_stages(const Campaign& campaign) {
  return std::any_of(campaign.spaces.begin(), campaign.spaces.end(),
                     [](const SpaceSpec& space) { return space.restricted.has_value(); });
}

CampaignView strata_of_stage(const CampaignView& all, const std::optional<StageDecision>& decision) {
  if (!has_stages(*all.campaign)) return all;
  std::map<std::uint32_t, std::set<std::string>> refused;
  if (decision) {
    for (const SpaceDecision& space : decision->spaces) {
      for (const JudgedSpecies& judged : space.types) {
        if (!judged.kept) refused[space.space].insert(judged.type);
      }
    }
  }
  CampaignView stage = all;
  std::erase_if(stage.strata, [&](const StratumView& stratum) {
    const std::uint32_t space = stratum.stratum.space;
    if (!all.campaign->spaces[space].restricted) return false;
    if (!decision) return true;
    const auto& bad = refused[space];
    return std::any_of(stratum.types.begin(), stratum.types.end(),
                       [&](const auto& type) { return bad.count(type.first) != 0; });
  });
  mark_end_members(stage);
  return stage;
}

StageDecision decide_stage(const CampaignView& all, std::span<const TaskRecord> tasks,
                           std::span<const Candidate> predicted, bool unlabelled_scores,
                           std::span<const HullEntry> references, int first_pass) {
  std::vector<HullEntry> entries = hull_entries(all, tasks);
  const std::vector<HullEntry> calculated = entries;
  std::optional<HullReport> hull_of_calculated;
  if (!calculated.empty()) hull_of_calculated = compute_hull(calculated, unbounded_hull_options_for(calculated));
  const PredictedTotals totals(hull_of_calculated);

  std::map<Stratum, Lowest> lowest;
  const auto offer = [&](const Stratum& where, double energy_ev, bool is_calculated) {
    Lowest& known = lowest[where];
    if (known.stratum != nullptr && known.energy_ev <= energy_ev) return;
    known = {&all.view(where), energy_ev, is_calculated};
  };
  std::set<std::pair<Stratum, std::vector<std::uint8_t>>> labelled;
  std::set<std::uint32_t> modelled;
  for (const TaskRecord& task : tasks) {
    if (!task.counts()) continue;
    labelled.emplace(task.task.stratum, task.task.occupation);
    modelled.insert(task.task.stratum.space);
    offer(task.task.stratum, task.result->converged.energy_ev, true);
  }
  for (const Candidate& candidate : predicted) {
    if (!unlabelled_scores && modelled.count(candidate.stratum.space) == 0) continue;
    if (labelled.count({candidate.stratum, candidate.occupation}) != 0) continue;
    const Composition& composition = all.view(candidate.stratum).composition;
    if (composition.atom_count() == 0) continue;
    if (const auto energy = totals.energy_ev(score_to_ev_per_atom(candidate.score), composition))
      offer(candidate.stratum, *energy, false);
  }

  std::vector<const Lowest*> order;
  entries.clear();
  for (const auto& [stratum, known] : lowest) {
    entries.push_back({fmt::format("stratum {}", order.size()), known.stratum->composition, known.energy_ev, {}});
    order.push_back(&known);
  }
  for (const HullEntry& reference : references) {
    if (all_formation_energies(std::span(&reference, 1)) || !difference_in_keys(reference, calculated).empty())
      continue;
    entries.push_back({"reference " + reference.id, reference.composition, reference.energy_ev, {}});
  }
  HullReport hull;
  if (!entries.empty()) {
    hull = compute_hull(entries, unbounded_hull_options_for(entries));
  }

  StageDecision decision{first_pass, {}};
  for (std::uint32_t s = 0; s < all.campaign->spaces.size(); ++s) {
    const SpaceSpec& space = all.campaign->spaces[s];
    if (!space.restricted) continue;
    SpaceDecision of_space{s, space.name, space.restricted->by, rule_text(*space.restricted), {}};
    for (const SublatticeSpec& sublattice : space.sublattices) {
      for (const CountRule& rule : sublattice.species) {
        if (rule.rest) continue;
        JudgedSpecies judged;
        judged.type = fmt::format("{}.{}", sublattice.name, rule.species.symbol());
        for (std::size_t i = 0; i < order.size(); ++i) {
          const StratumView& stratum = *order[i]->stratum;
          if (all.campaign->spaces[stratum.stratum.space].name != of_space.by) continue;
          const auto has = stratum.types.find(judged.type);
          if (has == stratum.types.end()) continue;
          if (!hull.entries[i].phase_separation_ev_per_atom) {
            judged.unopposed = judged.unopposed || !judged.cost_ev_per_site;
            continue;
          }
          judged.unopposed = false;
          const double above =
              hull.entries[i].e_above_hull_ev_per_atom * static_cast<double>(stratum.composition.atom_count());
          const double cost = above / static_cast<double>(has->second);
          if (judged.cost_ev_per_site && cost >= *judged.cost_ev_per_site - kSameCostEv) continue;
          judged.cost_ev_per_site = cost;
          judged.calculated = order[i]->calculated;
          judged.formula = stratum.formula;
        }
        of_space.types.push_back(std::move(judged));
      }
    }
    mark_kept(*space.restricted, of_space);
    decision.spaces.push_back(std::move(of_space));
  }
  return decision;
}

std::string to_json_text(const StageDecision& decision) {
  Json spaces = Json::array();
  for (const SpaceDecision& space : decision.spaces) {
    Json types = Json::array();
    for (const JudgedSpecies& judged : space.types) {
      types.push_back({{"type", judged.type},
                       {"cost_ev_per_site", judged.cost_ev_per_site ? Json(*judged.cost_ev_per_site) : Json()},
                       {"calculated", judged.calculated},
                       {"unopposed", judged.unopposed},
                       {"formula", judged.formula},
                       {"kept", judged.kept}});
    }
    spaces.push_back({{"index", space.space},
                      {"space", space.name},
                      {"by", space.by},
                      {"rule", space.rule},
                      {"types", std::move(types)}});
  }
  return json_text(Json({{"first_pass", decision.first_pass}, {"spaces", std::move(spaces)}}));
}

StageDecision parse_stage_decision(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    StageDecision decision{json.at("first_pass").get<int>(), {}};
    for (const Json& one : json.at("spaces")) {
      SpaceDecision space{one.at("index").get<std::uint32_t>(),
                          one.at("space").get<std::string>(),
                          one.at("by").get<std::string>(),
                          one.at("rule").get<std::string>(),
                          {}};
      for (const Json& type : one.at("types")) {
        JudgedSpecies judged;
        judged.type = type.at("type").get<std::string>();
        if (type.at("cost_ev_per_site").is_number()) judged.cost_ev_per_site = type["cost_ev_per_site"].get<double>();
        judged.calculated = type.at("calculated").get<bool>();
        judged.unopposed = type.at("unopposed").get<bool>();
        judged.formula = type.at("formula").get<std::string>();
        judged.kept = type.at("kept").get<bool>();
        space.types.push_back(std::move(judged));
      }
      decision.spaces.push_back(std::move(space));
    }
    return decision;
  } catch (const Json::exception& error) {
    throw StorageError(fmt::format("the decision of the first stage is damaged: {}", error.what()));
  }
}

std::optional<StageDecision> stored_decision(const CampaignStore& store) {
  const auto text = recall_stage_decision(store);
  if (!text) return std::nullopt;
  return parse_stage_decision(*text);
}

int survey_pass(const CampaignStore& store) {
  const auto decision = stored_decision(store);
  return decision ? decision->first_pass : store.revision().first;
}

int counted_pass(const CampaignStore& store) {
  const int survey = survey_pass(store);
  return !store.pass_complete(survey) && store.pass(survey + 1) ? survey + 1 : survey;
}

std::vector<std::string> decision_lines(const SpaceDecision& decision) {
  std::vector<std::string> lines;
  lines.push_back(
      fmt::format("second stage, {}: species judged by {}, kept: {}", decision.name, decision.by, decision.rule));
  for (const JudgedSpecies& judged : decision.types) {
    lines.push_back(judged.cost_ev_per_site
                        ? fmt::format("  {} {}: {:.1f} meV per site above the hull ({}, {})", judged.type,
                                      judged.kept ? "kept" : "refused", 1e3 * *judged.cost_ev_per_site, judged.formula,
                                      judged.calculated ? "calculated" : "predicted")
                        : fmt::format("  {} kept, not judged: {}", judged.type,
                                      judged.unopposed ? "no mix of other phases makes the compositions that have it; "
                                                         "competing phases in report.references would"
                                                       : "no configuration with it has an energy"));
  }
  return lines;
}

}  // namespace hullscan
