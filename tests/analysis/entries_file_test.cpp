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

TEST_CASE("a table whose columns are separated by blanks, tabs or semicolons has the energies of the one with commas",
          "[analysis][entries][dialect]") {
  const auto expected = parse_entries_csv("id,formula,energy\na,Al,-3.5\nb,AlNi,-10.25\n", "e.csv");

  for (const std::string text :
       {"id formula energy\na Al -3.5\nb AlNi -10.25\n",
        "id   formula   energy (eV)\na    Al      -3,5\nb    AlNi    -10,25\n",
        "  id formula energy\n  a Al -3.5 \n  b AlNi -10.25\n", "# id formula energy\na Al -3.5\nb AlNi -10.25\n",
        "id\tformula\tenergy\na\tAl\t-3,5\nb\tAlNi\t-10,25\n",
        "\xEF\xBB\xBFid;formula;energy\r\na;Al;-3,5\r\nb;AlNi;-10,25\r\n",
        "id,formula,Total Energy\na,Al,\xE2\x88\x92"
        "3.5\nb,Al Ni,-10.25\n",
        "entry_id,composition,energy_eV\na,Al1,-3.5\nb,Al1 Ni1,-10.25\n"}) {
    INFO(text);
    const auto entries = parse_entries_csv(text, "e.csv");
    REQUIRE(entries.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(entries[i].id == expected[i].id);
      CHECK(entries[i].composition == expected[i].composition);
      CHECK(entries[i].energy_ev == expected[i].energy_ev);
      CHECK(entries[i].keys.empty());
    }
  }
}

TEST_CASE("an index column of pandas gives ids, and where there are none they are made",
          "[analysis][entries][dialect]") {
  const auto with_index = parse_entries_csv(",formula,energy_per_atom\n0,Al,-3.5\n1,Al3Ni,-4\n", "e.csv");
  CHECK(with_index[0].id == "0");
  CHECK(with_index[1].energy_ev == -16);
  const auto without = parse_entries_csv("formula,energy\nAl,-3.5\nAl,-3.4\n", "e.csv");
  CHECK(without[0].id == "#1");
  CHECK(without[1].id == "#2");
  // DataFrame.to_string(): the index has no name and no place in the header.
  const auto printed = parse_entries_csv("  formula  energy\n0      Al   -3.50\n1    AlNi  -10.25\n", "e.csv");
  CHECK(printed[1].composition == Composition::from_formula("AlNi"));
  CHECK(printed[1].energy_ev == -10.25);
  // A name that is there twice tells nobody apart.
  const auto names = parse_entries_csv("formula,name,energy\nAl,fcc,-3.5\nNi,fcc,-5\n", "e.csv");
  CHECK(names[1].id == "#2");
  CHECK(parse_entries_csv("formula,name,energy\nAl,x,-3.5\nNi,y,-5\n", "e.csv")[1].id == "y");
}

TEST_CASE("formation energies are read by any of their names, and the elements lie at zero",
          "[analysis][entries][dialect]") {
  for (const std::string name :
       {"formation_energy_per_atom", "e_form", "E_form (eV/atom)", "Formation energy (eV/atom)",
        "formation_energy_eV_per_atom", "delta_e", "e_form (meV/atom)"}) {
    INFO(name);
    const double unit = name.find("meV") == std::string::npos ? 1 : 1000;
    const auto entries =
        parse_entries_csv("formula," + name + "\nAl3Ni," + std::to_string(-0.5 * unit) + "\n", "e.csv");
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].energy_ev == Approx(-2));  // four atoms
    CHECK(all_formation_energies(entries));
  }
  const auto of_formula = parse_entries_csv("formula,e_form (eV/f.u.)\nAl3Ni,-2\n", "e.csv");
  CHECK(of_formula[0].energy_ev == -2);
  CHECK(all_formation_energies(of_formula));
  // What was documented first wins over what is beside it.
  CHECK_FALSE(all_formation_energies(parse_entries_csv("formula,e_form,energy\nAl3Ni,-0.5,-17\n", "e.csv")));
}

TEST_CASE("a table that may be read in two ways asks which column is meant, and takes the answer",
          "[analysis][entries][dialect]") {
  const std::string text = "formula,total_energy,final_energy\nAl,-3,-4\n";
  CHECK_THAT(csv_refusal(text), Contains("e.csv:1: ") && Contains("\"total_energy\" (column 2)") &&
                                    Contains("\"final_energy\" (column 3)") && Contains("--columns energy=2"));
  CHECK(parse_entries_csv(text, "e.csv", parse_named_columns({"energy=final_energy"}))[0].energy_ev == -4);
  CHECK(parse_entries_csv(text, "e.csv", parse_named_columns({"energy=2"}))[0].energy_ev == -3);
  CHECK(all_formation_energies(
      parse_entries_csv(text, "e.csv", parse_named_columns({"formula=1,formation_energy_per_atom=2"}))));

  const std::string bare = "Al,-3\nAlNi,-10\n";
  CHECK_THAT(csv_refusal(bare), Contains("\"Al\", \"-3\"") && Contains("--columns formula=1,energy=2"));
  const auto entries = parse_entries_csv(bare, "e.csv", parse_named_columns({"formula=1", "energy=2"}));
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].energy_ev == -3);
}

TEST_CASE("a header that names no energy is refused with its line and what it holds", "[analysis][entries][dialect]") {
  CHECK_THAT(csv_refusal("formula;bandgap\nAl;0\n"),
             Contains("e.csv:1: ") && Contains("no \"energy\"") && Contains("found \"formula\", \"bandgap\""));
  CHECK_THAT(csv_refusal("\nname,e_above_hull\nAl,0\n"), Contains("e.csv:2: ") && Contains("\"e_above_hull\""));
  for (const std::string word : {"energie=1", "energy", "energy=", "energy=1,energy=2", "energy=1,energy_per_atom=2"})
    CHECK_THROWS_AS(parse_named_columns({word}), InputError);
}
