#include <algorithm>
#include <catch2/catch.hpp>

#include "analysis/entries/entries_file.hpp"
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
  const auto entries = parse_entries_csv(
      "energy, formula ,note,id\r\n-1.5,Al,,\"a, \"\"pure\"\"\"\r\n\r\n+2e1,\"Al2Ni\",x,b\r\n", "e.csv");

  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id == "a, \"pure\"");
  CHECK(entries[0].energy_ev == -1.5);
  CHECK(entries[1].composition == Composition::from_formula("Al2Ni"));
  CHECK(entries[1].energy_ev == 20);
}

TEST_CASE("all problems of a csv are reported with their places", "[analysis][entries]") {
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

  const auto json =
      parse_entries_json(R"([{"id": "a", "composition": {"Al": 0.333333, "Ni": 0.666667}, "energy": -1}])", "e.json");
  CHECK(json[0].composition == Composition::from_formula("AlNi2"));
  CHECK(json[0].energy_ev == -3);
  CHECK_THAT(json_refusal(R"([{"id": "a", "composition": {"Al": 0.70710678, "Ni": 0.31415927}, "energy": -1}])"),
             Contains("common denominator"));
}

TEST_CASE("a pymatgen ComputedEntry is read with its correction", "[analysis][entries]") {
  const auto entries =
      parse_entries_json(R"({"entries": [{"@module": "pymatgen.entries.computed_entries", "@class": "ComputedEntry",
    "entry_id": "mp-1", "composition": {"Fe3+": 2.0, "O2-": 3.0}, "energy": -30.0, "correction": -2.0, "parameters": {}, "data": {}},
    {"entry_id": null, "composition": {"Fe": 1}, "energy": -8, "correction": null}]})",
                         "e.json");

  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id == "mp-1");
  CHECK(entries[0].composition == Composition::from_formula("Fe2O3"));
  CHECK(entries[0].energy_ev == -32);
  CHECK(entries[1].id == "#2");
}

TEST_CASE("problems of a json name the entry", "[analysis][entries]") {
  const auto message = json_refusal(
      R"([{"id": "a", "formula": "Al"}, 7, {"id": "b", "composition": {"Al": -1}, "energy": 1}, {"id": "c", "energy": "x"}])");
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

  CHECK(
      json["entries"][2].dump() ==
      R"({"id":"x","formula":"Al2Ni2","formation_energy_per_atom":0.25,"e_above_hull":0.25,"on_hull":false,"vertex":false,)"
      R"("decomposition":[{"id":"al","fraction":0.5},{"id":"ni","fraction":0.5}]})");
  CHECK(json["tolerance"] == 1e-8);
}

TEST_CASE("entries of the Materials Project's interface give totals and settings", "[analysis][entries]") {
  const auto entries = parse_entries_json(R"({"data": [
    {"material_id": "mp-19770", "formula_pretty": "Fe2O3", "energy_per_atom": -6.7, "run_type": "GGA+U", "hubbards": {"Fe": 5.3, "O": 0}, "potcar_symbols": ["PBE Fe_pv", "PBE O"]},
    {"material_id": "mp-13", "pretty_formula": "Fe", "energy": -16.9, "unit_cell_formula": {"Fe": 2}, "run_type": "GGA"}]})",
                                          "mp.json");

  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id == "mp-19770");
  CHECK(entries[0].energy_ev == Approx(-33.5));
  CHECK(entries[0].keys == std::map<std::string, std::string>{{"code", "vasp"},
                                                              {"functional", "PBE"},
                                                              {"U.Fe", "5.3"},
                                                              {"pseudopotential.Fe", "PBE Fe_pv"},
                                                              {"pseudopotential.O", "PBE O"}});
  CHECK(entries[1].composition == Composition::from_formula("Fe2"));
}

TEST_CASE("pymatgen's adjustments count, and corrected entries with and without U agree among themselves",
          "[analysis][entries]") {
  const auto entries = parse_entries_json(R"([
    {"entry_id": "a", "composition": {"Fe": 2, "O": 3}, "energy": -30, "parameters": {"run_type": "GGA+U", "hubbards": {"Fe": 5.3}},
     "energy_adjustments": [{"value": -4.0}, {"adj_per_atom": -0.5, "n_atoms": 3}]},
    {"entry_id": "b", "composition": {"Fe": 1}, "energy": -8, "correction": 0, "parameters": {"run_type": "GGA", "hubbards": {}}}])",
                                          "e.json");

  CHECK(entries[0].energy_ev == -35.5);
  CHECK(entries[0].keys == entries[1].keys);
  CHECK(entries[0].keys.at("functional") == "PBE and U, mixed by corrections");
}

TEST_CASE("OQMD gives formation energies, AFLOW totals", "[analysis][entries]") {
  const auto oqmd = parse_entries_json(
      R"({"data": [{"name": "NiAl", "entry_id": 4061, "composition": "Al1 Ni1", "delta_e": -0.66, "stability": 0}]})",
      "oqmd.json");
  REQUIRE(oqmd.size() == 1);
  CHECK(oqmd[0].id == "4061");
  CHECK(oqmd[0].energy_ev == Approx(-1.32));
  CHECK(all_formation_energies(oqmd));

  const auto aflow = parse_entries_json(
      R"({"1 of 1": {"compound": "Ag2Au1", "auid": "aflow:1", "species": "Ag,Au", "composition": "2,1", "enthalpy_cell": -9.1, "natoms": 3, "dft_type": "PAW_PBE"}})",
      "aflow.json");
  REQUIRE(aflow.size() == 1);
  CHECK(aflow[0].id == "aflow:1");
  CHECK(aflow[0].composition == Composition::from_formula("Ag2Au"));
  CHECK(aflow[0].energy_ev == Approx(-9.1));
  CHECK(aflow[0].keys.at("functional") == "PBE");
}

TEST_CASE("a csv may give energies per atom and settings", "[analysis][entries]") {
  const auto entries = parse_entries_csv("id,formula,energy_per_atom,functional,U\na,Al2Ni,-1.5,PBE,\n", "e.csv");
  CHECK(entries[0].energy_ev == -4.5);
  CHECK(entries[0].keys == std::map<std::string, std::string>{{"functional", "PBE"}});
}

TEST_CASE("a null or missing energy of a database is named", "[analysis][entries]") {
  CHECK_THAT(
      json_refusal(
          R"([{"material_id": "mp-1", "formula_pretty": "Fe", "energy_per_atom": null}, {"auid": "x", "compound": "Fe1"}])"),
      Contains("entry #1 (\"mp-1\"): \"energy_per_atom\" is null") && Contains("entry #2 (\"x\"): no \"energy\""));
}

TEST_CASE("a csv of a spreadsheet of any country has the same energies", "[analysis][entries][locale]") {
  const std::string header = "id,formula,energy,note\n", rows = "Mg,Mg,-1.50,\nMgO,MgO,-1.26e1,x\nLi,Li0.5O,+3,\n";
  const auto expected = parse_entries_csv(header + rows, "e.csv");
  const auto with = [&](char separator, bool comma) {
    std::string text = header + rows;
    for (char& c : text) c = c == ',' ? separator : c == '.' && comma ? ',' : c;
    return text;
  };
  std::string utf16 = "\xFF\xFE", crlf;
  for (const char c : with('\t', true)) utf16 += {c, '\0'};
  for (const char c : with(';', true)) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  std::string macintosh = with(';', false);
  std::replace(macintosh.begin(), macintosh.end(), '\n', '\r');
  std::string quoted = with(';', true);
  for (const std::string field : {"-1,50", "MgO", "energy"}) {
    for (auto at = quoted.find(field); at != std::string::npos; at = quoted.find(field, at + field.size() + 2))
      quoted.replace(at, field.size(), "\"" + field + "\"");
  }

  for (const std::string& text : {with(';', false), with(';', true), with('\t', false), with('\t', true), utf16, crlf,
                                  macintosh, quoted, "\xEF\xBB\xBF" + crlf, "sep=;\n" + with(';', true),
                                  std::string(with(';', true)).replace(0, 17, "ID;Formula;Energy (eV)")}) {
    INFO(text);
    const auto entries = parse_entries_csv(text, "e.csv");
    REQUIRE(entries.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(entries[i].id == expected[i].id);
      CHECK(entries[i].composition == expected[i].composition);
      CHECK(entries[i].energy_ev == expected[i].energy_ev);
    }
  }
}

TEST_CASE("a number that may be two numbers is refused", "[analysis][entries][locale]") {
  // A decimal comma where commas separate: five fields under four names.
  CHECK_THAT(csv_refusal("id,formula,energy\na,Al,-1,50\n"),
             Contains("e.csv:2: expected 3 fields, found 4") && Contains("decimal mark is the point"));
  CHECK_THAT(csv_refusal("id,formula,energy\na,Al,\"-1,50\"\n"),
             Contains("e.csv:2:6: energy: expected a number") && Contains("decimal mark is the point"));
  CHECK_THAT(csv_refusal("id;formula;energy\na;Al;-1.234,50\n"),
             Contains("e.csv:2:6: energy") && Contains("thousands"));
  CHECK_THAT(csv_refusal("id;formula;energy\na;Al;-1,5\nb;Ni;-1.234\n"),
             Contains("e.csv:3:6: energy") && Contains("decimal comma"));
  CHECK_THAT(csv_refusal("id;formula;energy\na;Al;-1.5\nb;Ni;-1,234\n"),
             Contains("e.csv:3:6: energy") && Contains("decimal point"));
  CHECK_THAT(csv_refusal("id;formula;energy\na;Al;-1 234,5\n"), Contains("e.csv:2:6: energy"));
}

TEST_CASE("the digit 0 in the place of the letter O is reported with its place; an id given twice too",
          "[analysis][entries]") {
  CHECK_THAT(csv_refusal("id,formula,energy\nMgO,Mg0,-12.6\nb,LiCo02,-1\nb,Al,-3\n"),
             Contains("e.csv:2:5: formula \"Mg0\", character 3: the digit 0; is the letter O meant?") &&
                 Contains("e.csv:3:3: formula \"LiCo02\", character 5") &&
                 Contains("e.csv:4:1: id \"b\" is already that of line 3"));
  CHECK(parse_entries_csv("id,formula,energy\na,Li0CoO2,-1\nb,Al10Ni20,-1\nc,Li0.05O,-1\n", "e.csv").size() == 3);
}

TEST_CASE("names in Latin-1 become UTF-8", "[analysis][entries][locale]") {
  const auto entries = parse_entries_csv(
      "id;formula;energy;Gr\xF6\xDF"
      "e\nw\xFCstit;FeO;-1,5;1\n",
      "e.csv");

  CHECK(entries.at(0).id == "w\xC3\xBCstit");
}
