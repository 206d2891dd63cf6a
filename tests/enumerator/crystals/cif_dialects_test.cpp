// How programs and people write CIFs: pymatgen, ASE, AMCSD, COD, SHELX, VESTA, Materials Studio, Bilbao's mcif. Every
// text here is of our own making and holds a crystal whose content follows from its Wyckoff positions.
#include <catch2/catch.hpp>
#include <functional>
#include <utility>

#include "crystals.hpp"
#include "enumerator/files/cif_reader.hpp"
#include "enumerator/files/content_check.hpp"

using namespace hullscan;
using hullscan::test::error_of;
using hullscan::test::structure_file;

namespace {

const std::string kPositions = "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n";
const std::string kRockSalt = kPositions + "Na1 0 0 0\nCl1 .5 .5 .5\n";
const std::string kZincite = kPositions + "Zn1 0.3333 0.6667 0\nO1 0.3333 0.6667 0.382\n";

std::string cell(double a, double b, double c, double alpha = 90, double beta = 90, double gamma = 90) {
  const auto item = [](const char* tag, double value) { return std::string(tag) + " " + std::to_string(value) + "\n"; };
  return item("_cell_length_a", a) + item("_cell_length_b", b) + item("_cell_length_c", c) +
         item("_cell_angle_alpha", alpha) + item("_cell_angle_beta", beta) + item("_cell_angle_gamma", gamma);
}
const std::string kCube = cell(5.64, 5.64, 5.64), kHexagon = cell(3.24, 3.24, 5.2, 90, 90, 120);

struct Reading {
  Crystal crystal;
  std::vector<std::string> warnings;
};
Reading reading(const std::string& text) {
  ReadingWarnings warnings;
  Crystal crystal = crystal_from_cif(text, "t.cif", "", warnings);
  return {std::move(crystal), warnings.lines()};
}
std::string content(const std::string& text) { return formula_text(contents_of(reading(text).crystal.sites)); }
std::string error(const std::string& text) {
  return error_of([&] { (void)reading(text); });
}
std::string warning(const std::string& text) {
  const auto lines = reading(text).warnings;
  return lines.empty() ? "" : lines.front();
}
std::string content_of_file(const std::string& name) {
  return formula_text(contents_of(read_crystal(structure_file("dialects/" + name)).sites));
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t i = text.find(what); i != std::string::npos; i = text.find(what, i + by.size()))
    text.replace(i, what.size(), by);
  return text;
}

/// The symbol of one atom at the origin.
std::string by_label(const std::string& label, const std::string& items = "") {
  return content("data_t\n" + cell(4, 4, 4) + items + kPositions + label + " 0 0 0\n");
}
std::string by_type(const std::string& type, const std::string& label = "Xy1") {
  return content("data_t\n" + cell(4, 4, 4) + "loop_\n_atom_site_type_symbol\n" + kPositions.substr(6) + type + " " +
                 label + " 0 0 0\n");
}

}  // namespace

TEST_CASE("files as pymatgen, ASE and AMCSD write them hold what they say", "[enumerator][cif][dialects]") {
  CHECK(content_of_file("pymatgen-Z2.cif") == "Si2");
  CHECK(content_of_file("pymatgen-Z3.cif") == "Li3 O6 Co3");
  CHECK(content_of_file("pymatgen-mixed.cif") == "Cr0.8 Mn0.8 Fe0.8 Co0.8 Ni0.8");
  CHECK(content_of_file("ase.cif") == "Si2");
  CHECK(content_of_file("amcsd-labels.cif") == "O32 Al16 Ni8");
}

TEST_CASE("symmetry operations are read in every spelling", "[enumerator][cif][dialects]") {
  const std::vector<std::string> operations = {"x,y,z",       "-y,x-y,z",     "-x+y,-x,z",
                                               "-x,-y,z+1/2", "y,-x+y,z+1/2", "x-y,x,z+1/2"};
  const std::string numbered = "_symmetry_equiv_pos_site_id\n_symmetry_equiv_pos_as_xyz";
  using Spelling = std::function<std::string(int, const std::string&)>;
  const std::vector<std::pair<std::string, Spelling>> ways = {
      {"_symmetry_equiv_pos_as_xyz", [](int, const std::string& o) { return o; }},
      {"_symmetry_equiv_pos_as_xyz", [](int, const std::string& o) { return "'" + replaced(o, ",", ", ") + "'"; }},
      {"_symmetry_equiv_pos_as_xyz", [](int, const std::string& o) { return replaced(o, ",", ", "); }},
      {"_symmetry_equiv_pos_as_xyz",
       [](int, const std::string& o) { return replaced(replaced(o, "-", " - "), "+", " + "); }},
      {"_symmetry_equiv_pos_as_xyz",
       [](int, const std::string& o) { return replaced(replaced(replaced(o, "x", "X"), "y", "Y"), "z", "Z"); }},
      {"_symmetry_equiv_pos_as_xyz", [](int, const std::string& o) { return replaced(o, "z+1/2", ".5+z"); }},
      {"_symmetry_equiv_pos_as_xyz", [](int, const std::string& o) { return replaced(o, "1/2", "0.50"); }},
      {"_symmetry_equiv_pos_as_xyz", [](int, const std::string& o) { return "'" + o; }},
      {"_symmetry_equiv_pos_as_xyz",
       [](int i, const std::string& o) { return "'" + std::to_string(i) + " " + o + "'"; }},
      {"_symmetry_equiv_pos_as_xyz", [](int, const std::string& o) { return ";" + o + "\n;"; }},
      {"_space_group_symop_operation_xyz", [](int, const std::string& o) { return "\"" + o + "\" # operation"; }},
      {"_space_group_symop.operation_xyz", [](int, const std::string& o) { return o; }},
      {"_space_group_symop_id\n_space_group_symop_operation_xyz",
       [](int i, const std::string& o) { return std::to_string(i) + " " + o; }},
      {numbered, [](int i, const std::string& o) { return std::to_string(i) + " '" + replaced(o, ",", " , ") + "'"; }},
      {numbered, [](int i, const std::string& o) { return std::to_string(i) + " " + replaced(o, ",", ", "); }},
      {numbered, [](int, const std::string& o) { return "'" + o + "'"; }},
  };

  for (const auto& [tags, way] : ways) {
    std::string list = "loop_\n" + tags + "\n";
    for (std::size_t i = 0; i < operations.size(); ++i) list += way(static_cast<int>(i) + 1, operations[i]) + "\n";
    INFO(list);
    CHECK(content("data_t\n" + kHexagon + list + kZincite) == "O2 Zn2");
  }
}

TEST_CASE("a space group is found by its symbol or number under old, new and misspelt tags",
          "[enumerator][cif][dialects]") {
  for (const char* item :
       {"_symmetry_space_group_name_H-M 'F m -3 m'", "_symmetry_space_group_name_H-M Fm-3m",
        "_symmetry_space_group_name_H-M Fm3m", "_symmetry_space_group_name_H-M F m -3 m",
        "_symmetry_space_group_name_H_M 'FM-3M'", "_space_group_name_H-M_alt 'F 4/m -3 2/m'",
        "_space_group.name_H-M_ref 'Fm-3m (225)'", "_symmetry_Int_Tables_number 225", "_space_group_IT_number 225.0",
        "_space_group.IT_number '225'", "_symmetry_space_group_name_Hall '-F 4 2 3'", "_space_group_name_Hall -F_4_2_3",
        "_symmetry_space_group_name_H-M ?\n_symmetry_Int_Tables_number 225",
        "_symmetry_space_group_name_H-M '-F 4 2 3'"}) {
    INFO(item);
    CHECK(content("data_t\n" + kCube + item + "\n" + kRockSalt) == "Na4 Cl4");
  }
  CHECK(content("data_t\n" + cell(5, 6, 7, 80, 85, 95) + "_symmetry_space_group_name_H-M 'C -1'\n" + kPositions +
                "K1 .1 .2 .3\n") == "K4");
  CHECK(content("data_t\n" + cell(5, 6, 7, 90, 100, 90) + "_symmetry_space_group_name_H-M P 1 21/c 1\n" + kPositions +
                "K1 .1 .2 .3\n") == "K4");
}

TEST_CASE("labels name their element as crystallographers write them", "[enumerator][cif][dialects]") {
  const std::vector<std::pair<const char*, const char*>> labels = {
      {"Pb1", "Pb1"},   {"Li_a", "Li1"}, {"O3'", "O1"},
      {"D2", "D1"},     {"FeA", "Fe1"},  {"Fe(1)", "Fe1"},
      {"Na+", "Na1"},   {"Fe3+", "Fe1"}, {"O2-", "O1"},
      {"Na0", "Na1"},   {"O1W", "O1"},   {"OW", "O1"},
      {"Ow1^*^", "O1"}, {"Wat", "O1"},   {"Hw", "H1"},
      {"Dw", "D1"},     {"OH2", "O1"},   {"O-H1", "O1"},
      {"IN1", "In1"},   {"CA", "Ca1"},   {"LA1", "La1"},
      {"cu1", "Cu1"},   {"CN1", "C1"},   {"NaM4", "Na1"},
      {"OA1", "O1"},    {"(Fe)", "Fe1"}, {"'0.8Nb + 0.2Zr'", "Zr0.2 Nb0.8"}};
  for (const auto& [label, element] : labels) {
    INFO(label);
    CHECK(by_label(label) == element);
  }
  CHECK(by_label("Va1") == "nothing");
  CHECK(by_label("CO1", "_chemical_formula_sum 'C O2'\n") == "C1");
  CHECK(by_label("CO1", "_chemical_formula_sum 'Co3 O4'\n") == "Co1");
  CHECK(by_label("W1", "_chemical_formula_sum 'H2 O'\n") == "O1");
  for (const char* label : {"Me", "M1", "T2", "Q1", "1Fe", "?"}) {
    INFO(label);
    CHECK(error("data_t\n" + cell(4, 4, 4) + kPositions + label + " 0 0 0\n").find("does not begin with an element") !=
          std::string::npos);
  }
}

TEST_CASE("type symbols may be charged, in the wrong case, isotopes, groups and mixtures",
          "[enumerator][cif][dialects]") {
  const std::vector<std::pair<const char*, const char*>> types = {{"Fe3+", "Fe1"},
                                                                  {"FE3+", "Fe1"},
                                                                  {"Fe+3", "Fe1"},
                                                                  {"fe", "Fe1"},
                                                                  {"Tl+1", "Tl1"},
                                                                  {"'Na +1'", "Na1"},
                                                                  {"Te0", "Te1"},
                                                                  {"57Fe", "Fe1"},
                                                                  {"2H", "D1"},
                                                                  {"T", "H1"},
                                                                  {"OH", "O1"},
                                                                  {"H2O", "O1"},
                                                                  {"O2-(H2O)", "O1"},
                                                                  {"NH4", "N1"},
                                                                  {"IN", "In1"},
                                                                  {"CA", "Ca1"},
                                                                  {"Fe3+x", "Fe1"},
                                                                  {"'0.75Si + 0.25Al'", "Al0.25 Si0.75"},
                                                                  {"'0.967(4)Mg + 0.033(4)Fe'", "Mg0.967 Fe0.033"},
                                                                  {"Nb0.8Zr0.2", "Zr0.2 Nb0.8"},
                                                                  {"'Nb0.5,Zr0.5'", "Zr0.5 Nb0.5"},
                                                                  {"'0.5Fe3+/0.5Mg2+'", "Mg0.5 Fe0.5"}};
  for (const auto& [type, element] : types) {
    INFO(type);
    CHECK(by_type(type) == element);
  }
  CHECK(by_type("AA", "Be1") == "Be1");
  CHECK(by_type("?", "Be1") == "Be1");
  CHECK(by_type("Qq", "Be1") == "Be1");
  const std::string type_loop = "data_t\n" + cell(4, 4, 4) + "loop_\n_atom_site_type_symbol\n" + kPositions.substr(6);
  CHECK(
      error(type_loop + "Al/Si T1 0 0 0\n").find("type symbol \"Al/Si\" names several elements without their shares") !=
      std::string::npos);
  CHECK(error(type_loop + "Qq M1 0 0 0\n").find("type symbol \"Qq\" is not an element") != std::string::npos);
  CHECK(warning(type_loop + "CA Ca1 0 0 0\nCA Ca2 .5 .5 .5\n") == "t.cif:14:1: type symbol \"CA\": read as Ca");
  CHECK(warning(type_loop + "Du X1 0 0 0\nFe Fe1 .5 .5 .5\n") == "t.cif:14:1: type symbol \"Du\": no atom, left out");
  // The shares of a mixture are shares of what is there.
  CHECK(content("data_t\n" + cell(4, 4, 4) + "loop_\n_atom_site_type_symbol\n" + kPositions.substr(6) +
                "_atom_site_occupancy\n'0.8Nb + 0.2Zr' M1 0 0 0 0.5\n") == "Zr0.1 Nb0.4");
}

TEST_CASE("atoms without a position and dummies are left out with one warning", "[enumerator][cif][dialects]") {
  const Reading read =
      reading("data_t\n" + kCube + "_symmetry_Int_Tables_number 225\n" + kRockSalt + "H1 ? ? ?\nH2 ? ? ?\nX1 . . .\n");

  CHECK(formula_text(contents_of(read.crystal.sites)) == "Na4 Cl4");
  REQUIRE(read.warnings.size() == 1);
  CHECK(read.warnings[0] == "t.cif:16:4: 3 of the 5 listed atoms have no position and are left out: H1, H2, X1");
}

TEST_CASE("numbers come with uncertainties, as fractions, with Fortran's exponent and a decimal comma",
          "[enumerator][cif][dialects]") {
  const Crystal crystal =
      reading(
          "data_t\n_cell_length_a 4.000(3)\n_cell_length_b 4.\n_cell_length_c '4.0'\n_cell_angle_alpha 90.00(2)\n"
          "_cell_angle_beta 90\n_cell_angle_gamma 90.\n" +
          kPositions + "Na1 1/3 .5 -.25\nCl1 0.5(3) 0.2D0 0,75\n")
          .crystal;

  REQUIRE(crystal.sites.size() == 2);
  CHECK(crystal.sites[0].position.x.isApprox(Eigen::Vector3d(1.0 / 3.0, 0.5, 0.75)));
  CHECK(crystal.sites[1].position.x.isApprox(Eigen::Vector3d(0.5, 0.2, 0.75)));
}

TEST_CASE("what a cell leaves out follows from the crystal system, and is said", "[enumerator][cif][dialects]") {
  const std::string cubic = "data_t\n_cell_length_a 5.64\n_symmetry_Int_Tables_number 225\n" + kRockSalt;
  CHECK(content(cubic) == "Na4 Cl4");
  CHECK(warning(cubic) ==
        "t.cif:1: no _cell_length_b, _cell_length_c, _cell_angle_alpha, _cell_angle_beta, _cell_angle_gamma: taken "
        "as 5.64, "
        "5.64, 5.64 Å and 90, 90, 90° of a cubic cell");
  CHECK(content("data_t\n_cell_length_a 3.24\n_cell_length_c 5.2\n_symmetry_space_group_name_H-M 'P 63 m c'\n" +
                kZincite) == "O2 Zn2");
  CHECK(content(
            "data_t\n_cell_length_a 5\n_cell_length_b 5\n_cell_length_c 6\n_cell_angle_beta 95\n_cell_angle_gamma ?\n" +
            kRockSalt) == "Na1 Cl1");
  CHECK(
      error("data_t\n_cell_length_a 5\n_cell_length_b 5\n_cell_length_c 6\n_symmetry_Int_Tables_number 2\n" + kRockSalt)
          .find("has no _cell_angle_alpha") != std::string::npos);
  CHECK(error("data_t\n_symmetry_Int_Tables_number 225\n" + kRockSalt).find("has no _cell_length_a") !=
        std::string::npos);
}

TEST_CASE("Cartesian positions are read in the file's frame, else in the usual one with a warning",
          "[enumerator][cif][dialects]") {
  const std::string positions =
      "loop_\n_atom_site_label\n_atom_site_Cartn_x\n_atom_site_Cartn_y\n_atom_site_Cartn_z\nSr 0 0 0\nTi 1.95 1.95 "
      "1.95\n"
      "O 1.95 1.95 0\n";
  const std::string cube = "data_t\n" + cell(3.9, 3.9, 3.9) + "_symmetry_space_group_name_H-M 'P m -3 m'\n";
  CHECK(content(cube + positions) == "O3 Ti1 Sr1");
  CHECK(warning(cube + positions).find("read in Å with a along x and b in the plane of x and y") != std::string::npos);

  std::string frame;
  for (int i = 1; i <= 3; ++i) {
    for (int j = 1; j <= 3; ++j)
      frame += "_atom_sites_fract_tran_matrix_" + std::to_string(10 * i + j) + " " + (i == j ? "0.25" : "0") + "\n";
    frame += "_atom_sites_fract_tran_vector_" + std::to_string(i) + " 0.5\n";
  }
  const Reading read = reading("data_t\n" + cell(4, 4, 4) + frame +
                               "loop_\n_atom_site_label\n_atom_site_Cartn_x\n_atom_site_Cartn_y\n"
                               "_atom_site_Cartn_z\nSr 1 0 0\n");
  CHECK(read.crystal.sites[0].position.x.isApprox(Eigen::Vector3d(0.75, 0.5, 0.5)));
  CHECK(read.warnings.empty());
}

TEST_CASE("the operations of a magnetic CIF are read with its centring, its moments are not",
          "[enumerator][cif][dialects]") {
  CHECK(content_of_file("magnetic.mcif") == "O4 Ni4");

  const std::string by_number =
      "data_t\n" + kCube + "_space_group_magn.number_BNS '2.7'\n" + kPositions + "Ni1 .1 .2 .3\n";
  CHECK(content(by_number) == "Ni4");  // P_S -1: two operations, doubled by time reversal with a shift
  CHECK(warning(by_number).find("magnetic moments are not read") != std::string::npos);
  CHECK(content("data_t\n" + kCube +
                "loop_\n_space_group_symop.magn_id\n_space_group_symop.magn_operation_xyz\n"
                "_space_group_symop.magn_operation_mxmymz\n1 x,y,z,+1 mx,my,mz\n2 -x,-y,-z,-1 mx,my,mz\n" +
                kPositions + "Ni1 .1 .2 .3\n") == "Ni2");
}

TEST_CASE("of a modulated structure the average is read", "[enumerator][cif][dialects]") {
  const std::string text = "data_t\n" + kHexagon +
                           "loop_\n_space_group_symop_ssg_operation_algebraic\nx1,x2,x3,x4\n-x2,x1-x2,x3,x4+1/3\n"
                           "-x1+x2,-x1,x3,x4+2/3\n" +
                           kPositions + "K1 .1 .2 .3\n";
  CHECK(content(text) == "K3");
  CHECK(warning(text).find("a modulated structure: its average is read") != std::string::npos);
}

TEST_CASE("line ends, marks at the ends of a file and foreign letters change nothing", "[enumerator][cif][dialects]") {
  const std::string text =
      "data_t\n_publ_author 'M\xfcller'\n" + kCube + "_symmetry_Int_Tables_number 225 # number\n" + kRockSalt;

  CHECK(content(text) == "Na4 Cl4");
  CHECK(content(text.substr(0, text.size() - 1)) == "Na4 Cl4");
  CHECK(content(text + "\x1a") == "Na4 Cl4");
  CHECK(content(replaced(text, "_symmetry_Int_Tables_number 225",
                         "_symmetry_Int_Tables_number\xC2\xA0"
                         "225")) == "Na4 Cl4");
  CHECK(content("#\\#CIF_2.0\n" + text) == "Na4 Cl4");
  CHECK(content("A letter to the editor\n" + text) == "Na4 Cl4");
  CHECK(content(text.substr(text.find('\n') + 1)) == "Na4 Cl4");  // without data_
}
