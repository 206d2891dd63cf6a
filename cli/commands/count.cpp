/// @file
/// `hullscan count`: exact counts, by enumeration only where minimum distances leave no formula.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <map>
#include <optional>

#include "campaign/enumeration_cost.hpp"
#include "campaign/looser_symmetry_text.hpp"
#include "campaign/marked_pairs.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/text_table.hpp"
#include "core/big_integer.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "enumerator/files/space_group_symbols.hpp"
#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/sampling/composition_sampler.hpp"
#include "enumerator/space/space_group_histogram.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan::cli {
namespace {

Json matrix_json(const SupercellMatrix& matrix) {
  Json rows = Json::array();
  for (int i = 0; i < 3; ++i) rows.push_back({matrix(i, 0), matrix(i, 1), matrix(i, 2)});
  return rows;
}

Json counts_json(const ParentCrystal& parent, const CompositionCounts& counts) {
  Json json = Json::object();
  for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
    const Sublattice& sublattice = parent.sublattices[s];
    for (std::size_t k = 0; k < sublattice.allowed.size(); ++k) {
      json[sublattice.name + "." + std::string(sublattice.allowed[k].symbol())] = counts.of_sublattice[s][k];
    }
  }
  return json;
}

/// The orbits of marked objects that hold a composition, whose strata these are. "orbit" is the number that `enumerate`
/// writes.
Json markers_json(std::span<const SpaceStratum> strata, StratumCounts& counts) {
  Json json = Json::array();
  for (const SpaceStratum& stratum : strata) {
    const MarkerOrbit& orbit = stratum.space->markers(stratum.supercell())[*stratum.marker];
    const auto count = counts.of(stratum);
    json.push_back({{"orbit", *stratum.marker},
                    {"size", orbit.size},
                    {"total", count ? Json(count->total.str()) : Json()},
                    {"inequivalent", count ? Json(count->inequivalent.str()) : Json()},
                    {"labels", marked_labels(*stratum.space, stratum.supercell(), orbit)},
                    {"sites", orbit.sites},
                    {"distance_angstrom", orbit.distance_angstrom}});
  }
  return json;
}

void print_markers(const SearchSpace& space) {
  for (std::size_t i = 0; i < space.supercells().size(); ++i) {
    for (std::size_t m = 0; m < space.markers(i).size(); ++m) {
      const MarkerOrbit& orbit = space.markers(i)[m];
      fmt::print("  {}: marked orbit {}: {} × {}{}\n", matrix_text(space.supercells()[i]->matrix()), m, orbit.size,
                 fmt::join(marked_labels(space, i, orbit), "-"),
                 orbit.sites.size() == 2 ? fmt::format(", {:.3f} Å", orbit.distance_angstrom) : "");
    }
  }
}

struct Totals {
  BigInteger total = 0, inequivalent = 0;
  void add(const OrbitCount& count) {
    total += count.total;
    inequivalent += count.inequivalent;
  }
};

/// Space groups of configurations, found by enumerating them.
class SpaceGroups {
 public:
  using Shares = std::map<int, Totals>;

  /// Shares of the strata of one composition. Supercells come one after the other.
  Shares of(std::span<const SpaceStratum> strata) {
    Shares shares;
    for (const SpaceStratum& stratum : strata) add(stratum, shares);
    return shares;
  }

 private:
  void add(const SpaceStratum& stratum, Shares& shares) {
    const SearchSpace& space = *stratum.space;
    const std::size_t supercell = stratum.supercell();
    if (&space != space_ || supercell != supercell_) symmetry_.clear();
    space_ = &space;
    supercell_ = supercell;
    auto known = symmetry_.find(stratum.marker);
    if (known == symmetry_.end()) {
      known = symmetry_
                  .emplace(stratum.marker, stratum.marker ? ConfigurationSymmetry(space, supercell, *stratum.marker)
                                                          : ConfigurationSymmetry(space, supercell))
                  .first;
    }
    for (const auto& [number, share] :
         space_group_histogram(space, supercell, stratum.composition, known->second, stratum.marker)) {
      shares[number].add({share.labelled, share.orbits});
    }
  }

  const SearchSpace* space_ = nullptr;
  std::size_t supercell_ = 0;
  std::map<std::optional<std::size_t>, ConfigurationSymmetry> symmetry_;
};

/// Orbits that enumerating will meet; 0 if a space has no exact count.
double expected_orbits(const Strata& strata) {
  const auto count = exact_count(strata);
  return count ? count->inequivalent.convert_to<double>() : 0;
}

std::string space_group_text(int number) { return fmt::format("{} ({})", symbol_of_number(number), number); }

Json shares_json(const SpaceGroups::Shares& shares) {
  Json json = Json::array();
  for (const auto& [number, share] : shares) {
    json.push_back({{"number", number},
                    {"symbol", symbol_of_number(number)},
                    {"total", share.total.str()},
                    {"inequivalent", share.inequivalent.str()}});
  }
  return json;
}

}  // namespace

ExitCode run_count(const Arguments& arguments) {
  CommandLine line("count FILE [--space-groups] [--json]",
                   "Exact counts of every composition of every supercell, without enumerating.");
  line.flag("space-groups",
            "share every composition out among the space groups of its configurations; enumerates them");
  line.flag("json", "one JSON object");
  line.positionals("FILE, a campaign file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  const Strata strata(loaded.spaces);
  StratumCounts exact;
  Json spaces = Json::array();
  TextTable table({"space", "supercell", "sites", "|G|", "composition", "configurations", "inequivalent"},
                  {'l', 'l', 'r', 'r', 'l', 'r', 'r'});
  const bool with_groups = line.has("space-groups");
  TextTable group_table({"space", "supercell", "composition", "space group", "configurations", "inequivalent"},
                        {'l', 'l', 'l', 'l', 'r', 'r'});
  SpaceGroups space_groups;
  SpaceGroups::Shares all_groups;
  EnumerationCost cost;
  std::optional<Progress> progress;
  if (with_groups) {
    const double expected = expected_orbits(strata);
    if (expected > static_cast<double>(kManyOrbits)) {
      log_warning(
          fmt::format("--space-groups enumerates {:.2g} orbits; count alone says how long that takes", expected));
    }
    progress.emplace("finding space groups", expected, "orbits");
  }
  Totals all;
  std::vector<std::optional<LooserSymmetry>> looser;  // [space]
  for (std::size_t s = 0; s < loaded.spaces.size(); ++s) {
    const SearchSpace& space = loaded.spaces[s];
    Json supercells = Json::array();
    for (std::size_t i = 0; i < space.supercells().size(); ++i) {
      const Supercell& supercell = *space.supercells()[i];
      Totals of_supercell;
      Json compositions = Json::array();
      for (const auto& strata_of_one : strata.by_composition(s, i)) {
        const SpaceStratum& first = strata_of_one.front();
        const CompositionCounts& counts = first.counts();
        const std::string formula = first.formula();
        auto count = exact.of_composition(first);
        SpaceGroups::Shares shares;
        if (with_groups) {
          shares = space_groups.of(strata_of_one);
          OrbitCount sum{0, 0};
          for (const auto& [number, share] : shares) {
            sum.total += share.total;
            sum.inequivalent += share.inequivalent;
            all_groups[number].add({share.total, share.inequivalent});
            group_table.row({space.name(), matrix_text(supercell.matrix()), formula, space_group_text(number),
                             grouped(share.total.str()), grouped(share.inequivalent.str())});
          }
          if (count && *count != sum)
            throw Error(
                fmt::format("the space groups of {} do not sum to its count; this is a fault of hullscan", formula));
          count = sum;
        }
        if (!count) count = count_by_enumeration(space, i, first.composition);  // minimum distances have no formula
        if (!count) {
          throw InputError(
              fmt::format("{}: {}: what min_distance leaves takes too long to count here; count "
                          "--space-groups and enumerate --discard take their time",
                          space.name(), formula));
        }
        of_supercell.add(*count);
        if (progress) progress->update(BigInteger(all.inequivalent + of_supercell.inequivalent).convert_to<double>());
        cost.add(first, count->inequivalent);
        compositions.push_back({{"counts", counts_json(*space.parent(), counts)},
                                {"formula", formula},
                                {"total", count->total.str()},
                                {"inequivalent", count->inequivalent.str()}});
        if (with_groups) compositions.back()["space_groups"] = shares_json(shares);
        if (!space.markers(i).empty()) compositions.back()["markers"] = markers_json(strata_of_one, exact);
        // A volume range lists compositions that only copies of smaller cells have; a reader has no use for the empty
        // rows.
        if (count->total == 0) continue;
        table.row({space.name(), matrix_text(supercell.matrix()), std::to_string(supercell.sites().size()),
                   std::to_string(space.operations(i).count()), formula, grouped(count->total.str()),
                   grouped(count->inequivalent.str())});
      }
      all.total += of_supercell.total;
      all.inequivalent += of_supercell.inequivalent;
      supercells.push_back({{"matrix", matrix_json(supercell.matrix())},
                            {"sites", supercell.sites().size()},
                            {"group_order", space.operations(i).count()},
                            {"total", of_supercell.total.str()},
                            {"inequivalent", of_supercell.inequivalent.str()},
                            {"compositions", std::move(compositions)}});
    }
    spaces.push_back({{"name", space.name()},
                      {"space_group",
                       fmt::format("{} ({})", space.parent()->space_group_symbol, space.parent()->space_group_number)},
                      {"supercells", std::move(supercells)}});
    looser.push_back(looser_symmetry(space));
    if (looser.back()) spaces.back()["looser_symmetry"] = looser_symmetry_json(*looser.back());
  }

  progress.reset();
  const bool many = all.inequivalent > kManyOrbits;
  if (many) cost.measure();
  if (line.has("json")) {
    Json json = {{"campaign", loaded.campaign.name},
                 {"total", all.total.str()},
                 {"inequivalent", all.inequivalent.str()},
                 {"spaces", std::move(spaces)}};
    if (with_groups) json["space_groups"] = shares_json(all_groups);
    if (many) json["enumeration"] = cost.json();
    std::cout << json_text(json, 2) << "\n";
    return ExitCode::kDone;
  }
  for (std::size_t s = 0; s < loaded.spaces.size(); ++s) {
    const SearchSpace& space = loaded.spaces[s];
    fmt::print("{}: {} ({}), found at symprec {} Å; {} supercell{}\n", space.name(), space.parent()->space_group_symbol,
               space.parent()->space_group_number, space.parent()->symprec_angstrom, space.supercells().size(),
               space.supercells().size() == 1 ? "" : "s");
    if (looser[s]) fmt::print("  {}\n", looser_symmetry_text(*looser[s]));
    print_markers(space);
  }
  std::cout << "\n" << table.str();
  if (with_groups) {
    for (const auto& [number, share] : all_groups) {
      group_table.row(
          {"all", "", "", space_group_text(number), grouped(share.total.str()), grouped(share.inequivalent.str())});
    }
    std::cout << "\n" << group_table.str();
  }
  fmt::print("\ntotal: {} configurations, {} inequivalent\n", grouped(all.total.str()),
             grouped(all.inequivalent.str()));
  if (many) std::cout << cost.advice(loaded.spaces);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
