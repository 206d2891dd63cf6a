#include "dft_adapters/qe/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/errors.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/hubbard.hpp"
#include "dft_adapters/qe/settings.hpp"

namespace hullscan::qe {
namespace {

std::vector<Species> species_in_order(const Structure& structure) {
  std::vector<Species> found;
  for (const Species one : structure.species) {
    if (std::find(found.begin(), found.end(), one) == found.end()) found.push_back(one);
  }
  return found;
}

/// `  key = value` for the keys that the settings hold.
std::string namelist_lines(const DftSettings& settings, std::initializer_list<const char*> keys, bool quoted) {
  std::string text;
  for (const char* key : keys) {
    const std::string value = text_value(settings, key);
    const char* quote = quoted ? "'" : "";
    if (!value.empty()) text += fmt::format("  {} = {}{}{}\n", key, quote, value, quote);
  }
  return text;
}

std::string vector_line(const Eigen::Vector3d& x) {
  // + 0.0 turns a negative zero into zero, so that equal structures are equal bytes.
  return fmt::format("{:18.12f} {:18.12f} {:18.12f}\n", x[0] + 0.0, x[1] + 0.0, x[2] + 0.0);
}

std::string control(const DftSettings& settings) {
  return "&CONTROL\n" + namelist_lines(settings, {"calculation"}, true) +
         fmt::format("  prefix = '{}'\n  outdir = './{}'\n  restart_mode = '{}'\n", kPrefix, kScratch,
                     text_value(settings, "restart") == "true" ? "restart" : "from_scratch") +
         namelist_lines(settings, {"pseudo_dir"}, true) + "  tprnfor = .true.\n  tstress = .true.\n" +
         namelist_lines(settings, {"nstep", "etot_conv_thr", "forc_conv_thr", "max_seconds"}, false) + "/\n";
}

std::string system(const Structure& structure, const std::vector<Species>& species, const DftSettings& settings) {
  std::string text =
      fmt::format("&SYSTEM\n  ibrav = 0\n  nat = {}\n  ntyp = {}\n", structure.atom_count(), species.size());
  text += namelist_lines(settings, {"ecutwfc", "ecutrho"}, false);
  text += namelist_lines(settings, {"input_dft", "occupations", "smearing", "vdw_corr", "assume_isolated"}, true);
  text += namelist_lines(settings, {"degauss", "dftd3_version"}, false);
  std::string moments;
  for (std::size_t i = 0; i < species.size(); ++i) {
    const std::string moment = text_value(settings, "starting_magnetization." + std::string(species[i].symbol()));
    if (!moment.empty()) moments += fmt::format("  starting_magnetization({}) = {}\n", i + 1, moment);
  }
  if (is_spin_polarised(structure, settings)) text += "  nspin = 2\n" + moments;
  text += hubbard_namelist(species, settings);
  return text + "/\n";
}

/// A namelist group's `key = value` pairs, keys in lower case with their index, values without quotes.
class NamelistScanner {
 public:
  explicit NamelistScanner(std::map<std::string, std::string>& values) : values_(values) {}

  /// One line inside a group. @returns false when the group ends on it.
  bool line(std::string_view text) {
    std::size_t at = 0;
    while (true) {
      while (at < text.size() && (is_blank(text[at]) || text[at] == ',')) ++at;
      if (at >= text.size() || text[at] == '!') return true;
      if (text[at] == '/' || text[at] == '&') return false;
      const std::size_t equals = text.find('=', at);
      if (equals == std::string_view::npos) return true;
      std::string key = detail::lower_case(detail::trimmed(text.substr(at, equals - at)));
      std::erase_if(key, [](char c) { return is_blank(c); });
      at = equals + 1;
      while (at < text.size() && is_blank(text[at])) ++at;
      values_[key] = value(text, at);
    }
  }

 private:
  static bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

  static std::string value(std::string_view text, std::size_t& at) {
    if (at < text.size() && (text[at] == '\'' || text[at] == '"')) {
      const std::size_t end = std::min(text.find(text[at], at + 1), text.size());
      const std::string inside(text.substr(at + 1, end - at - 1));
      at = std::min(end + 1, text.size());
      return detail::trimmed(inside);
    }
    const std::size_t begin = at;
    while (at < text.size() && text[at] != ',' && text[at] != '!' && !is_blank(text[at])) ++at;
    return std::string(text.substr(begin, at - begin));
  }

  std::map<std::string, std::string>& values_;
};

void take_text(const std::map<std::string, std::string>& values, const char* key, std::string& target) {
  if (const auto found = values.find(key); found != values.end()) target = found->second;
}

/// "Ni-3d" -> "Ni".
std::string label_before_manifold(const std::string& text) { return text.substr(0, text.rfind('-')); }

void take_number(const std::map<std::string, std::string>& values, const char* key, double& target) {
  if (const auto found = values.find(key); found != values.end())
    target = detail::to_number(found->second).value_or(-1);
}

void take_integer(const std::map<std::string, std::string>& values, const char* key, std::int64_t& target) {
  if (const auto found = values.find(key); found != values.end())
    target = detail::to_integer(found->second).value_or(-1);
}

bool stands_on_xy(const Lattice& lattice) {
  const Eigen::Matrix3d& rows = lattice.rows();
  const double small = 1e-6 * rows.row(2).norm();
  return std::abs(rows(0, 2)) < small && std::abs(rows(1, 2)) < small && std::abs(rows(2, 0)) < small &&
         std::abs(rows(2, 1)) < small;
}

bool starts_a_card(const std::string& word) {
  for (const char* card :
       {"ATOMIC_SPECIES", "ATOMIC_POSITIONS", "K_POINTS", "CELL_PARAMETERS", "OCCUPATIONS", "CONSTRAINTS",
        "ATOMIC_FORCES", "ATOMIC_VELOCITIES", "ADDITIONAL_K_POINTS", "SOLVENTS", "HUBBARD"}) {
    if (detail::lower_case(word) == detail::lower_case(card)) return true;
  }
  return false;
}

/// The K_POINTS card: `header` its words, `body` the line after it.
RequestedKPoints parse_k_points(const std::vector<std::string>& header, const std::vector<std::string>& body) {
  RequestedKPoints k_points;
  std::string option = header.size() > 1 ? detail::lower_case(header[1]) : "tpiba";
  std::erase_if(option, [](char c) { return c == '{' || c == '}' || c == '(' || c == ')'; });
  if (option == "gamma") {
    k_points.kind = RequestedKPoints::Kind::kGamma;
  } else if (option == "automatic") {
    k_points.kind = RequestedKPoints::Kind::kGrid;
    for (std::size_t i = 0; i < k_points.grid.size(); ++i) {
      k_points.grid[i] = i < body.size() ? detail::to_integer(body[i]).value_or(-1) : -1;
    }
  } else {
    k_points.kind = RequestedKPoints::Kind::kList;
    k_points.listed = body.empty() ? -1 : detail::to_integer(body[0]).value_or(-1);
  }
  return k_points;
}

void read_note(const std::string& line, std::map<std::string, std::string>& notes) {
  const auto parts = detail::words(line);
  if (parts.size() >= 5 && parts[0] == "!" && parts[1] == "hullscan" && parts[3] == "=") {
    std::string value = parts[4];
    for (std::size_t i = 5; i < parts.size(); ++i) value += " " + parts[i];
    notes[parts[2]] = value;
  }
}

}  // namespace

std::array<int, 3> k_point_grid(const Lattice& lattice, double spacing_per_angstrom) {
  const Eigen::Matrix3d reciprocal = lattice.reciprocal_rows();
  std::array<int, 3> grid{};
  for (int i = 0; i < 3; ++i) {
    // The small slack keeps vectors that symmetry makes equal from being rounded apart.
    const double points = std::ceil(reciprocal.row(i).norm() / spacing_per_angstrom - 1e-6);
    grid[static_cast<std::size_t>(i)] = static_cast<int>(std::clamp(points, 1.0, 1000.0));
  }
  return grid;
}

bool is_layer(const DftSettings& settings) { return text_value(settings, "assume_isolated") == "2D"; }

std::array<int, 3> k_point_grid(const Structure& structure, const DftSettings& settings) {
  const auto fixed = detail::words(text_value(settings, "kpoints"));
  if (fixed.size() != 3) {
    auto grid = k_point_grid(structure.lattice, number_value(settings, "kpoint_spacing").value_or(0.25));
    if (is_layer(settings)) grid[2] = 1;
    return grid;
  }
  std::array<int, 3> grid{};
  for (std::size_t i = 0; i < 3; ++i) grid[i] = static_cast<int>(detail::to_integer(fixed[i]).value_or(1));
  return grid;
}

bool is_spin_polarised(const Structure& structure, const DftSettings& settings) {
  double magnetic = 0;
  for (const Species species : structure.species) {
    if (!text_value(settings, "starting_magnetization." + std::string(species.symbol())).empty()) magnetic += 1;
  }
  return magnetic >
         number_value(settings, "spin_polarised_above").value_or(0) * static_cast<double>(structure.atom_count());
}

std::string input_text(const Structure& structure, const DftSettings& settings) {
  if (structure.atom_count() == 0) throw InputError("a structure without atoms cannot be given to pw.x");
  if (is_layer(settings) && !stands_on_xy(structure.lattice))
    throw InputError(
        "assume_isolated = \"2D\": the first two lattice vectors must lie in the xy plane and the third along z");
  const std::vector<Species> species = species_in_order(structure);
  std::string text = control(settings) + system(structure, species, settings);
  text += "&ELECTRONS\n" + namelist_lines(settings, {"conv_thr", "mixing_beta", "electron_maxstep"}, false) +
          namelist_lines(settings, {"diagonalization"}, true) + "/\n";
  if (text_value(settings, "calculation") != "scf")
    text += "&IONS\n" + namelist_lines(settings, {"upscale"}, false) + "/\n";
  if (text_value(settings, "calculation") == "vc-relax") {
    text += "&CELL\n" + namelist_lines(settings, {"press_conv_thr"}, false) +
            namelist_lines(settings, {"cell_dofree"}, true) + "/\n";
  }
  text += "ATOMIC_SPECIES\n";
  for (const Species one : species) {
    const std::string file = text_value(settings, "pseudopotential." + std::string(one.symbol()));
    if (file.empty()) throw InputError(fmt::format("no pseudopotential is set for {}", one.symbol()));
    text += fmt::format("  {} {} {}\n", one.symbol(), one.mass_u(), file);
  }
  text += "CELL_PARAMETERS angstrom\n";
  for (int i = 0; i < 3; ++i) text += vector_line(structure.lattice.rows().row(i));
  text += "ATOMIC_POSITIONS crystal\n";
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    text += fmt::format("{:<3}", structure.species[i].symbol()) + vector_line(structure.positions[i].x);
  }
  text += hubbard_card(species, settings);
  const auto grid = k_point_grid(structure, settings);
  text += fmt::format("K_POINTS automatic\n  {} {} {} 0 0 0\n", grid[0], grid[1], grid[2]);
  for (const auto& [key, value] : hull_keys_of(settings)) text += fmt::format("! hullscan {} = {}\n", key, value);
  text += fmt::format("! hullscan min_distance_angstrom = {}\n", text_value(settings, "min_distance_angstrom"));
  return text;
}

std::string dispersion_name(const std::string& spelling) {
  const std::string name = detail::lower_case(spelling);
  if (name == "dft-d" || name == "d2") return "grimme-d2";
  if (name == "dft-d3" || name == "d3") return "grimme-d3";
  if (name == "ts" || name == "ts-vdw") return "tkatchenko-scheffler";
  return name == "none" ? "" : name;
}

Request parse_request(std::string_view text) {
  Request request;
  std::map<std::string, std::string> values;
  NamelistScanner scanner(values);
  bool in_namelist = false;
  std::vector<std::string> card;  // header words of the card that is being read
  bool card_has_body = false;
  std::vector<std::string> labels;  // of ATOMIC_SPECIES
  for (const std::string& line : detail::lines(text)) {
    const std::string plain = detail::trimmed(line);
    if (in_namelist) {
      in_namelist = scanner.line(plain);
      continue;
    }
    if (plain.empty()) continue;
    if (plain[0] == '!' || plain[0] == '#') {
      read_note(plain, request.notes);
      continue;
    }
    if (plain[0] == '&') {
      const std::size_t rest = plain.find_first_of(" \t,");
      in_namelist = rest == std::string::npos || scanner.line(std::string_view(plain).substr(rest));
      continue;
    }
    const auto parts = detail::words(plain);
    if (starts_a_card(parts[0])) {
      card = parts;
      card_has_body = false;
      if (detail::lower_case(parts[0]) == "k_points") request.k_points = parse_k_points(card, {});
      continue;
    }
    if (card.empty()) continue;
    const std::string name = detail::lower_case(card[0]);
    if (name == "atomic_species" && parts.size() >= 3) {
      request.pseudo_files[parts[0]] = parts[2];
      labels.push_back(parts[0]);
    }
    if (name == "hubbard" && parts.size() >= 3 && detail::lower_case(parts[0]) == "u")
      request.hubbard_u_ev[label_before_manifold(parts[1])] = detail::to_number(parts[2]).value_or(0);
    if (name == "k_points" && !card_has_body) request.k_points = parse_k_points(card, parts);
    card_has_body = true;
  }
  take_text(values, "calculation", request.calculation);
  take_text(values, "prefix", request.prefix);
  take_text(values, "outdir", request.outdir);
  take_text(values, "pseudo_dir", request.pseudo_dir);
  take_text(values, "input_dft", request.input_dft);
  take_text(values, "occupations", request.occupations);
  take_number(values, "conv_thr", request.conv_thr_ry);
  take_number(values, "ecutwfc", request.ecutwfc_ry);
  request.ecutrho_ry = 4 * request.ecutwfc_ry;
  take_number(values, "ecutrho", request.ecutrho_ry);
  take_integer(values, "nat", request.atom_count);
  take_integer(values, "ntyp", request.species_count);
  take_integer(values, "nspin", request.nspin);
  take_text(values, "assume_isolated", request.assume_isolated);
  if (detail::lower_case(request.assume_isolated) == "none") request.assume_isolated.clear();
  take_text(values, "vdw_corr", request.vdw_corr);
  request.vdw_corr = dispersion_name(request.vdw_corr);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    double u = 0;
    take_number(values, fmt::format("hubbard_u({})", i + 1).c_str(), u);
    if (u != 0) request.hubbard_u_ev[labels[i]] = u;
  }
  const auto is_true = [&](const char* key) {
    std::string value;
    take_text(values, key, value);
    return detail::lower_case(value).starts_with(".t") || detail::lower_case(value) == "t";
  };
  request.wants_forces = is_true("tprnfor") || request.calculation != "scf";
  request.wants_stress = is_true("tstress") || request.calculation == "vc-relax";
  if (request.occupations == "smearing") {
    std::string smearing = "gaussian";
    take_text(values, "smearing", smearing);
    request.smearing = smearing_name(smearing);
    take_number(values, "degauss", request.degauss_ry);
  }
  return request;
}

std::optional<Species> species_of_label(std::string_view label) {
  std::size_t letters = 0;
  while (letters < label.size() && std::isalpha(static_cast<unsigned char>(label[letters])) != 0) ++letters;
  for (std::size_t length = std::min<std::size_t>(letters, 2); length > 0; --length) {
    std::string symbol = detail::lower_case(label.substr(0, length));
    symbol[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(symbol[0])));
    const auto species = Species::parse(symbol);
    if (species && !species->is_vacancy()) return species;
  }
  return std::nullopt;
}

}  // namespace hullscan::qe
