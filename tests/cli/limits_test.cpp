/// @file
/// What is hopeless is not begun, what is interrupted leaves nothing, and what is large is counted all the same.

#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// fcc in its cubic cell, n x n x n, with so many gold atoms.
void write_space(const fs::path& folder, const std::string& supercell, const std::string& species,
                 const std::string& more = "") {
  fs::copy_file(fs::path(HULLSCAN_TEST_DATA) / "structures" / "Cu-fcc-conventional.vasp", folder / "fcc.vasp",
                fs::copy_options::overwrite_existing);
  write_file(folder / "campaign.toml", "name = \"limits\"\n[[space]]\nname = \"fcc\"\nstructure = \"fcc.vasp\"\n" +
                                           supercell + "\n[[space.sublattice]]\nsites = \"Cu\"\nspecies = { " +
                                           species + " }\n" + more);
}

std::vector<std::string> files_of(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name[0] != '.') names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("enumerating what has no end is refused with its size and the ways out", "[cli][limits]") {
  const TemporaryFolder folder;
  write_space(folder.path(), "supercell = [4, 4, 4]", "Cu = \"rest\", Au = 128");  // C(256, 128) / 12288 = 5e71
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"enumerate", "campaign.toml", "--out", "x.csv"},
        std::vector<std::string>{"enumerate", "campaign.toml", "--discard"},
        std::vector<std::string>{"run", "campaign.toml", "--dir", "d"}}) {
    const ProgramResult result = run_hullscan(arguments, folder.path());
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.messages, Contains("not begun") && Contains("configurations") && Contains("orbits/s") &&
                                    Contains("space.constraints") && Contains("sample =") &&
                                    Contains("hullscan best") && Contains("--yes"));
    CHECK(files_of(folder.path()) == std::vector<std::string>{"campaign.toml", "fcc.vasp"});
  }
}

TEST_CASE("with --yes the hopeless is begun, and what a signal interrupts leaves no file", "[cli][limits]") {
  const TemporaryFolder folder;
  write_space(folder.path(), "supercell = [4, 4, 4]", "Cu = \"rest\", Au = 128");
  const auto partial = [&] {
    for (const std::string& name : files_of(folder.path())) {
      if (name.size() > 5 && name.substr(name.size() - 5) == ".part") return true;
    }
    return false;
  };
  for (const char* file : {"x.csv", "x.h5", "x.extxyz", "x.zip"}) {
    for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
      INFO(file << ", signal " << signal_number);
      Program program({HULLSCAN_PROGRAM, "enumerate", "campaign.toml", "--out", file, "--yes"}, folder.path());
      while (program.running() && !partial()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      REQUIRE(partial());
      program.kill(signal_number);
      CHECK(program.wait().exit_code == 128 + signal_number);
      CHECK(files_of(folder.path()) == std::vector<std::string>{"campaign.toml", "fcc.vasp"});
    }
  }
}

TEST_CASE("a file that meets its size limit is an error that leaves nothing", "[cli][limits]") {
  const TemporaryFolder folder;
  write_space(folder.path(), "supercell = [3, 3, 3]", "Cu = \"rest\", Au = 5");  // 23,435 lines of 140 bytes
  for (const std::string file : {"x.csv", "x.extxyz", "x.h5", "x.zip"}) {
    const std::string command =
        "ulimit -f 20; exec " + std::string(HULLSCAN_PROGRAM) + " enumerate campaign.toml --out " + file;
    const ProgramResult result = Program({"sh", "-c", command}, folder.path()).wait();
    INFO(file << ": " << result.messages);
    CHECK(result.exit_code == 5);
    CHECK(files_of(folder.path()) == std::vector<std::string>{"campaign.toml", "fcc.vasp"});
  }
}

TEST_CASE("a supercell beyond the searches is counted and sampled; run and enumerate say what to do", "[cli][limits]") {
  const TemporaryFolder folder;
  write_space(folder.path(), "supercell = [10, 10, 10]", "Cu = \"rest\", Au = 2");
  const Json counted = Json::parse(run_hullscan({"count", "campaign.toml", "--json"}, folder.path()).output);
  CHECK(counted["total"] == "7998000");  // C(4000, 2)
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"enumerate", "campaign.toml", "--out", "x.csv"},
        std::vector<std::string>{"run", "campaign.toml", "--dir", "d"},
        std::vector<std::string>{"check", "campaign.toml"}}) {
    const ProgramResult result = run_hullscan(arguments, folder.path());
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.messages, Contains("too large to be enumerated") && Contains("4000 sites") && Contains("sample"));
    CHECK(files_of(folder.path()) == std::vector<std::string>{"campaign.toml", "fcc.vasp"});
  }
  write_space(folder.path(), "supercell = [10, 10, 10]\nsample = { per_composition = 5 }",
              "Cu = \"rest\", Au = [1, 2, 1500]");
  CHECK(run_hullscan({"enumerate", "campaign.toml", "--out", "x.csv"}, folder.path()).exit_code == 0);
  const std::string table = read_file(folder.path() / "x.csv");
  CHECK(std::count(table.begin(), table.end(), '\n') == 1 + 1 + 5 + 5);  // one atom: one orbit
  CHECK_THAT(run_hullscan({"enumerate", "campaign.toml", "--out", "y.csv", "--symmetry"}, folder.path()).messages,
             Contains("--symmetry: space \"fcc\""));
}

TEST_CASE("an end member that no supercell of the range has is reported", "[cli][limits]") {
  const TemporaryFolder folder;
  const std::string dft = "[dft]\ncode = \"command\"\ncommand = \"true\"\nmethod = \"test\"\n";
  const auto said = [&](const std::string& supercell) {
    write_space(folder.path(), supercell, "Cu = \"rest\", Au = \"0%..100%\"", dft);
    const ProgramResult result = run_hullscan({"check", "campaign.toml"}, folder.path());
    CHECK(result.exit_code == 0);
    return result.messages;
  };
  CHECK_THAT(said("volume = [2, 2]"), Contains("end member Cu has no configuration") && Contains("end member Au") &&
                                          Contains("begin the volume range at 1"));
  const ProgramResult run = run_hullscan({"run", "campaign.toml", "--dir", "d"}, folder.path());
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.messages,
             Contains("not begun: no end member can be computed") && Contains("begin the volume range at 1"));
  CHECK_FALSE(fs::exists(folder.path() / "d"));
  CHECK(said("volume = [1, 2]").empty());
  CHECK(said("volume = [2, 2]\nsuperperiodic = true").empty());
}

TEST_CASE("an older directory goes on by the rule that it was begun with, and a new one has the other",
          "[cli][limits]") {
  const TemporaryFolder folder;
  const fs::path older = fs::path(HULLSCAN_TEST_DATA) / "older-directory";
  fs::copy(older, folder.path(), fs::copy_options::recursive);
  fs::create_directory(folder.path() / "old");
  for (const char* part : {"inputs", "units"}) fs::rename(folder.path() / part, folder.path() / "old" / part);
  fs::copy_file(folder.path() / "old" / "inputs" / "space0-fcc.vasp", folder.path() / "fcc.vasp");
  const auto orbits = [&](const std::string& directory) {
    const ProgramResult result = run_hullscan({"status", directory, "--json"}, folder.path());
    return Json::parse(result.output)["orbits"].get<std::string>();
  };
  // Its archive files are those of this campaign, by the old rule: Cu3Au and CuAu3.
  const ProgramResult rebuilt = run_hullscan({"rebuild-ledger", "old"}, folder.path());
  CHECK_THAT(rebuilt.output, Contains("5 work units with 2 orbits"));
  const ProgramResult resumed = run_hullscan({"run", "campaign.toml", "--dir", "old"}, folder.path());
  CHECK(resumed.exit_code == 0);
  CHECK_THAT(resumed.messages, Contains("begun by an older version") && Contains("another --dir"));
  CHECK(orbits("old") == "2");
  CHECK(run_hullscan({"report", "old"}, folder.path()).exit_code == 0);
  CHECK(run_hullscan({"verify", "old"}, folder.path()).exit_code == 0);
  CHECK_FALSE(fs::exists(folder.path() / "old" / "inputs" / "rules.json"));
  // Each of the cubic cell's five compositions has one configuration.
  const ProgramResult begun = run_hullscan({"run", "campaign.toml", "--dir", "new"}, folder.path());
  CHECK(begun.exit_code == 0);
  CHECK(begun.messages.find("older version") == std::string::npos);
  CHECK(orbits("new") == "5");
  CHECK(run_hullscan({"verify", "new"}, folder.path()).exit_code == 0);
  // What says which rule holds is lost: refused, not mixed.
  fs::remove(folder.path() / "new" / "inputs" / "rules.json");
  CHECK(run_hullscan({"run", "campaign.toml", "--dir", "new"}, folder.path()).exit_code == 2);
}

}  // namespace
