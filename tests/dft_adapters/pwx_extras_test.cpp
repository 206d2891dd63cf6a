/// What pw.x does with U, layers, dispersion and restarts: the real program says whether our inputs mean what we think.
#include <cmath>

#include "pwx.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

constexpr const char* kNickel = "Ni.pz-nd-rrkjus.UPF";
constexpr const char* kCarbon = "C.pbe-rrkjus.UPF";

Structure graphene(double height) {
  Eigen::Matrix3d rows;
  rows << 2.46, 0, 0, -1.23, 1.23 * std::sqrt(3.0), 0, 0, 0, height;
  const Species c = Species::from_symbol("C");
  return {
      Lattice(rows), {c, c}, {Fractional{Eigen::Vector3d(0, 0, 0)}, Fractional{Eigen::Vector3d(1. / 3, 2. / 3, 0)}}};
}

}  // namespace

TEST_CASE("pw.x computes nickel with the U that was asked and says so", "[dft_adapters][qe][pwx][hubbard]") {
  if (!can_run_pw(kNickel)) return;
  const std::string basic =
      "calculation = \"scf\"\necutwfc = 20\nkpoint_spacing = 0.8\nstarting_magnetization = { Ni = 0.5 }\nconv_thr = "
      "1e-6\n";
  const DftSettings settings = pw_settings(basic + "hubbard_u = { Ni = 4.0 }\nversion = \"6.7\"\n", "Ni", kNickel);
  const TemporaryDirectory plain, with_u;

  const DftOutcome without = calculated(fcc_crystal("Ni", 3.52), pw_settings(basic, "Ni", kNickel), plain.path());
  const DftOutcome outcome = calculated(fcc_crystal("Ni", 3.52), settings, with_u.path());

  const DftConverged& result = converged(outcome);
  // Dudarev's term U/2 sum of n(1 - n) is not negative.
  CHECK(result.energy_ev > converged(without).energy_ev + 0.1);
  CHECK(result.hull_keys == qe_code().hull_keys(settings));
  CHECK(result.hull_keys.at("hubbard_u.Ni") == "4");

  // The same output for another U, or none, is not what was asked.
  std::string input = text_of(with_u.path() / "pw.in");
  const auto at = input.find("Hubbard_U(1) = 4");
  REQUIRE(at != std::string::npos);
  write_text(with_u.path() / "pw.in", input.replace(at, 16, "Hubbard_U(1) = 5"));
  const DftOutcome other = qe_code().read_outputs(with_u.path());
  REQUIRE(std::holds_alternative<DftFailure>(other));
  CHECK(std::get<DftFailure>(other).kind == FailureKind::kRequestNotEchoed);
}

TEST_CASE("pw.x computes a layer by itself as it does one far from its images", "[dft_adapters][qe][pwx]") {
  if (!can_run_pw(kCarbon)) return;
  const std::string basic = "calculation = \"scf\"\necutwfc = 18\nkpoint_spacing = 1.0\nconv_thr = 1e-6\n";
  const TemporaryDirectory alone, among_images;

  const DftOutcome layer =
      calculated(graphene(14), pw_settings(basic + "assume_isolated = \"2D\"\n", "C", kCarbon), alone.path());
  const DftOutcome crystal = calculated(graphene(14), pw_settings(basic, "C", kCarbon), among_images.path());

  CHECK(converged(layer).hull_keys.at("assume_isolated") == "2D");
  // Graphene has no dipole, so that its images 14 Å away change nothing but what the truncation itself does.
  CHECK(converged(layer).energy_ev == Approx(converged(crystal).energy_ev).margin(0.005));
}

TEST_CASE("pw.x adds the dispersion energy that was asked", "[dft_adapters][qe][pwx]") {
  if (!can_run_pw(kCarbon)) return;
  const std::string basic = "calculation = \"scf\"\necutwfc = 18\nkpoint_spacing = 1.5\nconv_thr = 1e-6\n";
  const TemporaryDirectory plain;
  const DftOutcome without = calculated(graphene(6), pw_settings(basic, "C", kCarbon), plain.path());
  for (const std::string kind : {"grimme-d2", "grimme-d3"}) {
    const DftSettings settings = pw_settings(basic + "vdw_corr = \"" + kind + "\"\n", "C", kCarbon);
    const TemporaryDirectory with_dispersion;

    const DftOutcome outcome = calculated(graphene(6), settings, with_dispersion.path());

    INFO(kind);
    CHECK(converged(outcome).energy_ev < converged(without).energy_ev - 0.05);  // it attracts
    CHECK(converged(outcome).hull_keys == qe_code().hull_keys(settings));
  }
}

TEST_CASE("pw.x goes on where its clock stopped it and finds the same energy", "[dft_adapters][qe][pwx]") {
  if (!can_run_pw()) return;
  const std::string basic =
      "calculation = \"scf\"\necutwfc = 30\nkpoint_spacing = 0.15\nconv_thr = 1e-9\nmixing_beta = 0.3\n";
  const Structure aluminium = fcc_crystal("Al", 4.0);
  const TemporaryDirectory whole;
  const DftOutcome expected = calculated(aluminium, pw_settings(basic), whole.path());
  DftSettings settings = pw_settings(basic + "max_seconds = 1\n");

  const TemporaryDirectory root;
  std::vector<std::string> tried;
  DftOutcome outcome = DftFailure{};
  for (int attempt = 1; attempt <= 4; ++attempt) {
    const fs::path dir = root.path() / std::to_string(attempt);
    fs::create_directory(dir);
    qe_code().write_inputs(aluminium, settings, dir);
    if (attempt > 1)
      CHECK_FALSE(qe_code().carry_over(settings, root.path() / std::to_string(attempt - 1), dir).empty());
    outcome = run_pw(settings, dir);
    const auto* failure = std::get_if<DftFailure>(&outcome);
    if (failure == nullptr) break;
    INFO(failure->reason);
    REQUIRE(failure->kind == FailureKind::kStoppedByTime);
    const auto correction = qe_code().correct(*failure, settings, tried);
    REQUIRE(correction);
    tried.push_back(correction->handler);
    settings = correction->settings;
    settings.values.erase("max_seconds");  // as a later process with more time
  }

  REQUIRE(tried == std::vector<std::string>{"qe-restart"});
  CHECK(converged(outcome).energy_ev == Approx(converged(expected).energy_ev).margin(1e-5));
}
