/// @file
/// best, descriptors, regress and validate --ablation as a user calls them, and what they say to bad input.

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <set>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

const std::string kElectrostatic = R"(name = "lno"
seed = 1
[[space]]
name = "layered"
structure = "LiNiO2-R-3m.cif"
supercell = [2, 2, 1]
[[space.sublattice]]
name = "Li"
sites = "Li"
species = { Li = "0..12", Va = "rest" }
[[surrogate]]
kind = "electrostatic"
oxidation = { Li = 1, Ni = 3, O = -2 }
)";

const std::string kFcc = R"(name = "fcc"
[[space]]
name = "fcc"
structure = "fcc.vasp"
volume = [1, 2]
[[space.sublattice]]
name = "M"
sites = "Al"
species = { Al = "rest", Ni = "0%..100%" }
)";
constexpr const char* kFccParent = "fcc\n1.0\n0 2 2\n2 0 2\n2 2 0\nAl\n1\nDirect\n0 0 0\n";

class Folder : public TemporaryFolder {
 public:
  Folder() {
    fs::copy_file(fs::path(HULLSCAN_CAMPAIGNS) / "lno" / "LiNiO2-R-3m.cif", path() / "LiNiO2-R-3m.cif");
    write_file(path() / "lno.toml", kElectrostatic);
    write_file(path() / "fcc.toml", kFcc);
    write_file(path() / "fcc.vasp", kFccParent);
  }
};

std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        rows.back().emplace_back();
      } else {
        rows.back().back() += c;
      }
    }
  }
  return rows;
}

std::size_t column(const std::vector<std::vector<std::string>>& rows, const std::string& name) {
  const auto found = std::find(rows[0].begin(), rows[0].end(), name);
  INFO("column " << name);
  REQUIRE(found != rows[0].end());
  return static_cast<std::size_t>(found - rows[0].begin());
}

/// target = 2 a - 3 b, exactly; c has nothing to do with it.
std::string table_of(int rows, int from, const std::string& target = "energy") {
  std::string text = "formula,one: a,one: b,two: c," + target + "\n";
  for (int i = from; i < from + rows; ++i) {
    const double a = (i * 7) % 13, b = (i * 5) % 11, c = (i * 3) % 7;
    text += fmt::format("F{},{},{},{},{}\n", i % 2, a, b, c, 2 * a - 3 * b);
  }
  return text;
}

}  // namespace

TEST_CASE("best lists what a full scan scores, in its order, and says that it is all", "[cli][best]") {
  const Folder folder;
  REQUIRE(run_hullscan({"run", "lno.toml", "--dir", "c"}, folder.path()).exit_code == 0);
  const auto scan = csv_rows(run_hullscan({"export", "c", "--orbits", "--format", "csv"}, folder.path()).output);
  const auto formula = column(scan, "formula"), energy = column(scan, "predicted_formation_energy_per_atom"),
             degeneracy = column(scan, "degeneracy");
  std::map<std::string, std::vector<std::pair<double, int>>> scanned;
  for (std::size_t i = 1; i < scan.size(); ++i)
    scanned[scan[i][formula]].emplace_back(std::stod(scan[i][energy]), std::stoi(scan[i][degeneracy]));

  const auto result = run_hullscan({"best", "lno.toml", "--count", "5", "--json", "--out", "best.csv"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  REQUIRE(json["compositions"].size() == scanned.size());
  std::size_t listed = 0;
  for (const Json& composition : json["compositions"]) {
    auto& all = scanned.at(composition["composition"]);
    std::sort(all.begin(), all.end());
    const Json& found = composition["configurations"];
    REQUIRE(found.size() == std::min<std::size_t>(5, all.size()));
    CHECK(composition["proven"] == true);
    CHECK(composition["gap_mev_per_atom"] == 0.0);
    listed += found.size();
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i]["energy_ev_per_atom"].get<double>() == Approx(all[i].first).margin(1.1e-6));
      CHECK(found[i]["proven"] == true);
    }
  }
  CHECK(csv_rows(read_file(folder.path() / "best.csv")).size() == listed + 1);
}

TEST_CASE("best of one composition is that composition", "[cli][best]") {
  const Folder folder;

  const auto result = run_hullscan({"best", "lno.toml", "--composition", "Li6Ni12O24", "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  REQUIRE(json["compositions"].size() == 1);
  CHECK(json["compositions"][0]["composition"] == "Li6Ni12O24");
}

TEST_CASE("best writes structures as top does, ranked within each composition", "[cli][best]") {
  const Folder folder;

  const auto result =
      run_hullscan({"best", "lno.toml", "--composition", "Li6Ni12O24", "--count", "3", "--out", "best"}, folder.path());

  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.output, Contains("best: 3 files"));
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path() / "best")) names.insert(entry.path().filename());
  REQUIRE(names.size() == 3);
  std::size_t rank = 0;
  for (const std::string& name : names) {
    CHECK(name.starts_with("0" + std::to_string(++rank) + "_LiNi2O4_"));
    CHECK(name.ends_with(".cif"));
  }
  REQUIRE(run_hullscan(
              {"best", "lno.toml", "--composition", "Li6Ni12O24", "--count", "2", "--format", "extxyz", "--out", "xyz"},
              folder.path())
              .exit_code == 0);
  const auto first = fs::directory_iterator(folder.path() / "xyz");
  CHECK_THAT(read_file(first->path()), Contains("proven=yes") && Contains("e_above_lowest="));
}

TEST_CASE("a place where nothing can be written is refused before the search", "[cli][best][bad]") {
  const Folder folder;
  write_file(folder.path() / "file", "mine");
  const auto refused = [&](const std::string& out, const std::string& format) {
    // A composition that does not exist is the next complaint: it never comes.
    const auto result =
        run_hullscan({"best", "lno.toml", "--composition", "Xe", "--out", out, "--format", format}, folder.path());
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.messages, !Contains("Xe"));
    return result.messages;
  };

  CHECK_THAT(refused("none/best.csv", "csv"), Contains("there is no folder") && Contains("none"));
  CHECK_THAT(refused("file/best", "cif"), Contains("is not a folder"));
  CHECK_THAT(refused("/proc/none/best", "poscar"), Contains("nothing can be made in /proc"));
  CHECK_THAT(refused("file", "cif"), Contains("this file exists already"));
  CHECK_THAT(refused("a", "xyz"), Contains("expected one of csv, cif, poscar, extxyz"));
  CHECK(!fs::exists(folder.path() / "a"));
}

TEST_CASE("best says what is missing and writes nothing", "[cli][best][bad]") {
  const Folder folder;
  write_file(folder.path() / "there.csv", "mine");
  write_file(folder.path() / "process.toml", kFcc + "[[surrogate]]\nkind = \"cluster-expansion\"\npairs = 4.5\n");
  const auto said = [&](const std::vector<std::string>& arguments) {
    const auto result = run_hullscan(arguments, folder.path());
    CHECK(result.exit_code == 2);
    return result.messages;
  };

  CHECK_THAT(said({"best", "fcc.toml"}), Contains("fcc.toml: there is no [[surrogate]] to rank with"));
  CHECK_THAT(said({"best", "process.toml"}), Contains("the model must be fitted first: --data X.extxyz"));
  CHECK_THAT(said({"best", "lno.toml", "--out", "there.csv"}), Contains("there.csv: this file exists already"));
  CHECK(read_file(folder.path() / "there.csv") == "mine");
  CHECK_THAT(said({"best", "lno.toml", "--count", "0"}), Contains("--count"));
  const std::string unknown = said({"best", "lno.toml", "--composition", "Li6Ni12O25", "--out", "new.csv"});
  CHECK_THAT(unknown, Contains("--composition: the space has no Li6Ni12O25") && Contains("did you mean"));
  CHECK(!fs::exists(folder.path() / "new.csv"));
}

TEST_CASE("run with keep = best finds by search what it finds by generating", "[cli][best]") {
  const Folder folder;
  write_file(folder.path() / "scan.toml", kElectrostatic + "[run]\nkeep = \"best\"\n");
  write_file(folder.path() / "search.toml", kElectrostatic + "[run]\nkeep = \"best\"\nscan_at_most = 0\n");
  const auto report = [&](const std::string& directory) {
    return Json::parse(read_file(folder.path() / directory / "report" / "report.json"));
  };

  REQUIRE(run_hullscan({"run", "scan.toml", "--dir", "scan"}, folder.path()).exit_code == 0);
  const auto searched = run_hullscan({"run", "search.toml", "--dir", "search"}, folder.path());

  INFO(searched.messages);
  REQUIRE(searched.exit_code == 0);
  const Json scan = report("scan"), search = report("search");
  CHECK(search["candidates"].size() >= 13);
  CHECK(search["candidates"] == scan["candidates"]);
  CHECK(scan["searched"].empty());
  REQUIRE(search["searched"].size() == 13);
  std::map<std::string, double> lowest;
  for (const Json& composition : scan["spaces"][0]["supercells"][0]["compositions"])
    lowest[composition["formula"]] = composition["lowest_predicted"].get<double>();
  for (const Json& composition : search["searched"]) {
    CHECK(composition["proven"] == true);
    CHECK(composition["lowest_predicted"].get<double>() == lowest.at(composition["formula"]));
  }
  CHECK(scan["spaces"][0]["books"] == "closed");
  CHECK(search["spaces"][0]["books"] == "open");
}

TEST_CASE("a search that is cut short gives the same bound every time, and it holds", "[cli][best]") {
  const Folder folder;
  write_file(folder.path() / "cut.toml",
             kElectrostatic + "[run]\nkeep = \"best\"\nscan_at_most = 0\nsearch_nodes = 40\n");
  const auto report = [&](const std::string& directory) {
    return Json::parse(read_file(folder.path() / directory / "report" / "report.json"));
  };

  REQUIRE(run_hullscan({"run", "cut.toml", "--dir", "one", "--threads", "1"}, folder.path()).exit_code == 0);
  REQUIRE(run_hullscan({"run", "cut.toml", "--dir", "two", "--threads", "2"}, folder.path()).exit_code == 0);
  REQUIRE(run_hullscan({"run", "lno.toml", "--dir", "scan"}, folder.path()).exit_code == 0);

  CHECK(report("one") == report("two"));
  std::map<std::string, double> lowest;
  for (const Json whole = report("scan"); const Json& composition : whole["spaces"][0]["supercells"][0]["compositions"])
    lowest[composition["formula"]] = composition["lowest_predicted"].get<double>();
  for (const Json whole = report("one"); const Json& composition : whole["searched"]) {
    CHECK(composition["lowest_predicted"].get<double>() >= lowest.at(composition["formula"]) - 1e-9);
    if (composition["bound"].is_number() && composition["proven"] == false)
      CHECK(composition["bound"].get<double>() <= lowest.at(composition["formula"]) + 1e-6);
  }
}

TEST_CASE("searched on three ranks, in two parts, or killed again and again: the same report", "[cli][best]") {
  const Folder folder;
  write_file(folder.path() / "search.toml", kElectrostatic + "[run]\nkeep = \"best\"\nscan_at_most = 0\n");
  const auto report = [&](const std::string& directory) { return undated_report(folder.path() / directory); };
  REQUIRE(run_hullscan({"run", "search.toml", "--dir", "whole"}, folder.path()).exit_code == 0);

  const auto ranks = run_hullscan_on(3, {"run", "search.toml", "--dir", "ranks"}, folder.path());
  for (const std::string part : {"1", "2"})
    REQUIRE(
        run_hullscan({"run", "search.toml", "--part", part + "/2", "--dir", "part" + part}, folder.path()).exit_code ==
        0);
  const auto merged = run_hullscan({"merge", "--out", "merged", "part1", "part2"}, folder.path());
  const auto finished = run_hullscan({"run", "search.toml", "--dir", "merged"}, folder.path());
  int kills = 0;
  for (; kills < 30; ++kills) {
    const auto ended = run_hullscan({"run", "search.toml", "--dir", "killed"}, folder.path(),
                                    {{"HULLSCAN_CRASH_AT", "transaction.committed:5"}});
    if (ended.exit_code == 0) break;
    REQUIRE(ended.exit_code == 128 + SIGKILL);
  }

  INFO(ranks.messages << merged.messages << finished.messages);
  CHECK(ranks.exit_code == 0);
  CHECK(report("ranks") == report("whole"));
  CHECK(merged.exit_code == 0);
  CHECK(finished.exit_code == 0);
  CHECK(report("merged") == report("whole"));
  CHECK(kills >= 2);
  CHECK(report("killed") == report("whole"));
}

TEST_CASE("what cannot be searched is refused before anything is computed", "[cli][best][bad]") {
  const Folder folder;
  write_file(
      folder.path() / "forest.toml",
      kFcc + "[[surrogate]]\nkind = \"gaussian-process\"\npairs = 4.5\n[run]\nkeep = \"best\"\nscan_at_most = 0\n");
  write_file(folder.path() / "all.toml", kFcc + "[run]\nscan_at_most = 10\n");

  const auto forest = run_hullscan({"run", "forest.toml", "--dir", "f"}, folder.path());
  const auto all = run_hullscan({"check", "all.toml"}, folder.path());

  CHECK(forest.exit_code == 2);
  CHECK_THAT(forest.messages, Contains("a model of kind \"gaussian-process\" has no bound to search by"));
  CHECK_FALSE(fs::exists(folder.path() / "f"));
  CHECK(all.exit_code == 2);
  CHECK_THAT(all.messages, Contains("run.scan_at_most: needs keep = \"best\""));
}

TEST_CASE("check asks the model whether it can search what keep = \"best\" leaves out", "[cli][best][bad]") {
  const Folder folder;
  const auto check = [&](const std::string& model, double scan_at_most) {
    write_file(folder.path() / "c.toml", kFcc + "[[surrogate]]\n" + model + "[run]\nkeep = \"best\"\nscan_at_most = " +
                                             std::to_string(scan_at_most) + "\n");
    return run_hullscan({"check", "c.toml"}, folder.path());
  };
  const std::string ridge = "kind = \"ridge\"\nfeatures = \"contacts\"\ncontacts = 4.0\n";
  const std::string pairs = "kind = \"cluster-expansion\"\npairs = 4.5\n";
  const std::string four = pairs + "triplets = 3.0\nquadruplets = 3.0\n";

  CHECK(check(ridge, 0).exit_code == 2);
  CHECK_THAT(check(ridge, 0).messages,
             Contains("c.toml:") && Contains(": surrogate.kind: ") && Contains("has no bound to search by"));
  CHECK_THAT(check(four, 0).messages, Contains("has a bound up to triplets, not with clusters of 4 sites"));
  CHECK(check(pairs, 0).exit_code == 0);
  CHECK(check(ridge, 1e6).exit_code == 0);  // nothing is left to search
}

TEST_CASE("descriptors of ordered fcc cells are the coordination numbers", "[cli][descriptors]") {
  const Folder folder;

  const auto result = run_hullscan({"descriptors", "fcc.toml", "--out", "x.csv"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const auto rows = csv_rows(read_file(folder.path() / "x.csv"));
  // fcc, a = 4 Å, per site: nearest Ni-Ni pairs (2.83 Å) number 6 in Ni, and by half of the like neighbours of an Ni
  // site, for every second site, 4 / 4 in L1_0 and 6 / 4 in L1_1; next-nearest ones (4 Å) 3, 6 / 4 and none.
  std::multiset<std::pair<double, double>> pairs, expected = {{0, 0}, {6, 3}, {1, 1.5}, {1.5, 0}};
  std::vector<std::size_t> near, next;
  for (std::size_t c = 0; c < rows[0].size(); ++c) {
    if (rows[0][c].find("2.83 Å") != std::string::npos) near.push_back(c);
    if (rows[0][c].find(" 4.00 Å") != std::string::npos) next.push_back(c);
  }
  REQUIRE(!near.empty());
  REQUIRE(!next.empty());
  for (std::size_t r = 1; r < rows.size(); ++r) {
    double first = 0, second = 0;
    for (const std::size_t c : near) first += std::stod(rows[r][c]);
    for (const std::size_t c : next) second += std::stod(rows[r][c]);
    pairs.emplace(first, second);
  }
  CHECK(pairs == expected);
}

TEST_CASE("descriptors overwrites nothing and names what is missing", "[cli][descriptors][bad]") {
  const Folder folder;
  write_file(folder.path() / "there.csv", "mine");

  const auto there = run_hullscan({"descriptors", "fcc.toml", "--out", "there.csv"}, folder.path());
  const auto none = run_hullscan({"descriptors", "fcc.toml"}, folder.path());

  CHECK(there.exit_code == 2);
  CHECK(read_file(folder.path() / "there.csv") == "mine");
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.messages, Contains("--out X.csv is missing"));
}

TEST_CASE("regress finds a linear law, what it costs to leave a group out, and carries it over", "[cli][regress]") {
  const Folder folder;
  write_file(folder.path() / "x.csv", table_of(60, 0));
  write_file(folder.path() / "y.csv", table_of(20, 200));

  const auto result = run_hullscan({"regress", "x.csv", "--target", "energy", "--model", "ridge", "--ablation",
                                    "--test", "y.csv", "--by", "formula", "--json"},
                                   folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json model = Json::parse(result.output)["models"][0];
  std::map<std::string, double> coefficient;
  for (const Json& descriptor : model["descriptors"])
    coefficient[descriptor["name"]] = descriptor["coefficient"].get<double>();
  CHECK(coefficient.at("a") == Approx(2).margin(1e-3));
  CHECK(coefficient.at("b") == Approx(-3).margin(1e-3));
  CHECK(coefficient.at("c") == Approx(0).margin(1e-3));
  CHECK(model["cross_validation"]["r2"].get<double>() > 0.99999);
  CHECK(model["cross_validation"]["by"].size() == 2);
  CHECK(model["tests"][0]["rmse"].get<double>() < 1e-2);
  for (const Json& entry : model["ablation"]) {
    const double r2 = entry["r2"].get<double>();
    CHECK((entry["without"] == "one" ? r2 < 0.2 : r2 > 0.99999));
  }
}

TEST_CASE("regress learns from descriptors in words and writes every row's prediction", "[cli][regress]") {
  const Folder folder;
  // 2 a, and 5 of one net and -1 of the other, whose names hold commas.
  std::string table = "id,energy,pair: a,net: type\n";
  for (int i = 0; i < 40; ++i)
    table += fmt::format("r{},{},{},{}\n", i, 2 * (i % 7) + (i % 3 == 0 ? 5 : -1), i % 7,
                         i % 3 == 0 ? "\"6,11,11,12T1\"" : "plain");
  write_file(folder.path() / "x.csv", table);
  write_file(folder.path() / "y.csv", "id,pair: a,net: type\nnew,3,\"6,11,11,12T1\"\nother,3,unknown\n");

  const auto result = run_hullscan(
      {"regress", "x.csv", "--target", "energy", "--model", "ridge", "--predict", "y.csv", "--out", "p.csv", "--json"},
      folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json model = Json::parse(result.output)["models"][0];
  REQUIRE(model["descriptors"].size() == 3);
  CHECK(model["descriptors"][1]["name"] == "type = 6,11,11,12T1");
  CHECK((!model.contains("tests") || model["tests"].empty()));
  const auto rows = csv_rows(read_file(folder.path() / "p.csv"));
  REQUIRE(rows.size() == 43);
  CHECK(rows[0] == std::vector<std::string>{"table", "line", "energy", "id", "ridge"});
  for (std::size_t r = 1; r <= 40; ++r) CHECK(std::stod(rows[r][4]) == Approx(std::stod(rows[r][2])).margin(0.02));
  CHECK(rows[41][0] == "y.csv");
  CHECK(rows[41][3] == "new");
  CHECK(std::stod(rows[41][4]) == Approx(11).margin(0.02));
  // A word that was never seen is none of the columns: between the two, not an error.
  CHECK(std::stod(rows[42][4]) < 11);

  const auto again = run_hullscan({"regress", "x.csv", "--target", "energy", "--out", "p.csv"}, folder.path());
  CHECK(again.exit_code == 2);
  const auto nowhere = run_hullscan({"regress", "x.csv", "--target", "energy", "--predict", "y.csv"}, folder.path());
  CHECK(nowhere.exit_code == 2);
  CHECK_THAT(nowhere.messages, Contains("needs --out"));
}

TEST_CASE("a table in which two columns have one name is refused at the second", "[cli][regress][bad]") {
  const Folder folder;
  write_file(folder.path() / "x.csv", "id,formula,energy,formula,pair: a\n1,Al,0.1,Ni,3\n2,Ni,0.2,Al,4\n");
  const auto result = run_hullscan({"regress", "x.csv", "--target", "energy", "--by", "formula"}, folder.path());
  CHECK(result.exit_code == 3);
  CHECK_THAT(result.messages, Contains("x.csv:1:19: the column \"formula\" occurs twice"));
}

TEST_CASE("regress says which column, table or model is wrong", "[cli][regress][bad]") {
  const Folder folder;
  write_file(folder.path() / "x.csv", table_of(60, 0));
  write_file(folder.path() / "other.csv", "formula,one: a,energy\nF,1,2\n");
  write_file(folder.path() / "none.csv", "formula,energy\nF,2\n");
  write_file(folder.path() / "word.csv", "formula,one: a,energy\nF,1,2\nF,x,2\n");
  // 3: the file is broken, whatever the command line is.
  const auto said = [&](std::vector<std::string> arguments, int exit_code = 2) {
    arguments.insert(arguments.begin(), "regress");
    const auto result = run_hullscan(arguments, folder.path());
    CHECK(result.exit_code == exit_code);
    return result.messages;
  };

  CHECK_THAT(said({"x.csv"}), Contains("--target COLUMN is missing"));
  CHECK_THAT(said({"x.csv", "--target", "enthalpy"}), Contains("enthalpy"));
  CHECK_THAT(said({"x.csv", "--target", "energy", "--model", "forest"}),
             Contains("expected one of") && Contains("found \"forest\""));
  CHECK_THAT(said({"x.csv", "--target", "energy", "--test", "other.csv"}),
             Contains("its descriptors are not those of x.csv"));
  CHECK_THAT(said({"none.csv", "--target", "energy"}), Contains("no column is called \"group: name\""));
  CHECK_THAT(said({"word.csv", "--target", "energy"}, 3), Contains("word.csv:3"));
  CHECK_THAT(said({"absent.csv", "--target", "energy"}, 3), Contains("absent.csv"));
  CHECK_THAT(said({"x.csv", "--target", "energy", "--by", "phase"}), Contains("has no column \"phase\""));
}

TEST_CASE("validate --ablation tells what each group of descriptors is worth", "[cli][validate]") {
  const Folder folder;
  write_file(folder.path() / "fcc.toml", kFcc +
                                             "[[surrogate]]\nkind = \"ridge\"\ncontacts = 3.0\n[[surrogate]]\nkind = "
                                             "\"cluster-expansion\"\npairs = 3.0\n");
  // Chains along one axis of fcc; energy -0.1 eV for every nearest unlike pair of the chain, so contacts decide it.
  std::string text;
  for (int length = 2; length <= 6; ++length) {
    for (int word = 0; word < 1 << length; ++word) {
      double energy = 0;
      std::string atoms, letters;
      for (int i = 0; i < length; ++i) letters += (word >> i & 1) != 0 ? 'N' : 'A';
      for (std::size_t i = 0; i < letters.size(); ++i) {
        if (letters[i] != letters[(i + 1) % letters.size()]) energy -= 0.1;
        atoms += fmt::format("{} 0 {} {}\n", letters[i] == 'N' ? "Ni" : "Al", 2 * i, 2 * i);
      }
      text += fmt::format("{}\nLattice=\"0 {} {} 2 0 2 2 2 0\" Properties=species:S:1:pos:R:3 id=c{}-{} energy={}\n{}",
                          length, 2 * length, 2 * length, length, word, energy, atoms);
    }
  }
  write_file(folder.path() / "data.extxyz", text);

  const auto result = run_hullscan(
      {"validate", "fcc.toml", "--data", "data.extxyz", "--folds", "4", "--ablation", "--json"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  const Json json = Json::parse(result.output);
  const Json& ablation = json["models"][0]["ablation"];
  REQUIRE(ablation.size() >= 3);
  CHECK(ablation[0]["without"].is_null());
  CHECK(ablation[0]["rmse_mev_per_atom"] == json["rmse_mev_per_atom"]);
  for (const Json& entry : ablation) {
    if (entry["without"].is_null()) continue;
    INFO(entry["without"]);
    if (entry["without"].get<std::string>().find("contacts") != std::string::npos)
      CHECK(entry["rmse_mev_per_atom"].get<double>() > 3 * ablation[0]["rmse_mev_per_atom"].get<double>());
    CHECK(entry["compositions"].size() > 3);
  }
  CHECK(json["models"][1]["ablation"].empty());  // a cluster expansion has no groups
}

namespace {

/// fcc chains "A", "N", "C" (Al, Ni, Cu) with energies, as frames.
std::string chains(const std::vector<std::pair<std::string, double>>& words) {
  std::string text;
  for (std::size_t w = 0; w < words.size(); ++w) {
    const auto& [word, energy] = words[w];
    text += fmt::format("{}\nLattice=\"0 {} {} 2 0 2 2 2 0\" Properties=species:S:1:pos:R:3 id=w{}-{} energy={}\n",
                        word.size(), 2 * word.size(), 2 * word.size(), w, word, energy);
    for (std::size_t i = 0; i < word.size(); ++i)
      text += fmt::format("{} 0 {} {}\n", word[i] == 'A' ? "Al" : word[i] == 'N' ? "Ni" : "Cu", 2 * i, 2 * i);
  }
  return text;
}

double unlike(const std::string& word) {
  double energy = 0;
  for (std::size_t i = 0; i < word.size(); ++i) energy -= word[i] != word[(i + 1) % word.size()] ? 0.1 : 0;
  return energy;
}

std::vector<std::pair<std::string, double>> words_of(const std::string& letters, std::size_t longest) {
  std::vector<std::pair<std::string, double>> words;
  std::vector<std::string> open = {""};
  while (!open.empty()) {
    const std::string word = open.back();
    open.pop_back();
    if (!word.empty()) words.emplace_back(word, unlike(word));
    for (const char letter : letters)
      if (word.size() < longest) open.push_back(word + letter);
  }
  return words;
}

/// What `validate` says to such labels.
std::string told(const std::vector<std::pair<std::string, double>>& words, const std::string& cutoffs = "pairs = 4.5") {
  const TemporaryFolder folder;
  write_file(folder.path() / "fcc.vasp", kFccParent);
  write_file(
      folder.path() / "c.toml",
      "name = \"c\"\n[[space]]\nstructure = \"fcc.vasp\"\nvolume = [1, 2]\n[[space.sublattice]]\nname = \"M\"\nsites = "
      "\"Al\"\nspecies = { Al = \"rest\", Ni = \"0%..100%\", Cu = \"0%..100%\" }\n[[surrogate]]\nkind = "
      "\"cluster-expansion\"\n" +
          cutoffs + "\n");
  write_file(folder.path() / "x.extxyz", chains(words));
  const auto result = run_hullscan({"validate", "c.toml", "--data", "x.extxyz", "--folds", "3"}, folder.path());
  CHECK(result.exit_code == 0);
  return result.messages;
}

}  // namespace

TEST_CASE("validate says that there are too few labels for the clusters, and what to do", "[cli][validate][labels]") {
  CHECK_THAT(told(words_of("ANC", 2), "pairs = 8.0"),
             Contains("the penalty decides what the labels do not; label more, or choose smaller cutoffs"));
}

TEST_CASE("validate says that a species was never seen, and what to do", "[cli][validate][labels]") {
  CHECK_THAT(told(words_of("AN", 5)),
             Contains("no label holds Cu on sublattice \"M\"") && Contains("label configurations that hold it"));
}

TEST_CASE("validate says that compositions vary together, and what to do", "[cli][validate][labels]") {
  std::vector<std::pair<std::string, double>> words;
  for (const std::string word :
       {"A", "NC", "ANC", "AANC", "ANAC", "NCNC", "NNCC", "AAANC", "AANAC", "NCNCA", "NNCCA", "NCNAC"})
    words.emplace_back(word, unlike(word));
  CHECK_THAT(told(words), Contains("vary together in all labels") && Contains("in which one of them changes alone"));
}

TEST_CASE("validate says that one configuration has two energies, and what that means", "[cli][validate][labels]") {
  auto words = words_of("ANC", 4);
  words.emplace_back("AANC", unlike("AANC") + 0.4);
  CHECK_THAT(told(words), Contains("are the same configuration to the model and differ by 100.0 meV/atom") &&
                              Contains("duplicates with different energies"));
}

TEST_CASE("validate says that a label is far from what the others predict, and what to do", "[cli][validate][labels]") {
  auto words = words_of("ANC", 5);
  for (auto& [word, energy] : words) {
    if (word == "AANAC") energy += 5;
  }
  CHECK_THAT(told(words), Contains("AANAC is ") && Contains("standard deviations") &&
                              Contains("check the calculation, or leave it out"));
}
