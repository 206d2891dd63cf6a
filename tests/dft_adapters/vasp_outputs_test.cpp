#include <array>
#include <catch2/catch.hpp>

#include "dft_adapters/vasp/code_errors.hpp"
#include "dft_adapters/vasp/outcar.hpp"
#include "dft_adapters/vasp/settings.hpp"
#include "dft_adapters/vasp/vasprun.hpp"
#include "outcomes.hpp"
#include "vasp_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

const std::string kRelax = "input_set = \"mp-relax\"\npotcar_dir = \"potcars\"\nkpoints = [2, 2, 2]\n";

/// Ni, Al, Ni in a box: the file has Al first.
Structure sample() {
  const Species al = Species::from_symbol("Al"), ni = Species::from_symbol("Ni");
  return {Lattice(3.6 * Eigen::Matrix3d::Identity()),
          {ni, al, ni},
          {{Eigen::Vector3d(0, 0, 0)}, {Eigen::Vector3d(0.5, 0.5, 0)}, {Eigen::Vector3d(0.5, 0, 0.5)}}};
}

/// A calculation of the stand-in.
struct Run {
  explicit Run(const std::string& environment = "", const std::string& more = "")
      : settings(folder.resolved(kRelax + more, species_list({"Al", "Ni"}))) {
    vasp_adapter().write_inputs(sample(), settings, dir.path());
    run_stand_in(dir.path(), environment);
  }
  DftOutcome outcome() const { return vasp_adapter().read_outputs(dir.path()); }
  PotcarFolder folder;
  TemporaryDirectory dir;
  DftSettings settings;
};

/// Energy by the stand-in's formula at its best volume: e = -3 - Z/10 each, -0.4 N x (1 - x) with x = 1/3.
constexpr double kEnergy = -3 - 1.3 + 2 * (-3 - 2.8) - 0.4 * 3 * (1.0 / 3) * (2.0 / 3);

}  // namespace

TEST_CASE("a finished relaxation of VASP is accepted, atoms and forces in the order given", "[dft_adapters][vasp]") {
  const Run run;

  const auto outcome = run.outcome();

  const DftConverged& result = converged(outcome);
  CHECK(result.calculation == "vc-relax");
  CHECK(result.energy_ev == Approx(kEnergy).margin(1e-6));  // not e_0_energy of the last block, which says 0
  CHECK(result.structure.lattice.volume_cubic_angstrom() == Approx(12 * 3 + 0.1 * (13 + 2 * 28)).epsilon(1e-6));
  CHECK(result.structure.species == sample().species);
  REQUIRE(result.forces_ev_per_angstrom);
  // The stand-in's force names the atom's number in the file, where Al stands first.
  CHECK((*result.forces_ev_per_angstrom)[0][2] == Approx(0.002));
  CHECK((*result.forces_ev_per_angstrom)[1][2] == Approx(0.001));
  CHECK((*result.forces_ev_per_angstrom)[2][2] == Approx(0.003));
  CHECK(result.magnetization_bohr == Approx(1.2));
  CHECK(result.wall_time_s == Approx(1.25));
  CHECK(result.code_version == "6.3.2");
  CHECK(result.hull_keys == vasp::hull_keys_of(run.settings));  // of the relaxation alone: no closing single point yet
}

TEST_CASE("a compressed cell has positive stress", "[dft_adapters][vasp]") {
  const Run run("", "incar = { NSW = 0 }\n");

  const auto outcome = run.outcome();

  const DftConverged& result = converged(outcome);
  CHECK(result.calculation == "scf");
  REQUIRE(result.stress_kbar);
  // dE/dV = 0.1 (V - N v)/N with V = 46.656 and N v = 42.9.
  CHECK((*result.stress_kbar)(0, 0) == Approx(-0.1 * (46.656 - 42.9) / 3 * 1602.176634).epsilon(1e-4));
}

TEST_CASE("electronic steps that ran out refuse a result that says EDIFF is reached", "[dft_adapters][vasp]") {
  const Run run("STAND_IN_MODE=nelm");

  const auto outcome = run.outcome();

  CHECK(text_of(run.dir.path() / "OUTCAR").find("EDIFF is reached") != std::string::npos);
  CHECK(failed(outcome).kind == FailureKind::kElectronicNotConverged);
  const auto next = vasp_adapter().correct(failed(outcome), run.settings, {});
  REQUIRE(next);
  CHECK(next->settings.values.at("incar.ALGO") == "Normal");
}

TEST_CASE("ionic steps that ran out leave a structure to go on from", "[dft_adapters][vasp]") {
  const Run run("STAND_IN_MODE=nsw", "incar = { NSW = 4 }\n");

  const auto outcome = run.outcome();

  CHECK(failed(outcome).kind == FailureKind::kIonicNotConverged);
  REQUIRE(failed(outcome).last_structure);
  CHECK(failed(outcome).last_structure->species == sample().species);
  CHECK(vasp_adapter().correct(failed(outcome), run.settings, {})->from_last_structure);
}

TEST_CASE("a killed VASP leaves a cut vasprun.xml, of which the complete steps count", "[dft_adapters][vasp]") {
  const Run run("STAND_IN_MODE=kill");

  const auto outcome = run.outcome();

  CHECK(failed(outcome).kind == FailureKind::kTruncated);
  CHECK(failed(outcome).reason.find("killed by signal 9") != std::string::npos);
  CHECK(failed(outcome).reason.find("2 complete ionic steps") != std::string::npos);
  REQUIRE(failed(outcome).last_structure);
}

TEST_CASE("a vasprun.xml cut at any byte is never accepted and never throws", "[dft_adapters][vasp]") {
  const Run run;
  const std::string whole = text_of(run.dir.path() / "vasprun.xml");
  for (std::size_t length = 0; length + 12 < whole.size(); length += 97) {
    write_text(run.dir.path() / "vasprun.xml", whole.substr(0, length));

    CHECK(std::holds_alternative<DftFailure>(run.outcome()));
  }
}

TEST_CASE("an empty OUTCAR, an empty CONTCAR and no vasprun.xml are not a result", "[dft_adapters][vasp]") {
  const Run run;
  write_text(run.dir.path() / "CONTCAR", "");
  CHECK(std::holds_alternative<DftConverged>(run.outcome()));
  write_text(run.dir.path() / "OUTCAR", "");
  CHECK(failed(run.outcome()).kind == FailureKind::kTruncated);
  fs::remove(run.dir.path() / "vasprun.xml");
  CHECK(failed(run.outcome()).kind == FailureKind::kNotStarted);
}

TEST_CASE("STOPCAR ends the stand-in cleanly and is distinguished from success", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  const DftSettings settings = folder.resolved(kRelax, species_list({"Al", "Ni"}));
  TemporaryDirectory dir;
  vasp_adapter().write_inputs(sample(), settings, dir.path());
  write_text(dir.path() / vasp_adapter().info().stop_file, vasp_adapter().info().stop_text);

  run_stand_in(dir.path(), "STAND_IN_MODE=hang");

  CHECK(failed(vasp_adapter().read_outputs(dir.path())).kind == FailureKind::kStoppedByUser);
}

TEST_CASE("an energy above zero and a request that is not echoed are refused", "[dft_adapters][vasp]") {
  CHECK(failed(Run("STAND_IN_MODE=repulsive").outcome()).kind == FailureKind::kUnphysical);

  const Run run;
  std::string incar = text_of(run.dir.path() / "INCAR");
  incar.replace(incar.find("ENCUT = 520"), 11, "ENCUT = 521");
  write_text(run.dir.path() / "INCAR", incar);
  CHECK(failed(run.outcome()).kind == FailureKind::kRequestNotEchoed);
}

TEST_CASE("another POTCAR than the one asked for is noticed by its title", "[dft_adapters][vasp]") {
  const Run run;
  std::string xml = text_of(run.dir.path() / "vasprun.xml");
  xml.replace(xml.find("PAW_PBE Ni_pv"), 13, "PAW_PBE Ni   ");
  write_text(run.dir.path() / "vasprun.xml", xml);

  CHECK(failed(run.outcome()).kind == FailureKind::kRequestNotEchoed);
}

TEST_CASE("a calculation that hullscan did not start is read from its directory or its vasprun.xml alone",
          "[dft_adapters][vasp]") {
  const Run run;
  fs::remove(run.dir.path() / "hullscan-request.json");
  TemporaryDirectory alone;
  write_text(alone.path() / "my-vasprun.xml", text_of(run.dir.path() / "vasprun.xml"));

  const auto in_directory = vasp_adapter().read_path(run.dir.path());
  const auto by_file = vasp_adapter().read_path(alone.path() / "my-vasprun.xml");

  CHECK(converged(in_directory).energy_ev == Approx(kEnergy).margin(1e-6));
  CHECK(converged(in_directory).structure.species[0].symbol() == "Al");  // the file's own order
  CHECK(converged(by_file).energy_ev == Approx(kEnergy).margin(1e-6));
  CHECK(converged(by_file).hull_keys.at("ENCUT") == "520");
  CHECK_THROWS_AS(vasp_adapter().read_path(alone.path() / "nowhere"), InputError);
}

TEST_CASE("every known error of VASP is recognised in its output and leads down a bounded ladder",
          "[dft_adapters][vasp]") {
  const Run good;
  DftSettings begun_with = good.settings;  // in which every remedy has something to change
  for (const auto& [key, value] : {std::pair{"gamma_centred", "0"},
                                   {"incar.KPAR", "4"},
                                   {"incar.NPAR", "2"},
                                   {"incar.NBANDS", "20"},
                                   {"incar.ICHARG", "1"}})
    begun_with.values[key] = value;
  for (const auto& error : vasp::known_errors()) {
    INFO(error.name);
    for (const std::string_view signature : error.signatures) {
      INFO(signature);
      CHECK(vasp::find_error(std::string("some\n words ") + std::string(signature) + " words\n") == &error);
    }
    TemporaryDirectory dir;
    vasp_adapter().write_inputs(sample(), begun_with, dir.path());
    write_text(dir.path() / "fault", std::string(error.signatures[0]));
    run_stand_in(dir.path(), "STAND_IN_FAULT=\"$(cat fault)\"");

    const auto outcome = vasp_adapter().read_outputs(dir.path());

    const DftFailure& failure = failed(outcome);
    CHECK(name_of(failure.kind) == name_of(error.kind));
    CHECK(failure.reason.find(error.signatures[0]) != std::string::npos);
    std::vector<std::string> tried;
    DftSettings settings = begun_with;
    while (const auto next = vasp_adapter().correct(failure, settings, tried)) {
      CHECK(vasp_adapter().hull_keys(next->settings) == vasp_adapter().hull_keys(settings));
      CHECK_FALSE(next->explanation.empty());
      tried.push_back(next->handler);
      settings = next->settings;
      REQUIRE(tried.size() <= 6);
    }
    CHECK(tried.empty() == error.ladder.empty());
  }
}

// The remedies of the table in docs/dft-codes.md: the error, the tags that the first two rungs leave behind.
TEST_CASE("remedies of VASP are those of the table, in order", "[dft_adapters][vasp]") {
  const Run run;
  const auto rungs = [&](const std::string& message) {
    DftFailure failure;
    failure.kind = vasp::find_error(message)->kind;
    failure.failure_class = FailureClass::kRecoverable;
    failure.reason = "VASP: " + message + " (NBANDS = 12)";
    std::vector<std::string> tried;
    DftSettings settings = run.settings;
    while (const auto next = vasp_adapter().correct(failure, settings, tried)) {
      tried.push_back(next->handler);
      settings = next->settings;
    }
    return std::pair(tried, settings);
  };

  CHECK(rungs("Tetrahedron method fails for NKPT<4").first == std::vector<std::string>{"vasp-gaussian-smearing"});
  CHECK(rungs("BRMIX: very serious problems").first ==
        std::vector<std::string>{"vasp-kerker-mixing", "vasp-no-symmetry"});
  CHECK(rungs("Sub-Space-Matrix is not hermitian in DAV").second.values.at("incar.LREAL") == ".FALSE.");
  CHECK(rungs("rotation matrix was not found").first ==
        std::vector<std::string>{"vasp-symprec-1e-8", "vasp-no-symmetry"});
  const auto bands = rungs("TOO FEW BANDS");
  CHECK(bands.first == std::vector<std::string>(3, "vasp-more-bands"));
  CHECK(bands.second.values.at("incar.NBANDS") == "18");  // ceil of 13.2, 15.4, 17.6
}

TEST_CASE("OSZICAR and OUTCAR lines give their numbers", "[dft_adapters][vasp]") {
  const auto oszicar = vasp::parse_oszicar(
      "       N       E                     dE             d eps       ncg     rms          rms(c)\n"
      "DAV:   1    -0.1E+02   -0.1E+02   -0.1E+03   100   0.1E+02\nRMM:   2    -0.1E+02   -0.1E+02   -0.1E+03   100  "
      " 0.1\n"
      "   1 F= -.10851234E+02 E0= -.10850000E+02  d E =-.1E-02  mag=     0.5000\n"
      "DAV:   1    -0.1E+02   -0.1E+02   -0.1E+03   100   0.1E+02\n");

  CHECK(oszicar.ionic_steps == 1);
  CHECK(oszicar.electronic_steps == 1);
  CHECK(oszicar.last_energy_ev == Approx(-10.85));
  CHECK(oszicar.magnetization_bohr == Approx(0.5));
}
