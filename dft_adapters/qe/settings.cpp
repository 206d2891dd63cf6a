#include "dft_adapters/qe/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "dft_adapters/detail/command_words.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/functional.hpp"
#include "dft_adapters/qe/hubbard.hpp"
#include "dft_adapters/qe/pseudopotential_choice.hpp"

namespace hullscan::qe {
namespace {

constexpr const char* kDebianPseudoDir = "/usr/share/espresso/pseudo";
constexpr double kHuge = 1e6;

const std::vector<std::string> kCellFreedoms = {
    "all",         "ibrav", "a",      "b",    "c",       "fixa",         "fixb",
    "fixc",        "x",     "y",      "z",    "xy",      "xz",           "yz",
    "xyz",         "shape", "volume", "2Dxy", "2Dshape", "epitaxial_ab", "epitaxial_ac",
    "epitaxial_bc"};

std::string number_text(double value) { return fmt::format("{}", value); }

/// One reading of the table; the members are the reader and what it fills.
class Resolver {
 public:
  Resolver(const SettingsTable& table, std::span<const Species> species, Problems& problems)
      : table_(table), reader_(table, "dft", problems), problems_(problems), species_(species.begin(), species.end()) {
    std::erase_if(species_, [](Species one) { return one.is_vacancy(); });
    std::sort(species_.begin(), species_.end());
    species_.erase(std::unique(species_.begin(), species_.end()), species_.end());
    settings_.code = kCodeName;
  }

  DftSettings resolve() {
    const std::string calculation = reader_.choice("calculation", {"scf", "relax", "vc-relax"}, "vc-relax");
    set("calculation", calculation);
    set("command", detail::command_text(detail::read_command(reader_, "pw.x")));
    read_pseudopotentials();
    read_cutoffs();
    read_k_points();
    read_occupations();
    read_spin();
    read_hubbard();
    read_dispersion();
    const std::string isolated = reader_.choice("assume_isolated", {"none", "2D"}, "none");
    if (isolated != "none") set("assume_isolated", isolated);
    read_electrons();
    read_ions(calculation != "scf", calculation == "vc-relax", isolated == "2D");
    if (const auto limit = reader_.number("max_seconds", 1, 1e8)) set("max_seconds", *limit);
    set("min_distance_angstrom", reader_.number("min_distance_angstrom", kDefaultMinimumDistanceAngstrom, 0, 10));
    reader_.finish();
    return settings_;
  }

 private:
  void set(const std::string& key, const std::string& value) { settings_.values[key] = value; }
  void set(const std::string& key, double value) { set(key, number_text(value)); }
  void set(const std::string& key, std::int64_t value) { set(key, std::to_string(value)); }

  void read_pseudopotentials() {
    const char* environment = std::getenv("ESPRESSO_PSEUDO");
    std::filesystem::path folder = reader_.text("pseudo_dir", environment != nullptr ? environment : kDebianPseudoDir);
    const std::filesystem::path campaign_folder = std::filesystem::path(table_.where.file).parent_path();
    folder = std::filesystem::absolute(folder.is_absolute() ? folder : campaign_folder / folder).lexically_normal();
    set("pseudo_dir", folder.string());
    if (folder.string().find('\'') != std::string::npos || folder.string().size() > 250) {
      reader_.problem("pseudo_dir", "expected at most 250 characters without an apostrophe, the code takes no others");
    }
    const auto input_dft = reader_.text("input_dft");
    const auto wanted = reader_.text("functional");
    choice_ = choose_pseudopotentials({.table = reader_.table("pseudopotentials"),
                                       .table_where = reader_.where("pseudopotentials"),
                                       .species = species_,
                                       .folder = folder,
                                       .folder_where = reader_.where("pseudo_dir"),
                                       .functional_overridden = input_dft.has_value()},
                                      problems_);
    for (const auto& [species, chosen] : choice_.of) {
      const std::string symbol(species.symbol());
      set("pseudopotential." + symbol, chosen.file_name);
      set("pseudopotential_hash." + symbol, chosen.hash);
      set("valence_electrons." + symbol, chosen.header.valence_electrons);
    }
    std::string functional = choice_.functional;
    if (input_dft) {
      set("input_dft", *input_dft);
      if (input_dft->empty() || input_dft->find_first_of("'\"\n") != std::string::npos) {
        reader_.problem("input_dft", "expected the name of a functional");
      }
      functional = functional_name(*input_dft);
    }
    if (wanted) check_functional(*wanted, functional);
    set("functional", functional);
  }

  void check_functional(const std::string& wanted, const std::string& found) {
    const auto& known = known_functionals();
    const std::string name = functional_name(wanted);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      reader_.problem("functional", fmt::format("expected one of {}, found \"{}\"{}", fmt::join(known, ", "), wanted,
                                                did_you_mean(wanted, known)));
    } else if (!found.empty() && name != found) {
      std::vector<std::string> files;
      for (const auto& [species, chosen] : choice_.of) files.push_back(chosen.file_name);
      reader_.problem("functional", reader_.has("input_dft")
                                        ? fmt::format("{} is asked for, but input_dft says {}", name, found)
                                        : fmt::format("{} is asked for, but the pseudopotentials are {}: {}", name,
                                                      found, fmt::join(files, ", ")));
    }
  }

  void read_cutoffs() {
    if (!reader_.has("ecutwfc") && choice_.suggested_wavefunction_cutoff_ry <= 0) {
      reader_.require("ecutwfc", "plane-wave cutoff in Ry; not every pseudopotential file suggests one");
    }
    const double fallback =
        choice_.suggested_wavefunction_cutoff_ry > 0 ? choice_.suggested_wavefunction_cutoff_ry : 30.0;
    const double wavefunction = reader_.number("ecutwfc", fallback, 1, 1000);
    const double least = 4 * wavefunction;
    const double density_fallback =
        choice_.all_norm_conserving ? least : std::max(2 * least, choice_.suggested_density_cutoff_ry);
    const double density = reader_.number("ecutrho", density_fallback, 4, 20000);
    if (density < least * (1 - 1e-9)) {
      reader_.problem("ecutrho", fmt::format("{}, must be >= 4 * ecutwfc = {}", density, least));
    }
    set("ecutwfc", wavefunction);
    set("ecutrho", density);
  }

  void read_k_points() {
    const auto spacing = reader_.number("kpoint_spacing", 0.01, 10);
    const Setting* written = reader_.raw("kpoints");
    if (written == nullptr) {
      set("kpoint_spacing", spacing.value_or(0.25));
      return;
    }
    if (reader_.has("kpoint_spacing")) reader_.problem("kpoints", "give kpoint_spacing or kpoints, not both");
    std::string text;
    if (const auto* list = std::get_if<std::vector<Setting>>(&written->value); list != nullptr && list->size() == 3) {
      for (const Setting& one : *list) {
        const auto* count = std::get_if<std::int64_t>(&one.value);
        if (count == nullptr || *count < 1 || *count > 1000) break;
        text += (text.empty() ? "" : " ") + std::to_string(*count);
      }
    }
    if (detail::words(text).size() != 3) reader_.problem("kpoints", "expected three integers from 1 to 1000");
    set("kpoints", text);
  }

  void read_occupations() {
    const std::string occupations = reader_.choice(
        "occupations", {"smearing", "fixed", "tetrahedra", "tetrahedra_lin", "tetrahedra_opt"}, "smearing");
    set("occupations", occupations);
    const auto smearing = reader_.text("smearing");
    const auto width = reader_.number("degauss", 1e-5, 1);
    if (occupations == "smearing") {
      const std::string name = smearing_name(smearing.value_or("mv"));
      if (name.empty()) {
        reader_.problem("smearing",
                        fmt::format("expected one of \"gaussian\", \"mp\", \"mv\", \"fd\", found \"{}\"", *smearing));
      }
      set("smearing", name);
      set("degauss", width.value_or(0.02));
      return;
    }
    for (const char* key : {"smearing", "degauss"}) {
      if (reader_.has(key)) reader_.problem(key, fmt::format("has no effect with occupations = \"{}\"", occupations));
    }
  }

  void read_spin() {
    bool polarised = false;
    const auto moments = reader_.number_by_name("starting_magnetization");
    std::vector<std::string> symbols;
    for (const Species one : species_) symbols.emplace_back(one.symbol());
    for (const auto& [symbol, moment] : moments) {
      if (std::find(symbols.begin(), symbols.end(), symbol) == symbols.end()) {
        reader_.problem("starting_magnetization",
                        fmt::format("\"{}\" is not a species of this campaign ({})", symbol, fmt::join(symbols, ", ")));
      } else if (moment < -1 || moment > 1) {
        reader_.problem("starting_magnetization", fmt::format("{} = {}, must be from -1 to 1", symbol, moment));
      } else if (moment != 0) {
        set("starting_magnetization." + symbol, moment);
        polarised = true;
      }
    }
    if (const auto share = reader_.number("spin_polarised_above", 0, 1)) {
      set("spin_polarised_above", *share);
      if (!polarised) reader_.problem("spin_polarised_above", "has no effect without starting_magnetization");
    }
    const auto nspin = reader_.integer("nspin", 1, 2);
    if (nspin == 2 && !polarised) {
      reader_.problem("nspin",
                      "2 without starting_magnetization finds the non-magnetic state: give a start moment, "
                      "e.g. starting_magnetization = { Ni = 0.5 }");
    } else if (nspin == 1 && polarised) {
      reader_.problem("nspin", "1, but starting_magnetization gives a moment: must be 2");
    }
    if (polarised && settings_.values["occupations"] == "fixed") {
      reader_.problem("occupations", "\"fixed\" does not go with starting_magnetization: use \"smearing\"");
    }
    set("nspin", std::int64_t{polarised ? 2 : 1});
  }

  void read_hubbard() {
    const std::string version = reader_.text("version", "");
    if (!version.empty()) {
      set("version", version);
      const auto parts = detail::split(version, '.');
      if (parts.size() < 2 || !detail::to_integer(parts[0]) || !detail::to_integer(parts[1]))
        reader_.problem("version", fmt::format("expected that of pw.x, such as \"7.2\", found \"{}\"", version));
    }
    const auto values = reader_.number_by_name("hubbard_u");
    const std::string projectors =
        reader_.choice("hubbard_projectors", {"ortho-atomic", "atomic", "norm-atomic"}, "ortho-atomic");
    for (const auto& [symbol, u] : values) {
      const auto species = Species::parse(symbol);
      if (!species || std::find(species_.begin(), species_.end(), *species) == species_.end()) {
        reader_.problem("hubbard_u", fmt::format("\"{}\" is not a species of this campaign", symbol));
      } else if (u < -20 || u > 20) {
        reader_.problem("hubbard_u", fmt::format("{} = {}, must be from -20 to 20 eV", symbol, u));
      } else if (hubbard_manifold(*species).empty()) {
        reader_.problem("hubbard_u", fmt::format("{} has no d or f shell and no 2p shell to put U on", symbol));
      } else if (u != 0) {
        set("hubbard_u." + symbol, u);
      }
    }
    if (values.empty()) {
      if (reader_.has("hubbard_projectors")) reader_.problem("hubbard_projectors", "has no effect without hubbard_u");
      return;
    }
    set("hubbard_projectors", projectors);
    if (version.empty())
      reader_.problem("hubbard_u",
                      "set which pw.x this is, e.g. version = \"6.7\": the input of U has another form since 7.1");
  }

  void read_dispersion() {
    const std::string correction =
        reader_.choice("vdw_corr", {"none", "grimme-d2", "grimme-d3", "tkatchenko-scheffler", "xdm"}, "none");
    const auto d3 = reader_.integer("dftd3_version", 2, 6);
    if (d3 && correction != "grimme-d3")
      reader_.problem("dftd3_version", "has no effect without vdw_corr = \"grimme-d3\"");
    if (correction == "none") return;
    set("vdw_corr", correction);
    if (correction != "grimme-d3") return;
    set("dftd3_version", d3.value_or(3));
    if (text_value(settings_, "functional") == "LDA")
      reader_.problem("vdw_corr", "\"grimme-d3\" has no parameters for LDA: use a gradient-corrected functional");
  }

  void read_electrons() {
    set("conv_thr", reader_.number("conv_thr", 1e-8, 1e-16, 1));
    set("mixing_beta", reader_.number("mixing_beta", 0.7, 1e-3, 1));
    set("electron_maxstep", reader_.integer("electron_maxstep", 100, 1, 100000));
    set("diagonalization", reader_.choice("diagonalization", {"david", "cg", "ppcg", "paro"}, "david"));
  }

  void read_ions(bool ions_move, bool cell_moves, bool layer) {
    const std::int64_t steps = reader_.integer("nstep", 50, 1, 100000);
    const double energy = reader_.number("etot_conv_thr", 1e-4, 1e-12, kHuge);
    const double force = reader_.number("forc_conv_thr", 1e-3, 1e-12, kHuge);
    const double pressure = reader_.number("press_conv_thr", 0.5, 1e-6, kHuge);
    const double upscale = reader_.number("upscale", 100, 1, 1e6);
    const std::string freedom = reader_.choice("cell_dofree", kCellFreedoms, layer ? "2Dxy" : "all");
    if (layer && !freedom.starts_with("2D"))
      reader_.problem("cell_dofree", "a layer's cell keeps its height: \"2Dxy\" or \"2Dshape\"");
    if (ions_move) {
      set("nstep", steps);
      set("etot_conv_thr", energy);
      set("forc_conv_thr", force);
      set("upscale", upscale);
    }
    if (cell_moves) {
      set("press_conv_thr", pressure);
      set("cell_dofree", freedom);
    }
  }

  const SettingsTable& table_;
  SettingsReader reader_;
  Problems& problems_;
  std::vector<Species> species_;
  PseudopotentialChoice choice_;
  DftSettings settings_;
};

}  // namespace

DftSettings resolve_settings(const SettingsTable& table, std::span<const Species> campaign_species,
                             Problems& problems) {
  return Resolver(table, campaign_species, problems).resolve();
}

std::map<std::string, std::string> hull_keys_of(const DftSettings& settings) {
  std::map<std::string, std::string> keys{{"code", settings.code}};
  for (const char* key : {"functional", "ecutwfc", "ecutrho", "occupations", "smearing", "degauss"}) {
    if (const auto found = settings.values.find(key); found != settings.values.end()) keys[key] = found->second;
  }
  for (const char* key :
       {"spin_polarised_above", "hubbard_projectors", "vdw_corr", "dftd3_version", "assume_isolated"}) {
    if (const auto value = text_value(settings, key); !value.empty()) keys[key] = value;
  }
  keys["spin"] = text_value(settings, "nspin") == "2" ? "collinear" : "none";
  const std::string prefix = "pseudopotential_hash.";
  for (const auto& [key, value] : settings.values) {
    if (key.starts_with(prefix)) keys["pseudopotential." + key.substr(prefix.size())] = value;
    if (key.starts_with("hubbard_u.")) keys[key] = value;
  }
  return keys;
}

DftSettings identity_of(const DftSettings& settings) {
  DftSettings identity = settings;
  for (const char* key : {"command", "version", "pseudo_dir", "max_seconds", "mixing_beta", "electron_maxstep",
                          "diagonalization", "nstep", "upscale", "restart"}) {
    identity.values.erase(key);
  }
  std::erase_if(identity.values, [](const auto& entry) {
    return entry.first.starts_with("pseudopotential.") || entry.first.starts_with("valence_electrons.");
  });
  return identity;
}

std::string text_value(const DftSettings& settings, const std::string& key) {
  const auto found = settings.values.find(key);
  return found == settings.values.end() ? "" : found->second;
}

std::optional<double> number_value(const DftSettings& settings, const std::string& key) {
  return detail::to_number(text_value(settings, key));
}

std::string smearing_name(const std::string& spelling) {
  const std::string name = detail::lower_case(spelling);
  if (name == "gaussian" || name == "gauss") return "gaussian";
  if (name == "methfessel-paxton" || name == "m-p" || name == "mp") return "mp";
  if (name == "marzari-vanderbilt" || name == "cold" || name == "m-v" || name == "mv") return "mv";
  if (name == "fermi-dirac" || name == "f-d" || name == "fd") return "fd";
  return "";
}

}  // namespace hullscan::qe
