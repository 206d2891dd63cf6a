#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "analysis/hull/hull_text.hpp"
#include "core/terminal_width.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

HullReport al_ni() {
  const auto entry = [](const std::string& id, const std::string& formula, double energy) {
    return HullEntry{id, Composition::from_formula(formula), energy, {}};
  };
  return compute_hull(std::vector{entry("al", "Al", -10.0), entry("ni", "Ni4", -80.0), entry("alni", "AlNi", -31.0),
                                  entry("al3ni", "Al3Ni", -50.96), entry("alni3", "AlNi3", -71.2),
                                  entry("far", "Al2Ni2", -30.0)});
}

}  // namespace

TEST_CASE("the table lists stable phases first and says what it leaves out", "[analysis][text]") {
  const std::string table = hull_table(al_ni());

  const auto at = [&](const std::string& word) { return table.find(word); };
  CHECK(at("alni3") < at("al3ni"));
  CHECK_THAT(table, Contains("Al3Ni") && Contains("-0.2400") && Contains("10.0") && Contains("0.5 Al + 0.5 AlNi"));
  CHECK_THAT(table, Contains("6 entries, 2 stable phases beside the 2 end members") && Contains("0.0  end member  ") &&
                        Contains("1 not shown"));
  CHECK_THAT(table, !Contains("far"));
}

TEST_CASE("the plot of a binary marks both kinds of points and both ends", "[analysis][text]") {
  const std::string plot = hull_plot(al_ni());
  CHECK_THAT(plot, Contains("●") && Contains("○") && Contains("Al") && Contains("Ni") &&
                       Contains("atomic fraction of Ni") && Contains("1 above"));
}

TEST_CASE("the plot of a terminal without UTF-8 is ASCII", "[analysis][text]") {
  HullTextOptions options;
  options.unicode = false;
  const std::string text = hull_plot(al_ni(), options) + hull_table(al_ni(), options);
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  CHECK_THAT(text, Contains("#") && Contains("o"));
}

TEST_CASE("the plot of a doped crystal is drawn against the substituted fraction", "[analysis][text]") {
  const std::vector<Composition> ends{Composition::from_formula("CsPbI3"), Composition::from_formula("Cs16Pb15ZnI48")};
  HullOptions options;
  options.references = HullOptions::References::kEndMembers;
  options.end_members = ends;
  const auto entry = [](const std::string& id, const std::string& formula, double energy) {
    return HullEntry{id, Composition::from_formula(formula), energy, {}};
  };
  const HullReport report = compute_hull(
      std::vector{entry("0", "Cs32Pb32I96", 0), entry("1", "Cs32Pb31ZnI96", -1), entry("2", "Cs32Pb30Zn2I96", 0)},
      options);

  const std::string plot = hull_plot(report);

  // One Zn of 32 lies in the middle between none and two.
  CHECK_THAT(plot, Contains("x in CsZn(x)Pb(1-x)I3") && Contains("0.0312") && !Contains("formula units"));
  std::istringstream lines(plot);
  std::size_t lowest = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto frame = line.find("│") == std::string::npos ? line.find("┤") : line.find("│");
    const auto mark = line.find("●");
    if (frame == std::string::npos || mark == std::string::npos || line.find("●", mark + 1) != std::string::npos)
      continue;
    // Every dot of the line and every mark takes three bytes, a blank one.
    lowest = 0;
    for (std::size_t at = frame + 3; at < mark; ++at)
      lowest += (static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U ? 1 : 0;
  }
  CHECK(lowest >= 29);
  CHECK(lowest <= 30);
}

TEST_CASE("a system that only mixes at a cost shows its points", "[analysis][text]") {
  // A regular solution: 0.1 x (1 - x) eV/atom above the elements, so nothing is stable but these.
  const auto entry = [](const std::string& id, const std::string& formula, double energy) {
    return HullEntry{id, Composition::from_formula(formula), energy, {}};
  };
  std::vector<HullEntry> entries{entry("a", "Ag", 0), entry("c", "Cu", 0)};
  for (int n = 1; n < 8; ++n) {
    const double x = n / 8.0;
    entries.push_back(
        entry("m" + std::to_string(n), "Ag" + std::to_string(8 - n) + "Cu" + std::to_string(n), 8 * 0.4 * x * (1 - x)));
  }

  const std::string plot = hull_plot(compute_hull(entries));

  std::size_t drawn = 0;
  for (auto at = plot.find("○"); at != std::string::npos; at = plot.find("○", at + 1)) ++drawn;
  CHECK(drawn == 7 + 1);  // and once in the legend
  CHECK_THAT(plot, !Contains("not drawn") && Contains("0.1"));

  // One of ten times the energy does not press the others to the bottom.
  entries.push_back(entry("far", "AgCu", 2 * 1.0));
  CHECK_THAT(hull_plot(compute_hull(entries)), Contains("1 above 0.3"));
}

TEST_CASE("table and plot keep to the columns of a terminal", "[analysis][text]") {
  HullTextOptions options;
  options.columns = 60;
  options.width = 50;
  std::istringstream lines(hull_table(al_ni(), options) + hull_plot(al_ni(), options));
  for (std::string line; std::getline(lines, line);) CHECK(columns_of(line) <= 60);
}

TEST_CASE("three end members have a table and no plot", "[analysis][text]") {
  const auto report = compute_hull(std::vector{HullEntry{"a", Composition::from_formula("Al"), 0, {}},
                                               HullEntry{"b", Composition::from_formula("Ni"), 0, {}},
                                               HullEntry{"c", Composition::from_formula("Cu"), 0, {}}});
  CHECK(hull_plot(report).empty());
  CHECK_THAT(hull_table(report), Contains("0 stable phases beside the 3 end members"));
}
