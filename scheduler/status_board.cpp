#include "scheduler/status_board.hpp"

#include <fmt/format.h>

#include "core/errors.hpp"
#include "storage/status_file.hpp"

namespace hullscan {
namespace {

using Clock = std::chrono::steady_clock;

double age_s(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

}  // namespace

StatusBoard::StatusBoard(std::filesystem::path directory) : directory_(std::move(directory)) {}

void StatusBoard::resume(const PassProgress& pass, double orbits, const std::map<TaskState, int>& tasks) {
  units_ = {{"done", pass.units_done}, {"total", pass.units_total}};
  orbits_ = fmt::format("{:.0f}", orbits);
  count_tasks(tasks);
}

void StatusBoard::count_tasks(const std::map<TaskState, int>& states) {
  tasks_ = Json::object();
  for (const auto& [state, count] : states) tasks_[std::string(name_of(state))] = count;
}

void StatusBoard::pass(int number, const PassProgress& progress) {
  const std::string what = number == 0 ? "enumerating" : "scoring";
  if (progress_of_ != what + std::to_string(number)) {
    progress_of_ = what + std::to_string(number);
    progress_ = std::make_unique<Progress>(what, progress.orbits_total, "orbits");
    begun_ = Clock::now();
    orbits_at_begin_ = progress.orbits;
  }
  progress_->update(progress.orbits);
  units_ = {{"done", progress.units_done}, {"total", progress.units_total}};
  if (number == 0) orbits_ = fmt::format("{:.0f}", progress.orbits);
  const double elapsed = age_s(begun_);
  // The rate is this process's: what an earlier one did took other time.
  rate_ = elapsed > 0 ? (progress.orbits - orbits_at_begin_) / elapsed : 0;
  eta_s_ = rate_ > 0 && progress.orbits_total > 0 ? std::optional((progress.orbits_total - progress.orbits) / rate_)
                                                  : std::nullopt;
  write(false);
}

void StatusBoard::tasks(int round, const TaskProgress& progress, int planned_tasks) {
  int selected = 0, ended = 0, running = 0, failed = 0;
  count_tasks(progress.states);
  for (const auto& [state, count] : progress.states) {
    selected += count;
    if (is_final(state)) ended += count;
    if (state == TaskState::kRunning) running += count;
    if (state == TaskState::kFailed) failed += count;
  }
  const int planned = std::max(planned_tasks, selected);
  // Tasks of rounds to come cost as much as this round's do on average.
  const int in_round = std::max(1, progress.tasks);
  const double mean = progress.cost_total / in_round;
  const double all = mean > 0 ? mean * planned : 1;
  const double done = mean > 0 ? mean * (ended - progress.ended) + progress.cost_done : 0;
  const double share = std::min(1.0, done / all);
  if (progress_of_ != "tasks") {
    progress_of_ = "tasks";
    progress_ = std::make_unique<Progress>("computing", planned, "calculations");
    begun_ = Clock::now();
    share_at_begin_ = share;
  }
  progress_->set_total(planned);
  const double elapsed = age_s(begun_);
  const double gained = share - share_at_begin_;
  eta_s_ = gained > 0 ? std::optional(elapsed * (1 - share) / gained) : std::nullopt;
  rate_ = elapsed > 0 ? gained * planned / elapsed : 0;
  progress_->update(
      ended,
      fmt::format("round {}, {} running{}", round, running, failed > 0 ? fmt::format(", {} failed", failed) : ""),
      share);
  write(false);
}

void StatusBoard::hull(const HullReport& report) {
  Json vertices = Json::array();
  for (const HullEntryResult& entry : report.entries) {
    if (entry.vertex) {
      vertices.push_back({{"id", entry.id},
                          {"formula", entry.composition.formula()},
                          {"formation_energy_per_atom", entry.formation_energy_ev_per_atom},
                          {"vertex_kind", name_of(vertex_kind(report, entry))}});
    }
  }
  hull_ = {{"entries", report.entries.size()}, {"vertices", std::move(vertices)}};
}

void StatusBoard::finish(const std::string& state) {
  state_ = state;
  progress_.reset();
  progress_of_.clear();
  eta_s_ = state == "done" ? std::optional(0.0) : std::nullopt;
  rate_ = 0;
  try {
    if (read_status(directory_) == json()) return;
  } catch (const StorageError&) {
    // There is none yet, or it is damaged: it is written now.
  }
  write(true);
}

void StatusBoard::write(bool now) {
  if (!now && age_s(last_write_) < 1.0) return;
  last_write_ = Clock::now();
  write_status(directory_, json());
}

Json StatusBoard::json() const {
  return {{"state", state_},       {"units", units_},
          {"orbits", orbits_},     {"labelled_total", labelled_total_},
          {"tasks", tasks_},       {"suspect", suspect_},
          {"excluded", excluded_}, {"hull", hull_},
          {"rate", rate_},         {"eta_s", eta_s_ ? Json(*eta_s_) : Json(nullptr)}};
}

}  // namespace hullscan
