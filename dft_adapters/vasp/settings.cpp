#include "dft_adapters/vasp/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/log.hpp"
#include "dft_adapters/detail/command_words.hpp"
#include "dft_adapters/detail/gzip_file.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/reduced_cell.hpp"
#include "dft_adapters/vasp/centring.hpp"
#include "dft_adapters/vasp/incar_tags.hpp"
#include "dft_adapters/vasp/input_sets.hpp"
#include "dft_adapters/vasp/poscar.hpp"
#include "dft_adapters/vasp/potcar.hpp"
#include "dft_adapters/vasp/steps.hpp"

namespace hullscan::vasp {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIncarPrefix = "incar.";
/// VASP's own defaults where the physics depends on them.
constexpr double kDefaultDensity = 64;
/// Which crystals have grids about Gamma besides those whose cell tells: pymatgen's rule of named sets.
constexpr const char* kGammaFor = "gamma_for";

/// The elements that decide which U is meant, most electronegative first (Pauling).
constexpr const char* kAnions[] = {"F", "O", "Cl", "N", "Br", "I", "S"};

class Resolver {
 public:
  Resolver(const SettingsTable& table, std::span<const Species> species, Problems& problems)
      : reader_(table, "dft", problems),
        problems_(problems),
        folder_(fs::path(table.where.file).parent_path()),
        species_(species.begin(), species.end()) {
    std::erase_if(species_, [](Species one) { return one.is_vacancy(); });
    std::sort(species_.begin(), species_.end());
    species_.erase(std::unique(species_.begin(), species_.end()), species_.end());
    settings_.code = kCodeName;
    for (const Species one : species_) symbols_.emplace_back(one.symbol());
  }

  DftSettings resolve() {
    read_set();
    read_incar();
    read_steps(reader_, settings_);
    read_closing_incar();
    set("command", detail::command_text(detail::read_command(reader_, "vasp_std")));
    read_k_points();
    read_by_species();
    read_potentials();
    set("min_distance_angstrom", reader_.number("min_distance_angstrom", kDefaultMinimumDistanceAngstrom, 0, 10));
    check_physics();
    reader_.finish();
    return settings_;
  }

 private:
  void set(const std::string& key, const std::string& value) { settings_.values[key] = value; }
  void set(const std::string& key, double value) { set(key, fmt::format("{}", value)); }

  fs::path beside_campaign(const std::string& path) const {
    return fs::absolute(fs::path(path).is_absolute() ? fs::path(path) : folder_ / path).lexically_normal();
  }

  void read_set() {
    const auto name = reader_.text("input_set");
    if (!name) {
      if (!reader_.has("incar_file") && !reader_.has("incar")) {
        reader_.problem("input_set", fmt::format("expected one of {}, or incar_file = \"INCAR\" or incar = {{ … }}",
                                                 fmt::join(input_set_names(), ", ")));
      }
      return;
    }
    set_ = find_input_set(*name);
    if (set_ == nullptr) {
      reader_.problem("input_set", fmt::format("expected one of {}, found \"{}\"{}", fmt::join(input_set_names(), ", "),
                                               *name, did_you_mean(*name, input_set_names())));
      return;
    }
    set("input_set", *name);
    for (const auto& [tag, value] : set_->incar) set(kIncarPrefix + tag, value);
    if (set_->ediff_per_atom_ev > 0) set("ediff_per_atom", set_->ediff_per_atom_ev);
  }

  /// @param table "incar" or "closing_incar". @returns whether the tag can be given so.
  bool may_say(const std::string& table, const std::string& tag, const SourcePosition& where) {
    if (const std::string instead = where_to_say(tag); !instead.empty()) {
      problems_.add(where, fmt::format("dft.{}.{}: depends on the structure: set {}", table, tag, instead));
      return false;
    }
    const std::string last_part = tag.substr(tag.rfind('/') + 1);  // KERNEL_TRUNCATION/LTRUNCATE
    if (const auto& known = known_tags(); std::find(known.begin(), known.end(), last_part) == known.end()) {
      problems_.add(where, fmt::format("dft.{}.{}: is not a tag of INCAR that hullscan knows{}", table, tag,
                                       did_you_mean(tag, known)));
      return false;
    }
    return true;
  }

  void take_tag(const std::string& tag, const std::string& value, const SourcePosition& where) {
    if (!may_say("incar", tag, where)) return;
    set(kIncarPrefix + tag, value);
    if (tag == "EDIFF") settings_.values.erase("ediff_per_atom");
  }

  /// What the closing single point has besides the tags of the relaxation.
  void read_closing_incar() {
    const std::string key = "closing_incar";
    if (reader_.has(key) && !settings_.values.contains(kClosing))
      reader_.problem(key, "has no effect: there is no closing single point");
    for_each_tag(key, [&](const std::string& tag, const std::string& value, const SourcePosition& where) {
      if (!may_say(key, tag, where)) return;
      if (tag == "NSW" || tag == "IBRION" || tag == "ISIF") {
        problems_.add(where, fmt::format("dft.{}.{}: a single point moves nothing: leave it out", key, tag));
        return;
      }
      set(kClosingIncarPrefix + tag, value);
    });
  }

  void read_incar() {
    if (const auto name = reader_.text("incar_file")) {
      const fs::path file = beside_campaign(*name);
      const auto text = detail::file_text(file, 1u << 20);
      if (!text) {
        reader_.problem("incar_file", fmt::format("\"{}\": cannot be read", file.string()));
      } else {
        IncarRemarks remarks;
        const Incar incar = parse_incar(*text, remarks);
        for (const std::string& problem : remarks.problems)
          reader_.problem("incar_file", fmt::format("{}:{}", file.string(), problem));
        for (const std::string& warning : remarks.warnings) log_warning(fmt::format("{}:{}", file.string(), warning));
        for (const auto& [tag, value] : incar) take_tag(tag, value, reader_.where("incar_file"));
      }
    }
    for_each_tag("incar", [&](const auto& tag, const auto& value, const auto& where) { take_tag(tag, value, where); });
  }

  /// Calls `take(tag, value, where)` for every entry of a table of INCAR tags, if there is such a table.
  template <class Take>
  void for_each_tag(const std::string& name, Take take) {
    const SettingsTable* table = reader_.table(name);
    if (table == nullptr) return;
    for (const auto& [key, setting] : table->entries) {
      std::string tag = key;
      std::transform(tag.begin(), tag.end(), tag.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      std::string rest;
      const std::string value = value_of_tag(tag, tag_value(setting), rest);
      if (!rest.empty()) {
        log_warning(fmt::format("{}: dft.{}.{}: VASP reads {} and passes over \"{}\" behind it",
                                to_string(setting.where), name, tag, value, rest));
      }
      if (value.empty()) {
        problems_.add(setting.where, fmt::format("dft.{}.{}: expected a value or a list of values, found {}", name, tag,
                                                 setting.type_name()));
      } else if (!fits_tag(tag, value)) {
        problems_.add(setting.where, fmt::format("dft.{}.{}: expected a number, found \"{}\"", name, tag, value));
      } else {
        take(tag, value, setting.key_where);
      }
    }
  }

  static std::string tag_value(const Setting& setting) {
    if (const auto* flag = std::get_if<bool>(&setting.value)) return *flag ? ".TRUE." : ".FALSE.";
    if (const auto* integer = std::get_if<std::int64_t>(&setting.value)) return std::to_string(*integer);
    if (const auto* number = std::get_if<double>(&setting.value)) return fmt::format("{}", *number);
    if (const auto* text = std::get_if<std::string>(&setting.value)) return *text;
    std::string joined;
    if (const auto* list = std::get_if<std::vector<Setting>>(&setting.value)) {
      for (const Setting& one : *list) joined += (joined.empty() ? "" : " ") + tag_value(one);
    }
    return joined;
  }

  void read_k_points() {
    std::vector<std::string> ways;
    for (const char* key : {"kpoints", "kpoints_file", "kpoint_spacing", "reciprocal_density", "kpoint_length"}) {
      if (reader_.has(key)) ways.emplace_back(key);
    }
    if (ways.size() > 1) reader_.problem(ways[1], fmt::format("give one of {}, not several", fmt::join(ways, ", ")));
    const auto spacing = reader_.number("kpoint_spacing", 0.01, 10);
    const auto density = reader_.number("reciprocal_density", 0.01, 1e6);
    const auto length = reader_.number("kpoint_length", 1, 1000);
    const auto file = reader_.text("kpoints_file");
    const auto written = reader_.numbers("kpoints", {});
    const bool own_spacing = settings_.values.contains("incar.KSPACING") &&
                             (set_ == nullptr || !set_->incar.contains("KSPACING") ||
                              set_->incar.at("KSPACING") != settings_.values["incar.KSPACING"]);
    if (set_ != nullptr) set(kGammaFor, "face-centred");
    if (!ways.empty() && own_spacing) reader_.problem(ways[0], "KSPACING in INCAR chooses the k-points already");
    if (!ways.empty()) settings_.values.erase("incar.KSPACING");
    if (spacing) set("incar.KSPACING", *spacing);
    if (density) set("reciprocal_density", *density);
    if (length) set("kpoint_length", *length);
    if (file) read_k_points_file(*file);
    if (reader_.has("kpoints")) {
      std::string text;
      for (const double n : written) {
        if (n >= 1 && n <= 1000 && n == static_cast<int>(n)) text += fmt::format("{}{}", text.empty() ? "" : " ", n);
      }
      if (written.size() != 3 || detail::words(text).size() != 3)
        reader_.problem("kpoints", "expected three integers from 1 to 1000");
      set("kpoints", text);
      set("gamma_centred", "1");
    }
    if (!ways.empty() || settings_.values.contains("incar.KSPACING")) return;
    if (set_ != nullptr && set_->kpoint_length > 0) {
      set("kpoint_length", set_->kpoint_length);
    } else {
      set("reciprocal_density",
          set_ != nullptr && set_->reciprocal_density > 0 ? set_->reciprocal_density : kDefaultDensity);
    }
  }

  void read_k_points_file(const std::string& name) {
    const fs::path file = beside_campaign(name);
    const auto text = detail::file_text(file, 1u << 20);
    std::string problem = "cannot be read";
    const auto grid = text ? parse_kpoints(*text, problem) : std::nullopt;
    if (!grid) {
      reader_.problem("kpoints_file", fmt::format("\"{}\": {}", file.string(), problem));
      return;
    }
    set("kpoints", fmt::format("{} {} {}", grid->n[0], grid->n[1], grid->n[2]));
    set("gamma_centred", grid->gamma_centred ? "1" : "0");
  }

  bool is_of_campaign(const std::string& key, const std::string& symbol) {
    if (std::find(symbols_.begin(), symbols_.end(), symbol) != symbols_.end()) return true;
    reader_.problem(key,
                    fmt::format("\"{}\" is not a species of this campaign ({})", symbol, fmt::join(symbols_, ", ")));
    return false;
  }

  void read_by_species() {
    const bool polarised = text_value(settings_, "incar.ISPIN") == "2";
    if (polarised) {
      for (const Species one : species_) set(fmt::format("magmom.{}", one.symbol()), start_moment(one));
    }
    for (const auto& [symbol, moment] : reader_.number_by_name("magmom")) {
      if (is_of_campaign("magmom", symbol)) set("magmom." + symbol, moment);
    }
    if (reader_.has("magmom") && !polarised) reader_.problem("magmom", "has no effect without incar.ISPIN = 2");
    const bool with_u = reader_.boolean("hubbard", true);
    const auto own_u = reader_.number_by_name("hubbard_u");
    if (!with_u && !own_u.empty()) reader_.problem("hubbard", "false, but hubbard_u gives values");
    if (set_ != nullptr && with_u && !reader_.has("hubbard_u")) {
      for (const auto& [anion, values] : set_->hubbard_u_ev) {
        if (std::find(symbols_.begin(), symbols_.end(), anion) == symbols_.end()) continue;
        for (const auto& [symbol, u] : values) {
          if (std::find(symbols_.begin(), symbols_.end(), symbol) != symbols_.end())
            set(fmt::format("hubbard_u.{}.{}", anion, symbol), u);
        }
      }
    }
    for (const auto& [symbol, u] : own_u) {
      if (is_of_campaign("hubbard_u", symbol) && u != 0) set("hubbard_u.any." + symbol, u);
    }
  }

  void read_potentials() {
    const char* environment = std::getenv("VASP_PSP_DIR");
    if (environment == nullptr) environment = std::getenv("PMG_VASP_PSP_DIR");
    const auto named = reader_.text("potcar_dir");
    const std::string functional =
        reader_.choice("functional", known_functionals(), set_ != nullptr ? set_->functional : "PBE");
    set("functional", functional);
    const auto chosen = reader_.text_by_name("potentials");
    for (const auto& [symbol, name] : chosen) (void)is_of_campaign("potentials", symbol);
    if (!named && environment == nullptr) {
      reader_.require("potcar_dir", "the folder of your POTCAR library; or set VASP_PSP_DIR");
      return;
    }
    const fs::path library = beside_campaign(named.value_or(environment != nullptr ? environment : ""));
    std::error_code error;
    if (!fs::is_directory(library, error)) {
      reader_.problem("potcar_dir", fmt::format("no folder {}", library.string()));
      return;
    }
    for (const Species species : species_) {
      const std::string symbol(species.symbol());
      const auto own = chosen.find(symbol);
      const std::string name = own != chosen.end() ? own->second
                               : set_ != nullptr   ? potential_name(*set_, species)
                               : symbol == "D"     ? "H"
                                                   : symbol;
      read_potential(library, functional, symbol, name, own != chosen.end() ? "potentials" : "potcar_dir");
    }
  }

  void read_potential(const fs::path& library, const std::string& functional, const std::string& symbol,
                      const std::string& name, const std::string& key) {
    const fs::path file = name.find('/') == std::string::npos ? find_potcar(library, functional, name) : fs::path();
    if (file.empty()) {
      const auto others = potentials_of(library, functional, symbol == "D" ? "H" : symbol);
      reader_.problem(key, fmt::format("no POTCAR \"{}\" of {} for {}{}", name, functional, symbol,
                                       others.empty() ? fmt::format(" below {}", library.string())
                                                      : fmt::format("; there are: {}", fmt::join(others, ", "))));
      return;
    }
    std::string problem = "cannot be read";
    const auto text = detail::unpacked_text(file);
    const auto potcar = text ? parse_potcar(*text, problem) : std::nullopt;
    if (!potcar) {
      reader_.problem(key, fmt::format("{}: {}", file.string(), problem));
      return;
    }
    if (potcar->element != (symbol == "D" ? "H" : symbol)) {
      reader_.problem(key, fmt::format("{}: expected a potential of {}, found one of {} (VRHFIN)", file.string(),
                                       symbol, potcar->element));
    }
    if (potcar->lexch != lexch_of(functional)) {
      reader_.problem(key, fmt::format("{}: expected LEXCH = {} for {}, found {}", file.string(), lexch_of(functional),
                                       functional, potcar->lexch));
    }
    if (settings_.values.contains("incar.METAGGA") && text->find("kinetic energy") == std::string::npos) {
      reader_.problem(key,
                      fmt::format("{}: METAGGA needs a POTCAR with the kinetic energy density of the core electrons: "
                                  "take functional = \"PBE_54\" or \"PBE_64\"",
                                  file.string()));
    }
    const auto title = detail::words(potcar->titel);
    if (title.size() > 1 && title[1] != name) {
      reader_.problem(
          key, fmt::format("{}: expected the potential {}, found \"{}\" (TITEL)", file.string(), name, potcar->titel));
    }
    set("potcar." + symbol, name);
    set("potcar_file." + symbol, file.string());
    set("potcar_titel." + symbol, potcar->titel);
    set("potcar_sha256." + symbol, potcar->sha256);
    set("potcar_enmax." + symbol, potcar->enmax_ev);
    set("valence_electrons." + symbol, potcar->valence_electrons);
    highest_enmax_ev_ = std::max(highest_enmax_ev_, potcar->enmax_ev);
  }

  void check_physics() {
    const Incar incar = incar_of(settings_);
    const auto number = [&](const char* tag) -> std::optional<double> {
      const auto found = incar.find(tag);
      return found == incar.end() ? std::nullopt : detail::to_number(found->second);
    };
    const auto cutoff = number("ENCUT");
    const auto closing_cutoff = detail::to_number(text_value(settings_, std::string(kClosingIncarPrefix) + "ENCUT"));
    if (closing_cutoff && *closing_cutoff < highest_enmax_ev_) {
      reader_.problem("closing_incar", fmt::format("ENCUT: {} eV, must be >= {} eV, the highest ENMAX of the POTCARs",
                                                   *closing_cutoff, highest_enmax_ev_));
    }
    if (!cutoff) {
      reader_.problem("incar", "ENCUT: missing: without it the cutoff would differ from structure to structure");
    } else if (*cutoff < highest_enmax_ev_) {
      reader_.problem("incar", fmt::format("ENCUT: {} eV, must be >= {} eV, the highest ENMAX of the POTCARs", *cutoff,
                                           highest_enmax_ev_));
    }
    if (const auto dynamics = number("IBRION"); dynamics && (*dynamics == 0 || *dynamics > 3)) {
      reader_.problem("incar", "IBRION: hullscan runs single points (-1) and relaxations (1, 2, 3)");
    }
    if (number("NSW").value_or(0) > 1 && !incar.contains("IBRION"))
      reader_.problem("incar", "IBRION: missing: with NSW > 1 VASP would run molecular dynamics");
    if (number("ICHARG").value_or(0) > 2)
      reader_.problem("incar", "ICHARG: above 10 nothing is made self-consistent, and no energy counts");
  }

  SettingsReader reader_;
  Problems& problems_;
  fs::path folder_;
  std::vector<Species> species_;
  std::vector<std::string> symbols_;
  const InputSet* set_ = nullptr;
  double highest_enmax_ev_ = 0;
  DftSettings settings_;
};

std::string value_or(const Incar& incar, const char* tag, const char* fallback) {
  const auto found = incar.find(tag);
  return found == incar.end() ? fallback : found->second;
}

/// U of every species of the structure, 0 where there is none; empty if none has any.
std::map<Species, double> hubbard_u(const Structure& structure, const DftSettings& settings) {
  std::set<std::string> present;
  for (const Species species : structure.species) present.emplace(species.symbol());
  std::string anion;
  for (const char* candidate : kAnions) {
    if (anion.empty() && present.contains(candidate)) anion = candidate;
  }
  std::map<Species, double> found;
  bool any = false;
  for (const Species species : structure.species) {
    for (const std::string& key :
         {fmt::format("hubbard_u.any.{}", species.symbol()), fmt::format("hubbard_u.{}.{}", anion, species.symbol())}) {
      const auto u = detail::to_number(text_value(settings, key));
      if (u) found[species] = *u;
      any = any || u;
    }
    found.try_emplace(species, 0);
  }
  return any ? found : std::map<Species, double>{};
}

bool has_f_shell(Species species) { return species.atomic_number() > 56; }

}  // namespace

DftSettings resolve_settings(const SettingsTable& table, std::span<const Species> campaign_species,
                             Problems& problems) {
  return Resolver(table, campaign_species, problems).resolve();
}

std::string calculation_of(const Incar& incar) {
  const double steps = detail::to_number(value_or(incar, "NSW", "0")).value_or(0);
  if (steps < 1 || value_or(incar, "IBRION", "2") == "-1") return "scf";
  const double freedom = detail::to_number(value_or(incar, "ISIF", "2")).value_or(2);
  return freedom >= 3 && freedom <= 8 ? "vc-relax" : "relax";
}

Incar incar_of(const DftSettings& settings) {
  Incar incar;
  const std::string prefix = kIncarPrefix;
  for (const auto& [key, value] : settings.values) {
    if (key.starts_with(prefix)) incar[key.substr(prefix.size())] = value;
  }
  return incar;
}

Incar incar_for(const Structure& structure, const DftSettings& settings) {
  Incar incar = incar_of(settings);
  const auto blocks = file_species(structure);
  const auto count = [&](Species species) {
    return std::count(structure.species.begin(), structure.species.end(), species);
  };
  if (const auto per_atom = detail::to_number(text_value(settings, "ediff_per_atom")))
    incar["EDIFF"] = fmt::format("{:.10g}", *per_atom * static_cast<double>(structure.atom_count()));
  if (value_or(incar, "ISPIN", "1") == "2") {
    std::string moments;
    for (const Species species : blocks) {
      const std::string own = text_value(settings, fmt::format("magmom.{}", species.symbol()));
      moments += fmt::format("{}{}*{}", moments.empty() ? "" : " ", count(species), own.empty() ? "0.6" : own);
    }
    incar["MAGMOM"] = moments;
  }
  const auto u = hubbard_u(structure, settings);
  if (u.empty()) return incar;
  std::string l, values, zeros;
  bool f_shell = false;
  for (const Species species : blocks) {
    const double own = u.at(species);
    l += own == 0 ? " -1" : species.atomic_number() >= 57 && species.atomic_number() <= 71 ? " 3" : " 2";
    values += fmt::format(" {}", own);
    zeros += " 0";
    f_shell = f_shell || has_f_shell(species);
  }
  incar["LDAU"] = ".TRUE.";
  incar["LDAUTYPE"] = "2";
  incar["LDAUL"] = l.substr(1);
  incar["LDAUU"] = values.substr(1);
  incar["LDAUJ"] = zeros.substr(1);
  incar.try_emplace("LMAXMIX", f_shell ? "6" : "4");
  return incar;
}

std::optional<KPointGrid> written_grid(const Structure& structure, const DftSettings& settings) {
  if (settings.values.contains("incar.KSPACING")) return std::nullopt;
  return grid_for(structure, settings);
}

KPointGrid grid_for(const Structure& structure, const DftSettings& settings) {
  const auto number = [&](const char* key) { return detail::to_number(text_value(settings, key)); };
  KPointGrid grid;
  if (const auto spacing = number("incar.KSPACING")) {
    grid = grid_by_spacing(structure.lattice, *spacing);
  } else if (const auto fixed = detail::words(text_value(settings, "kpoints")); fixed.size() == 3) {
    for (std::size_t i = 0; i < 3; ++i) grid.n[i] = static_cast<int>(detail::to_integer(fixed[i]).value_or(1));
    grid.gamma_centred = text_value(settings, "gamma_centred") != "0";
  } else if (const auto length = number("kpoint_length")) {
    grid = grid_by_length(structure.lattice, *length);
  } else {
    grid = grid_by_density(structure.lattice, number("reciprocal_density").value_or(kDefaultDensity));
    if (!grid.gamma_centred && settings.values.contains(kGammaFor)) grid.gamma_centred = is_face_centred(structure);
  }
  if (text_value(settings, "gamma_centred") == "1") grid.gamma_centred = true;
  return grid;
}

std::string smearing_class(const Incar& incar) {
  const std::string method = value_or(incar, "ISMEAR", "1");
  const double width = detail::to_number(value_or(incar, "SIGMA", "0.2")).value_or(0.2);
  if (method == "-5" || method == "-4" || (method == "0" && width <= 0.05 + 1e-12)) return "extrapolated to zero width";
  return fmt::format("ISMEAR {} SIGMA {}", method, width);
}

std::map<std::string, std::string> hull_keys_of(const DftSettings& settings) {
  const Incar incar = incar_of(settings);
  std::map<std::string, std::string> keys{
      {"code", settings.code}, {"functional", text_value(settings, "functional")}, {"smearing", smearing_class(incar)}};
  for (const char* tag : {"ENCUT", "ENAUG", "PREC", "GGA", "METAGGA", "IVDW", "LUSE_VDW", "LHFCALC", "AEXX", "HFSCREEN",
                          "LASPH", "LSORBIT", "ISPIN"}) {
    if (const auto found = incar.find(tag); found != incar.end()) keys[tag] = found->second;
  }
  for (const auto& [key, value] : settings.values) {
    if (key.starts_with("hubbard_u.")) keys[key] = value;
    if (key.starts_with("potcar_sha256.")) keys["potcar." + key.substr(14)] = value;
  }
  add_step_keys(settings, keys);
  return keys;
}

DftSettings identity_of(const DftSettings& settings) {
  DftSettings identity = settings;
  std::erase_if(identity.values, [](const auto& entry) {
    for (const char* prefix : {"potcar_file.", "potcar_titel.", "potcar_enmax.", "potcar.", "valence_electrons."}) {
      if (entry.first.starts_with(prefix)) return true;
    }
    return entry.first == "command" || entry.first == "input_set";
  });
  for (const char* tag :
       {"ALGO",   "AMIN",    "AMIX",   "AMIX_MAG", "BMIX",   "BMIX_MAG", "IALGO",      "ICHARG", "IMIX",
        "INIMIX", "ISEARCH", "ISTART", "KPAR",     "LCHARG", "LPLANE",   "LSCALAPACK", "LWAVE",  "MAXMIX",
        "MIXPRE", "NBANDS",  "NCORE",  "NELM",     "NELMDL", "NELMIN",   "NPAR",       "NSIM",   "NSW",
        "NWRITE", "POTIM",   "SYSTEM", "LAECHG",   "LORBIT", "LVHAR",    "LVTOT"}) {
    identity.values.erase(std::string(kIncarPrefix) + tag);
  }
  return identity;
}

std::vector<DftSettings> earlier_defaults(const SettingsTable& table, const DftSettings& settings) {
  DftSettings before = without_closing_default(table, settings).value_or(settings);
  before.values.erase(kGammaFor);
  if (before == settings) return {};
  return {before};
}

std::string text_value(const DftSettings& settings, const std::string& key) {
  const auto found = settings.values.find(key);
  return found == settings.values.end() ? "" : found->second;
}

}  // namespace hullscan::vasp
