#include "coverage.hpp"

#ifdef HULLSCAN_FUZZ_COVERAGE

#include <array>
#include <bit>
#include <cstdint>

namespace {

constexpr std::size_t kPlaces = 1 << 17;
std::array<std::uint8_t, kPlaces> reached;  // of this input
std::array<std::uint8_t, kPlaces> ever;     // one bit for 1, 2, 3-4, 5-8, … times

}  // namespace

/// GCC calls it at every branch. Instrumented itself it would never end.
extern "C" __attribute__((no_sanitize_coverage, no_sanitize("address"), no_sanitize("undefined"))) void
__sanitizer_cov_trace_pc() {
  const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  std::uint8_t& times = reached[(place ^ place >> 17U) & (kPlaces - 1)];
  if (times < 255) ++times;
}

namespace hullscan::fuzz {

void coverage_begin() { reached.fill(0); }

bool coverage_is_new() {
  bool any = false;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    if (reached[i] == 0) continue;
    const auto bit = static_cast<std::uint8_t>(1U << (static_cast<unsigned>(std::bit_width(reached[i])) - 1U));
    any = any || (ever[i] & bit) == 0;
    ever[i] |= bit;
  }
  return any;
}

}  // namespace hullscan::fuzz

#else

namespace hullscan::fuzz {

void coverage_begin() {}
bool coverage_is_new() { return false; }

}  // namespace hullscan::fuzz

#endif
