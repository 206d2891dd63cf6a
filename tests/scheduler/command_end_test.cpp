// What the end of a batch system's job says of the command in it.
#include <catch2/catch.hpp>

#include "scheduler/executors/batch_job.hpp"

namespace hullscan {
namespace {

using Kind = JobVerdict::Kind;

}  // namespace

TEST_CASE("a command that ended keeps its exit code, and has one cause of its end", "[scheduler][executor]") {
  const auto cause_of = [](Kind kind) {
    const auto ended = std::get<CommandEnded>(end_of_command({kind, "why"}, 137, "a remark"));
    CHECK(ended.exit_code == 137);
    CHECK(ended.left_running.empty());
    return ended.cause;
  };

  CHECK(cause_of(Kind::kEnded) == EndCause::kItself);
  CHECK(cause_of(Kind::kTimedOut) == EndCause::kTimeLimit);
  CHECK(cause_of(Kind::kOutOfMemory) == EndCause::kOutOfMemory);
}

TEST_CASE("a job that was ended and left no exit code has ended its command all the same", "[scheduler][executor]") {
  const auto ended = std::get<CommandEnded>(end_of_command({Kind::kTimedOut, "by its time limit"}, std::nullopt, ""));

  CHECK(ended.exit_code == 0);
  CHECK(ended.cause == EndCause::kTimeLimit);
}

TEST_CASE("a command that never ran has a reason and no exit code, whatever file lies there", "[scheduler][executor]") {
  for (const Kind kind : {Kind::kEnvironment, Kind::kImpossible}) {
    for (const std::optional<int> code : {std::optional<int>(), std::optional<int>(127)}) {
      CHECK(std::get<CommandNotStarted>(end_of_command({kind, "no such node"}, code, "")).reason == "no such node");
      CHECK(std::get<CommandNotStarted>(end_of_command({kind, "no such node"}, code, "job held")).reason ==
            "no such node (job held)");
    }
  }
}

TEST_CASE("a lost command has neither an exit code nor outputs that count", "[scheduler][executor]") {
  CHECK(std::get<CommandLost>(end_of_command({Kind::kLost, "its node failed"}, 137, "a remark")).reason ==
        "its node failed");
}

}  // namespace hullscan
