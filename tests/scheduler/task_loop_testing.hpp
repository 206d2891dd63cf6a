/// @file
/// A campaign's calculations without a program: a code whose output is one line, and an executor that writes it when it
/// is asked what has ended.
#pragma once

#include <fmt/format.h>

#include <functional>

#include "../files.hpp"
#include "scheduler/task_loop.hpp"

namespace hullscan::test {

/// The edges of the cell that tasks begin in, and that calculations end in, Å.
inline constexpr double kStartEdge = 2.9, kFinalEdge = 3.0;

inline Structure cube(double a) {
  return {Lattice::from_parameters(a, a, a, 90, 90, 90), {Species::from_symbol("Ni")}, {Fractional{{0, 0, 0}}}};
}

/// Output "converged E", else a failure: "oscillates", "truncated", or anything. There is one correction for what
/// oscillates and for what took too long, then none.
class OneLineCode : public DftCode {
 public:
  OneLineCode() {
    info_.name = "one-line";
    info_.stdout_file = "out";
    info_.stall_s = 7200;
  }
  [[nodiscard]] const DftCodeInfo& info() const override { return info_; }
  [[nodiscard]] DftSettings resolve(const SettingsTable& /*table*/, std::span<const Species> /*species*/,
                                    Problems& /*problems*/) const override {
    return {};
  }
  void write_inputs(const Structure& structure, const DftSettings& settings, const fs::path& dir) const override {
    if (settings.values.count("refuse") != 0) throw InputError("no pseudopotential of Ni");
    write_file(dir / "input", fmt::format("{:.3f}", structure.lattice.lengths_angstrom()[0]));
  }
  [[nodiscard]] std::vector<std::string> command(const DftSettings& /*settings*/) const override { return {"one"}; }
  [[nodiscard]] DftOutcome read_outputs(const fs::path& dir) const override {
    const std::string text = read_file(dir / "out");
    if (text.starts_with("converged "))
      return DftConverged{"relax", std::stod(text.substr(10)), cube(kFinalEdge), {}, {}, {}, {}, "1", {}};
    DftFailure failure;
    failure.kind = text == "oscillates"  ? FailureKind::kElectronicNotConverged
                   : text == "truncated" ? FailureKind::kTruncated
                                         : FailureKind::kCrashed;
    failure.failure_class = class_of(failure.kind);
    failure.reason = text;
    failure.last_structure = cube(kFinalEdge);
    return failure;
  }
  [[nodiscard]] DftOutcome read_path(const fs::path& path) const override { return read_outputs(path); }
  [[nodiscard]] std::optional<Correction> correct(const DftFailure& failure, const DftSettings& settings,
                                                  std::span<const std::string> tried) const override {
    if (!tried.empty()) return std::nullopt;
    if (failure.kind == FailureKind::kTimeLimit) return Correction{"longer", "from where it was", settings, true};
    if (failure.kind != FailureKind::kElectronicNotConverged) return std::nullopt;
    DftSettings slower = settings;
    slower.values["mixing"] = "0.1";
    return Correction{"mixing", "slower mixing", slower, true};
  }
  [[nodiscard]] std::map<std::string, std::string> hull_keys(const DftSettings& /*settings*/) const override {
    return {};
  }
  [[nodiscard]] DftSettings identity(const DftSettings& settings) const override { return settings; }
  [[nodiscard]] bool relaxes_cell(const DftSettings& /*settings*/) const override { return true; }
  [[nodiscard]] std::optional<DftStep> next_step(const DftSettings& asked, const DftSettings& done) const override {
    if (asked.values.count("closing") == 0 || done.values.count(kStepKey) != 0) return std::nullopt;
    DftStep step{"closing", asked};
    step.settings.values[kStepKey] = "closing";
    return step;
  }
  [[nodiscard]] double relative_cost(const Structure& /*structure*/, const DftSettings& settings) const override {
    const auto cost = settings.values.find("cost");
    return cost == settings.values.end() ? 1 : std::stod(cost->second);
  }

 private:
  DftCodeInfo info_;
};

/// What becomes of an attempt. `output`: none is written without one, nor an exit code.
struct Fate {
  std::optional<std::string> output = {};
  CommandEnd end = CommandEnded{};
  double wall_time_s = 100;
  std::string host = {};
};
inline Fate converges(double energy_ev = -5) { return {fmt::format("converged {}", energy_ev)}; }
inline Fate fails(const std::string& output, EndCause cause = EndCause::kItself) {
  return {output, CommandEnded{1, cause, {}}};
}

class ScriptedExecutor : public Executor {
 public:
  int slots = 2, cores_of_each = 1;
  std::size_t machine_count = 1;
  bool outlives = false, more_memory = false;
  /// What becomes of each attempt; nothing: it goes on.
  std::function<std::optional<Fate>(const LaunchRequest&)> fate_of = [](const LaunchRequest& /*request*/) {
    return converges();
  };
  std::vector<LaunchRequest> launched;
  std::vector<std::string> stopped, avoided;
  std::map<std::string, LaunchRequest> running;  ///< by job; shared with the batch system if it outlives hullscan
  bool ended_all = false;

  [[nodiscard]] int free_slots() const override { return slots - static_cast<int>(running.size()); }
  std::string launch(const LaunchRequest& request) override {
    launched.push_back(request);
    const std::string job = fmt::format("job{}@here", launched.size());
    running[job] = request;
    return job;
  }
  std::vector<LaunchFinished> poll() override {
    std::vector<LaunchFinished> ended;
    for (auto one = running.begin(); one != running.end();) {
      const LaunchRequest request = one->second;
      const std::optional<Fate> fate = fate_of(request);
      if (!fate) {
        ++one;
        continue;
      }
      if (fate->output) {
        write_file(request.directory / "out", *fate->output);
        const auto* itself = std::get_if<CommandEnded>(&fate->end);
        write_file(request.directory / "exit_code", std::to_string(itself == nullptr ? 0 : itself->exit_code));
      }
      ended.push_back({request.task_key, request.attempt, fate->end, fate->wall_time_s, fate->host});
      one = running.erase(one);
    }
    return ended;
  }
  void stop_all(double /*grace_s*/) override {
    ended_all = true;
    running.clear();
  }
  [[nodiscard]] bool is_alive(const std::string& job) const override { return running.count(job) != 0; }
  void stop(const std::string& job) override { stopped.push_back(job); }
  std::string adopt(const LaunchRequest& /*request*/, const std::string& job) override {
    return outlives && running.count(job) != 0 ? job : "";
  }
  [[nodiscard]] bool outlives_hullscan() const override { return outlives; }
  [[nodiscard]] std::size_t machines() const override { return machine_count; }
  void avoid(const std::vector<std::string>& hosts) override { avoided = hosts; }
  [[nodiscard]] int cores() const override { return cores_of_each; }
  [[nodiscard]] bool can_ask_for_more_memory() const override { return more_memory; }
};

/// A campaign whose only round has these tasks; "a" alone if none are named.
class Calculations {
 public:
  Calculations() : Calculations(std::map<std::string, std::map<std::string, std::string>>{{"a", {}}}) {}
  /// @param tasks [key] settings
  explicit Calculations(const std::map<std::string, std::map<std::string, std::string>>& tasks) {
    store.begin_round(0, "all");
    std::vector<NewTask> added;
    for (const auto& [key, settings] : tasks)
      added.push_back({key, {}, {}, 1, "Ni", {}, cube(kStartEdge), {"one-line", settings}});
    store.add_tasks(0, added);
  }

  TemporaryFolder folder;
  CampaignStore store = CampaignStore::in_memory({"Ni", "6f1c", "", "{}", "0.1.0"});
  OneLineCode code;
  ScriptedExecutor executor;
  TaskLimits limits;
  StopRequested stop = [] { return false; };
  std::vector<std::string> results;  ///< keys, as they came
  TaskProgress progress;             ///< the last

  [[nodiscard]] TaskLoop loop() {
    return {code,
            store,
            executor,
            folder.path(),
            limits,
            [this] { return stop(); },
            [this](const TaskProgress& now) { progress = now; },
            [this](const std::string& key) { results.push_back(key); }};
  }
  /// As one process of hullscan.
  LoopEnd run() { return loop().run(0); }

  [[nodiscard]] TaskRecord task(const std::string& key = "a") const { return store.task(key).value(); }
  /// "lost: …", "accepted", of each attempt.
  [[nodiscard]] std::vector<std::string> outcomes(const std::string& key = "a") const {
    std::vector<std::string> all;
    for (const AttemptRecord& attempt : task(key).attempts) all.push_back(attempt.outcome);
    return all;
  }
  [[nodiscard]] fs::path attempt(int number, const std::string& key = "a") const {
    return folder.path() / "tasks" / key / std::to_string(number);
  }
  [[nodiscard]] std::vector<std::string> launched_keys() const {
    std::vector<std::string> keys;
    for (const LaunchRequest& request : executor.launched) keys.push_back(request.task_key);
    return keys;
  }
};

}  // namespace hullscan::test
