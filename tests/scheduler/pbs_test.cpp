// What PBS says and what we say to it, without PBS. Layouts and words: manual pages qstat(1B), qsub(1B), qselect(1B)
// and pbs_job_attributes(7B) of PBS Professional; numbers of Exit_status: job.h of OpenPBS ("JOB_EXEC_…").
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "../files.hpp"
#include "core/errors.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/pbs_client.hpp"
#include "scheduler/executors/pbs_options.hpp"
#include "scheduler/executors/pbs_states.hpp"
#include "scheduler/executors/run_script.hpp"

namespace hullscan {
namespace {

using Kind = JobVerdict::Kind;

RunSpec run_with(const std::string& pbs_table) {
  return parse_campaign(
             "name = \"x\"\n[[space]]\nname = \"a\"\nstructure = \"a.cif\"\nsupercell = [1, 1, 1]\n"
             "[[space.sublattice]]\nsites = \"M\"\nspecies = { Al = \"rest\" }\n"
             "[run]\nexecutor = \"pbs\"\n[run.pbs]\n" +
                 pbs_table,
             "campaign.toml")
      .run;
}

std::string pbs_problems_of(const std::string& pbs_table) {
  Problems problems;
  check_executor(run_with(pbs_table), problems);
  try {
    problems.throw_if_any();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

PbsOptions options_of(const std::string& pbs_table) {
  Problems problems;
  PbsOptions options = read_pbs_options(run_with(pbs_table), problems);
  problems.throw_if_any();
  return options;
}

/// One job as `qstat -f` shows it.
BatchJob shown(const std::string& attributes, const std::string& id = "17.server") {
  const auto records = parse_qstat("Job Id: " + id + "\n    Job_Name = hs-x-1\n" + attributes);
  REQUIRE(records.size() == 1);
  return batch_job(records.front());
}

/// What becomes of a job that has ended like this, without and with an exit file that speaks of a signal.
Kind verdict_without_file(const BatchJob& job) { return judge_job({.queue = job, .silent_s = 21}, 120, 20).kind; }
Kind verdict_after_signal(const BatchJob& job) { return judge_job({.exit_code = 143, .queue = job}, 120, 20).kind; }

std::string finished(const std::string& attributes) { return "    job_state = F\n" + attributes; }

}  // namespace

TEST_CASE("every unusable value of [run.pbs] is refused with its place", "[scheduler][pbs]") {
  CHECK_THAT(pbs_problems_of("queue = \"x; rm -rf ~\"\n"),
             Catch::StartsWith("campaign.toml:12:9: run.pbs.queue: expected letters, digits"));
  for (const char* line : {"account = \"$(id)\"",
                           "project = \"a b\"",
                           "memory = \"lots\"",
                           "memory = \"4G\"\nmemory_per_cpu = \"1G\"",
                           "ntasks = 0",
                           "nodes = 4\nntasks = 3",
                           "mode = \"pilot\"",
                           "queue = \"-q\"",
                           "quueue = \"short\"",
                           "place = \"everywhere\"",
                           "place = \"scatter;x\"",
                           "resources = [\"ngpus\"]",
                           "resources = [\"ncpus=4\"]",
                           "resources = [\"a=b:c=d\"]",
                           "options = [\"-N other\"]",
                           "options = [\"-l select=1\"]",
                           "options = [\"-l walltime=1\"]",
                           "options = [\"-W block=true\"]",
                           "options = [\"-W x=1,block=true\"]",
                           "options = [\"-p `id`\"]",
                           "options = [\"--queue=x\"]",
                           "options = [\"-p\"]",
                           "setup = [\"a\\nb\"]",
                           "partition = \"short\"",
                           "gres = \"gpu:1\"",
                           "exclude = \"n1\"",
                           "qos = \"high\""}) {
    CAPTURE(line);
    CHECK_THAT(pbs_problems_of(std::string(line) + "\n"), Catch::Contains("campaign.toml:1"));
  }
  CHECK(pbs_problems_of(
            "queue = \"R123@other\"\naccount = \"p_1\"\nproject = \"p.2\"\nmemory = \"4G\"\nplace = "
            "\"scatter:excl\"\nresources = [\"ngpus=1\", \"model=rom_ait\"]\noptions = [\"-p 10\", "
            "\"-W group_list=chem\", \"-m ae\", \"-l software=3\"]\nsetup = \"module load qe\"\nmode = \"arrays\"\n")
            .empty());
}

TEST_CASE("a key of Slurm says how PBS says it", "[scheduler][pbs]") {
  CHECK(pbs_problems_of("partition = \"short\"\n") ==
        "campaign.toml:12:13: run.pbs.partition: is a key of [run.slurm]; PBS calls it queue");
}

TEST_CASE("an executor that does not exist is refused with those that do", "[scheduler][executor]") {
  RunSpec run;
  run.executor = "slrum";
  run.executor_where = {"campaign.toml", 9, 12};
  Problems problems;
  check_executor(run, problems);

  CHECK_THROWS_WITH(problems.throw_if_any(),
                    fmt::format("campaign.toml:9:12: run.executor: expected one of \"{}\", found \"slrum\" "
                                "(did you mean \"slurm\"?)",
                                fmt::join(executor_names(), "\", \"")));
}

TEST_CASE("a chunk is a node; ranks that do not divide by the nodes make two kinds", "[scheduler][pbs]") {
  CHECK(select_statement(options_of(""), 0) == "select=1:ncpus=1:mpiprocs=1");
  CHECK(select_statement(options_of("ntasks = 16\n"), 0) == "select=1:ncpus=16:mpiprocs=16");
  CHECK(select_statement(options_of("nodes = 2\nntasks = 16\ncpus_per_task = 4\n"), 0) ==
        "select=2:ncpus=32:mpiprocs=8:ompthreads=4");
  // 10 ranks on 4 nodes: 3 + 3 + 2 + 2
  CHECK(select_statement(options_of("nodes = 4\nntasks = 10\n"), 0) ==
        "select=2:ncpus=3:mpiprocs=3+2:ncpus=2:mpiprocs=2");
  CHECK(select_statement(options_of("ntasks = 8\nresources = [\"ngpus=2\", \"model=a100\"]\n"), 0) ==
        "select=1:ncpus=8:mpiprocs=8:ngpus=2:model=a100");
}

TEST_CASE("memory is that of a node, or of its cores, and doubles", "[scheduler][pbs]") {
  CHECK(select_statement(options_of("memory = \"3G\"\n"), 2) == "select=1:ncpus=1:mpiprocs=1:mem=12gb");
  CHECK(select_statement(options_of("memory = \"500\"\n"), 0) == "select=1:ncpus=1:mpiprocs=1:mem=500mb");
  // 2 nodes, 3 ranks of 2 cores: 4 cores on one, 2 on the other, 2 GB a core
  CHECK(select_statement(options_of("nodes = 2\nntasks = 3\ncpus_per_task = 2\nmemory_per_cpu = \"2G\"\n"), 0) ==
        "select=1:ncpus=4:mpiprocs=2:ompthreads=2:mem=8gb+1:ncpus=2:mpiprocs=1:ompthreads=2:mem=4gb");
}

TEST_CASE("qsub is asked for queue, account, project, nodes and time", "[scheduler][pbs]") {
  const auto words = qsub_resources(
      options_of(
          "queue = \"short\"\naccount = \"a1\"\nproject = \"p1\"\nnodes = 2\noptions = [\"-W group_list=chem\"]\n"),
      93784.2, 0);

  CHECK(words == std::vector<std::string>{"-q", "short", "-A", "a1", "-P", "p1", "-l", "select=2:ncpus=1:mpiprocs=1",
                                          "-l", "place=scatter", "-l", "walltime=26:03:05", "-W", "group_list=chem"});
  CHECK(pbs_time(0) == "00:00:01");
  CHECK(pbs_time(60) == "00:01:00");
}

TEST_CASE("long values are joined, and a user's variable cannot pass for an attribute", "[scheduler][pbs]") {
  const auto records = parse_qstat(
      "Job Id: 17.server\n"
      "    Job_Name = hs-ab12cd34-0123456789ab-1\n"
      "    job_state = R\n"
      "    exec_host = node0001/0*16+node0001/1*16+node0002/0*16+node00\n"
      "\t03/0*16\n"
      "    Variable_List = PBS_O_HOME=/home/a,X=first\n"
      "    job_state = F,Y=2,PBS_O_WORKDIR=/scratch/a very\n"
      "\t long way\n"
      "    comment = Job run at Mon Nov 30 at 04:00 on (node0001:ncpus=16)\n"
      "\n"
      "Job Id: 18[].server\n"
      "    Job_Name = hs-ab12cd34-array1\n"
      "    job_state = B\n"
      "\n"
      "Job Id: 18[3].server\n"
      "    Job_Name = hs-ab12cd34-array1\n"
      "    job_state = Q\n");

  REQUIRE(records.size() == 3);
  const BatchJob job = batch_job(records[0]);
  CHECK(job.id == "17.server");
  CHECK(job.state == "RUNNING");
  CHECK(job.nodes == "node0001,node0002,node0003");
  CHECK(key_of(job) == "hs-ab12cd34-0123456789ab-1");
  CHECK_FALSE(job.array_task);
  CHECK(is_pbs_array(records[1].id));
  CHECK_FALSE(is_pbs_array(records[2].id));
  CHECK(key_of(batch_job(records[2])) == "hs-ab12cd34-array1_3");
  for (const char* nonsense : {"", "\n\n", "qstat: nothing", "    job_state = R\n", "\tx\n", "Job Id: \n\ty\n"}) {
    CAPTURE(nonsense);
    for (const PbsRecord& record : parse_qstat(nonsense)) CHECK(batch_job(record).name.empty());
  }
}

TEST_CASE("every state of a job that has not ended has its word", "[scheduler][pbs]") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"Q", "PENDING"},   {"H", "PENDING"},   {"W", "PENDING"},     {"R", "RUNNING"},    {"E", "COMPLETING"},
      {"S", "SUSPENDED"}, {"U", "SUSPENDED"}, {"T", "CONFIGURING"}, {"M", "CONFIGURING"}};
  for (const auto& [letter, word] : table) {
    CAPTURE(letter);
    const BatchJob job = shown("    job_state = " + letter + "\n");
    CHECK(job.state == word);
    CHECK(verdict_without_file(job) == Kind::kWait);
  }
}

TEST_CASE("every end of a job of PBS has its meaning", "[scheduler][pbs]") {
  struct Row {
    const char* attributes;
    Kind without_file;
    Kind after_signal;
  };
  const std::vector<Row> table = {
      {"    Exit_status = 0\n    substate = 92\n", Kind::kLost, Kind::kEnded},  // nobody knows what it did
      {"    Exit_status = 3\n    substate = 93\n", Kind::kLost, Kind::kEnded},
      {"    Exit_status = 139\n    substate = 93\n", Kind::kLost, Kind::kEnded},  // the shell says 128 + signal
      {"    Exit_status = 265\n    substate = 93\n", Kind::kLost, Kind::kEnded},  // 256 + 9
      {"    Exit_status = 271\n    substate = 91\n", Kind::kLost, Kind::kLost},   // qdel
      {"    Exit_status = 143\n    substate = 91\n", Kind::kLost, Kind::kLost},
      {"    substate = 91\n", Kind::kLost, Kind::kLost},  // qdel before it began
      {"    Exit_status = -29\n    substate = 93\n", Kind::kTimedOut, Kind::kTimedOut},
      {"    Exit_status = -28\n    substate = 93\n", Kind::kTimedOut, Kind::kTimedOut},
      {"    Exit_status = 271\n    substate = 93\n    resources_used.walltime = 01:00:07\n"
       "    Resource_List.walltime = 01:00:00\n",
       Kind::kTimedOut, Kind::kTimedOut},  // versions that had no -29
      {"    Exit_status = 271\n    substate = 93\n    resources_used.walltime = 00:10:00\n"
       "    Resource_List.walltime = 01:00:00\n",
       Kind::kLost, Kind::kEnded},
      {"    Exit_status = -27\n    substate = 93\n", Kind::kOutOfMemory, Kind::kOutOfMemory},
      {"    Exit_status = -26\n    substate = 93\n", Kind::kOutOfMemory, Kind::kOutOfMemory},
      {"    Exit_status = -25\n    substate = 93\n", Kind::kLost, Kind::kEnded},
      {"    Exit_status = -4\n    substate = 93\n", Kind::kLost, Kind::kLost},   // the node was started anew
      {"    Exit_status = -11\n    substate = 93\n", Kind::kLost, Kind::kLost},  // qrerun
      // It could not be launched; if it left an exit file all the same, it was.
      {"    Exit_status = -1\n    substate = 93\n", Kind::kEnvironment, Kind::kEnded},
      {"    Exit_status = -10\n    substate = 93\n", Kind::kEnvironment, Kind::kEnded},
      {"    Exit_status = -3\n    substate = 91\n", Kind::kEnvironment, Kind::kEnded},
      {"    Exit_status = -22\n    substate = 93\n", Kind::kEnvironment, Kind::kEnded},
  };
  for (const Row& row : table) {
    CAPTURE(row.attributes);
    const BatchJob job = shown(finished(row.attributes));
    CHECK(verdict_without_file(job) == row.without_file);
    CHECK(verdict_after_signal(job) == row.after_signal);
    CHECK(judge_job({.exit_code = 0, .queue = job}, 120, 20).kind == Kind::kEnded);  // the exit file counts more
  }
  CHECK(shown("    job_state = X\n", "18[3].server").state ==
        "COMPLETED");  // a task of an array, of which no more is said
}

TEST_CASE("a job of PBS that will never start is distinguished from one that waits", "[scheduler][pbs]") {
  const auto waiting = [](const std::string& state, const std::string& comment) {
    return judge_job(
        {.queue = shown("    job_state = " + state + "\n    comment = " + comment + "\n"), .system = "PBS"}, 120, 20);
  };
  CHECK(waiting("Q", "Not Running: Insufficient amount of resource: ncpus (R: 64 A: 2 T: 128)").kind == Kind::kWait);
  CHECK(waiting("H", "Job held by user").kind == Kind::kWait);
  CHECK(waiting("Q", "Can Never Run: Insufficient amount of resource: ncpus (R: 64 A: 32 T: 32)").kind ==
        Kind::kImpossible);
  CHECK_THAT(waiting("Q", "Can Never Run: x").reason, Catch::StartsWith("PBS keeps job 17.server"));
  CHECK(waiting("H", "job held, too many failed attempts to run").kind == Kind::kEnvironment);
}

TEST_CASE("qsub: accepted, refused for good, not now, or perhaps accepted", "[scheduler][pbs]") {
  using Answer = SubmissionAnswer::Kind;
  CHECK(parse_qsub(0, "17.server\n", "").id == "17.server");
  CHECK(parse_qsub(0, "18[].server.domain\n", "").id == "18[].server.domain");
  CHECK(parse_qsub(0, "Welcome to the cluster\n17.server\n", "").id == "17.server");
  CHECK(parse_qsub(170, "", "qsub: Unknown queue\n").kind == Answer::kRefused);
  CHECK(parse_qsub(188, "", "qsub: Job violates queue and/or server resource limits\n").kind == Answer::kRefused);
  CHECK(parse_qsub(2, "", "qsub: illegal -N value\nusage: qsub …").kind == Answer::kRefused);
  CHECK(parse_qsub(32, "", "qsub: hook rejected request\n").kind == Answer::kRefused);
  CHECK(parse_qsub(111, "", "Connection refused\nqsub: cannot connect to server pbs (errno=111)\n").kind ==
        Answer::kLater);
  CHECK(parse_qsub(38, "", "qsub: would exceed queue short's per-user limit\n").kind == Answer::kLater);
  CHECK(parse_qsub(38, "", "qsub: Maximum number of jobs for user a already in complex\n").kind == Answer::kLater);
  CHECK(parse_qsub(5, "", "qsub: Request not allowed: Server shutting down\n").kind == Answer::kLater);
  CHECK(parse_qsub(15, "", "qsub: End of File\n").kind == Answer::kUnknown);
  CHECK(parse_qsub(137, "", "").kind == Answer::kUnknown);
  CHECK(parse_qsub(0, "", "").kind == Answer::kUnknown);
  CHECK(parse_qsub(1, "", "").text == "qsub ended with exit code 1");
}

TEST_CASE("jobs that qstat does not know any more are not a failure of the question", "[scheduler][pbs]") {
  CHECK(only_unknown_jobs(""));
  CHECK(
      only_unknown_jobs("qstat: Unknown Job Id 17.server\nqstat: 18.server Job has finished, use -x or -H to obtain "
                        "historical job information\n"));
  CHECK_FALSE(only_unknown_jobs("qstat: Unknown Job Id 17.server\nqstat: End of File\n"));
  CHECK_FALSE(only_unknown_jobs("Connection refused\nqstat: cannot connect to server pbs (errno=111)\n"));
}

TEST_CASE("the log of a job tells when PBS ended it for its memory", "[scheduler][pbs]") {
  const test::TemporaryFolder folder;
  const std::vector<std::string> words = PbsClient(folder.path(), "hs-", {}).system().memory_words;
  CHECK(tells_of_memory("=>> PBS: job killed: mem 2097420kb exceeded limit 1048576kb\n", words));
  CHECK(tells_of_memory("=>> PBS: job killed: vmem 2097420kb exceeded limit 1048576kb\n", words));
  CHECK_FALSE(tells_of_memory("=>> PBS: job killed: walltime 3607 exceeded limit 3600\n", words));
}

TEST_CASE("a run script warns itself where the batch system does not, and leaves no process behind",
          "[scheduler][pbs]") {
  const test::TemporaryFolder folder;
  LaunchRequest request;
  request.task_key = "key";
  request.directory = folder.path();
  request.time_limit_s = 3600;
  request.stop_file = "STOP";
  const std::string script = run_script(request, {}, {"true"}, {}, true);
  CHECK_THAT(script, Catch::Contains("sleep 3480 & wait $!"));
  CHECK_THAT(run_script(request, {}, {"true"}, {}, false), !Catch::Contains("nap"));
  request.time_limit_s = 599;
  CHECK_THAT(run_script(request, {}, {"true"}, {}, true), !Catch::Contains("nap"));

  SECTION("two minutes before the end") {
    std::string sooner = script;
    sooner.replace(sooner.find("sleep 3480"), 10, "sleep 0.2");
    sooner.replace(sooner.find("true < /dev/null"), 4, "sh -c 'while [ ! -e STOP ]; do sleep 0.01; done; exit 6'");
    test::write_file(folder.path() / kRunScript, sooner);
    CHECK(WEXITSTATUS(std::system(("bash '" + (folder.path() / kRunScript).string() + "'").c_str())) == 6);
    CHECK(std::filesystem::exists(folder.path() / kTimeWarningFile));
  }
  SECTION("not after it") {
    test::write_file(folder.path() / kRunScript, script);
    const std::string line =
        "setsid bash -c 'bash \"$1\"; for i in $(seq 500); do pgrep -s 0 sleep > /dev/null || exit 8; sleep "
        "0.01 & wait $!; done' x '" +
        (folder.path() / kRunScript).string() + "'";
    CHECK(WEXITSTATUS(std::system(line.c_str())) == 8);
    CHECK_FALSE(std::filesystem::exists(folder.path() / kTimeWarningFile));
  }
}

}  // namespace hullscan
