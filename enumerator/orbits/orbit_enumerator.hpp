/// @file
/// Visits every inequivalent configuration of one composition once, in the order that search_order.hpp defines,
/// without storing any of them. Any interval of that order can be visited alone, stopped after any orbit, resumed and
/// split. How it is done and why: docs/decisions/0002-large-groups.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/work_unit.hpp"
#include "enumerator/orbits/composition_counts.hpp"
#include "enumerator/orbits/forbidden_pairs.hpp"
#include "enumerator/orbits/group_action.hpp"
#include "enumerator/orbits/search_order.hpp"

namespace hullscan {

struct EnumerationOptions {
  bool superperiodic = true;  ///< false: leave out configurations that a nontrivial translation maps onto themselves
  std::shared_ptr<const ForbiddenPairs> forbidden = nullptr;  ///< invariant under the group; null: nothing is forbidden
  std::uint64_t multiplicity = 1;  ///< multiplies every degeneracy: the size of a marker's orbit
};

/// One inequivalent configuration; valid during the visit.
struct Orbit {
  std::span<const std::uint8_t> occupation;  ///< [site_count], the canonical form
  std::uint64_t degeneracy = 1;
};

/// All orbits that differ in the last placed site only; valid during the visit.
struct LeafBatch {
  std::span<const std::uint8_t> occupation;  ///< [site_count] without the last site, which holds the background here
  std::span<const std::uint16_t> placed;     ///< local site numbers of everything placed so far, stage by stage
  std::span<const std::uint64_t> accepted;   ///< bit x: local site x of the last stage's sublattice completes an orbit
  std::span<const std::uint16_t> sites;      ///< local number -> varied site
  std::uint8_t species = 0;                  ///< that the last site takes
  std::uint64_t degeneracy = 1;              ///< of all but the special ones
  struct Special {
    std::uint32_t local_site = 0;
    std::uint64_t degeneracy = 1;
  };
  std::span<const Special> special;  ///< ascending; orbits with a stabiliser of their own
  bool nothing_to_place = false;     ///< `occupation` is itself the only orbit; `accepted` is empty

  /// Calls f(local site, varied site, degeneracy) for every orbit in search order until it returns false.
  /// @returns the local site at which f returned false, or -1.
  template <class F>
  int for_each(F&& f) const {
    std::size_t next_special = 0;
    for (std::size_t word = 0; word < accepted.size(); ++word) {
      for (std::uint64_t bits = accepted[word]; bits != 0; bits &= bits - 1) {
        const auto x = static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(__builtin_ctzll(bits));
        std::uint64_t weight = degeneracy;
        if (next_special < special.size() && special[next_special].local_site == x) {
          weight = special[next_special++].degeneracy;
        }
        if (!f(x, sites[x], weight)) return static_cast<int>(x);
      }
    }
    return -1;
  }
};

struct EnumerationOutcome {
  std::uint64_t orbits = 0;
  std::uint64_t labelled = 0;  ///< sum of degeneracies
  bool finished = false;       ///< the end of the interval was reached
  Cursor reached;              ///< where to go on: just after the last orbit visited; the interval's end if finished
};

class OrbitEnumerator {
 public:
  /// @throws Error if the counts do not sum to the sublattices' sites.
  OrbitEnumerator(std::shared_ptr<const GroupAction> action, CompositionCounts counts, EnumerationOptions options = {});

  [[nodiscard]] const SearchOrder& order() const { return order_; }
  [[nodiscard]] const CompositionCounts& counts() const { return counts_; }

  /// Visits the orbits whose tuples lie in [begin, end); an empty cursor is not a bound.
  /// @param visit bool(const Orbit&); false stops after this orbit.
  template <class Visitor>
  EnumerationOutcome run(const Cursor& begin, const Cursor& end, Visitor&& visit) const {
    std::vector<std::uint8_t> occupation;
    return run_batches(begin, end, [&](const LeafBatch& batch) {
      if (batch.nothing_to_place) return visit(Orbit{batch.occupation, batch.degeneracy}) ? -1 : 0;
      occupation.assign(batch.occupation.begin(), batch.occupation.end());
      return batch.for_each([&](std::uint32_t, std::uint16_t site, std::uint64_t degeneracy) {
        const std::uint8_t background = occupation[site];
        occupation[site] = batch.species;
        const bool more = visit(Orbit{occupation, degeneracy});
        occupation[site] = background;
        return more;
      });
    });
  }

  /// The same, a batch at a time.
  /// @param visit int(const LeafBatch&): -1 to go on, or the local site of the last orbit taken, to stop after it.
  template <class Visitor>
  EnumerationOutcome run_batches(const Cursor& begin, const Cursor& end, Visitor&& visit) const {
    return search(
        begin, end,
        [](void* context, const LeafBatch& batch) {
          return static_cast<int>((*static_cast<std::remove_reference_t<Visitor>*>(context))(batch));
        },
        &visit);
  }

  /// Generates the orbits of [begin, end) and drops them; only counted.
  [[nodiscard]] EnumerationOutcome count(const Cursor& begin, const Cursor& end) const;

  /// Cursors strictly inside (begin, end), ascending, at most `pieces` - 1, that cut the interval into pieces of like
  /// numbers of orbits. The same on every machine. Pieces can be split again, at any time.
  [[nodiscard]] std::vector<Cursor> split(const Cursor& begin, const Cursor& end, std::size_t pieces) const;

  using BatchFunction = int (*)(void* context, const LeafBatch& batch);

 private:
  [[nodiscard]] EnumerationOutcome search(const Cursor& begin, const Cursor& end, BatchFunction visit,
                                          void* context) const;
  [[nodiscard]] std::vector<Cursor> prefixes(const Cursor& begin, const Cursor& end, std::size_t length,
                                             std::size_t at_most) const;

  std::shared_ptr<const GroupAction> action_;
  CompositionCounts counts_;
  SearchOrder order_;
  EnumerationOptions options_;
};

}  // namespace hullscan
