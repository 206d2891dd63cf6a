// What Slurm says and what we say to it, without Slurm. The texts were recorded from Slurm 22.05 (Debian 12).
#include <catch2/catch.hpp>
#include <cstdlib>

#include "../files.hpp"
#include "core/errors.hpp"
#include "scheduler/decisions/cost_model.hpp"
#include "scheduler/decisions/node_health.hpp"
#include "scheduler/executors/pilot_executor.hpp"
#include "scheduler/executors/run_script.hpp"
#include "scheduler/executors/slurm_client.hpp"
#include "scheduler/executors/slurm_options.hpp"
#include "scheduler/executors/slurm_states.hpp"

namespace hullscan {
namespace {

using Kind = JobVerdict::Kind;

std::string problems_of(const std::string& slurm_table) {
  const std::string text =
      "name = \"x\"\n[[space]]\nname = \"a\"\nstructure = \"a.cif\"\nsupercell = [1, 1, 1]\n"
      "[[space.sublattice]]\nsites = \"M\"\nspecies = { Al = \"rest\" }\n"
      "[run]\nexecutor = \"slurm\"\n[run.slurm]\n" +
      slurm_table;
  const Campaign campaign = parse_campaign(text, "campaign.toml");
  Problems problems;
  (void)read_slurm_options(campaign.run, problems);
  std::string all;
  try {
    problems.throw_if_any();
  } catch (const InputError& error) {
    all = error.what();
  }
  return all;
}

BatchJob job(const std::string& state, const std::string& reason = "None", const std::string& exit_code = "") {
  return {"17", "hs-x", state, reason, "n1", exit_code};
}

Kind verdict(const JobEvidence& evidence) { return judge_job(evidence, 120, 20).kind; }

/// What a shell makes of a text that we have quoted.
std::string through_a_shell(const std::string& word) {
  const test::TemporaryFolder folder;
  const std::string line = "printf %s " + shell_quoted(word) + " > " + (folder.path() / "out").string();
  REQUIRE(std::system(line.c_str()) == 0);
  return test::read_file(folder.path() / "out");
}

}  // namespace

TEST_CASE("a partition that is a command is refused with its place, and nothing of it reaches a shell",
          "[scheduler][slurm]") {
  CHECK_THAT(problems_of("partition = \"x; rm -rf ~\"\n"),
             Catch::StartsWith("campaign.toml:12:13: run.slurm.partition: expected letters, digits"));
  for (const char* line :
       {"account = \"$(id)\"", "qos = \"a b\"", "exclude = \"n1;n2\"", "memory = \"lots\"", "gres = \"gpu:1\\nx\"",
        "constraint = \"a`b`\"", "options = [\"--mail-user=a b\"]", "options = [\"--requeue\"]", "options = [\"-p x\"]",
        "setup = [\"a\\nb\"]", "partitoin = \"short\"", "memory = \"4G\"\nmemory_per_cpu = \"1G\"", "ntasks = 0",
        "mode = \"magic\"", "partition = \"-x\""}) {
    CAPTURE(line);
    CHECK_THAT(problems_of(std::string(line) + "\n"), Catch::Contains("campaign.toml:1"));
  }
  CHECK(problems_of("partition = \"short,long\"\naccount = \"p_1@x\"\nmemory = \"4G\"\nconstraint = \"(a|b)&c\"\n"
                    "options = [\"--exclusive\", \"--mail-type=FAIL\"]\nsetup = \"module load qe\"\n")
            .empty());
}

TEST_CASE("all problems of [run.slurm] are reported together", "[scheduler][slurm]") {
  const std::string all = problems_of("partition = \"a b\"\nqos = \"c d\"\nunknown = 1\n");

  CHECK(std::count(all.begin(), all.end(), '\n') == 2);
}

TEST_CASE("a word stays one word in a shell, whatever is in it", "[scheduler][slurm]") {
  for (const std::string word :
       {"plain", "", "two words", "it's", "$HOME `id` $(id)", "a;b|c&d>e<f", "\\", "*?[]", "line\nbreak", "-n", "~"}) {
    CAPTURE(word);
    CHECK(through_a_shell(word) == word);
  }
}

TEST_CASE("the queue's answer is read field by field, and the jobs of others are passed over", "[scheduler][slurm]") {
  const auto jobs = parse_squeue(
      "17|RUNNING|None|n1|hs-ab12cd34-0123456789ab-1\n"
      "18_3|PENDING|Resources||hs-ab12cd34-array1\n"
      "19|RUNNING|None|n2|somebody's | job\n"
      "20|CANCELLED|None|n2|hs-ffffffff-0123456789ab-1\n"
      "garbage\n",
      "hs-ab12cd34-");

  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].state == "RUNNING");
  CHECK(jobs[0].nodes == "n1");
  CHECK(jobs[1].id == "18_3");
  CHECK(jobs[1].reason == "Resources");
}

TEST_CASE("of a requeued job accounting has one record per start, and the last one counts", "[scheduler][slurm]") {
  const auto jobs = parse_sacct(
      "17|REQUEUED|0:0|n1|hs-a-1\n17|CANCELLED by 0|0:15|n2|hs-a-1\n18|PENDING|0:0|None assigned|hs-a-2\n", "hs-a");

  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].state == "CANCELLED");
  CHECK(jobs[0].nodes == "n2");
  CHECK(jobs[1].nodes.empty());
}

TEST_CASE("a log tells when memory was the reason", "[scheduler][slurm]") {
  // Slurm 22.05 writes these: with jobacct_gather's OverMemoryKill, and with cgroups (slurmd's own words,
  // src/slurmd/common).
  CHECK(tells_of_memory(
      "slurmstepd-one: error: StepId=2.batch exceeded memory limit (379060224 > 104857600), being killed"));
  CHECK(tells_of_memory(
      "slurmstepd: error: Detected 1 oom_kill event in StepId=17.0. Some of the step tasks have been OOM Killed."));
  CHECK(tells_of_memory("slurmstepd: error: Detected 1 oom-kill event(s) in StepId=17.batch."));
  CHECK_FALSE(tells_of_memory("slurmstepd-one: error: *** JOB 2 ON one CANCELLED AT 2026-01-01T00:00:00 ***"));
}

TEST_CASE("sbatch: accepted, refused for good, not now, or perhaps accepted", "[scheduler][slurm]") {
  using Answer = SubmissionAnswer::Kind;
  const std::string error = "sbatch: error: Batch job submission failed: ";
  CHECK(parse_sbatch(0, "17\n", "").id == "17");
  CHECK(parse_sbatch(0, "17;cluster\n", "").id == "17");
  CHECK(parse_sbatch(1, "", error + "Invalid partition name specified\n").kind == Answer::kRefused);
  CHECK(parse_sbatch(1, "", error + "Requested node configuration is not available").kind == Answer::kRefused);
  CHECK(parse_sbatch(255, "", "sbatch: unrecognized option").kind == Answer::kRefused);
  CHECK(parse_sbatch(1, "", error + "Unable to contact slurm controller (connect failure)").kind == Answer::kLater);
  CHECK(parse_sbatch(1, "",
                     error + "Job violates accounting/QOS policy (job submit limit, user's size and/or time "
                             "limits)")
            .kind == Answer::kLater);
  CHECK(parse_sbatch(1, "", error + "Socket timed out on send/recv operation").kind == Answer::kUnknown);
  CHECK(parse_sbatch(137, "", "").kind == Answer::kUnknown);
  CHECK(parse_sbatch(0, "", "").kind == Answer::kUnknown);
  CHECK_THAT(parse_sbatch(1, "", error + "Invalid partition\n").text, Catch::EndsWith("Invalid partition"));
}

TEST_CASE("a job that is not shown is unknown, and lost only after the grace time", "[scheduler][slurm]") {
  CHECK(verdict({}) == Kind::kWait);
  CHECK(verdict({.silent_s = 119}) == Kind::kWait);
  CHECK(verdict({.silent_s = 121}) == Kind::kLost);
  CHECK(verdict({.exit_code = 0, .silent_s = 1e6}) == Kind::kEnded);
}

TEST_CASE("the exit file counts more than accounting, accounting more than the queue", "[scheduler][slurm]") {
  CHECK(verdict({.exit_code = 0, .queue = job("NODE_FAIL"), .accounting = job("NODE_FAIL"), .silent_s = 60}) ==
        Kind::kEnded);
  CHECK(verdict({.queue = job("FAILED"), .accounting = job("TIMEOUT"), .silent_s = 60}) == Kind::kTimedOut);
  CHECK(verdict({.queue = job("RUNNING"), .accounting = job("CANCELLED"), .silent_s = 0}) == Kind::kWait);
}

TEST_CASE("an end by a signal is Slurm's doing if Slurm says so", "[scheduler][slurm]") {
  CHECK(verdict({.exit_code = 143, .queue = job("CANCELLED"), .silent_s = 1}) == Kind::kLost);
  CHECK(verdict({.exit_code = 137, .queue = job("TIMEOUT"), .silent_s = 1}) == Kind::kTimedOut);
  CHECK(verdict({.exit_code = 137, .queue = job("RUNNING"), .memory_text = true}) == Kind::kOutOfMemory);
  CHECK(verdict({.exit_code = 139, .exit_age_s = 0, .queue = job("COMPLETING")}) == Kind::kWait);
  CHECK(verdict({.exit_code = 139, .queue = job("FAILED")}) == Kind::kEnded);
  CHECK(verdict({.exit_code = 139, .exit_age_s = 21}) == Kind::kEnded);
  CHECK(verdict({.exit_code = 143, .exit_age_s = 21, .queue = job("COMPLETING")}) == Kind::kWait);
  CHECK(verdict({.exit_code = 143, .exit_age_s = 121, .queue = job("COMPLETING")}) == Kind::kEnded);
}

TEST_CASE("a calculation that was warned and ended was ended by time, whatever its exit code", "[scheduler][slurm]") {
  CHECK(verdict({.exit_code = 0, .time_warning = true}) == Kind::kTimedOut);  // VASP after STOPCAR
  CHECK(verdict({.exit_code = 2, .time_warning = true}) == Kind::kTimedOut);  // pw.x after PREFIX.EXIT
  CHECK(verdict({.exit_code = 2}) == Kind::kEnded);
}

TEST_CASE("every end of a job has its meaning", "[scheduler][slurm]") {
  const std::vector<std::pair<BatchJob, Kind>> table = {
      {job("TIMEOUT"), Kind::kTimedOut},
      {job("DEADLINE"), Kind::kTimedOut},
      {job("OUT_OF_MEMORY", "None", "0:125"), Kind::kOutOfMemory},
      {job("NODE_FAIL"), Kind::kLost},
      {job("PREEMPTED"), Kind::kLost},
      {job("CANCELLED"), Kind::kLost},
      {job("REQUEUED"), Kind::kLost},
      {job("BOOT_FAIL"), Kind::kEnvironment},
      {job("FAILED", "JobLaunchFailure", "0:53"), Kind::kEnvironment},
      {job("FAILED", "NonZeroExitCode", "3:0"), Kind::kLost},  // without an exit file nobody knows what it did
      {job("COMPLETED"), Kind::kLost},
  };
  for (const auto& [record, kind] : table) {
    CAPTURE(record.state, record.reason);
    CHECK(verdict({.queue = record, .silent_s = 21}) == kind);
    CHECK(verdict({.accounting = record, .silent_s = 21}) == kind);
    CHECK(verdict({.queue = record, .silent_s = 1}) == Kind::kWait);  // the exit file may still come
  }
  CHECK(verdict({.queue = job("FAILED", "None", "0:9"), .silent_s = 21, .memory_text = true}) == Kind::kOutOfMemory);
}

TEST_CASE("a request that Slurm keeps but never starts is distinguished from one that waits", "[scheduler][slurm]") {
  for (const char* reason : {"PartitionTimeLimit", "PartitionConfig", "DependencyNeverSatisfied", "BadConstraints"})
    CHECK(verdict({.queue = job("PENDING", reason)}) == Kind::kImpossible);
  for (const char* reason : {"Resources", "Priority", "None", "BeginTime", "QOSMaxJobsPerUserLimit", "JobHeldUser",
                             "ReqNodeNotAvail, UnavailableNodes:n1", "AssocMaxJobsLimit"})
    CHECK(verdict({.queue = job("PENDING", reason)}) == Kind::kWait);
  CHECK(verdict({.queue = job("PENDING", "launch failed requeued held")}) == Kind::kEnvironment);
  CHECK(verdict({.queue = job("CANCELLED", "DependencyNeverSatisfied"), .silent_s = 21}) == Kind::kEnvironment);
}

TEST_CASE("a job that has begun and waits again was put back in the queue: its directory has been used once",
          "[scheduler][slurm]") {
  CHECK(verdict({.started = true, .queue = job("PENDING", "BeginTime")}) == Kind::kLost);
  CHECK(verdict({.started = true, .queue = job("RUNNING")}) == Kind::kWait);
  CHECK(verdict({.exit_code = 143, .started = true, .queue = job("PENDING", "BeginTime")}) == Kind::kLost);
}

TEST_CASE("times of Slurm in both directions", "[scheduler][slurm]") {
  CHECK(slurm_time(1) == "00:01:00");
  CHECK(slurm_time(60) == "00:01:00");
  CHECK(slurm_time(61) == "00:02:00");
  CHECK(slurm_time(86400 + 3600) == "1-01:00:00");
  CHECK(parse_slurm_seconds("1-01:00:00\n") == 90000.0);
  CHECK(parse_slurm_seconds("59:59") == 3599.0);
  CHECK(parse_slurm_seconds("10:00:00") == 36000.0);
  for (const char* text : {"UNLIMITED", "INVALID", "", "17", "-1:00"}) CHECK_FALSE(parse_slurm_seconds(text));
  CHECK_FALSE(parse_slurm_seconds(std::string(400, '9') + "-01:00:00"));  // no double holds it
}

TEST_CASE("more memory is asked for after it ran out, and bad nodes are left out", "[scheduler][slurm]") {
  SlurmOptions options;
  options.memory = "3G";
  options.exclude = "n[1-2]";
  const auto arguments = resource_arguments(options, 600, {"n7"}, 2);

  CHECK(std::count(arguments.begin(), arguments.end(), "--mem=12G") == 1);
  CHECK(std::count(arguments.begin(), arguments.end(), "--exclude=n[1-2],n7") == 1);
}

TEST_CASE("the job we are in is known by Slurm's variables", "[scheduler][slurm]") {
  CHECK_FALSE(allocation_from({{"SLURM_CONF", "/etc/slurm.conf"}}));
  const auto allocation = allocation_from(
      {{"SLURM_JOB_ID", "17"}, {"SLURM_JOB_CPUS_PER_NODE", "8(x2),4"}, {"SLURM_JOB_NODELIST", "n[09-10],big"}});
  REQUIRE(allocation);
  CHECK(allocation->hosts == std::vector<std::string>{"n09", "n10", "big"});
  CHECK(allocation->nodes == 3);
  CHECK(allocation->cores == 20);
  for (const std::string& odd : {std::string(400'000, '8'), std::string("999999(x999999),999999(x999999)"),
                                 std::string("(x2"), std::string("8(x")})
    CHECK(allocation_from({{"SLURM_JOB_ID", "17"}, {"SLURM_JOB_CPUS_PER_NODE", odd + ",4"}})->cores == 4);
  CHECK(environment_for_new_job({{"SLURM_JOB_ID", "17"}, {"SLURM_CONF", "c"}, {"HOME", "/h"}}).count("SLURM_JOB_ID") ==
        0);
  CHECK(environment_for_new_job({{"SLURM_CONF", "c"}}).at("SLURM_CONF") == "c");
}

TEST_CASE("names of nodes are read as Slurm abbreviates them", "[scheduler][slurm]") {
  using Names = std::vector<std::string>;
  CHECK(host_names("") == Names{});
  CHECK(host_names("login") == Names{"login"});
  CHECK(host_names("n[1-3,7],m2") == Names{"n1", "n2", "n3", "n7", "m2"});
  CHECK(host_names("rack-2-n[008-011]") == Names{"rack-2-n008", "rack-2-n009", "rack-2-n010", "rack-2-n011"});
  CHECK(host_names("n[1-]x,[2],,b[") == Names{"x", "2"});  // what can be read of a damaged list
  // As long as no stack is deep, where every character took some.
  CHECK(host_names(std::string(400'000, 'n')).empty());
  CHECK(host_names(std::string(50'000, 'n') + "[0-999999999],m") == Names{"m"});
  CHECK(host_names("n[0-999999999]").size() == 100'000);
}

TEST_CASE("a step of a pilot keeps off the nodes that are avoided", "[scheduler][slurm]") {
  const auto has_exclude = [](const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(),
                       [](const std::string& word) { return word.starts_with("--exclude"); });
  };
  CHECK_FALSE(has_exclude(step_launcher({}, "hs-a-1", "")));
  const auto words = step_launcher({}, "hs-a-1", "", {"n1", "n3"});
  CHECK(std::find(words.begin(), words.end(), "--exclude=n1,n3") != words.end());
}

TEST_CASE("a run script runs once, leaves the exit code, and lets a warned calculation end", "[scheduler][slurm]") {
  const test::TemporaryFolder folder;
  LaunchRequest request;
  request.task_key = "key";
  request.directory = folder.path();
  request.stop_file = "STOP";
  request.stop_text = "LABORT = .TRUE.\n";
  const std::vector<std::string> command = {
      "sh", "-c", "echo \"$WORD\"; kill -USR1 $PPID; while [ ! -e STOP ]; do sleep 0.01; done; exit 7"};
  test::write_file(folder.path() / kRunScript,
                   run_script(request, {"WORD=\"$WORD, set up\""}, command, {{"WORD", "it's"}}));
  const std::string line =
      "bash '" + (folder.path() / kRunScript).string() + "' 2> '" + (folder.path() / "said").string() + "'";

  const int first = std::system(line.c_str());
  const std::string started = test::read_file(folder.path() / kStartedFile);
  const int second = std::system(line.c_str());

  CHECK(WEXITSTATUS(first) == 7);
  CHECK(test::read_file(folder.path() / kExitCodeFile) == "7\n");
  CHECK(test::read_file(folder.path() / request.stdout_file) == "it's, set up\n");
  CHECK(std::filesystem::exists(folder.path() / kTimeWarningFile));
  CHECK(test::read_file(folder.path() / request.stop_file) == request.stop_text);
  CHECK(WEXITSTATUS(second) == 0);  // it left at once
  CHECK(test::read_file(folder.path() / kStartedFile) == started);
}

TEST_CASE("a signal to script and calculation together leaves the true exit code or none", "[scheduler][slurm]") {
  // As Slurm ends a job. bash loses the status now and then and calls it -1 (5.2: one time in ten).
  const test::TemporaryFolder folder;
  test::write_file(folder.path() / "end",
                   "exec 2> /dev/null; cd \"$1\"; setsid bash run.sh & until [ -e stderr.txt ]; do sleep 0.005; done\n"
                   "kill -TERM -- -$!; wait $!\n");
  for (int i = 0; i < 25; ++i) {
    LaunchRequest request;
    request.directory = folder.path() / std::to_string(i);
    test::write_file(request.directory / kRunScript, run_script(request, {}, {"sleep", "5"}, {}));
    (void)std::system(("bash '" + (folder.path() / "end").string() + "' '" + request.directory.string() + "'").c_str());

    const auto file = request.directory / kExitCodeFile;
    if (std::filesystem::exists(file)) CHECK(test::read_file(file) == "143\n");
  }
}

TEST_CASE("a run script that was given up does not begin", "[scheduler][slurm]") {
  const test::TemporaryFolder folder;
  LaunchRequest request;
  request.directory = folder.path();
  test::write_file(folder.path() / kRunScript, run_script(request, {}, {"touch", "ran"}, {}));
  test::write_file(folder.path() / kSupersededFile, "");

  REQUIRE(std::system(("bash '" + (folder.path() / kRunScript).string() + "' 2> /dev/null").c_str()) == 0);

  CHECK_FALSE(std::filesystem::exists(folder.path() / "ran"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / kExitCodeFile));
}

TEST_CASE("the cost model finds the power law its times were made from", "[scheduler][cost_model]") {
  // 0.01 * cost^1.7, with a factor of 1.1 up and down
  std::vector<std::pair<double, double>> finished;
  for (int i = 1; i <= 40; ++i)
    finished.emplace_back(i * 10.0, 0.01 * std::pow(i * 10.0, 1.7) * (i % 2 ? 1.1 : 1 / 1.1));
  const CostModel model = CostModel::learned_from(finished);

  CHECK(model.exponent() == Approx(1.7).epsilon(0.02));
  CHECK(model.seconds(1000) == Approx(0.01 * std::pow(1000, 1.7)).epsilon(0.1));
  CHECK(model.cautious_seconds(1000) >= 1.5 * model.seconds(1000));
  CHECK(model.cautious_seconds(model.largest_cost(60)) == Approx(60));
}

TEST_CASE("before enough is known the cost model is proportional and takes the slowest", "[scheduler][cost_model]") {
  const CostModel nothing = CostModel::learned_from({});
  CHECK_FALSE(nothing.knows());
  CHECK(std::isinf(nothing.largest_cost(1)));

  const std::vector<std::pair<double, double>> two = {{10, 1}, {10, 3}, {0, 5}, {-1, 2}};
  const CostModel model = CostModel::learned_from(two);
  CHECK(model.seconds(20) == Approx(6));
  CHECK(model.largest_cost(-1) == 0);
}

TEST_CASE("a machine is avoided after failures in a row, once, and a success clears it", "[scheduler][node_health]") {
  NodeHealth health(2);
  CHECK_FALSE(health.failed("n1"));
  health.worked("n1");
  CHECK_FALSE(health.failed("n1"));
  CHECK_FALSE(health.failed("n2"));
  CHECK_FALSE(health.failed(""));
  CHECK(health.failed("n1"));
  CHECK_FALSE(health.failed("n1"));
  CHECK(health.avoided() == std::vector<std::string>{"n1"});
}

}  // namespace hullscan
