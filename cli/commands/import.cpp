/// @file
/// `hullscan import`: what others computed becomes labels and competing phases of a campaign.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "campaign/import/import_results.hpp"
#include "campaign/judgements.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"

namespace hullscan::cli {
namespace {

constexpr std::size_t kNamedEach = 8;

Json import_json(const ImportOutcome& outcome) {
  Json labels = Json::array(), competing = Json::array(), known = Json::array(), left_out = Json::array();
  for (const auto& one : outcome.labels) {
    labels.push_back({{"id", one.id},
                      {"space", one.space},
                      {"formula", one.formula},
                      {"energy_per_atom", one.energy_ev_per_atom},
                      {"source", one.source},
                      {"beside", one.beside.empty() ? Json(nullptr) : Json(one.beside)}});
  }
  for (const auto& one : outcome.competing) {
    competing.push_back({{"id", one.id},
                         {"formula", one.formula},
                         {"energy_per_atom", one.energy_ev_per_atom},
                         {"source", one.source},
                         {"why", one.why}});
  }
  for (const auto& one : outcome.known) {
    known.push_back({{"source", one.source},
                     {"id", one.id},
                     {"standing", one.standing.empty() ? Json(nullptr) : Json(one.standing)}});
  }
  for (const LeftOut& one : outcome.left_out) left_out.push_back({{"source", one.name}, {"reason", one.reason}});
  return {{"labels", std::move(labels)},  {"competing", std::move(competing)},
          {"known", std::move(known)},    {"left_out", std::move(left_out)},
          {"answered", outcome.answered}, {"folder", outcome.folder.empty() ? Json(nullptr) : Json(outcome.folder)}};
}

/// The first few of a list, and how many more there are.
template <class List, class Text>
void print_some(const List& list, const Text& text) {
  for (std::size_t i = 0; i < std::min(kNamedEach, list.size()); ++i) fmt::print("  {}\n", text(list[i]));
  if (list.size() > kNamedEach) fmt::print("  and {} more (--json names all)\n", list.size() - kNamedEach);
}

std::string how_many(std::size_t number, const char* one, const char* many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

void print_outcome(const ImportOutcome& outcome, const std::string& directory) {
  std::map<std::string, std::size_t> of_space;
  for (const auto& label : outcome.labels) ++of_space[label.space];
  for (const auto& [space, number] : of_space)
    fmt::print("{}: {} imported\n", space, how_many(number, "result", "results"));
  std::vector<std::string> beside;
  for (const auto& label : outcome.labels) {
    if (!label.beside.empty()) beside.push_back(fmt::format("{}: {}", label.id, label.beside));
  }
  if (!beside.empty()) {
    fmt::print("{} of a configuration that has another result too; both count, hullscan exclude takes one out:\n",
               how_many(beside.size(), "is", "are"));
    print_some(beside, [](const std::string& line) { return line; });
  }
  if (!outcome.competing.empty()) {
    fmt::print("{} on the hull, outside the spaces:\n",
               how_many(outcome.competing.size(), "competing phase", "competing phases"));
    print_some(outcome.competing,
               [](const auto& one) { return fmt::format("{} ({}): {}", one.formula, one.source, one.why); });
  }
  if (!outcome.known.empty()) {
    fmt::print("{} known already, with the same energy:\n", how_many(outcome.known.size(), "is", "are"));
    print_some(outcome.known, [](const auto& one) {
      return fmt::format("{} is {}{}", one.source, one.id,
                         one.standing.empty() ? "" : fmt::format(", which is {} and does not count", one.standing));
    });
  }
  if (!outcome.left_out.empty()) {
    fmt::print("{} left out:\n", how_many(outcome.left_out.size(), "is", "are"));
    print_some(outcome.left_out, [](const LeftOut& one) { return fmt::format("{}: {}", one.name, one.reason); });
  }
  if (!outcome.answered.empty())
    fmt::print("{} need not be made any more: {}\n", how_many(outcome.answered.size(), "calculation", "calculations"),
               fmt::join(outcome.answered, ", "));
  if (outcome.labels.empty() && outcome.competing.empty()) {
    fmt::print("nothing new\n");
  } else {
    fmt::print("the next hullscan run on {} takes them into hull and models\n", directory);
  }
}

}  // namespace

ExitCode run_import(const Arguments& arguments) {
  CommandLine line(
      "import DIR FILE… [--settings KEYS] [--trust] [--space NAME] [--campaign FILE] [--json]",
      "Takes results that others computed into a campaign. What lies in its spaces becomes a label like any "
      "other and is not calculated again; other phases of its elements compete on the hull.");
  line.option("settings", "KEYS",
              "hull keys that the files do not state, functional=PBE,ecutwfc=60; \"same\": all are the campaign's");
  line.flag("trust", "take energies of calculations that are not accepted; the report says so");
  line.option("space", "NAME", "look in this space only");
  line.option("campaign", "FILE", "begin DIR for this campaign file, if it is not there yet");
  line.option("withdraw", "ID", "take an imported competing phase off the hull; no FILE is needed");
  line.flag("json", "one JSON object");
  line.positionals("DIR, a campaign directory; FILE…, results", 1, -1);
  line.epilogue(
      "FILE: a calculation of VASP or Quantum ESPRESSO or a folder of such, extended XYZ, entries.json or pymatgen's\n"
      "entries, a database of ASE, another campaign directory, CSV with the columns structure and energy. Known by\n"
      "content. Exit codes: 0 everything was taken or known, 2 other settings (nothing was taken), 4 something was "
      "left "
      "out.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const std::string& directory = line.positional()[0];
  if (const auto id = line.value("withdraw")) {
    if (line.positional().size() > 1) throw InputError("--withdraw: it stands alone, without FILE");
    const std::string formula = withdraw_competing_phase(directory, *id);
    line.has("json") ? void(std::cout << json_text(Json({{"withdrawn", *id}, {"formula", formula}}), 2) << "\n")
                     : fmt::print("{} ({}) competes no more\n", *id, formula);
    return ExitCode::kDone;
  }
  if (line.positional().size() < 2) throw InputError("import: expected DIR and at least one FILE with results");
  ImportRequest request;
  request.directory = directory;
  request.sources.assign(line.positional().begin() + 1, line.positional().end());
  request.settings = parse_stated_settings(line.values("settings"));
  request.trust = line.has("trust");
  request.space = line.value("space");
  if (const auto file = line.value("campaign")) request.begin = *file;
  request.who = this_person();

  const ImportOutcome outcome = import_results(request);
  if (line.has("json")) {
    std::cout << json_text(import_json(outcome), 2) << "\n";
  } else {
    print_outcome(outcome, directory);
  }
  return outcome.left_out.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace hullscan::cli
