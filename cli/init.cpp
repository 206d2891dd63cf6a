/// @file
/// `hullscan init`: a commented campaign.toml for a structure file.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/peer_inputs.hpp"
#include "core/campaign.hpp"
#include "core/composition.hpp"
#include "enumerator/crystal_reader.hpp"
#include "enumerator/search_space.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

struct Variation {
  std::string sites;               ///< element or label
  std::vector<std::string> added;  ///< symbols
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string::size_type begin = 0;
  while (true) {
    const auto end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

Variation parse_variation(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw InputError(
        fmt::format("--vary {}: expected SITES=SPECIES[,SPECIES …], as in --vary Pb=Zn,Cd or --vary Li=Va", text));
  }
  Variation variation{text.substr(0, equals), split(text.substr(equals + 1), ',')};
  for (std::string& symbol : variation.added) symbol = std::string(Species::from_symbol(symbol).symbol());
  return variation;
}

/// Symbols that sit on the selected sites in the file; empty if nothing matches.
std::set<std::string> occupants(const Crystal& crystal, const std::string& sites) {
  std::set<std::string> symbols;
  for (const CrystalSite& site : crystal.sites) {
    const bool match =
        site.label == sites || std::any_of(site.occupants.begin(), site.occupants.end(),
                                           [&](const Occupant& o) { return o.species.symbol() == sites; });
    if (!match) continue;
    for (const Occupant& occupant : site.occupants) symbols.emplace(occupant.species.symbol());
  }
  return symbols;
}

std::string site_list(const Crystal& crystal) {
  std::vector<std::string> order;
  std::map<std::string, std::pair<int, std::string>> found;
  for (const CrystalSite& site : crystal.sites) {
    auto [entry, fresh] = found.try_emplace(site.label, 0, "");
    if (fresh) {
      order.push_back(site.label);
      std::vector<std::string> parts;
      for (const Occupant& o : site.occupants) {
        parts.push_back(o.occupancy == 1.0 ? std::string(o.species.symbol())
                                           : fmt::format("{:.4g} {}", o.occupancy, o.species.symbol()));
      }
      entry->second.second = fmt::format("{}", fmt::join(parts, " + "));
    }
    ++entry->second.first;
  }
  std::string text;
  for (const std::string& label : order) {
    text += fmt::format("#   {:<6} {:>3} × {}\n", label, found[label].first, found[label].second);
  }
  return text;
}

SublatticeText varied(const Crystal& crystal, const Variation& variation) {
  const std::set<std::string> present = occupants(crystal, variation.sites);
  if (present.empty()) {
    std::set<std::string> names;
    for (const CrystalSite& site : crystal.sites) {
      names.insert(site.label);
      for (const Occupant& o : site.occupants) names.emplace(o.species.symbol());
    }
    throw InputError(
        fmt::format("--vary {}: matches no site; the file has: {}", variation.sites, fmt::join(names, ", ")));
  }
  std::string species;
  bool first = true;
  for (const std::string& symbol : present) {
    species += fmt::format("{}{} = \"{}\"", first ? "" : ", ", symbol, first ? "rest" : "0%..100%");
    first = false;
  }
  for (const std::string& symbol : variation.added) {
    if (present.count(symbol) == 0) species += fmt::format(", {} = \"0%..100%\"", symbol);
  }
  return {fmt::format("\"{}\"", variation.sites), species};
}

std::string toml(const SublatticeText& sublattice) {
  return fmt::format(
      "\n[[space.sublattice]]\nsites = {}                     # atom-site label, element, or Wyckoff position "
      "such as \"4b\"\n"
      "species = {{ {} }}   # n, \"a..b\", [list], \"5%..10%\" of the sites, \"rest\"; Va = vacancy\n",
      sublattice.sites, sublattice.species);
}

}  // namespace

ExitCode run_init(const Arguments& arguments) {
  CommandLine line(
      "init STRUCTURE [--vary Pb=Zn,Cd …] [--supercell 2x2x1] [--out campaign.toml]",
      "Writes a commented campaign file for a CIF, POSCAR or extXYZ file, or for the input of another program, and "
      "prints what it found there.");
  line.option("vary", "SITES=SPECIES,…",
              "let these species, besides those in the file, take the sites; may be repeated");
  line.option("supercell", "AxBxC", "default 1x1x1");
  line.option("block", "NAME", "CIF data block");
  line.option("from-csslib", "CONFIG.json", "a configuration of CSSlib, instead of STRUCTURE");
  line.option("from-supercell", "FILE.cif", "a CIF with mixed sites for the supercell program, instead of STRUCTURE");
  line.option("population", "LABEL=N", "with --from-supercell: so many atoms, as its -p LABEL:p=N; may be repeated");
  line.option("out", "FILE", "default campaign.toml; - for standard output; an existing file is not overwritten");
  line.positionals("STRUCTURE, a CIF, POSCAR or extXYZ file", 0, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  const auto csslib = line.value("from-csslib"), mixed_cif = line.value("from-supercell");
  if (line.positional().size() + (csslib ? 1 : 0) + (mixed_cif ? 1 : 0) != 1) {
    throw InputError("init: expected one of STRUCTURE, --from-csslib CONFIG.json, --from-supercell FILE.cif");
  }
  if ((csslib || mixed_cif) && line.has("vary")) throw InputError("--vary: only with STRUCTURE");
  if (csslib && line.has("supercell")) throw InputError("--supercell: the configuration of CSSlib says it");
  if (line.has("population") && !mixed_cif) throw InputError("--population: only with --from-supercell");

  PeerInput input;
  input.supercell = parse_supercell(line.value("supercell").value_or("1x1x1"), "--supercell");
  if (csslib) {
    input = read_csslib(*csslib);
  } else {
    input.structure = mixed_cif ? *mixed_cif : line.positional()[0];
  }
  const fs::path& structure = input.structure;
  const std::string out = line.value("out").value_or("campaign.toml");
  const Crystal crystal = read_crystal(structure, line.value("block").value_or(""));
  if (mixed_cif) input = read_supercell_program(*mixed_cif, crystal, input.supercell, line.values("population"));

  std::vector<Variation> variations;
  for (const std::string& text : line.values("vary")) variations.push_back(parse_variation(text));
  // Without --vary the mixed sites of the file are what varies.
  if (variations.empty() && !csslib && !mixed_cif) {
    std::set<std::string> mixed;
    for (const CrystalSite& site : crystal.sites) {
      if (site.occupants.size() > 1 && mixed.insert(site.label).second) variations.push_back({site.label, {}});
    }
  }

  for (const Variation& variation : variations) input.sublattices.push_back(varied(crystal, variation));

  const fs::path folder = out == "-" ? fs::current_path() : fs::absolute(out).parent_path();
  const std::string name = structure.stem().string();
  std::string text = fmt::format(
      "# A hullscan campaign. Check it: hullscan check {0}; count the space: hullscan count {0}; run it: hullscan "
      "run {0}\n",
      out == "-" ? "campaign.toml" : out);
  text += fmt::format("name = \"{}\"\nseed = 1                            # every random choice derives from it\n\n",
                      name);
  text += "[[space]]\n";
  text += fmt::format("structure = \"{}\"\n", fs::absolute(structure).lexically_proximate(folder).string());
  if (line.has("block")) text += fmt::format("block = \"{}\"\n", *line.value("block"));
  text += "# sites in this file, in its unit cell:\n" + site_list(crystal);
  text += "symprec = 1e-3                      # Å; the symmetry is found from the coordinates\n";
  text +=
      fmt::format("supercell = [{}]            # or three integer rows, or volume = [1, 4] for every distinct cell\n",
                  fmt::join(input.supercell, ", "));
  if (input.sublattices.empty()) {
    text += "\n# No site of the file is mixed. Say which vary, for example:\n# [[space.sublattice]]\n# sites = \"" +
            crystal.sites.front().label + "\"\n# species = { A = \"rest\", B = \"0..2\" }\n";
  }
  for (const SublatticeText& sublattice : input.sublattices) text += toml(sublattice);
  text +=
      "\n# [[surrogate]]\n# kind = \"cluster-expansion\"\n# pairs = 8.0                       # Å\n# triplets = 5.0\n"
      "\n# [select]\n# policy = \"hull-distance\"\n# initial = 20\n# per_round = 20\n# rounds = 5\n"
      "\n# [dft]\n# code = \"quantum-espresso\"\n# calculation = \"vc-relax\"\n# pseudo_dir = \"…\"\n# "
      "pseudopotentials = { … }\n"
      "# ecutwfc = 40                      # Ry\n# kpoint_spacing = 0.25             # 1/Å\n"
      "\n# [run]\n# slots = 2                         # calculations at a time\n";

  if (!input.sublattices.empty()) {
    // What is written must be a campaign: it is read back and its space is built before anything reaches the disk.
    const SearchSpace space = SearchSpace::build(parse_campaign(text, folder / "campaign.toml").spaces.front());
    fmt::print(stderr, "{}: {} ({}) found at symprec 0.001 Å; {} sites in the supercell, {} operations\n",
               structure.string(), space.parent()->space_group_symbol, space.parent()->space_group_number,
               space.supercells().front()->sites().size(), space.operations(0).count());
  }
  if (out == "-") {
    std::cout << text;
    return ExitCode::kDone;
  }
  if (fs::exists(out)) throw InputError(fmt::format("{}: exists already; choose another name with --out", out));
  write_durably(fs::absolute(out), text);
  fmt::print("{}\n", out);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
