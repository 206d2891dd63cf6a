#include "dft_adapters/qe/hubbard.hpp"

#include <catch2/catch.hpp>

#include "dft_adapters/qe/input.hpp"
#include "qe_code.hpp"
#include "qe_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

Structure nickel_aluminide() {
  return {Lattice(Eigen::Matrix3d::Identity() * 2.9),
          {Species::from_symbol("Al"), Species::from_symbol("Ni")},
          {Fractional{}, Fractional{Eigen::Vector3d(0.5, 0.5, 0.5)}}};
}

}  // namespace

TEST_CASE("U is written as the version of pw.x reads it", "[dft_adapters][qe][hubbard]") {
  const PseudoFolder folder;
  const std::string u = kBasic + "hubbard_u = { Ni = 6.2 }\n";

  const std::string old = qe::input_text(nickel_aluminide(), resolved(folder, u + "version = \"6.7\"\n"));
  const std::string now = qe::input_text(nickel_aluminide(), resolved(folder, u + "version = \"7.2\"\n"));

  // Ni is the second species.
  CHECK_THAT(old, Contains("  lda_plus_u = .true.\n  U_projection_type = 'ortho-atomic'\n  Hubbard_U(2) = 6.2\n"));
  CHECK_THAT(old, !Contains("HUBBARD"));
  CHECK_THAT(now, Contains("HUBBARD (ortho-atomic)\n  U Ni-3d 6.2\n"));
  CHECK_THAT(now, !Contains("lda_plus_u"));
  for (const std::string& text : {old, now})
    CHECK(qe::parse_request(text).hubbard_u_ev == std::map<std::string, double>{{"Ni", 6.2}});
}

TEST_CASE("U is a hull key and the version of the program is not", "[dft_adapters][qe][hubbard]") {
  const PseudoFolder folder;
  const DftSettings without = resolved(folder, kBasic);
  const DftSettings old = resolved(folder, kBasic + "hubbard_u = { Ni = 6.2 }\nversion = \"6.7\"\n");
  const DftSettings now = resolved(folder, kBasic + "hubbard_u = { Ni = 6.2 }\nversion = \"7.3.1\"\n");

  CHECK(qe_code().hull_keys(old).at("hubbard_u.Ni") == "6.2");
  CHECK(qe_code().hull_keys(old) == qe_code().hull_keys(now));
  CHECK(qe_code().identity(old) == qe_code().identity(now));
  CHECK(qe_code().hull_keys(old) != qe_code().hull_keys(without));
  CHECK(qe_code().identity(old) != qe_code().identity(without));
}

TEST_CASE("a U that cannot be written is refused with what to say instead", "[dft_adapters][qe][hubbard]") {
  const PseudoFolder folder;

  CHECK_THAT(complaint(folder, kBasic + "hubbard_u = { Ni = 6 }\n"), Contains("version = \"6.7\""));
  CHECK_THAT(complaint(folder, kBasic + "hubbard_u = { Al = 6 }\nversion = \"7.2\"\n"),
             Contains("Al has no d or f shell"));
  CHECK_THAT(complaint(folder, kBasic + "hubbard_u = { Fe = 6 }\nversion = \"7.2\"\n"),
             Contains("\"Fe\" is not a species"));
  CHECK_THAT(complaint(folder, kBasic + "hubbard_u = { Ni = 60 }\nversion = \"7.2\"\n"), Contains("from -20 to 20 eV"));
  CHECK_THAT(complaint(folder, kBasic + "hubbard_projectors = \"atomic\"\n"), Contains("has no effect"));
  CHECK_THAT(complaint(folder, kBasic + "version = \"seven\"\n"), Contains("expected that of pw.x"));
}

TEST_CASE("the usual shell of an element carries U", "[dft_adapters][qe][hubbard]") {
  const auto shell = [](const char* symbol) { return qe::hubbard_manifold(Species::from_symbol(symbol)); };
  CHECK(shell("Ti") == "3d");
  CHECK(shell("Mo") == "4d");
  CHECK(shell("W") == "5d");
  CHECK(shell("Ce") == "4f");
  CHECK(shell("U") == "5f");
  CHECK(shell("O") == "2p");
  CHECK(shell("K").empty());
}

TEST_CASE("the U of a result is compared in the units of either version", "[dft_adapters][qe][hubbard]") {
  // 4 eV are 0.2939946 Ry (as version 6.7 writes) or 0.1469973 Hartree.
  CHECK(qe::hubbard_difference({{"Ni", 4}}, {{"Ni", 0.2939945774}}).empty());
  CHECK(qe::hubbard_difference({{"Ni", 4}}, {{"Ni", 0.1469972887}}).empty());
  CHECK_THAT(qe::hubbard_difference({{"Ni", 4}}, {{"Ni", 0.2}}), Contains("asked for 4 eV"));
  CHECK_THAT(qe::hubbard_difference({{"Ni", 4}}, {}), Contains("computed with none"));
  CHECK_THAT(qe::hubbard_difference({}, {{"Ni", 0.2}}), Contains("asked for none"));
}

TEST_CASE("a layer has one k-point along z, keeps its height and must lie in the xy plane", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic + "assume_isolated = \"2D\"\n");
  Structure layer = nickel_aluminide();
  layer.lattice = Lattice(Eigen::Vector3d(3, 3, 9).asDiagonal());

  const qe::Request request = qe::parse_request(qe::input_text(layer, settings));

  // Spacing 0.35: six along 3 Å, and two along 9 Å if it were a crystal.
  CHECK(request.k_points.grid == std::array<std::int64_t, 6>{6, 6, 1, 0, 0, 0});
  CHECK(request.assume_isolated == "2D");
  CHECK_THAT(qe::input_text(layer, settings), Contains("cell_dofree = '2Dxy'"));
  CHECK(qe_code().hull_keys(settings).at("assume_isolated") == "2D");
  Eigen::Matrix3d tilted = layer.lattice.rows();
  tilted(2, 0) = 0.5;
  layer.lattice = Lattice(tilted);
  CHECK_THROWS_WITH(qe::input_text(layer, settings), Contains("the third along z"));
  CHECK_THAT(complaint(folder, kBasic + "assume_isolated = \"2D\"\ncell_dofree = \"all\"\n"),
             Contains("keeps its height"));
}

TEST_CASE("a dispersion correction is written, is a hull key, and needs parameters for the functional",
          "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const std::string pbe =
      "pseudo_dir = \"pseudo\"\npseudopotentials = { Al = \"Al.pbe.UPF\", Ni = \"Ni.pbe.UPF\" }\n"
      "vdw_corr = \"grimme-d3\"\n";
  const DftSettings settings = resolved(folder, pbe);

  CHECK(qe::parse_request(qe::input_text(nickel_aluminide(), settings)).vdw_corr == "grimme-d3");
  CHECK(qe_code().hull_keys(settings).at("vdw_corr") == "grimme-d3");
  CHECK(qe_code().hull_keys(settings).at("dftd3_version") == "3");
  CHECK_THAT(complaint(folder, kBasic + "vdw_corr = \"grimme-d3\"\n"), Contains("no parameters for LDA"));
  CHECK_THAT(complaint(folder, kBasic + "dftd3_version = 4\n"), Contains("has no effect"));
  CHECK(qe_code().hull_keys(resolved(folder, kBasic + "vdw_corr = \"grimme-d2\"\n")).count("dftd3_version") == 0);
}
