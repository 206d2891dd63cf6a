#include "dft_adapters/qe/pseudopotential.hpp"

#include <catch2/catch.hpp>

#include "dft_adapters/qe/functional.hpp"

using namespace hullscan;

namespace {

std::optional<qe::Pseudopotential> parsed(const std::string& text) {
  std::string problem;
  return qe::parse_upf_header(text, problem);
}

}  // namespace

// Spellings: the headers of the pseudopotential files that Debian's quantum-espresso-data and quantum-espresso hold.
TEST_CASE("a functional has one name whatever its spelling", "[dft_adapters][qe]") {
  for (const char* spelling : {"PZ", "LDA", " SLA  PZ   NOGX NOGC", "sla+pz+nogx+nogc"})
    CHECK(qe::functional_name(spelling) == "LDA");
  for (const char* spelling : {"PBE", "SLA  PW   PBX  PBC", "SLA PW PBE PBE"})
    CHECK(qe::functional_name(spelling) == "PBE");
  for (const char* spelling : {"PBESOL", "PBEsol", "SLA  PW   PSX  PSC"})
    CHECK(qe::functional_name(spelling) == "PBEsol");
  CHECK(qe::functional_name("SLA  LYP  B88  BLYP") == "BLYP");
  CHECK(qe::functional_name("some   other") == "SOME OTHER");
  CHECK(qe::functional_name("PZ") != qe::functional_name("SLA PW NOGX NOGC"));
}

TEST_CASE("a version 2 header is read in any order, over lines or on one", "[dft_adapters][qe]") {
  const auto spread = parsed(
      "<UPF version=\"2.0.1\">\n<PP_INFO>\nElement: Al\n</PP_INFO>\n<PP_HEADER \nwfc_cutoff=\"4.2e1\"\n"
      "pseudo_type=\"US\"\nelement=\"Ni\"\nz_valence=\"1.000000000000e1\"\nrho_cutoff='371.9'\n"
      "functional=\" SLA  PW   PBX  PBC\"\n/>");
  const auto single = parsed(
      "<PP_HEADER generated=\"x = y\" element=\"B \" pseudo_type=\"NC\" functional=\" SLA  PZ   NOGX NOGC\" "
      "z_valence=\"3.000000000000e0\" wfc_cutoff=\"None\"/>");

  REQUIRE(spread);
  CHECK(spread->element == "Ni");
  CHECK(spread->functional == "PBE");
  CHECK(spread->valence_electrons == 10);
  CHECK_FALSE(spread->norm_conserving);
  CHECK(spread->suggested_wavefunction_cutoff_ry == 42);
  CHECK(spread->suggested_density_cutoff_ry == 371.9);
  REQUIRE(single);
  CHECK(single->element == "B");
  CHECK(single->norm_conserving);
  CHECK(single->suggested_wavefunction_cutoff_ry == 0);
}

TEST_CASE("a version 1 header is read by its lines", "[dft_adapters][qe]") {
  const auto header = parsed(
      "<PP_INFO>\n</PP_INFO>\n<PP_HEADER>\n   0                   Version Number\n  Cu                   Element\n"
      "   US                  Ultrasoft pseudopotential\n    T                  Nonlinear Core Correction\n"
      " SLA  PW   PBX  PBC   PBE  Exchange-Correlation functional\n   11.00000000000      Z valence\n"
      "  -87.80827230000      Total energy\n   26.865   215.3     Suggested cutoff for wfc and rho\n"
      "    2                  Max angular momentum component\n</PP_HEADER>\n");

  REQUIRE(header);
  CHECK(header->element == "Cu");
  CHECK(header->functional == "PBE");
  CHECK(header->valence_electrons == 11);
  CHECK_FALSE(header->norm_conserving);
  CHECK(header->suggested_wavefunction_cutoff_ry == 26.865);
}

TEST_CASE("what is not a UPF file is not taken for one", "[dft_adapters][qe]") {
  std::string problem;

  CHECK_FALSE(qe::parse_upf_header("'PZ'\n'Si',4.0,2,2,3,.f.,2,.t.  ! pseudo BHS\n", problem));
  CHECK(problem == "no UPF file: it has no <PP_HEADER");
  CHECK_FALSE(qe::parse_upf_header("<PP_HEADER element=\"Al\" functional=\"PZ\"", problem));
  CHECK_FALSE(qe::parse_upf_header("<PP_HEADER element=\"Al\" functional=\"PZ\"/>", problem));
  CHECK(problem == "its header has no valence");
}

TEST_CASE("deuterium takes hydrogen's pseudopotential", "[dft_adapters][qe]") {
  CHECK(qe::is_pseudopotential_of({.element = "H", .functional = "LDA"}, Species::from_symbol("D")));
  CHECK_FALSE(qe::is_pseudopotential_of({.element = "He", .functional = "LDA"}, Species::from_symbol("H")));
  CHECK_FALSE(qe::is_pseudopotential_of({.element = "Va", .functional = "LDA"}, Species::from_symbol("H")));
}
