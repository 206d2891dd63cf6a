/// @file
/// What every client of a batch system promises (scheduler/executors/batch_client.hpp), and what BatchExecutor makes of
/// the misfortunes that are the same for all systems. The commands are a stand-in's; Slurm's own run in tests/slurm.

#include <catch2/catch.hpp>
#include <set>

#include "../scheduler/waiting.hpp"
#include "batch_box.hpp"
#include "executors_under_contract.hpp"
#include "scheduler/executors/pbs_client.hpp"
#include "scheduler/executors/slurm_client.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using test::BatchBox;
using test::ExecutorHarness;
using test::within_seconds;
using Kind = SubmissionAnswer::Kind;

struct BatchClientUnderContract {
  std::string name;  ///< of its executor
  std::unique_ptr<BatchClient> (*make)(const fs::path& directory, const std::string& prefix);
};

template <class Client, class Options>
std::unique_ptr<BatchClient> made_client(const fs::path& directory, const std::string& prefix) {
  return std::make_unique<Client>(directory, prefix, Options{});
}

/// One line a client.
std::vector<BatchClientUnderContract> clients_under_contract() {
  return {
      {"slurm", made_client<SlurmClient, SlurmOptions>},
      {"pbs", made_client<PbsClient, PbsOptions>},
  };
}

/// A client of its own in a box of its own.
struct ClientInBox {
  explicit ClientInBox(const BatchClientUnderContract& which, const std::string& prefix = "hs-mine-")
      : client(which.make(folder.path(), prefix)) {}

  BatchSubmission submission(const std::string& name, const std::string& script) const {
    test::write_file(folder.path() / (name + ".sh"), "#!/bin/bash\n" + script + "\n");
    return {.name = name, .script = folder.path() / (name + ".sh"), .directory = folder.path()};
  }
  std::optional<BatchJob> job(const std::string& key) const {
    const std::vector<BatchJob> jobs = client->queue().value();
    for (const BatchJob& one : jobs) {
      if (key_of(one) == key) return one;
    }
    return std::nullopt;
  }
  std::string state(const std::string& key) const { return job(key).value_or(BatchJob{}).state; }

  BatchBox box;
  test::TemporaryFolder folder;
  std::unique_ptr<BatchClient> client;
};

/// What a person of this system cancels a job with.
std::string cancel_command_of(const std::string& executor) {
  for (const auto& which : clients_under_contract()) {
    if (which.name == executor) return ClientInBox(which).client->system().cancel_command;
  }
  return "a client of " + executor + " in clients_under_contract()";
}

std::vector<test::ExecutorUnderContract> executors_of_jobs() {
  std::vector<test::ExecutorUnderContract> found;
  for (const auto& which : test::executors_under_contract()) {
    if (which.limits_slots && which.settings.find("'jobs'") != std::string::npos) found.push_back(which);
  }
  return found;
}

}  // namespace

TEST_CASE("a batch system says what it is called, and no two are called the same", "[contract][batch]") {
  std::set<std::string> names, marks, folders;
  for (const auto& which : clients_under_contract()) {
    const ClientInBox under(which);
    const BatchSystem& system = under.client->system();
    CHECK(names.insert(system.name).second);
    CHECK(marks.insert(system.mark).second);
    CHECK(folders.insert(system.folder).second);
    CHECK(system.mark.ends_with(":"));
    CHECK_FALSE(system.submit_command.empty());
    CHECK_FALSE(system.cancel_command.empty());
    CHECK_FALSE(system.job_id_variable.empty());
    CHECK_FALSE(system.array_index_variable.empty());
  }
}

TEST_CASE("a job waits, runs and ends under its name; what it prints is in its log", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const ClientInBox under(which);
  CHECK(under.client->queue().value().empty());
  under.box.set("hold");

  const auto answer =
      under.client->submit(under.submission("hs-mine-a", "echo printed; while [ ! -e go ]; do sleep 0.02; done"));

  REQUIRE(answer.kind == Kind::kAccepted);
  CHECK_FALSE(answer.id.empty());
  CHECK(under.job("hs-mine-a").value().state == "PENDING");
  CHECK(under.job("hs-mine-a").value().nodes.empty());
  under.box.clear("hold");
  CHECK(within_seconds(30, [&] { return under.state("hs-mine-a") == "RUNNING"; }));
  CHECK(under.job("hs-mine-a").value().nodes == "node1");
  const fs::path log = under.folder.path() / "hs-mine-a.out";
  CHECK(within_seconds(30, [&] { return fs::exists(log) && test::read_file(log) == "printed\n"; }));
  under.client->cancel(under.job("hs-mine-a").value().id);
  CHECK(within_seconds(30, [&] { return under.state("hs-mine-a") == "CANCELLED"; }));
  under.client->cancel("4711");  // nobody's
}

TEST_CASE("every end has its word", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const ClientInBox under(which);
  auto slow = under.submission("hs-mine-slow", "sleep 300");
  slow.time_limit_s = 60;
  for (const auto& submission :
       {under.submission("hs-mine-good", "exit 0"), under.submission("hs-mine-bad", "exit 3"), slow})
    REQUIRE(under.client->submit(submission).kind == Kind::kAccepted);

  CHECK(within_seconds(30, [&] { return under.state("hs-mine-good") == "COMPLETED"; }));
  CHECK(within_seconds(30, [&] { return under.state("hs-mine-bad") == "FAILED"; }));
  CHECK(within_seconds(30, [&] { return under.state("hs-mine-slow") == "TIMEOUT"; }));
}

TEST_CASE("a job that is cancelled before it begins never begins", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const ClientInBox under(which);
  under.box.set("hold");
  REQUIRE(under.client->submit(under.submission("hs-mine-a", "touch ran")).kind == Kind::kAccepted);

  under.client->cancel(under.job("hs-mine-a").value().id);

  CHECK(within_seconds(30, [&] { return under.state("hs-mine-a") == "CANCELLED"; }));
  under.box.clear("hold");
  CHECK_FALSE(fs::exists(under.folder.path() / "ran"));
}

TEST_CASE("the tasks of an array are distinguished, an array of one too", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const int count = GENERATE(1, 3);
  const ClientInBox under(which);
  const std::string variable = under.client->system().array_index_variable;
  auto submission = under.submission("hs-mine-array1", "cd " + under.folder.path().string() + "; echo \"$" + variable +
                                                           "\"; while [ ! -e go ]; do sleep 0.02; done");
  submission.array_tasks = count;
  submission.at_a_time = 3;
  REQUIRE(under.client->submit(submission).kind == Kind::kAccepted);

  for (int task = 0; task < count; ++task) {
    CAPTURE(task);
    const std::string key = "hs-mine-array1_" + std::to_string(task);
    CHECK(within_seconds(30, [&] { return under.state(key) == "RUNNING"; }));
    const fs::path log = under.folder.path() / (key + ".out");
    CHECK(within_seconds(30, [&] { return fs::exists(log) && test::read_file(log) == std::to_string(task) + "\n"; }));
  }
  CHECK(under.client->queue().value().size() == static_cast<std::size_t>(count));
  const std::string last = "hs-mine-array1_" + std::to_string(count - 1);
  under.client->cancel(under.job(last).value().id);
  CHECK(within_seconds(30, [&] { return under.state(last) == "CANCELLED"; }));
  if (count > 1) CHECK(under.state("hs-mine-array1_0") == "RUNNING");
  test::write_file(under.folder.path() / "go", "");
  if (count > 1) CHECK(within_seconds(30, [&] { return under.state("hs-mine-array1_0") == "COMPLETED"; }));
}

TEST_CASE("the jobs of other campaigns are passed over", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const ClientInBox under(which);
  const auto other = which.make(under.folder.path(), "hs-other-");
  under.box.set("hold");
  REQUIRE(under.client->submit(under.submission("hs-mine-a", "true")).kind == Kind::kAccepted);
  REQUIRE(other->submit(under.submission("hs-other-a", "true")).kind == Kind::kAccepted);

  for (int look = 0; look < 2; ++look) {
    REQUIRE(under.client->queue().value().size() == 1);
    CHECK(under.client->queue().value().front().name == "hs-mine-a");
    CHECK(other->queue().value().front().name == "hs-other-a");
  }
}

TEST_CASE("a server that is down says nothing of any job, and takes jobs later", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const ClientInBox under(which);
  under.box.set("down");

  CHECK_FALSE(under.client->queue().has_value());
  CHECK(under.client->submit(under.submission("hs-mine-a", "true")).kind == Kind::kLater);
  under.client->cancel("1");

  under.box.clear("down");
  CHECK(under.client->queue().value().empty());
}

TEST_CASE("what is refused for good is refused with the system's words", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const ClientInBox under(which);
  under.box.set("reject", "Invalid account for this user");

  const auto answer = under.client->submit(under.submission("hs-mine-a", "true"));

  CHECK(answer.kind == Kind::kRefused);
  CHECK_THAT(answer.text, Catch::Contains("Invalid account for this user"));
}

TEST_CASE("a submission whose answer is lost is unclear, and is found by its name", "[contract][batch]") {
  const auto which = GENERATE(from_range(clients_under_contract()));
  INFO("client \"" << which.name << "\"");
  const ClientInBox under(which);
  under.box.set("swallow");

  CHECK(under.client->submit(under.submission("hs-mine-a", "sleep 300")).kind == Kind::kUnknown);

  CHECK(under.job("hs-mine-a").has_value());
}

TEST_CASE("a submission whose answer is lost is not repeated", "[contract][batch]") {
  const auto which = GENERATE(from_range(executors_of_jobs()));
  CAPTURE(which.executor);
  const ExecutorHarness harness(which);
  harness.box().set("swallow");
  const auto request = harness.shell("a", "echo ran >> runs");
  harness.executor().launch(request);

  CHECK(test::ended(test::wait_for_one(harness.executor())).exit_code == 0);

  CHECK(test::read_file(request.directory / "runs") == "ran\n");
}

TEST_CASE("a job that somebody cancels is lost, with the command's name", "[contract][batch]") {
  const auto which = GENERATE(from_range(executors_of_jobs()));
  CAPTURE(which.executor);
  const ExecutorHarness harness(which);
  harness.box().set("hold");
  const auto request = harness.shell("a", "touch ran");
  const std::string job = harness.executor().launch(request);
  REQUIRE(within_seconds(30, [&] { return harness.executor().poll().empty() && harness.another()->is_alive(job); }));

  harness.another()->stop(job);

  const LaunchFinished finished = test::wait_for_one(harness.executor());
  CHECK_THAT(test::why_lost(finished), Catch::Contains("(" + cancel_command_of(which.executor) + ")"));
  CHECK_FALSE(fs::exists(request.directory / "ran"));
  CHECK_FALSE(fs::exists(request.directory / "exit_code"));
}

TEST_CASE("a job that is refused takes no slot and says why", "[contract][batch]") {
  const auto which = GENERATE(from_range(executors_of_jobs()));
  CAPTURE(which.executor);
  const ExecutorHarness harness(which);
  harness.box().set("reject", "Invalid account for this user");
  harness.executor().launch(harness.shell("a", "true"));

  const LaunchFinished finished = test::wait_for_one(harness.executor());

  CHECK_THAT(test::why_not_started(finished), Catch::Contains("Invalid account for this user"));
  CHECK(harness.executor().free_slots() == ExecutorHarness::kSlots);
}

TEST_CASE("a system that does not answer for a while loses nothing", "[contract][batch]") {
  const auto which = GENERATE(from_range(executors_of_jobs()));
  CAPTURE(which.executor);
  const ExecutorHarness harness(which);
  const auto request = harness.shell("a", "echo > began; while [ ! -e go ]; do sleep 0.02; done; exit 5");
  harness.executor().launch(request);
  REQUIRE(
      within_seconds(60, [&] { return harness.executor().poll().empty() && fs::exists(request.directory / "began"); }));
  harness.box().set("down");
  for (int look = 0; look < 20; ++look) {
    CHECK(harness.executor().poll().empty());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }

  harness.box().clear("down");
  test::write_file(request.directory / "go", "");

  CHECK(test::ended(test::wait_for_one(harness.executor())).exit_code == 5);
}

}  // namespace hullscan
