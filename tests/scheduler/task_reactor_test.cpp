#include "scheduler/decisions/task_reactor.hpp"
#include "task_actions.hpp"

#include <catch2/catch.hpp>

namespace hullscan {
namespace {

using test::of_kind;

OpenTask task(const std::string& key, double cost = 1) {
  OpenTask result;
  result.key = key;
  result.relative_cost = cost;
  return result;
}

DftFailure failure(FailureKind kind) {
  DftFailure result;
  result.kind = kind;
  result.failure_class = class_of(kind);
  result.reason = "as the test says";
  return result;
}

DftConverged converged() {
  return {"scf", -1.0, {Lattice(Eigen::Matrix3d::Identity() * 4), {}, {}}, {}, {}, {}, {}, "", {}};
}

/// Offers "gentler", then "gentlest", then nothing.
std::optional<Correction> two_corrections(const DftFailure&, const DftSettings& settings,
                                          const std::vector<std::string>& tried) {
  if (tried.size() >= 2) return std::nullopt;
  Correction correction;
  correction.handler = tried.empty() ? "gentler" : "gentlest";
  correction.explanation = "mixing lower";
  correction.settings = settings;
  correction.settings.values["mixing_beta"] = tried.empty() ? "0.4" : "0.2";
  return correction;
}

}  // namespace

TEST_CASE("free slots are filled with the longest tasks first", "[scheduler][task_reactor]") {
  TaskReactor reactor({task("a", 1), task("b", 9), task("c", 5)}, two_corrections);

  const auto begun = of_kind<BeginAttempt>(reactor.handle(SlotsFree{2}));

  REQUIRE(begun.size() == 2);
  CHECK(begun[0].key == "b");
  CHECK(begun[1].key == "c");
  CHECK(begun[0].attempt == 1);
}

TEST_CASE("a converged attempt is accepted once and its task is finished", "[scheduler][task_reactor]") {
  TaskReactor reactor({task("a")}, two_corrections);
  (void)reactor.handle(SlotsFree{1});

  CHECK(of_kind<AcceptResult>(reactor.handle(AttemptEnded{"a", 1, converged()})).size() == 1);
  CHECK(reactor.finished());
  CHECK(reactor.handle(AttemptEnded{"a", 1, converged()}).empty());
}

TEST_CASE("a failure is corrected until the ladder ends, then the task fails for good", "[scheduler][task_reactor]") {
  TaskReactor reactor({task("a")}, two_corrections);
  std::vector<std::string> betas;
  std::vector<bool> retries;
  for (int attempt = 1; !reactor.finished(); ++attempt) {
    const auto begun = of_kind<BeginAttempt>(reactor.handle(SlotsFree{1}));
    REQUIRE(begun.size() == 1);
    REQUIRE(begun[0].attempt == attempt);
    const auto beta = begun[0].settings.values.find("mixing_beta");
    betas.push_back(beta == begun[0].settings.values.end() ? "" : beta->second);
    const auto stored =
        of_kind<StoreFact>(reactor.handle(AttemptEnded{"a", attempt, failure(FailureKind::kElectronicNotConverged)}));
    REQUIRE(stored.size() == 1);
    retries.push_back(std::get<TaskRefused>(stored[0].fact).retry);
  }

  CHECK(betas == std::vector<std::string>{"", "0.4", "0.2"});
  CHECK(retries == std::vector<bool>{true, true, false});
}

TEST_CASE("one failed task does not stop the others", "[scheduler][task_reactor]") {
  TaskReactor reactor({task("a", 2), task("b", 1)}, [](auto&&...) { return std::nullopt; });
  (void)reactor.handle(SlotsFree{1});

  const auto actions = reactor.handle(AttemptEnded{"a", 1, failure(FailureKind::kInputRefused)});

  CHECK(of_kind<StopCampaign>(actions).empty());
  const auto begun = of_kind<BeginAttempt>(reactor.handle(SlotsFree{1}));
  REQUIRE(begun.size() == 1);
  CHECK(begun[0].key == "b");
}

TEST_CASE("a lost attempt is repeated with the same settings and a new number", "[scheduler][task_reactor]") {
  OpenTask running = task("a");
  running.state = TaskState::kRunning;
  running.attempts = 1;
  running.settings.values["ecutwfc"] = "25";
  TaskReactor reactor({running}, two_corrections);

  const auto stored = of_kind<StoreFact>(reactor.handle(AttemptLost{"a", 1, "killed"}));
  const auto begun = of_kind<BeginAttempt>(reactor.handle(SlotsFree{1}));

  REQUIRE(stored.size() == 1);
  CHECK(std::holds_alternative<TaskLost>(stored[0].fact));
  REQUIRE(begun.size() == 1);
  CHECK(begun[0].attempt == 2);
  CHECK(begun[0].settings == running.settings);
}

TEST_CASE("a calculation killed from outside is repeated three times, then failed with how to go on",
          "[scheduler][task_reactor]") {
  TaskReactor reactor({task("a")}, two_corrections);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    REQUIRE(of_kind<BeginAttempt>(reactor.handle(SlotsFree{1})).size() == 1);
    const auto stored = of_kind<StoreFact>(reactor.handle(AttemptLost{"a", attempt, "killed", true}));
    REQUIRE(stored.size() == 1);
    CHECK(std::holds_alternative<TaskLost>(stored[0].fact));
  }
  (void)reactor.handle(SlotsFree{1});

  const auto stored = of_kind<StoreFact>(reactor.handle(AttemptLost{"a", 4, "killed", true}));

  REQUIRE(stored.size() == 1);
  const auto& refused = std::get<TaskRefused>(stored[0].fact);
  CHECK_FALSE(refused.retry);
  CHECK_THAT(refused.reason, Catch::Contains("lost 4 times") && Catch::Contains("--retry a"));
  CHECK(reactor.finished());
}

TEST_CASE("failures of the machine in a row stop the campaign, a success between them does not",
          "[scheduler][task_reactor]") {
  TaskReactor reactor({task("a"), task("b"), task("c"), task("d")}, [](auto&&...) { return std::nullopt; },
                      {.attempts = 6, .losses = 5, .memory_doublings = 2, .environment_failures = 2});
  (void)reactor.handle(SlotsFree{4});

  CHECK(of_kind<StopCampaign>(reactor.handle(AttemptEnded{"a", 1, failure(FailureKind::kDiskTrouble)})).empty());
  (void)reactor.handle(AttemptEnded{"b", 1, converged()});
  CHECK(of_kind<StopCampaign>(reactor.handle(AttemptEnded{"c", 1, failure(FailureKind::kDiskTrouble)})).empty());
  CHECK(of_kind<StopCampaign>(reactor.handle(AttemptEnded{"d", 1, failure(FailureKind::kDiskTrouble)})).size() == 1);
}

}  // namespace hullscan
