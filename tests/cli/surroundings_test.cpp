/// @file
/// What surrounds the program: where the calculating program is, closed descriptors, limits of the shell, signals that
/// somebody else sends to a calculation, and what it leaves running.

#include <algorithm>
#include <catch2/catch.hpp>

#include "../program.hpp"
#include "core/json.hpp"

using namespace hullscan::test;
using Catch::Contains;
using hullscan::Json;

namespace {

/// Al-Ni in the primitive fcc cell and its doubles: two end members and what lies between, a shell script calculates.
class Campaign : public TemporaryFolder {
 public:
  explicit Campaign(const std::string& dft, const std::string& run = "") {
    write_file(path() / "fcc.cif", read_file(fs::path(HULLSCAN_CAMPAIGNS) / "al-ni" / "fcc.cif"));
    write_file(path() / "campaign.toml",
               "name = \"x\"\n[[space]]\nstructure = \"fcc.cif\"\nvolume = [1, 2]\nprimitive = true\n"
               "[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"0%..100%\", Ni = \"rest\" }\n"
               "[select]\npolicy = \"all\"\n[dft]\ncode = \"command\"\nmethod = \"m\"\ncalculation = \"scf\"\n" +
                   dft + "\n[run]\n" + run + "\n");
  }
  /// What runs as the calculator, in the directory of the calculation.
  void calculator(const std::string& before) const {
    write_file(
        path() / "calc.sh",
        "#!/bin/sh\n" + before +
            "\nn=$(head -1 structure.extxyz)\necho \"{\\\"converged\\\": true, \\\"energy_ev\\\": -$n.$n}\" > part\n"
            "mv part result.json\n");
    fs::permissions(path() / "calc.sh", fs::perms::owner_all);
  }
  [[nodiscard]] ProgramResult hullscan(std::vector<std::string> arguments) const {
    return run_hullscan(std::move(arguments), path(), {{"OMP_NUM_THREADS", "1"}});
  }
  [[nodiscard]] ProgramResult run() const { return hullscan({"run", "campaign.toml", "--dir", "d", "--threads", "1"}); }
  [[nodiscard]] ProgramResult shell(const std::string& script) const {
    return Program({"sh", "-c", script}, path(), {{"HULLSCAN", HULLSCAN_PROGRAM}}).wait();
  }
};

const std::string kScript = "command = \"./calc.sh\"";

}  // namespace

TEST_CASE("a program that is not in PATH is named with its line, by run; check says where it is looked for",
          "[cli][surroundings]") {
  const Campaign campaign("command = \"my-relax.py\"");

  const auto check = campaign.hullscan({"check", "campaign.toml"});
  const auto run = campaign.run();

  CHECK(check.exit_code == 0);
  CHECK_THAT(check.output,
             Contains("program: my-relax.py: not found in PATH (") && Contains("hullscan run refuses here"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.messages, Contains("campaign.toml:15:1") || Contains("campaign.toml:15:11"));
  CHECK_THAT(run.messages, Contains("dft.command: my-relax.py: not found in PATH (") && Contains("full path"));
  CHECK_FALSE(fs::exists(campaign.path() / "d"));
}

TEST_CASE("a program by its path that is not there, or is not a program, is named too", "[cli][surroundings]") {
  const Campaign campaign(kScript);
  CHECK_THAT(campaign.run().messages, Contains("calc.sh: no such file"));
  write_file(campaign.path() / "calc.sh", "#!/bin/sh\n");
  CHECK_THAT(campaign.run().messages, Contains("calc.sh: is not an executable file"));
}

TEST_CASE("with jobs of Slurm the program is looked for on the job's node", "[cli][surroundings]") {
  const Campaign campaign("command = \"my-relax.py\"",
                          "executor = \"slurm\"\nslurm.mode = \"jobs\"\nslurm.setup = [\"module load relax/1.0\"]");

  const auto check = campaign.hullscan({"check", "campaign.toml"});

  CHECK(check.exit_code == 0);
  CHECK_THAT(check.output, Contains("every job looks for my-relax.py on its own node, after: module load relax/1.0") &&
                               Contains("this machine does not have it and need not"));
  CHECK_THAT(campaign.run().messages, !Contains("my-relax.py"));  // sbatch may be missing, or refuse
}

TEST_CASE("closed descriptors are not taken by the files of a campaign", "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator("");

  const auto run = campaign.shell("$HULLSCAN run campaign.toml --dir d --threads 1 0<&- 2>&-");

  CHECK(run.exit_code == 0);
  CHECK_THAT(read_file(campaign.path() / "d/campaign.lock"), !Contains("converged") && !Contains("report"));
  CHECK(campaign.hullscan({"verify", "d"}).exit_code == 0);
  const auto unheard = campaign.shell("$HULLSCAN count campaign.toml >&-");
  CHECK(unheard.exit_code == 5);
  CHECK_THAT(unheard.messages, Contains("standard output cannot be written"));
}

TEST_CASE("a limit on the size of files ends in words and loses nothing", "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator("");

  const auto limited = campaign.shell("ulimit -f 4; $HULLSCAN run campaign.toml --dir d --threads 1");

  CHECK(limited.exit_code == 5);
  CHECK_FALSE(limited.messages.empty());
  CHECK(campaign.run().exit_code == 0);
}

TEST_CASE("a calculation that somebody kills is repeated, reported as that, and can be tried again",
          "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator("[ \"$(head -1 structure.extxyz)\" = 2 ] && kill -KILL $$");

  const auto run = campaign.run();
  const auto failed = campaign.hullscan({"tasks", "d", "--failed"});

  CHECK(run.exit_code == 4);
  CHECK_THAT(failed.output, Contains("lost 4 times, the last: killed from outside by SIGKILL, not by hullscan"));
  campaign.calculator("");
  std::string id;
  const std::string json = campaign.hullscan({"tasks", "d", "--failed", "--json"}).output;
  for (auto at = json.find("\"id\": \""); at != std::string::npos; at = json.find("\"id\": \"", at + 1)) {
    id = json.substr(at + 7, json.find('"', at + 7) - at - 7);
    CHECK(campaign.hullscan({"tasks", "d", "--retry", id}).exit_code == 0);
  }
  CHECK_FALSE(id.empty());
  CHECK(campaign.run().exit_code == 0);
}

TEST_CASE("what a calculation leaves running is ended and named in the log", "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator("setsid sleep 300 &");

  const auto run = campaign.run();

  CHECK(run.exit_code == 0);
  CHECK_THAT(run.messages, Contains("it ended and left sleep (process ") && Contains("running; that was ended too"));
}

TEST_CASE("a calculation that writes nothing any more is reported as hung and tried once more", "[cli][surroundings]") {
  const Campaign campaign(kScript, "stall_s = 1");
  campaign.calculator(
      "[ \"$(head -1 structure.extxyz)\" = 1 ] || [ -e ../../../../hung ] || { touch ../../../../hung; sleep 300; }");

  const auto run = campaign.run();

  CHECK(run.exit_code == 0);
  CHECK_THAT(run.messages, Contains("hung: none of its files changed for") && Contains("run.stall_s"));
}

TEST_CASE("a killed hullscan's daemons are ended by the next one, and named", "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator(
      "[ -e ../../../../once ] || { touch ../../../../once; setsid sleep 300 & echo $! > ../../../../child; sleep 300; "
      "}");
  Program first({HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "d", "--threads", "1"}, campaign.path());
  while (first.running() && read_file(campaign.path() / "child").find('\n') == std::string::npos)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  first.kill(SIGKILL);
  (void)first.wait();

  const auto second = campaign.run();

  CHECK(second.exit_code == 0);
  CHECK_THAT(second.messages,
             Contains("an earlier hullscan was killed and had left these running") && Contains("sleep"));
  const std::string child = read_file(campaign.path() / "child");
  const std::string state = read_file("/proc/" + child.substr(0, child.find('\n')) + "/stat");
  CHECK((state.empty() || state.find(") Z ") != std::string::npos));  // gone, or waits for whoever inherited it
}

TEST_CASE("what a program that failed said last is quoted by tasks, without what a terminal would obey",
          "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator(
      "[ \"$(head -1 structure.extxyz)\" = 2 ] && {\n"
      "printf 'step 1\\rstep 2\\nERROR: no \\033[31mlicence\\033[0m\\n\\nserver down\\n' >&2\nexit 3; }");

  CHECK(campaign.run().exit_code == 4);
  const auto failed = campaign.hullscan({"tasks", "d", "--failed"});
  const auto json = campaign.hullscan({"tasks", "d", "--failed", "--json"});

  CHECK_THAT(failed.output,
             Contains("AlNi, attempt 1, the end of stderr.txt:\n    step 1\n    step 2\n    ERROR: no") &&
                 Contains("\n    server down\n"));
  CHECK_THAT(failed.output, !Contains("\033"));
  const auto at = failed.output.find(" AlNi, attempt 1, ");
  REQUIRE(at != std::string::npos);
  const std::string id = failed.output.substr(at - 8, 8);
  CHECK_THAT(json.output, Contains("\"stderr\": [") && Contains("\"server down\""));
  CHECK_THAT(campaign.hullscan({"tasks", "d", "--log", id}).output, Contains("stderr: server down\n"));
}

TEST_CASE("after a stop no calculation is said to run", "[cli][surroundings]") {
  const Campaign campaign(kScript);
  // The calculation asks for the end of the run, and does not end by itself.
  campaign.calculator("touch ../../../drain; sleep 600");

  const auto run = campaign.run();
  const auto status = campaign.hullscan({"status", "d"});
  const auto json = campaign.hullscan({"status", "d", "--json"});

  CHECK(run.exit_code == 75);
  CHECK_THAT(status.output, Contains("stopped\n") && !Contains("running"));
  CHECK_THAT(json.output, !Contains("running"));
}

TEST_CASE("why tells where a calculation comes from, by the id of the report or a prefix of it",
          "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator("");
  REQUIRE(campaign.run().exit_code == 0);
  const std::string table = campaign.hullscan({"export", "d", "--format", "csv"}).output;
  const std::string id = table.substr(table.find('\n') + 1, table.find(',', table.find('\n')) - table.find('\n') - 1);

  const auto why = campaign.hullscan({"why", "d", id});
  const auto shorter = campaign.hullscan({"why", "d", id.substr(0, id.size() - 3)});
  const auto json = campaign.hullscan({"why", "d", id, "--json"});

  CHECK(why.exit_code == 0);
  CHECK_THAT(why.output, Contains(id) && Contains("revision 1 of the campaign file") && Contains("in round ") &&
                             Contains("rank ") && Contains("hull now"));
  CHECK(shorter.output == why.output);
  CHECK_THAT(json.output, Contains("\"id\": \"" + id + "\"") && Contains("\"not_known\": {"));
  const auto unknown = campaign.hullscan({"why", "d", "zzzz"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.messages, Contains("zzzz: no task has this id"));
}

TEST_CASE("top writes the best structures as files, all or none", "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator("");
  REQUIRE(campaign.run().exit_code == 0);

  const auto top = campaign.hullscan({"top", "d", "2", "--format", "poscar", "--standardise", "--out", "best"});

  CHECK(top.exit_code == 0);
  CHECK_THAT(top.output, Contains("meV above hull") && Contains("best: 2 files"));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(campaign.path() / "best")) names.push_back(entry.path().filename());
  CHECK(names.size() == 2);
  for (const std::string& name : names) {
    INFO(name);
    CHECK((name.starts_with("01_") || name.starts_with("02_")));
    CHECK(name.ends_with(".vasp"));
    // A conventional cell of the fcc elements holds four atoms.
    if (name.find("_225_Fm-3m") != std::string::npos)
      CHECK_THAT(read_file(campaign.path() / "best" / name), Contains("\n   4\n"));
  }
  const auto again = campaign.hullscan({"top", "d", "2", "--out", "best"});
  CHECK(again.exit_code == 2);
  CHECK_THAT(again.messages, Contains("exists already"));
  CHECK(campaign.hullscan({"top", "d", "none"}).exit_code == 2);
  CHECK(campaign.hullscan({"top", "d", "--format", "cif"}).exit_code == 2);
  CHECK(campaign.hullscan({"top", "d", "--by", "predicted"}).exit_code == 2);
  CHECK_THAT(campaign.hullscan({"top", "d", "1", "--json"}).output,
             Contains("\"ranked_by\": \"distance to the hull\""));
}

TEST_CASE("a campaign that only scores prints a ranking, and its files hold predictions named so",
          "[cli][surroundings]") {
  TemporaryFolder folder;
  write_file(folder.path() / "salt.vasp",
             "rock salt\n1.0\n0 3.1 3.1\n3.1 0 3.1\n3.1 3.1 0\nNa Br\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n");
  write_file(folder.path() / "campaign.toml",
             "name = \"x\"\n[[space]]\nstructure = \"salt.vasp\"\nsupercell = [1, 1, 4]\n[[space.sublattice]]\n"
             "sites = \"Br\"\nspecies = { Br = 2, I = \"rest\" }\n[[surrogate]]\nkind = \"electrostatic\"\n"
             "oxidation = { Na = 1, Br = -1, I = -0.5 }\n");

  const auto run = run_hullscan({"run", "campaign.toml", "--dir", "d", "--threads", "1"}, folder.path());

  CHECK(run.exit_code == 0);
  CHECK_THAT(run.output, Contains("meV above lowest") && Contains("Nothing was calculated, so hull.csv"));
  CHECK_THAT(run_hullscan({"report", "d"}, folder.path()).output, Contains("meV above lowest"));
  const fs::path report = folder.path() / "d" / "report";
  CHECK_THAT(read_file(report / "hull.csv"), Contains("space1-Na2IBr-predicted-1") && Contains(",predicted,"));
  CHECK_THAT(read_file(report / "structures.extxyz"),
             Contains("source=predicted") && Contains("predicted_above_lowest=0") && !Contains(" energy="));
  CHECK(Json::parse(read_file(report / "entries.json")).empty());
  const auto exported = [&](const char* format) {
    return run_hullscan({"export", "d", "--format", format}, folder.path());
  };
  CHECK_THAT(exported("csv").output, Contains("predicted_above_lowest") && Contains(",predicted,"));
  CHECK_THAT(exported("pymatgen").messages, Contains("stay empty"));
  CHECK(run_hullscan({"export", "d", "--format", "cif", "--out", "cifs"}, folder.path()).exit_code == 0);
  CHECK_FALSE(fs::is_empty(folder.path() / "cifs"));
}

TEST_CASE("copies that a launcher starts and MPI does not join are refused before anything is touched",
          "[cli][surroundings]") {
  const Campaign campaign(kScript);
  campaign.calculator("");
  const auto run = [&](const std::map<std::string, std::string>& environment) {
    return run_hullscan({"run", "campaign.toml", "--dir", "d", "--threads", "1"}, campaign.path(), environment);
  };

  const auto first = run({{"SLURM_STEP_NUM_TASKS", "4"}, {"SLURM_PROCID", "0"}});
  CHECK(first.exit_code == 2);
  CHECK_THAT(first.messages, Contains("srun has started 4 copies that do not know each other"));
  CHECK_THAT(first.messages, Contains("srun --mpi=list"));
  // One message, not four.
  const auto third = run({{"SLURM_STEP_NUM_TASKS", "4"}, {"SLURM_PROCID", "2"}});
  CHECK(third.exit_code == 2);
  CHECK(third.messages.empty());
  const auto cray = run({{"PALS_SIZE", "8"}, {"PALS_RANKID", "0"}});
  CHECK(cray.exit_code == 2);
  CHECK_THAT(cray.messages, Contains("8 copies"));
  CHECK_FALSE(fs::exists(campaign.path() / "d"));

  // One copy is alone, and a part of a campaign has a directory of its own.
  CHECK(run({{"SLURM_STEP_NUM_TASKS", "1"}, {"SLURM_PROCID", "0"}}).exit_code == 0);
  CHECK(run_hullscan({"run", "campaign.toml", "--dir", "p", "--part", "1/2"}, campaign.path(),
                     {{"SLURM_STEP_NUM_TASKS", "2"}, {"SLURM_PROCID", "0"}})
            .exit_code == 0);
}

TEST_CASE("the version and doctor name the MPI library and the KIM API", "[cli][surroundings]") {
  const TemporaryFolder folder;
  const auto version = run_hullscan({"--version"}, folder.path());
  CHECK(version.output.starts_with("hullscan "));
  CHECK_THAT(version.output, Contains("\nwith ") && Contains("KIM API"));
  const auto doctor = run_hullscan({"doctor", "--json"}, folder.path());
  const Json parts = Json::parse(doctor.output)["parts"];
  const auto named = [&](const std::string& name) {
    return std::any_of(parts.begin(), parts.end(), [&](const Json& part) { return part["part"] == name; });
  };
  CHECK(named("MPI"));
  CHECK(named("KIM API"));
  CHECK(named("XGBoost"));
}
