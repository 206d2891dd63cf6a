/// @file
/// Whole campaigns whose models take columns from a table made of what `hullscan enumerate` writes.

#include <algorithm>

#include <catch2/catch.hpp>
#include <sstream>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

constexpr const char* kFcc = "fcc\n1.0\n0 2 2\n2 0 2\n2 2 0\nAl\n1\nDirect\n0 0 0\n";

constexpr const char* kCampaign = R"(name = "columns"
seed = 1

[[space]]
name = "fcc"
structure = "fcc.vasp"
volume = [1, 4]

[[space.sublattice]]
sites = "Al"
species = { Al = "0%..100%", Ni = "rest" }

[select]
policy = "uniform"
initial = 14
per_round = 2
rounds = 1

[dft]
code = "command"
command = "./calculator"
method = "mean field with a bias"
calculation = "scf"

[run]
slots = 8
keep = "all"

[[surrogate]]
kind = "ridge"
contacts = 4.5
)";

// A mean field of the composition, and 30 meV an atom in cells of an even number of atoms, of which no contact knows.
constexpr const char* kCalculator = R"(#!/bin/sh
awk 'NR == 6 { for (i = 1; i <= NF; ++i) name[i] = $i }
     NR == 7 { for (i = 1; i <= NF; ++i) n[name[i]] += $i }
     END { al = n["Al"] + 0; ni = n["Ni"] + 0; all = al + ni; bias = all % 2 == 0 ? 0.03 * all : 0
           printf "{\"converged\": true, \"energy_ev\": %.12f}\n", -3*al - 4*ni - 0.05*al*ni/all + bias }' POSCAR > part
mv part result.json
)";

class Folder {
 public:
  Folder() {
    write_file(path() / "fcc.vasp", kFcc);
    write_file(path() / "calculator", kCalculator);
    fs::permissions(path() / "calculator", fs::perms::owner_all);
    write_file(path() / "plain.toml", kCampaign);
    write_file(path() / "columns.toml", std::string(kCampaign) + "columns = \"motifs.csv\"\n");
    REQUIRE(hullscan({"enumerate", "plain.toml", "--out", "orbits.csv"}).exit_code == 0);
    std::istringstream orbits(read_file(path() / "orbits.csv"));
    std::string line, table;
    std::getline(orbits, line);
    table = line + ",motif\n";
    while (std::getline(orbits, line)) {
      const std::size_t atoms = line.size() - line.rfind(',') - 1;
      table += line + (atoms % 2 == 0 ? ",\"6,11,11,12T1\"\n" : ",\"6,11,11,12\"\n");
    }
    write_file(path() / "motifs.csv", table);
  }
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }
  [[nodiscard]] ProgramResult hullscan(const std::vector<std::string>& words) const {
    return run_hullscan(words, path());
  }
  [[nodiscard]] Json rounds(const std::string& directory) const {
    return Json::parse(read_file(path() / directory / "report" / "report.json"))["rounds"];
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a column that knows what no descriptor knows makes held-out errors smaller, and a run scores with it",
          "[campaign][columns]") {
  const Folder folder;

  const auto one = folder.hullscan({"run", "columns.toml", "--dir", "one", "--threads", "1"});
  const auto three = folder.hullscan({"run", "columns.toml", "--dir", "three", "--threads", "3"});

  INFO(one.messages + three.messages);
  REQUIRE(one.exit_code == 0);
  REQUIRE(three.exit_code == 0);
  write_file(folder.path() / "both.toml",
             std::string(kCampaign) + "\n[[surrogate]]\nkind = \"ridge\"\ncontacts = 4.5\ncolumns = \"motifs.csv\"\n");
  const auto held_out =
      folder.hullscan({"validate", "both.toml", "--data", "one/report/structures.extxyz", "--folds", "5", "--json"});
  INFO(held_out.messages);
  REQUIRE(held_out.exit_code == 0);
  const Json models = Json::parse(held_out.output)["models"];
  const double without = models[0]["rmse_mev_per_atom"], with = models[1]["rmse_mev_per_atom"];
  CHECK(without > 10);
  CHECK(with < 0.5 * without);
  CHECK(folder.rounds("one").back()["features"] == models[1]["fit"][0]["features"]);
  // Workers have the table with the model, and how many they are does not show.
  const std::string orbits = folder.hullscan({"export", "one", "--orbits", "--format", "csv"}).output;
  CHECK(std::count(orbits.begin(), orbits.end(), '\n') > 20);
  CHECK(orbits == folder.hullscan({"export", "three", "--orbits", "--format", "csv"}).output);

  // The directory has its own copy, and another table is another model.
  fs::remove(folder.path() / "motifs.csv");
  CHECK(folder.hullscan({"report", "one"}).exit_code == 0);
  std::string changed = read_file(folder.path() / "one" / "inputs" / "columns0-motifs.csv");
  changed.replace(changed.find("12T1"), 4, "12T2");
  write_file(folder.path() / "motifs.csv", changed);
  const auto again = folder.hullscan({"run", "columns.toml", "--dir", "one"});
  INFO(again.messages);
  CHECK(again.exit_code == 0);
  CHECK_THAT(again.messages + again.output, Contains("surrogate.columns: the table has changed"));
}

TEST_CASE("a table that lacks an orbit is refused at the campaign file's line, and nothing begins",
          "[campaign][columns]") {
  const Folder folder;
  std::string table = read_file(folder.path() / "motifs.csv");
  table.erase(table.rfind('\n', table.size() - 2) + 1);
  write_file(folder.path() / "motifs.csv", table);

  const auto run = folder.hullscan({"run", "columns.toml", "--dir", "c"});

  CHECK(run.exit_code == 2);
  CHECK_THAT(run.messages, Contains("columns.toml:32:11: surrogate.columns: motifs.csv has no row for 1 orbit of the "
                                    "campaign; the first: space \"fcc\""));
  CHECK_FALSE(fs::exists(folder.path() / "c"));
}
