/// @file
/// `hullscan enumerate`: every inequivalent configuration with its degeneracy, streamed to a file.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <iostream>
#include <set>

#include "cli/campaign_files.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/orbit_writer.hpp"
#include "core/big_integer.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/log.hpp"
#include "enumerator/configuration_symmetry.hpp"
#include "enumerator/orbit_sampler.hpp"

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
  std::optional<std::size_t> marker;  ///< orbit of marked objects, if the space marks something
  std::optional<OrbitCount> count;

  /// Not enumerated: the campaign asks for a sample, and the stratum is, or may be, larger.
  [[nodiscard]] bool sampled() const {
    const auto& spec = space->spec().sample;
    return spec && (!count || count->inequivalent > spec->per_composition);
  }
};

/// Draws of one stratum, every call the same. Where the stratum has no more orbits than are asked for it is enumerated
/// instead. Over orbits, one that comes again is drawn anew; over configurations it stays, since its number is its weight.
template <class Visitor>
void sample(const ListedStratum& stratum, const SampleSpec& spec, std::uint64_t seed, Visitor&& visit) {
  const CompositionCounts& counts = stratum.space->compositions(stratum.supercell)[stratum.composition];
  const bool of_orbits = spec.method == "orbit";
  OrbitSampler sampler(stratum.space->action(stratum.supercell), counts, stratum.space->options(stratum.supercell));
  std::set<std::string> seen;
  std::int64_t taken = 0;
  // Without a count the stratum may hold fewer orbits than are asked for: many vain draws in a row end it.
  constexpr std::uint64_t kVainDraws = 10'000;
  std::uint64_t vain = 0;
  for (std::uint64_t i = 0; taken < spec.per_composition && (stratum.count || vain < kVainDraws); ++i) {
    const auto drawn = sampler.draw(of_orbits ? SampleMethod::kOrbit : SampleMethod::kConfiguration, seed, i);
    if (!drawn) return;
    if (of_orbits && !seen.insert(std::string(drawn->occupation.begin(), drawn->occupation.end())).second) {
      ++vain;
      continue;
    }
    vain = 0;
    ++taken;
    visit(Orbit{drawn->occupation, drawn->degeneracy});
  }
}

void refuse_unknown_samples(const Campaign& campaign) {
  Problems problems;
  for (const SpaceSpec& space : campaign.spaces) {
    if (space.sample && !space.markers.empty()) {
      problems.add(space.sample->where, "space.sample: a sample of a space with markers is not supported by this version");
    }
    if (space.sample && space.sample->method == "stratified") {
      problems.add(space.sample->where, "space.sample: method \"stratified\" is not supported by this version; use \"orbit\" or \"configuration\"");
    }
  }
  problems.throw_if_any();
}

/// What the outputs have no place for where objects are marked.
void refuse_marked(const Campaign& campaign, bool symmetry, const std::optional<std::string>& out) {
  Problems problems;
  for (const SpaceSpec& space : campaign.spaces) {
    if (space.markers.empty()) continue;
    const SourcePosition& where = space.markers.front().where;
    if (symmetry) problems.add(where, "space.marker: --symmetry knows no space groups of marked configurations");
    if (out && std::filesystem::path(*out).extension() == ".h5") {
      problems.add(where, "space.marker: .h5 has no column for the marked object; write .csv, .extxyz or .zip");
    }
  }
  problems.throw_if_any();
}

/// In the order of the output.
std::vector<ListedStratum> list_strata(const std::vector<SearchSpace>& spaces) {
  std::vector<ListedStratum> strata;
  for (const SearchSpace& space : spaces) {
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      StratumCounter counter(space, i);
      const auto& markers = space.markers(i);
      for (std::size_t c = 0; c < space.compositions(i).size(); ++c) {
        const CompositionCounts& counts = space.compositions(i)[c];
        if (markers.empty()) strata.push_back({&space, i, c, std::nullopt, counter.count(counts)});
        for (std::size_t m = 0; m < markers.size(); ++m) {
          if (markers[m].holds(counts)) strata.push_back({&space, i, c, m, counter.count(counts, m)});
        }
      }
    }
  }
  return strata;
}

}  // namespace

ExitCode run_enumerate(const Arguments& arguments) {
  CommandLine line("enumerate FILE (--out X.{csv,h5,extxyz,zip} | --discard) [--format cif|poscar] [--symmetry] [--json]",
                   "Every inequivalent configuration once, with its degeneracy, sorted by space, supercell, composition and canonical "
                   "form (the largest member of the orbit comes first). With space.sample in the campaign file a sample of them, in the order drawn.");
  line.option("out", "X", "file to write; it must not exist");
  line.option("format", "F", "of the files in a .zip: cif (default) or poscar");
  line.flag("symmetry", "find the space group of every configuration");
  line.flag("discard", "enumerate for timing, write nothing");
  line.flag("json", "print totals and time as one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (line.has("out") == line.has("discard")) throw InputError("enumerate: say either --out X or --discard");
  const auto out = line.value("out");
  const std::string format = line.value("format").value_or("cif");
  if (format != "cif" && format != "poscar") throw InputError(fmt::format("--format {}: expected cif or poscar", format));
  if (line.value("format") && (!out || std::filesystem::path(*out).extension() != ".zip")) throw InputError("--format: only with --out X.zip");
  if (line.has("symmetry") && !out) throw InputError("--symmetry: only with --out");

  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  refuse_unknown_samples(loaded.campaign);
  refuse_marked(loaded.campaign, line.has("symmetry"), out);
  const std::vector<ListedStratum> strata = list_strata(loaded.spaces);
  double expected = 0;
  for (const ListedStratum& stratum : strata) {
    double orbits = stratum.count ? stratum.count->inequivalent.convert_to<double>() : 0;
    if (stratum.sampled()) orbits = static_cast<double>(stratum.space->spec().sample->per_composition);
    expected += orbits;
  }
  std::unique_ptr<OrbitWriter> writer;
  if (out) writer = open_orbit_writer({*out, format, loaded.campaign.name, expected}, loaded.spaces);

  Progress progress("enumerating", expected, "orbits");
  const auto begun = std::chrono::steady_clock::now();
  Sums sums;
  std::uint64_t index = 0;
  bool sampled = false;
  std::optional<ConfigurationSymmetry> symmetry;
  for (std::size_t i = 0; i < strata.size(); ++i) {
    const ListedStratum& stratum = strata[i];
    const CompositionCounts& counts = stratum.space->compositions(stratum.supercell)[stratum.composition];
    if (line.has("symmetry") && (i == 0 || strata[i - 1].space != stratum.space || strata[i - 1].supercell != stratum.supercell)) {
      symmetry.emplace(*stratum.space, stratum.supercell);
    }
    EnumerationOutcome outcome;
    const auto write = [&](const Orbit& orbit) {
      if (writer != nullptr) {
        std::optional<int> space_group;
        if (symmetry) space_group = symmetry->space_group_number(orbit.occupation);
        writer->add({stratum.space, stratum.supercell, stratum.composition, stratum.marker, &counts, orbit.degeneracy, space_group, orbit.occupation,
                     index});
      }
      if (++index % 4096 == 0) progress.update(static_cast<double>(index));
      return true;
    };
    if (stratum.sampled()) {
      sampled = true;
      const std::array<std::uint64_t, 3> words{static_cast<std::uint64_t>(stratum.space - loaded.spaces.data()), stratum.supercell, stratum.composition};
      sample(stratum, *stratum.space->spec().sample, random_bits(loaded.campaign.seed, words), [&](const Orbit& orbit) {
        write(orbit);
        ++outcome.orbits;
        outcome.labelled += orbit.degeneracy;
      });
    } else {
      const OrbitEnumerator enumerator = stratum.marker ? stratum.space->enumerator(stratum.supercell, stratum.composition, *stratum.marker)
                                                        : stratum.space->enumerator(stratum.supercell, stratum.composition);
      outcome = writer == nullptr ? enumerator.count({}, {}) : enumerator.run({}, {}, write);
      close_books(stratum.space->formula(stratum.supercell, counts), stratum.count, outcome);
    }
    sums.total += outcome.labelled;
    sums.inequivalent += outcome.orbits;
    progress.update(sums.inequivalent.convert_to<double>());
  }
  if (writer != nullptr) writer->finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();

  if (line.has("json")) {
    std::cout << Json({{"total", sums.total.str()}, {"inequivalent", sums.inequivalent.str()}, {"seconds", seconds}}).dump(2) << "\n";
  } else if (sampled) {
    fmt::print("{} configurations in {}, drawn as space.sample asks\n", grouped(sums.inequivalent.str()), duration_text(seconds));
  } else {
    fmt::print("{} inequivalent of {} configurations in {}; the books close\n", grouped(sums.inequivalent.str()), grouped(sums.total.str()),
               duration_text(seconds));
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
