/// @file
/// `hullscan sqs`: special quasirandom structures on the lattice of a campaign, proven by visiting every configuration.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <numeric>  // std::accumulate, std::gcd
#include <set>
#include <thread>  // hardware_concurrency

#include "analysis/report/report_parts.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/new_place.hpp"
#include "cli/structure_output.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/structure_files/poscar.hpp"
#include "core/text_table.hpp"
#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/crystal/supercells.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "workers/sqs/exact_search.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

/// Configurations, about, that one composition may have.
constexpr double kMostConfigurations = 1e9;

struct QuasirandomSettings {
  int atoms = 0;
  std::size_t count = 1, threads = 1;
  std::optional<double> pairs, triplets, quadruplets;  ///< Å
};

struct QuasirandomResult {
  std::string space, formula;
  std::size_t supercells = 0;
  std::vector<std::string> orbits;
  std::vector<double> targets;
  std::vector<QuasirandomStructure> structures;
};

/// Distance of the nearest two varied sites, Å.
double nearest_distance(const PrimitiveSites& sites) {
  double nearest = std::numeric_limits<double>::infinity();
  for (int site = 0; site < sites.count(); ++site) nearest = std::min(nearest, sites.nearest_distance_angstrom(site));
  return nearest;
}

/// The mixed compositions of a space, every sublattice's counts divided by their common divisor.
std::set<CompositionCounts> compositions_of(const SearchSpace& space) {
  std::set<CompositionCounts> found;
  for (std::size_t cell = 0; cell < space.supercells().size(); ++cell) {
    for (CompositionCounts counts : space.compositions(cell)) {
      bool mixed = false;
      for (auto& row : counts.of_sublattice) {
        int divisor = 0;
        for (const int count : row) divisor = std::gcd(divisor, count);
        for (int& count : row) count /= divisor;
        mixed = mixed || std::count_if(row.begin(), row.end(), [](int count) { return count > 0; }) > 1;
      }
      if (mixed) found.insert(std::move(counts));
    }
  }
  return found;
}

/// The smallest number of primitive cells that holds a reduced composition; all others are its multiples.
int smallest_volume(const ParentCrystal& parent, const CompositionCounts& reduced) {
  int volume = 1;
  for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
    const auto& row = reduced.of_sublattice[s];
    const int sum = std::accumulate(row.begin(), row.end(), 0);
    volume = std::lcm(volume, sum / std::gcd(sum, static_cast<int>(parent.sublattices[s].sites.size())));
  }
  return volume;
}

CompositionCounts counts_in(const ParentCrystal& parent, const CompositionCounts& reduced, int volume) {
  CompositionCounts counts = reduced;
  for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
    auto& row = counts.of_sublattice[s];
    const int sum = std::accumulate(row.begin(), row.end(), 0);
    for (int& count : row) count = count * volume * static_cast<int>(parent.sublattices[s].sites.size()) / sum;
  }
  return counts;
}

/// "24 or 36 atoms".
std::string nearest_sizes(int atoms, int step) {
  const int below = atoms / step * step;
  return below == 0 ? fmt::format("{} atoms", step) : fmt::format("{} or {} atoms", below, below + step);
}

/// Colourings of one supercell over its number of translations.
double configurations_of(const CompositionCounts& counts, int volume) {
  double log = -std::log(volume);
  for (const auto& row : counts.of_sublattice) {
    log += std::lgamma(std::accumulate(row.begin(), row.end(), 0) + 1);
    for (const int count : row) log -= std::lgamma(count + 1);
  }
  return std::exp(log);
}

SublatticeFractions fractions_of(const CompositionCounts& counts) {
  SublatticeFractions fractions;
  for (const auto& row : counts.of_sublattice) {
    const double sum = std::accumulate(row.begin(), row.end(), 0);
    auto& made = fractions.emplace_back();
    for (const int count : row) made.push_back(count / sum);
  }
  return fractions;
}

void search_space(const SearchSpace& space, const QuasirandomSettings& settings,
                  std::vector<QuasirandomResult>& results, Problems& problems) {
  SpaceSpec spec = space.spec();
  if (!spec.markers.empty())
    throw InputError(fmt::format("{}: sqs: a space with markers has no random alloy", spec.name));
  spec.primitive = true;
  Problems of_parent;
  const auto parent = build_parent(*space.crystal(), spec, of_parent);
  of_parent.throw_if_any();

  const PrimitiveSites sites(*parent);
  const double nearest = nearest_distance(sites);
  const ClusterOrbits orbits(parent, {.pairs_angstrom = settings.pairs.value_or(2.01 * nearest),
                                      .triplets_angstrom = settings.triplets.value_or(1.45 * nearest),
                                      .quadruplets_angstrom = settings.quadruplets.value_or(1.01 * nearest)});
  const int per_cell = static_cast<int>(parent->sites.size());
  std::vector<std::string> too_small;
  bool any = false;
  for (const CompositionCounts& reduced : compositions_of(space)) {
    const int step = per_cell * smallest_volume(*parent, reduced);
    if (settings.atoms % step != 0) {
      const Supercell smallest(parent, SupercellMatrix(Eigen::Vector3i(1, 1, step / per_cell).asDiagonal()));
      std::vector<std::uint8_t> occupation(smallest.varied_sites().size());
      CompositionCounts left = counts_in(*parent, reduced, step / per_cell);
      for (std::size_t i = 0; i < occupation.size(); ++i) {
        auto& row = left.of_sublattice[static_cast<std::size_t>(smallest.sublattice_of(static_cast<int>(i)))];
        while (row[occupation[i]] == 0) ++occupation[i];
        --row[occupation[i]];
      }
      too_small.push_back(fmt::format("{}: {} does not fit a cell of {} atoms; the nearest sizes are {}", space.name(),
                                      smallest.composition(occupation).formula(), settings.atoms,
                                      nearest_sizes(settings.atoms, step)));
      continue;
    }
    any = true;
    const int volume = settings.atoms / per_cell;
    const CompositionCounts counts = counts_in(*parent, reduced, volume);
    const double of_one = configurations_of(counts, volume);
    if (of_one > kMostConfigurations) {
      problems.add(spec.where,
                   fmt::format("{}: a cell of {} atoms has about {:.0e} configurations, at most {:.0e} are visited",
                               space.name(), settings.atoms, of_one, kMostConfigurations));
      continue;
    }
    const auto supercells = distinct_supercells(*parent, volume);
    const double all = of_one * static_cast<double>(supercells.size());
    if (all > kMostConfigurations) {
      problems.add(
          spec.where,
          fmt::format("{}: {} supercells of {} atoms have about {:.0e} configurations, at most {:.0e} are visited",
                      space.name(), supercells.size(), settings.atoms, all, kMostConfigurations));
      continue;
    }
    QuasirandomResult made{.space = space.name(),
                           .formula = {},
                           .supercells = supercells.size(),
                           .orbits = {},
                           .targets = random_correlations(orbits, fractions_of(counts)),
                           .structures = {}};
    for (std::size_t o = 0; o < orbits.orbits().size(); ++o) made.orbits.push_back(orbits.description(o));
    made.structures = best_quasirandom(orbits, supercells, counts, {made.targets}, settings.count, settings.threads);
    if (!made.structures.empty()) {
      const Configuration& first = made.structures[0].configuration;
      made.formula = first.supercell->structure(first.occupation).composition().formula();
    }
    results.push_back(std::move(made));
  }
  for (const std::string& message : too_small) {
    if (any)
      log_warning(message);
    else
      problems.add(spec.where, message);
  }
}

std::string text_of(const Structure& structure, const std::string& name, double objective, const std::string& format) {
  if (format == "cif") return to_cif(structure, name);
  if (format == "poscar") return to_poscar(structure, name);
  return to_extxyz(structure, {{"name", name}, {"objective", fmt::format("{:.12g}", objective)}});
}

std::vector<StructureFile> files_of(const std::vector<QuasirandomResult>& results, const std::string& format) {
  std::vector<StructureFile> files;
  std::map<std::string, int> results_of;  // two compositions may have one formula: on several sublattices
  for (const QuasirandomResult& result : results) {
    std::string of = fmt::format("{}-{}", result.space, result.formula);
    if (const int before = results_of[of]++; before > 0) of += fmt::format("({})", before + 1);
    for (std::size_t i = 0; i < result.structures.size(); ++i) {
      const QuasirandomStructure& one = result.structures[i];
      const std::string name = fmt::format("{}-{:02}", of, i + 1);
      files.push_back(
          {name + ending_of(format),
           text_of(one.configuration.supercell->structure(one.configuration.occupation), name, one.objective, format)});
    }
  }
  return files;
}

Json json_of(const QuasirandomResult& result) {
  Json structures = Json::array();
  for (const QuasirandomStructure& one : result.structures) {
    structures.push_back({{"objective", one.objective},
                          {"supercell", matrix_json(one.configuration.supercell->matrix())},
                          {"occupation", one.configuration.occupation},
                          {"correlations", one.correlations}});
  }
  return {{"space", result.space},   {"formula", result.formula}, {"supercells", result.supercells}, {"proven", true},
          {"orbits", result.orbits}, {"targets", result.targets}, {"structures", structures}};
}

void print_result(const QuasirandomResult& result) {
  fmt::print("{}: {}, every configuration of {} supercell{}\n", result.space,
             result.formula.empty() ? "no structure that is not one of a smaller cell" : result.formula,
             result.supercells, result.supercells == 1 ? "" : "s");
  std::vector<std::string> head{"orbit", "random"};
  std::vector<char> align{'l', 'r'};
  for (std::size_t i = 0; i < result.structures.size(); ++i) {
    head.push_back(fmt::format("{}", i + 1));
    align.push_back('r');
  }
  TextTable table(head, align);
  const auto row = [&](const std::string& name, const std::string& random, const auto& value) {
    std::vector<std::string> cells{name, random};
    for (const QuasirandomStructure& one : result.structures) cells.push_back(fmt::format("{:.4f}", value(one)));
    table.row(cells);
  };
  for (std::size_t o = 0; o < result.orbits.size(); ++o) {
    row(result.orbits[o], fmt::format("{:.4f}", result.targets[o]),
        [o](const QuasirandomStructure& one) { return one.correlations[o]; });
  }
  row("objective", "0", [](const QuasirandomStructure& one) { return one.objective; });
  std::cout << table.str(output_columns()) << "\n";
}

}  // namespace

ExitCode run_sqs(const Arguments& arguments) {
  CommandLine line(
      "sqs FILE --atoms N [--count K] [--out DIR] [--json]",
      "Special quasirandom structures: the supercells of N atoms whose correlations are nearest to those of "
      "the random alloy, for every composition of the campaign, proven by visiting all configurations.");
  line.option("atoms", "N", "sites of the supercell, fixed and vacant ones included");
  line.option("count", "K", "structures of each composition, default 1");
  line.option("pairs", "Å", "longest pairs that count, default 2.01 times the nearest distance of varied sites");
  line.option("triplets", "Å", "the same of triplets, default 1.45 times it");
  line.option("quadruplets", "Å", "the same of quadruplets, default 1.01 times it");
  line.option("threads", "N", "results do not depend on them; default: all cores");
  line.option("out", "DIR", "write the structures there; an existing folder is not overwritten");
  line.option("format", "F", "extxyz | cif | poscar, default extxyz");
  line.flag("json", "one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  const auto atoms = line.integer("atoms", 1, 1000);
  if (!atoms) throw InputError("sqs: --atoms is missing, the number of sites of the supercell");
  const std::string format = one_of(line, "format", {"extxyz", "cif", "poscar"}, "extxyz");
  const QuasirandomSettings settings{
      .atoms = static_cast<int>(*atoms),
      .count = static_cast<std::size_t>(line.integer("count", 1, 1000).value_or(1)),
      .threads = static_cast<std::size_t>(
          line.integer("threads", 1, 4096).value_or(std::max(1U, std::thread::hardware_concurrency()))),
      .pairs = line.number("pairs", "Å", 0, 100),
      .triplets = line.number("triplets", "Å", 0, 100),
      .quadruplets = line.number("quadruplets", "Å", 0, 100)};
  const auto out = line.value("out");
  if (out) require_new_place(*out, Parents::kAreMade);

  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  std::vector<QuasirandomResult> results;
  Problems problems;
  for (const SearchSpace& space : loaded.spaces) search_space(space, settings, results, problems);
  problems.throw_if_any();

  std::vector<std::string> files;
  if (out) files = write_new_folder(*out, files_of(results, format));
  if (line.has("json")) {
    Json json = Json::array();
    for (const QuasirandomResult& result : results) json.push_back(json_of(result));
    std::cout << json_text(Json({{"atoms", settings.atoms}, {"compositions", json}, {"files", files}}), 2) << "\n";
    return ExitCode::kDone;
  }
  for (const QuasirandomResult& result : results) print_result(result);
  if (out) print_files(*out, files);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
