#include "enumerator/files/poscar_reader.hpp"

#include <catch2/catch.hpp>

#include "crystals.hpp"

using namespace hullscan;
using hullscan::test::error_of;

namespace {

std::string poscar(const std::string& rest, const std::string& scale = "1.0") {
  return "comment\n" + scale + "\n4 0 0\n0 4 0\n0 0 4\n" + rest;
}

Crystal read(const std::string& text) {
  ReadingWarnings warnings;
  return crystal_from_poscar(text, "POSCAR", warnings);
}
std::string poscar_message(const std::string& text) {
  return error_of([&] { (void)read(text); });
}

}  // namespace

TEST_CASE("a POSCAR's atoms are labelled by element and number", "[enumerator][poscar]") {
  const Crystal crystal = read(poscar(
      "Ni Al Ni_pv\n1 1 1\nSelective dynamics\nDirect\n0 0 0 T T F\n.5 .5 .5 T T T Al1\n1.25 -.25 0 F F F\n\n0 0 0\n"));

  REQUIRE(crystal.sites.size() == 3);
  CHECK(crystal.sites[0].label == "Ni1");
  CHECK(crystal.sites[1].label == "Al1");
  CHECK(crystal.sites[2].label == "Ni2");
  CHECK(crystal.sites[2].position.x.isApprox(Eigen::Vector3d(0.25, 0.75, 0)));
}

TEST_CASE("a POSCAR's scale is a factor, a volume or three factors, and scales Cartesian positions",
          "[enumerator][poscar]") {
  const std::string atoms = "Al\n1\nCartesian\n2 2 1\n";

  CHECK(read(poscar(atoms, "1.5")).lattice.rows()(2, 2) == Approx(6));
  CHECK(read(poscar(atoms, "-512")).lattice.rows()(0, 0) == Approx(8));
  CHECK(read(poscar(atoms, "1 1 3")).lattice.rows()(2, 2) == Approx(12));
  for (const char* scale : {"1.5", "-512", "1 1 3"}) {
    CHECK(read(poscar(atoms, scale)).sites[0].position.x.isApprox(Eigen::Vector3d(0.5, 0.5, 0.25)));
  }
}

TEST_CASE("a POSCAR of VASP 4 takes its elements from the comment line that names as many as there are counts",
          "[enumerator][poscar]") {
  const auto elements = [](const std::string& comment, const std::string& rest, const std::string& scale = "1.0") {
    ReadingWarnings warnings;
    std::string text = poscar(rest, scale);
    text.replace(0, text.find('\n'), comment);
    const Crystal crystal = crystal_from_poscar(text, "POSCAR", warnings);
    REQUIRE(warnings.lines().size() == 1);
    CHECK(warnings.lines().front().find(
              "POSCAR:6:1: this is the format of VASP 4, which does not say which elements there are: ") == 0);
    std::string found;
    for (const CrystalSite& site : crystal.sites) found += site.label + " ";
    return found;
  };
  const std::string atoms = "1 2\nDirect\n0 0 0\n.5 .5 .5\n.5 0 0\n";

  CHECK(elements("Ni Al", atoms) == "Ni1 Al1 Al2 ");
  CHECK(elements("Ni:Al", atoms) == "Ni1 Al1 Al2 ");
  CHECK(elements("NiAl2", atoms) == "Ni1 Al1 Al2 ");
  CHECK(elements("Ni1 Al2", atoms) == "Ni1 Al1 Al2 ");
  CHECK(elements("Ni_pv/7c5f Al/e012 # relaxed", atoms) == "Ni1 Al1 Al2 ");
  CHECK(elements("Ni Al", "1 2\nSelective dynamics\nCartesian\n0 0 0 T T T\n2 2 2 F F F\n2 0 0 T T F\n", "-64") ==
        "Ni1 Al1 Al2 ");
  CHECK(elements("O Ni O", "1 1 1\nDirect\n0 0 0\n.5 .5 .5\n.5 0 0\n", "1 1 2") == "O1 Ni1 O2 ");
}

TEST_CASE("a POSCAR of VASP 4 whose comment does not name its elements is refused with the remedy",
          "[enumerator][poscar]") {
  CHECK(
      poscar_message(poscar("1 1\nDirect\n0 0 0\n.5 .5 .5\n")) ==
      "POSCAR:6:1: expected a line of elements, found numbers: this is the format of VASP 4, which does not say which "
      "elements there are, and the comment line does not name 2; add their symbols as a line above the counts");
}

TEST_CASE("names of potentials stand for their elements and a species may come twice", "[enumerator][poscar]") {
  const Crystal crystal =
      read(poscar("Fe_pv O/1a2b Fe_sv_GW/77 ! POTCARs\n1 1 1 ! counts\nDirect\n0 0 0\n.5 .5 .5\n.5 0 0\n"));

  REQUIRE(crystal.sites.size() == 3);
  CHECK(crystal.sites[0].label == "Fe1");
  CHECK(crystal.sites[1].label == "O1");
  CHECK(crystal.sites[2].label == "Fe2");
}

TEST_CASE("a broken POSCAR is refused at its place", "[enumerator][poscar]") {
  CHECK(poscar_message("comment\n") == "POSCAR:2: expected the scaling factor, the file ends");
  CHECK(poscar_message(poscar("Al\n1\nDirect\n0 0 0\n", "one")) ==
        "POSCAR:2:1: expected the scaling factor, found \"one\"");
  CHECK(poscar_message(poscar("Al\n1\nDirect\n0 0 0\n", "0")) == "POSCAR:2:1: the scaling factor is 0");
  CHECK(poscar_message("c\n1\n1 0 0\n2 0 0\n0 0 1\nAl\n1\nDirect\n0 0 0\n")
            .find("POSCAR:3: lattice vectors span a volume") == 0);
  CHECK(poscar_message("c\n1\n1 0\n") == "POSCAR:3:4: expected three numbers, a lattice vector, found 2 words");
  CHECK(poscar_message(poscar("Al Xx\n1 1\n")) == "POSCAR:6:4: expected an element, found \"Xx\"");
  CHECK(poscar_message(poscar("Al Ni\n1\nDirect\n")) == "POSCAR:7:1: expected 2 counts, one per element, found 1");
  CHECK(poscar_message(poscar("Al\n1 2\nDirect\n")) == "POSCAR:7:3: more counts than elements");
  CHECK(poscar_message(poscar("Al\n-1\nDirect\n")) == "POSCAR:7:1: expected a number of atoms, found \"-1\"");
  CHECK(poscar_message(poscar("Al\n0\nDirect\n")) == "POSCAR:7:1: expected at least one atom");
  CHECK(poscar_message(poscar("Al\n99999999\nDirect\n")) == "POSCAR:7:1: more than 20000 atoms");
  CHECK(poscar_message(poscar("Al\n1\n0 0 0\n")) == "POSCAR:8:1: expected Direct or Cartesian, found \"0\"");
  CHECK(poscar_message(poscar("Al\n2\nDirect\n0 0 0\n")) ==
        "POSCAR:10: expected the position of an atom, the file ends");
  CHECK(poscar_message(poscar("Al\n1\nDirect\n0 0 nan\n")) ==
        "POSCAR:9:5: expected three numbers, the position of an atom, found \"nan\"");
}
