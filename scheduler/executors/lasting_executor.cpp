#include "scheduler/executors/lasting_executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "scheduler/executors/detail/child_process.hpp"
#include "storage/durable_file.hpp"
#include "surrogates/external/scorer_process.hpp"

namespace hullscan {
namespace {

constexpr int kMostLastingStarts = 4;
/// The code of the shell for a signal that ended a program: here KILL.
constexpr int kEndedByUs = 137, kFailedByItself = 1;

/// The answer to the one structure that was sent. @throws ScorerError.
const Json& only_result(const ScorerMessage& answer) {
  const auto done = answer.head.find("done"), results = answer.head.find("results");
  if (done == answer.head.end() || *done != "relax" || results == answer.head.end() || !results->is_array() ||
      results->size() != 1 || !results->front().is_object()) {
    throw ScorerError(
        fmt::format("it was to answer one result of \"relax\" and answered {}", json_text(answer.head).substr(0, 200)));
  }
  return results->front();
}

}  // namespace

struct LastingExecutor::Slot {
  explicit Slot(int of_number) : number(of_number) {}

  int number;
  std::vector<std::string> command{};  ///< that `process` is of
  std::unique_ptr<ScorerProcess> process{};
  bool greeted = false;  ///< its hello has been read
  std::string model{};   ///< of its hello
  std::optional<LaunchRequest> request{};
  int starts = 0;  ///< for this request
  Clock::time_point launched{}, asked{};
};

LastingExecutor::LastingExecutor(int slots) {
  for (int number = 0; number < slots; ++number) slots_.push_back(std::make_unique<Slot>(number));
}

LastingExecutor::~LastingExecutor() { stop_all(0); }

int LastingExecutor::free_slots() const {
  return static_cast<int>(
      std::count_if(slots_.begin(), slots_.end(), [](const auto& slot) { return !slot->request.has_value(); }));
}

std::string LastingExecutor::launch(const LaunchRequest& request) {
  // One that runs already is taken first.
  Slot* free = nullptr;
  for (const auto& slot : slots_) {
    if (slot->request) continue;
    if (free == nullptr || (!free->process && slot->process)) free = slot.get();
  }
  if (free == nullptr) throw Error("task " + request.task_key + ": started without a free slot");
  if (!request.lasting) throw Error("task " + request.task_key + ": its program is not one that stays");
  if (const std::string why = why_not_startable(request.command); !why.empty()) {
    unreported_.push_back({.task_key = request.task_key, .attempt = request.attempt, .end = CommandNotStarted{why}});
    return "";
  }
  free->request = request;
  free->starts = 0;
  free->launched = Clock::now();
  if (auto failed_at_once = ask_until_sent(*free, "")) {
    unreported_.push_back(std::move(*failed_at_once));
    return "";
  }
  return detail::job_name(free->process->pid());
}

std::optional<LaunchFinished> LastingExecutor::ask_until_sent(Slot& slot, std::string why_again) {
  while (slot.starts < kMostLastingStarts) {
    if (!why_again.empty()) log_warning(fmt::format("{}; it is started again", why_again));
    try {
      ask(slot);
      return std::nullopt;
    } catch (const ScorerError& error) {
      why_again = error.what();
    }
  }
  return failed(slot, fmt::format("It was started {} times; the last time:\n{}", kMostLastingStarts, why_again),
                EndCause::kItself);
}

void LastingExecutor::ask(Slot& slot) {
  const LaunchRequest& request = *slot.request;
  if (!slot.process || slot.command != request.command) {
    slot.command = request.command;
    slot.process = std::make_unique<ScorerProcess>(
        ScorerCommand{.words = request.command, .number = slot.number, .answer_within_s = 60, .called = "calculator"});
  }
  ++slot.starts;
  if (!slot.process->runs()) {
    slot.greeted = false;
    slot.process->start_silently();
  }
  slot.asked = Clock::now();
  std::string problem;
  const auto text = file_bytes(request.directory / request.lasting->request_file, problem);
  if (!text) throw StorageError(problem);
  auto content = parse_foreign_json(*text, problem);
  if (!content) throw Error("task " + request.task_key + ": its request cannot be read: " + problem);
  slot.process->send({{"do", "relax"}, {"requests", Json::array({std::move(*content)})}});
}

std::optional<LaunchFinished> LastingExecutor::take(Slot& slot) {
  while (true) {
    const std::optional<ScorerMessage> answer = slot.process->look();
    if (!answer) return std::nullopt;
    try {
      if (!slot.greeted) {
        const ScorerHello hello = scorer_hello(answer->head);
        if (!hello.relaxes) throw ScorerError("its hello does not say that it can \"relax\"");
        slot.model = hello.model;
        slot.greeted = true;
        continue;
      }
      Json result = only_result(*answer);
      const LastingExchange& exchange = *slot.request->lasting;
      if (const std::string why = exchange.why_no_answer(result, slot.request->directory); !why.empty())
        throw ScorerError(fmt::format("its answer is none: {}", why));
      if (!result.contains("code_version") && !slot.model.empty()) result["code_version"] = slot.model;
      write_durably(slot.request->directory / exchange.result_file, json_text(result, 1) + "\n");
      return ended(slot, 0, EndCause::kItself);
    } catch (const ScorerError& error) {
      slot.process->fail(error.what());
    }
  }
}

std::optional<LaunchFinished> LastingExecutor::look(Slot& slot) {
  const auto seconds_since = [](Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  };
  try {
    if (auto finished = take(slot)) return finished;
    const LaunchRequest& request = *slot.request;
    if (seconds_since(slot.launched) > request.time_limit_s) {
      slot.process->end(true);
      return failed(slot, fmt::format("it gave no answer within {:g} s", request.time_limit_s), EndCause::kTimeLimit);
    }
    if (request.stall_s > 0 && seconds_since(slot.asked) > request.stall_s) {
      slot.process->end(true);
      throw ScorerError(fmt::format("the calculator gave no answer for {:g} s", request.stall_s));
    }
    return std::nullopt;
  } catch (const ScorerError& error) {
    return ask_until_sent(slot, error.what());
  }
}

LaunchFinished LastingExecutor::ended(Slot& slot, int exit_code, EndCause cause) {
  const LaunchRequest request = *std::exchange(slot.request, std::nullopt);
  write_durably(request.directory / "exit_code", std::to_string(exit_code) + "\n");
  return {.task_key = request.task_key,
          .attempt = request.attempt,
          .end = CommandEnded{exit_code, cause},
          .wall_time_s = std::chrono::duration<double>(Clock::now() - slot.launched).count()};
}

LaunchFinished LastingExecutor::failed(Slot& slot, const std::string& words, EndCause cause) {
  write_durably(slot.request->directory / "stderr.txt", words + "\n");
  return ended(slot, cause == EndCause::kItself ? kFailedByItself : kEndedByUs, cause);
}

std::vector<LaunchFinished> LastingExecutor::poll() {
  for (const auto& slot : slots_) {
    if (!slot->request) continue;
    if (auto finished = look(*slot)) unreported_.push_back(std::move(*finished));
  }
  return std::exchange(unreported_, {});
}

void LastingExecutor::stop_all(double /*grace_s*/) {
  for (const auto& slot : slots_) {
    if (!slot->process) continue;
    slot->process->end(slot->request.has_value());
    slot->request.reset();
  }
}

bool LastingExecutor::is_alive(const std::string& job) const { return detail::living_pid(job).has_value(); }

void LastingExecutor::stop(const std::string& job) {
  if (const auto pid = detail::living_pid(job)) detail::signal_group(*pid, detail::EndSignal::kKill);
}

}  // namespace hullscan
