/// @file
/// Whole campaigns whose calculations are jobs of a batch system that is a stand-in's: the same results as on this
/// machine, and nothing twice after a kill.

#include <catch2/catch.hpp>
#include <csignal>

#include "../program.hpp"
#include "batch_box.hpp"
#include "storage/task_archive.hpp"

using namespace hullscan::test;
using Catch::Contains;

namespace {

/// Al-Ni in the primitive fcc cell and its doubles, calculated by a shell script that notes every time it runs.
class BatchCampaign : public TemporaryFolder {
 public:
  explicit BatchCampaign(const std::string& run, const std::string& calculation = "") {
    write_file(path() / "fcc.cif", read_file(fs::path(HULLSCAN_CAMPAIGNS) / "al-ni" / "fcc.cif"));
    write_file(
        path() / "calc.sh",
        "#!/bin/sh\necho ran >> runs\n" + calculation +
            "\nn=$(head -1 structure.extxyz)\necho \"{\\\"converged\\\": true, \\\"energy_ev\\\": -$n.$n}\" > part\n"
            "mv part result.json\n");
    fs::permissions(path() / "calc.sh", fs::perms::owner_all);
    write_file(path() / "campaign.toml",
               "name = \"x\"\n[[space]]\nstructure = \"fcc.cif\"\nvolume = [1, 2]\nprimitive = true\n"
               "[[space.sublattice]]\nsites = \"M1\"\nspecies = { Al = \"0%..100%\", Ni = \"rest\" }\n"
               "[select]\npolicy = \"all\"\n[dft]\ncode = \"command\"\nmethod = \"m\"\ncalculation = \"scf\"\n"
               "command = \"" +
                   (path() / "calc.sh").string() + "\"\n[run]\n" + run + "\n");
  }
  [[nodiscard]] ProgramResult hullscan(std::vector<std::string> arguments) const {
    return run_hullscan(std::move(arguments), path(), {{"OMP_NUM_THREADS", "1"}});
  }
  [[nodiscard]] std::vector<std::string> run_words() const {
    return {HULLSCAN_PROGRAM, "run", "campaign.toml", "--dir", "d", "--threads", "1"};
  }
  [[nodiscard]] ProgramResult run() const { return hullscan({"run", "campaign.toml", "--dir", "d", "--threads", "1"}); }
  [[nodiscard]] std::string hull() const {
    REQUIRE(hullscan({"report", "d"}).exit_code == 0);
    return read_file(path() / "d" / "report" / "hull.csv");
  }
  /// After a run: all files of finished attempts are back in their folders.
  void unpack() const {
    for (const auto& task : fs::directory_iterator(path() / "d" / "tasks")) hullscan::unpack_task(task.path());
  }
  /// How often each attempt that there is has run.
  [[nodiscard]] std::vector<std::string> runs() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(path() / "d" / "tasks")) {
      if (entry.path().filename() == "runs") all.push_back(read_file(entry.path()));
    }
    return all;
  }
};

const std::string kQuick = "poll_s = 0.3\ngrace_s = 2\nmax_queued = 3\n";

}  // namespace

TEST_CASE("jobs of PBS give the results that this machine gives, each calculated once", "[contract][batch][campaign]") {
  const BatchBox box;
  const std::string mode = GENERATE("jobs", "arrays");
  CAPTURE(mode);
  const BatchCampaign here("executor = \"local\"\nslots = 2");
  const BatchCampaign campaign("executor = \"pbs\"\n[run.pbs]\nqueue = \"workq\"\nmode = \"" + mode + "\"\n" + kQuick);
  REQUIRE(here.run().exit_code == 0);

  const auto check = campaign.hullscan({"check", "campaign.toml"});
  const auto run = campaign.run();

  CHECK(check.exit_code == 0);
  CHECK_THAT(check.output, Contains("on its own node"));
  INFO(run.messages);
  REQUIRE(run.exit_code == 0);
  CHECK(campaign.hull() == here.hull());
  campaign.unpack();
  here.unpack();
  CHECK_FALSE(campaign.runs().empty());
  CHECK(campaign.runs().size() == here.runs().size());
  for (const std::string& times : campaign.runs()) CHECK(times == "ran\n");
  CHECK(fs::is_directory(campaign.path() / "d" / "pbs"));
}

TEST_CASE("jobs of PBS go on when hullscan is killed, and the next run takes them up", "[contract][batch][campaign]") {
  const BatchBox box;
  const std::string mode = GENERATE("jobs", "arrays");
  CAPTURE(mode);
  const BatchCampaign campaign("executor = \"pbs\"\n[run.pbs]\nmode = \"" + mode + "\"\n" + kQuick,
                               "while [ ! -e \"$(dirname \"$0\")/go\" ]; do sleep 0.05; done");
  Program first(campaign.run_words(), campaign.path(), {{"OMP_NUM_THREADS", "1"}});
  while (first.running() && (!fs::exists(campaign.path() / "d" / "tasks") || campaign.runs().empty()))
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  REQUIRE(first.running());
  first.kill(SIGKILL);
  (void)first.wait();
  write_file(campaign.path() / "go", "");

  const auto second = campaign.run();

  INFO(second.messages);
  CHECK(second.exit_code == 0);
  campaign.unpack();
  CHECK_FALSE(campaign.runs().empty());
  for (const std::string& times : campaign.runs()) CHECK(times == "ran\n");
}

TEST_CASE("a job of PBS that is refused stops the campaign in its words, and the same line goes on once it is mended",
          "[contract][batch][campaign]") {
  const BatchBox box;
  const BatchCampaign campaign("executor = \"pbs\"\n[run.pbs]\n" + kQuick);
  box.set("reject", "Invalid account for this user");

  const auto refused = campaign.run();
  box.clear("reject");
  const auto mended = campaign.run();

  CHECK(refused.exit_code != 0);
  CHECK_THAT(refused.messages, Contains("qsub: Invalid account for this user"));
  INFO(mended.messages);
  CHECK(mended.exit_code == 0);
}

TEST_CASE("the script of hullscan qsub goes on in a job that has what its line asked for", "[qsub][.long]") {
  const BatchBox box;
  const BatchCampaign campaign("slots = 2", "while [ ! -e \"$(dirname \"$0\")/go\" ]; do sleep 0.05; done");
  const auto printed =
      campaign.hullscan({"qsub", "campaign.toml", "--dir", "d", "--cores", "2", "--threads", "1", "--hours", "1",
                         "--account", "p1", "--resource", "ngpus=1", "--mail", "a@b.example"});
  REQUIRE(printed.exit_code == 0);
  write_file(campaign.path() / "script", printed.output);
  const auto shell = [&](const std::string& line) {
    return Program({"bash", "-c", line}, campaign.path()).wait().output;
  };
  std::string variables = "PATH,HULLSCAN_BOX,HULLSCAN_MARGIN=3597,HULLSCAN_SHORTEST=0";  // a run of three seconds
  for (const auto& [name, value] : kMpiEnvironment) variables += "," + name + "=" + value;
  const std::string attributes =
      " | sed -e ':a' -e 'N' -e '$!ba' -e 's/\\n\\t//g' | grep -E 'Job_Name|Account|Join|Mail|Priority|"
      "Resource_List|HULLSCAN_MARGIN=3597.*OMPI' | sed 's/Variable_List.*/margin/'";

  REQUIRE(shell("qsub -N mine -p 7 -l walltime=01:00:00 -v " + variables + " script") == "1.box\n");
  const std::string first = shell("qstat -f 1.box" + attributes);
  const std::string wait_for_second =
      "for i in $(seq 300); do [ \"$(qselect -N mine)\" = 2.box ] && break; sleep 0.1; done; ";
  const std::string second = shell(wait_for_second + "qstat -f 2.box" + attributes);
  write_file(campaign.path() / "go", "");
  (void)shell("for i in $(seq 300); do [ -z \"$(qselect)\" ] && break; sleep 0.1; done");

  INFO(shell("cat mine.o*"));
  for (const char* line :
       {"Job_Name = mine\n", "Account_Name = p1\n", "Priority = 7\n", "Join_Path = oe\n", "Mail_Users = a@b.example\n",
        "select = 1:ncpus=2:mpiprocs=2:ngpus=1\n", "walltime = 01:00:00\n", "margin\n"}) {
    INFO(line);
    CHECK_THAT(first, Contains(line));
  }
  CHECK(second == first);
  CHECK_THAT(shell("cat mine.o1"),
             Contains("the deadline was reached") && Contains("stopped by time, goes on as job 2.box"));
  CHECK_THAT(shell("cat mine.o*"), Contains("the campaign is done"));
  CHECK(campaign.hullscan({"status", "d"}).output.find("done") != std::string::npos);
}

TEST_CASE("check names what [run.pbs] cannot mean, and doctor whether PBS is there", "[contract][batch][campaign]") {
  const BatchBox box;
  const BatchCampaign campaign("executor = \"pbs\"\n[run.pbs]\npartition = \"short\"\nwalltime = 3\n");

  const auto check = campaign.hullscan({"check", "campaign.toml"});
  const auto doctor = campaign.hullscan({"doctor"});

  CHECK(check.exit_code == 2);
  CHECK_THAT(check.messages, Contains("run.pbs.partition: is a key of [run.slurm]; PBS calls it queue"));
  CHECK_THAT(
      check.messages,
      Contains(
          "campaign.toml:20:12: run.pbs.walltime: is not a key: the time limit of a calculation is run.time_limit_s"));
  CHECK_THAT(doctor.output, Contains("PBS Professional or OpenPBS") && Contains("/qsub"));
}
