/// Runs the real pw.x where it and its pseudopotentials are installed.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "core/errors.hpp"
#include "core/settings.hpp"
#include "dft_adapters/dft_code.hpp"
#include "recorded_outputs.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

const DftCode& qe_code() { return *find_dft_code("quantum-espresso"); }

bool in_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : detail::split(path == nullptr ? "" : path, ':')) {
    if (fs::exists(fs::path(folder) / program)) return true;
  }
  return false;
}

fs::path pseudo_dir() {
  const char* set = std::getenv("ESPRESSO_PSEUDO");
  return set != nullptr ? set : "/usr/share/espresso/pseudo";
}

bool can_run() {
  if (!in_path("pw.x")) {
    std::cout << "SKIPPED: pw.x is not in PATH (Debian: quantum-espresso)\n";
    return false;
  }
  if (!fs::exists(pseudo_dir() / "Al.pz-vbc.UPF")) {
    std::cout << "SKIPPED: no Al.pz-vbc.UPF in " << pseudo_dir().string() << " (Debian: quantum-espresso-data)\n";
    return false;
  }
  return true;
}

DftSettings settings_of(const std::string& toml) {
  Problems problems;
  const SettingsTable table =
      parse_settings_toml("pseudopotentials = { Al = \"Al.pz-vbc.UPF\" }\n" + toml, "campaign.toml");
  const std::vector<Species> species = {Species::from_symbol("Al")};
  const DftSettings settings = qe_code().resolve(table, species, problems);
  problems.throw_if_any();
  return settings;
}

Structure fcc_aluminium(double a) {
  Eigen::Matrix3d rows;
  rows << 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0;
  return {Lattice(rows * a), {Species::from_symbol("Al")}, {Fractional{}}};
}

/// As an executor does: standard output and exit code into the directory.
DftOutcome calculated(const Structure& structure, const DftSettings& settings, const fs::path& dir) {
  qe_code().write_inputs(structure, settings, dir);
  std::string line = "cd '" + dir.string() + "' && OMP_NUM_THREADS=1";
  for (const std::string& word : qe_code().command(settings)) line += " '" + word + "'";
  line += " > " + qe_code().info().stdout_file + " 2>&1; echo $? > " + qe_code().info().exit_code_file;
  REQUIRE(std::system(line.c_str()) == 0);
  return qe_code().read_outputs(dir);
}

const DftConverged& converged(const DftOutcome& outcome) {
  if (const auto* failure = std::get_if<DftFailure>(&outcome)) FAIL("refused: " << failure->reason);
  return std::get<DftConverged>(outcome);
}

}  // namespace

TEST_CASE("pw.x computes aluminium as it was asked", "[dft_adapters][qe][pwx]") {
  if (!can_run()) return;
  const DftSettings settings = settings_of("calculation = \"scf\"\necutwfc = 20\nkpoint_spacing = 0.35\n");
  const TemporaryDirectory dir;

  const DftOutcome outcome = calculated(fcc_aluminium(3.97), settings, dir.path());

  const DftConverged& result = converged(outcome);
  // The recorded good_scf_al (same functional, cutoff, smearing and grid; 7.50 bohr) has -56.992 eV.
  CHECK(result.energy_ev == Approx(-56.992).margin(0.005));
  CHECK(result.calculation == "scf");
  CHECK(result.structure.atom_count() == 1);
  CHECK(result.hull_keys == qe_code().hull_keys(settings));
}

TEST_CASE("pw.x relaxes the cell of aluminium", "[dft_adapters][qe][pwx]") {
  if (!can_run()) return;
  const DftSettings settings = settings_of("calculation = \"vc-relax\"\necutwfc = 15\nkpoint_spacing = 0.35\n");
  const TemporaryDirectory dir;

  const DftOutcome outcome = calculated(fcc_aluminium(4.05), settings, dir.path());

  const DftConverged& result = converged(outcome);
  // The local density approximation gives 3.96 to 4.00 A for fcc aluminium; the low cutoff moves it by some
  // hundredths.
  const double a = std::cbrt(4 * result.structure.lattice.volume_cubic_angstrom());
  CHECK(a > 3.88);
  CHECK(a < 4.02);
  REQUIRE(result.stress_kbar);
  CHECK(std::abs(result.stress_kbar->trace() / 3) < 10);  // of the final basis, so not below press_conv_thr
}

TEST_CASE("pw.x stopped too early is refused and its ladder ends in an accepted result", "[dft_adapters][qe][pwx]") {
  if (!can_run()) return;
  DftSettings settings = settings_of("calculation = \"vc-relax\"\necutwfc = 15\nkpoint_spacing = 0.5\nnstep = 2\n");
  Structure structure = fcc_aluminium(4.3);
  std::vector<std::string> tried;

  DftOutcome outcome = DftFailure{};
  for (int attempt = 0; attempt < 5; ++attempt) {
    const TemporaryDirectory dir;
    outcome = calculated(structure, settings, dir.path());
    const auto* failure = std::get_if<DftFailure>(&outcome);
    if (failure == nullptr) break;
    const auto correction = qe_code().correct(*failure, settings, tried);
    INFO(failure->reason);
    REQUIRE(correction);
    tried.push_back(correction->handler);
    settings = correction->settings;
    if (correction->from_last_structure) structure = *failure->last_structure;
  }

  CHECK(converged(outcome).calculation == "vc-relax");
  CHECK_FALSE(tried.empty());
}
