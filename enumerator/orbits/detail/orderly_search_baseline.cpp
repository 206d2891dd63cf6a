#include <algorithm>
#include <bit>
#include <type_traits>

#include "enumerator/orbits/detail/search_problem.hpp"

#define HULLSCAN_INSTRUCTION_SET baseline
// Each needs those before it.
// clang-format off
#include "enumerator/orbits/detail/site_set.hpp"
#include "enumerator/orbits/detail/orderly_search.hpp"
#include "enumerator/orbits/detail/orderly_comparisons.hpp"
// clang-format on
