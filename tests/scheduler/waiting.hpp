/// @file
/// Waiting for what other processes do, and looking whether they live.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "scheduler/executors/executor.hpp"

namespace hullscan::test {

inline bool within_seconds(double seconds, const std::function<bool()>& condition) {
  const auto start = std::chrono::steady_clock::now();
  while (!condition()) {
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

inline LaunchFinished wait_for_one(Executor& executor, double seconds = 60) {
  std::vector<LaunchFinished> finished;
  const bool in_time = within_seconds(seconds, [&] { return finished = executor.poll(), !finished.empty(); });
  REQUIRE(in_time);
  REQUIRE(finished.size() == 1);
  return finished.front();
}

/// What is said of a command that ran and ended. @throws std::bad_variant_access if it did not.
inline CommandEnded ended(const LaunchFinished& finished) { return std::get<CommandEnded>(finished.end); }
/// Why nothing ran; "" if something did.
inline std::string why_not_started(const LaunchFinished& finished) {
  const auto* not_started = std::get_if<CommandNotStarted>(&finished.end);
  return not_started == nullptr ? "" : not_started->reason;
}
/// Why its outputs do not count; "" if they do, or nothing ran.
inline std::string why_lost(const LaunchFinished& finished) {
  const auto* lost = std::get_if<CommandLost>(&finished.end);
  return lost == nullptr ? "" : lost->reason;
}

/// Not one that waits to be reaped.
inline bool process_exists(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  return std::getline(file, line) && line.substr(line.rfind(')') + 2, 1) != "Z";
}

}  // namespace hullscan::test
