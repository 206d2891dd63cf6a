/// Runs the real pw.x where it and its pseudopotentials are installed.
#include "pwx.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("pw.x computes aluminium as it was asked", "[dft_adapters][qe][pwx]") {
  if (!can_run_pw()) return;
  const DftSettings settings = pw_settings("calculation = \"scf\"\necutwfc = 20\nkpoint_spacing = 0.35\n");
  const TemporaryDirectory dir;

  const DftOutcome outcome = calculated(fcc_crystal("Al", 3.97), settings, dir.path());

  const DftConverged& result = converged(outcome);
  // The recorded good_scf_al (same functional, cutoff, smearing and grid; 7.50 bohr) has -56.992 eV.
  CHECK(result.energy_ev == Approx(-56.992).margin(0.005));
  CHECK(result.calculation == "scf");
  CHECK(result.structure.atom_count() == 1);
  CHECK(result.hull_keys == qe_code().hull_keys(settings));
}

TEST_CASE("pw.x relaxes the cell of aluminium", "[dft_adapters][qe][pwx]") {
  if (!can_run_pw()) return;
  const DftSettings settings = pw_settings("calculation = \"vc-relax\"\necutwfc = 15\nkpoint_spacing = 0.35\n");
  const TemporaryDirectory dir;

  const DftOutcome outcome = calculated(fcc_crystal("Al", 4.05), settings, dir.path());

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
  if (!can_run_pw()) return;
  DftSettings settings = pw_settings("calculation = \"vc-relax\"\necutwfc = 15\nkpoint_spacing = 0.5\nnstep = 2\n");
  Structure structure = fcc_crystal("Al", 4.3);
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
