/// @file
/// Tasks of several steps: what the reactor decides, and how the steps make one result.
#include "scheduler/decisions/task_steps.hpp"

#include <catch2/catch.hpp>

#include "scheduler/decisions/energy_remarks.hpp"
#include "scheduler/decisions/task_reactor.hpp"
#include "task_actions.hpp"

namespace hullscan {
namespace {

using test::of_kind;

Structure cube(double edge) {
  return {Lattice(Eigen::Matrix3d::Identity() * edge), {Species::from_symbol("Al")}, {Fractional{{0.1, 0.2, 1.0 / 3}}}};
}

DftConverged converged(const std::string& calculation, double energy_ev, double edge) {
  return {.calculation = calculation,
          .energy_ev = energy_ev,
          .structure = cube(edge),
          .forces_ev_per_angstrom = {},
          .stress_kbar = {},
          .magnetization_bohr = {},
          .wall_time_s = {},
          .code_version = "",
          .hull_keys = {}};
}

DftFailure failure() {
  DftFailure one;
  one.kind = FailureKind::kElectronicNotConverged;
  one.failure_class = class_of(one.kind);
  one.reason = "as the test says";
  one.last_structure = cube(7);
  return one;
}

/// "close" follows the first step and is the last.
std::optional<NextStep> closing(const DftSettings& asked, const DftSettings& done, const Structure&) {
  if (!step_name(done).empty()) return std::nullopt;
  NextStep next{{"close", asked}, 0.125};
  next.step.settings.values[kStepKey] = "close";
  return next;
}

/// "gentler" once for each step.
std::optional<Correction> one_correction(const DftFailure&, const DftSettings& settings,
                                         const std::vector<std::string>& tried) {
  if (!tried.empty()) return std::nullopt;
  Correction correction{"gentler", "mixing lower", settings, true};
  correction.settings.values["mixing"] = "low";
  return correction;
}

OpenTask one_task() {
  OpenTask task;
  task.key = "a";
  task.asked.values["cutoff"] = "520";
  task.settings = task.asked;
  return task;
}

BeginAttempt begun(TaskReactor& reactor) {
  const auto found = of_kind<BeginAttempt>(reactor.handle(SlotsFree{1}));
  REQUIRE(found.size() == 1);
  return found[0];
}

AttemptRecord done_attempt(int number, const DftConverged& result, const DftSettings& settings = {}) {
  AttemptRecord attempt;
  attempt.number = number;
  attempt.settings = settings;
  attempt.outcome = std::string(kStepDoneOutcome) + "close";
  attempt.particulars = with_done_step("{\"cores\":2}", result, "", 3.5);
  return attempt;
}

}  // namespace

TEST_CASE("a converged step is kept and the next one begins, and only the last is accepted", "[scheduler][steps]") {
  TaskReactor reactor({one_task()}, one_correction, {}, closing);
  CHECK(begun(reactor).attempt == 1);

  const auto kept = of_kind<FinishStep>(reactor.handle(AttemptEnded{"a", 1, converged("vc-relax", -3, 4)}));

  REQUIRE(kept.size() == 1);
  CHECK(kept[0].next == "close");
  CHECK_FALSE(reactor.finished());
  const BeginAttempt second = begun(reactor);
  CHECK(second.attempt == 2);
  CHECK(step_name(second.settings) == "close");
  CHECK(second.handler.empty());
  CHECK_FALSE(second.start_from.has_value());
  CHECK(of_kind<AcceptResult>(reactor.handle(AttemptEnded{"a", 2, converged("scf", -3.1, 4)})).size() == 1);
  CHECK(reactor.finished());
}

TEST_CASE("each step has its own remedies and its own number of attempts", "[scheduler][steps]") {
  TaskReactor reactor({one_task()}, one_correction, {.attempts = 2}, closing);
  (void)begun(reactor);
  (void)reactor.handle(AttemptEnded{"a", 1, failure()});
  CHECK(begun(reactor).handler == "gentler");
  (void)reactor.handle(AttemptEnded{"a", 2, converged("vc-relax", -3, 4)});

  CHECK(begun(reactor).settings.values.count("mixing") == 0);  // the stepper's settings, not the remedy's
  const auto refused = of_kind<StoreFact>(reactor.handle(AttemptEnded{"a", 3, failure()}));

  REQUIRE(refused.size() == 1);
  const auto& fact = std::get<TaskRefused>(refused[0].fact);
  CHECK(fact.retry);
  CHECK(fact.reason.starts_with("close: "));
  const BeginAttempt fourth = begun(reactor);
  CHECK(fourth.handler == "gentler");
  CHECK(step_name(fourth.settings) == "close");
  CHECK(of_kind<AcceptResult>(reactor.handle(AttemptEnded{"a", 4, converged("scf", -3.1, 4)})).size() == 1);
}

TEST_CASE("a last step that fails for good fails the task: the energy before it is not taken", "[scheduler][steps]") {
  TaskReactor reactor(
      {one_task()}, [](auto&&...) { return std::nullopt; }, {}, closing);
  (void)begun(reactor);
  (void)reactor.handle(AttemptEnded{"a", 1, converged("vc-relax", -3, 4)});
  (void)begun(reactor);

  const auto actions = reactor.handle(AttemptEnded{"a", 2, failure()});

  CHECK(of_kind<AcceptResult>(actions).empty());
  CHECK_FALSE(std::get<TaskRefused>(of_kind<StoreFact>(actions)[0].fact).retry);
  CHECK(reactor.finished());
}

TEST_CASE("a lost attempt repeats its step and not those before it", "[scheduler][steps]") {
  TaskReactor reactor({one_task()}, one_correction, {}, closing);
  (void)begun(reactor);
  (void)reactor.handle(AttemptEnded{"a", 1, converged("vc-relax", -3, 4)});
  (void)begun(reactor);

  (void)reactor.handle(AttemptLost{"a", 2, "power cut"});

  CHECK(step_name(begun(reactor).settings) == "close");
}

TEST_CASE("a step that is short fits where its task would not", "[scheduler][steps]") {
  TaskReactor reactor({one_task()}, one_correction, {}, closing);
  (void)begun(reactor);
  (void)reactor.handle(AttemptEnded{"a", 1, converged("vc-relax", -3, 4)});

  CHECK(of_kind<BeginAttempt>(reactor.handle(SlotsFree{1, 0.1})).empty());
  CHECK(of_kind<BeginAttempt>(reactor.handle(SlotsFree{1, 0.2})).size() == 1);
}

TEST_CASE("what a step came to is read back to the bit", "[scheduler][steps]") {
  const DftConverged result = converged("vc-relax", -3.1415926535897931, 4.0 / 3);

  const auto step = done_step(done_attempt(2, result));

  REQUIRE(step.has_value());
  CHECK(step->attempt == 2);
  CHECK(step->name == "vc-relax");
  CHECK(step->energy_ev == result.energy_ev);
  CHECK(step->structure == result.structure);
  CHECK(step->wall_time_s == 3.5);
  AttemptRecord judged_otherwise = done_attempt(2, result);
  judged_otherwise.outcome = "truncated: OUTCAR ends without its end marker";
  CHECK_FALSE(done_step(judged_otherwise).has_value());
  CHECK_FALSE(done_step(AttemptRecord{}).has_value());
}

TEST_CASE("a task has the energy of its last step and the structure of its relaxation", "[scheduler][steps]") {
  const std::vector<DoneStep> relaxed = {{1, "vc-relax", "vc-relax", -3.0, cube(4), 1}};

  const DftConverged closed = joined(converged("scf", -3.05, 4.0001), relaxed);
  const DftConverged again = joined(converged("vc-relax", -3.04, 4.1), relaxed);

  CHECK(closed.energy_ev == -3.05);
  CHECK(closed.calculation == "vc-relax");
  CHECK(closed.structure == cube(4));
  CHECK(again.structure == cube(4.1));
  CHECK(joined(converged("scf", -2, 4), {}).calculation == "scf");
}

TEST_CASE("the Pulay correction is the last step's energy minus the one before, per atom", "[scheduler][steps]") {
  const DftConverged relaxed = converged("vc-relax", -3.0, 4), closed = converged("scf", -3.05, 4);
  TaskRecord task{NewTask{"a", {}, {}, 0, "Al", {}, cube(4.2), {}}, 1, TaskState::kConverged, {}, {}};
  task.attempts = {done_attempt(1, relaxed), AttemptRecord{}};
  task.attempts[1].number = 2;
  task.result = TaskResult{2, closed, 4};

  CHECK(*pulay_correction_ev_per_atom(task) == Approx(-0.05));
  task.attempts.erase(task.attempts.begin());
  CHECK_FALSE(pulay_correction_ev_per_atom(task).has_value());
}

TEST_CASE("the mark of a step tells its name and its structure", "[scheduler][steps]") {
  DftSettings closing_settings;
  closing_settings.values[kStepKey] = "close";

  CHECK(step_mark({}, cube(4)).empty());
  CHECK(step_mark(closing_settings, cube(4)) == step_mark(closing_settings, cube(4)));
  CHECK(step_mark(closing_settings, cube(4)) != step_mark(closing_settings, cube(4.0000001)));
}

TEST_CASE("remedies that changed what an energy depends on are reported, step by step, and others are not",
          "[scheduler][steps]") {
  const DftCode& vasp = *find_dft_code("vasp");
  DftSettings asked{"vasp",
                    {{"incar.ALGO", "Fast"},
                     {"incar.IBRION", "2"},
                     {"incar.ISIF", "3"},
                     {"incar.ISMEAR", "-5"},
                     {"incar.NSW", "99"},
                     {"closing", "single-point"}}};
  DftSettings relaxed = asked;
  relaxed.values["incar.ALGO"] = "Normal";
  relaxed.values["incar.SYMPREC"] = "1e-06";
  DftSettings closed = vasp.next_step(asked, relaxed)->settings;
  closed.values["incar.ISMEAR"] = "0";
  TaskRecord task{NewTask{"a", {}, {}, 0, "Al", {}, cube(4), asked}, 1, TaskState::kConverged, {}, {}};
  task.attempts = {AttemptRecord{}, done_attempt(2, converged("vc-relax", -3, 4.2), relaxed), AttemptRecord{}};
  task.attempts[1].handler = "vasp-symprec-1e-6";
  task.attempts[2].number = 3;
  task.attempts[2].settings = closed;
  task.attempts[2].handler = "vasp-gaussian-smearing";
  task.result = TaskResult{3, converged("vc-relax", -3.1, 4.2), 1};

  CHECK(energy_remarks(vasp, task) ==
        std::vector<std::string>{"relaxation: SYMPREC = 1e-06 (vasp-symprec-1e-6)",
                                 "closing single point: ISMEAR = 0 instead of -5 (vasp-gaussian-smearing)"});

  TaskRecord older{NewTask{"b", {}, {}, 0, "Al", {}, cube(4), asked}, 1, TaskState::kConverged, {}, {}};
  older.task.settings.values.erase("closing");
  older.attempts = {AttemptRecord{}};
  older.attempts[0].settings = older.task.settings;
  older.result = TaskResult{1, converged("vc-relax", -3, 4.2), 1};
  CHECK(energy_remarks(vasp, older) ==  // 1.05^3 = 1.157625
        std::vector<std::string>{"no closing single point: basis and k-points of the first cell, volume +15.8 %"});
}

}  // namespace hullscan
