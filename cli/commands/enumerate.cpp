/// @file
/// `hullscan enumerate`: every inequivalent configuration with its degeneracy, streamed to a file.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <iostream>
#include <map>
#include <span>

#include "campaign/enumeration_cost.hpp"
#include "campaign/looser_symmetry_text.hpp"
#include "campaign/orbit_writer.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/text_table.hpp"
#include "core/big_integer.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "enumerator/sampling/composition_sampler.hpp"
#include "enumerator/sampling/sample_shares.hpp"
#include "enumerator/space/configuration_symmetry.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan::cli {
namespace {

struct Sums {
  BigInteger total = 0, inequivalent = 0;
};

/// The sums of a stratum against its exact count, where there is one.
void close_books(const std::string& formula, const std::optional<OrbitCount>& expected,
                 const EnumerationOutcome& outcome) {
  if (!expected || (expected->total == outcome.labelled && expected->inequivalent == outcome.orbits)) return;
  throw Error(fmt::format(
      "the books do not close for {}: {} orbits of {}, {} configurations of {}; this is a fault of hullscan", formula,
      outcome.orbits, expected->inequivalent.str(), outcome.labelled, expected->total.str()));
}

/// What is to be written of a stratum, or of a composition with all its strata.
struct ListedStratum {
  SpaceStratum at;  ///< of a sample: the first of its composition
  std::optional<OrbitCount> count;
  /// Not enumerated: the campaign asks for a sample of so many and has, or may have, more, or its supercell is too
  /// large to be enumerated; of all markers.
  std::optional<std::uint64_t> asked;
};

/// The draws of a space that asks for a sample of all its compositions together; those that draw none are left out.
std::vector<ListedStratum> shared_out(std::vector<ListedStratum> strata, const SampleSpec& sample, std::uint64_t seed) {
  std::vector<BigInteger> sizes, available;
  for (ListedStratum& stratum : strata) {
    if (!stratum.count)
      stratum.count = count_by_enumeration(*stratum.at.space, stratum.at.supercell(), stratum.at.composition);
    if (!stratum.count) {
      throw InputError(
          fmt::format("{}: space.sample.per_space: what min_distance leaves of {} takes too long to "
                      "count; set per_composition",
                      to_string(sample.where), stratum.at.formula()));
    }
    sizes.push_back(sample.method == "configuration" ? stratum.count->total : stratum.count->inequivalent);
    if (sample.method != "configuration") available.push_back(stratum.count->inequivalent);
  }
  const auto shares = sample_shares(static_cast<std::uint64_t>(sample.number), sizes, available, seed);
  std::vector<ListedStratum> drawn;
  for (std::size_t i = 0; i < strata.size(); ++i) {
    if (shares[i] == 0) continue;
    strata[i].asked = shares[i];
    drawn.push_back(std::move(strata[i]));
  }
  return drawn;
}

/// Whether a composition is drawn from, not enumerated.
bool sampled(const SpaceStratum& stratum, const std::optional<OrbitCount>& count) {
  const auto& sample = stratum.space->spec().sample;
  return sample && (sample->per_space || !count || count->inequivalent > sample->number ||
                    stratum.space->why_not_enumerable(stratum.supercell()));
}

/// In the order of the output.
std::vector<ListedStratum> list_strata(const std::vector<SearchSpace>& spaces, std::uint64_t seed) {
  const Strata all(spaces);
  StratumCounts counts;
  std::vector<ListedStratum> strata;
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    const auto& sample = spaces[s].spec().sample;
    std::vector<ListedStratum> of_space;
    for (std::size_t i = 0; i < spaces[s].supercells().size(); ++i) {
      for (const auto& of_composition : all.by_composition(s, i)) {
        const SpaceStratum& first = of_composition.front();
        const auto count = counts.of_composition(first);
        if (sampled(first, count)) {
          of_space.push_back({first, count, static_cast<std::uint64_t>(sample->number)});
          continue;
        }
        for (const SpaceStratum& stratum : of_composition)
          of_space.push_back({stratum, stratum.marker ? counts.of(stratum) : count, {}});
      }
    }
    if (sample && sample->per_space) {
      const std::array<std::uint64_t, 1> words{s};
      of_space = shared_out(std::move(of_space), *sample, random_bits(seed, words));
    }
    std::move(of_space.begin(), of_space.end(), std::back_inserter(strata));
  }
  return strata;
}

/// Space groups of configurations of one supercell after the other; what was learnt of one is kept while it lasts.
class SpaceGroupNumbers {
 public:
  int number(const SearchSpace& space, std::size_t supercell, std::optional<std::size_t> marker,
             std::span<const std::uint8_t> occupation, std::uint64_t degeneracy) {
    if (&space != space_ || supercell != supercell_) known_.clear();
    space_ = &space;
    supercell_ = supercell;
    auto found = known_.find(marker);
    if (found == known_.end()) {
      found = known_
                  .emplace(marker, marker ? ConfigurationSymmetry(space, supercell, *marker)
                                          : ConfigurationSymmetry(space, supercell))
                  .first;
    }
    const std::uint64_t largest =
        marker ? space.markers(supercell)[*marker].action->order() * space.markers(supercell)[*marker].size
               : space.action(supercell)->order();
    return found->second.space_group_number(occupation, largest / degeneracy);
  }

 private:
  const SearchSpace* space_ = nullptr;
  std::size_t supercell_ = 0;
  std::map<std::optional<std::size_t>, ConfigurationSymmetry> known_;
};

/// What is not drawn but enumerated must fit into the searches' tables and into a lifetime.
void require_possible(const std::vector<ListedStratum>& strata, const std::vector<SearchSpace>& spaces,
                      const std::optional<std::string>& out, bool symmetry, bool whatever_it_costs) {
  EnumerationCost cost;
  bool any = false;
  for (const ListedStratum& stratum : strata) {
    const SearchSpace& space = *stratum.at.space;
    const auto why = space.why_not_enumerable(stratum.at.supercell());
    if (why && symmetry) throw InputError(fmt::format("--symmetry: space \"{}\": {}", space.name(), *why));
    if (stratum.asked) continue;
    if (why) {
      throw InputError(fmt::format(
          "{}: space \"{}\": supercell {} is too large to be enumerated: {}; {}", to_string(space.spec().where),
          space.name(), matrix_text(space.supercells()[stratum.at.supercell()]->matrix()), *why, kTooLargeAdvice));
    }
    if (!stratum.count) continue;
    cost.add(stratum.at, stratum.count->inequivalent);
    any = true;
  }
  if (!any) return;
  EnumerationTarget target;
  if (out) target = {*out, cost.bytes(*out), 1};
  require_hope(cost, target, spaces, whatever_it_costs);
}

/// What samples were made of, for people and for scripts.
class SampleReport {
 public:
  void add(const ListedStratum& stratum, const SampleOutcome& outcome) {
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
                     {"asked", asked},
                     {"drawn", outcome.drawn},
                     {"classes", std::move(classes)}});
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
    if (!table_.empty()) std::cout << table_.str() << "\n";
  }

 private:
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
  require_possible(strata, loaded.spaces, out, line.has("symmetry"), line.has("yes"));
  double expected = 0;
  for (const ListedStratum& stratum : strata) {
    if (stratum.asked) {
      expected += static_cast<double>(*stratum.asked);
    } else if (stratum.count) {
      expected += stratum.count->inequivalent.convert_to<double>();
    }
  }
  std::unique_ptr<OrbitWriter> writer;
  if (out) writer = open_orbit_writer({*out, format, loaded.campaign.name, expected}, loaded.spaces);

  for (const ListedStratum& stratum : strata) {  // the time that is reported does not include the searches' tables
    if (!stratum.asked) (void)stratum.at.space->action(stratum.at.supercell());
  }
  Progress progress("enumerating", expected, "orbits");
  const auto begun = std::chrono::steady_clock::now();
  Sums sums;
  SampleReport samples;
  std::uint64_t index = 0;
  SpaceGroupNumbers space_groups;
  for (const ListedStratum& stratum : strata) {
    const SpaceStratum& at = stratum.at;
    const CompositionCounts& counts = at.counts();
    const auto write = [&](std::optional<std::size_t> marker, std::span<const std::uint8_t> occupation,
                           std::uint64_t degeneracy) {
      if (writer != nullptr) {
        std::optional<int> space_group;
        if (line.has("symmetry"))
          space_group = space_groups.number(*at.space, at.supercell(), marker, occupation, degeneracy);
        writer->add(
            {at.space, at.supercell(), at.composition, marker, &counts, degeneracy, space_group, occupation, index});
      }
      if (++index % 4096 == 0) progress.update(static_cast<double>(index));
      return true;
    };
    if (stratum.asked) {
      SampleSpec sample = *at.space->spec().sample;
      sample.number = static_cast<std::int64_t>(*stratum.asked);
      const std::array<std::uint64_t, 3> words{at.key.space, at.supercell(), at.composition};
      const SampleOutcome outcome = sample_composition(
          *at.space, at.supercell(), at.composition, sample, random_bits(loaded.campaign.seed, words),
          [&](const SampledOrbit& orbit) { write(orbit.marker, orbit.form.occupation, orbit.form.degeneracy); });
      samples.add(stratum, outcome);
      sums.total += outcome.labelled;
      sums.inequivalent += outcome.drawn;
    } else {
      const OrbitEnumerator enumerator = at.enumerator();
      const auto visit = [&](const Orbit& orbit) { return write(at.marker, orbit.occupation, orbit.degeneracy); };
      const EnumerationOutcome outcome = writer == nullptr ? enumerator.count({}, {}) : enumerator.run({}, {}, visit);
      close_books(at.formula(), stratum.count, outcome);
      sums.total += outcome.labelled;
      sums.inequivalent += outcome.orbits;
    }
    progress.update(sums.inequivalent.convert_to<double>());
  }
  if (writer != nullptr) writer->finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();

  samples.log();
  if (line.has("json")) {
    Json json = {{"total", sums.total.str()}, {"inequivalent", sums.inequivalent.str()}, {"seconds", seconds}};
    if (!samples.empty()) json["samples"] = samples.json();
    std::cout << json_text(json, 2) << "\n";
  } else if (!samples.empty()) {
    samples.print();
    fmt::print("{} configurations in {}, drawn as space.sample asks\n", grouped(sums.inequivalent.str()),
               duration_text(seconds));
  } else {
    fmt::print("{} inequivalent of {} configurations in {}; the books close\n", grouped(sums.inequivalent.str()),
               grouped(sums.total.str()), duration_text(seconds));
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
