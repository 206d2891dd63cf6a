// What the master asks at every event of a task finds its rows by an index: its cost must not grow with the campaign.
#include <map>
#include <regex>
#include <set>

#include "storage/detail/sqlite.hpp"
#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// The steps of SQLite's plan, as text.
std::vector<std::string> plan_of(const fs::path& file, const std::string& sql) {
  const std::string question = "EXPLAIN QUERY PLAN " + sql;
  sqlite::Database database(file, sqlite::Access::kReadOnly);
  sqlite::Query row = database.query(question.c_str());
  std::vector<std::string> steps;
  while (row.next()) steps.push_back(row.text(3));
  return steps;
}

/// Texts that look like SQL among the named constants of a source, adjacent pieces joined, macros replaced.
std::map<std::string, std::string> statements_in(const std::string& source) {
  std::map<std::string, std::string> statements;
  const auto joined = [](const std::string& text) {
    std::string sql;
    const std::regex piece("\"([^\"]*)\"");
    for (auto it = std::sregex_iterator(text.begin(), text.end(), piece); it != std::sregex_iterator(); ++it)
      sql += (*it)[1];
    return sql;
  };
  std::smatch macro;
  std::regex_search(source, macro, std::regex("#define HULLSCAN_TASK_COLUMNS((?:[^\\n]*\\\\\\n)*[^\\n]*)"));
  const std::string columns = joined(macro[1]);
  const std::regex constant("constexpr const char\\* (k\\w+) =([^;]*);");
  for (auto it = std::sregex_iterator(source.begin(), source.end(), constant); it != std::sregex_iterator(); ++it) {
    const std::string text = (*it)[2];
    statements[(*it)[1]] = (text.find("HULLSCAN_TASK_COLUMNS") != std::string::npos ? columns : "") + joined(text);
  }
  return statements;
}

}  // namespace

TEST_CASE("no query of the master scans the tasks, but those that want all of them", "[storage][plan]") {
  const TemporaryFolder folder;
  { const auto store = CampaignStore::create_or_open(folder.path() / "c", sample_campaign()); }
  const fs::path database = folder.path() / "c" / "campaign.db";
  const std::string source = read_file(fs::path(HULLSCAN_SOURCE) / "storage" / "campaign_store_tasks.cpp");
  const auto statements = statements_in(source);
  CHECK(statements.size() > 30);
  CHECK(statements.contains("kTaskOfKey"));
  // Once in a life of the program, or where every task is wanted.
  const std::set<std::string> of_everything = {"kAllTasks", "kTaskCounts",    "kOutsideCount",
                                               "kRounds",   "kAllJudgements", "kLatestEvent"};

  for (const auto& [name, sql] : statements) {
    INFO(name << ": " << sql);
    if (!sql.starts_with("SELECT") && !sql.starts_with("UPDATE")) continue;
    const std::vector<std::string> steps = plan_of(database, sql);
    for (const std::string& step : steps) {
      INFO(step);
      if (!of_everything.contains(name)) CHECK_FALSE(step.starts_with("SCAN"));
      if (step.starts_with("SEARCH") && name != "kLatestEvent")
        CHECK((step.find("INDEX") != std::string::npos || step.find("PRIMARY KEY") != std::string::npos));
    }
  }
  for (const auto& [name, index] : std::map<std::string, std::string>{{"kTaskOfKey", "sqlite_autoindex_task_1"},
                                                                      {"kTasksOfRound", "task_round"},
                                                                      {"kTasksOfState", "task_state"},
                                                                      {"kTasksOfStates", "task_state"},
                                                                      {"kHasTasks", "task_round"},
                                                                      {"kOpenRounds", "task_state"},
                                                                      {"kLastEvent", "task_event_task"}}) {
    INFO(name);
    const auto steps = plan_of(database, statements.at(name));
    CHECK(std::any_of(steps.begin(), steps.end(), [&](const std::string& step) {
      return step.starts_with("SEARCH") && step.find("INDEX " + index) != std::string::npos;
    }));
  }
}

TEST_CASE("the counts of states kept up with every change are those of the database", "[storage][plan]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  const auto check = [&](std::map<TaskState, int> wanted) { CHECK(store.task_counts() == wanted); };
  store.begin_round(0, "all");
  check({});
  store.add_tasks(0, std::vector{sample_task("a"), sample_task("b"), sample_task("c")});
  check({{TaskState::kSelected, 3}});
  store.add_tasks(0, std::vector{sample_task("c")});
  check({{TaskState::kSelected, 3}});
  store.record("a", TaskPrepared{1}, at_s(1));
  store.record("a", TaskStarted{1, "7"}, at_s(2));
  store.record("a", TaskStarted{1, "7"}, at_s(2));
  store.record("b", TaskPrepared{1}, at_s(1));
  check({{TaskState::kSelected, 1}, {TaskState::kPrepared, 1}, {TaskState::kRunning, 1}});
  CHECK_THROWS(store.record("b", TaskStarted{7, "no such attempt"}, at_s(2)));
  check({{TaskState::kSelected, 1}, {TaskState::kPrepared, 1}, {TaskState::kRunning, 1}});
  store.accept("a", 1, sample_result(), 1, at_s(3));
  store.record("b", TaskRefused{1, "wrong", false}, at_s(4));
  store.record("c", TaskAbandoned{"enough"}, at_s(4));
  check({{TaskState::kConverged, 1}, {TaskState::kFailed, 1}, {TaskState::kAbandoned, 1}});
  store.record("b", TaskRetryAsked{"once more"}, at_s(5));
  check({{TaskState::kConverged, 1}, {TaskState::kRetrying, 1}, {TaskState::kAbandoned, 1}});
  CHECK(store.rounds_with_open_tasks() == std::vector<int>{0});
  CHECK(store.has_tasks(0));
  CHECK_FALSE(store.has_tasks(1));
}

TEST_CASE("tasks that ended after an event are found, those that are open again are not", "[storage][plan]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  CHECK(store.last_event() == 0);
  store.begin_round(0, "all");
  store.add_tasks(0, std::vector{sample_task("a"), sample_task("b"), sample_task("c")});
  for (const std::string key : {"a", "b"}) store.record(key, TaskPrepared{1}, at_s(1));
  store.accept("a", 1, sample_result(), 1, at_s(2));
  const auto event = store.last_event();
  CHECK(store.tasks_ended_after(0) == std::vector<std::string>{"a"});
  store.record("b", TaskRefused{1, "wrong", false}, at_s(3));
  CHECK(store.tasks_ended_after(event) == std::vector<std::string>{"b"});
  store.record("b", TaskRetryAsked{"once more"}, at_s(4));
  CHECK(store.tasks_ended_after(event).empty());
  CHECK(store.set_aside_counts() == std::pair(0, 0));
  store.judge("a", {at_s(5), JudgementKind::kSuspected, "hullscan", "far off"});
  CHECK(store.set_aside_counts() == std::pair(1, 0));
  store.judge("a", {at_s(6), JudgementKind::kExcluded, "me@here", "a typo"});
  CHECK(store.set_aside_counts() == std::pair(0, 1));
}

TEST_CASE("tasks by state come in the order they were added, and one at a time", "[storage][plan]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_round(0, "all");
  store.begin_round(1, "more");
  store.add_tasks(0, std::vector{sample_task("z"), sample_task("y")});
  store.add_tasks(1, std::vector{sample_task("x"), sample_task("w")});
  store.record("y", TaskPrepared{1}, at_s(1));
  store.record("x", TaskPrepared{1}, at_s(1));
  store.record("x", TaskStarted{1, "7"}, at_s(1));
  const auto keys = [&](const TaskFilter& filter) {
    std::string text;
    store.each_task(filter, [&](TaskRecord&& task) { text += store.task(task.task.key)->task.key; });
    return text;
  };
  CHECK(keys({}) == "zyxw");
  CHECK(keys({.round = 1, .states = {}}) == "xw");
  CHECK(keys({.round = {}, .states = {TaskState::kSelected}}) == "zw");
  CHECK(keys({.round = {}, .states = {TaskState::kRunning, TaskState::kPrepared}}) == "yx");
  CHECK(keys({.round = 1, .states = {TaskState::kSelected}}) == "w");
}
