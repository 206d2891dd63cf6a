#include "scheduler/executors/executor.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <thread>

#include "../files.hpp"
#include "core/errors.hpp"
#include "core/processes/child_environment.hpp"
#include "scheduler/executors/local_executor.hpp"
#include "waiting.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using test::process_exists;
using test::wait_for_one;
using test::within_seconds;

class Folder : public test::TemporaryFolder {
 public:
  [[nodiscard]] fs::path sub(const std::string& name) const {
    fs::create_directories(path() / name);
    return path() / name;
  }
};

LaunchRequest shell(const fs::path& directory, const std::string& script) {
  LaunchRequest request;
  request.task_key = "key";
  request.directory = directory;
  request.command = {"sh", "-c", script};
  return request;
}

/// The number in a file that another process writes.
int number_from(const fs::path& file) {
  int number = 0;
  REQUIRE(within_seconds(10, [&] { return static_cast<bool>(std::ifstream(file) >> number); }));
  return number;
}

Environment environment_of(const fs::path& stdout_of_env) {
  Environment result;
  std::ifstream file(stdout_of_env);
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) result[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return result;
}

/// Sets a variable of this process for one scope.
class WithVariable {
 public:
  WithVariable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  WithVariable(const WithVariable&) = delete;
  WithVariable& operator=(const WithVariable&) = delete;
  ~WithVariable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a command runs in its directory, with its output in files and an empty input", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1);
  auto request = shell(folder.path(), "pwd; cat; echo trouble >&2");
  request.stdout_file = "pw.out";
  request.attempt = 3;

  const std::string job = executor.launch(request);
  const auto finished = wait_for_one(executor);

  CHECK_FALSE(job.empty());
  CHECK(finished.task_key == "key");
  CHECK(finished.attempt == 3);
  CHECK(test::ended(finished).exit_code == 0);
  CHECK(test::why_not_started(finished).empty());
  CHECK(test::ended(finished).cause != EndCause::kTimeLimit);
  CHECK(test::read_file(folder.path() / "pw.out") == fs::canonical(folder.path()).string() + "\n");
  CHECK(test::read_file(folder.path() / "stderr.txt") == "trouble\n");
}

TEST_CASE("the exit code is reported and stands in a file before it is reported", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1);
  for (const int code : {0, 1, 42, 255}) {
    const auto directory = folder.sub(std::to_string(code));
    executor.launch(shell(directory, "exit " + std::to_string(code)));

    CHECK(test::ended(wait_for_one(executor)).exit_code == code);
    CHECK(test::read_file(directory / "exit_code") == std::to_string(code) + "\n");
  }
}

TEST_CASE("an end by a signal is 128 + its number", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1);
  for (const int signal : {SIGSEGV, SIGKILL, SIGTERM}) {
    const auto directory = folder.sub(std::to_string(signal));
    executor.launch(shell(directory, "kill -" + std::to_string(signal) + " $$"));

    CHECK(test::ended(wait_for_one(executor)).exit_code == 128 + signal);
    CHECK(test::read_file(directory / "exit_code") == std::to_string(128 + signal) + "\n");
  }
}

TEST_CASE("a calculation over its time limit is ended, politely first", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1, 5.0);
  auto request = shell(folder.path(), "trap 'echo asked; exit 7' TERM; sleep 60 & wait");
  request.time_limit_s = 0.2;

  executor.launch(request);
  const auto finished = wait_for_one(executor);

  CHECK(test::ended(finished).cause == EndCause::kTimeLimit);
  CHECK(test::ended(finished).exit_code == 7);
  CHECK(finished.wall_time_s >= 0.2);
  CHECK(finished.wall_time_s < 5.0);
  CHECK(test::read_file(folder.path() / "stdout.txt") == "asked\n");
}

TEST_CASE("a calculation that does not listen is ended by force after the grace", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1, 0.3);
  auto request = shell(folder.path(), "trap '' TERM; while true; do sleep 0.05; done");
  request.time_limit_s = 0.2;

  executor.launch(request);
  const auto finished = wait_for_one(executor);

  CHECK(test::ended(finished).cause == EndCause::kTimeLimit);
  CHECK(test::ended(finished).exit_code == 128 + SIGKILL);
  CHECK(finished.wall_time_s >= 0.5);
}

TEST_CASE("a calculation's own children end with it", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1, 0.2);

  SECTION("when it is over its time limit") {
    auto request = shell(folder.path(), "sleep 300 & echo $! > child; wait");
    request.time_limit_s = 0.5;
    executor.launch(request);
    const int child = number_from(folder.path() / "child");
    (void)wait_for_one(executor);
    CHECK(within_seconds(5, [&] { return !process_exists(child); }));
  }
  SECTION("when it ends and leaves them behind") {
    executor.launch(shell(folder.path(), "sleep 300 & echo $! > child; exit 0"));
    CHECK(test::ended(wait_for_one(executor)).exit_code == 0);
    CHECK(within_seconds(5, [&] { return !process_exists(number_from(folder.path() / "child")); }));
  }
  SECTION("when everything is stopped") {
    executor.launch(shell(folder.path(), "trap '' TERM; sleep 300 & echo $! > child; wait; wait; sleep 300"));
    const int child = number_from(folder.path() / "child");
    executor.stop_all(0.2);
    CHECK(within_seconds(5, [&] { return !process_exists(child); }));
    CHECK(executor.free_slots() == 1);
  }
}

TEST_CASE("what was stopped is not reported and leaves no exit code; what had ended is", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(2);
  auto quick = shell(folder.sub("quick"), "exit 3");
  quick.task_key = "quick";
  executor.launch(quick);
  executor.launch(shell(folder.sub("slow"), "sleep 300"));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));

  executor.stop_all(1.0);

  const auto finished = executor.poll();
  REQUIRE(finished.size() == 1);
  CHECK(finished[0].task_key == "quick");
  CHECK(fs::exists(folder.path() / "quick" / "exit_code"));
  CHECK_FALSE(fs::exists(folder.path() / "slow" / "exit_code"));
}

TEST_CASE("a command that does not exist is named, and takes no slot", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1);
  auto request = shell(folder.path(), "");

  SECTION("not in PATH") {
    request.command = {"pw.x-of-nowhere"};
    CHECK(executor.launch(request).empty());
    CHECK_THAT(test::why_not_started(wait_for_one(executor)),
               Catch::StartsWith("pw.x-of-nowhere: not found in PATH ("));
  }
  SECTION("a path to nothing") {
    request.command = {"/nowhere/pw.x"};
    executor.launch(request);
    CHECK(test::why_not_started(wait_for_one(executor)) == "/nowhere/pw.x: no such file");
  }
  SECTION("not executable") {
    std::ofstream(folder.path() / "pw.x") << "text";
    request.command = {(folder.path() / "pw.x").string()};
    executor.launch(request);
    CHECK_THAT(test::why_not_started(wait_for_one(executor)), Catch::Contains("is not an executable file"));
  }
  SECTION("executable, but no program") {
    std::ofstream(folder.path() / "pw.x") << "not a program\n";
    fs::permissions(folder.path() / "pw.x", fs::perms::owner_all);
    request.command = {(folder.path() / "pw.x").string()};
    executor.launch(request);
    CHECK_THAT(test::why_not_started(wait_for_one(executor)), Catch::Contains("cannot be started"));
  }
  SECTION("no directory") {
    request.directory = folder.path() / "missing";
    executor.launch(request);
    CHECK_THAT(test::why_not_started(wait_for_one(executor)), Catch::Contains("no such directory"));
  }
  SECTION("no command") {
    request.command = {};
    executor.launch(request);
    CHECK(test::why_not_started(wait_for_one(executor)) == "the command is empty");
  }
  CHECK(executor.free_slots() == 1);
  CHECK_FALSE(fs::exists(folder.path() / "exit_code"));
}

TEST_CASE("fifty quick calculations pass through two slots", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(2);
  std::set<std::string> seen;
  int launched = 0, most_at_a_time = 0;

  const bool done = within_seconds(60, [&] {
    while (launched < 50 && executor.free_slots() > 0) {
      auto request = shell(folder.sub(std::to_string(launched)), "exit " + std::to_string(launched));
      request.task_key = std::to_string(launched++);
      executor.launch(request);
    }
    most_at_a_time = std::max(most_at_a_time, 2 - executor.free_slots());
    for (const auto& finished : executor.poll()) {
      CHECK(test::ended(finished).exit_code == std::stoi(finished.task_key));
      CHECK(seen.insert(finished.task_key).second);
    }
    return seen.size() == 50;
  });

  CHECK(done);
  CHECK(most_at_a_time == 2);
  CHECK(executor.free_slots() == 2);
  // No zombie is left to wait for.
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("more than the slots is refused", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1);
  executor.launch(shell(folder.path(), "sleep 300"));

  CHECK_THROWS_AS(executor.launch(shell(folder.path(), "true")), Error);
}

TEST_CASE("a job is alive until it ends, and can be stopped by its name in a later process", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1), later_life(1);
  const std::string job = executor.launch(shell(folder.path(), "sleep 300"));
  const std::string stranger = job.substr(0, job.find(':')) + ":1@" + job.substr(job.find('@') + 1);

  CHECK(later_life.is_alive(job));
  CHECK_FALSE(later_life.is_alive(stranger));  // the same process id, started at another time
  later_life.stop(stranger);
  CHECK(later_life.is_alive(job));

  later_life.stop(job);

  CHECK(test::ended(wait_for_one(executor)).exit_code == 128 + SIGKILL);
  CHECK_FALSE(later_life.is_alive(job));
  for (const char* nonsense : {"", "12", "1:2@", "x:y@z", "@:", "-5:1@host"})
    CHECK_FALSE(later_life.is_alive(nonsense));
}

TEST_CASE("a calculation does not outlive a killed hullscan", "[scheduler][executor]") {
  const Folder folder;
  const pid_t hullscan = ::fork();
  if (hullscan == 0) {
    LocalExecutor executor(1);
    executor.launch(shell(folder.path(), "echo $$ > pid; exec sleep 300"));
    ::pause();
    ::_exit(0);
  }
  const int calculation = number_from(folder.path() / "pid");
  REQUIRE(process_exists(calculation));

  ::kill(hullscan, SIGKILL);
  ::waitpid(hullscan, nullptr, 0);

  CHECK(within_seconds(5, [&] { return !process_exists(calculation); }));
}

TEST_CASE("what a killed hullscan's script left running is found by the job's name and can be ended",
          "[scheduler][executor]") {
  const Folder folder;
  const pid_t hullscan = ::fork();
  if (hullscan == 0) {
    LocalExecutor executor(1);
    std::ofstream(folder.path() / "job") << executor.launch(shell(folder.path(), "sleep 300 & echo $! > child; wait"))
                                         << "\n";
    ::pause();
    ::_exit(0);
  }
  const int child = number_from(folder.path() / "child");
  REQUIRE(within_seconds(10, [&] { return test::read_file(folder.path() / "job").ends_with("\n"); }));
  const std::string text = test::read_file(folder.path() / "job");
  const std::string job = text.substr(0, text.size() - 1);
  ::kill(hullscan, SIGKILL);
  ::waitpid(hullscan, nullptr, 0);
  LocalExecutor later_life(1);
  REQUIRE(process_exists(child));
  CHECK(later_life.is_alive(job));

  later_life.stop(job);

  CHECK(within_seconds(5, [&] { return !process_exists(child); }));
  CHECK_FALSE(later_life.is_alive(job));
}

TEST_CASE("a calculation inherits neither open files nor signal settings", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1);
  const int secret = ::dup(1);  // without close-on-exec, as libraries leave them
  std::signal(SIGUSR1, SIG_IGN);

  executor.launch(shell(folder.path(), "ls /proc/$$/fd; exec grep -E 'Sig(Blk|Ign)' /proc/self/status"));
  (void)wait_for_one(executor);
  std::signal(SIGUSR1, SIG_DFL);
  ::close(secret);

  const std::string seen = test::read_file(folder.path() / "stdout.txt");
  CHECK_THAT(seen, Catch::StartsWith("0\n1\n2\n"));
  CHECK_THAT(seen, !Catch::Contains("\n" + std::to_string(secret) + "\n"));
  CHECK_THAT(seen, Catch::Contains("SigBlk:\t0000000000000000"));
  CHECK_THAT(seen, Catch::Contains("SigIgn:\t0000000000000000"));
}

TEST_CASE("a calculation under mpirun does not see mpirun's job", "[scheduler][executor]") {
  const Folder folder;
  LocalExecutor executor(1);
  const WithVariable size("OMPI_COMM_WORLD_SIZE", "4"), rank("PMIX_RANK", "0"), uri("OMPI_MCA_orte_hnp_uri", "x"),
      pmi("PMI_FD", "7"), root("OMPI_ALLOW_RUN_AS_ROOT", "1"), own("HULLSCAN_TEST_VARIABLE", "kept");
  auto request = shell(folder.path(), "");
  request.command = {"env"};
  request.environment = {{"ESPRESSO_TMPDIR", "./out"}, {"OMP_NUM_THREADS", "2"}};

  executor.launch(request);
  (void)wait_for_one(executor);

  const Environment seen = environment_of(folder.path() / "stdout.txt");
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "OMPI_MCA_orte_hnp_uri", "PMI_FD"}) {
    CAPTURE(name);
    CHECK_FALSE(seen.contains(name));
  }
  CHECK(seen.at("OMPI_ALLOW_RUN_AS_ROOT") == "1");
  CHECK(seen.at("HULLSCAN_TEST_VARIABLE") == "kept");
  CHECK(seen.at("ESPRESSO_TMPDIR") == "./out");
  CHECK(seen.at("OMP_NUM_THREADS") == "2");
  CHECK(seen.at("OPENBLAS_NUM_THREADS") == "1");
  CHECK(seen.at("OMPI_MCA_ess_singleton_isolated") == "1");
}

TEST_CASE("an MPI program runs alone in its world, also under mpirun, and leaves nothing behind",
          "[scheduler][executor][mpi]") {
  const Folder folder;
  LocalExecutor executor(1);
  const auto directory = folder.sub(std::string(120, 'd'));
  auto request = shell(directory, "");
  request.command = {"pw.x", "-in", "absent.in"};

  executor.launch(request);
  const auto finished = wait_for_one(executor, 60);

  if (!test::why_not_started(finished).empty()) {
    WARN("skipped: " << test::why_not_started(finished));
    return;
  }
  // Its MPI_Abort for want of an input must not end the job of an mpirun that started us (mpirun -n 1 test_executor
  // "[mpi]").
  CHECK(test::ended(finished).exit_code != 0);
  CHECK_THAT(test::read_file(directory / "stdout.txt"), Catch::Contains("Program PWSCF"));
  CHECK_FALSE(fs::exists(directory / ".mpi-session"));
}

TEST_CASE("settings for a program alone in its world are not given to one that launches ranks",
          "[scheduler][environment]") {
  CHECK(command_launches_mpi({"mpirun", "-n", "2", "pw.x"}));
  CHECK(command_launches_mpi({"nice", "/usr/bin/mpiexec", "pw.x"}));
  CHECK(command_launches_mpi({"srun", "pw.x"}));
  CHECK_FALSE(command_launches_mpi({"pw.x", "-in", "pw.in"}));

  const Environment plain = child_environment({{"PATH", "/bin"}}, {}, false, "s");
  CHECK_FALSE(plain.contains("OMPI_MCA_btl"));
  CHECK(plain.at("OMP_NUM_THREADS") == "1");
}

TEST_CASE("without a launcher a user's own MPI settings stay", "[scheduler][environment]") {
  const Environment own = {{"OMPI_MCA_btl", "tcp,self"}};

  CHECK(child_environment(own, {}, false, "s").at("OMPI_MCA_btl") == "tcp,self");
  const Environment singleton = child_environment(own, {}, true, "s");
  CHECK(singleton.at("OMPI_MCA_btl") == "tcp,self");
  CHECK_FALSE(singleton.contains("OMPI_MCA_pml"));
  CHECK(child_environment({}, {{"OMPI_MCA_btl", "vader,self"}}, true, "s").at("OMPI_MCA_btl") == "vader,self");
}

}  // namespace hullscan
