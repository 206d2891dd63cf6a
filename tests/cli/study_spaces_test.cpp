/// @file
/// Further spaces of the studies in deploy/campaigns: numbers that were published, or that close with a formula; and
/// their tables for VASP and Quantum ESPRESSO.

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using hullscan::Json;

namespace {

fs::path file_of(const std::string& study, const std::string& file) {
  return fs::path(HULLSCAN_CAMPAIGNS) / study / file;
}

Json json_of(const std::vector<std::string>& command) {
  const TemporaryFolder folder;
  const auto result = run_hullscan(command, folder.path());
  INFO(result.messages);
  REQUIRE(result.exit_code == 0);
  return Json::parse(result.output);
}

/// Counted by Burnside's lemma, and generated one by one.
Json counted_and_generated(const std::string& study, const std::string& file) {
  const Json counted = json_of({"count", file_of(study, file).string(), "--json"});
  const Json generated = json_of({"enumerate", file_of(study, file).string(), "--discard", "--json"});
  CHECK(generated["total"] == counted["total"]);
  CHECK(generated["inequivalent"] == counted["inequivalent"]);
  return counted;
}

double binomial(int n, int k) {
  double result = 1;
  for (int i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

/// A library of made-up files for every element that the table names: POTCARs, or UPF files in pseudo/.
void make_potentials(const fs::path& folder, const std::string& toml) {
  std::smatch table;
  const bool vasp = std::regex_search(toml, table, std::regex("\npotentials = \\{([^}]*)\\}"));
  REQUIRE((vasp || std::regex_search(toml, table, std::regex("\npseudopotentials = \\{([^}]*)\\}"))));
  const std::string entries = table[1];
  const std::regex entry("(\\w+) = \"([^\"]+)\"");
  for (auto it = std::sregex_iterator(entries.begin(), entries.end(), entry); it != std::sregex_iterator(); ++it) {
    const std::string element = (*it)[1], name = (*it)[2];
    const fs::path file = vasp ? folder / "potcars" / "potpaw_PBE" / name / "POTCAR" : folder / "pseudo" / name;
    fs::create_directories(file.parent_path());
    write_file(
        file, vasp ? "  PAW_PBE " + name + " 01Jan2000\n   4.00000000000000\n parameters from PSCTR are:\n   VRHFIN =" +
                         element + ": made up\n   LEXCH  = PE\n   EATOM  =     1.0000 eV\n\n   TITEL  = PAW_PBE " +
                         name + " 01Jan2000\n   POMASS =   10.000; ZVAL   =   4.000    mass and valenz\n   ENMAX  =  " +
                         "240.000; ENMIN  =  100.000 eV\n END of PSCTR-controll parameters\nmade up\nEnd of Dataset\n"
                   : "<UPF version=\"2.0.1\">\n<PP_HEADER element=\"" + element +
                         "\" functional=\"PBE\" pseudo_type=\"USPP\" z_valence=\"4.0\" />\n");
  }
}

}  // namespace

TEST_CASE("the average of the Sc-Pt approximant has weights that divide 48, and holds the ordered model twice",
          "[cli][campaigns]") {
  const Json count = counted_and_generated("sc-pt", "average.toml");
  const Json& supercell = count["spaces"][0]["supercells"][0];
  CHECK(count["spaces"][0]["space_group"].get<std::string>().find("204") != std::string::npos);
  CHECK(supercell["group_order"] == 48);
  // Six of twelve sites; then one of 26 Pt changes places with one of 108 Sc, or with one of the six.
  CHECK(count["total"] == std::to_string(924L + 924L * 26L * 108L + 924L * 26L * 6L));

  const TemporaryFolder folder;
  const auto enumerated = run_hullscan(
      {"enumerate", file_of("sc-pt", "average.toml").string(), "--symmetry", "--out", "orbits.csv"}, folder.path());
  REQUIRE(enumerated.exit_code == 0);
  std::istringstream lines(read_file(folder.path() / "orbits.csv"));
  std::string line;
  std::getline(lines, line);
  std::set<int> weights;
  int ordered = 0;  // P m -3
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    const int weight = std::stoi(fields[fields.size() - 3]);
    weights.insert(weight);
    if (fields[fields.size() - 2] == "200") {
      ++ordered;
      CHECK(weight == 2);
    }
  }
  for (const int weight : weights) CHECK(48 % weight == 0);
  CHECK(*weights.rbegin() == 48);
  CHECK(ordered == 1);
}

TEST_CASE("eight metals in W20B84 are the published 375 thousand configurations", "[cli][campaigns]") {
  // "375k+ inequivalent crystal structures": Matsokin et al., npj Comput. Mater. 11 (2025), abstract. 2^20 colourings
  // each.
  const Json count = counted_and_generated("borides", "metals.toml");
  CHECK(count["spaces"].size() == 8);
  CHECK(count["total"] == std::to_string(8L << 20));
  CHECK(count["inequivalent"] == "375968");
  for (const Json& space : count["spaces"]) {
    CHECK(space["supercells"][0]["group_order"] == 24);
    CHECK(space["supercells"][0]["inequivalent"] == "46996");
  }
}

TEST_CASE("the first inference space of (W,Mo)(Se,S)2 has its published 542,196 structures", "[cli][campaigns]") {
  // inference1_ccs-gnn_predictions_subset of github.com/AIRI-Institute/2DMaterialsGraphHull: 542196 samples.
  const Json count = counted_and_generated("mex2", "inference-1.toml");
  CHECK(count["inequivalent"] == "542196");
  // 16 15 ways for the metals, C(32,2) C(30,2) for the chalcogens, in two hosts.
  CHECK(count["total"] == std::to_string(2L * 240L * 496L * 435L));
}

TEST_CASE("the second inference space of (W,Mo)(Se,S)2 has the published 544 compositions and their numbers",
          "[cli][campaigns]") {
  const Json count = json_of({"count", file_of("mex2", "inference-2.toml").string(), "--json"});
  std::map<std::array<int, 4>, std::string> inequivalent;  // W, Mo, Se, S
  double labelled = 0;
  for (const Json& space : count["spaces"]) {
    for (const Json& composition : space["supercells"][0]["compositions"]) {
      const auto number = [&](const char* key) { return composition["counts"].value(key, 0); };
      const std::array<int, 4> key = {number("M.W"), number("M.Mo"), number("X.Se"), number("X.S")};
      CHECK(inequivalent.emplace(key, composition["inequivalent"]).second);
      const int metals = key[0] + key[1], chalcogens = key[2] + key[3];
      CHECK(metals + chalcogens >= 47);
      labelled +=
          binomial(16, metals) * binomial(metals, key[0]) * binomial(32, chalcogens) * binomial(chalcogens, key[2]);
    }
  }
  CHECK(inequivalent.size() == 544);
  CHECK(std::stod(count["total"].get<std::string>()) == Approx(labelled).epsilon(1e-12));
  // n_configs of data/finite_temperature/fi_onsets.csv of the same repository, where the whole of a composition is
  // there.
  const std::map<std::array<int, 4>, std::string> published = {
      {{0, 15, 0, 32}, "1"},   {{0, 15, 3, 29}, "453"},  {{0, 15, 4, 28}, "3158"}, {{0, 15, 5, 27}, "17097"},
      {{10, 5, 0, 32}, "526"}, {{10, 5, 1, 31}, "8110"}, {{10, 6, 0, 31}, "1396"}};
  for (const auto& [key, number] : published) CHECK(inequivalent.at(key) == number);
}

TEST_CASE("the studies' tables for VASP and Quantum ESPRESSO are accepted where the potentials are there",
          "[cli][campaigns]") {
  struct Table {
    const char *study, *campaign, *table;
  };
  for (const auto& [study, campaign, table] :
       {Table{"cspbi3-cd-zn", "campaign.toml", "dft"}, Table{"cspbi3-br", "campaign.toml", "dft"},
        Table{"cspbi3-network", "campaign.toml", "dft"}, Table{"sc-pt", "campaign.toml", "dft"},
        Table{"sc-pt", "average.toml", "dft"}, Table{"borides", "campaign.toml", "dft"},
        Table{"borides", "metals.toml", "metals-dft"}, Table{"mex2", "campaign.toml", "dft"},
        Table{"mex2", "inference-1.toml", "dft"}, Table{"lno", "campaign.toml", "dft"},
        Table{"nca", "campaign.toml", "dft"}, Table{"mos2-defects", "campaign.toml", "dft"}}) {
    for (const std::string code : {"qe", "vasp"}) {
      const TemporaryFolder folder;
      for (const auto& entry : fs::directory_iterator(file_of(study, ""))) {
        if (entry.path().extension() == ".cif") fs::copy(entry.path(), folder.path() / entry.path().filename());
      }
      const std::string dft = read_file(file_of(study, table + ("-" + code + ".toml")));
      std::string text = read_file(file_of(study, campaign));
      // A stand-in's [select], [dft] and [run] make room, and so does its scorer.
      text = std::regex_replace(text, std::regex("\\[(select|dft|run)\\]\n(.+\n)*"), "");
      if (dft.find("[[surrogate]]") != std::string::npos)
        text = std::regex_replace(text, std::regex("\\[\\[surrogate\\]\\]\n(.+\n)*"), "");
      write_file(folder.path() / "mine.toml", text + dft);
      make_potentials(folder.path(), dft);
      const std::map<std::string, std::string> environment = {{"VASP_PSP_DIR", (folder.path() / "potcars").string()}};

      const auto result = Program({HULLSCAN_PROGRAM, "check", "mine.toml"}, folder.path(), environment).wait();

      INFO(study << " " << campaign << " " << code << ": " << result.messages << result.output);
      CHECK(result.exit_code == 0);
    }
  }
}
