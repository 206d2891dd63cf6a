/// @file
/// `hullscan why`: why a calculation was made, and what came of it.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>  // std::abs
#include <iostream>

#include "campaign/campaign_directory.hpp"
#include "campaign/import/import_files.hpp"
#include "campaign/judgements.hpp"
#include "campaign/task_by_id.hpp"
#include "campaign/why.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "core/json_text.hpp"

namespace hullscan::cli {
namespace {

void print_line(const char* head, const std::string& text) {
  print_words(fmt::format("{:<12}{}", head, text), std::string(12, ' '));
}

std::string or_why_not(const KnownNumber& number, const std::string& text) {
  return number.value ? text : "not known: " + number.why_not;
}

std::string chosen_text(const Explanation& why) {
  if (why.task.round == kImportedRound)
    return fmt::format("by nobody here: it was imported; {}", fmt::join(import_remarks(why.task), "; "));
  std::string text = fmt::format("by revision {} of the campaign file", why.task.revision);
  if (why.revision) text += why.revision->at ? " of " + moment_text(*why.revision->at) : " (date not known)";
  if (why.rank == 0) return text + "; no round chose it";
  return fmt::format("{}, in round {} ({}), rank {} of {}", text, why.task.round, why.policy, why.rank, why.of_round);
}

std::string prediction_text(const Explanation& why) {
  if (!why.predicted_ev_per_atom.value) return "not known: " + why.predicted_ev_per_atom.why_not;
  std::string text = fmt::format("formation energy {:.4f} eV/atom", *why.predicted_ev_per_atom.value);
  if (!why.model) return text + "; what is stored does not name the model's fit";
  text += fmt::format(" by {} of {} label{}", why.model->kind, why.model->labels, why.model->labels == 1 ? "" : "s");
  if (const auto error = why.model->leave_one_out_mev_per_atom)
    text += fmt::format(", leave-one-out error {:.1f} meV/atom", *error);
  return text;
}

/// "3.1 meV/atom above the hull of 10 results".
std::string distance_text(double ev_per_atom, const std::string& hull) {
  const double mev = 1e3 * ev_per_atom;
  if (std::abs(mev) < 0.05) return "on the " + hull;
  return fmt::format("{:.1f} meV/atom {} the {}", std::abs(mev), mev > 0 ? "above" : "below", hull);
}

std::string hull_then_text(const Explanation& why) {
  const KnownNumber& above = why.predicted_above_hull_then_ev_per_atom;
  if (!above.value) return "not known: " + above.why_not;
  return "predicted " + distance_text(*above.value, fmt::format("hull of the {} result{} before its round",
                                                                why.results_then, why.results_then == 1 ? "" : "s"));
}

std::string outcome_text(const Explanation& why) {
  if (!why.energy_ev.value) return "not known: " + why.energy_ev.why_not;
  const auto atoms = static_cast<double>(why.task.result->converged.structure.atom_count());
  std::string text = fmt::format("{:.6f} eV, {:.6f} eV/atom", *why.energy_ev.value, *why.energy_ev.value / atoms);
  const auto& formation = why.formation_energy_ev_per_atom.value;
  if (!formation) return text + "; formation energy not known: " + why.formation_energy_ev_per_atom.why_not;
  text += fmt::format("; formation energy {:.4f} eV/atom", *formation);
  if (const auto& predicted = why.predicted_ev_per_atom.value)
    text += fmt::format(", {:.1f} meV/atom from the prediction", 1e3 * std::abs(*formation - *predicted));
  return text;
}

std::string hull_now_text(const Explanation& why) {
  const auto& above = why.above_hull_ev_per_atom.value;
  if (!above) return "not known: " + why.above_hull_ev_per_atom.why_not;
  return why.vertex ? "a vertex of the hull" : distance_text(*above, "hull");
}

std::string lattice_text(const LatticeOfResult& lattice) {
  std::string text = lattice.left ? "has left its lattice" : "is on its lattice";
  if (lattice.rms_displacement_angstrom)
    text += fmt::format(" (displacements {:.3f} Å rms, shear strain {:.3f})", *lattice.rms_displacement_angstrom,
                        *lattice.shear_strain);
  switch (lattice.orbit) {
    case LatticeOfResult::Orbit::kSame:
      return text + (lattice.label ? ", the same configuration as it began"
                                   : ", nearest to the configuration it began as; no model learns from it");
    case LatticeOfResult::Orbit::kOther:
      return fmt::format("{}, and is now {} {}{}{}", text,
                         lattice.label ? "the configuration" : "nearest to the configuration", lattice.orbit_text,
                         lattice.other_task.empty() ? "" : ": " + lattice.other_task,
                         lattice.label ? "" : "; no model learns from it");
    case LatticeOfResult::Orbit::kNone:
      return fmt::format("{}, and no configuration of the spaces: {}{}", text, lattice.orbit_text,
                         lattice.label ? "" : "; no model learns from it");
    case LatticeOfResult::Orbit::kNotAsked:
      break;
  }
  return text + "; whether it is another configuration is not known: " + lattice.orbit_text;
}

void print(const Explanation& why) {
  fmt::print("{} {}: {}{}\n", why.id, why.task.task.formula, name_of(why.task.state),
             why.task.outside == Outside::kNo ? "" : ", outside the campaign as its file is now");
  print_line("chosen", chosen_text(why));
  print_line("predicted", prediction_text(why));
  print_line("uncertainty",
             or_why_not(why.uncertainty_ev_per_atom,
                        fmt::format("{:.1f} meV/atom", 1e3 * why.uncertainty_ev_per_atom.value.value_or(0))));
  print_line("hull then", hull_then_text(why));
  print_line("came out", outcome_text(why));
  print_line("hull now", hull_now_text(why));
  if (why.lattice) print_line("relaxed", lattice_text(*why.lattice));
  if (why.task.judgements.empty() && why.task.result) print_line("judged", "by nobody: it counts");
  for (const Judgement& judgement : why.task.judgements)
    print_line("judged", fmt::format("{} by {} at {}{}", name_of(judgement.kind), judgement.who,
                                     moment_text(judgement.at), judgement.why.empty() ? "" : ": " + judgement.why));
}

}  // namespace

ExitCode run_why(const Arguments& arguments) {
  CommandLine line("why DIR ID [--json]",
                   "Why a calculation was made and what came of it: revision, round, rank, prediction, the hull then "
                   "and now.");
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory; ID, as the report or tasks prints it, or how it begins", 2, 2);
  line.epilogue("From what is stored; where something was not stored, the reason stands in its place.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const std::filesystem::path directory = line.positional()[0];
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const TaskRecord task = find_task(store, line.positional()[1]);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const Explanation why = explain(view_of(loaded.campaign, loaded.spaces), loaded.spaces, store, task);
  if (line.has("json")) {
    std::cout << json_text(explanation_json(why), 2) << "\n";
  } else {
    print(why);
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
