/// @file
/// Programs that stay and calculate one structure after the other, and what becomes of those that do it badly.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <set>
#include <sstream>

#include "../files.hpp"
#include "core/json.hpp"
#include "dft_adapters/dft_code.hpp"
#include "scheduler/executors/lasting_executor.hpp"
#include "waiting.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

constexpr const char* kLastingCalculator = HULLSCAN_STAND_INS "/lasting.py";

/// Attempts of structures with two atoms, by a calculator with a fault.
class Lasting {
 public:
  explicit Lasting(const std::string& fault, const std::string& times = "1000") {
    Problems problems;
    const std::string table = fmt::format(
        "method = 'minus one'\nlasting = true\ncalculation = 'relax'\ncommand = ['/usr/bin/env', 'python3', '{}', "
        "'{}', "
        "'{}', '{}']",
        kLastingCalculator, fault, log().string(), times);
    settings_ = code().resolve(parse_settings_toml(table, "dft"), {}, problems);
    problems.throw_if_any();
  }

  [[nodiscard]] LaunchRequest request(const std::string& key) const {
    Structure structure{Lattice(4 * Eigen::Matrix3d::Identity()), {}, {}};
    for (const double x : {0.0, 0.5}) {
      structure.species.push_back(Species::from_symbol("Al"));
      structure.positions.push_back(Fractional{{x, x, x}});
    }
    LaunchRequest request;
    request.task_key = key;
    request.directory = folder_.path() / key;
    fs::create_directories(request.directory);
    code().write_inputs(structure, settings_, request.directory);
    request.command = code().command(settings_);
    request.lasting = code().lasting(settings_);
    return request;
  }
  [[nodiscard]] DftOutcome outcome(const std::string& key) const { return code().read_outputs(folder_.path() / key); }
  [[nodiscard]] std::string reason(const std::string& key) const {
    const DftOutcome judged = outcome(key);
    const auto* failure = std::get_if<DftFailure>(&judged);
    return failure == nullptr ? "" : failure->reason;
  }
  [[nodiscard]] std::vector<std::string> log_lines() const {
    std::istringstream text(read_file(log()));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }
  [[nodiscard]] std::vector<int> started() const {
    std::vector<int> pids;
    for (const std::string& line : log_lines()) {
      if (line.starts_with("start ")) pids.push_back(std::stoi(line.substr(6)));
    }
    return pids;
  }
  [[nodiscard]] fs::path log() const { return folder_.path() / "log"; }
  [[nodiscard]] fs::path directory(const std::string& key) const { return folder_.path() / key; }

 private:
  static const DftCode& code() { return *find_dft_code("command"); }
  TemporaryFolder folder_;
  DftSettings settings_;
};

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE("one program calculates many structures, and each attempt keeps what it was asked and answered",
          "[lasting]") {
  const Lasting lasting("none");
  {
    LastingExecutor executor(2);
    for (const char* key : {"a", "b", "c"}) {
      const std::string job = executor.launch(lasting.request(key));
      CHECK(executor.is_alive(job));
      CHECK(executor.free_slots() == 1);
      const LaunchFinished finished = wait_for_one(executor);
      CHECK(finished.task_key == key);
      CHECK(ended(finished).exit_code == 0);
      const DftOutcome outcome = lasting.outcome(key);
      REQUIRE(std::holds_alternative<DftConverged>(outcome));
      CHECK(std::get<DftConverged>(outcome).energy_ev == -2);
      CHECK(std::get<DftConverged>(outcome).code_version == "minus one");
      CHECK(names_in(lasting.directory(key)) == std::set<std::string>{"request.json", "result.json", "exit_code"});
    }
    CHECK(lasting.started().size() == 1);
  }
  CHECK(within_seconds(10, [&] { return !process_exists(lasting.started().front()); }));
}

TEST_CASE("as many structures are calculated at a time as there are slots, by a program each", "[lasting]") {
  const Lasting lasting("none");
  LastingExecutor executor(2);
  executor.launch(lasting.request("a"));
  executor.launch(lasting.request("b"));
  CHECK(executor.free_slots() == 0);
  CHECK_THROWS_AS(executor.launch(lasting.request("c")), Error);

  std::set<std::string> keys;
  CHECK(within_seconds(60, [&] {
    for (const LaunchFinished& finished : executor.poll()) keys.insert(finished.task_key);
    return keys == std::set<std::string>{"a", "b"};
  }));
  CHECK(lasting.started().size() == 2);
}

TEST_CASE("what a program does wrong once costs a start, and no result", "[lasting]") {
  for (const char* fault :
       {"dies", "answers NaN", "answers null", "answers too few forces", "answers other atoms", "answers fewer atoms",
        "answers text", "answers an error", "answers two results", "ends within an answer"}) {
    INFO(fault);
    const Lasting lasting(fault, "1");
    LastingExecutor executor(1);
    executor.launch(lasting.request("a"));
    CHECK(ended(wait_for_one(executor)).exit_code == 0);
    CHECK(std::holds_alternative<DftConverged>(lasting.outcome("a")));
    CHECK(lasting.started().size() == 2);
  }
}

TEST_CASE("what a program does wrong again and again fails the attempt with its words, and not the next one",
          "[lasting]") {
  for (const auto& [fault, words] :
       std::vector<std::pair<std::string, std::string>>{{"dies", "CUDA out of memory"},
                                                        {"answers NaN", "no message of the protocol"},
                                                        {"answers null", "energy_ev"},
                                                        {"answers too few forces", "one row per atom"},
                                                        {"answers other atoms", "other atoms"},
                                                        {"answers text", "Relaxed in 12 steps."},
                                                        {"answers an error", "no parameters for Xx"}}) {
    INFO(fault);
    const Lasting lasting(fault, "4");
    LastingExecutor executor(1);
    executor.launch(lasting.request("a"));
    CHECK(ended(wait_for_one(executor)).exit_code == 1);
    CHECK_THAT(read_file(lasting.directory("a") / "stderr.txt"), Contains(words) && Contains("started 4 times"));
    CHECK(std::holds_alternative<DftFailure>(lasting.outcome("a")));
    CHECK(lasting.started().size() == 4);

    executor.launch(lasting.request("b"));
    CHECK(ended(wait_for_one(executor)).exit_code == 0);
    CHECK(std::holds_alternative<DftConverged>(lasting.outcome("b")));
  }
}

TEST_CASE("a program that says why there is no energy is believed at once, and stays", "[lasting]") {
  const Lasting lasting("does not converge", "1");
  LastingExecutor executor(1);
  executor.launch(lasting.request("a"));
  CHECK(ended(wait_for_one(executor)).exit_code == 0);
  CHECK(lasting.reason("a") == "500 steps");
  executor.launch(lasting.request("b"));
  wait_for_one(executor);
  CHECK(std::holds_alternative<DftConverged>(lasting.outcome("b")));
  CHECK(lasting.started().size() == 1);
}

TEST_CASE("a program that hangs is ended at the time limit, and started again after run.stall_s", "[lasting]") {
  const Lasting lasting("hangs", "1");
  LastingExecutor executor(1);
  LaunchRequest limited = lasting.request("a");
  limited.time_limit_s = 1;
  executor.launch(limited);
  CHECK(ended(wait_for_one(executor)).cause == EndCause::kTimeLimit);
  CHECK(within_seconds(10, [&] { return !process_exists(lasting.started().front()); }));

  const Lasting again("hangs", "1");
  LaunchRequest patient = again.request("b");
  patient.stall_s = 3;
  executor.launch(patient);
  CHECK(ended(wait_for_one(executor)).exit_code == 0);
  CHECK(again.started().size() == 2);
}

TEST_CASE("a program that cannot relax, or ends before it says anything, fails its attempt with its words",
          "[lasting]") {
  for (const auto& [fault, words] : std::vector<std::pair<std::string, std::string>>{
           {"cannot relax", "can \"relax\""}, {"ends at once", "no module named mace"}}) {
    const Lasting lasting(fault);
    LastingExecutor executor(1);
    executor.launch(lasting.request("a"));
    CHECK(ended(wait_for_one(executor)).exit_code == 1);
    CHECK_THAT(read_file(lasting.directory("a") / "stderr.txt"), Contains(words));
  }
}

TEST_CASE("a program that is not there starts nothing", "[lasting]") {
  const Lasting lasting("none");
  LastingExecutor executor(1);
  LaunchRequest request = lasting.request("a");
  request.command = {"no-such-program-of-mine"};
  CHECK(executor.launch(request).empty());
  CHECK_THAT(why_not_started(wait_for_one(executor)), Contains("no-such-program-of-mine"));
  CHECK(executor.free_slots() == 1);
}

TEST_CASE("a program that is killed from outside, between structures or within one, is replaced", "[lasting]") {
  const Lasting lasting("none");
  LastingExecutor executor(1);
  executor.launch(lasting.request("a"));
  wait_for_one(executor);
  ::kill(lasting.started().front(), SIGKILL);
  REQUIRE(within_seconds(10, [&] { return !process_exists(lasting.started().front()); }));
  executor.launch(lasting.request("b"));
  CHECK(ended(wait_for_one(executor)).exit_code == 0);
  CHECK(lasting.started().size() == 2);
}

TEST_CASE("what is stopped is not reported and leaves no exit code, so that it is repeated", "[lasting]") {
  const Lasting lasting("hangs");
  LastingExecutor executor(1);
  executor.launch(lasting.request("a"));
  REQUIRE(within_seconds(60, [&] {
    (void)executor.poll();
    const auto lines = fs::exists(lasting.log()) ? lasting.log_lines() : std::vector<std::string>{};
    return std::find(lines.begin(), lines.end(), "structure") != lines.end();
  }));
  executor.stop_all(0);
  CHECK(executor.poll().empty());
  CHECK(names_in(lasting.directory("a")) == std::set<std::string>{"request.json"});
  CHECK(within_seconds(10, [&] { return !process_exists(lasting.started().front()); }));
}
