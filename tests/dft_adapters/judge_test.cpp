#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "dft_adapters/qe/output_text.hpp"
#include "outcomes.hpp"
#include "qe_code.hpp"
#include "recorded_outputs.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// The kind of failure that each refused sample of the manifest is. The rest are "ok" in the manifest's own words.
const std::map<std::string, FailureKind> kRefused = {
    {"bad_scf_notconv", FailureKind::kElectronicNotConverged},
    {"bad_scf_notconv_allowed", FailureKind::kElectronicNotConverged},
    {"bad_vcrelax_scf_notconv", FailureKind::kElectronicNotConverged},
    {"bad_relax_nstep", FailureKind::kIonicNotConverged},
    {"stop_maxseconds", FailureKind::kStoppedByTime},
    {"restart_after_maxseconds", FailureKind::kStoppedByTime},
    {"kill_KILL", FailureKind::kTruncated},
    {"kill_TERM", FailureKind::kTruncated},
    {"restart_after_kill", FailureKind::kRestartUnreadable},
    {"bad_missing_pseudo", FailureKind::kMissingPseudopotential},
    {"bad_zero_cell", FailureKind::kInputRefused},
    {"bad_overlap", FailureKind::kInputRefused},
    {"bad_atoms_close", FailureKind::kUnphysical},
    {"bad_namelist", FailureKind::kInputRefused},
    {"bad_nat", FailureKind::kInputRefused},
    {"bad_metal_fixed", FailureKind::kNeedsSmearing},
    {"bad_mixed_xc", FailureKind::kInputRefused},
    {"bad_nokpts", FailureKind::kRequestNotEchoed},
    {"bad_lowcut", FailureKind::kInputRefused},
    {"bad_outdir_nested", FailureKind::kDiskTrouble},
    {"bad_diskfull", FailureKind::kTruncated},  // recorded without its XML; with one, see below
    {"cut_xml_mid", FailureKind::kNotStarted},  // the XML alone, and cut
    {"cut_out_mid", FailureKind::kTruncated},
};

/// The calculations of the accepted samples.
const std::map<std::string, std::string> kCalculations = {
    {"good_scf_al", "scf"},     {"good_scf_si_insulator", "scf"}, {"good_scf_mpi2", "scf"},
    {"good_relax_si", "relax"}, {"good_vcrelax_al", "vc-relax"},  {"restart_after_term_midopt", "vc-relax"},
};

void check_verdict(const Sample& sample, const DftOutcome& outcome) {
  INFO(sample.name << ": " << sample.verdict);
  if (sample.verdict.starts_with("ok")) {
    if (const auto* failure = std::get_if<DftFailure>(&outcome)) FAIL("refused: " << failure->reason);
    CHECK(std::get<DftConverged>(outcome).calculation == kCalculations.at(sample.name));
  } else {
    REQUIRE(std::holds_alternative<DftFailure>(outcome));
    const auto& failure = std::get<DftFailure>(outcome);
    INFO(failure.reason);
    CHECK(name_of(failure.kind) == name_of(kRefused.at(sample.name)));
    CHECK_FALSE(failure.reason.empty());
  }
}

Sample sample_named(const std::string& name) {
  for (const Sample& sample : manifest()) {
    if (sample.name == name) return sample;
  }
  FAIL("no sample " << name);
  return {};
}

}  // namespace

TEST_CASE("every recorded output of pw.x gives the verdict written beside it", "[dft_adapters][qe]") {
  const auto samples = manifest();
  REQUIRE(samples.size() == kRefused.size() + kCalculations.size());

  for (const Sample& sample : samples) {
    TemporaryDirectory dir;
    lay_out(sample, dir.path());

    check_verdict(sample, qe_code().read_outputs(dir.path()));
  }
}

TEST_CASE("a recorded output read from its file alone gives the same verdict without an exit code",
          "[dft_adapters][qe]") {
  for (const Sample& sample : manifest()) {
    // Where the XML is missing, what is there decides: read_alone_test.cpp.
    if (sample.name == "bad_diskfull" || sample.name == "cut_xml_mid") continue;
    const fs::path out = recorded() / (sample.name + ".out");

    check_verdict(sample, qe_code().read_path(fs::exists(out) ? out : recorded() / (sample.name + ".xml")));
  }
}

TEST_CASE("an XML file finds the output beside it", "[dft_adapters][qe]") {
  CHECK(converged(qe_code().read_path(recorded() / "good_scf_al.xml")).calculation == "scf");
  CHECK(failed(qe_code().read_path(recorded() / "bad_nokpts.xml")).kind == FailureKind::kRequestNotEchoed);
}

TEST_CASE("an XML file in a scratch folder finds the output above it", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  std::string input = text_of(recorded() / "good_scf_al.in");
  const std::string outdir = "./scratch/good_scf_al";
  input.replace(input.find(outdir), outdir.size(), "./scratch");
  write_text(dir.path() / "pw.in", input);
  write_text(dir.path() / "pw.out", text_of(recorded() / "good_scf_al.out"));
  write_text(dir.path() / "scratch/good_scf_al.xml", text_of(recorded() / "good_scf_al.xml"));
  write_text(dir.path() / "scratch/good_scf_al.save/data-file-schema.xml", text_of(recorded() / "good_scf_al.xml"));

  CHECK(converged(qe_code().read_path(dir.path() / "scratch/good_scf_al.xml")).calculation == "scf");
  CHECK(converged(qe_code().read_path(dir.path() / "scratch/good_scf_al.save/data-file-schema.xml")).calculation ==
        "scf");
}

TEST_CASE("a cell that outgrew its plane waves goes on from its last structure", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("good_vcrelax_al"), dir.path());
  std::string output = text_of(dir.path() / "pw.out");
  output.resize(output.rfind("Final scf calculation"));
  // As pw.x 6.7 printed it for NiAl in the L1_0 structure, which relaxes along the Bain path towards B2.
  output += "\n     Error in routine electrons (1):\n     charge is wrong\n";
  write_text(dir.path() / "pw.out", output);
  write_text(dir.path() / "exit_code", "1\n");

  const auto outcome = qe_code().read_outputs(dir.path());

  CHECK(failed(outcome).kind == FailureKind::kIonicNotConverged);
  CHECK(failed(outcome).last_structure);
}

TEST_CASE("the recorded outputs have the end marker and the energies that the manifest counts", "[dft_adapters][qe]") {
  for (const Sample& sample : manifest()) {
    if (sample.job_done == "-") continue;
    INFO(sample.name);

    const auto output = qe::parse_output_text(text_of(recorded() / (sample.name + ".out")));

    CHECK(output.is_pwscf);
    CHECK(output.job_done == (sample.job_done == "1"));
    CHECK(std::to_string(output.total_energies) == sample.bang_lines);
  }
}

// Expected numbers: the last '!' line, forces and pressure printed in the samples' outputs, times CODATA 2018
// factors.
TEST_CASE("an accepted vc-relax gives the energy of the final electronic loop", "[dft_adapters][qe]") {
  const auto outcome = qe_code().read_path(recorded() / "good_vcrelax_al.out");

  const DftConverged& result = converged(outcome);
  CHECK(result.energy_ev == Approx(-4.18870152 * 13.605693122994).epsilon(1e-9));
  CHECK(result.structure.atom_count() == 1);
  CHECK(result.structure.lattice.volume_cubic_angstrom() == Approx(104.69907 * 0.148184711).epsilon(1e-5));
  REQUIRE(result.stress_kbar);
  CHECK((*result.stress_kbar).trace() / 3 == Approx(0.03).margin(0.006));
  REQUIRE(result.wall_time_s);
  CHECK(*result.wall_time_s == Approx(1.23).margin(0.03));
  CHECK(result.code_version == "6.7MaX");
  CHECK_FALSE(result.magnetization_bohr);
  CHECK(result.hull_keys.at("functional") == "LDA");
}

TEST_CASE("forces of an accepted calculation are those printed, in eV/A", "[dft_adapters][qe]") {
  const auto outcome = qe_code().read_path(recorded() / "good_scf_si_insulator.out");

  const DftConverged& result = converged(outcome);
  REQUIRE(result.forces_ev_per_angstrom);
  REQUIRE(result.forces_ev_per_angstrom->size() == 2);
  double sum_of_squares = 0;
  for (const auto& force : *result.forces_ev_per_angstrom) sum_of_squares += force.squaredNorm();
  // "Total force = 0.089667": the norm over all atoms and components, Ry/bohr.
  CHECK(std::sqrt(sum_of_squares) == Approx(0.089667 * 13.605693122994 / 0.529177210903).epsilon(1e-4));
}

TEST_CASE("two ranks give the energy of one", "[dft_adapters][qe]") {
  const auto serial = qe_code().read_path(recorded() / "good_scf_si_insulator.out");
  const auto parallel = qe_code().read_path(recorded() / "good_scf_mpi2.out");

  CHECK(converged(serial).energy_ev == Approx(converged(parallel).energy_ev).margin(2e-7));
}

TEST_CASE("an exit code that is not zero refuses a perfect output", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("good_scf_al"), dir.path());
  write_text(dir.path() / "exit_code", "1\n");

  const auto outcome = qe_code().read_outputs(dir.path());

  CHECK(failed(outcome).kind == FailureKind::kCrashed);
}

TEST_CASE("an unknown exit code alone refuses nothing", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("good_scf_al"), dir.path());
  fs::remove(dir.path() / "exit_code");

  CHECK(converged(qe_code().read_outputs(dir.path())).calculation == "scf");
}

TEST_CASE("without its XML a perfect output is not accepted", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("good_scf_al"), dir.path());
  fs::remove_all(dir.path() / "scratch");

  const auto outcome = qe_code().read_outputs(dir.path());

  CHECK(failed(outcome).kind == FailureKind::kTruncated);
  CHECK(failed(outcome).energy_ev == Approx(-4.18869458 * 13.605693122994));
}

TEST_CASE("without the input it is not known what was asked, so no campaign accepts it", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("good_scf_al"), dir.path());
  fs::remove(dir.path() / "pw.in");
  for (const char* name : {"pwscf.xml", "hullscan.xml", "good_scf_al.xml"})  // wherever it is looked for
    write_text(dir.path() / name, text_of(recorded() / "good_scf_al.xml"));

  CHECK(std::holds_alternative<DftFailure>(qe_code().read_outputs(dir.path())));
}

TEST_CASE("a full disk is seen by the empty files it leaves, not by the exit code", "[dft_adapters][qe]") {
  // The recorded listing says which files were empty; the output is that of good_scf_al, whose XML stands in.
  TemporaryDirectory dir;
  lay_out(sample_named("good_scf_al"), dir.path());
  const auto request = qe::parse_request(text_of(recorded() / "good_scf_al.in"));
  int empty = 0;
  for (const std::string& line : detail::lines(text_of(recorded() / "bad_diskfull.ls"))) {
    const auto parts = detail::words(line);
    if (parts.size() != 9 || !parts[8].ends_with(".dat")) continue;
    const auto size = static_cast<std::size_t>(detail::to_integer(parts[4]).value_or(0));
    empty += size == 0;
    write_text(dir.path() / request.outdir / (request.prefix + ".save") / parts[8], std::string(size, 'x'));
  }
  REQUIRE(empty == 8);

  const auto outcome = qe_code().read_outputs(dir.path());

  CHECK(failed(outcome).kind == FailureKind::kDiskTrouble);
  CHECK(failed(outcome).reason.find("8 empty files") != std::string::npos);
}

TEST_CASE("what was computed otherwise than asked is refused", "[dft_adapters][qe]") {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"ecutwfc=20", "ecutwfc=21"},
      {"8 8 8 0 0 0", "9 8 8 0 0 0"},
      {"8 8 8 0 0 0", "8 8 8 1 0 0"},
      {"degauss=0.02", "degauss=0.01"},
      {"smearing='mv'", "smearing='fd'"},
      {"nat=1", "nat=2"},
      {"Al.pz-vbc.UPF", "Al.other.UPF"},
      {"calculation='scf'", "calculation='relax'"},
      {"degauss=0.02", "degauss=0.02, nspin=2"},
      {"degauss=0.02", "degauss=0.02, input_dft='PBE'"},
      {"degauss=0.02", "degauss=0.02, ecutrho=100"},
      {"degauss=0.02", "degauss=0.02, lda_plus_u=.true., Hubbard_U(1)=3"},
      {"degauss=0.02", "degauss=0.02, vdw_corr='DFT-D'"},
      {"degauss=0.02", "degauss=0.02, assume_isolated='2D'"},
      {"prefix='good_scf_al'", "prefix='another'"},
  };
  for (const auto& [from, to] : changes) {
    INFO(from << " -> " << to);
    TemporaryDirectory dir;
    lay_out(sample_named("good_scf_al"), dir.path());
    std::string input = text_of(dir.path() / "pw.in");
    REQUIRE(input.find(from) != std::string::npos);
    input.replace(input.find(from), from.size(), to);
    write_text(dir.path() / "pw.in", input);
    if (to.starts_with("prefix"))
      fs::rename(dir.path() / "scratch/good_scf_al/good_scf_al.xml", dir.path() / "scratch/good_scf_al/another.xml");

    const auto outcome = qe_code().read_outputs(dir.path());

    CHECK(failed(outcome).kind == FailureKind::kRequestNotEchoed);
  }
}

TEST_CASE("a threshold that the result misses refuses it, though pw.x claims convergence", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("good_scf_al"), dir.path());
  std::string input = text_of(dir.path() / "pw.in");
  const std::string threshold = "conv_thr=1d-8";
  REQUIRE(input.find(threshold) != std::string::npos);
  input.replace(input.find(threshold), threshold.size(), "conv_thr=4d-9");  // the XML says 2.4e-9 Ha = 4.8e-9 Ry
  write_text(dir.path() / "pw.in", input);

  CHECK(failed(qe_code().read_outputs(dir.path())).kind == FailureKind::kElectronicNotConverged);
}

TEST_CASE("XML and output of different runs are not mixed", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("good_relax_si"), dir.path());
  write_text(dir.path() / "scratch/good_relax_si/good_relax_si.xml", text_of(recorded() / "good_scf_si_insulator.xml"));

  CHECK(failed(qe_code().read_outputs(dir.path())).kind == FailureKind::kRequestNotEchoed);
}

TEST_CASE("a failed optimisation leaves its last structure to go on from", "[dft_adapters][qe]") {
  const auto outcome = qe_code().read_path(recorded() / "bad_relax_nstep.out");

  const DftFailure& failure = failed(outcome);
  REQUIRE(failure.last_structure);
  REQUIRE(failure.last_structure->atom_count() == 2);
  // Printed: Si 0.2600251974 0.2449202012 0.2496664335 (alat = 10.2 bohr); ibrav=2 vectors (-1 0 1)/2, (0 1 1)/2, (-1
  // 1 0)/2.
  const auto cartesian = failure.last_structure->lattice.to_cartesian(failure.last_structure->positions[1]);
  CHECK(cartesian.x[0] == Approx(0.2600251974 * 10.2 * 0.529177210903));
  CHECK(cartesian.x[2] == Approx(0.2496664335 * 10.2 * 0.529177210903));
  CHECK(failure.calculation == "relax");
  CHECK(failure.wall_time_s == Approx(3.65));
}

TEST_CASE("a killed calculation says by which signal", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample_named("kill_TERM"), dir.path());

  CHECK(failed(qe_code().read_outputs(dir.path())).reason.find("signal 15") != std::string::npos);
}

TEST_CASE("a program that could not be started is the machine's fault", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  write_text(dir.path() / "exit_code", "127\n");

  const auto outcome = qe_code().read_outputs(dir.path());

  CHECK(failed(outcome).kind == FailureKind::kNotStarted);
  CHECK(failed(outcome).failure_class == FailureClass::kEnvironment);
}

TEST_CASE("a path that is not there is the user's error", "[dft_adapters][qe]") {
  CHECK_THROWS_AS(qe_code().read_path(recorded() / "no_such.out"), InputError);
  CHECK_THROWS_WITH(qe_code().read_path(recorded()), Catch::Contains("name one of them"));
}
