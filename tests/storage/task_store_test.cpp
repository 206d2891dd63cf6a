#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

CampaignStore store_with_task(const std::string& key = "k1") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_round(0, "initial");
  store.add_tasks(0, std::vector{sample_task(key)});
  return store;
}

TaskState fold(const std::vector<TaskEvent>& events) {
  TaskState state = TaskState::kSelected;
  for (const TaskEvent& event : events) state = next_state(state, event.fact);
  return state;
}

}  // namespace

TEST_CASE("rounds are begun and finished once", "[storage][tasks]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_round(0, "initial draw");
  store.begin_round(0, "another description");
  store.begin_round(1, "lower confidence bound");
  CHECK_THROWS_AS(store.finish_round(7, "{}", "{}"), Error);

  store.finish_round(0, "{\"rmse\":1}", "{\"vertices\":[]}");
  store.finish_round(0, "{}", "{}");

  const auto rounds = store.rounds();
  REQUIRE(rounds.size() == 2);
  CHECK(rounds[0].policy == "initial draw");
  CHECK(rounds[0].finished);
  CHECK(rounds[0].fit == "{\"rmse\":1}");
  CHECK(rounds[0].hull == "{\"vertices\":[]}");
  CHECK_FALSE(rounds[1].finished);
}

TEST_CASE("a task comes back exactly as it was added, and only once", "[storage][tasks]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  CHECK_THROWS_AS(store.add_tasks(0, std::vector{sample_task("k1")}), Error);
  store.begin_round(0, "initial");
  store.begin_round(1, "next");
  NewTask no_prediction = sample_task("k2");
  no_prediction.predicted_ev_per_atom.reset();
  no_prediction.occupation.clear();
  no_prediction.degeneracy = 0xffffffffffffffffULL;

  CHECK(store.add_tasks(0, std::vector{sample_task("k1"), no_prediction}) == 2);
  CHECK(store.add_tasks(1, std::vector{sample_task("k1"), sample_task("k3")}) == 1);

  const auto tasks = store.tasks();
  REQUIRE(tasks.size() == 3);
  const NewTask wanted = sample_task("k1");
  CHECK(tasks[0].task.key == "k1");
  CHECK(tasks[0].round == 0);
  CHECK(tasks[0].state == TaskState::kSelected);
  CHECK(tasks[0].task.stratum == wanted.stratum);
  CHECK(tasks[0].task.occupation == wanted.occupation);
  CHECK(tasks[0].task.degeneracy == wanted.degeneracy);
  CHECK(tasks[0].task.formula == wanted.formula);
  CHECK(tasks[0].task.predicted_ev_per_atom == wanted.predicted_ev_per_atom);
  CHECK(tasks[0].task.structure == wanted.structure);
  CHECK(tasks[0].task.settings == wanted.settings);
  CHECK(tasks[0].attempts.empty());
  CHECK_FALSE(tasks[0].result.has_value());
  CHECK_FALSE(tasks[1].task.predicted_ev_per_atom.has_value());
  CHECK(tasks[1].task.occupation.empty());
  CHECK(tasks[1].task.degeneracy == 0xffffffffffffffffULL);
  CHECK(store.tasks({.round = 1, .states = {}}).size() == 1);
  CHECK(store.tasks({.round = {}, .states = {TaskState::kFailed}}).empty());
  CHECK_FALSE(store.task("unknown").has_value());
}

TEST_CASE("every fact may be recorded twice", "[storage][tasks]") {
  auto store = store_with_task();
  const std::vector<TaskFact> life = {
      TaskPrepared{1},        TaskStarted{1, "4711"},         TaskRefused{1, "not converged", true},
      TaskPrepared{2},        TaskLost{2, "machine"},         TaskPrepared{3},
      TaskStarted{3, "4712"}, TaskRefused{3, "again", false}, TaskRetryAsked{"patience"},
      TaskPrepared{4},        TaskStepDone{4, "closing"},     TaskAbandoned{"no more"}};
  for (std::size_t i = 0; i < life.size(); ++i) {
    const TaskState first = store.record("k1", life[i], at_s(static_cast<int>(i)));
    const TaskState second = store.record("k1", life[i], at_s(99));
    CHECK(first == second);
  }

  const auto events = store.events("k1");
  REQUIRE(events.size() == life.size());
  CHECK(events[1].at == at_s(1));
  CHECK(std::get<TaskStarted>(events[1].fact).job == "4711");
  CHECK(std::get<TaskRefused>(events[2].fact).retry);
  CHECK_FALSE(std::get<TaskRefused>(events[7].fact).retry);
  CHECK(std::get<TaskStepDone>(events[10].fact).next == "closing");
  CHECK(std::get<TaskAbandoned>(events[11].fact).reason == "no more");
  CHECK(store.task("k1")->state == TaskState::kAbandoned);
  CHECK(store.task("k1")->state == fold(events));
  CHECK(store.check_integrity().empty());
}

TEST_CASE("an attempt remembers where, with what and how it ended", "[storage][tasks]") {
  auto store = store_with_task();
  DftSettings softer = sample_settings();
  softer.values["mixing_beta"] = "0.3";
  store.record("k1", TaskPrepared{1}, at_s(0));
  store.record("k1", TaskStarted{1, "hs.a.1"}, at_s(1));
  store.name_job("k1", 1, "4711");
  store.name_job("k1", 1, "4711");
  store.record("k1", TaskRefused{1, "electronic not converged", true}, at_s(2));

  store.begin_attempt("k1", {2, "tasks/k1/2", softer, "softer-mixing", "beta 0.7 -> 0.3"}, at_s(3));
  store.begin_attempt("k1", {2, "tasks/k1/2", softer, "softer-mixing", "beta 0.7 -> 0.3"}, at_s(4));

  const auto attempts = store.task("k1")->attempts;
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[0].directory == "tasks/k1/1");
  CHECK(attempts[0].settings == sample_settings());
  CHECK(attempts[0].job == "4711");
  CHECK(attempts[0].prepared == at_s(0));
  CHECK(attempts[0].started == at_s(1));
  CHECK(attempts[0].ended == at_s(2));
  CHECK(attempts[0].outcome == "electronic not converged");
  CHECK(attempts[1].settings == softer);
  CHECK(attempts[1].handler == "softer-mixing");
  CHECK(attempts[1].prepared == at_s(3));
  CHECK_FALSE(attempts[1].started.has_value());
  CHECK(attempts[1].outcome.empty());
  CHECK_THROWS_AS(store.name_job("k1", 3, "x"), Error);
}

TEST_CASE("a fact that cannot follow is refused and leaves no trace", "[storage][tasks]") {
  auto store = store_with_task();

  CHECK_THROWS_AS(store.record("k1", TaskStarted{1, "x"}, at_s(0)), Error);
  CHECK_THROWS_AS(store.record("k1", TaskLost{1, "x"}, at_s(0)), Error);
  CHECK_THROWS_AS(store.record("k1", TaskAccepted{1}, at_s(0)), Error);
  CHECK_THROWS_AS(store.record("unknown", TaskAbandoned{"x"}, at_s(0)), InputError);

  CHECK(store.events("k1").empty());
  CHECK(store.task("k1")->state == TaskState::kSelected);
}

TEST_CASE("a late attempt is refused", "[storage][tasks]") {
  auto store = store_with_task();
  store.record("k1", TaskPrepared{1}, at_s(0));
  store.record("k1", TaskLost{1, "requeued"}, at_s(1));
  store.record("k1", TaskPrepared{2}, at_s(2));

  CHECK_THROWS_AS(store.accept("k1", 1, sample_result(), 1, at_s(3)), Error);
  CHECK_THROWS_AS(store.record("k1", TaskStarted{1, "x"}, at_s(3)), Error);
  CHECK_THROWS_AS(store.record("k1", TaskRefused{1, "x", false}, at_s(3)), Error);

  CHECK(store.task("k1")->state == TaskState::kPrepared);
  CHECK_FALSE(store.task("k1")->result.has_value());
}

TEST_CASE("an attempt number is used once", "[storage][tasks]") {
  auto store = store_with_task();
  store.record("k1", TaskPrepared{1}, at_s(0));
  store.record("k1", TaskLost{1, "killed"}, at_s(1));

  CHECK_THROWS_AS(store.record("k1", TaskPrepared{1}, at_s(2)), Error);
  CHECK(store.task("k1")->state == TaskState::kRetrying);
}

TEST_CASE("a result is stored exactly once and comes back bit for bit", "[storage][tasks]") {
  auto store = store_with_task();
  store.record("k1", TaskPrepared{1}, at_s(0));
  store.record("k1", TaskStarted{1, "1"}, at_s(1));
  DftConverged other = sample_result();
  other.energy_ev = 0;

  CHECK(store.accept("k1", 1, sample_result(), 13.5, at_s(2)));
  CHECK_FALSE(store.accept("k1", 1, other, 1, at_s(3)));

  const auto task = store.task("k1");
  REQUIRE(task->result.has_value());
  const DftConverged wanted = sample_result();
  const DftConverged& got = task->result->converged;
  CHECK(task->state == TaskState::kConverged);
  CHECK(task->result->attempt == 1);
  CHECK(task->result->wall_time_s == 13.5);
  CHECK(got.calculation == wanted.calculation);
  CHECK(got.energy_ev == wanted.energy_ev);
  CHECK(got.structure == wanted.structure);
  CHECK(got.forces_ev_per_angstrom == wanted.forces_ev_per_angstrom);
  CHECK(got.stress_kbar == wanted.stress_kbar);
  CHECK(got.magnetization_bohr == wanted.magnetization_bohr);
  CHECK(got.wall_time_s == wanted.wall_time_s);
  CHECK(got.code_version == wanted.code_version);
  CHECK(got.hull_keys == wanted.hull_keys);
  CHECK(task->attempts.front().outcome == "accepted");
  CHECK(store.events("k1").size() == 3);
  CHECK(store.check_integrity().empty());
}

TEST_CASE("what a code did not say stays unsaid", "[storage][tasks]") {
  auto store = store_with_task();
  store.record("k1", TaskPrepared{1}, at_s(0));
  DftConverged bare = sample_result();
  bare.forces_ev_per_angstrom.reset();
  bare.stress_kbar.reset();
  bare.magnetization_bohr.reset();
  bare.wall_time_s.reset();
  bare.hull_keys.clear();

  store.accept("k1", 1, bare, 0, at_s(2));

  const DftConverged got = store.task("k1")->result->converged;
  CHECK_FALSE(got.forces_ev_per_angstrom.has_value());
  CHECK_FALSE(got.stress_kbar.has_value());
  CHECK_FALSE(got.magnetization_bohr.has_value());
  CHECK_FALSE(got.wall_time_s.has_value());
  CHECK(got.hull_keys.empty());
}

TEST_CASE("an energy that is not a number is not a result", "[storage][tasks]") {
  auto store = store_with_task();
  store.record("k1", TaskPrepared{1}, at_s(0));
  DftConverged broken = sample_result();
  broken.energy_ev = std::nan("");

  CHECK_THROWS_AS(store.accept("k1", 1, broken, 1, at_s(1)), Error);
  CHECK(store.task("k1")->state == TaskState::kPrepared);
}

TEST_CASE("tasks are counted by state", "[storage][tasks]") {
  auto store = store_with_task("a");
  store.add_tasks(0, std::vector{sample_task("b"), sample_task("c")});
  store.record("b", TaskPrepared{1}, at_s(0));

  CHECK(store.task_counts() == std::map<TaskState, int>{{TaskState::kSelected, 2}, {TaskState::kPrepared, 1}});
  CHECK(store.tasks({.round = {}, .states = {TaskState::kPrepared}}).front().task.key == "b");
}

TEST_CASE("tasks whose keys begin alike have different short ids, and keep them", "[storage][tasks]") {
  const std::string first = "0123456789abcdef0123456789abcdef", second = "01234567ffffffffffffffffffffffff",
                    third = "01234567ffffffff0000000000000000", other = "89abcdef000000000000000000000000";
  auto store = store_with_task(second);
  CHECK(store.task(second)->short_id == "01234567");

  store.add_tasks(0, std::vector{sample_task(first), sample_task(third), sample_task(other)});

  CHECK(store.task(second)->short_id == "01234567");
  CHECK(store.task(first)->short_id == "0123456789abcdef");
  CHECK(store.task(third)->short_id == third);
  CHECK(store.task(other)->short_id == "89abcdef");
  CHECK(store.tasks().size() == 4);
}
