// INCAR as VASP reads it, and what VASP itself makes of it.
#include <catch2/catch.hpp>

#include "dft_adapters/vasp/echo.hpp"
#include "dft_adapters/vasp/incar.hpp"
#include "dft_adapters/vasp/input_sets.hpp"
#include "dft_adapters/vasp/settings.hpp"
#include "vasp_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;
using Parameters = std::map<std::string, std::string>;

namespace {

struct Parsed {
  explicit Parsed(const std::string& text) : incar(vasp::parse_incar(text, remarks)) {}
  vasp::IncarRemarks remarks;
  vasp::Incar incar;
};

}  // namespace

TEST_CASE("words behind a number are not part of it", "[dft_adapters][vasp]") {
  const Parsed p(
      "NSW = 4      number of steps for IOM\n ENCUT =  520 eV\nISMEAR = -5 (tetrahedra)\nEDIFF = 1E-5, small\n");

  CHECK(p.incar == vasp::Incar{{"NSW", "4"}, {"ENCUT", "520"}, {"ISMEAR", "-5"}, {"EDIFF", "1e-05"}});
  CHECK(p.remarks.problems.empty());
  REQUIRE(p.remarks.warnings.size() == 4);
  CHECK(p.remarks.warnings[0] == "1: NSW: VASP reads 4 and passes over \"number of steps for IOM\" behind it");
  CHECK(vasp::calculation_of(p.incar) == "relax");
}

TEST_CASE("numbers are read in every spelling of Fortran", "[dft_adapters][vasp]") {
  const Parsed p(
      "EDIFF = 1d-5; SIGMA=.05\nPOTIM = 5.E-1\tAMIX = ignored\nENCUT = +5.2D2; SYMPREC = 1.0-6\nBMIX = 1.;NSW=007\n");

  CHECK(p.incar.at("EDIFF") == "1e-05");
  CHECK(p.incar.at("SIGMA") == "0.05");
  CHECK(p.incar.at("POTIM") == "0.5");
  CHECK(p.incar.at("ENCUT") == "520");
  CHECK(p.incar.at("SYMPREC") == "1e-06");
  CHECK(p.incar.at("BMIX") == "1");
  CHECK(p.incar.at("NSW") == "7");
}

TEST_CASE("truth values, words and lists are read as their tags want them", "[dft_adapters][vasp]") {
  const Parsed p(
      "lwave = F ; LCHARG=.true. please\nLASPH = T\nLDAU = .T.\nALGO = Fast (then normal)\nLREAL = Auto ! A\n"
      "MAGMOM = 3*0.6 2*5.0  -1 Fe and Ni\nLDAUU = 5.3, 0, 0\nPREC = Accurate\nLORBIT = .TRUE.\n");

  CHECK(p.incar.at("LWAVE") == ".FALSE.");
  CHECK(p.incar.at("LCHARG") == ".TRUE.");
  CHECK(p.incar.at("LASPH") == ".TRUE.");
  CHECK(p.incar.at("LDAU") == ".TRUE.");
  CHECK(p.incar.at("ALGO") == "Fast");
  CHECK(p.incar.at("LREAL") == "Auto");
  CHECK(p.incar.at("MAGMOM") == "3*0.6 2*5.0 -1");
  CHECK(p.incar.at("LDAUU") == "5.3 0 0");
  CHECK(p.incar.at("LORBIT") == ".TRUE.");
  CHECK(p.remarks.problems.empty());
}

TEST_CASE("the first of a tag that is given twice counts", "[dft_adapters][vasp]") {
  const Parsed p("NSW = 40\nENCUT = 500\n nsw = 0\nENCUT = 500.0\n");

  CHECK(p.incar.at("NSW") == "40");
  CHECK(p.remarks.warnings == std::vector<std::string>{"3: NSW: given again, as 0; VASP takes the first, 40"});
}

TEST_CASE("comments, headings, blocks, quotes and continued lines", "[dft_adapters][vasp]") {
  const Parsed p(
      "SYSTEM = NaCl = salt, \"best\" of all { here }\nElectronic relaxation:\n  ------\nENCUT = 520 # eV ; NSW = 9\n"
      "MAGMOM = 1 2 \\\n 3\nKERNEL_TRUNCATION { LTRUNCATE = T ; LCOARSEN = F }\nPLUGINS {\n STRUCTURE = T\n}\n"
      "WANNIER90_WIN = \"\nnum_wann = 8 ! states\nENCUT = 9\n\"\nISIF = 3\r\nSIGMA =\n");

  CHECK(p.incar.at("SYSTEM") == "NaCl = salt, \"best\" of all { here }");
  CHECK(p.incar.at("ENCUT") == "520");
  CHECK(p.incar.at("MAGMOM") == "1 2 3");
  CHECK(p.incar.at("KERNEL_TRUNCATION/LTRUNCATE") == ".TRUE.");
  CHECK(p.incar.at("PLUGINS/STRUCTURE") == ".TRUE.");
  CHECK(p.incar.at("ISIF") == "3");
  CHECK_FALSE(p.incar.contains("NSW"));
  CHECK(p.remarks.warnings[0] == "2: VASP passes over \"Electronic relaxation:\": no TAG = value");
  CHECK(p.remarks.problems == std::vector<std::string>{"16: SIGMA: expected a value, found none"});
}

TEST_CASE("what nobody meant is a problem: a tag without '=', text in place of a number, a brace left open",
          "[dft_adapters][vasp]") {
  const Parsed p("ENCUT 520\nNSW = many\nPLUGINS {\n STRUCTURE = T\n");

  REQUIRE(p.remarks.problems.size() == 3);
  CHECK(p.remarks.problems[0] == "1: expected TAG = value, found \"ENCUT 520\"");
  CHECK(p.remarks.problems[1] == "2: NSW: expected a number, found \"many\"");
  CHECK_THAT(p.remarks.problems[2], Contains("closing brace"));
}

TEST_CASE("a campaign whose INCAR has words behind its numbers asks VASP for the numbers", "[dft_adapters][vasp]") {
  const PotcarFolder folder;
  write_text(folder.dir.path() / "INCAR",
             "ENCUT = 400 eV\nISMEAR = 0 ; SIGMA = 0.05\nNSW = 4      number of steps for IOM\nIBRION = 2\nISIF = 3\n");

  const DftSettings settings =
      folder.resolved("incar_file = \"INCAR\"\npotcar_dir = \"potcars\"\nincar = { EDIFF = \"1d-6 eV\" }\n",
                      species_list({"Al", "Ni"}));

  CHECK(settings.values.at("incar.NSW") == "4");
  CHECK(settings.values.at("incar.ENCUT") == "400");
  CHECK(settings.values.at("incar.EDIFF") == "1e-06");
  CHECK(find_dft_code("vasp")->relaxes_cell(settings));
}

TEST_CASE("relaxation steps without IBRION are refused, since VASP would run molecular dynamics",
          "[dft_adapters][vasp]") {
  const PotcarFolder folder;

  CHECK_THROWS_WITH(
      folder.resolved("incar = { ENCUT = 400, NSW = 40 }\npotcar_dir = \"potcars\"\n", species_list({"Al"})),
      Contains("IBRION: missing"));
}

// Pairs of INCAR and <parameters> that VASP 5 and 6 write.
TEST_CASE("what VASP itself changes is not a difference", "[dft_adapters][vasp]") {
  const auto difference = [](const vasp::Incar& asked, const Parameters& used) {
    return vasp::request_difference(asked, asked, used);
  };

  CHECK(difference({{"NSW", "0"}, {"IBRION", "2"}, {"ISIF", "3"}}, {{"NSW", "0"}, {"IBRION", "-1"}, {"ISIF", "3"}})
            .empty());
  CHECK(difference({{"NSW", "5"}, {"IBRION", "-1"}}, {{"NSW", "0"}, {"IBRION", "-1"}}).empty());
  CHECK(difference({{"NSW", "0"}, {"IBRION", "2"}, {"ISIF", "3"}}, {{"NSW", "0"}, {"IBRION", "-1"}, {"ISIF", "2"}})
            .empty());
  CHECK(difference({{"ISMEAR", "-5"}, {"SIGMA", "0.05"}}, {{"ISMEAR", "0"}, {"SIGMA", "0.05"}}).empty());
  CHECK(difference({{"ISMEAR", "-5"}, {"SIGMA", "0.05"}}, {{"ISMEAR", "-5"}, {"SIGMA", "0.2"}}).empty());
  CHECK(difference({{"ISPIN", "2"}, {"LSORBIT", ".TRUE."}}, {{"ISPIN", "1"}}).empty());
  CHECK(difference({{"EDIFF", "1e-09"}}, {{"EDIFF", "0.00000000"}}).empty());
  CHECK(difference({{"ENCUT", "520"}}, {{"ENMAX", "520.00000000"}}).empty());
  CHECK(difference({{"NELM", "1"}}, {{"NELM", "60"}}).empty());
  CHECK(difference({{"PREC", "Accurate"}, {"LREAL", "Auto"}}, {{"PREC", "accura"}, {"LREAL", "T"}}).empty());
}

TEST_CASE("what makes another number is a difference", "[dft_adapters][vasp]") {
  const auto difference = [](const vasp::Incar& asked, const Parameters& used) {
    return vasp::request_difference(asked, asked, used);
  };

  CHECK(difference({{"ENCUT", "520"}}, {{"ENMAX", "400.00000000"}}) ==
        "ENCUT: asked for 520, computed with 400.00000000");
  CHECK_FALSE(difference({{"ISMEAR", "-5"}, {"SIGMA", "0.2"}}, {{"ISMEAR", "0"}, {"SIGMA", "0.2"}}).empty());
  CHECK_FALSE(difference({{"ISMEAR", "1"}, {"SIGMA", "0.1"}}, {{"ISMEAR", "1"}, {"SIGMA", "0.2"}}).empty());
  CHECK_FALSE(difference({{"ISPIN", "2"}}, {{"ISPIN", "1"}}).empty());
  CHECK_FALSE(
      difference({{"NSW", "40"}, {"IBRION", "2"}, {"ISIF", "3"}}, {{"NSW", "40"}, {"IBRION", "2"}, {"ISIF", "2"}})
          .empty());
  CHECK_FALSE(difference({{"NSW", "40"}, {"IBRION", "2"}}, {{"NSW", "0"}, {"IBRION", "-1"}}).empty());
  CHECK_FALSE(difference({{"EDIFF", "1e-06"}}, {{"EDIFF", "0.0001"}}).empty());
  // The INCAR that lies there is not the one that VASP read.
  CHECK(vasp::request_difference({{"NELM", "60"}}, {{"NELM", "100"}}, {{"NELM", "100"}}) ==
        "NELM: asked for 60, read by VASP as 100");
}

TEST_CASE("a remedy that changes neither INCAR nor KPOINTS is passed over", "[dft_adapters][vasp]") {
  const auto handlers = [](const std::string& reason, const std::map<std::string, std::string>& values) {
    DftFailure failure;
    failure.failure_class = FailureClass::kRecoverable;
    failure.reason = "VASP: " + reason;
    std::vector<std::string> tried;
    DftSettings settings{.code = "vasp", .values = values};
    while (const auto next = find_dft_code("vasp")->correct(failure, settings, tried)) {
      tried.push_back(next->handler);
      settings = next->settings;
    }
    return tried;
  };
  const std::string eddiag = "ERROR in EDDIAG: call to ZHEEV/ZHEEVX/DSYEV/DSYEVX failed! error code";
  const std::string tetrahedra = "Tetrahedron method fails (number of k-points < 4)";
  using Names = std::vector<std::string>;

  CHECK(handlers(eddiag, {{"incar.ALGO", "Fast"}}) == Names{"vasp-algo-normal", "vasp-algo-exact"});
  CHECK(handlers(eddiag, {}) == Names{"vasp-algo-exact"});  // VASP's default is Normal
  CHECK(handlers(eddiag, {{"incar.ALGO", "N"}}) == Names{"vasp-algo-exact"});
  const std::map<std::string, std::string> by_density{{"reciprocal_density", "64"}, {"incar.ISMEAR", "-5"}};
  CHECK(handlers(tetrahedra, by_density) == Names{"vasp-gamma-centred", "vasp-gaussian-smearing"});
  CHECK(handlers(tetrahedra + " (k-points centred at Gamma)", by_density) == Names{"vasp-gaussian-smearing"});
  CHECK(handlers(tetrahedra, {{"kpoint_length", "25"}, {"incar.ISMEAR", "-5"}}) == Names{"vasp-gaussian-smearing"});
  CHECK(handlers("ERROR RSPHER", {}).empty());  // LREAL = .FALSE. is VASP's default
  CHECK(handlers("ERROR RSPHER", {{"incar.LREAL", "Auto"}}) == Names{"vasp-reciprocal-projection"});
  CHECK(handlers("Error EDDDAV: Call to ZHEGV failed. Returncode = 8", {{"incar.ALGO", "Conjugate"}}).empty());
  CHECK(handlers("POSMAP internal error: symmetry equivalent atom not found", {{"incar.ISYM", "-1"}}) ==
        Names{"vasp-symprec-1e-6", "vasp-symprec-1e-4"});
}

TEST_CASE("errors of k-points and symmetry get another SYMPREC first", "[dft_adapters][vasp]") {
  for (const char* reason :
       {"Fatal error: unable to match k-point 7", "PRICELV: current lattice and primitive lattice are incommensurate",
        "HNFORM: k-point generating vectors and reciprocal lattice are incommensurate",
        "IBZKPT: not all point group operations associated with the symmetry operators",
        "VERY BAD NEWS! internal error in subroutine SGRCON:", "number of G-vector changed in star 570 569",
        "The (accurate) determination of the symmetry of your systems shows a strong dependence on SYMPREC"}) {
    INFO(reason);
    DftFailure failure;
    failure.failure_class = FailureClass::kRecoverable;
    failure.reason = std::string("VASP: ") + reason;

    const auto next = find_dft_code("vasp")->correct(failure, {.code = "vasp", .values = {}}, {});

    REQUIRE(next);
    CHECK(next->settings.values.at("incar.SYMPREC") == "1e-06");
  }
}

// pymatgen's MITRelaxSet.
TEST_CASE("the potentials of the MIT set are those of its database", "[dft_adapters][vasp]") {
  const auto* mit = vasp::find_input_set("mit-relax");
  REQUIRE(mit != nullptr);
  for (const auto& [symbol, potential] : {std::pair{"Ca", "Ca_sv"},
                                          {"Cs", "Cs_sv"},
                                          {"Pm", "Pm"},
                                          {"Pr", "Pr"},
                                          {"Nd", "Nd"},
                                          {"Sm", "Sm_3"},
                                          {"Rb", "Rb_pv"},
                                          {"Li", "Li"}}) {
    CHECK(vasp::potential_name(*mit, Species::from_symbol(symbol)) == potential);
  }
}
