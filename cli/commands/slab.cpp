/// @file
/// `hullscan slab`: distinct lattice planes, slabs with their terminations, adsorption sites, and a campaign over them.

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <map>

#include "campaign/drafts/adsorbate_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/text_table.hpp"
#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/crystal/slab.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "enumerator/files/crystal_reader.hpp"
#include "storage/durable_file.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kBond = 2.0;  ///< Å

std::string hkl_text(const Eigen::Vector3i& hkl) { return fmt::format("{} {} {}", hkl[0], hkl[1], hkl[2]); }

Eigen::Vector3i parse_miller(const std::string& text) {
  Eigen::Vector3i hkl;
  std::string::size_type begin = 0;
  for (int i = 0; i < 3; ++i) {
    const auto end = i < 2 ? text.find(',', begin) : text.size();
    const std::string part = end == std::string::npos ? "" : text.substr(begin, end - begin);
    const bool negative = part.starts_with('-');
    const std::string digits = part.substr(negative ? 1 : 0);
    if (digits.empty() || digits.size() > 2 || digits.find_first_not_of("0123456789") != std::string::npos) {
      throw InputError(fmt::format("--miller {}: expected three integers, as in 1,1,0 or 1,-1,0", text));
    }
    hkl[i] = negative ? -std::stoi(digits) : std::stoi(digits);
    begin = end + 1;
  }
  if (hkl.isZero()) throw InputError("--miller 0,0,0: is not a plane");
  return hkl;
}

double parse_length(const CommandLine& line, const std::string& name, double otherwise) {
  return line.number(name, "Å", 1e-3, 1000).value_or(otherwise);
}

ExitCode list_planes(const ParentCrystal& parent, int largest, bool as_json) {
  Json json = Json::array();
  TextTable table({"hkl", "planes", "spacing / Å", "area of 1 × 1 / Å²", "terminations"}, {'l', 'r', 'r', 'r', 'r'});
  for (const MillerClass& plane : distinct_miller_indices(parent, largest)) {
    const Surface surface(parent, plane.hkl);
    json.push_back({{"hkl", {plane.hkl[0], plane.hkl[1], plane.hkl[2]}},
                    {"planes", plane.members},
                    {"spacing_angstrom", plane.spacing_angstrom},
                    {"area_square_angstrom", surface.area_square_angstrom()},
                    {"terminations", surface.terminations().size()}});
    table.row({hkl_text(plane.hkl), std::to_string(plane.members), fmt::format("{:.4f}", plane.spacing_angstrom),
               fmt::format("{:.4f}", surface.area_square_angstrom()), std::to_string(surface.terminations().size())});
  }
  if (as_json) {
    std::cout << json_text(Json({{"planes", json}}), 2) << "\n";
  } else {
    std::cout << table.str(output_columns()) << "\n"
              << json.size() << " distinct planes with indices up to " << largest << "\n";
  }
  return ExitCode::kDone;
}

}  // namespace

ExitCode run_slab(const Arguments& arguments) {
  CommandLine line("slab STRUCTURE (--max-index N | --miller H,K,L [--layers N] [--adsorbate O] [--out DIR]) [--json]",
                   "Distinct lattice planes of a crystal, or a slab with its adsorption sites.");
  line.option("max-index", "N", "list the planes with indices up to N that symmetry distinguishes");
  line.option("miller", "H,K,L", "the plane, in the cell of the file");
  line.option("layers", "N", "atomic planes of the slab, default 4");
  line.option("vacuum", "Å", "default 15");
  line.option("termination", "N", "which of the plane's terminations, default 0");
  line.option("adsorbate", "X", "an element, or a structure file of a molecule whose first atom binds");
  line.option("bond", "Å", "distance from a site to its nearest surface atoms, default 2.0");
  line.option("out", "DIR",
              "write slab.cif, and with an adsorbate sites.extxyz, campaign.toml and its structures there");
  line.flag("json", "one JSON object");
  line.positionals("STRUCTURE, a CIF, POSCAR or extXYZ file", 1, 1);
  if (!line.parse(arguments)) return ExitCode::kDone;
  if (line.has("max-index") == line.has("miller"))
    throw InputError("slab: give either --max-index N or --miller H,K,L");
  const std::optional<Eigen::Vector3i> hkl =
      line.has("miller") ? std::optional(parse_miller(*line.value("miller"))) : std::nullopt;
  const double vacuum = parse_length(line, "vacuum", 15), bond = parse_length(line, "bond", kBond);
  const int layers = static_cast<int>(line.integer("layers", 1, 200).value_or(4));

  Problems problems;
  const auto parent = build_parent(read_crystal(line.positional()[0], ""), SpaceSpec{}, problems);
  problems.throw_if_any();
  if (!hkl) return list_planes(*parent, static_cast<int>(*line.integer("max-index", 1, 6)), line.has("json"));

  const Surface surface(*parent, *hkl);
  const auto& terminations = surface.terminations();
  const auto number = static_cast<std::size_t>(line.integer("termination", 0, 1000).value_or(0));
  if (number >= terminations.size()) {
    throw InputError(fmt::format("--termination {}: this plane has {}, numbered from 0", number, terminations.size()));
  }
  const Surface::Slab slab = surface.slab(terminations[number], layers, vacuum);
  const auto sites = surface.adsorption_sites(terminations[number], slab, bond);

  std::map<int, int> per_cell;
  for (const auto& site : sites) ++per_cell[site.orbit];
  Json json_sites = Json::array();
  TextTable table({"site", "per 1 × 1", "neighbours", "height / Å"}, {'l', 'r', 'r', 'r'});
  int last = -1;
  for (const auto& site : sites) {
    if (site.orbit == last) continue;
    last = site.orbit;
    const Eigen::Vector3d place = slab.structure.lattice.to_cartesian(site.position).x;
    json_sites.push_back({{"site", site.name},
                          {"per_cell", per_cell[site.orbit]},
                          {"neighbours", site.neighbours},
                          {"height_angstrom", place[2] - slab.top_angstrom},
                          {"position", {site.position.x[0], site.position.x[1], site.position.x[2]}}});
    table.row({site.name, std::to_string(per_cell[site.orbit]), std::to_string(site.neighbours),
               fmt::format("{:.3f}", place[2] - slab.top_angstrom)});
  }

  if (const auto out = line.value("out")) {
    if (fs::exists(*out)) throw InputError(*out + ": exists already; choose another directory with --out");
    const fs::path folder = fs::absolute(*out);
    const std::string name = fmt::format("slab-{}{}{}", (*hkl)[0], (*hkl)[1], (*hkl)[2]);
    std::map<std::string, std::string> files{{"slab.cif", to_cif(slab.structure, name)}};
    if (const auto asked = line.value("adsorbate")) {
      const Adsorbate adsorbate = read_adsorbate(*asked);
      int seen = -1;
      for (const auto& site : sites) {
        if (site.orbit == seen) continue;
        seen = site.orbit;
        files["sites.extxyz"] += to_extxyz(with_adsorbate(slab.structure, site.position, adsorbate),
                                           {{"site", site.name}, {"per_cell", std::to_string(per_cell[site.orbit])}});
      }
      AdsorbateCampaign campaign = adsorbate_campaign(name, slab.structure, sites, adsorbate);
      files.merge(campaign.files);
      for (const std::string& remark : campaign.remarks) log_warning(remark);
    }
    fs::create_directories(folder);
    for (const auto& [file, text] : files) write_durably(folder / file, text);
  }

  if (line.has("json")) {
    std::cout << json_text(Json({{"hkl", {(*hkl)[0], (*hkl)[1], (*hkl)[2]}},
                                 {"terminations", terminations.size()},
                                 {"atoms", slab.structure.atom_count()},
                                 {"area_square_angstrom", surface.area_square_angstrom()},
                                 {"sites", json_sites}}),
                           2)
              << "\n";
  } else {
    fmt::print("({}): {} termination{}, {} atoms, {:.4f} Å²\n\n{}", hkl_text(*hkl), terminations.size(),
               terminations.size() == 1 ? "" : "s", slab.structure.atom_count(), surface.area_square_angstrom(),
               table.str(output_columns()));
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
