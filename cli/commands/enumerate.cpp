/// @file
/// `hullscan enumerate`: every inequivalent configuration with its degeneracy, streamed to a file.

#include <fmt/format.h>

#include <iostream>
#include <map>

#include "campaign/enumeration.hpp"
#include "campaign/looser_symmetry_text.hpp"
#include "campaign/orbit_writer.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "core/big_integer.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/text_table.hpp"

namespace hullscan::cli {
namespace {

/// What samples were made of, for people and for scripts.
class SampleReport {
 public:
  explicit SampleReport(const std::vector<DrawnSample>& samples) {
    for (const auto& [stratum, outcome] : samples) add(*stratum, outcome);
  }
  /// How samples with minimum distances came about, and which of them are short.
  void log() const {
    for (const auto& [space, short_of] : whole_) {
      const auto& [first, compositions] = short_of;
      log_warning(
          fmt::format("{}: {}: min_distance leaves no more{}", space, first,
                      compositions == 1 ? "" : fmt::format(", nor of {} other compositions", compositions - 1)));
    }
    for (const auto& [key, compositions] : drawn_by_) {
      const auto& [space, origin] = key;
      if (origin == SampleOrigin::kDirect) continue;
      log_info(fmt::format("{}: samples of {} compositions {}", space, compositions,
                           origin == SampleOrigin::kRejection
                               ? "by rejection: draws that min_distance forbids were made anew"
                               : "chosen among all orbits, which were enumerated"));
    }
  }
  [[nodiscard]] bool empty() const { return json_.empty(); }
  [[nodiscard]] const Json& json() const { return json_; }
  void print() const {
    if (!table_.empty()) std::cout << table_.str(output_columns()) << "\n";
  }

 private:
  void add(const ListedStratum& stratum, const SampleOutcome& outcome) {
    const SearchSpace& space = *stratum.at.space;
    note_shortness(stratum, outcome);
    drawn_by_[{space.name(), outcome.origin}] += 1;
    Json classes = Json::array();
    for (const SampledClass& c : outcome.classes) {
      classes.push_back(
          {{"degeneracy", c.degeneracy}, {"orbits", c.orbits ? Json(c.orbits->str()) : Json()}, {"drawn", c.drawn}});
      table_.row({space.name(), matrix_text(space.supercells()[stratum.at.supercell()]->matrix()), stratum.at.formula(),
                  grouped(std::to_string(c.degeneracy)), c.orbits ? grouped(c.orbits->str()) : "?",
                  grouped(std::to_string(c.drawn))});
    }
    json_.push_back({{"space", space.name()},
                     {"supercell", matrix_text(space.supercells()[stratum.at.supercell()]->matrix())},
                     {"formula", stratum.at.formula()},
                     {"drawn_by", origin_text(outcome.origin)},
                     {"orbits", orbits_of(stratum, outcome)},
                     {"asked", *stratum.asked},
                     {"drawn", outcome.drawn},
                     {"classes", std::move(classes)}});
  }
  void note_shortness(const ListedStratum& stratum, const SampleOutcome& outcome) {
    const SearchSpace& space = *stratum.at.space;
    const std::uint64_t asked = *stratum.asked;
    if (outcome.gave_up) {
      log_warning(fmt::format(
          "{}: {}: {} of {} drawn; the last draws gave nothing new, so few or no others keep the min_distance",
          space.name(), stratum.at.formula(), outcome.drawn, asked));
    } else if (outcome.drawn < asked && !stratum.count && outcome.orbits) {
      auto& [first, compositions] = whole_[space.name()];
      if (compositions++ == 0) first = fmt::format("{}: {} of {} drawn", stratum.at.formula(), outcome.drawn, asked);
    } else if (outcome.drawn < asked) {
      log_warning(fmt::format("{}: {}: {} of {} drawn: there are no more", space.name(), stratum.at.formula(),
                              outcome.drawn, asked));
    }
  }
  static const char* origin_text(SampleOrigin origin) {
    return origin == SampleOrigin::kDirect      ? "direct"
           : origin == SampleOrigin::kRejection ? "rejection"
                                                : "enumeration";
  }
  static Json orbits_of(const ListedStratum& stratum, const SampleOutcome& outcome) {
    if (outcome.orbits) return std::to_string(*outcome.orbits);
    return stratum.count ? Json(stratum.count->inequivalent.str()) : Json();
  }

  Json json_ = Json::array();
  std::map<std::pair<std::string, SampleOrigin>, int> drawn_by_;  ///< compositions
  std::map<std::string, std::pair<std::string, int>> whole_;      ///< [space] compositions taken whole: first, number
  TextTable table_{{"space", "supercell", "composition", "degeneracy", "orbits", "drawn"},
                   {'l', 'l', 'l', 'r', 'r', 'r'}};
};

/// A space group is found with the searches' tables.
void require_space_groups(const std::vector<ListedStratum>& strata) {
  for (const ListedStratum& stratum : strata) {
    if (const auto why = stratum.at.space->why_not_enumerable(stratum.at.supercell()))
      throw InputError(fmt::format("--symmetry: space \"{}\": {}", stratum.at.space->name(), *why));
  }
}

}  // namespace

ExitCode run_enumerate(const Arguments& arguments) {
  CommandLine line(
      "enumerate FILE (--out X.{csv,h5,extxyz,zip} | --discard) [--format cif|poscar] [--symmetry] [--yes] [--json]",
      "Every inequivalent configuration once, with its degeneracy, sorted by space, supercell, composition and "
      "canonical "
      "form (the largest member of the orbit comes first). With space.sample in the campaign file a sample of them, "
      "in the order drawn.");
  line.option("out", "X", "file to write; it must not exist");
  line.option("format", "F", "format of the files in a .zip: cif (default) or poscar");
  line.flag("symmetry", "find the space group of every configuration");
  line.flag("discard", "enumerate for timing, write nothing");
  line.flag("yes", "begin even if the space is far too large for this machine");
  line.flag("json", "print totals and time as one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (line.has("out") == line.has("discard")) throw InputError("enumerate: give either --out X or --discard");
  const auto out = line.value("out");
  const std::string format = line.value("format").value_or("cif");
  if (format != "cif" && format != "poscar")
    throw InputError(fmt::format("--format {}: expected cif or poscar", format));
  if (line.value("format") && (!out || std::filesystem::path(*out).extension() != ".zip"))
    throw InputError("--format: only with --out X.zip");
  if (line.has("symmetry") && !out) throw InputError("--symmetry: only with --out");

  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  log_looser_symmetry(loaded.spaces);
  const std::vector<ListedStratum> strata = list_strata(loaded.spaces, loaded.campaign.seed);
  if (line.has("symmetry")) require_space_groups(strata);
  require_possible(strata, loaded.spaces, out, line.has("yes"));
  const double expected = expected_configurations(strata);
  std::unique_ptr<OrbitWriter> writer;
  if (out) writer = open_orbit_writer({*out, format, loaded.campaign.name, expected}, loaded.spaces);

  build_search_tables(strata);
  CampaignEnumeration result;
  {
    Progress progress("enumerating", expected, "orbits");
    result = enumerate_strata(strata, {loaded.campaign.seed, writer.get(), line.has("symmetry"),
                                       [&](double done) { progress.update(done); }});
  }

  const SampleReport samples(result.samples);
  samples.log();
  if (line.has("json")) {
    Json json = {{"total", result.sums.total.str()},
                 {"inequivalent", result.sums.inequivalent.str()},
                 {"seconds", result.seconds}};
    if (!samples.empty()) json["samples"] = samples.json();
    std::cout << json_text(json, 2) << "\n";
  } else if (!samples.empty()) {
    samples.print();
    fmt::print("{} configurations in {}, drawn as space.sample asks\n", grouped(result.sums.inequivalent.str()),
               duration_text(result.seconds));
  } else {
    fmt::print("{} inequivalent of {} configurations in {}; the books close\n", grouped(result.sums.inequivalent.str()),
               grouped(result.sums.total.str()), duration_text(result.seconds));
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
