#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

#include "analysis/report/report_files.hpp"
#include "analysis/report/report_predictions.hpp"
#include "sample_reports.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

struct Files {
  std::string json, csv, entries, html;
  friend bool operator==(const Files&, const Files&) = default;
};

Files files_of(ReportContent content) {
  const Report report = finish_report(std::move(content));
  return {report_json(report).dump(), hull_csv(report), entries_json(report).dump(), report_html(report)};
}

}  // namespace

TEST_CASE("a report's bytes do not depend on the order of results", "[analysis][report]") {
  const ReportContent content =
      GENERATE(test::binary_campaign(), test::pseudo_binary_campaign(), test::ternary_campaign());
  const Files expected = files_of(content);
  std::mt19937 random(3);
  for (int k = 0; k < 5; ++k) {
    ReportContent shuffled = content;
    std::shuffle(shuffled.entries.begin(), shuffled.entries.end(), random);
    std::shuffle(shuffled.references.begin(), shuffled.references.end(), random);
    std::shuffle(shuffled.rounds.begin(), shuffled.rounds.end(), random);
    CHECK(files_of(shuffled) == expected);
  }
}

TEST_CASE("report.json states its schema and reads back", "[analysis][report]") {
  const Json json = Json::parse(report_json(finish_report(test::binary_campaign())).dump());

  CHECK(json["schema"] == "hullscan-report-1");
  CHECK(json["entries"].size() == 12);
  CHECK(json["spaces"][0]["books"] == "closed");
  CHECK(json["spaces"][0]["total"] == "16");
  CHECK(json["hull"]["end_members"][0]["formula"] == "Al");
  CHECK(json["hull"]["elemental"] == true);
  for (const Json& entry : json["entries"]) CHECK(entry["e_above_hull"].get<double>() >= 0);
}

TEST_CASE("last digits that a compiler may change are in no file", "[analysis][report]") {
  const ReportContent content = test::binary_campaign();
  ReportContent other = content;
  for (ReportEntry& entry : other.entries) {
    entry.energy_ev = std::nextafter(entry.energy_ev, 1e3);
    if (entry.structure) {
      for (auto& position : entry.structure->positions) position.x(1) = std::nextafter(position.x(1), 1e3);
    }
  }
  REQUIRE(content.entries.front().energy_ev != other.entries.front().energy_ev);
  CHECK((files_of(content) == files_of(other)));
}

TEST_CASE("books that do not close are reported", "[analysis][report]") {
  ReportContent content = test::binary_campaign();
  content.spaces[0].supercells[0].compositions[2].degeneracy_sum = 5;
  CHECK(report_json(finish_report(content))["spaces"][0]["books"] == "wrong");
  content.spaces[0].supercells[0].compositions[2].enumerated_orbits.reset();
  CHECK(report_json(finish_report(content))["spaces"][0]["books"] == "open");
}

TEST_CASE("hull.csv has one line a composition", "[analysis][report]") {
  const std::string csv = hull_csv(finish_report(test::binary_campaign()));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 6);
  CHECK_THAT(csv, Contains("formula,x_Al,x_Ni,id,"));
}

TEST_CASE("what touched an energy stands beside it in report.json and hull.csv", "[analysis][report]") {
  ReportContent content = test::binary_campaign();
  content.entries[0].pulay_correction_ev_per_atom = -0.0125;
  content.entries[0].remarks = {"closing single point: ISMEAR = 0 instead of -5", "and more, with a comma"};
  const std::string id = content.entries[0].id;

  const Report report = finish_report(std::move(content));

  const Json json = report_json(report);
  for (const Json& entry : json["entries"]) {
    CHECK(entry.contains("pulay_correction_per_atom") == (entry["id"] == id));
    CHECK(entry.contains("remarks") == (entry["id"] == id));
    if (entry["id"] != id) continue;
    CHECK(entry["pulay_correction_per_atom"] == -0.0125);
    CHECK(entry["remarks"].size() == 2);
  }
  const std::string csv = hull_csv(report);
  CHECK_THAT(csv, Contains(",decomposition,pulay_correction_per_atom,remarks,space_group_number,") &&
                      Contains(",source,predicted_energy_per_atom,"));
  CHECK_THAT(csv, Contains(",-0.0125,\"closing single point: ISMEAR = 0 instead of -5; and more, with a comma\","));
}

TEST_CASE("a crystal that was described stands in report.json and hull.csv with its symbols and cell",
          "[analysis][report][crystals]") {
  ReportContent content = test::binary_campaign();
  const std::string id = content.crystals.begin()->first;
  content.crystals = {{id, {221, "Pm-3m", 3.57, 3.57, 3.57, 90, 90, 90, 11.375, "L1_2", "Cu3Au", "AB3_cP4_221_a_c"}}};

  const Report report = finish_report(std::move(content));

  const Json json = report_json(report);
  for (const Json& entry : json["entries"]) {
    CHECK(entry["space_group_symbol"] == (entry["space_group_number"] == 221 ? "Pm-3m" : "P4/mmm"));
    CHECK(entry.contains("crystal") == (entry["id"] == id));
    if (entry["id"] != id) continue;
    CHECK(entry["crystal"]["a"] == 3.57);
    CHECK(entry["crystal"]["volume_per_atom"] == 11.375);
    CHECK(entry["crystal"]["prototype"] ==
          Json{{"strukturbericht", "L1_2"}, {"example", "Cu3Au"}, {"aflow", "AB3_cP4_221_a_c"}});
  }
  const std::string csv = hull_csv(report);
  const auto columns = [](const std::string& line) { return std::count(line.begin(), line.end(), ','); };
  for (std::size_t begin = 0, end = 0; begin < csv.size(); begin = end + 1) {
    end = csv.find('\n', begin);
    CHECK(columns(csv.substr(begin, end - begin)) == columns(csv.substr(0, csv.find('\n'))));
  }
}

// Another run of the same campaign has the same numbers at another time.
TEST_CASE("the date of a report is on its page and in none of its other files", "[analysis][report]") {
  ReportContent content = test::binary_campaign();
  content.changed = "2026-02-03T04:05:06Z";

  const Report report = finish_report(std::move(content));

  CHECK_THAT(report_html(report), Contains("2026-02-03T04:05:06Z"));
  CHECK_THAT(report_json(report).dump() + hull_csv(report) + entries_json(report).dump(), !Contains("2026-02-03"));
}

TEST_CASE("entries with other settings leave the report without a hull and say why", "[analysis][report]") {
  ReportContent content = test::binary_campaign();
  content.entries[0].keys["ecutwfc"] = "60";
  const Report report = finish_report(content);
  CHECK_FALSE(report.hull);
  CHECK_THAT(report.hull_problem, Contains("differ in ecutwfc"));
  CHECK_THAT(report_json(report)["hull_problem"].get<std::string>(), Contains("ecutwfc"));
  CHECK_FALSE(report_html(report).empty());
}

TEST_CASE("entries.json is a list of pymatgen entries", "[analysis][report]") {
  const Json entries = entries_json(finish_report(test::binary_campaign()));
  CHECK(entries[0]["@module"] == "pymatgen.entries.computed_entries");
  CHECK(entries[0]["@class"] == "ComputedStructureEntry");
  CHECK(entries[0]["structure"]["sites"].size() == 4);
}

TEST_CASE("no text of a campaign can leave its place in the page", "[analysis][report]") {
  const std::string page = report_html(finish_report(test::hostile_campaign()));
  const auto occurrences = [&](const std::string& word) {
    std::size_t count = 0;
    for (std::size_t at = page.find(word); at != std::string::npos; at = page.find(word, at + 1)) ++count;
    return count;
  };
  CHECK(occurrences("</script>") == 2);
  CHECK(occurrences("<img") == 0);
  CHECK(occurrences("<!--") == 0);
  CHECK_THAT(page, Contains("default-src 'none'"));
  CHECK(occurrences("innerHTML") == 0);
  CHECK(occurrences("http://") + occurrences("https://") == 1);  // the name of SVG, which nothing loads
}

TEST_CASE("a campaign without results has a report", "[analysis][report]") {
  const Files files = files_of(test::empty_campaign());
  CHECK(Json::parse(files.json)["hull"].is_null());
  CHECK(files.entries == "[]");
  CHECK_THAT(files.html, Contains("nothing yet"));
}

TEST_CASE("without results the lowest prediction of every composition stands in hull.csv, named so",
          "[analysis][report]") {
  ReportContent content;
  content.campaign = "scored";
  content.model = "kim";
  content.model_compares_compositions = true;
  const auto candidate = [&](const std::string& formula, double energy) {
    ReportCandidate one;
    one.space = "fcc";
    one.composition = Composition::from_formula(formula);
    one.degeneracy = 1;
    one.predicted_ev_per_atom = energy;
    one.state = "not selected";
    content.candidates.push_back(one);
  };
  candidate("Al", -3);
  candidate("Ni", -4);
  candidate("AlNi", -4.0);
  candidate("Al2Ni2", -4.2);
  candidate("AlNi3", -3.9);

  const Report report = finish_report(content);
  const std::string csv = hull_csv(report);

  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 4);
  CHECK_THAT(csv, Contains("fcc-AlNi-predicted-1") && Contains("\"predicted by kim, not calculated\"") &&
                      Contains(",predicted,-4.2,"));
  const auto& all = report.content.candidates;
  CHECK(all[2].id == "fcc-AlNi-predicted-2");
  CHECK(*all[2].above_lowest_ev_per_atom == Approx(0.2));
  CHECK(*all[3].mixing_ev_per_atom == Approx(-4.2 + 3.5));
  CHECK(*all[4].mixing_ev_per_atom == Approx(-3.9 + 3.75));
  CHECK(*all[4].e_above_predicted_hull_ev_per_atom == Approx(-0.15 + 0.35));
  CHECK(entries_json(report).empty());
  REQUIRE(has_predicted_hull(report));
  const Report predicted = report_of_predictions(report);
  REQUIRE(predicted.hull);
  CHECK(predicted.content.entries_are_predicted);
  for (std::size_t i = 0; i < predicted.content.entries.size(); ++i) {
    if (predicted.content.entries[i].id == "fcc-AlNi3-predicted-1")
      CHECK(predicted.of_entry(i).e_above_hull_ev_per_atom == Approx(0.2));
  }

  content.model_compares_compositions = false;
  const Report apart = finish_report(content);
  CHECK_FALSE(apart.content.candidates[3].mixing_ev_per_atom);
  CHECK_FALSE(has_predicted_hull(apart));
  CHECK_THAT(hull_csv(apart), Contains("compare energies of one composition only"));
}
