// The same search with population count and bit manipulation instructions. Everything of other headers is included
// before the target changes, so that no shared inline function is compiled for it.
#include <algorithm>
#include <bit>
#include <type_traits>

#include "enumerator/orbits/detail/search_problem.hpp"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("popcnt,bmi,bmi2,lzcnt,avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("popcnt,bmi,bmi2,lzcnt,avx2")
#endif
#define HULLSCAN_INSTRUCTION_SET x86_64_v3
// Each needs those before it.
// clang-format off
#include "enumerator/orbits/detail/site_set.hpp"
#include "enumerator/orbits/detail/orderly_search.hpp"
#include "enumerator/orbits/detail/orderly_comparisons.hpp"
// clang-format on
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#else
namespace hullscan::x86_64_v3 {
EnumerationOutcome orderly_search(const detail::SearchProblem& problem) { return baseline::orderly_search(problem); }
}  // namespace hullscan::x86_64_v3
#endif
