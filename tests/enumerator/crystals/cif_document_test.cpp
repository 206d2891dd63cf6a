#include "enumerator/files/cif_document.hpp"

#include <catch2/catch.hpp>

#include "crystals.hpp"

using namespace hullscan;
using hullscan::test::error_of;

TEST_CASE("a CIF value keeps what its quotes protect", "[enumerator][cif]") {
  const auto blocks = parse_cif(
      "#\\#CIF_1.1\nDATA_Test_Block # comment\n_a 'a dog's life'\n_B \"x # y\"\n_c.d ?\n_e '?'\n_f\n;first\n "
      "second;\n;\n_g a#b\n",
      "t.cif");

  REQUIRE(blocks.size() == 1);
  CHECK(blocks[0].name == "Test_Block");
  CHECK(blocks[0].find("_a")->values[0].text == "a dog's life");
  CHECK(blocks[0].find("_b")->values[0].text == "x # y");
  CHECK_FALSE(blocks[0].find("_c_d")->values[0].is_known());
  CHECK(blocks[0].find("_e")->values[0].is_known());
  CHECK(blocks[0].find("_f")->values[0].text == "first\n second;");
  CHECK(blocks[0].find("_g")->values[0].text == "a#b");
}

TEST_CASE("a loop's columns hold their values in order with their places", "[enumerator][cif]") {
  const auto blocks = parse_cif("data_x\nloop_\n _p\n _q\n 1 2\n 3\n 'four'\n_r 5\n", "t.cif");

  const CifColumn* q = blocks[0].find("_q");
  REQUIRE(q->values.size() == 2);
  CHECK(q->values[1].text == "four");
  CHECK(q->values[1].line == 7);
  CHECK(q->values[1].column == 2);
  CHECK(q->loop == blocks[0].find("_p")->loop);
  CHECK(blocks[0].find("_r")->loop == -1);
}

TEST_CASE("save frames do not leak into their block", "[enumerator][cif]") {
  const auto blocks = parse_cif("data_x\n_a 1\nsave_frame\n_a 2\n_b 3\nsave_\n_c 4\n", "t.cif");

  CHECK(blocks[0].find("_a")->values[0].text == "1");
  CHECK(blocks[0].find("_b") == nullptr);
  CHECK(blocks[0].find("_c")->values[0].text == "4");
}

TEST_CASE("broken CIF syntax is read where it can be understood, with a note at its place", "[enumerator][cif]") {
  const auto notes = [](const std::string& text) {
    std::string all;
    for (const CifBlock& block : parse_cif(text, "t.cif")) {
      for (const std::string& note : block.notes) all += note + "\n";
    }
    return all;
  };

  CHECK(notes("data_x\n_a 'open\n_b 1\n") ==
        "t.cif:2:4: expected a closing ' on this line: the rest of the line is taken\n");
  CHECK(notes("data_x\n_a\n;never closed\n") ==
        "t.cif:3:1: text field that starts here has no closing ';' at the start of a line: it is taken to the end of "
        "the file\n");
  CHECK(notes("data_x\nloop_\n_a _b\n1 2 3\n").empty());  // no tag that is read
  CHECK(notes("data_x\nloop_\n_atom_type_symbol _atom_type_oxidation_number\nFe 2 O\n") ==
        "t.cif:2:1: loop_ of 2 columns has 3 values: the last row is left out\n");
  CHECK(notes("data_x\nloop_\n1\n") == "t.cif:2:1: loop_ without tags: passed over\n");
  CHECK(notes("data_x\n_cell_length_a\n_b 1\n") == "t.cif:2:1: _cell_length_a has no value\n");
  CHECK(notes("data_x\n_a").empty());
  CHECK(notes("_a 1\n") == "t.cif:1:1: expected data_ before \"_a\": read as a block without a name\n");
  CHECK(notes("data_x\n_a 1\nstray 2\n") ==
        "t.cif:3:1: expected a tag, loop_ or data_, found \"stray\": passed over\n");
  CHECK(notes("data_x\n_symmetry_space_group_name_H-M P 21/c\n") ==
        "t.cif:2:1: _symmetry_space_group_name_H-M: several words without quotes are taken as one value\n");
  CHECK(notes("Supplementary Material's text\ndata_long name\n_a 1\n").empty());
  CHECK(notes("data_x\n_chemical_formula_sum 'Na Cl'\n_chemical_formula_sum ''\n") ==
        "t.cif:3:1: _chemical_formula_sum is given twice in this block, first in line 2: \"Na Cl\" and \"\"; the "
        "first is used\n");
  CHECK(notes("data_x\n_chemical_formula_sum ?\n_chemical_formula_sum 'Na Cl'\n") ==
        "t.cif:3:1: _chemical_formula_sum is given twice in this block, first in line 2: \"?\" and \"Na Cl\"; the "
        "second is used\n");
  CHECK(notes("data_x\n_cell_length_a 4.0\n_cell_length_a 4.00(1)\n").empty());
}

TEST_CASE("two cells or an incomplete list of atoms in one block are its fault", "[enumerator][cif]") {
  const auto fault = [](const std::string& text) { return parse_cif(text, "t.cif").front().fault; };

  CHECK(fault("data_x\n_cell_length_a 1\n_Cell.length_a 2\n") ==
        "t.cif:3:1: _Cell.length_a is given twice in this block, first in line 2");
  CHECK(fault("data_x\nloop_\n_atom_site_label\n_atom_site_fract_x\nCu\n0 Ag\n") ==
        "t.cif:6:3: loop_ of line 2 has 2 columns and 3 values: the last row is not complete");
  CHECK(fault("data_x\n_cell_length_a 1\nloop_\n_other\n").empty());
}

TEST_CASE("rows of atoms with a value too many or too few at their ends keep their places", "[enumerator][cif]") {
  const auto column = [](const std::string& rows) {
    const auto blocks =
        parse_cif("data_x\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_occupancy\n" + rows, "t.cif");
    std::string text;
    for (const CifValue& value : blocks[0].find("_atom_site_occupancy")->values) text += value.text + " ";
    return text;
  };

  CHECK(column("Cu1 0 1\nAg1 .5 .5\n") == "1 .5 ");
  CHECK(column("Cu1 0 1\nAg1 .5\n") == "1 ? ");
  CHECK(column("Cu1 0 1 Uiso\nAg1 .5 .5 Uiso\n") == "1 .5 ");
  CHECK(column("Cu1\n0 1 Ag1\n.5 .5\n") == "1 .5 ");
}

TEST_CASE("CIF 2.0 has text in three quotes and lists", "[enumerator][cif]") {
  const auto blocks = parse_cif("#\\#CIF_2.0\ndata_x\n_a '''it's\ntwo lines'''\n_b [1 [2 3] {'k':4}]\n_c 5\n", "t.cif");

  CHECK(blocks[0].find("_a")->values[0].text == "it's\ntwo lines");
  CHECK(blocks[0].find("_b")->values[0].text == "[1 [2 3] {'k':4}]");
  CHECK(blocks[0].find("_c")->values[0].text == "5");
}

TEST_CASE("CIF numbers come with standard uncertainties and without leading zeros", "[enumerator][cif]") {
  CHECK(cif_number("5.28(1)") == 5.28);
  CHECK(cif_number(".5") == 0.5);
  CHECK(cif_number("-.25(3)") == -0.25);
  CHECK(cif_number("+1e-3") == 1e-3);
  CHECK(cif_number("90.") == 90.0);
  CHECK(cif_number("1/3") == 1.0 / 3.0);
  CHECK(cif_number("1.5D-1") == 0.15);
  CHECK(cif_number("0,25") == 0.25);
  CHECK(cif_number("5.43 (2)") == 5.43);
  for (const char* text : {"", "abc", "5.28(", "5.28()", "5.28(a)", "(1)", "1.2.3", "nan", "inf", "+-1", "1 2", "5(1)2",
                           "1/0", "1/", "1,2,3", "1.0,5"}) {
    INFO(text);
    CHECK_FALSE(cif_number(text).has_value());
  }
}
