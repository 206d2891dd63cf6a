#include "dft_adapters/qe/output_text.hpp"

#include <catch2/catch.hpp>

#include "dft_adapters/qe/code_errors.hpp"
#include "recorded_outputs.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("durations are read in every form that pw.x prints", "[dft_adapters][qe]") {
  CHECK(qe::parse_duration("      0.42s ") == Approx(0.42));
  CHECK(qe::parse_duration("  1m31.95s") == Approx(91.95));
  CHECK(qe::parse_duration("  2h 3m") == Approx(7380));
  CHECK(qe::parse_duration("  1d 0h 1m") == Approx(86460));
  CHECK_FALSE(qe::parse_duration("*****s"));
  CHECK_FALSE(qe::parse_duration(""));
}

TEST_CASE("the cause of an error is the line after the routine's name", "[dft_adapters][qe]") {
  const auto output = qe::parse_output_text(text_of(recorded() / "bad_namelist.out"));

  REQUIRE(output.error);
  CHECK(output.error->routine == "read_namelists");
  CHECK(output.error->message.find("bad line in namelist &control") != std::string::npos);
}

TEST_CASE("a CRASH file says the same as the output", "[dft_adapters][qe]") {
  for (const char* name : {"bad_lowcut", "bad_metal_fixed", "bad_missing_pseudo", "bad_mixed_xc", "bad_nat",
                           "bad_overlap", "bad_zero_cell", "restart_after_kill"}) {
    INFO(name);

    const auto crash = qe::parse_crash(text_of(recorded() / (std::string(name) + ".CRASH")));
    const auto output = qe::parse_output_text(text_of(recorded() / (std::string(name) + ".out")));

    REQUIRE(crash);
    REQUIRE(output.error);
    CHECK(crash->message == output.error->message);
    CHECK(qe::kind_of(*crash) == qe::kind_of(*output.error));
  }
}

TEST_CASE("cells printed in units of alat and in A are followed", "[dft_adapters][qe]") {
  const auto in_alat = qe::parse_output_text(text_of(recorded() / "good_vcrelax_al.out"));
  const auto in_angstrom = qe::parse_output_text(text_of(recorded() / "restart_after_term_midopt.out"));

  REQUIRE(in_alat.last_structure);
  // a1 of the last CELL_PARAMETERS, half a face diagonal: XML says 3.740863135836456 bohr twice.
  CHECK(in_alat.last_structure->lattice.rows()(1, 2) == Approx(3.740863135836456 * 0.529177210903).epsilon(1e-6));
  REQUIRE(in_angstrom.last_structure);
  CHECK(in_angstrom.last_structure->atom_count() == 4);
  CHECK(in_angstrom.last_structure->lattice.rows()(0, 0) == Approx(3.465357381).epsilon(1e-6));
  CHECK(in_angstrom.last_structure->composition().formula() == "AlNi3");
}

TEST_CASE("the end marker must stand at the end", "[dft_adapters][qe]") {
  const std::string whole = text_of(recorded() / "good_scf_al.out");

  CHECK(qe::parse_output_text(whole).job_done);
  CHECK_FALSE(qe::parse_output_text(whole + "\n     Program PWSCF v.6.7MaX starts\n\n more\n more\n more\n").job_done);
}
