/// @file
/// The executors that keep the contract of executor_contract.cpp, as a user asks for them: one line each.
#pragma once

#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "batch_box.hpp"
#include "core/campaign/campaign.hpp"
#include "scheduler/executors/executor_kind.hpp"

namespace hullscan::test {

struct ExecutorUnderContract {
  std::string executor;           ///< run.executor
  std::string settings;           ///< lines of [run.EXECUTOR]
  bool limits_slots = false;      ///< by `max_queued` in its table; else by run.slots or by what it runs in
  double shortest_limit_s = 0.3;  ///< time limit that is over soon where it is tested
  std::map<std::string, std::string> variables{};  ///< of the surroundings it is made in
};

inline std::vector<ExecutorUnderContract> executors_under_contract() {
  const std::string quick = "poll_s = 0.3\ngrace_s = 1\n";
  const std::map<std::string, std::string> allocation = {
      {"SLURM_JOB_ID", "1"}, {"SLURM_JOB_CPUS_PER_NODE", "2"}, {"SLURM_JOB_NODELIST", "node1"}};
  return {
      {"local", ""},
      {"slurm", "mode = 'jobs'\n" + quick, true, 60},
      {"slurm", "mode = 'arrays'\n" + quick, true, 60},
      {"slurm", "mode = 'pilot'\n" + quick, false, 0.3, allocation},
      {"pbs", "mode = 'jobs'\n" + quick, true, 60},
      {"pbs", "mode = 'arrays'\n" + quick, true, 60},
  };
}

/// One campaign directory with one executor, which can be taken away and made again as by another process.
class ExecutorHarness {
 public:
  static constexpr int kSlots = 2;

  explicit ExecutorHarness(const ExecutorUnderContract& which) : which_(which), variables_(which.variables) {
    restart();
  }

  [[nodiscard]] Executor& executor() const { return *executor_; }
  [[nodiscard]] const BatchBox& box() const { return box_; }
  [[nodiscard]] fs::path directory(const std::string& name) const {
    fs::create_directories(folder_.path() / "tasks" / name);
    return folder_.path() / "tasks" / name;
  }

  /// The executor of another process that looks after the same campaign.
  [[nodiscard]] std::unique_ptr<Executor> another() const {
    const std::string limit = which_.limits_slots ? "max_queued = " + std::to_string(kSlots) + "\n" : "";
    const Campaign campaign = parse_campaign(
        "name = \"x\"\n[[space]]\nname = \"a\"\nstructure = \"a.cif\"\nsupercell = [1, 1, 1]\n[[space.sublattice]]\n"
        "sites = \"M\"\nspecies = { Al = \"rest\" }\n[run]\nslots = " +
            std::to_string(kSlots) + "\nexecutor = \"" + which_.executor + "\"\n[run." + which_.executor + "]\n" +
            which_.settings + limit,
        "campaign.toml");
    Problems problems;
    check_executor(campaign.run, problems);
    problems.throw_if_any();
    return executor_kind(which_.executor)
        .make(campaign.run, {.directory = folder_.path(), .word = [] { return std::string("c0ffee00"); }})
        .executor;
  }
  void restart() {
    executor_.reset();
    executor_ = another();
  }

  [[nodiscard]] LaunchRequest shell(const std::string& name, const std::string& script) const {
    LaunchRequest request;
    for (const char c : name) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 && request.task_key.size() < 12) request.task_key += c;
    }
    request.task_key += "x0123456789abcdef";
    request.directory = directory(name);
    request.command = {"sh", "-c", script};
    return request;
  }

 private:
  ExecutorUnderContract which_;
  TemporaryFolder folder_;
  BatchBox box_;
  WithVariables variables_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace hullscan::test
