#include <algorithm>
#include <bit>
#include <type_traits>

#include "enumerator/detail/search_problem.hpp"

#define HULLSCAN_INSTRUCTION_SET baseline
#include "enumerator/detail/site_set.hpp"
#include "enumerator/detail/orderly_search.hpp"
#include "enumerator/detail/orderly_comparisons.hpp"
