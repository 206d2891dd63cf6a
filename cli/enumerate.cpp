/// @file
/// `hullscan enumerate`: every inequivalent configuration with its degeneracy, streamed to a file.

#include <fmt/format.h>

#include <chrono>
#include <iostream>

#include "cli/campaign_files.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/orbit_writer.hpp"
#include "core/big_integer.hpp"
#include "core/json.hpp"
#include "core/log.hpp"

namespace hullscan::cli {
namespace {

struct Sums {
  BigInteger total = 0, inequivalent = 0;
};

/// The sums of a stratum against its exact count, where there is one.
void close_books(const std::string& formula, const std::optional<OrbitCount>& expected, const EnumerationOutcome& outcome) {
  if (!expected || (expected->total == outcome.labelled && expected->inequivalent == outcome.orbits)) return;
  throw Error(fmt::format("the books do not close for {}: {} orbits of {}, {} configurations of {}; this is a fault of hullscan", formula,
                          outcome.orbits, expected->inequivalent.str(), outcome.labelled, expected->total.str()));
}

struct ListedStratum {
  const SearchSpace* space = nullptr;
  std::size_t supercell = 0, composition = 0;
  std::optional<OrbitCount> count;
};

/// In the order of the output.
std::vector<ListedStratum> list_strata(const std::vector<SearchSpace>& spaces) {
  std::vector<ListedStratum> strata;
  for (const SearchSpace& space : spaces) {
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      StratumCounter counter(space, i);
      for (std::size_t c = 0; c < space.compositions(i).size(); ++c) strata.push_back({&space, i, c, counter.count(space.compositions(i)[c])});
    }
  }
  return strata;
}

}  // namespace

ExitCode run_enumerate(const Arguments& arguments) {
  CommandLine line("enumerate FILE (--out X.{csv,extxyz} | --discard) [--json]",
                   "Every inequivalent configuration once, with its degeneracy, sorted by space, supercell, composition and canonical "
                   "form (the largest member of the orbit comes first).");
  line.option("out", "X", "file to write; it must not exist");
  line.flag("discard", "enumerate for timing, write nothing");
  line.flag("json", "print totals and time as one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (line.has("out") == line.has("discard")) throw InputError("enumerate: say either --out X or --discard");

  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  std::unique_ptr<OrbitWriter> writer;
  if (const auto out = line.value("out")) writer = open_orbit_writer(*out, loaded.spaces);

  const std::vector<ListedStratum> strata = list_strata(loaded.spaces);
  double expected = 0;
  for (const ListedStratum& stratum : strata) expected += stratum.count ? stratum.count->inequivalent.convert_to<double>() : 0;
  Progress progress("enumerating", expected, "orbits");
  const auto begun = std::chrono::steady_clock::now();
  Sums sums;
  std::uint64_t index = 0;
  for (const ListedStratum& stratum : strata) {
    const CompositionCounts& counts = stratum.space->compositions(stratum.supercell)[stratum.composition];
    const OrbitEnumerator enumerator = stratum.space->enumerator(stratum.supercell, stratum.composition);
    EnumerationOutcome outcome;
    if (writer == nullptr) {
      outcome = enumerator.count({}, {});
    } else {
      outcome = enumerator.run({}, {}, [&](const Orbit& orbit) {
        writer->add({stratum.space, stratum.supercell, &counts, orbit.degeneracy, std::nullopt, orbit.occupation, index++});
        if (index % 4096 == 0) progress.update(static_cast<double>(index));
        return true;
      });
    }
    close_books(stratum.space->formula(stratum.supercell, counts), stratum.count, outcome);
    sums.total += outcome.labelled;
    sums.inequivalent += outcome.orbits;
    progress.update(sums.inequivalent.convert_to<double>());
  }
  if (writer != nullptr) writer->finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();

  if (line.has("json")) {
    std::cout << Json({{"total", sums.total.str()}, {"inequivalent", sums.inequivalent.str()}, {"seconds", seconds}}).dump(2) << "\n";
  } else {
    fmt::print("{} inequivalent of {} configurations in {}; the books close\n", grouped(sums.inequivalent.str()), grouped(sums.total.str()),
               duration_text(seconds));
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
