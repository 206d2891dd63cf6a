/// @file
/// A library of made-up POTCARs (headers only, of our own making) and the stand-in for VASP.
#pragma once

#include <cstdlib>
#include <string>

#include "core/campaign/settings.hpp"
#include "core/errors.hpp"
#include "dft_adapters/dft_code.hpp"
#include "recorded_outputs.hpp"

namespace hullscan::test {

inline std::string stub_potcar(const std::string& element, const std::string& potential,
                               const std::string& titel_family, const std::string& lexch, const std::string& enmax,
                               const std::string& valence) {
  return "  " + titel_family + " " + potential + " 01Jan2000\n " + valence +
         "\n parameters from PSCTR are:\n   VRHFIN =" + element + ": made up\n   LEXCH  = " + lexch +
         "\n   EATOM  =     1.0000 eV\n\n   TITEL  = " + titel_family + " " + potential +
         " 01Jan2000\n   POMASS =   10.000; ZVAL   =   " + valence + "    mass and valenz\n   ENMAX  =  " + enmax +
         "; ENMIN  =  100.000 eV\n END of PSCTR-controll parameters\nmade up\nEnd of Dataset\n";
}

/// Al, Ni, Ni_pv, Li_sv, Fe_pv, O of PBE, in VASP's own layout below `potcars`.
struct PotcarFolder {
  PotcarFolder() {
    for (const auto& [element, potential, enmax, valence] : {std::array{"Al", "Al", "240.300", "3.000"},
                                                             {"Ni", "Ni", "269.533", "10.000"},
                                                             {"Ni", "Ni_pv", "367.986", "16.000"},
                                                             {"Li", "Li_sv", "499.034", "3.000"},
                                                             {"Fe", "Fe_pv", "293.238", "14.000"},
                                                             {"O", "O", "400.000", "6.000"}}) {
      write_text(dir.path() / "potcars/potpaw_PBE" / potential / "POTCAR",
                 stub_potcar(element, potential, "PAW_PBE", "PE", enmax, valence));
    }
  }
  TemporaryDirectory dir;

  SettingsTable table(const std::string& toml) const {
    return parse_settings_toml(toml, (dir.path() / "campaign.toml").string());
  }
  /// @throws InputError with all problems.
  DftSettings resolved(const std::string& toml, const std::vector<Species>& species) const {
    Problems problems;
    const SettingsTable settings_table = table(toml);
    DftSettings settings = find_dft_code("vasp")->resolve(settings_table, species, problems);
    problems.throw_if_any();
    return settings;
  }
};

inline std::vector<Species> species_list(const std::vector<std::string>& symbols) {
  std::vector<Species> species;
  for (const std::string& symbol : symbols) species.push_back(Species::from_symbol(symbol));
  return species;
}

/// Runs the stand-in in the directory, with this environment, and leaves exit_code as an executor does.
inline void run_stand_in(const fs::path& dir, const std::string& environment = "") {
  const std::string command =
      "cd '" + dir.string() + "' && " + environment + " '" + HULLSCAN_STAND_INS + "/vasp_std' > vasp.out 2> stderr.txt";
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  write_text(dir / "exit_code", std::to_string(code) + "\n");
}

}  // namespace hullscan::test
