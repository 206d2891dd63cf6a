/// @file
/// `hullscan count`: exact counts, by enumeration only where minimum distances leave no formula.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <optional>

#include "analysis/report/report_parts.hpp"
#include "campaign/counting.hpp"
#include "campaign/enumeration_cost.hpp"
#include "campaign/looser_symmetry_text.hpp"
#include "campaign/marked_pairs.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "core/big_integer.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/text_table.hpp"
#include "enumerator/files/space_group_symbols.hpp"

namespace hullscan::cli {
namespace {

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

/// The orbits of marked objects that hold a composition. "orbit" is the number that `enumerate` writes.
Json markers_json(const std::vector<MarkerCount>& markers) {
  Json json = Json::array();
  for (const auto& [stratum, count] : markers) {
    const MarkerOrbit& orbit = stratum.space->markers(stratum.supercell())[*stratum.marker];
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

std::string space_group_text(int number) { return fmt::format("{} ({})", symbol_of_number(number), number); }

Json space_groups_json(const SpaceGroupCounts& counts) {
  Json json = Json::array();
  for (const auto& [number, count] : counts) {
    json.push_back({{"number", number},
                    {"symbol", symbol_of_number(number)},
                    {"total", count.total.str()},
                    {"inequivalent", count.inequivalent.str()}});
  }
  return json;
}

Json compositions_json(const SearchSpace& space, const SupercellCount& supercell, bool space_groups) {
  Json json = Json::array();
  for (const CompositionCount& one : supercell.compositions) {
    json.push_back({{"counts", counts_json(*space.parent(), one.first.counts())},
                    {"formula", one.first.formula()},
                    {"total", one.count.total.str()},
                    {"inequivalent", one.count.inequivalent.str()}});
    if (space_groups) json.back()["space_groups"] = space_groups_json(one.space_groups);
    if (!space.markers(supercell.supercell).empty()) json.back()["markers"] = markers_json(one.markers);
  }
  return json;
}

Json space_json(const SpaceCount& counted, bool space_groups) {
  const SearchSpace& space = *counted.space;
  Json supercells = Json::array();
  for (const SupercellCount& of_supercell : counted.supercells) {
    const Supercell& supercell = *space.supercells()[of_supercell.supercell];
    supercells.push_back({{"matrix", matrix_json(supercell.matrix())},
                          {"sites", supercell.sites().size()},
                          {"group_order", space.operations(of_supercell.supercell).count()},
                          {"total", of_supercell.count.total.str()},
                          {"inequivalent", of_supercell.count.inequivalent.str()},
                          {"compositions", compositions_json(space, of_supercell, space_groups)}});
  }
  Json json = {
      {"name", space.name()},
      {"space_group", fmt::format("{} ({})", space.parent()->space_group_symbol, space.parent()->space_group_number)},
      {"supercells", std::move(supercells)}};
  if (counted.looser) json["looser_symmetry"] = looser_symmetry_json(*counted.looser);
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

void print_spaces(const CampaignCount& counted) {
  for (const SpaceCount& of_space : counted.spaces) {
    const SearchSpace& space = *of_space.space;
    fmt::print("{}: {} ({}), found at symprec {} Å; {} supercell{}\n", space.name(), space.parent()->space_group_symbol,
               space.parent()->space_group_number, space.parent()->symprec_angstrom, space.supercells().size(),
               space.supercells().size() == 1 ? "" : "s");
    if (of_space.looser) fmt::print("  {}\n", looser_symmetry_text(*of_space.looser));
    print_markers(space);
  }
}

void print_compositions(const CampaignCount& counted) {
  TextTable table({"space", "supercell", "sites", "|G|", "composition", "configurations", "inequivalent"},
                  {'l', 'l', 'r', 'r', 'l', 'r', 'r'});
  for (const SpaceCount& of_space : counted.spaces) {
    const SearchSpace& space = *of_space.space;
    for (const SupercellCount& of_supercell : of_space.supercells) {
      const Supercell& supercell = *space.supercells()[of_supercell.supercell];
      for (const CompositionCount& one : of_supercell.compositions) {
        // A volume range lists compositions that only copies of smaller cells have; a reader has no use for the empty
        // rows.
        if (one.count.total == 0) continue;
        table.row({space.name(), matrix_text(supercell.matrix()), std::to_string(supercell.sites().size()),
                   std::to_string(space.operations(of_supercell.supercell).count()), one.first.formula(),
                   grouped(one.count.total.str()), grouped(one.count.inequivalent.str())});
      }
    }
  }
  std::cout << "\n" << table.str(output_columns());
}

void print_space_groups(const CampaignCount& counted) {
  TextTable table({"space", "supercell", "composition", "space group", "configurations", "inequivalent"},
                  {'l', 'l', 'l', 'l', 'r', 'r'});
  for (const SpaceCount& of_space : counted.spaces) {
    for (const SupercellCount& of_supercell : of_space.supercells) {
      const SupercellMatrix& matrix = of_space.space->supercells()[of_supercell.supercell]->matrix();
      for (const CompositionCount& one : of_supercell.compositions) {
        for (const auto& [number, count] : one.space_groups) {
          table.row({of_space.space->name(), matrix_text(matrix), one.first.formula(), space_group_text(number),
                     grouped(count.total.str()), grouped(count.inequivalent.str())});
        }
      }
    }
  }
  for (const auto& [number, count] : counted.space_groups) {
    table.row({"all", "", "", space_group_text(number), grouped(count.total.str()), grouped(count.inequivalent.str())});
  }
  std::cout << "\n" << table.str(output_columns());
}

/// What enumerating all would cost, where it is so much that somebody will ask.
std::optional<EnumerationCost> cost_of_many(const CampaignCount& counted) {
  if (counted.count.inequivalent <= kManyOrbits) return std::nullopt;
  EnumerationCost cost;
  for (const SpaceCount& of_space : counted.spaces) {
    for (const SupercellCount& of_supercell : of_space.supercells) {
      for (const CompositionCount& one : of_supercell.compositions) cost.add(one.first, one.count.inequivalent);
    }
  }
  cost.measure();
  return cost;
}

/// With a progress line, because it enumerates.
CampaignCount count_with_space_groups(const std::vector<SearchSpace>& spaces) {
  const auto count = exact_count(Strata(spaces));
  const double expected = count ? count->inequivalent.convert_to<double>() : 0;
  if (expected > static_cast<double>(kManyOrbits)) {
    log_warning(fmt::format("--space-groups enumerates {:.2g} orbits; count alone says how long that takes", expected));
  }
  Progress progress("finding space groups", expected, "orbits");
  return count_campaign(spaces, true, [&](const BigInteger& orbits) { progress.update(orbits.convert_to<double>()); });
}

void print_json(const CampaignCount& counted, const Campaign& campaign, bool space_groups,
                const std::optional<EnumerationCost>& cost) {
  Json spaces = Json::array();
  for (const SpaceCount& space : counted.spaces) spaces.push_back(space_json(space, space_groups));
  Json json = {{"campaign", campaign.name},
               {"total", counted.count.total.str()},
               {"inequivalent", counted.count.inequivalent.str()},
               {"spaces", std::move(spaces)}};
  if (space_groups) json["space_groups"] = space_groups_json(counted.space_groups);
  if (cost) json["enumeration"] = cost->json();
  std::cout << json_text(json, 2) << "\n";
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
  const bool space_groups = line.has("space-groups");
  const CampaignCount counted =
      space_groups ? count_with_space_groups(loaded.spaces) : count_campaign(loaded.spaces, false);
  const std::optional<EnumerationCost> cost = cost_of_many(counted);
  if (line.has("json")) {
    print_json(counted, loaded.campaign, space_groups, cost);
    return ExitCode::kDone;
  }
  print_spaces(counted);
  print_compositions(counted);
  if (space_groups) print_space_groups(counted);
  fmt::print("\ntotal: {} configurations, {} inequivalent\n", grouped(counted.count.total.str()),
             grouped(counted.count.inequivalent.str()));
  if (cost) std::cout << cost->advice(loaded.spaces);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
