#include "enumerator/files/cif_reader.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "crystals.hpp"
#include "enumerator/files/content_check.hpp"

using namespace hullscan;
using hullscan::test::error_of;
using hullscan::test::structure_file;

namespace {

std::string content_of(const std::string& file) {
  return formula_text(contents_of(read_crystal(structure_file(file)).sites));
}

/// A cubic cell of 4 Å in P1 with these items and atoms (label type x y z occupancy).
std::string cif(const std::string& atoms, const std::string& items = "", const std::string& columns = "") {
  return "data_t\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha 90\n_cell_angle_beta 90\n"
         "_cell_angle_gamma 90\n" +
         items + "loop_\n" +
         (columns.empty() ? "_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n"
                            "_atom_site_fract_z\n_atom_site_occupancy\n"
                          : columns) +
         atoms;
}

Crystal crystal(const std::string& text) {
  ReadingWarnings warnings;
  return crystal_from_cif(text, "t.cif", "", warnings);
}
/// The warnings of a text that is read, one a line.
std::string warnings_of(const std::string& text) {
  ReadingWarnings warnings;
  (void)crystal_from_cif(text, "t.cif", "", warnings);
  std::string all;
  for (const std::string& line : warnings.lines()) all += (all.empty() ? "" : "\n") + line;
  return all;
}
std::string message(const std::string& text) {
  return error_of([&] { (void)crystal(text); });
}

const CrystalSite& site(const Crystal& crystal, const std::string& label) {
  for (const CrystalSite& s : crystal.sites) {
    if (s.label == label) return s;
  }
  FAIL("no site " + label);
  throw std::logic_error("unreachable");
}

}  // namespace

TEST_CASE("brackets of a formula are counted, and not followed without end", "[enumerator][cif]") {
  const auto doubled = parse_fractional_formula("Ca((O H)2)0.5");
  REQUIRE(doubled);
  CHECK(doubled->at(Species::from_symbol("O")) == 1.0);
  CHECK_FALSE(parse_fractional_formula(std::string(400'000, '(') + "O" + std::string(400'000, ')')));
  CHECK_FALSE(parse_fractional_formula(std::string(400'000, '[')));
}

TEST_CASE("parent structures hold what their formula says", "[enumerator][cif]") {
  CHECK(content_of("Al-fcc.cif") == "Al4");
  CHECK(content_of("LiNiO2-R-3m.cif") == "Li3 O6 Ni3");
  CHECK(content_of("gamma-CsPbI3-Pnma.cif") == "I12 Cs4 Pb4");
  CHECK(content_of("gamma-CsPbI3-Pbnm.cif") == "I12 Cs4 Pb4");
  CHECK(content_of("MoS2-monolayer.cif") == "S2 Mo1");
}

TEST_CASE("an old cubic symbol makes the same cell as today's", "[enumerator][cif][trap]") {
  CHECK(content_of("traps/old-cubic-symbol.cif") == "Cu4");
}

TEST_CASE("listed operations win over the symbol", "[enumerator][cif][trap]") {
  const Crystal titanate = read_crystal(structure_file("traps/listed-operations-win.cif"));

  CHECK(formula_text(contents_of(titanate.sites)) == "O3 Ti1 Pb1");
  CHECK(site(titanate, "Ti1").position.x[2] == Approx(0.54));
}

TEST_CASE("a symbol without an origin takes the one that lets no atoms overlap and holds the formula",
          "[enumerator][cif][trap]") {
  CHECK(content_of("traps/spinel-second-origin.cif") == "O32 Mg8 Al16");
  CHECK(content_of("traps/spinel-origin-not-said.cif") == "O32 Mg8 Al16");

  const std::string bare = "_space_group_name_H-M_alt 'F d -3 m'\n";
  CHECK(formula_text(contents_of(crystal(cif("Mg1 Mg .125 .125 .125 1\nAl1 Al .5 .5 .5 1\n",
                                             bare + "_chemical_formula_sum 'Mg Al2'\n_cell_formula_units_Z 8\n"))
                                     .sites)) == "Mg8 Al16");
  CHECK(warnings_of(cif("Mg1 Mg .125 .125 .125 1\nAl1 Al .5 .5 .5 1\n",
                        bare + "_chemical_formula_sum 'Mg Al2'\n_cell_formula_units_Z 8\n")) ==
        "t.cif:8:27: Hermann–Mauguin symbol \"F d -3 m\" does not say which origin or axes: origin 2 is taken, "
        "because with origin 1 "
        "_chemical_formula_sum: with Hermann–Mauguin symbol \"F d -3 m\" the cell holds Mg16 Al8, expected 8 × (Mg1 "
        "Al2)");
  CHECK(warnings_of(cif("Mg1 Mg .125 .125 .125 1\n", bare)) ==
        "t.cif:8:27: Hermann–Mauguin symbol \"F d -3 m\" does not say which origin: origin 1 is taken, origin 2 "
        "would hold Mg8 instead of "
        "Mg16; write \":1\" or \":2\" after the symbol");
  CHECK(warnings_of(cif("Mg1 Mg .125 .125 .125 1\n", "_space_group_name_H-M_alt 'F d -3 m :2'\n")).empty());
}

TEST_CASE("every group of two origins is read in the second where only that holds what the file says",
          "[enumerator][cif][trap]") {
  // The first origin lies on the second's 4-fold centre or screw; sites of multiplicity, per International Tables A.
  struct Case {
    const char* symbol;
    const char* atom;
    const char* formula;
  };
  const std::vector<Case> cases = {
      {"P 4/n m m", "Cu1 Cu .75 .25 0 1\n", "Cu2"},  {"I 41/a m d", "Cu1 Cu 0 .75 .125 1\n", "Cu4"},
      {"P n -3 m", "Cu1 Cu .25 .25 .25 1\n", "Cu2"}, {"F d -3 c", "Cu1 Cu .125 .125 .125 1\n", "Cu16"},
      {"P n n n", "Cu1 Cu .25 .25 .25 1\n", "Cu2"},  {"I 41/a", "Cu1 Cu 0 .25 .125 1\n", "Cu4"}};
  for (const Case& c : cases) {
    INFO(c.symbol);
    const std::string text = cif(c.atom, "_space_group_name_H-M_alt '" + std::string(c.symbol) +
                                             "'\n_chemical_formula_sum '" + c.formula + "'\n_cell_formula_units_Z 1\n");
    CHECK(formula_text(contents_of(crystal(text).sites)) == c.formula);
    CHECK(warnings_of(text).find("origin 2 is taken") != std::string::npos);
  }
}

TEST_CASE("halves of a split site stay apart", "[enumerator][cif][trap]") {
  const Crystal split = read_crystal(structure_file("traps/split-site.cif"));

  REQUIRE(split.sites.size() == 3);
  for (const CrystalSite& s : {split.sites[1], split.sites[2]}) {
    REQUIRE(s.occupants.size() == 2);
    CHECK(s.occupants[0].species.is_vacancy());
    CHECK(s.occupants[1].occupancy == Approx(0.5));
  }
}

TEST_CASE("occupants at one place share a site and the rest is vacancy", "[enumerator][cif][trap]") {
  const Crystal mixed = read_crystal(structure_file("traps/mixed-and-vacant.cif"));

  REQUIRE(mixed.sites.size() == 8);
  const CrystalSite& metal = mixed.sites[0];
  CHECK(metal.label == "Ni1");
  CHECK(metal.other_labels == std::vector<std::string>{"Li1"});
  REQUIRE(metal.occupants.size() == 3);
  CHECK(metal.occupants[0].species.is_vacancy());
  CHECK(metal.occupants[0].occupancy == Approx(0.05));
  CHECK(metal.occupants[1].species == Species::from_symbol("Li"));
  CHECK(metal.occupants[1].occupancy == Approx(0.15));
  CHECK(metal.occupants[1].oxidation_state == 1.0);
  CHECK(metal.occupants[2].species == Species::from_symbol("Ni"));
  CHECK(metal.occupants[2].oxidation_state == 2.0);
}

TEST_CASE("a position given to four digits lies exactly on its threefold axis", "[enumerator][cif][trap]") {
  const Crystal nitride = read_crystal(structure_file("traps/short-fractions.cif"));

  REQUIRE(nitride.sites.size() == 3);
  CHECK(std::abs(site(nitride, "Ga1").position.x[0] - 1.0 / 3.0) < 1e-12);
  CHECK(std::abs(site(nitride, "N1").position.x[1] - 1.0 / 3.0) < 1e-12);
}

TEST_CASE("of several structures in a file the first is taken, and said, unless a block is named",
          "[enumerator][cif][trap]") {
  const auto file = structure_file("traps/two-blocks.cif");

  CHECK(cif_block_names(file) == std::vector<std::string>{"publication", "alpha", "gamma"});
  CHECK(read_crystal(file, "alpha").sites.size() == 2);
  CHECK(read_crystal(file, "gamma").sites.size() == 4);
  CHECK(read_crystal(file, "data_Gamma").sites.size() == 4);
  CHECK(read_crystal(file, "3").sites.size() == 4);
  CHECK(read_crystal(file).sites.size() == 2);
  CHECK(error_of([&] { (void)read_crystal(file, "delta"); }) ==
        file.string() + ": no data block \"delta\"; there are: publication, alpha, gamma");
  CHECK(error_of([&] { (void)read_crystal(file, "publication"); }) ==
        file.string() + ":2: data block \"publication\" has no _cell_length_a: expected a crystal structure");

  const std::string one = cif("Cu1 Cu 0 0 0 1\n");
  CHECK(warnings_of("data_global\n_a 1\n" + one + one)
            .find("t.cif:3: 2 data blocks hold a structure, t, t: the first is taken; name another as block, or give "
                  "its number in the file") == 0);
}

TEST_CASE("a cell and atoms in two blocks are one crystal", "[enumerator][cif]") {
  const std::string one = cif("Cu1 Cu 0 0 0 1\n", "_symmetry_Int_Tables_number 225\n");
  const std::size_t atoms = one.find("loop_");

  const std::string two = one.substr(0, atoms) + "data_atoms\n" + one.substr(atoms);
  CHECK(crystal(two).sites.size() == 4);
  CHECK(warnings_of(two) == "t.cif:9: the cell and the atoms stand in different data blocks and are taken together");
}

TEST_CASE("the symmetry comes from operations, Hall symbol, Hermann–Mauguin symbol, number, in this order",
          "[enumerator][cif]") {
  const std::string atom = "Cu1 Cu 0 0 0 1\n";
  const std::string operations = "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n'x+1/2,y+1/2,z+1/2'\n";
  const std::string hall = "_symmetry_space_group_name_Hall '-C 2 2'\n", hm = "_space_group_name_H-M_alt 'F m -3 m'\n";
  const std::string number = "_space_group_IT_number 221\n";

  CHECK(crystal(cif(atom, operations + hall + hm + number)).sites.size() == 2);
  CHECK(crystal(cif(atom, hall + hm + number)).sites.size() == 2);
  CHECK(crystal(cif(atom, hm + number)).sites.size() == 4);
  CHECK(crystal(cif(atom, number)).sites.size() == 1);
  CHECK(crystal(cif(atom, "_symmetry_space_group_name_H-M ?\n_space_group_IT_number 229\n")).sites.size() == 2);
  CHECK(crystal(cif(atom)).sites.size() == 1);
}

TEST_CASE("symmetry that cannot be what is meant is refused", "[enumerator][cif][trap]") {
  const std::string atom = "Cu1 Cu 0 0 0 1\n";

  CHECK(message(cif(atom, "_space_group_name_H-M_alt 'Q m 3'\n")) ==
        "t.cif:8:27: space group symbol \"Q m 3\" is not one of the tabulated settings: list the operations as "
        "_space_group_symop_operation_xyz");
  CHECK(message(cif(atom, "_space_group_name_Hall 'Q 2'\n"))
            .find("t.cif:8:24: Hall symbol \"Q 2\" is not one of the 530") == 0);
  CHECK(warnings_of(cif(atom, "_space_group_name_Hall 'Q 2'\n_space_group_IT_number 225\n")) ==
        "t.cif:8:24: Hall symbol \"Q 2\" is not one of the 530 tabulated settings: it is passed over");
  CHECK(message(cif(atom, "_space_group_IT_number 231\n")) ==
        "t.cif:8:24: space group number \"231\", expected 1 to 230 in a tabulated setting");
  CHECK(message(cif(atom, "_space_group_name_H-M_alt 'P 6'\n")).find("does not fit the cell's lengths and angles") !=
        std::string::npos);
  CHECK(message(cif(atom, "loop_\n_space_group_symop_operation_xyz\n'x,y,z'\n'y,z,x'\n")).find("are not a group: ") !=
        std::string::npos);
  CHECK(message(cif(atom, "loop_\n_space_group_symop_operation_xyz\n'x,y,z'\n'-x,-y,q'\n")) ==
        "t.cif:11:1: symmetry operation \"-x,-y,q\", character 7: expected x, y, z or a number");
}

TEST_CASE("charges come from the type symbol or from the table of atom types by symbol or label", "[enumerator][cif]") {
  const std::string table = "loop_\n_atom_type_symbol\n_atom_type_oxidation_number\nFe 3\nO1 -2\n";
  const auto state = [](const Crystal& c, const char* label) { return site(c, label).occupants[0].oxidation_state; };

  const Crystal named =
      crystal(cif("Fe1 Fe3+ 0 0 0 1\nNi1 Ni2.5+ .5 0 0 1\nO1 O2- 0 .5 0 1\nNa1 Na+ 0 0 .5 1\nCl1 Cl-1 .5 .5 0 1\nAr1 "
                  "Ar .5 .5 .5 1\n"));
  const Crystal tabled = crystal(cif("Fe1 Fe 0 0 0 1\nO1 O .5 0 0 1\nO2 O 0 .5 0 1\n", table));

  CHECK(state(named, "Fe1") == 3.0);
  CHECK(state(named, "Ni1") == 2.5);
  CHECK(state(named, "O1") == -2.0);
  CHECK(state(named, "Na1") == 1.0);
  CHECK(state(named, "Cl1") == -1.0);
  CHECK_FALSE(state(named, "Ar1").has_value());
  CHECK(state(tabled, "Fe1") == 3.0);
  CHECK(state(tabled, "O1") == -2.0);
  CHECK_FALSE(state(tabled, "O2").has_value());
}

TEST_CASE("numbers that are none are refused at their place", "[enumerator][cif]") {
  CHECK(message(cif("Cu1 Cu 0 y 0 1\n")) == "t.cif:15:10: _atom_site_fract_y: expected a number, found \"y\"");
  CHECK(message(cif("Cu1 Cu 0 0 zero 1\n")) == "t.cif:15:12: _atom_site_fract_z: expected a number, found \"zero\"");
  CHECK(message(cif("Cu1 Cu 0 0 0 1.2\n")) == "t.cif:15:14: _atom_site_occupancy of Cu1: expected 0 to 1, found 1.2");
  CHECK(message(cif("Cu1 Cu 0 0 0 -0.1\n")) == "t.cif:15:14: _atom_site_occupancy of Cu1: expected 0 to 1, found -0.1");
  CHECK(crystal(cif("Cu1 Cu 0 0 0 ?\nAg1 Ag .5 .5 .5 .\n")).sites.size() == 2);
  CHECK(message(
            "data_t\n_cell_length_a 0\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha 90\n_cell_angle_beta 90\n"
            "_cell_angle_gamma 90\n")
            .find("t.cif:2:16: cell parameters do not form a cell") == 0);
  CHECK(message("data_t\n_cell_length_a 1e5\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha "
                "90\n_cell_angle_beta 90\n"
                "_cell_angle_gamma 90\n")
            .find("t.cif:2:16: a lattice vector of 100000 Å, expected at most 10000 Å") == 0);
  CHECK(message("data_t\n_cell_length_a .001\n_cell_length_b 4000\n_cell_length_c 400\n_cell_angle_alpha 90\n"
                "_cell_angle_beta 90\n_cell_angle_gamma 90\n")
            .find("is too flat or too skewed to be a crystal's") != std::string::npos);
  CHECK(message("data_t\n_cell_length_a 4\n") ==
        "t.cif:1: data block \"t\" has no _cell_length_b: expected a crystal structure");
}

TEST_CASE("occupancies above one and two atoms on one place are refused with their labels", "[enumerator][cif][trap]") {
  CHECK(message(cif("Cu1 Cu 0 0 0 0.7\nAg1 Ag 0 0 0.001 0.4\n")) ==
        "t.cif:16:5: occupancies of sites Cu1, Ag1 on one place sum to 1.1, at most 1");
  CHECK(message(cif("Cu1 Cu 0 0 0 1\nAg1 Ag 0 0 0.1 1\n")) ==
        "t.cif:16:5: two atoms on one place: sites Cu1 and Ag1 are 0.400 Å apart and hold 2.000 atoms, at most 1");
  CHECK(message(cif("Cu1 Cu 0 0 0.03 0.8\n", "_space_group_IT_number 10\n")).find("two atoms on one place") !=
        std::string::npos);
  CHECK(crystal(cif("Cu1 Cu 0 0 0 0.6\nAg1 Ag 0 0 0.1 0.4\n")).sites.size() == 2);
  // Three times 0.333 is meant to be 1.
  CHECK(crystal(cif("Cu1 Cu 0 0 0 0.333\nAg1 Ag 0 0 0 0.333\nAu1 Au 0 0 0 0.334\n")).sites[0].occupants.size() == 3);
  const std::string cut = cif("Cu1 Cu 0 0 0 0.33\nAg1 Ag 0 0 0 0.66\n");
  CHECK(crystal(cut).sites[0].occupants[0].occupancy == Approx(1.0 / 3.0));
  CHECK(warnings_of(cut) == "t.cif:15:5: occupancies of Cu1, Ag1 sum to 0.99: taken as rounded, and as 1 in sum");
  CHECK(warnings_of(cif("Cu1 Cu 0 0 0 0.34\nAg1 Ag 0 0 0 0.33\nAu1 Au 0 0 0 0.34\n"))
            .find("sum to 1.01: taken as rounded") != std::string::npos);
  // A vacancy of one in a hundred is not a rounding where the numbers are not cut fractions.
  CHECK(crystal(cif("Cu1 Cu 0 0 0 0.50\nAg1 Ag 0 0 0 0.49\n")).sites[0].occupants.size() == 3);
}

TEST_CASE("an atom that the file lists again at an equivalent place is one atom; twice at the same place is a fault",
          "[enumerator][cif][trap]") {
  CHECK(crystal(cif("Na1 Na 0 0 0 1\nNa2 Na 1 0 0 1\nNa3 Na 0 1 1 1\n")).sites.size() == 1);
  CHECK(warnings_of(cif("Na1 Na 0 0 0 1\nNa2 Na 1 0 0 1\nNa3 Na 0 1 1 1\n")) ==
        "t.cif:16:5: 2 of the 3 listed sites, first Na2, are in places that sites before them fill with the same "
        "atom by symmetry: they "
        "are left out");
  CHECK(crystal(cif("Cu1 Cu .2 0 0 1\nCu2 Cu -.2 0 0 1\n", "_space_group_IT_number 2\n")).sites.size() == 2);
  CHECK(message(cif("Na1 Na 0 0 0 1\nNa2 Na 0 0 0 1\n")) ==
        "t.cif:16:5: occupancies of sites Na1, Na2 on one place sum to 2, at most 1");
  CHECK(message(cif("Na1 Na 0 0 0 1\nK2 K 1 0 0 1\n")).find("on one place sum to 2") != std::string::npos);
}

TEST_CASE("images of a site at most half full stay apart where rounding does not explain them",
          "[enumerator][cif][trap]") {
  const std::string mirror = "_space_group_name_H-M_alt 'P m m m'\n";

  CHECK(crystal(cif("D1 D .01 0 0 0.4\n", mirror)).sites.size() == 2);   // 0.08 Å apart
  CHECK(crystal(cif("D1 D .001 0 0 0.4\n", mirror)).sites.size() == 1);  // 0.008 Å
  CHECK(crystal(cif("D1 D .01 0 0 1\n", mirror)).sites.size() == 1);     // two full atoms cannot be
}

TEST_CASE("a site of occupancy zero is an empty site, and a dummy atom is not a site", "[enumerator][cif]") {
  const Crystal empty = crystal(cif("W1 W 0 0 0 1\nMo1 Mo 0 0 0 0\nLi1 Li .5 .5 .5 0\n"));

  REQUIRE(empty.sites.size() == 2);
  CHECK(empty.sites[0].occupants.size() == 1);
  CHECK(empty.sites[0].other_labels.empty());
  REQUIRE(empty.sites[1].occupants.size() == 1);
  CHECK(empty.sites[1].occupants[0].species.is_vacancy());
  CHECK(crystal(
            cif("W1 W 0 0 0 d\nX1 X .5 .5 .5 dum\n", "",
                "_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
                "_atom_site_calc_flag\n"))
            .sites.size() == 1);
}

TEST_CASE("a formula that contradicts the cell is a warning with both", "[enumerator][cif][trap]") {
  const std::string atoms = "Na1 Na 0 0 0 1\nCl1 Cl .5 .5 .5 1\n";

  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 1\n")).empty());
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'Na2 Cl2'\n")).empty());
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'Na0.995 Cl1.0'\n")).empty());
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum '(Na) [Cl]1'\n")).empty());
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum ?\n")).empty());
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'salt (as mined)'\n")) ==
        "t.cif:8:23: _chemical_formula_sum \"salt (as mined)\" is not a formula; the cell's content is not checked");
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'Na Cl2'\n")) ==
        "t.cif:8:23: _chemical_formula_sum: with no symmetry the cell holds Na1 Cl1, which is not a multiple of Na1 "
        "Cl2; the atoms listed "
        "are used");
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'Na Cl H'\n")) ==
        "t.cif:8:23: _chemical_formula_sum: with no symmetry the cell holds Na1 Cl1, which is not a multiple of H1 Na1 "
        "Cl1 (only hydrogen "
        "is missing: it may not have been located); the atoms listed are used");
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 4\n")) ==
        "t.cif:8:23: _chemical_formula_sum: with no symmetry the cell holds Na1 Cl1, that is 1 × (Na1 Cl1), expected "
        "4 × (Na1 Cl1) (the "
        "formula is that of the whole cell); the atoms listed are used");
  CHECK(warnings_of(cif(atoms, "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 0\n")) ==
        "t.cif:9:23: _cell_formula_units_Z: expected a positive number, found \"0\": it is passed over");
}

TEST_CASE("multiplicities in the file are compared, in either of the two meanings in use", "[enumerator][cif][trap]") {
  const std::string columns =
      "_atom_site_label\n_atom_site_site_symmetry_multiplicity\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_"
      "fract_z\n";
  const std::string number = "_space_group_IT_number 225\n";

  CHECK(warnings_of(cif("Cu1 4 0 0 0\nF1 8 .25 .25 .25\n", number, columns)).empty());
  CHECK(warnings_of(cif("Cu1 4.0 0 0 0\nF1 8. .25 .25 .25\n", number, columns)).empty());
  CHECK(warnings_of(cif("Cu1 48 0 0 0\nF1 24 .25 .25 .25\n", number, columns)).empty());  // order of the site symmetry
  CHECK(warnings_of(cif("Cu1 4 0 0 0\nF1 ? .25 .25 .25\n", number, columns)).empty());
  CHECK(warnings_of(cif("Cu1 4 0 0 0\nF1 4 .25 .25 .25\n", number, columns)) ==
        "t.cif:16:4: _atom_site_site_symmetry_multiplicity: the file says 4, space group number 225 make 8 sites; "
        "the operations are used");
  CHECK(warnings_of(cif("Cu1 1.0 0 0 0\nF1 1.0 .25 .25 .25\n", number, columns)) ==
        "t.cif:15:5: _atom_site_site_symmetry_multiplicity: the file says 1.0, space group number 225 make 4 sites, "
        "and so of 1 more of "
        "the listed sites; the operations are used");
}

TEST_CASE("what a CIF does not say is missed by name", "[enumerator][cif]") {
  const std::string cell =
      "data_t\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha 90\n"
      "_cell_angle_beta 90\n_cell_angle_gamma 90\n";

  CHECK(message(cell) == "t.cif:1: data block \"t\" has no _atom_site_fract_x: expected a crystal structure");
  CHECK(message(cell + "loop_\n_atom_site_label\n_atom_site_Cartn_x\nCu1 0\n").find("without _atom_site_Cartn_y") !=
        std::string::npos);
  CHECK(message(cell + "loop_\n_atom_site_label\n_atom_site_fract_x\nCu1 0\n").find("without _atom_site_fract_y") !=
        std::string::npos);
  CHECK(message(cell + "loop_\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n0 0 0\n")
            .find("neither _atom_site_label nor _atom_site_type_symbol") != std::string::npos);
  CHECK(message(cell + "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n") ==
        "t.cif:10:1: the list of atoms is empty");
  CHECK(message("# nothing\n") == "t.cif: expected a CIF with a data_ block, found none");
}
