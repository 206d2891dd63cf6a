#include "dft_adapters/qe/echo.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "dft_adapters/qe/functional.hpp"
#include "dft_adapters/qe/hubbard.hpp"
#include "dft_adapters/qe/settings.hpp"

namespace hullscan::qe {
namespace {

std::string difference(const std::string& what, const std::string& asked, const std::string& computed) {
  return fmt::format("{}: asked for {}, computed with {}", what, asked.empty() ? "none" : asked,
                     computed.empty() ? "none" : computed);
}

std::string compared(const std::string& what, double asked, const std::optional<double>& computed,
                     const std::string& unit) {
  if (computed && std::abs(*computed - asked) <= 1e-6 * std::max(1.0, std::abs(asked))) return "";
  return difference(what, fmt::format("{} {}", asked, unit),
                    computed ? fmt::format("{:.10g} {}", *computed, unit) : "");
}

std::string compared_k_points(const RequestedKPoints& asked, const OutputXml& xml) {
  const std::string computed =
      fmt::format("{} k-points", xml.k_points ? std::to_string(*xml.k_points) : "no known number of");
  switch (asked.kind) {
    case RequestedKPoints::Kind::kMissing:
      return "k-points: the input has no K_POINTS card, so the code silently used " + computed;
    case RequestedKPoints::Kind::kGrid:
      if (xml.k_grid == asked.grid) return "";
      return difference("k-points", fmt::format("the grid {}", fmt::join(asked.grid, " ")),
                        xml.k_grid ? fmt::format("the grid {}", fmt::join(*xml.k_grid, " ")) : computed);
    case RequestedKPoints::Kind::kGamma:
      return xml.k_points == 1 ? "" : difference("k-points", "1", computed);
    case RequestedKPoints::Kind::kList:
      return xml.k_points_listed == asked.listed
                 ? ""
                 : difference("k-points", fmt::format("a list of {}", asked.listed), computed);
  }
  return "";
}

std::string compared_functional(const std::string& asked, const std::string& computed) {
  const auto& known = known_functionals();
  const auto is_known = [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  if (asked.empty() || asked == computed || !is_known(asked) || !is_known(computed)) return "";
  return difference("functional", asked, computed);
}

}  // namespace

std::string first_difference(const Request& request, const OutputXml& xml) {
  if (request.calculation != xml.calculation) return difference("calculation", request.calculation, xml.calculation);
  if (request.prefix != xml.prefix) return difference("prefix", request.prefix, xml.prefix);
  const std::int64_t atoms = xml.structure ? static_cast<std::int64_t>(xml.structure->atom_count()) : 0;
  if (request.atom_count != atoms) return difference("nat", std::to_string(request.atom_count), std::to_string(atoms));
  const auto species = static_cast<std::int64_t>(xml.pseudo_files.size());
  if (request.species_count != species)
    return difference("ntyp", std::to_string(request.species_count), std::to_string(species));
  for (const auto& [label, file] : request.pseudo_files) {
    const auto used = xml.pseudo_files.find(label);
    if (used == xml.pseudo_files.end()) return difference("pseudopotential of " + label, file, "");
    if (used->second != file) return difference("pseudopotential of " + label, file, used->second);
  }
  if (const auto text = compared("ecutwfc", request.ecutwfc_ry, xml.ecutwfc_ry, "Ry"); !text.empty()) return text;
  if (const auto text = compared("ecutrho", request.ecutrho_ry, xml.ecutrho_ry, "Ry"); !text.empty()) return text;
  if (const auto text = compared_k_points(request.k_points, xml); !text.empty()) return text;
  if (request.occupations != xml.occupations) return difference("occupations", request.occupations, xml.occupations);
  if (request.occupations == "smearing") {
    if (request.smearing != smearing_name(xml.smearing)) return difference("smearing", request.smearing, xml.smearing);
    if (const auto text = compared("degauss", request.degauss_ry, xml.degauss_ry, "Ry"); !text.empty()) return text;
  }
  if ((request.nspin == 2) != xml.spin_polarised)
    return difference("nspin", std::to_string(request.nspin), xml.spin_polarised ? "2" : "1");
  if (const auto text = hubbard_difference(request.hubbard_u_ev, xml.hubbard_u); !text.empty()) return text;
  if (request.vdw_corr != xml.vdw_corr) return difference("vdw_corr", request.vdw_corr, xml.vdw_corr);
  if (request.assume_isolated != xml.assume_isolated)
    return difference("assume_isolated", request.assume_isolated, xml.assume_isolated);
  std::string functional = functional_name(request.input_dft);
  if (const auto note = request.notes.find("functional"); functional.empty() && note != request.notes.end())
    functional = note->second;
  return compared_functional(functional, xml.functional);
}

std::map<std::string, std::string> pseudopotential_hashes(const Request& request,
                                                          const std::filesystem::path& save_directory,
                                                          const std::filesystem::path& pseudo_directory) {
  std::map<std::string, std::string> hashes;
  for (const auto& [label, file] : request.pseudo_files) {
    const auto species = species_of_label(label);
    for (const auto& folder : {save_directory, pseudo_directory}) {
      std::error_code error;
      if (!species || folder.empty() || !std::filesystem::is_regular_file(folder / file, error)) continue;
      try {
        hashes[std::string(species->symbol())] = file_hash128_hex(folder / file);
        break;
      } catch (const StorageError&) {
        continue;  // unreadable here: perhaps the other folder's can be read, else the file counts as absent
      }
    }
  }
  return hashes;
}

std::map<std::string, std::string> hull_keys_of(const Request& request, const OutputXml& xml,
                                                const std::map<std::string, std::string>& hashes) {
  std::map<std::string, std::string> keys = request.notes;
  keys.erase("min_distance_angstrom");
  if (keys.contains("code")) return keys;
  keys = {{"code", kCodeName},
          {"functional", xml.functional},
          {"ecutwfc", fmt::format("{}", request.ecutwfc_ry)},
          {"ecutrho", fmt::format("{}", request.ecutrho_ry)},
          {"occupations", request.occupations}};
  if (request.occupations == "smearing") {
    keys["smearing"] = request.smearing;
    keys["degauss"] = fmt::format("{}", request.degauss_ry);
  }
  if (!request.vdw_corr.empty()) keys["vdw_corr"] = request.vdw_corr;
  if (!xml.non_local_term.empty()) keys["non_local_term"] = xml.non_local_term;
  if (!request.assume_isolated.empty()) keys["assume_isolated"] = request.assume_isolated;
  for (const auto& [label, u] : request.hubbard_u_ev) {
    if (const auto species = species_of_label(label))
      keys["hubbard_u." + std::string(species->symbol())] = fmt::format("{}", u);
  }
  if (xml.spin_polarised) keys["spin"] = "collinear";  // without moments nothing is known: no key
  for (const auto& [symbol, hash] : hashes) keys["pseudopotential." + symbol] = hash;
  return keys;
}

}  // namespace hullscan::qe
