#include "core/task.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {
namespace {

using enum TaskState;

const std::vector<TaskState> kStates = {kSelected, kPrepared, kRunning,   kConverged,
                                        kRetrying, kFailed,   kAbandoned, kContinuing};

struct Row {
  TaskFact fact;
  std::vector<std::optional<TaskState>> next;  ///< by state, in the order of kStates; nothing: refused
};

constexpr std::nullopt_t kNo = std::nullopt;

// The whole course of a task, written by hand from DESIGN section 9.
const std::vector<Row> kTable = {
    //                              selected    prepared    running     converged retrying  failed      abandoned
    //                              continuing
    {TaskPrepared{}, {kPrepared, kNo, kNo, kNo, kPrepared, kNo, kNo, kPrepared}},
    {TaskStarted{}, {kNo, kRunning, kNo, kNo, kNo, kNo, kNo, kNo}},
    {TaskAccepted{}, {kNo, kConverged, kConverged, kNo, kNo, kNo, kNo, kNo}},
    {TaskRefused{1, "", true}, {kNo, kRetrying, kRetrying, kNo, kNo, kNo, kNo, kNo}},
    {TaskRefused{1, "", false}, {kNo, kFailed, kFailed, kNo, kNo, kNo, kNo, kNo}},
    {TaskLost{}, {kNo, kRetrying, kRetrying, kNo, kNo, kNo, kNo, kNo}},
    {TaskAbandoned{}, {kAbandoned, kAbandoned, kAbandoned, kNo, kAbandoned, kAbandoned, kNo, kAbandoned}},
    {TaskStepDone{}, {kNo, kContinuing, kContinuing, kNo, kNo, kNo, kNo, kNo}},
    {TaskRetryAsked{}, {kNo, kNo, kNo, kNo, kNo, kRetrying, kRetrying, kNo}},
};

}  // namespace

TEST_CASE("every fact leads every state where the table says, or is refused", "[core][task]") {
  for (const Row& row : kTable) {
    for (std::size_t s = 0; s < kStates.size(); ++s) {
      CAPTURE(name_of(row.fact), name_of(kStates[s]));
      if (row.next[s]) {
        CHECK(next_state(kStates[s], row.fact) == *row.next[s]);
      } else {
        CHECK_THROWS_AS(next_state(kStates[s], row.fact), Error);
      }
    }
  }
}

TEST_CASE("a refusal names the state and the fact", "[core][task]") {
  CHECK_THROWS_WITH(next_state(kConverged, TaskStarted{}), "a task that is converged cannot be started");
}

TEST_CASE("the numbers and names of states never change", "[core][task]") {
  const std::vector<std::pair<int, std::string>> stored = {{1, "selected"},  {2, "prepared"},  {3, "running"},
                                                           {4, "converged"}, {5, "retrying"},  {6, "failed"},
                                                           {7, "abandoned"}, {8, "continuing"}};
  for (const auto& [number, name] : stored) CHECK(name_of(static_cast<TaskState>(number)) == name);
}

TEST_CASE("converged, failed and abandoned are final", "[core][task]") {
  for (const TaskState state : kStates) {
    CHECK(is_final(state) == (state == kConverged || state == kFailed || state == kAbandoned));
  }
}

}  // namespace hullscan
