#include "enumerator/cif_document.hpp"

#include <catch2/catch.hpp>

#include "crystals.hpp"

using namespace hullscan;
using hullscan::test::error_of;

TEST_CASE("a CIF value keeps what its quotes protect", "[enumerator][cif]") {
  const auto blocks = parse_cif(
      "#\\#CIF_1.1\nDATA_Test_Block # comment\n_a 'a dog's life'\n_B \"x # y\"\n_c.d ?\n_e '?'\n_f\n;first\n second;\n;\n_g a#b\n",
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

TEST_CASE("broken CIF syntax is refused at its place", "[enumerator][cif]") {
  const auto message = [](const std::string& text) { return error_of([&] { (void)parse_cif(text, "t.cif"); }); };

  CHECK(message("data_x\n_a 'open\n_b 1\n") == "t.cif:2:4: expected a closing ' on this line");
  CHECK(message("data_x\n_a\n;never closed\n") ==
        "t.cif:3:1: text field that starts here has no closing ';' at the start of a line");
  CHECK(message("data_x\nloop_\n_a _b\n1 2 3\n") ==
        "t.cif:4:5: loop_ of line 2 has 2 columns and 3 values: the last row is not complete");
  CHECK(message("data_x\nloop_\n1\n") == "t.cif:2:1: loop_ without tags");
  CHECK(message("data_x\n_a\n_b 1\n") == "t.cif:2:1: _a has no value, found \"_b\"");
  CHECK(message("data_x\n_a") == "t.cif:2:1: _a has no value: the file ends");
  CHECK(message("_a 1\n") == "t.cif:1:1: expected data_ before \"_a\"");
  CHECK(message("data_x\nstray\n") == "t.cif:2:1: expected a tag, loop_ or data_, found \"stray\"");
  CHECK(message("data_x\n_cell_length_a 1\n_Cell.length_a 2\n") ==
        "t.cif:3:1: _Cell.length_a is given twice in this block, first in line 2");
}

TEST_CASE("CIF numbers come with standard uncertainties and without leading zeros", "[enumerator][cif]") {
  CHECK(cif_number("5.28(1)") == 5.28);
  CHECK(cif_number(".5") == 0.5);
  CHECK(cif_number("-.25(3)") == -0.25);
  CHECK(cif_number("+1e-3") == 1e-3);
  CHECK(cif_number("90.") == 90.0);
  for (const char* text : {"", "abc", "5.28(", "5.28()", "5.28(a)", "(1)", "1.2.3", "nan", "inf", "+-1", "1 2", "5(1)2"}) {
    INFO(text);
    CHECK_FALSE(cif_number(text).has_value());
  }
}
