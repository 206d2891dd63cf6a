#include <catch2/catch.hpp>

#include "core/errors.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/structure_files/poscar.hpp"
#include "core/structure_files/text_words.hpp"

using namespace hullscan;

namespace {

/// One Cu, two O and one D in a cube of 4 Å, with noise where a zero is meant.
Structure structure_with_noise() {
  const Species cu = Species::from_symbol("Cu"), o = Species::from_symbol("O"), d = Species::from_symbol("D");
  Eigen::Matrix3d rows = 4.0 * Eigen::Matrix3d::Identity();
  rows(0, 1) = -1e-16;
  return {Lattice(rows), {o, cu, o, d}, {{{0.5, 0, 0}}, {{0, 0, -0.0}}, {{0.25, 1.25, 0}}, {{0, 0, 0.5}}}};
}

}  // namespace

TEST_CASE("a POSCAR keeps its atoms as they stand, outside of the cell too", "[core][poscar]") {
  const Poscar read = parse_poscar("c\n2\n2 0 0\n0 2 0\n0 0 2\nO H\n1 1\ndirect\n1.25 -0.5 0\n0 0 1.0\n", "POSCAR", 2);

  CHECK(read.structure.lattice.rows()(1, 1) == 4);
  CHECK(read.structure.positions[0].x == Eigen::Vector3d(1.25, -0.5, 0));
  CHECK(read.structure.positions[1].x == Eigen::Vector3d(0, 0, 1));
  CHECK_FALSE(read.elements_from_comment);
}

TEST_CASE("a POSCAR may have Fortran's exponents and the line ends of Windows", "[core][poscar]") {
  const Poscar read = parse_poscar(
      "c\r\n1.0D0\r\n4.0d0 0 0\r\n0 +.4D+1 0\r\n0 0 4\r\nCu\r\n1\r\nC\r\n2d0 0 1E0 T T T\r\n", "POSCAR", 10);

  CHECK(read.structure.positions[0].x.isApprox(Eigen::Vector3d(0.5, 0, 0.25)));
}

TEST_CASE("the caller of the POSCAR parser says how many atoms are too many", "[core][poscar]") {
  const std::string text = "c\n1\n4 0 0\n0 4 0\n0 0 4\nO\n3\nDirect\n0 0 0\n0 0 .5\n.5 0 0\n";

  CHECK(parse_poscar(text, "P", 3).structure.atom_count() == 3);
  CHECK_THROWS_WITH(parse_poscar(text, "P", 2), "P:7:1: more than 2 atoms");
}

TEST_CASE("a POSCAR is written in the layout that is asked for", "[core][poscar]") {
  const Structure structure = structure_with_noise();
  const std::vector<Species> order = {Species::from_symbol("Cu"), Species::from_symbol("D")};

  CHECK(to_poscar(structure, "a\tb", order, {{.decimals = 2}, 4, false}) ==
        "a b\n1.0\n    4.00     0.00     0.00\n    0.00     4.00     0.00\n    0.00     0.00     4.00\n"
        "  Cu   D   O\n   1   1   2\nDirect\n"
        "    0.00     0.00     0.00\n    0.00     0.00     0.50\n    0.50     0.00     0.00\n    0.25     1.25     "
        "0.00\n");
  const std::string exact = to_poscar(structure, "x", order, {{.decimals = 16, .zero_below = 0}, 0, true});
  CHECK(exact.find(" Cu H O\n 1 1 2\nDirect\n") != std::string::npos);
  CHECK(exact.find("    4.0000000000000000    -0.0000000000000001     0.0000000000000000\n") != std::string::npos);
  CHECK(exact.find("-0.0000000000000000") == std::string::npos);
}

TEST_CASE("extended XYZ is written in the layout that is asked for", "[core][extxyz]") {
  const std::string text = to_extxyz(structure_with_noise(), {}, {}, {.decimals = 1, .zero_below = 0.01});

  CHECK(text ==
        "4\nLattice=\"4.0 0.0 0.0 0.0 4.0 0.0 0.0 0.0 4.0\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\n"
        "O      2.0     0.0     0.0\nCu     0.0     0.0     0.0\nO      1.0     5.0     0.0\nD      0.0     0.0     "
        "2.0\n");
}

TEST_CASE("lines end in \\n or \\r\\n, and words know their columns", "[core][text]") {
  CHECK(lines_of("a\r\nb\n\nc") == std::vector<std::string_view>{"a", "b", "", "c"});
  const auto words = words_of("\t12 x");
  REQUIRE(words.size() == 2);
  CHECK(words[0].column == 2);
  CHECK(words[1].text == "x");
}
