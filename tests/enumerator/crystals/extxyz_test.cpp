#include "enumerator/files/extxyz_reader.hpp"

#include <catch2/catch.hpp>

#include "../../shared_data.hpp"
#include "crystals.hpp"

using namespace hullscan;
using hullscan::test::error_of;

namespace {

const std::string kLattice = "Lattice=\"4 0 0 0 4 0 0 0 4\"";
std::string extxyz_message(const std::string& text) {
  return error_of([&] { (void)parse_extxyz(text, "t.xyz"); });
}

}  // namespace

TEST_CASE("extended XYZ gives keys, columns and frames", "[enumerator][extxyz]") {
  const auto frames =
      parse_extxyz("2\n" + kLattice +
                       " Properties=id:I:1:species:S:1:pos:R:3:forces:R:3:tags:S:1 energy=-1.5 name=\"a \\\"b\\\" c\" "
                       "flag pbc='T T T' list=[1, [2, 3]] old={4 5} key = value\n"
                       "1 Cu 0 0 0 0.1 0 -0.2 x\n2 Ag 2 2 2 0 0 1e-3 y\n\n"
                       "1\n" +
                       kLattice + "\nAu 1 0 0\n",
                   "t.xyz");

  REQUIRE(frames.size() == 2);
  const LabelledFrame& first = frames[0];
  CHECK(first.info.at("energy") == "-1.5");
  CHECK(first.info.at("name") == "a \"b\" c");
  CHECK(first.info.at("flag") == "T");
  CHECK(first.info.at("pbc") == "T T T");
  CHECK(first.info.at("list") == "[1, [2, 3]]");
  CHECK(first.info.at("old") == "4 5");
  CHECK(first.info.at("key") == "value");
  CHECK(first.structure.species[1] == Species::from_symbol("Ag"));
  CHECK(first.structure.positions[1].x.isApprox(Eigen::Vector3d(0.5, 0.5, 0.5)));
  REQUIRE(first.forces.size() == 2);
  CHECK(first.forces[0][2] == -0.2);
  CHECK(frames[1].forces.empty());
}

TEST_CASE("vacancies in extended XYZ are absences, also among the forces", "[enumerator][extxyz]") {
  const auto frames = parse_extxyz(
      "3\n" + kLattice + " Properties=species:S:1:pos:R:3:forces:R:3\nX 0 0 0 9 9 9\nCu 1 0 0 1 2 3\nVa 2 0 0 9 9 9\n",
      "t.xyz");

  REQUIRE(frames[0].structure.atom_count() == 1);
  REQUIRE(frames[0].forces.size() == 1);
  CHECK(frames[0].forces[0] == Eigen::Vector3d(1, 2, 3));
}

TEST_CASE("broken extended XYZ is refused at its place", "[enumerator][extxyz]") {
  CHECK(extxyz_message("two\n") == "t.xyz:1:1: expected the number of atoms of a frame, found \"two\"");
  CHECK(extxyz_message("1\n") == "t.xyz:2: expected a line with Lattice=\"…\", the file ends");
  CHECK(extxyz_message("1\ncomment\nCu 0 0 0\n") ==
        "t.xyz:2:1: expected Lattice=\"ax ay az bx by bz cx cy cz\": a frame without a lattice is not a crystal");
  CHECK(extxyz_message("1\nLattice=\"1 2 3\"\nCu 0 0 0\n") ==
        "t.xyz:2:9: Lattice: expected 9 numbers, found \"1 2 3\"");
  CHECK(extxyz_message("1\nLattice=\"4 0 0\nCu 0 0 0\n") == "t.xyz:2:9: expected a closing \" on this line");
  CHECK(
      extxyz_message("1\nLattice=\"0 0 0 0 0 0 0 0 0\"\nCu 0 0 0\n").find("t.xyz:2:9: lattice vectors span a volume") ==
      0);
  CHECK(extxyz_message("2\n" + kLattice + "\nCu 0 0 0\n") == "t.xyz:4: expected 2 atoms, the file ends after 1");
  CHECK(extxyz_message("1\n" + kLattice + "\nCu 0 0\n") == "t.xyz:3:6: expected 4 columns for an atom, found 3");
  CHECK(extxyz_message("1\n" + kLattice + "\nQq 0 0 0\n") == "t.xyz:3:1: expected an element, found \"Qq\"");
  CHECK(extxyz_message("1\n" + kLattice + "\nCu 0 0 x\n") == "t.xyz:3:8: pos: expected a number, found \"x\"");
  CHECK(extxyz_message("1\n" + kLattice + " Properties=species:S:1\nCu\n")
            .find("expected species:S:1 and pos:R:3 among its columns") != std::string::npos);
  CHECK(extxyz_message("1\n" + kLattice + " Properties=pos:Q:3\nCu\n").find("type S, R, I or L, found \"pos:Q:3\"") !=
        std::string::npos);
  CHECK(extxyz_message("99999999999\n" + kLattice + "\n").find("the file ends after 0") != std::string::npos);
  CHECK(extxyz_message("\n\n") == "t.xyz: expected extended XYZ, found no frame");
}

TEST_CASE("the labelled set Cu-Ag-Au is read whole", "[enumerator][extxyz][data]") {
  if (!test::have_shared_data("Cu-Ag-Au/structures_dft.extxyz")) return;

  const auto frames = read_extxyz(test::shared_data() / "Cu-Ag-Au/structures_dft.extxyz");

  REQUIRE(frames.size() > 100);
  CHECK(frames[0].info.at("id") == "1-0-0");
  CHECK(frames[0].info.at("energy") == "-3.72739253");
  for (const LabelledFrame& frame : frames) {
    REQUIRE(frame.structure.atom_count() > 0);
    REQUIRE(frame.structure.shortest_distance_angstrom() > 2.0);
  }
}
