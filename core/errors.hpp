/// @file
/// What can stop hullscan, named by who can help: the user, a file, an operator, the transport.
/// Outcomes that science expects (a calculation that does not converge) are values, not errors.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace hullscan {

/// Exit codes of the command line; scripts depend on them.
enum class ExitCode : int {
  kDone = 0,
  kUnexpected = 1,
  kUsage = 2,       ///< command line or campaign file
  kStructure = 3,   ///< structure file
  kSomeFailed = 4,  ///< finished, some tasks failed for good; `read`: not converged
  kStorage = 5,
  kStopped = 75,  ///< by time or signal: run the same line again
  kInterrupted = 130,
};

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  [[nodiscard]] virtual ExitCode exit_code() const noexcept { return ExitCode::kUnexpected; }
};

/// The user's command line or campaign file.
class InputError : public Error {
 public:
  using Error::Error;
  [[nodiscard]] ExitCode exit_code() const noexcept override { return ExitCode::kUsage; }
};

/// A structure file or another file that does not hold what its format promises.
class FormatError : public Error {
 public:
  using Error::Error;
  [[nodiscard]] ExitCode exit_code() const noexcept override { return ExitCode::kStructure; }
};

/// Disk, database, archive: an operator can help.
class StorageError : public Error {
 public:
  using Error::Error;
  [[nodiscard]] ExitCode exit_code() const noexcept override { return ExitCode::kStorage; }
};

/// MPI, batch system, child processes.
class TransportError : public Error {
 public:
  using Error::Error;
};

/// Where something stands in a text file. Lines and columns count from 1; 0 = not known.
struct SourcePosition {
  std::string file;
  int line = 0;
  int column = 0;
  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

/// "file:line:column", without the parts that are not known.
std::string to_string(const SourcePosition& position);

/// Collects every problem of an input, so that a user hears of all of them at once.
class Problems {
 public:
  /// @param what lower case, what was expected and what was found, no final stop.
  void add(const SourcePosition& where, const std::string& what);
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  /// @throws InputError with one problem per line, in order of position within each file; returns if there is none.
  void throw_if_any() const;

 private:
  struct Entry {
    SourcePosition where;
    std::string line;
  };
  std::vector<Entry> entries_;
  std::vector<std::string> lines_;
};

/// The candidate nearest to `word` by edit distance, as ` (did you mean "x"?)`, or "" if none is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace hullscan
