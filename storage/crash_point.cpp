#include "storage/crash_point.hpp"

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>

namespace hullscan {
namespace {

struct ArmedPoint {
  std::string name;
  long passings_left = 0;
};

ArmedPoint read_environment() {
  const char* set = std::getenv("HULLSCAN_CRASH_AT");
  if (set == nullptr || *set == '\0') return {};
  const std::string text = set;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {text, 1};
  return {text.substr(0, colon), std::strtol(text.c_str() + colon + 1, nullptr, 10)};
}

std::mutex guard;
ArmedPoint armed = read_environment();

}  // namespace

bool crash_points_armed = !armed.name.empty();

void rearm_crash_points() {
  const std::lock_guard lock(guard);
  armed = read_environment();
  crash_points_armed = !armed.name.empty();
}

void pass_crash_point(std::string_view name) {
  const std::lock_guard lock(guard);
  if (name != armed.name || --armed.passings_left > 0) return;
  std::raise(SIGKILL);
}

}  // namespace hullscan
