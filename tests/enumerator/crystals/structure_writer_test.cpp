#include "core/structure_files/extxyz.hpp"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "core/structure_files/poscar.hpp"
#include "crystals.hpp"
#include "enumerator/files/cif_reader.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "enumerator/files/poscar_reader.hpp"

using namespace hullscan;

namespace {

constexpr double kExact = 1e-8;  ///< Å

Structure skewed() {
  Eigen::Matrix3d rows;
  rows << 4.1, 0.2, -0.3, -1.7, 5.3, 0.4, 0.9, -2.2, 7.7;
  Structure structure{Lattice(rows), {}, {}};
  const auto add = [&](const char* symbol, double x, double y, double z) {
    structure.species.push_back(Species::from_symbol(symbol));
    structure.positions.push_back({{x, y, z}});
  };
  add("Cu", 0, 1.0 / 3.0, 2.0 / 3.0);
  add("O", 0.123456789012345, 0.9, 0.05);
  add("Cu", 0.7, 0.65, 0.25);
  add("Li", 0.4, 0.1, 0.8);
  return structure;
}

Structure structure_of(const Crystal& crystal) {
  Structure structure{crystal.lattice, {}, {}};
  for (const CrystalSite& site : crystal.sites) {
    structure.species.push_back(site.occupants[0].species);
    structure.positions.push_back(site.position);
  }
  return structure;
}

/// Largest difference of the distances of corresponding atoms; `order[i]` of b corresponds to i of a.
double distance_error(const Structure& a, const Structure& b, const std::vector<std::size_t>& order) {
  double worst = 0;
  for (std::size_t i = 0; i < a.atom_count(); ++i) {
    REQUIRE(a.species[i] == b.species[order[i]]);
    for (std::size_t j = 0; j < a.atom_count(); ++j) {
      worst = std::max(worst, std::abs(a.lattice.distance_angstrom(a.positions[i], a.positions[j]) -
                                       b.lattice.distance_angstrom(b.positions[order[i]], b.positions[order[j]])));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("a CIF we write is read back with the same distances and labels", "[enumerator][writer]") {
  const Structure structure = skewed();

  ReadingWarnings warnings;
  const Crystal back = crystal_from_cif(to_cif(structure, "my structure"), "t.cif", "my_structure", warnings);

  CHECK(distance_error(structure, structure_of(back), {0, 1, 2, 3}) < kExact);
  CHECK((structure.lattice.lengths_angstrom() - back.lattice.lengths_angstrom()).cwiseAbs().maxCoeff() < kExact);
  CHECK(back.sites[2].label == "Cu2");
}

TEST_CASE("a POSCAR we write is read back with the same vectors, species grouped in the order asked for",
          "[enumerator][writer]") {
  const Structure structure = skewed();
  const std::vector<Species> order = {Species::from_symbol("Li"), Species::from_symbol("Ag"),
                                      Species::from_symbol("O")};

  const std::string text = to_poscar(structure, "two\nlines", order);
  ReadingWarnings warnings;
  const Structure back = structure_of(crystal_from_poscar(text, "POSCAR", warnings));

  CHECK(text.starts_with("two lines\n1.0\n"));
  CHECK(text.find("  Li   O  Cu\n   1   1   2\nDirect\n") != std::string::npos);
  CHECK((structure.lattice.rows() - back.lattice.rows()).cwiseAbs().maxCoeff() < kExact);
  CHECK(distance_error(structure, back, {2, 1, 3, 0}) < kExact);
}

TEST_CASE("an extended XYZ frame we write is read back whole", "[enumerator][writer]") {
  const Structure structure = skewed();
  const std::map<std::string, std::string> info = {
      {"energy", "-1.25"}, {"formula", "Cu2 Li \"O\""}, {"empty", ""}, {"path", "a\\b"}, {"key with blank", "1"}};
  const std::vector<Eigen::Vector3d> forces(4, Eigen::Vector3d(0.25, -1, 3));

  const auto frames = parse_extxyz(to_extxyz(structure, info, forces), "t.xyz");

  REQUIRE(frames.size() == 1);
  std::map<std::string, std::string> expected = info;
  expected["pbc"] = "T T T";
  CHECK(frames[0].info == expected);
  CHECK(frames[0].forces == forces);
  CHECK((structure.lattice.rows() - frames[0].structure.lattice.rows()).cwiseAbs().maxCoeff() < kExact);
  CHECK(distance_error(structure, frames[0].structure, {0, 1, 2, 3}) < kExact);
}

TEST_CASE("writing and reading keeps every structure", "[enumerator][writer][property]") {
  rc::prop("positions come back to 1e-8 Å in all three formats", [] {
    const auto coordinate = [] { return *rc::gen::inRange(0, 1000000) / 1e6; };
    const Lattice lattice = Lattice::from_parameters(
        *rc::gen::inRange(30, 200) / 10.0, *rc::gen::inRange(30, 200) / 10.0, *rc::gen::inRange(30, 200) / 10.0,
        *rc::gen::inRange(61, 118), *rc::gen::inRange(61, 118), *rc::gen::inRange(61, 118));
    Structure structure{lattice, {Species::from_symbol("Na"), Species::from_symbol("Cl")}, {{{0, 0, 0}}, {}}};
    structure.positions[1].x = {coordinate(), coordinate(), coordinate()};
    const double distance = lattice.distance_angstrom(structure.positions[0], structure.positions[1]);
    RC_PRE(distance > 0.6);
    const auto error = [&](const Structure& back) {
      return std::abs(back.lattice.distance_angstrom(back.positions[0], back.positions[1]) - distance);
    };
    ReadingWarnings warnings;
    RC_ASSERT(error(structure_of(crystal_from_cif(to_cif(structure, "x"), "t.cif", "", warnings))) < kExact);
    RC_ASSERT(error(structure_of(crystal_from_poscar(to_poscar(structure, "x"), "POSCAR", warnings))) < kExact);
    RC_ASSERT(error(parse_extxyz(to_extxyz(structure, {}), "t.xyz")[0].structure) < kExact);
  });
}
