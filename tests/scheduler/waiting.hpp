/// @file
/// Waiting for what other processes do, and looking whether they live.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
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

/// Not one that waits to be reaped.
inline bool process_exists(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  return std::getline(file, line) && line.substr(line.rfind(')') + 2, 1) != "Z";
}

}  // namespace hullscan::test
