#include <catch2/catch.hpp>

#include "analysis/entries_file.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

std::string csv_refusal(const std::string& text) {
  try {
    (void)parse_entries_csv(text, "e.csv");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string json_refusal(const std::string& text) {
  try {
    (void)parse_entries_json(text, "e.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a csv names its columns in any order and may quote fields", "[analysis][entries]") {
  const auto entries = parse_entries_csv("energy, formula ,note,id\r\n-1.5,Al,,\"a, \"\"pure\"\"\"\r\n\r\n+2e1,\"Al2Ni\",x,b\r\n", "e.csv");

  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id == "a, \"pure\"");
  CHECK(entries[0].energy_ev == -1.5);
  CHECK(entries[1].composition == Composition::from_formula("Al2Ni"));
  CHECK(entries[1].energy_ev == 20);
}

TEST_CASE("all problems of a csv are told with their places", "[analysis][entries]") {
  const auto message = csv_refusal("id,formula,energy\na,Xx2,-1\nb,Al,minus one\nc,Al\nd,\"Al,1\n");
  CHECK_THAT(message, Contains("e.csv:2:3: ") && Contains("Xx"));
  CHECK_THAT(message, Contains("e.csv:3:6: energy: expected a number (eV per formula), found \"minus one\""));
  CHECK_THAT(message, Contains("e.csv:4: expected 3 fields, found 2"));
  CHECK_THAT(message, Contains("e.csv:5: a quote is not closed"));
  CHECK_THAT(csv_refusal("id,formula,enrgy\n"), Contains("no \"energy\" (did you mean \"enrgy\"?)"));
  CHECK_THAT(csv_refusal(""), Contains("empty"));
}

TEST_CASE("fractional amounts become integers and the energy follows", "[analysis][entries]") {
  const auto csv = parse_entries_csv("id,formula,energy\na,Li0.5NiO2,-20\n", "e.csv");
  CHECK(csv[0].composition == Composition::from_formula("LiNi2O4"));
  CHECK(csv[0].energy_ev == -40);

  const auto json = parse_entries_json(R"([{"id": "a", "composition": {"Al": 0.333333, "Ni": 0.666667}, "energy": -1}])", "e.json");
  CHECK(json[0].composition == Composition::from_formula("AlNi2"));
  CHECK(json[0].energy_ev == -3);
  CHECK_THAT(json_refusal(R"([{"id": "a", "composition": {"Al": 0.70710678, "Ni": 0.31415927}, "energy": -1}])"), Contains("common denominator"));
}

TEST_CASE("a pymatgen ComputedEntry is read with its correction", "[analysis][entries]") {
  const auto entries = parse_entries_json(R"({"entries": [{"@module": "pymatgen.entries.computed_entries", "@class": "ComputedEntry",
    "entry_id": "mp-1", "composition": {"Fe3+": 2.0, "O2-": 3.0}, "energy": -30.0, "correction": -2.0, "parameters": {}, "data": {}},
    {"entry_id": null, "composition": {"Fe": 1}, "energy": -8, "correction": null}]})", "e.json");

  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id == "mp-1");
  CHECK(entries[0].composition == Composition::from_formula("Fe2O3"));
  CHECK(entries[0].energy_ev == -32);
  CHECK(entries[1].id == "#2");
}

TEST_CASE("problems of a json name the entry", "[analysis][entries]") {
  const auto message = json_refusal(R"([{"id": "a", "formula": "Al"}, 7, {"id": "b", "composition": {"Al": -1}, "energy": 1}, {"id": "c", "energy": "x"}])");
  CHECK_THAT(message, Contains("entry #1 (\"a\"): no \"energy\""));
  CHECK_THAT(message, Contains("entry #2: expected an object"));
  CHECK_THAT(message, Contains("entry #3 (\"b\"): composition: amount of Al is -1"));
  CHECK_THAT(message, Contains("entry #4 (\"c\"): no \"composition\""));
  CHECK_THAT(json_refusal("[\n {\"id\": }]"), Contains("e.json:2:") && Contains("not valid JSON"));
  CHECK_THAT(json_refusal("{}"), Contains("expected a list of entries"));
}

TEST_CASE("hull --json holds what the contract says", "[analysis][entries]") {
  const auto report = compute_hull(parse_entries_csv("id,formula,energy\nal,Al,-1\nni,Ni,-2\nx,Al2Ni2,-5\n", "e.csv"));

  const Json json = hull_json(report);

  CHECK(json["entries"][2].dump() == R"({"id":"x","formula":"Al2Ni2","formation_energy_per_atom":0.25,"e_above_hull":0.25,"on_hull":false,"vertex":false,)"
                                     R"("decomposition":[{"id":"al","fraction":0.5},{"id":"ni","fraction":0.5}]})");
  CHECK(json["tolerance"] == 1e-8);
}
