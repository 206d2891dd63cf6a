#include "enumerator/files/space_group_symbols.hpp"

#include <catch2/catch.hpp>

#include "enumerator/crystal/detail/spglib.hpp"

using namespace hullscan;

namespace {

const Lattice kCubic = Lattice::from_parameters(5, 5, 5, 90, 90, 90);
const Lattice kHexagonal = Lattice::from_parameters(3, 3, 14, 90, 90, 120);
const Lattice kRhombohedral = Lattice::from_parameters(5, 5, 5, 33, 33, 33);
const Lattice kUniqueB = Lattice::from_parameters(5, 6, 7, 90, 100, 90);
const Lattice kUniqueC = Lattice::from_parameters(5, 6, 7, 90, 90, 100);

std::string full_symbol(const std::string& symbol, const Lattice& lattice, const std::string& code = "") {
  const auto hall = setting_of_hm_symbol(symbol, code, lattice);
  if (!hall) return "none";
  const auto setting = detail::space_group_setting(*hall);
  return setting.full_symbol + (setting.choice.empty() ? "" : " :" + setting.choice);
}

}  // namespace

TEST_CASE("Hermann–Mauguin symbols are understood as they are found in files", "[enumerator][symmetry]") {
  CHECK(full_symbol("F m -3 m", kCubic) == "F 4/m -3 2/m");
  CHECK(full_symbol("Fm-3m", kCubic) == "F 4/m -3 2/m");
  CHECK(full_symbol("F m 3 m", kCubic) == "F 4/m -3 2/m");
  CHECK(full_symbol("F_m_-3_m", kCubic) == "F 4/m -3 2/m");
  CHECK(full_symbol("Pa3", kCubic) == "P 2_1/a -3");
  CHECK(full_symbol("I a 3 d", kCubic) == "I 4_1/a -3 2/d");
  CHECK(full_symbol("P 4_2/n m c :2", kCubic) == "P 4_2/n 2_1/m 2/c :2");
  CHECK(full_symbol("P 21 21 21", kCubic) == "P 2_1 2_1 2_1");
  CHECK(full_symbol("P b n m", kCubic) == "P 2_1/b 2_1/n 2_1/m :cab");
  CHECK(full_symbol("Cmca", kCubic) == "C 2/m 2/c 2_1/e");
  CHECK(full_symbol("A b a 2", kCubic) == "A e a 2");
  CHECK(full_symbol("C c c a :2", kCubic) == "C 2/c 2/c 2/e :2");
}

TEST_CASE("typographers' symbols and remarks after a symbol are understood", "[enumerator][symmetry]") {
  CHECK(full_symbol("Fm-3m (225)", kCubic) == "F 4/m -3 2/m");
  CHECK(full_symbol("F m -3 m (No. 225)", kCubic) == "F 4/m -3 2/m");
  CHECK(full_symbol("P 2(1)/c", kUniqueB) == "P 1 2_1/c 1 :b1");
  CHECK(full_symbol("P2(1)2(1)2(1)", kCubic) == "P 2_1 2_1 2_1");
  CHECK(full_symbol("P 2~1~/c", kUniqueB) == "P 1 2_1/c 1 :b1");
  CHECK(full_symbol("P 2<sub>1</sub>/c", kUniqueB) == "P 1 2_1/c 1 :b1");
  CHECK(full_symbol("P \\overline{1}", kUniqueB) == "P -1");
  CHECK(full_symbol("F d -3 m (origin choice 2)", kCubic) == "F 4_1/d -3 2/m :2");
  CHECK(full_symbol("P m -3 m :1", kCubic) == "P 4/m -3 2/m");
}

TEST_CASE("a bare symbol or a number lists every setting it may mean, the usual one first", "[enumerator][symmetry]") {
  const auto choices = [](const std::vector<int>& halls) {
    std::string text;
    for (const int hall : halls) text += detail::space_group_setting(hall).choice + " ";
    return text;
  };

  CHECK(choices(settings_of_hm_symbol("F d -3 m", "", kCubic)) == "1 2 ");
  CHECK(choices(settings_of_hm_symbol("P 4/n m m", "", kCubic)) == "1 2 ");
  CHECK(choices(settings_of_hm_symbol("F d -3 m :2", "", kCubic)) == "2 ");
  CHECK(choices(settings_of_hm_symbol("R -3 m", "", kHexagonal)) == "H R ");
  CHECK(choices(settings_of_number(227, "", kCubic)) == "1 2 ");
  CHECK(choices(settings_of_number(166, "", kRhombohedral)) == "R H ");
  CHECK(settings_of_hm_symbol("Q m m m", "", kCubic).empty());
}

TEST_CASE("the origin or axes after a symbol choose its setting", "[enumerator][symmetry]") {
  CHECK(full_symbol("F d -3 m", kCubic) == "F 4_1/d -3 2/m :1");
  CHECK(full_symbol("F d -3 m :2", kCubic) == "F 4_1/d -3 2/m :2");
  CHECK(full_symbol("F d -3 m S", kCubic) == "F 4_1/d -3 2/m :1");
  CHECK(full_symbol("F d -3 m Z", kCubic) == "F 4_1/d -3 2/m :2");
  CHECK(full_symbol("Fd-3m", kCubic, "2") == "F 4_1/d -3 2/m :2");
  CHECK(full_symbol("F d d d :2", kCubic) == "F 2/d 2/d 2/d :2");
  CHECK(full_symbol("R -3 m", kHexagonal) == "R -3 2/m :H");
  CHECK(full_symbol("R -3 m", kRhombohedral) == "R -3 2/m :R");
  CHECK(full_symbol("R -3 m :R", kRhombohedral) == "R -3 2/m :R");
  CHECK(full_symbol("R-3mH", kHexagonal) == "R -3 2/m :H");
  CHECK(full_symbol("R -3 H", kHexagonal) == "R -3 :H");
  CHECK(full_symbol("R -3 c R", kRhombohedral) == "R -3 2/c :R");
  CHECK(full_symbol("F d -3 m :7", kCubic) == "none");
}

TEST_CASE("a short monoclinic symbol takes its unique axis from the cell", "[enumerator][symmetry]") {
  CHECK(full_symbol("P 21/c", kUniqueB) == "P 1 2_1/c 1 :b1");
  CHECK(full_symbol("P 21/n", kUniqueB) == "P 1 2_1/n 1 :b2");
  CHECK(full_symbol("P 1 21/n 1", kUniqueB) == "P 1 2_1/n 1 :b2");
  CHECK(full_symbol("P 21/b", kUniqueC) == "P 1 1 2_1/b :c3");
  CHECK(full_symbol("P 21/n", kUniqueC) == "P 1 1 2_1/n :c2");
  CHECK(full_symbol("C 2/m", kUniqueB) == "C 1 2/m 1 :b1");
  CHECK(full_symbol("I 2/a", kUniqueB) == "I 1 2/a 1 :b3");
  CHECK(full_symbol("P m", kUniqueC) == "P 1 1 m :c");
}

TEST_CASE("every tabulated setting is found by its own Hall symbol", "[enumerator][symmetry]") {
  for (int hall = 1; hall <= detail::kHallNumbers; ++hall) {
    const auto setting = detail::space_group_setting(hall);
    const auto found = setting_of_hall_symbol(setting.hall_symbol);
    INFO(setting.hall_symbol);
    REQUIRE(found.has_value());
    // Settings of group 68 stand twice in the table, with the same operations.
    CHECK(detail::space_group_setting(*found).hall_symbol == setting.hall_symbol);
  }
  CHECK(setting_of_hall_symbol("-P2ybc") == setting_of_hall_symbol("-P 2ybc"));  // the blanks lost, one setting left
  CHECK_FALSE(setting_of_hall_symbol("p32").has_value());                        // two left
  CHECK(setting_of_hall_symbol("p 32") != setting_of_hall_symbol("p 3 2"));
  CHECK(setting_of_hall_symbol("-P_2ac_2n") == setting_of_hall_symbol("-P 2ac 2n"));
  CHECK_FALSE(setting_of_hall_symbol("-P 2ac 7").has_value());
}

TEST_CASE("every space group number has a first setting, and only 1 to 230 are numbers", "[enumerator][symmetry]") {
  for (long number = 1; number <= 230; ++number) {
    const auto hall = setting_of_number(number, "", kCubic);
    REQUIRE(hall.has_value());
    CHECK(detail::space_group_setting(*hall).number == number);
  }
  CHECK_FALSE(setting_of_number(0, "", kCubic).has_value());
  CHECK_FALSE(setting_of_number(231, "", kCubic).has_value());
  CHECK(setting_of_number(166, "", kHexagonal) == setting_of_hm_symbol("R -3 m :H", "", kHexagonal));
  CHECK(setting_of_number(166, "", kRhombohedral) == setting_of_hm_symbol("R -3 m :R", "", kRhombohedral));
}

TEST_CASE("symbols that no table has are not guessed", "[enumerator][symmetry]") {
  for (const char* symbol : {"", "X", "F m -3 q", "P 5", "(225)", ":", "H", "??"}) {
    INFO(symbol);
    CHECK_FALSE(setting_of_hm_symbol(symbol, "", kCubic).has_value());
  }
}
