/// @file
/// Whole campaigns whose model is a program: deploy/scorers, and scorers of the surrogates' tests.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <set>
#include <thread>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

constexpr const char* kFcc = R"(data_fcc
_cell_length_a 4
_cell_length_b 4
_cell_length_c 4
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Cu1 Cu 0 0 0
)";

/// Writes fcc.cif and campaign.toml: all colourings of small cells with two elements. @param models_and_more the tables
/// that follow.
void write_fcc_campaign(const fs::path& folder, const std::string& name, int largest_cell, const std::string& first,
                        const std::string& second, const std::string& models_and_more) {
  write_file(folder / "fcc.cif", kFcc);
  write_file(folder / "campaign.toml", fmt::format(R"(name = "{}"

[[space]]
name = "fcc"
structure = "fcc.cif"
primitive = true
volume = [1, {}]

[[space.sublattice]]
sites = "Cu1"
species = {{ {} = "0%..100%", {} = "rest" }}

{})",
                                                   name, largest_cell, first, second, models_and_more));
}

/// All colourings of fcc cells of one to six atoms with two elements, scored by a program.
class Scored {
 public:
  explicit Scored(const std::string& command, const std::string& more = "", const std::string& first = "Cu",
                  const std::string& second = "Au")
      : command_(command) {
    write_fcc_campaign(folder_.path(), "external", 6, first, second,
                       fmt::format("[[surrogate]]\nkind = \"external\"\ncommand = [{}]\n{}\n", command_, more));
  }

  [[nodiscard]] auto run(const std::string& directory, const std::vector<std::string>& options = {}) const {
    std::vector<std::string> words = {"run", "campaign.toml", "--dir", directory};
    words.insert(words.end(), options.begin(), options.end());
    return run_hullscan(words, folder_.path());
  }
  [[nodiscard]] fs::path path() const { return folder_.path(); }
  [[nodiscard]] Json top(const std::string& directory) const {
    const auto result = run_hullscan({"top", directory, "1000", "--json"}, folder_.path());
    INFO(result.messages);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.output);
  }

 private:
  TemporaryFolder folder_;
  std::string command_;
};

const std::string kScorers = HULLSCAN_TEST_SCORERS;

}  // namespace

TEST_CASE("a calculator of ASE ranks the cells of Cu-Au, and the ordered ones come first", "[campaign][external]") {
  const Scored campaign(fmt::format("\"{}/python\", \"{}/ase_calculator.py\", \"emt\"", kScorers, HULLSCAN_SCORERS));

  const auto run = campaign.run("c");

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  const Json top = campaign.top("c");
  // EMT (Jacobsen, Stoltze & Norskov, Surf. Sci. 366, 394 (1996)) makes Cu-Au order at the cell of gold: what it gives
  // to the lowest cell of CuAu, ASE says when it is asked without hullscan (0.0901 eV/atom at 4 Å).
  bool found = false;
  for (const Json& one : top["structures"]) {
    if (found || one["reduced_formula"] != "CuAu") continue;
    found = true;
    CHECK(one["score_per_atom"].get<double>() == Approx(0.0901).margin(1e-4));
  }
  CHECK(found);
}

TEST_CASE("a scorer of the user's own finds the Python module without being told where it is", "[campaign][external]") {
  if (!std::string(HULLSCAN_PROGRAM).starts_with(fs::path(HULLSCAN_PYTHON).parent_path().string())) {
    WARN("skipped: the build is outside of the source tree");
    return;
  }
  const Scored campaign(fmt::format("\"{}/python\", \"mine.py\"", kScorers));
  write_file(campaign.path() / "mine.py", R"(from hullscan.scorer import Scorer, serve

class Mine(Scorer):
    model = "share of gold"
    def energies(self, batch):
        return [list(atoms.symbols).count("Au") / len(atoms) for atoms in batch.atoms()]

serve(Mine())
)");

  const auto run = campaign.run("c");

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  CHECK(campaign.top("c")["structures"].size() > 100);
}

TEST_CASE("a scorer in C++ gives the same ranking with any number of processes and threads", "[campaign][external]") {
  const std::string command = fmt::format("\"{}\"", HULLSCAN_PAIR_COUNTS);
  const Scored one(command), three(command, "processes = 3\nbatch = 7");

  REQUIRE(one.run("c", {"--threads", "1"}).exit_code == 0);
  REQUIRE(three.run("c", {"--threads", "3"}).exit_code == 0);

  CHECK(one.top("c")["structures"] == three.top("c")["structures"]);
  CHECK(one.top("c")["structures"].size() > 100);
}

TEST_CASE("a scorer that fails stops the campaign with its words, and mended it goes on", "[campaign][external]") {
  const Scored campaign("\"python3\", \"faulty.py\", \"dies\"");
  fs::copy(kScorers + "/faulty.py", campaign.path() / "faulty.py");

  const auto failed = campaign.run("c");

  CHECK(failed.exit_code == 4);
  CHECK_THAT(failed.messages, Contains("CUDA out of memory") && Contains("run the same line again"));

  std::string mended = read_file(campaign.path() / "faulty.py");
  mended.replace(mended.find("sys.argv[1]"), 11, "\"none\"");
  write_file(campaign.path() / "faulty.py", mended);
  const auto again = campaign.run("c");
  INFO(again.messages);
  CHECK(again.exit_code == 0);
  CHECK(campaign.top("c")["structures"].size() > 100);
}

namespace {

/// Cells of one to three atoms of Cu-Au, eight of them calculated by a program that stays.
class Calculated {
 public:
  explicit Calculated(const std::string& fault, const std::string& times = "1000", const std::string& more = "") {
    write_fcc_campaign(folder_.path(), "lasting", 3, "Cu", "Au",
                       fmt::format(R"([[surrogate]]
kind = "cluster-expansion"
pairs = 4.2

[select]
policy = "hull-distance"
initial = 6
per_round = 2
rounds = 1

[dft]
code = "command"
method = "minus one"
calculation = "scf"
command = ["/usr/bin/env", "python3", "{}/lasting.py", "{}", "log", "{}"]
lasting = true

[run]
{}
)",
                                   HULLSCAN_STAND_INS, fault, times, more));
  }
  [[nodiscard]] std::vector<std::string> words() const { return {"run", "campaign.toml", "--dir", "c"}; }
  [[nodiscard]] fs::path path() const { return folder_.path(); }
  [[nodiscard]] std::size_t count(const std::string& line) const {
    std::size_t found = 0;
    const std::string log = fs::exists(path() / "log") ? read_file(path() / "log") : "";
    for (std::size_t at = log.find(line); at != std::string::npos; at = log.find(line, at + 1)) ++found;
    return found;
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a calculator that stays is started once for a campaign", "[campaign][external]") {
  const Calculated campaign("none", "1000", "slots = 1");

  const auto run = run_hullscan(campaign.words(), campaign.path());

  INFO(run.messages);
  CHECK(run.exit_code == 0);
  CHECK(campaign.count("start ") == 1);
  CHECK(campaign.count("structure") == 8);
}

TEST_CASE("a scorer is left alone by the calculations beside it, which are not taken for having started it",
          "[campaign][external]") {
  const Calculated campaign("none");
  std::string text = read_file(campaign.path() / "campaign.toml");
  const auto replace = [&](const std::string& from, const std::string& to) {
    REQUIRE(text.find(from) != std::string::npos);
    text.replace(text.find(from), from.size(), to);
  };
  replace("kind = \"cluster-expansion\"\npairs = 4.2\n",
          fmt::format("kind = \"external\"\nneeds = \"labels\"\ncommand = [\"{0}/python\", \"{0}/composition.py\", "
                      "\"--fit\"]\n",
                      kScorers));
  replace("rounds = 1", "rounds = 2");
  replace("lasting = true", "");
  const std::size_t at = text.find("command = [\"/usr/bin/env\"");
  text.replace(at, text.find('\n', at) - at, "command = \"./calculator\"");
  write_file(campaign.path() / "campaign.toml", text);
  write_file(campaign.path() / "calculator", R"(#!/bin/sh
awk 'NR == 7 { for (i = 1; i <= NF; ++i) n += $i } END { printf "{\"converged\": true, \"energy_ev\": %d}", -n }' POSCAR > part
mv part result.json
)");
  fs::permissions(campaign.path() / "calculator", fs::perms::owner_all);

  const auto run = run_hullscan(campaign.words(), campaign.path());

  INFO(run.messages);
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.messages, !Contains("left python3") && !Contains("started again"));
}

TEST_CASE("a program is the prior of a model, and the report says where it ranks what is stable",
          "[campaign][external]") {
  const TemporaryFolder folder;
  const std::string emt = fmt::format("[\"{}/python\", \"{}/ase_calculator.py\", \"emt\"]", kScorers, HULLSCAN_SCORERS);
  write_fcc_campaign(folder.path(), "prior", 4, "Cu", "Au",
                     fmt::format(R"([[surrogate]]
kind = "cluster-expansion"
pairs = 4.2
prior = {{ kind = "external", command = {0} }}

[select]
policy = "hull-distance"
initial = 6
per_round = 5
rounds = 1

[dft]
code = "command"
method = "EMT"
calculation = "scf"
command = {0}
lasting = true
)",
                                 emt));

  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "c"}, folder.path());

  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  REQUIRE(run_hullscan({"report", "c"}, folder.path()).exit_code == 0);
  const Json report = Json::parse(read_file(folder.path() / "c" / "report" / "report.json"));
  CHECK(report["ranked_by_prior"].get<int>() ==
        29);  // Hart & Forcade, Phys. Rev. B 77, 224115 (2008), table IV: 2+2+6+19
  // The prior is the calculator, so what it ranks first is what is stable.
  std::size_t vertices = 0;
  for (const Json& entry : report["entries"]) vertices += entry["vertex"].get<bool>() ? 1 : 0;
  CHECK(vertices >= 2);
  for (const Json& entry : report["entries"]) {
    INFO(entry["formula"]);
    REQUIRE(entry.contains("prior_rank"));
    if (entry["vertex"].get<bool>()) CHECK(entry["prior_rank"].get<std::size_t>() <= vertices);
  }
}

TEST_CASE("a calculator that fails for every structure fails the tasks, and the campaign ends in order",
          "[campaign][external]") {
  const Calculated campaign("answers text");

  const auto run = run_hullscan(campaign.words(), campaign.path());

  INFO(run.messages);
  CHECK(run.exit_code == 4);
  CHECK_THAT(run.messages, Contains("Relaxed in 12 steps."));
}

TEST_CASE("a campaign whose hullscan is killed while its calculator works goes on, and repeats what was under way",
          "[campaign][external]") {
  const Calculated campaign("hangs", "1");
  std::vector<std::string> words = campaign.words();
  words.insert(words.begin(), HULLSCAN_PROGRAM);
  Program killed(words, campaign.path());
  const auto start = std::chrono::steady_clock::now();
  while (campaign.count("structure") == 0 && std::chrono::steady_clock::now() - start < std::chrono::seconds(60))
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(campaign.count("structure") > 0);
  killed.kill(SIGKILL);
  killed.wait();

  const auto again = run_hullscan(campaign.words(), campaign.path());

  INFO(again.messages);
  CHECK(again.exit_code == 0);
  CHECK(campaign.count("start ") >= 2);
  CHECK(campaign.count("structure") >= 9);
}

TEST_CASE("a calculator that stays is refused at its line where it could not be kept", "[campaign][external]") {
  const Calculated batch("none", "1000", "executor = \"slurm\""),
      limited("none", "1000", "[run.local]\nmemory_limit_mb = 100");
  const auto refused = run_hullscan({"check", "campaign.toml"}, batch.path());
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.messages, Contains("campaign.toml:28:") && Contains("dft.lasting"));
  const auto watched = run_hullscan({"check", "campaign.toml"}, limited.path());
  CHECK(watched.exit_code == 2);
  CHECK_THAT(watched.messages, Contains("memory_limit_mb") && Contains("dft.lasting"));
}

TEST_CASE("a program that is not there is refused at its line by check and by run", "[campaign][external]") {
  const Scored campaign("\"no-such-program-of-mine\"");

  for (const char* command : {"check", "run"}) {
    const auto refused = run_hullscan({command, "campaign.toml"}, campaign.path());
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.messages, Contains("campaign.toml:15:") && Contains("no-such-program-of-mine"));
  }
}
