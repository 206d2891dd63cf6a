/// @file
/// The campaigns of deploy/campaigns: their counts are the published ones.

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

std::string study(const std::string& name) { return (fs::path(HULLSCAN_CAMPAIGNS) / name / "campaign.toml").string(); }

Json count_of(const std::string& name) {
  const TemporaryFolder folder;
  const auto result = run_hullscan({"count", study(name), "--json"}, folder.path());
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  return Json::parse(result.output);
}

/// Inequivalent configurations of a space by the number of one species.
std::map<int, long> by_count(const Json& space, const std::string& species) {
  std::map<int, long> found;
  for (const Json& composition : space["supercells"][0]["compositions"]) {
    found[composition["counts"][species].get<int>()] += std::stol(composition["inequivalent"].get<std::string>());
  }
  return found;
}

struct Orbit {
  std::string space;
  int degeneracy, space_group;
};

std::vector<Orbit> orbits_of(const std::string& name, bool symmetry) {
  const TemporaryFolder folder;
  std::vector<std::string> command{"enumerate", study(name), "--out", "orbits.csv"};
  if (symmetry) command.push_back("--symmetry");
  const auto result = run_hullscan(command, folder.path());
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  std::istringstream lines(read_file(folder.path() / "orbits.csv"));
  std::string line;
  std::getline(lines, line);
  std::vector<Orbit> orbits;
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    const std::string& group = fields[fields.size() - 2];
    orbits.push_back({fields[0], std::stoi(fields[fields.size() - 3]), group.empty() ? 0 : std::stoi(group)});
  }
  return orbits;
}

struct Moments {
  double mean, deviation;
};

Moments moments(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size() - 1))};
}

}  // namespace

TEST_CASE("every case study has the published number of configurations", "[cli][campaigns]") {
  struct Published {
    const char *name, *total, *inequivalent;
  };
  for (const auto& [name, total, inequivalent] : {
           Published{"lno", "4096", "87"},
           Published{"nca", "540672", "4512"},
           Published{"kfeo2-ti", "24848640", "1553216"},  // 1024 + 246,016 + 24,601,600; 64 + 15,552 + 1,537,600
           Published{"cspbi3-cd-zn", "4596068", "73962"},
           Published{"cspbi3-br", "188200648", "11884342"},
           Published{"mos2-defects", "8454400", "11866"},
           Published{"mex2", "430848", "11159"},
       }) {
    INFO(name);
    const Json count = count_of(name);
    CHECK(count["total"] == total);
    CHECK(count["inequivalent"] == inequivalent);
  }
}

TEST_CASE("a K-K contact of KFeO2 is marked with titanium and vacancies in the published numbers", "[cli][campaigns]") {
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "kfeo2-ti" / "paths.toml").string();

  const Json count = Json::parse(run_hullscan({"count", file, "--json"}, folder.path()).output);

  const auto by_titanium = by_count(count["spaces"][0], "Fe.Ti");
  CHECK(by_titanium == std::map<int, long>{{1, 128}, {2, 59520}, {3, 8630400}});
}

TEST_CASE("delithiation of LiNiO2 and NCA has its configurations where the studies have them", "[cli][campaigns]") {
  const std::vector<long> lno{1, 1, 3, 6, 11, 13, 17, 13, 11, 6, 3, 1, 1};
  const std::vector<long> nca{3, 21, 88, 258, 547, 849, 980, 849, 547, 258, 88, 21, 3};

  const auto found_lno = by_count(count_of("lno")["spaces"][0], "Li.Li");
  const auto found_nca = by_count(count_of("nca")["spaces"][0], "Li.Li");

  for (int lithium = 0; lithium <= 12; ++lithium) {
    CHECK(found_lno.at(lithium) == lno[static_cast<std::size_t>(lithium)]);
    CHECK(found_nca.at(lithium) == nca[static_cast<std::size_t>(lithium)]);
  }
}

TEST_CASE("weights and space groups of Cd- and Zn-doped CsPbI3 have the published moments", "[cli][campaigns]") {
  std::vector<double> weights, groups;
  for (const Orbit& orbit : orbits_of("cspbi3-cd-zn", true)) {
    weights.push_back(orbit.degeneracy);
    groups.push_back(orbit.space_group);
  }

  REQUIRE(weights.size() == 73962);
  CHECK(moments(weights).mean == Approx(62.140937).margin(5e-7));
  CHECK(moments(weights).deviation == Approx(7.720653).margin(5e-7));
  CHECK(moments(groups).mean == Approx(1.168357).margin(5e-7));
  CHECK(moments(groups).deviation == Approx(0.979444).margin(5e-7));
}

TEST_CASE("the 17 defect types of 2DMD have their numbers of configurations in either host", "[cli][campaigns]") {
  const std::map<std::string, long> types{{"X1", 1},  {"X2", 19},  {"X3", 1},  {"X4", 19},  {"X5", 29},   {"V1", 1},
                                          {"V2", 15}, {"V3", 743}, {"V4", 15}, {"V5", 743}, {"V6", 1415}, {"S1", 1},
                                          {"S2", 15}, {"S3", 743}, {"S4", 15}, {"S5", 743}, {"S6", 1415}};
  std::set<std::string> seen;
  const Json count = count_of("mos2-defects");
  for (const Json& space : count["spaces"]) {
    const auto name = space["name"].get<std::string>();
    seen.insert(name);
    CHECK(space["supercells"][0]["group_order"] == 768);
    CHECK(space["supercells"][0]["inequivalent"] == std::to_string(types.at(name.substr(name.size() - 2))));
  }
  CHECK(seen.size() == 2 * types.size());
}

TEST_CASE("samples of dense defects have no two equivalent structures and keep the caps", "[cli][campaigns]") {
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "mos2-defects" / "high-density.toml").string();

  const auto result = run_hullscan({"enumerate", file, "--out", "sample.csv"}, folder.path());

  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  std::istringstream lines(read_file(folder.path() / "sample.csv"));
  std::string line;
  std::getline(lines, line);
  REQUIRE(line.starts_with("space,supercell,M.Mo,M.Va,M.W,X.S,X.Va,X.Se,"));
  std::map<std::string, std::set<std::string>> unique;
  std::map<std::string, int> all;
  // The share of 192 sites, rounded down; of a kind at most 6.25 % of the sites of its element: 4 of 64 Mo, 8 of 128 S.
  const std::map<std::string, int> levels{{"2.5 %", 4}, {"5.0 %", 9}, {"7.5 %", 14}, {"10.0 %", 19}, {"12.5 %", 24}};
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    const std::string& space = fields.front();
    unique[space].insert(fields.back());
    ++all[space];
    int defects = 0;
    for (const std::size_t kind : {3U, 4U, 6U, 7U}) {
      CHECK(std::stoi(fields.at(kind)) <= (kind < 5 ? 4 : 8));
      defects += std::stoi(fields.at(kind));
    }
    CHECK(defects == levels.at(space));
  }
  REQUIRE(all.size() == 5);
  for (const auto& [space, number] : all) {
    INFO(space);
    CHECK(number == 100);
    CHECK(unique[space].size() == 100);
  }
}

TEST_CASE("degeneracies of (W,Mo)(Se,S)2 with vacancies are distributed as counted independently", "[cli][campaigns]") {
  std::map<int, long> histogram;
  for (const Orbit& orbit : orbits_of("mex2", false)) ++histogram[orbit.degeneracy];

  CHECK(count_of("mex2")["spaces"][0]["supercells"][0]["compositions"].size() == 420);
  CHECK(histogram ==
        std::map<int, long>{{1, 4}, {2, 6}, {4, 32}, {6, 36}, {8, 180}, {12, 356}, {24, 3391}, {48, 7154}});
}

TEST_CASE("4 x 4 cells of (W,Mo)(Se,S)2 are streamed in the number that Burnside's lemma counts", "[cli][campaigns]") {
  const TemporaryFolder folder;
  const std::string file = (fs::path(HULLSCAN_CAMPAIGNS) / "mex2" / "4x4.toml").string();

  const auto counted = run_hullscan({"count", file, "--json"}, folder.path());
  const auto streamed = run_hullscan({"enumerate", file, "--discard", "--json"}, folder.path());

  REQUIRE(counted.exit_code == 0);
  REQUIRE(streamed.exit_code == 0);
  const Json count = Json::parse(counted.output), stream = Json::parse(streamed.output);
  // 16!/(2! 2! 12!) ways on the metal sites times 32!/(4! 2! 26!) on the others; the group has 192 operations.
  CHECK(count["total"] == std::to_string(10920L * 13592880L));
  CHECK(count["spaces"][0]["supercells"][0]["group_order"] == 192);
  CHECK(count["inequivalent"] == "773289282");
  CHECK(stream["inequivalent"] == count["inequivalent"]);
  CHECK(stream["total"] == count["total"]);
}

TEST_CASE("three million structures of CsPbI3 with Br, of each phase and dopant, are scored", "[.][long][campaigns]") {
  const TemporaryFolder folder;

  const auto run = run_hullscan({"run", study("cspbi3-br"), "--dir", "c"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const Json report = Json::parse(read_file(folder.path() / "c" / "report" / "report.json"));
  REQUIRE(report["spaces"].size() == 4);
  for (const Json& space : report["spaces"]) {
    const bool gamma = space["name"].get<std::string>().starts_with("gamma");
    INFO(space["name"].dump());
    CHECK(space["enumerated"] == (gamma ? "2946709" : "2995462"));
    CHECK(space["books"] == "closed");
  }
}

TEST_CASE("exchanged atoms of the Sc-Pt approximant have weights that divide the order of its group",
          "[cli][campaigns]") {
  // Pm-3 has 24 operations and the cell is primitive. 26 Pt and 114 Sc sites: C(26,k) C(114,k) ways for k exchanges.
  CHECK(count_of("sc-pt")["total"] == std::to_string(1L + 26L * 114L + 325L * 6441L));
  std::map<int, long> histogram;
  for (const Orbit& orbit : orbits_of("sc-pt", false)) ++histogram[orbit.degeneracy];

  long total = 0;
  for (const auto& [weight, number] : histogram) {
    CHECK(24 % weight == 0);
    total += weight * number;
  }
  CHECK(total == 1L + 26L * 114L + 325L * 6441L);
}

TEST_CASE("boron triangles of WB4.2 are whole or absent", "[cli][campaigns]") {
  // W or Ta on 8 sites, W, Ta or a triangle on 8 others, four triangles at most:
  // 2^8 sum over v <= 4 of C(8,v) 2^(8-v) = 256 * 5984.
  const TemporaryFolder folder;

  const auto result = run_hullscan({"enumerate", study("borides"), "--discard", "--json"}, folder.path());

  REQUIRE(result.exit_code == 0);
  CHECK(Json::parse(result.output)["total"] == std::to_string(256 * 5984));
  const Json count = count_of("borides");
  CHECK(count["total"] == std::to_string(256 * 5984));
  CHECK(count["inequivalent"] == Json::parse(result.output)["inequivalent"]);
}

TEST_CASE("a sample of the boron triangles is part of their enumeration and the same each time", "[cli][campaigns]") {
  const TemporaryFolder folder;
  const std::string sampled = (fs::path(HULLSCAN_CAMPAIGNS) / "borides" / "sampled.toml").string();
  REQUIRE(run_hullscan({"enumerate", study("borides"), "--out", "all.csv"}, folder.path()).exit_code == 0);
  const auto lines_of = [&](const std::string& file) {
    std::istringstream lines(read_file(folder.path() / file));
    std::vector<std::string> found;
    for (std::string line; std::getline(lines, line);) found.push_back(line);
    return found;
  };

  const auto drawn = run_hullscan({"enumerate", sampled, "--out", "sample.csv", "--json"}, folder.path());
  const auto again = run_hullscan({"enumerate", sampled, "--out", "again.csv"}, folder.path());

  INFO(drawn.messages << again.messages);
  REQUIRE(drawn.exit_code == 0);
  CHECK(read_file(folder.path() / "sample.csv") == read_file(folder.path() / "again.csv"));
  CHECK_THAT(drawn.messages, Catch::Contains("chosen among all orbits"));
  const std::vector<std::string> all = lines_of("all.csv"), sample = lines_of("sample.csv");
  REQUIRE(all.size() == 1 + 37444);
  REQUIRE(sample.size() == 1 + 500);
  const std::set<std::string> known(all.begin(), all.end()), chosen(sample.begin(), sample.end());
  CHECK(chosen.size() == sample.size());
  for (const std::string& line : sample) CHECK(known.count(line) == 1);

  // What each class has, as the sample says, is what the enumeration has of that composition and degeneracy.
  const Json samples = Json::parse(drawn.output)["samples"];
  long draws = 0;
  for (const Json& of_composition : samples) {
    CHECK(of_composition["drawn_by"] == "enumeration");
    long orbits = 0;
    for (const Json& of_class : of_composition["classes"]) {
      orbits += std::stol(of_class["orbits"].get<std::string>());
      draws += of_class["drawn"].get<long>();
    }
    CHECK(std::to_string(orbits) == of_composition["orbits"].get<std::string>());
  }
  CHECK(draws == 500);
}

TEST_CASE("electrostatics rank arrangements of lithium without any calculation", "[cli][campaigns]") {
  const TemporaryFolder folder;
  REQUIRE(run_hullscan({"run", study("lno"), "--dir", "lno"}, folder.path()).exit_code == 0);

  const auto exported = run_hullscan({"export", "lno", "--orbits", "--format", "csv"}, folder.path());

  // Two vacancies, or two ions, in one layer as neighbours are the worst of a composition; the best has them in
  // different layers.
  std::map<std::string, std::pair<double, int>> best, worst;  // energy, degeneracy
  std::istringstream lines(exported.output);
  std::string line;
  std::getline(lines, line);
  int orbits = 0;
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    const std::pair<double, int> here{std::stod(fields.at(4)), std::stoi(fields.at(3))};
    if (best.count(fields[2]) == 0 || here < best[fields[2]]) best[fields[2]] = here;
    if (worst.count(fields[2]) == 0 || here > worst[fields[2]]) worst[fields[2]] = here;
    ++orbits;
  }
  CHECK(orbits == 87);
  CHECK(best.at("Li2Ni12O24").second == 12);   // in layers 1 and 2, far apart
  CHECK(worst.at("Li2Ni12O24").second == 18);  // in one layer: 3 layers of C(4,2) pairs
}
