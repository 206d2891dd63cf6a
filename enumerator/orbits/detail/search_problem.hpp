/// @file
/// What the compiled variants of the orderly search take and give; the same for all of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "enumerator/orbits/group_action.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"

namespace hullscan::detail {

struct SearchProblem {
  const GroupAction& action;
  const SearchOrder& order;
  bool superperiodic = true;
  const ForbiddenPairs* forbidden = nullptr;  ///< null or not empty
  std::uint64_t multiplicity = 1;             ///< of every degeneracy
  std::span<const std::uint32_t> begin = {}, end = {};
  OrbitEnumerator::BatchFunction visit = nullptr;  ///< null: count only
  void* context = nullptr;
  /// Not 0: do not visit orbits but collect up to `most_prefixes` kept tuples of this length.
  std::size_t prefix_length = 0;
  std::size_t most_prefixes = 0;
  std::vector<Cursor>* prefixes = nullptr;
  std::uint64_t most_nodes =
      0;  ///< not 0: so many inner nodes, then the search ends unfinished, with no cursor reached
};

/// By the variant that this processor can run.
EnumerationOutcome run_orderly_search(const SearchProblem& problem);

}  // namespace hullscan::detail

namespace hullscan::baseline {
EnumerationOutcome orderly_search(const detail::SearchProblem& problem);
}
namespace hullscan::x86_64_v3 {
EnumerationOutcome orderly_search(const detail::SearchProblem& problem);
}
