// Outputs of VASP as people bring them. tests/data/vasp_outputs holds directories that a stand-in made, each with its
// verdict in MANIFEST.tsv; ordinary_lines.txt holds lines that VASP 4.6 to 6 print in calculations that are right.
#include <catch2/catch.hpp>

#include "dft_adapters/detail/exit_codes.hpp"
#include "dft_adapters/vasp/code_errors.hpp"
#include "dft_adapters/vasp/messages.hpp"
#include "dft_adapters/vasp/outcar.hpp"
#include "outcomes.hpp"
#include "vasp_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

fs::path outputs() { return fs::path(HULLSCAN_TEST_DATA) / "vasp_outputs"; }

/// A directory of the collection, to be changed.
struct Copy {
  explicit Copy(const std::string& name) { fs::copy(outputs() / name, dir.path(), fs::copy_options::recursive); }
  DftOutcome read(const std::string& name = "") const { return vasp_adapter().read_path(dir.path() / name); }
  void remove(const std::string& name) const { fs::remove(dir.path() / name); }
  void replace(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = text_of(dir.path() / file);
    const std::size_t at = text.rfind(from);
    REQUIRE(at != std::string::npos);
    write_text(dir.path() / file, text.replace(at, from.size(), to));
  }
  void pack() const { REQUIRE(std::system(("gzip -r '" + dir.path().string() + "'").c_str()) == 0); }
  TemporaryDirectory dir;
};

std::string boxed(const std::vector<std::string>& lines, bool refuses = true) {
  std::string text = " " + std::string(77, '-') + "\n|" + std::string(77, ' ') + "|\n";
  if (refuses) text += "|     EEEEEEE  RRRRRR   RRRRRR   OOOOOOO  RRRRRR      ###     ###     ###     |\n";
  for (const std::string& line : lines) text += "|     " + line + std::string(72 - line.size(), ' ') + "|\n";
  if (refuses) text += "|       ---->  I REFUSE TO CONTINUE WITH THIS SICK JOB ... BYE!!! <----       |\n";
  return text + " " + std::string(77, '-') + "\n";
}

std::string name_said(const std::string& text, vasp::Source source = vasp::Source::kStandardOutput) {
  const auto said = vasp::error_said(text, source);
  if (!said) return "";
  return said->error == nullptr ? "unknown" : std::string(said->error->name);
}

const std::string kElectronicStep = "DAV:   1    -0.4873E+01   -0.1E+00   -0.1E+00   800   0.1E+00\n";
const std::string kIonicStep = "   1 F= -.69670383E+01 E0= -.69649383E+01  d E =-.210000E-02\n";

/// The head, one ionic step and the end of an OUTCAR of VASP 5.4, of rock salt with one formula unit.
const std::string kOutcar =
    " vasp.5.4.4.18Apr17-6-g9f103f2a35 (build) complex\n\n INCAR:\n   ENCUT = 300   IBRION = 1\n"
    " POTCAR:    PAW_PBE Mg_pv 13Apr2007\n POTCAR:    PAW_PBE O 08Apr2002\n   VRHFIN =Mg: p6s2\n   ENMAX  =  "
    "403.929; "
    "ENMIN  =  302.947 eV\n   VRHFIN =O: s2p4\n   ions per type =               1   1\n"
    " Startparameter for this run:\n   PREC   = accura    normal or accurate\n   ISPIN  =      2    spin polarized\n"
    "   ENCUT  =  520.0 eV  38.22 Ry    6.18 a.u.\n   NELM   =    100;   NELMIN=  2; NELMDL= -5     # of ELM steps\n"
    "   NSW    =      0    number of steps for IOM\n   IBRION =     -1    ionic relax: 0-MD 1-quasi-New 2-CG\n"
    "   ISIF   =      3    stress and relaxation\n   ISMEAR =    -5;   SIGMA  =   0.05  broadening in eV\n"
    "      direct lattice vectors                 reciprocal lattice vectors\n"
    "     0.000000000  2.100000000  2.100000000    -0.238095238  0.238095238  0.238095238\n"
    "     2.100000000  0.000000000  2.100000000     0.238095238 -0.238095238  0.238095238\n"
    "     2.100000000  2.100000000  0.000000000     0.238095238  0.238095238 -0.238095238\n\n"
    "--------------------------------------- Iteration      1(   1)  ---------------------------------------\n"
    " BZINTS: Fermi energy:  3.100000; 14.000000 electrons\n"
    "--------------------------------------- Iteration      1(  12)  ---------------------------------------\n"
    " number of electron      14.0000000 magnetization      -0.5000000\n"
    "------------------------ aborting loop because EDIFF is reached ---------------------------------------\n"
    "  in kB      12.00000    12.00000    12.00000    -0.10000     0.20000     0.30000\n"
    " POSITION                                       TOTAL-FORCE (eV/Angst)\n"
    " ----------------------------------------------------------------------------------- \n"
    "      0.00000      0.00000      0.00000         0.000000      0.000000      0.010000\n"
    "      2.10000      2.10000      2.10000         0.000000      0.000000     -0.010000\n"
    " ----------------------------------------------------------------------------------- \n"
    "  free  energy   TOTEN  =       -11.95000000 eV\n\n"
    "  energy  without entropy=      -11.95000000  energy(sigma->0) =      -11.95000000\n";
const std::string kEnd =
    " General timing and accounting informations for this job:\n                         Elapsed time (sec):       "
    "12.500\n";

}  // namespace

TEST_CASE("every directory of the collection gets the verdict written beside it", "[dft_adapters][vasp]") {
  const auto lines = detail::lines(text_of(outputs() / "MANIFEST.tsv"));
  REQUIRE(lines.size() > 10);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto cells = detail::split(lines[i], '\t');
    REQUIRE(cells.size() == 6);
    INFO(cells[0]);

    const auto outcome = vasp_adapter().read_path(outputs() / cells[0]);

    const auto* failure = std::get_if<DftFailure>(&outcome);
    INFO((failure != nullptr ? failure->reason : "converged"));
    CHECK((failure == nullptr) == (cells[1] == "0"));
    if (failure != nullptr) {
      CHECK(name_of(failure->kind) == cells[2]);
      CHECK_THAT(failure->reason, Contains(cells[3]));
      if (!cells[4].empty()) CHECK_THAT(failure->reason, !Contains(cells[4]));
    } else {
      CHECK(converged(outcome).calculation == cells[2]);
      CHECK(converged(outcome).missing.empty());
      if (!cells[5].empty()) CHECK(converged(outcome).energy_ev == Approx(std::stod(cells[5])).margin(1e-8));
    }
  }
}

TEST_CASE("no line that VASP prints in calculations that are right is taken for an error", "[dft_adapters][vasp]") {
  const std::string ordinary = text_of(outputs() / "ordinary_lines.txt");
  const auto lines = detail::lines(ordinary);
  REQUIRE(lines.size() > 60);

  for (const std::string& line : lines) {
    INFO(line);
    CHECK(vasp::find_error(line) == nullptr);
    CHECK(name_said(line + "\n", vasp::Source::kOutcar).empty());
  }
  CHECK(name_said(ordinary).empty());
  for (const auto& entry : fs::directory_iterator(outputs())) {
    if (!fs::exists(entry.path() / "OUTCAR")) continue;
    INFO(entry.path());
    CHECK(name_said(text_of(entry.path() / "OUTCAR"), vasp::Source::kOutcar).empty());
  }
}

// The sentences as VASP 6 breaks them at the width of its box (68 letters), one without a blank before the routine.
TEST_CASE("an error that VASP's box breaks over lines is read as one sentence", "[dft_adapters][vasp]") {
  const auto said = [](const std::vector<std::string>& lines) { return name_said(boxed(lines)); };

  CHECK(said({"VERY BAD NEWS! internal error in subroutine BZINTS: Tetrahedron",
              "method fails (number of k-points < 4) 3"}) == "tetrahedra");
  CHECK(said({"IBZKPT: not all point group operations associated with the symmetry",
              "operators of the crystalline lattice are members of the point group", "of the reciprocal lattice."}) ==
        "k_symmetry");
  CHECK(said({"VERY BAD NEWS! internal error in subroutine POSMAP: symmetry",
              "equivalent atom not found, you might try decreasing or increasing"}) == "posmap");
  CHECK(said({"VERY BAD NEWS! internal error in subroutineRHOSYG:stars are not",
              "distinct, try to increase SYMPREC"}) == "rhosyg");
  CHECK(said({"VERY BAD NEWS! internal error in subroutine INVGRP: inverse of",
              "rotation matrix was not found (increase SYMPREC) 2"}) == "rotation_matrix");
  CHECK(said({"internal error in GENERATE_KPOINTS_TRANS: number of G-vector", "changed in star 570 569"}) == "k_stars");
  CHECK(said({"ERROR FEXCF: supplied exchange-correlation table", "is too small, maximal index : 7355"}) ==
        "exchange_table");
  CHECK(said({"PRICELV: current lattice and primitive lattice are incommensurate", "within SYMPREC."}) == "pricelv");
  CHECK(said({"HNFORM: k-point generating vectors and reciprocal lattice are", "incommensurate."}) == "k_lattice");
  CHECK(said({"ERROR in EDDIAG: call to ZHEEV/ZHEEVX/DSYEV/DSYEVX failed! error code", "was 4"}) == "zheev");
  // A plain line of VASP 5, and one of libraries that MPI puts a rank before.
  CHECK(name_said(" POSMAP internal error: symmetry equivalent atom not found,\n") == "posmap");
  CHECK(name_said("[3]  LAPACK: Routine ZPOTRF failed!  5 1 0\n") == "zpotrf");
}

TEST_CASE("a box that refuses for a reason nobody knows is quoted", "[dft_adapters][vasp]") {
  const Copy run("eddiag-vasp6");
  write_text(run.dir.path() / "vasp.out",
             kElectronicStep + boxed({"The moon is not in the right", "house for this job."}));

  const auto outcome = run.read();

  CHECK(failed(outcome).kind == FailureKind::kCrashed);
  CHECK_THAT(failed(outcome).reason, Contains("VASP: The moon is not in the right house for this job."));
}

TEST_CASE("a warning that was followed by healthy steps is not the reason why a run ended", "[dft_adapters][vasp]") {
  const std::string warning = " BRMIX: very serious problems\n  the old and the new charge density differ\n";
  std::string five;
  for (int i = 0; i < 5; ++i) five += kElectronicStep;

  CHECK(name_said(kElectronicStep + warning + kElectronicStep) == "brmix");
  CHECK(name_said(warning + five).empty());
  CHECK(name_said(warning + kElectronicStep + kIonicStep).empty());
  CHECK(name_said(warning + kIonicStep + " LAPACK: Routine ZPOTRF failed!\n" + kElectronicStep) == "zpotrf");
  CHECK(name_said(warning + " Error EDDDAV: Call to ZHEGV failed. Returncode =  11\n") == "edddav");
}

TEST_CASE("errors are taken from standard output first and from OUTCAR if that says nothing", "[dft_adapters][vasp]") {
  const Copy run("killed-with-tetrahedra-static");
  write_text(run.dir.path() / "OUTCAR",
             text_of(run.dir.path() / "OUTCAR") + boxed({"LAPACK: Routine ZPOTRF failed! 5"}));
  CHECK_THAT(failed(run.read()).reason, Contains("ZPOTRF"));

  write_text(run.dir.path() / "stderr.txt", " ERROR RSPHER\n");
  CHECK_THAT(failed(run.read()).reason, Contains("RSPHER"));
}

TEST_CASE("electrons that did not converge under a warning are reported with it, and helped by both ladders",
          "[dft_adapters][vasp]") {
  const Copy run("static-with-ibrion-1");
  write_text(run.dir.path() / "vasp.out",
             boxed({"One of the lattice vectors is very long (>50 A), but AMIN is rather", "large."}, false));
  run.replace("INCAR", "NELM = 60", "NELM = 13");
  for (int i = 0; i < 2; ++i) run.replace("vasprun.xml", "name=\"NELM\">    60<", "name=\"NELM\">    13<");

  const auto outcome = run.read();

  REQUIRE(failed(outcome).kind == FailureKind::kElectronicNotConverged);
  CHECK_THAT(failed(outcome).reason, Contains("but AMIN is rather large."));
  const DftSettings settings{.code = "vasp", .values = {{"incar.ALGO", "Fast"}, {"incar.NELM", "13"}}};
  CHECK(vasp_adapter().correct(failed(outcome), settings, {})->handler == "vasp-amin-0.01");
  CHECK(vasp_adapter().correct(failed(outcome), settings, std::vector<std::string>{"vasp-amin-0.01"})->handler ==
        "vasp-algo-normal");
}

TEST_CASE("OUTCAR and OSZICAR of other runs are noticed by their energies", "[dft_adapters][vasp]") {
  const Copy run("relaxed-tetrahedra");
  CHECK_THAT(failed(vasp_adapter().read_path(outputs() / "vasprun-of-another-run")).reason, Contains("different runs"));

  write_text(run.dir.path() / "OSZICAR",
             kElectronicStep + "   1 F= -.5E+02 E0= -.5E+02  d E =-.1E-02  mag=     9.0000\n");

  CHECK_FALSE(converged(run.read()).magnetization_bohr);
}

TEST_CASE("an OUTCAR alone is judged by what it has and says what is missing", "[dft_adapters][vasp]") {
  TemporaryDirectory dir;
  write_text(dir.path() / "OUTCAR", kOutcar + kEnd);

  const auto outcome = vasp_adapter().read_path(dir.path());

  const DftConverged& result = converged(outcome);
  CHECK(result.calculation == "scf");
  CHECK(result.energy_ev == Approx(-11.95));
  CHECK_THAT(result.missing, Contains("vasprun.xml") && Contains("INCAR") && !Contains("structure"));
  CHECK(result.structure.composition().formula() == "MgO");
  CHECK(result.structure.lattice.volume_cubic_angstrom() == Approx(2 * 2.1 * 2.1 * 2.1));
  CHECK(result.structure.positions[1].x[0] == Approx(0.5));  // (2.1, 2.1, 2.1) is the cell's middle
  REQUIRE(result.forces_ev_per_angstrom);
  CHECK((*result.forces_ev_per_angstrom)[1][2] == Approx(-0.01));
  REQUIRE(result.stress_kbar);
  CHECK((*result.stress_kbar)(0, 0) == Approx(12));
  CHECK((*result.stress_kbar)(1, 2) == Approx(0.2));
  CHECK(result.magnetization_bohr == Approx(-0.5));
  CHECK(result.hull_keys.at("ENCUT") == "520");
  CHECK(std::holds_alternative<DftFailure>(vasp_adapter().read_outputs(dir.path())));  // a campaign wants both

  write_text(dir.path() / "OUTCAR.later", kOutcar);
  CHECK(failed(vasp_adapter().read_path(dir.path() / "OUTCAR.later")).kind == FailureKind::kTruncated);
}

TEST_CASE("an OUTCAR without structure or convergence says so", "[dft_adapters][vasp]") {
  const Copy run("relaxed-tetrahedra");
  run.remove("vasprun.xml");
  CHECK(converged(run.read()).energy_ev == Approx(-6.96287864));
  CHECK(converged(run.read()).calculation == "vc-relax");
  CHECK(converged(run.read()).structure.atom_count() == 2);  // CONTCAR has it
  run.remove("CONTCAR");
  CHECK_THAT(converged(run.read()).missing, Contains("structure"));

  run.replace("OUTCAR", "reached required accuracy", "trial step");
  CHECK(failed(run.read()).kind == FailureKind::kIonicNotConverged);
}

TEST_CASE("packed directories and files that a job manager renamed are read, damaged ones are not",
          "[dft_adapters][vasp]") {
  const Copy run("relaxed-tetrahedra");
  run.pack();
  CHECK(converged(run.read()).energy_ev == Approx(-6.96287864));
  CHECK(converged(run.read("vasprun.xml.gz")).missing.empty());
  CHECK(converged(run.read("OUTCAR.gz")).missing.empty());  // with its vasprun.xml.gz
  CHECK(std::holds_alternative<DftFailure>(vasp_adapter().read_outputs(run.dir.path())));

  for (const char* file : {"vasprun.xml", "OUTCAR", "OSZICAR", "CONTCAR"})
    fs::rename(run.dir.path() / (std::string(file) + ".gz"), run.dir.path() / (std::string(file) + ".relax2.gz"));
  CHECK(converged(run.read()).energy_ev == Approx(-6.96287864));
  CHECK(converged(run.read("OUTCAR.relax2.gz")).missing.empty());

  const fs::path xml = run.dir.path() / "vasprun.xml.relax2.gz";
  write_text(xml, text_of(xml).substr(0, 1000));
  CHECK(failed(run.read()).kind == FailureKind::kTruncated);
}

TEST_CASE("the moment is read from OUTCAR where OSZICAR is missing", "[dft_adapters][vasp]") {
  const auto moment = [](const std::string& behind) {
    return vasp::parse_outcar(" number of electron      38.0000000 magnetization " + behind + "\n").magnetization_bohr;
  };
  CHECK(moment("      1.2345678") == Approx(1.2345678));
  CHECK(moment("      2.0000000     -1.0000000      2.0000000") == Approx(3));  // not collinear: the length
  CHECK_FALSE(moment(""));

  const Copy run("relaxed-tetrahedra");
  run.remove("OSZICAR");
  for (int i = 0; i < 2; ++i) run.replace("vasprun.xml", "name=\"ISPIN\">     1", "name=\"ISPIN\">     2");
  run.replace("INCAR", "ISPIN = 1", "ISPIN = 2");
  run.replace("OUTCAR", " General timing",
              " number of electron      22.0000000 magnetization       1.5000000\n General timing");

  CHECK(converged(run.read()).magnetization_bohr == Approx(1.5));
}

TEST_CASE("exit codes of run-time libraries are not signals", "[dft_adapters]") {
  CHECK(hullscan::detail::exit_text(137) == "killed by signal 9");
  CHECK(hullscan::detail::exit_text(139) == "killed by signal 11");
  CHECK(hullscan::detail::exit_text(152) == "killed by signal 24");  // XCPU
  CHECK_THAT(hullscan::detail::exit_text(174), Contains("exit code 174") && Contains("segmentation fault"));
  for (const int code : {154, 157, 160, 179, 200, 213, 233, 254, 255}) {
    INFO(code);
    CHECK_THAT(hullscan::detail::exit_text(code), Contains("exit code") && !Contains("signal"));
  }
  CHECK_THAT(failed(vasp_adapter().read_path(outputs() / "exit-174")).reason,
             Contains("forrtl: severe (174): SIGSEGV, segmentation fault occurred"));
  const Copy run("exit-174");
  write_text(run.dir.path() / "exit_code", "153\n");  // 128 + 25 would be a file that grew too large
  write_text(run.dir.path() / "stderr.txt", "forrtl: severe (153): allocatable array or pointer is not allocated\n");
  CHECK_THAT(failed(run.read()).reason, Contains("exit code 153") && !Contains("signal"));
}
