/// @file
/// `hullscan init`: a commented campaign.toml for a structure file.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>
#include <sstream>

#include "campaign/drafts/guessed_charges.hpp"
#include "campaign/drafts/peer_inputs.hpp"
#include "campaign/drafts/varied_sites.hpp"
#include "campaign/looser_symmetry_text.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/campaign/campaign.hpp"
#include "core/campaign/toml_text.hpp"
#include "core/foreign_text.hpp"
#include "core/log.hpp"
#include "core/names.hpp"
#include "core/species.hpp"
#include "enumerator/files/crystal_reader.hpp"
#include "enumerator/space/search_space.hpp"
#include "storage/durable_file.hpp"
#include "surrogates/potentials/kim_calculator.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kMostSites = 1e6;

constexpr const char* kFurtherTables =
    "\n# [select]\n# policy = \"mixed\"\n# initial = 20\n# per_round = 10\n# rounds = 10\n"
    "\n# [dft]\n# code = \"quantum-espresso\"\n# calculation = \"vc-relax\"\n# pseudo_dir = \"…\"\n# "
    "pseudopotentials = { … }\n"
    "# ecutwfc = 40                      # Ry\n# kpoint_spacing = 0.25             # 1/Å\n"
    "\n# [run]\n# slots = 2                         # calculations at a time\n";

constexpr const char* kClusterExpansion =
    "# [[surrogate]]\n# kind = \"cluster-expansion\"\n# pairs = 8.0                       # Å\n"
    "# triplets = 5.0\n";

/// Potentials that rank where point charges say nothing, to be chosen by who knows them.
std::string potentials_text(const std::vector<Species>& elements) {
  constexpr std::size_t kMost = 6;
  const std::vector<std::string> models = potentials_for(elements, kMost);
  if (models.empty())
    return "# No OpenKIM potential that is installed has all of these elements in its name. The model below learns "
           "from "
           "calculations.\n";
  std::string text =
      "# A potential ranks instead, and gives mixing energies: choose one that is made for your question, and take the "
      "# away.\n"
      "# [[surrogate]]\n# kind = \"kim\"\n";
  for (const std::string& model : models)
    text += fmt::format("# {}model = {}\n", &model == &models.front() ? "" : "or: ", toml_quoted(model));
  return text + "# Or, once there are calculations to learn from:\n";
}

/// The model that ranks without a calculation, or why there is none; then the one to go on with.
std::string surrogate_text(const ChargeGuess& guess, const std::vector<Species>& elements) {
  if (guess.charges.empty()) {
    return fmt::format("\n# No [[surrogate]] is written that would rank without calculations, because {}.\n{}{}",
                       toml_comment(guess.why_none), potentials_text(elements), kClusterExpansion);
  }
  std::string text =
      "\n# A first ranking by the electrostatic energy of point charges on the sites. It needs no "
      "calculation.\n# The charges decide it: check them. With them ";
  text += toml_comment(guess.neutral) + ".\n# It ranks within a composition; a hull needs calculations.\n";
  for (const std::string& remark : guess.remarks) text += "# " + toml_comment(remark) + ".\n";
  text += "[[surrogate]]\nkind = \"electrostatic\"\n";
  for (const GuessedCharge& one : guess.charges) {
    const std::string line = fmt::format("oxidation.{} = {:.6g}", one.species.symbol(), one.charge);
    text += fmt::format("{:<35} # {}\n", line, toml_comment(one.why));
  }
  return text + "\n# Instead of it, once there are calculations to learn from:\n" + kClusterExpansion;
}

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

std::string toml(const SublatticeText& sublattice) {
  return fmt::format(
             "\n[[space.sublattice]]\n{}sites = {}                     # atom-site label, element, Wyckoff position "
             "such as \"4b\", or numbers of sites such as \"#1..4\"\n"
             "species = {{ {} }}   # n, \"a..b\", [list], \"5%..10%\" of the sites, \"rest\"; Va = vacancy\n",
             sublattice.name.empty() ? "" : fmt::format("name = {}\n", toml_quoted(sublattice.name)), sublattice.sites,
             sublattice.species) +
         (sublattice.of_file.empty()
              ? ""
              : fmt::format("# only the file's own composition, in whole atoms: species = {{ {} }}\n",
                            sublattice.of_file));
}

struct CampaignText {
  std::string out, structure, name, block;
  std::string sites;
  double symprec_angstrom = 1e-3;
  std::array<int, 3> supercell{1, 1, 1};
  std::vector<SublatticeText> sublattices;
  std::vector<std::string> remarks;  ///< about the sublattices
  bool varies_nothing = false;

  [[nodiscard]] std::string text(const std::string& looser, const std::string& surrogate = "") const {
    std::string text = fmt::format(
        "# A hullscan campaign. Check it: hullscan check {0}; count the space: hullscan count {0}; run it: hullscan "
        "run {0}\n",
        out == "-" ? "campaign.toml" : out);
    text += fmt::format("name = {}\nseed = 1                            # every random choice derives from it\n\n",
                        toml_quoted(name));
    text += fmt::format("[[space]]\nstructure = {}\n", toml_quoted(structure));
    if (!block.empty()) text += fmt::format("block = {}\n", toml_quoted(block));
    text += "# sites in this file, in its unit cell:\n" + sites;
    text += fmt::format("symprec = {:<25} # Å; the symmetry is found from the coordinates\n",
                        symprec_angstrom == 1e-3 ? "1e-3" : fmt::format("{}", symprec_angstrom));
    if (!looser.empty()) text += fmt::format("# {}\n", toml_comment(looser));
    text +=
        fmt::format("supercell = [{}]            # or three integer rows, or volume = [1, 4] for every distinct cell\n",
                    fmt::join(supercell, ", "));
    if (varies_nothing) {
      text +=
          "\n# No site of the file is mixed, so this is one configuration. Write what else may sit there, for example\n"
          "# species = { A = \"rest\", B = \"0..2\" }, and which other sites vary, in further [[space.sublattice]].\n";
    }
    for (const std::string& remark : remarks) text += fmt::format("\n# {}\n", remark);
    for (const SublatticeText& sublattice : sublattices) text += toml(sublattice);
    return text + surrogate + kFurtherTables;
  }
};

/// Sites of the supercell on which several species may sit.
std::size_t mixed_sites(const SearchSpace& space) {
  const Supercell& supercell = *space.supercells().front();
  std::size_t count = 0;
  for (std::size_t i = 0; i < supercell.varied_sites().size(); ++i) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(i)));
    count += space.parent()->sublattices[sublattice].allowed.size() > 1 ? 1 : 0;
  }
  return count;
}

/// The file's name as far as it may be a campaign's.
std::string campaign_name(const fs::path& structure) {
  const std::string name = readable_line(structure.stem().string(), 100);
  return fault_of_campaign_name(name).empty() ? name : "campaign";
}

/// What is written must be a campaign: it is read back and its space is built before anything reaches the disk.
SearchSpace space_of(const CampaignText& campaign, const fs::path& folder,
                     const std::shared_ptr<const Crystal>& crystal) {
  const fs::path file = folder / "campaign.toml";
  double sites = static_cast<double>(crystal->sites.size());
  for (const int n : campaign.supercell) sites *= n;
  if (sites > kMostSites) {
    throw InputError(
        fmt::format("{}: no campaign is written: a supercell of {:.2g} sites is larger than any that can be counted; "
                    "choose a smaller --supercell",
                    campaign.structure, sites));
  }
  try {
    return SearchSpace::build(parse_campaign(campaign.text(""), file).spaces.front(), crystal);
  } catch (const InputError& error) {
    // The file that the message names is never written: its lines would be looked for in vain.
    std::string what;
    std::istringstream lines(error.what());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(file.string() + ":")) line.erase(0, line.find(": ") + 2);
      what += "\n  " + line;
    }
    throw InputError(
        fmt::format("{}: no campaign is written, because it could not be counted:{}\nanother --supercell, "
                    "--symprec or --vary may help",
                    campaign.structure, what));
  }
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
  line.option("symprec", "Å", "tolerance of the symmetry search, default 0.001");
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
  if (csslib && line.has("supercell")) throw InputError("--supercell: the configuration of CSSlib already sets it");
  if (line.has("population") && !mixed_cif) throw InputError("--population: only with --from-supercell");

  std::vector<Variation> variations;
  for (const std::string& text : line.values("vary")) variations.push_back(parse_variation(text));
  const double symprec = line.number("symprec", "Å", 1e-8, 1).value_or(1e-3);
  PeerInput input;
  input.supercell = parse_supercell(line.value("supercell").value_or("1x1x1"), "--supercell");
  if (csslib) {
    input = read_csslib(*csslib, symprec);
  } else {
    input.structure = mixed_cif ? *mixed_cif : line.positional()[0];
  }
  const std::string out = line.value("out").value_or("campaign.toml");
  if (out != "-" && fs::exists(out))
    throw InputError(fmt::format("{}: exists already; choose another name with --out", out));
  const std::string block = line.value("block").value_or("");
  const auto crystal = std::make_shared<const Crystal>(read_crystal(input.structure, block));
  const fs::path folder = out == "-" ? fs::current_path() : fs::absolute(out).parent_path();
  const fs::path structure = fs::absolute(input.structure).lexically_proximate(folder);
  CampaignText campaign{.out = out,
                        .structure = structure.string(),
                        .name = campaign_name(input.structure),
                        .block = block,
                        .sites = site_list(*crystal),
                        .symprec_angstrom = symprec,
                        .supercell = input.supercell,
                        .sublattices = {},
                        .remarks = {}};
  if (mixed_cif) {
    input = read_supercell_program(*mixed_cif, *crystal, input.supercell, line.values("population"), symprec);
  }
  campaign.sublattices = input.sublattices;
  campaign.supercell = input.supercell;
  if (!csslib && !mixed_cif) {
    std::vector<VariedSites> varied;
    for (const Variation& variation : variations) {
      VariedSites one =
          varied_sites(*crystal, sites_named(*crystal, variation.sites, symprec, "--vary " + variation.sites));
      one.added = variation.added;
      add_variation(varied, std::move(one));
    }
    add_mixed_sites(*crystal, varied);
    campaign.varies_nothing = varied.empty();
    if (varied.empty()) {
      const std::string element(crystal->sites.front().occupants.front().species.symbol());
      varied.push_back(varied_sites(*crystal, sites_named(*crystal, element, symprec, element)));
    }
    const int cells = input.supercell[0] * input.supercell[1] * input.supercell[2];
    campaign.sublattices = sublattice_texts(*crystal, varied, cells, symprec, campaign.remarks);
  }

  const SearchSpace space = space_of(campaign, folder, crystal);
  const ChargeGuess guess = guess_charges(*crystal, space);
  std::vector<Species> elements = space.parent()->formula_order();
  std::erase_if(elements, [](Species one) { return one.is_vacancy(); });
  const std::string model = surrogate_text(guess, elements);
  const auto looser = looser_symmetry(space);
  const std::string sentence = looser ? looser_symmetry_text(*looser) : "";
  if (out == "-") {
    std::cout << campaign.text(sentence, model);
  } else {
    write_durably(fs::absolute(out), campaign.text(sentence, model));
    fmt::print("{}\n", out);
  }
  fmt::print(stderr, "{}: {} ({}) found at symprec {} Å; {} sites in the supercell, {} operations\n",
             input.structure.string(), space.parent()->space_group_symbol, space.parent()->space_group_number, symprec,
             space.supercells().front()->sites().size(), space.operations(0).count());
  if (!sentence.empty()) log_warning(sentence + "; init --symprec writes another tolerance");
  for (const std::string& remark : campaign.remarks) log_warning(remark);
  if (!guess.charges.empty()) {
    std::vector<std::string> charges;
    for (const GuessedCharge& one : guess.charges)
      charges.push_back(fmt::format("{} {:+.4g}", one.species.symbol(), one.charge));
    log_info(fmt::format("a first model is written, electrostatics with {}; check these charges in the file",
                         fmt::join(charges, ", ")));
  } else {
    log_info(fmt::format("no model is written: {}", guess.why_none));
  }
  const std::size_t mixed = mixed_sites(space);
  constexpr std::size_t kFew = 4;
  if (!campaign.varies_nothing && mixed < kFew && !csslib) {
    log_info(
        fmt::format("the cell has {} mixed site{}, so few arrangements: --supercell 2x2x2 makes {}, and volume = "
                    "[1, 4] instead of supercell takes every distinct cell of up to four",
                    mixed, mixed == 1 ? "" : "s", 8 * mixed));
  }
  if (campaign.varies_nothing) {
    log_warning(
        "no site of the file is mixed, so the campaign has one configuration: set what varies, here with --vary "
        "or in the file");
  }
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
