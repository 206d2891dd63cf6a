/// @file
/// Whether a calculation still writes: a program that hangs leaves all its files as they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <tuple>

namespace hullscan {

class OutputWatch {
 public:
  /// @param stall_s silence that is too long; 0: none is.
  OutputWatch(std::filesystem::path directory, double stall_s);

  /// Looks at every file below the directory, at most twenty times in `stall_s` and once a minute where that is less
  /// often. A file counts as changed if its size or its time of writing did, by the file system's own clock.
  /// @returns whether nothing has changed for stall_s.
  bool stalled();
  /// Silence counts from now: what does not run at all cannot write.
  void begin_again();

 private:
  using Clock = std::chrono::steady_clock;
  /// Files, their sizes summed, and the latest time of writing.
  using Trace = std::tuple<std::uint64_t, std::uint64_t, std::int64_t>;
  [[nodiscard]] Trace trace() const;

  std::filesystem::path directory_;
  double stall_s_;
  std::optional<Trace> last_;
  Clock::time_point changed_, next_look_;
};

}  // namespace hullscan
