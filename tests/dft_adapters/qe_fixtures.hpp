/// @file
/// A folder of small pseudopotential headers of our own, and a [dft] table that uses it.
#pragma once

#include <vector>

#include "core/campaign/settings.hpp"
#include "core/errors.hpp"
#include "dft_adapters/dft_code.hpp"
#include "recorded_outputs.hpp"

namespace hullscan::test {

inline void write_upf(const fs::path& file, const std::string& element, const std::string& functional,
                      const std::string& type, const std::string& valence, const std::string& cutoffs = "") {
  write_text(file, "<UPF version=\"2.0.1\">\n<PP_HEADER element=\"" + element + "\" functional=\"" + functional +
                       "\" pseudo_type=\"" + type + "\" z_valence=\"" + valence + "\" " + cutoffs + "/>\n");
}

/// Al.lda.UPF, Al.pbe.UPF, Ni.lda.UPF, Ni.pbe.UPF and a file that is not a pseudopotential.
struct PseudoFolder {
  PseudoFolder() {
    write_upf(dir.path() / "pseudo/Al.lda.UPF", "Al", " SLA  PZ   NOGX NOGC", "NC", "3.0e0");
    write_upf(dir.path() / "pseudo/Al.pbe.UPF", "Al", "PBE", "NC", "3.0", "wfc_cutoff=\"20\" rho_cutoff=\"90\"");
    write_upf(dir.path() / "pseudo/Ni.lda.UPF", "Ni", "PZ", "US", "10.0");
    write_upf(dir.path() / "pseudo/Ni.pbe.UPF", "Ni", "SLA PW PBX PBC", "USPP", "10.0",
              "wfc_cutoff=\"35\" rho_cutoff=\"300\"");
    write_text(dir.path() / "pseudo/Si.bhs", "'PZ'\n");
  }
  TemporaryDirectory dir;

  /// As if campaign.toml lay beside the folder `pseudo`.
  SettingsTable table(const std::string& toml) const {
    return parse_settings_toml(toml, (dir.path() / "campaign.toml").string());
  }
};

inline const std::vector<Species> kAlNi = {Species::from_symbol("Al"), Species::from_symbol("Ni"), Species::vacancy()};

inline const std::string kBasic =
    "pseudo_dir = \"pseudo\"\npseudopotentials = { Al = \"Al.lda.UPF\", Ni = \"Ni.lda.UPF\" }\n"
    "ecutwfc = 25\necutrho = 200\nkpoint_spacing = 0.35\n";

/// @throws InputError with all problems.
inline DftSettings resolved(const PseudoFolder& folder, const std::string& toml) {
  Problems problems;
  const SettingsTable table = folder.table(toml);
  DftSettings settings = find_dft_code("qe")->resolve(table, kAlNi, problems);
  problems.throw_if_any();
  return settings;
}

/// What is reported to the user, or "no complaint".
inline std::string complaint(const PseudoFolder& folder, const std::string& toml) {
  try {
    (void)resolved(folder, toml);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no complaint";
}

}  // namespace hullscan::test
