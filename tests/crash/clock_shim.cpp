/// @file
/// Preloaded into hullscan by the crash tests: the clock on the wall is wrong by HULLSCAN_CLOCK_SHIFT seconds, from
/// HULLSCAN_CLOCK_JUMP_AFTER seconds after the start of the process on (default 0). The steady clock, sleeps and the
/// times of files stay right, as they do when a machine's clock is set.
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

#include <cstdlib>

namespace {

using ClockGettime = int(clockid_t, timespec*);

int real_clock(clockid_t clock, timespec* time) {
  static auto* const real = reinterpret_cast<ClockGettime*>(dlsym(RTLD_NEXT, "clock_gettime"));
  return real(clock, time);
}

double seconds(const char* variable) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? 0 : std::strtod(text, nullptr);
}

double steady_s() {
  timespec now{};
  real_clock(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

const double begun = steady_s();

time_t shift_s() {
  static const auto shift = static_cast<time_t>(seconds("HULLSCAN_CLOCK_SHIFT"));
  static const double after = seconds("HULLSCAN_CLOCK_JUMP_AFTER");
  return after == 0 || steady_s() - begun >= after ? shift : 0;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = real_clock(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += shift_s();
  return result;
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  *now = {time.tv_sec, time.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
}
