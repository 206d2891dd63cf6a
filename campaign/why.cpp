#include "campaign/why.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "analysis/hull/hull_levels.hpp"
#include "campaign/judgements.hpp"
#include "campaign/report/make_report.hpp"
#include "core/lattice_departure.hpp"
#include "enumerator/mapping/orbit_placement.hpp"
#include "scheduler/decisions/results.hpp"
#include "storage/round_record.hpp"
#include "surrogates/spaces_together.hpp"

namespace hullscan {
namespace {

bool in_the_spaces(const TaskRecord& task) {
  return task.outside == Outside::kNo || task.outside == Outside::kOtherSettings;
}

/// The moment from which the round's calculations were prepared; nothing if none was.
std::optional<Instant> beginning_of(const std::vector<TaskRecord>& round) {
  std::optional<Instant> first;
  for (const TaskRecord& task : round) {
    for (const AttemptRecord& attempt : task.attempts) {
      if (!first || attempt.prepared < *first) first = attempt.prepared;
    }
  }
  return first;
}

/// Results of earlier rounds as they were then: those that came later are not there, nor what was said of them later.
std::vector<TaskRecord> known_before(const CampaignStore& store, int round, const std::optional<Instant>& moment) {
  std::vector<TaskRecord> known;
  store.each_task({}, [&](TaskRecord&& task) {
    if (task.round >= round || !task.result) return;
    if (moment) {
      for (const AttemptRecord& attempt : task.attempts) {
        if (attempt.number == task.result->attempt && attempt.ended && *attempt.ended > *moment) return;
      }
      std::erase_if(task.judgements, [&](const Judgement& judgement) { return judgement.at > *moment; });
    }
    known.push_back(std::move(task));
  });
  return known;
}

/// The fit after the round before, of the task's space.
std::optional<ModelOfChoice> model_before(const CampaignView& view, const std::vector<Round>& rounds, int round,
                                          std::uint32_t space) {
  std::set<std::string> names;
  for (const SurrogateSpec& spec : view.campaign->surrogates) {
    Problems said_elsewhere;
    const SpacesTogether together = spaces_together(spec, view.campaign->spaces, said_elsewhere);
    names.insert(name_of_fit(together.with(space), view.campaign->spaces));
  }
  for (const Round& before : rounds) {
    if (before.number != round - 1 || !before.finished) continue;
    for (const FitRecord& fit : fit_records(before)) {
      if (names.contains(fit.space)) return ModelOfChoice{fit.kind, fit.labels, fit.loo_rmse_mev_per_atom};
    }
  }
  return std::nullopt;
}

/// What was known when the task was chosen.
void add_choice(const CampaignView& view, const CampaignStore& store, Explanation& explanation) {
  const TaskRecord& task = explanation.task;
  for (Revision& revision : store.revisions()) {
    if (revision.number == task.revision) explanation.revision = std::move(revision);
  }
  const std::vector<Round> rounds = store.rounds();
  const auto round =
      std::find_if(rounds.begin(), rounds.end(), [&](const Round& one) { return one.number == task.round; });
  if (round != rounds.end()) explanation.policy = round->policy;
  const std::vector<TaskRecord> chosen = store.tasks({.round = task.round, .states = {}, .outside = true});
  if (round != rounds.end()) {
    const auto at = std::find_if(chosen.begin(), chosen.end(),
                                 [&](const TaskRecord& one) { return one.task.key == task.task.key; });
    explanation.rank = static_cast<std::size_t>(at - chosen.begin()) + 1;
    explanation.of_round = chosen.size();
  }
  const char* const kMoved = "the calculation is outside the spaces of the campaign file as it is now";
  const auto& predicted = task.task.predicted_ev_per_atom;
  if (in_the_spaces(task) && predicted)
    explanation.model = model_before(view, rounds, task.round, task.task.stratum.space);
  explanation.predicted_ev_per_atom =
      predicted ? KnownNumber(*predicted)
                : KnownNumber(std::string(task.round == kImportedRound ? "it was imported, not chosen"
                                                                       : "its round was chosen without a model"));
  explanation.uncertainty_ev_per_atom =
      std::string(predicted ? "hullscan does not store it for single configurations" : "there was no prediction");
  if (task.outside != Outside::kNo) {
    explanation.predicted_above_hull_then_ev_per_atom = std::string(
        in_the_spaces(task) ? "the calculation has other settings than the campaign file as it is now" : kMoved);
    return;
  }
  const std::vector<TaskRecord> known = known_before(store, task.round, beginning_of(chosen));
  const HullReport hull = hull_of(view, known);
  explanation.results_then = hull.entries.size();
  KnownNumber& above = explanation.predicted_above_hull_then_ev_per_atom;
  if (hull.entries.empty()) {
    above = std::string("there was no result before this round");
  } else if (!predicted) {
    above = std::string("there was no prediction");
  } else {
    const std::vector<Composition> composition = {task.task.structure.composition()};
    const auto level = hull_levels(hull, composition).front();
    above = level ? KnownNumber(*predicted - *level)
                  : KnownNumber(std::string("no mix of the results before this round has its composition"));
  }
}

/// What the result is worth now, as the report has it.
void add_outcome(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store,
                 Explanation& explanation) {
  const TaskRecord& task = explanation.task;
  const auto unknown = [&](const std::string& why) {
    explanation.formation_energy_ev_per_atom = why;
    explanation.above_hull_ev_per_atom = why;
  };
  if (!task.result) {
    const std::string why = fmt::format("the calculation is {}", name_of(task.state));
    explanation.energy_ev = why;
    return unknown(why);
  }
  explanation.energy_ev = task.result->converged.energy_ev;
  if (task.outside != Outside::kNo) return unknown("the calculation takes no part in the campaign as its file is now");
  if (!task.counts())
    return unknown(fmt::format("the result is {} and on no hull",
                               task.standing() == Standing::kExcluded ? "excluded" : "suspect"));
  const Report report = make_report(view, spaces, store);
  if (!report.hull) return unknown("there is no hull: " + report.hull_problem);
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    if (report.content.entries[i].id != explanation.id) continue;
    const HullEntryResult& entry = report.of_entry(i);
    explanation.formation_energy_ev_per_atom = entry.formation_energy_ev_per_atom;
    explanation.above_hull_ev_per_atom = entry.e_above_hull_ev_per_atom;
    explanation.vertex = entry.vertex;
    return;
  }
  unknown("the report does not have it");
}

/// "AlNi2 in space "fcc", 3 atoms, degeneracy 1".
std::string orbit_text(const CampaignView& view, const PlacedOrbit& orbit) {
  const StratumView& stratum = view.view(orbit.stratum);
  return fmt::format("{} of space \"{}\", degeneracy {}", stratum.formula, view.spaces[orbit.stratum.space].name,
                     orbit.degeneracy);
}

LatticeOfResult lattice_of(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store,
                           const TaskRecord& task) {
  LatticeOfResult lattice;
  const Structure& relaxed = task.result->converged.structure;
  const auto departure = lattice_departure(task.task.structure, relaxed);
  lattice.left = left_lattice(departure);
  if (departure) {
    lattice.rms_displacement_angstrom = departure->rms_displacement_angstrom;
    lattice.shear_strain = departure->shear_strain;
  }
  if (task.outside != Outside::kNo) {
    lattice.orbit_text = "the calculation takes no part in the campaign as its file is now";
    return lattice;
  }
  lattice.label = orbit_of_result(view, task, departure).has_value();
  if (!view.campaign->spaces[task.task.stratum.space].markers.empty()) {
    lattice.orbit_text = "its space marks objects, and its structures are not mapped";
    return lattice;
  }
  OrbitPlacer placer(spaces);
  const auto ended = placer.place(relaxed);
  if (const auto* none = std::get_if<NotMapped>(&ended)) {
    lattice.orbit = LatticeOfResult::Orbit::kNone;
    lattice.orbit_text = none->reason;
    return lattice;
  }
  // What it began as is mapped too: a configuration may repeat within its supercell and have a place in a smaller one.
  const auto begun = placer.place(task.task.structure);
  const auto& orbit = std::get<PlacedOrbit>(ended);
  const auto* first = std::get_if<PlacedOrbit>(&begun);
  const auto is = [&](const Stratum& stratum, const std::vector<std::uint8_t>& occupation) {
    return stratum == orbit.stratum && occupation == orbit.occupation;
  };
  if (is(task.task.stratum, task.task.occupation) || (first != nullptr && is(first->stratum, first->occupation))) {
    lattice.orbit = LatticeOfResult::Orbit::kSame;
    return lattice;
  }
  lattice.orbit = LatticeOfResult::Orbit::kOther;
  lattice.orbit_text = orbit_text(view, orbit);
  store.each_task({}, [&](TaskRecord&& other) {
    if (is(other.task.stratum, other.task.occupation)) lattice.other_task = entry_id(view, other);
  });
  return lattice;
}

const char* name_of(LatticeOfResult::Orbit orbit) {
  switch (orbit) {
    case LatticeOfResult::Orbit::kSame:
      return "same";
    case LatticeOfResult::Orbit::kOther:
      return "other";
    case LatticeOfResult::Orbit::kNone:
      return "none";
    case LatticeOfResult::Orbit::kNotAsked:
      break;
  }
  return "not asked";
}

Json optional_json(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Json lattice_json(const LatticeOfResult& lattice) {
  return {{"left", lattice.left},
          {"rms_displacement_angstrom", optional_json(lattice.rms_displacement_angstrom)},
          {"shear_strain", optional_json(lattice.shear_strain)},
          {"label", lattice.label},
          {"orbit", name_of(lattice.orbit)},
          {"orbit_text", lattice.orbit_text},
          {"orbit_id", lattice.other_task.empty() ? Json() : Json(lattice.other_task)}};
}

}  // namespace

Explanation explain(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store,
                    const TaskRecord& task) {
  Explanation explanation{.task = task, .id = in_the_spaces(task) ? entry_id(view, task) : task.short_id};
  add_choice(view, store, explanation);
  add_outcome(view, spaces, store, explanation);
  if (task.result) explanation.lattice = lattice_of(view, spaces, store, task);
  return explanation;
}

Json explanation_json(const Explanation& explanation) {
  const TaskRecord& task = explanation.task;
  Json not_known = Json::object();
  const auto number = [&](const char* key, const KnownNumber& known) {
    if (!known.value) not_known[key] = known.why_not;
    return optional_json(known.value);
  };
  Json revision, model;
  if (const auto& by = explanation.revision) {
    revision = {{"number", by->number}, {"at", by->at ? Json(moment_text(*by->at)) : Json()}, {"changes", by->changes}};
  }
  if (const auto& by = explanation.model) {
    model = {{"kind", by->kind},
             {"labels", by->labels},
             {"loo_rmse_mev_per_atom", optional_json(by->leave_one_out_mev_per_atom)}};
  }
  Json json = {{"id", explanation.id},
               {"key", task.task.key},
               {"formula", task.task.formula},
               {"state", std::string(name_of(task.state))},
               {"outside", task.outside != Outside::kNo},
               {"revision", std::move(revision)},
               {"round", task.round},
               {"policy", explanation.policy.empty() ? Json() : Json(explanation.policy)},
               {"rank", explanation.rank == 0 ? Json() : Json(explanation.rank)},
               {"of_round", explanation.of_round},
               {"model", std::move(model)},
               {"results_then", explanation.results_then},
               {"vertex", explanation.vertex},
               {"standing", standing_json(task)},
               {"judgements", judgements_json(task)},
               {"lattice", explanation.lattice ? lattice_json(*explanation.lattice) : Json()}};
  const auto add = [&](const char* key, const KnownNumber& known) { json[key] = number(key, known); };
  add("predicted_formation_energy_per_atom", explanation.predicted_ev_per_atom);
  add("predicted_uncertainty_per_atom", explanation.uncertainty_ev_per_atom);
  add("predicted_e_above_hull_then", explanation.predicted_above_hull_then_ev_per_atom);
  add("energy_ev", explanation.energy_ev);
  add("formation_energy_per_atom", explanation.formation_energy_ev_per_atom);
  add("e_above_hull", explanation.above_hull_ev_per_atom);
  json["not_known"] = std::move(not_known);
  return json;
}

}  // namespace hullscan
