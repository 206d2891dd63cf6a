#include <catch2/catch.hpp>

#include <algorithm>

#include "analysis/hull_text.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

HullReport al_ni() {
  const auto entry = [](const std::string& id, const std::string& formula, double energy) { return HullEntry{id, Composition::from_formula(formula), energy, {}}; };
  return compute_hull(std::vector{entry("al", "Al", -10.0), entry("ni", "Ni4", -80.0), entry("alni", "AlNi", -31.0), entry("al3ni", "Al3Ni", -50.96),
                                  entry("alni3", "AlNi3", -71.2), entry("far", "Al2Ni2", -30.0)});
}

}  // namespace

TEST_CASE("the table lists stable phases first and says what it leaves out", "[analysis][text]") {
  const std::string table = hull_table(al_ni());

  const auto at = [&](const std::string& word) { return table.find(word); };
  CHECK(at("alni3") < at("al3ni"));
  CHECK_THAT(table, Contains("Al3Ni") && Contains("-0.2400") && Contains("10.0") && Contains("0.5 Al + 0.5 AlNi"));
  CHECK_THAT(table, Contains("6 entries, 4 stable") && Contains("1 not shown"));
  CHECK_THAT(table, !Contains("far"));
}

TEST_CASE("the plot of a binary marks both kinds of points and both ends", "[analysis][text]") {
  const std::string plot = hull_plot(al_ni());
  CHECK_THAT(plot, Contains("●") && Contains("○") && Contains("Al") && Contains("Ni") && Contains("atomic fraction of Ni") && Contains("1 above"));
}

TEST_CASE("the plot of a terminal without UTF-8 is ASCII", "[analysis][text]") {
  HullTextOptions options;
  options.unicode = false;
  const std::string text = hull_plot(al_ni(), options) + hull_table(al_ni(), options);
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  CHECK_THAT(text, Contains("#") && Contains("o"));
}

TEST_CASE("three end members have a table and no plot", "[analysis][text]") {
  const auto report = compute_hull(std::vector{HullEntry{"a", Composition::from_formula("Al"), 0, {}}, HullEntry{"b", Composition::from_formula("Ni"), 0, {}},
                                               HullEntry{"c", Composition::from_formula("Cu"), 0, {}}});
  CHECK(hull_plot(report).empty());
  CHECK_THAT(hull_table(report), Contains("3 stable"));
}
