// Structure types by name: the table against its own labels, and crystals that have or have not a type.
#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "enumerator/crystal/prototypes.hpp"
#include "enumerator/crystal/standard_cell.hpp"

using namespace hullscan;

namespace {

struct Atom {
  const char* element;
  double x, y, z;
};

Structure crystal_of(const Eigen::Matrix3d& rows, const std::vector<Atom>& atoms) {
  Structure structure{Lattice(rows), {}, {}};
  for (const Atom& atom : atoms) {
    structure.species.push_back(Species::from_symbol(atom.element));
    structure.positions.push_back({Eigen::Vector3d(atom.x, atom.y, atom.z)});
  }
  return structure;
}

Eigen::Matrix3d box(double a, double b, double c) { return Eigen::Vector3d(a, b, c).asDiagonal(); }

std::string type_of(const Structure& structure, double symprec = 0.01) {
  const auto described = describe_crystal(structure, symprec);
  if (!described || !described->prototype) return "";
  const Prototype& prototype = *described->prototype;
  return prototype.strukturbericht.empty() ? prototype.example : prototype.strukturbericht;
}

/// Of "AB3_cP4_221_a_c": shares {1, 3}, 4 atoms of the conventional cell, 221.
struct Label {
  std::vector<int> shares;
  std::size_t atoms = 0;
  int space_group = 0;
};
Label read_label(const std::string& text) {
  std::istringstream parts(text);
  std::string formula, pearson, number;
  std::getline(parts, formula, '_');
  std::getline(parts, pearson, '_');
  std::getline(parts, number, '_');
  Label label;
  for (std::size_t i = 0; i < formula.size();) {
    std::size_t end = i + 1;
    while (end < formula.size() && std::isdigit(static_cast<unsigned char>(formula[end])) != 0) ++end;
    label.shares.push_back(end == i + 1 ? 1 : std::stoi(formula.substr(i + 1, end - i - 1)));
    i = end;
  }
  // Pearson symbols count the atoms of the conventional cell, but of rhombohedral crystals those of the primitive one.
  label.atoms = std::stoul(pearson.substr(2)) * (pearson[1] == 'R' ? 3 : 1);
  label.space_group = std::stoi(number);
  return label;
}

}  // namespace

// The labels are those of the encyclopedia; positions and cells were typed in beside them: each checks the other.
TEST_CASE("every type of the table has the space group, the atoms and the shares of its AFLOW label",
          "[crystal][prototypes]") {
  std::set<std::string> names, labels;
  for (const PrototypeCell& type : prototype_table()) {
    INFO(type.prototype.aflow_label << " " << type.prototype.example);
    const Label label = read_label(type.prototype.aflow_label);

    CHECK(type.cell.atom_count() == label.atoms);
    CHECK(space_group_number(type.cell, 1e-3) == label.space_group);
    int sum = 0;
    for (const int share : label.shares) sum += share;
    for (std::size_t k = 0; k < label.shares.size(); ++k) {
      const auto letter = Species::from_atomic_number(static_cast<int>(k) + 1);
      CHECK(type.cell.composition().count(letter) == static_cast<std::int64_t>(label.atoms) * label.shares[k] / sum);
    }
    CHECK(labels.insert(type.prototype.aflow_label).second);
    const std::string& name = type.prototype.strukturbericht;
    if (!name.empty()) CHECK(names.insert(name).second);
    CHECK(type_of(type.cell, 1e-3) == (name.empty() ? type.prototype.example : name));
  }
  CHECK(names.size() >= 50);
}

TEST_CASE("a type is found in any cell, strain, origin and with its species exchanged", "[crystal][prototypes]") {
  const double root3 = std::sqrt(3.0);

  CHECK(type_of(crystal_of(box(3.6, 3.6, 3.6),
                           {{"Al", 0, 0, 0}, {"Ni", 0, .5, .5}, {"Ni", .5, 0, .5}, {"Ni", .5, .5, 0}})) == "L1_2");
  // Its corner in the middle of an edge, and the cell doubled.
  CHECK(type_of(crystal_of(box(7.2, 3.6, 3.6), {{"Al", .25, .3, .4},
                                                {"Ni", .25, .8, .9},
                                                {"Ni", .5, .3, .9},
                                                {"Ni", .5, .8, .4},
                                                {"Al", .75, .3, .4},
                                                {"Ni", .75, .8, .9},
                                                {"Ni", 0, .3, .9},
                                                {"Ni", 0, .8, .4}})) == "L1_2");
  // CuAu as four atoms in a face-centred cell with c/a = 0.93, the tetragonal axis along x.
  CHECK(type_of(crystal_of(box(3.67, 3.96, 3.96),
                           {{"Cu", 0, 0, 0}, {"Cu", 0, .5, .5}, {"Au", .5, .5, 0}, {"Au", .5, 0, .5}})) == "L1_0");
  CHECK(type_of(crystal_of(box(2.88, 2.88, 2.88), {{"Ni", 0, 0, 0}, {"Al", .5, .5, .5}})) == "B2");
  // Zinc blende with either species at the origin is one type; so are fluorite and antifluorite.
  CHECK(type_of(crystal_of(box(5.4, 5.4, 5.4), {{"S", 0, 0, 0},
                                                {"S", 0, .5, .5},
                                                {"S", .5, 0, .5},
                                                {"S", .5, .5, 0},
                                                {"Zn", .75, .75, .75},
                                                {"Zn", .75, .25, .25},
                                                {"Zn", .25, .75, .25},
                                                {"Zn", .25, .25, .75}})) == "B3");
  CHECK(type_of(crystal_of(box(3.9, 3.9, 3.9),
                           {{"Ti", 0, 0, 0}, {"Ca", .5, .5, .5}, {"O", .5, 0, 0}, {"O", 0, .5, 0}, {"O", 0, 0, .5}})) ==
        "E2_1");
  Eigen::Matrix3d hexagonal;
  hexagonal << 2.5, 0, 0, -1.25, 1.25 * root3, 0, 0, 0, 4.07;
  CHECK(type_of(crystal_of(hexagonal, {{"Co", 0, 0, 0}, {"Co", 1. / 3, 2. / 3, .5}})) == "A3");
  // The primitive cell of a body-centred crystal.
  Eigen::Matrix3d centred;
  centred << -1.5, 1.5, 1.5, 1.5, -1.5, 1.5, 1.5, 1.5, -1.5;
  CHECK(type_of(crystal_of(centred, {{"Fe", .2, .2, .2}})) == "A2");
  // The layered oxide of cathodes, with other distances than those of the type.
  Eigen::Matrix3d layered;
  layered << 2.82, 0, 0, -1.41, 1.41 * root3, 0, 0, 0, 14.05;
  std::vector<Atom> lithium_cobalt_oxide;
  for (int k = 0; k < 3; ++k) {
    const double x = k == 1 ? 2. / 3 : k == 2 ? 1. / 3 : 0, y = k == 1 ? 1. / 3 : k == 2 ? 2. / 3 : 0, z = k / 3.0;
    lithium_cobalt_oxide.insert(
        lithium_cobalt_oxide.end(),
        {{"Li", x, y, z + .5}, {"Co", x, y, z}, {"O", x, y, z + .2605}, {"O", x, y, z - .2605}});
  }
  CHECK(type_of(crystal_of(layered, lithium_cobalt_oxide)) == "F5_1");
}

// Cells and positions from the literature of the compounds, in other settings than the table's.
TEST_CASE("anatase, cooperite and indium are found from their published cells", "[crystal][prototypes]") {
  // Howard, Sabine & Dickson, Acta Cryst. B 47, 462 (1991): I4_1/amd, origin choice 1, O at z = 0.2081.
  CHECK(type_of(crystal_of(box(3.7842, 3.7842, 9.5146), {{"Ti", 0, 0, 0},
                                                         {"Ti", .5, .5, .5},
                                                         {"Ti", 0, .5, .25},
                                                         {"Ti", .5, 0, .75},
                                                         {"O", 0, 0, .2081},
                                                         {"O", 0, 0, .7919},
                                                         {"O", .5, .5, .7081},
                                                         {"O", .5, .5, .2919},
                                                         {"O", 0, .5, .4581},
                                                         {"O", 0, .5, .0419},
                                                         {"O", .5, 0, .9581},
                                                         {"O", .5, 0, .5419}})) == "C5");
  // PtS: a = 3.47, c = 6.10 Å; square planar platinum with sulphur at 2.31 Å.
  CHECK(type_of(crystal_of(box(3.47, 3.47, 6.10),
                           {{"Pt", 0, .5, 0}, {"Pt", .5, 0, .5}, {"S", 0, 0, .25}, {"S", 0, 0, .75}})) == "B17");
  // In: a = 3.2530, c = 4.9455 Å, body-centred.
  CHECK(type_of(crystal_of(box(3.2530, 3.2530, 4.9455), {{"In", 0, 0, 0}, {"In", .5, .5, .5}})) == "A6");
}

// The same space group, atoms and Wyckoff positions, and another structure.
TEST_CASE("what only has the positions of a type is not named after it", "[crystal][prototypes]") {
  const auto tetragonal = [](double ratio) {
    return crystal_of(box(3, 3, 3 * ratio), {{"Cu", 0, 0, 0}, {"Ti", .5, .5, .5}});
  };
  CHECK(type_of(tetragonal(1.31)) == "L1_0");
  CHECK(type_of(tetragonal(0.90)).empty());  // L2_a, a stretched B2
  CHECK(type_of(tetragonal(1.08)).empty());  // between B2 and L1_0
  // ABO2 with oxygen beside the other cation: delafossite, not layered rock salt (z of oxygen 0.11 beside copper).
  const double root3 = std::sqrt(3.0);
  Eigen::Matrix3d axes;
  axes << 3.035, 0, 0, -1.5175, 1.5175 * root3, 0, 0, 0, 17.166;
  std::vector<Atom> delafossite;
  for (int k = 0; k < 3; ++k) {
    const double x = k == 1 ? 2. / 3 : k == 2 ? 1. / 3 : 0, y = k == 1 ? 1. / 3 : k == 2 ? 2. / 3 : 0, z = k / 3.0;
    delafossite.insert(delafossite.end(),
                       {{"Cu", x, y, z}, {"Fe", x, y, z + .5}, {"O", x, y, z + .1066}, {"O", x, y, z - .1066}});
  }
  CHECK(type_of(crystal_of(axes, delafossite)).empty());
  // MoSi2 on the face-centred lattice: c/a = 3 sqrt 2.
  const double c = 3 * std::sqrt(2.0);
  CHECK(type_of(crystal_of(box(2.8, 2.8, 2.8 * c), {{"Mo", 0, 0, 0},
                                                    {"Mo", .5, .5, .5},
                                                    {"Si", 0, 0, 1. / 3},
                                                    {"Si", 0, 0, 2. / 3},
                                                    {"Si", .5, .5, 5. / 6},
                                                    {"Si", .5, .5, 1. / 6}}))
            .empty());
  CHECK(type_of(crystal_of(box(3.2, 3.2, 3.2 * 2.45), {{"Mo", 0, 0, 0},
                                                       {"Mo", .5, .5, .5},
                                                       {"Si", 0, 0, 1. / 3},
                                                       {"Si", 0, 0, 2. / 3},
                                                       {"Si", .5, .5, 5. / 6},
                                                       {"Si", .5, .5, 1. / 6}})) == "C11_b");
}

TEST_CASE("a crystal is described by its conventional cell whatever cell it is given in", "[crystal][prototypes]") {
  const auto described = describe_crystal(
      crystal_of(box(3.67, 3.96, 3.96), {{"Cu", 0, 0, 0}, {"Cu", 0, .5, .5}, {"Au", .5, .5, 0}, {"Au", .5, 0, .5}}),
      0.01);

  REQUIRE(described);
  CHECK(described->space_group_number == 123);
  CHECK(described->space_group_symbol == "P4/mmm");
  CHECK(described->conventional.atom_count() == 2);
  CHECK(described->conventional.lattice.rows().row(0).norm() == Approx(3.96 / std::sqrt(2.0)));
  CHECK(described->conventional.lattice.rows().row(2).norm() == Approx(3.67));
  CHECK_FALSE(describe_crystal(crystal_of(box(3, 3, 3), {{"Cu", 0, 0, 0}, {"Cu", 0, 0, 0.0001}}), 0.01));
}
