/// @file
/// One scorer: a program of the user's that stays and answers over its standard input and output
/// (docs/formats/scorer.md). It is started when it is first needed, and again when it failed.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "core/json.hpp"

namespace hullscan {

/// The scorer does not do its part: it ended, hung, or answered what nobody asked. The words of its stderr are in it.
class ScorerError : public Error {
 public:
  using Error::Error;
  /// The campaign is as it was: mended, the same line goes on.
  [[nodiscard]] ExitCode exit_code() const noexcept override { return ExitCode::kSomeFailed; }
};

struct ScorerCommand {
  std::vector<std::string> words;  ///< the program, found along PATH, and its arguments
  int number = 0;                  ///< of this process among those of the host; HULLSCAN_SCORER in its environment
  double answer_within_s = 600;    ///< each answer, the first included
  std::string called = "scorer";   ///< in messages
};

/// One message: a line of JSON, and the bytes that it announces in "bytes".
struct ScorerMessage {
  Json head;
  std::vector<std::byte> bytes = {};
};

/// What a scorer says of itself.
struct ScorerHello {
  std::string model;  ///< its own words for what it computes with: part of the provenance of what it scores
  bool energies = false, deviations = false, fits = false, relaxes = false;
  bool several_crystals = false;  ///< its fit takes labels of several
};

/// Used by one thread at a time.
class ScorerProcess {
 public:
  explicit ScorerProcess(ScorerCommand command);
  ~ScorerProcess();
  ScorerProcess(const ScorerProcess&) = delete;
  ScorerProcess& operator=(const ScorerProcess&) = delete;

  [[nodiscard]] bool runs() const;
  /// Which start this is, from 1: what was sent to an earlier one is forgotten.
  [[nodiscard]] int starts() const;
  [[nodiscard]] int pid() const;  ///< of the one that runs
  /// Starts it where it does not run. @throws ScorerError.
  const ScorerHello& start();
  /// The same without waiting for its hello, which is then the first that it answers. @throws ScorerError.
  void start_silently();
  void send(const Json& head, std::span<const std::byte> bytes = {});
  /// @throws ScorerError on words of the scorer ("error"), on anything that is no message, and when time is over; then
  /// it is ended, and the next start() starts another.
  [[nodiscard]] ScorerMessage receive();
  /// The same without waiting: nothing while its answer is not complete, however long that takes.
  [[nodiscard]] std::optional<ScorerMessage> look();
  /// Ends it. @throws ScorerError with these words and the scorer's own.
  [[noreturn]] void fail(const std::string& what);
  /// Closes its input and, if it is still there a moment later, ends it; with `at_once` without that moment.
  void end(bool at_once = false);

 private:
  struct Running;
  ScorerCommand command_;
  std::unique_ptr<Running> running_;
  ScorerHello hello_;
  int starts_ = 0;
};

/// Reads messages from bytes as they come, whatever they are. Knows no process.
class ScorerMessageReader {
 public:
  void add(std::span<const std::byte> bytes) { waiting_.insert(waiting_.end(), bytes.begin(), bytes.end()); }
  /// @returns false: more is needed. @throws ScorerError for what is no message.
  bool next(ScorerMessage& message);
  [[nodiscard]] bool begun() const { return head_ || !waiting_.empty(); }  ///< bytes of a message that is not complete

 private:
  std::vector<std::byte> waiting_;
  std::optional<Json> head_;  ///< of the message whose bytes are still under way
  std::size_t bytes_ = 0;     ///< that it announces
};

/// @throws ScorerError for a hello that is none, or of another version.
ScorerHello scorer_hello(const Json& head);
/// The answer's doubles. @throws ScorerError unless there are just so many, each a number. +infinity is one.
std::vector<double> scorer_numbers(const ScorerMessage& answer, std::size_t count, const char* of_what);

/// Whether a child of this process is one of these: then nobody else is to end it.
bool is_scorer_process(int pid);

/// Words on a start of `command` that cannot succeed: its program is not there. Nothing if it may.
std::string why_not_startable(const std::vector<std::string>& command);

}  // namespace hullscan
