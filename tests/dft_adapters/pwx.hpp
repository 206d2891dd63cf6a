/// @file
/// The real pw.x, where it and its pseudopotentials are installed; a test that lacks them says so.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "core/campaign/settings.hpp"
#include "core/errors.hpp"
#include "dft_adapters/dft_code.hpp"
#include "outcomes.hpp"
#include "qe_code.hpp"
#include "recorded_outputs.hpp"

namespace hullscan::test {

inline bool in_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : detail::split(path == nullptr ? "" : path, ':')) {
    if (fs::exists(fs::path(folder) / program)) return true;
  }
  return false;
}

inline fs::path pseudo_dir() {
  const char* set = std::getenv("ESPRESSO_PSEUDO");
  return set != nullptr ? set : "/usr/share/espresso/pseudo";
}

/// @param file a pseudopotential that the test needs
inline bool can_run_pw(const std::string& file = "Al.pz-vbc.UPF") {
  if (!in_path("pw.x")) {
    std::cout << "SKIPPED: pw.x is not in PATH (Debian: quantum-espresso)\n";
    return false;
  }
  if (!fs::exists(pseudo_dir() / file)) {
    std::cout << "SKIPPED: no " << file << " in " << pseudo_dir().string() << " (Debian: quantum-espresso-data)\n";
    return false;
  }
  return true;
}

/// Settings of an element with this pseudopotential.
inline DftSettings pw_settings(const std::string& toml, const std::string& symbol = "Al",
                               const std::string& file = "Al.pz-vbc.UPF") {
  Problems problems;
  const SettingsTable table =
      parse_settings_toml("pseudopotentials = { " + symbol + " = \"" + file + "\" }\n" + toml, "campaign.toml");
  const std::vector<Species> species = {Species::from_symbol(symbol)};
  const DftSettings settings = qe_code().resolve(table, species, problems);
  problems.throw_if_any();
  return settings;
}

inline Structure fcc_crystal(const std::string& symbol, double a) {
  Eigen::Matrix3d rows;
  rows << 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0;
  return {Lattice(rows * a), {Species::from_symbol(symbol)}, {Fractional{}}};
}

/// As an executor does: standard output and exit code into the directory.
inline DftOutcome run_pw(const DftSettings& settings, const fs::path& dir) {
  std::string line = "cd '" + dir.string() + "' && OMP_NUM_THREADS=1";
  for (const std::string& word : qe_code().command(settings)) line += " '" + word + "'";
  line += " > " + qe_code().info().stdout_file + " 2>&1; echo $? > " + qe_code().info().exit_code_file;
  REQUIRE(std::system(line.c_str()) == 0);
  return qe_code().read_outputs(dir);
}

inline DftOutcome calculated(const Structure& structure, const DftSettings& settings, const fs::path& dir) {
  qe_code().write_inputs(structure, settings, dir);
  return run_pw(settings, dir);
}

}  // namespace hullscan::test
