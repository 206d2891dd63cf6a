#include "enumerator/orbits/orbit_enumerator.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/orbits/detail/random_stream.hpp"
#include "enumerator/orbits/detail/search_problem.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kSplitPurpose = 0x5350'4c49'54ULL;

}  // namespace

EnumerationOutcome detail::run_orderly_search(const SearchProblem& problem) {
#if defined(__x86_64__)
  static const bool has_v3 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
                             __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("popcnt") != 0;
  if (has_v3) return x86_64_v3::orderly_search(problem);
#endif
  return baseline::orderly_search(problem);
}

OrbitEnumerator::OrbitEnumerator(std::shared_ptr<const GroupAction> action, CompositionCounts counts,
                                 EnumerationOptions options)
    : action_(std::move(action)),
      counts_(std::move(counts)),
      order_(SearchOrder::of(counts_)),
      options_(std::move(options)) {
  require_counts_fit(*action_, counts_);
  if (options_.forbidden != nullptr && options_.forbidden->empty()) options_.forbidden = nullptr;
}

EnumerationOutcome OrbitEnumerator::search(const Cursor& begin, const Cursor& end, BatchFunction visit,
                                           void* context) const {
  if (!begin.empty() && !end.empty() && begin >= end) return {0, 0, true, end};
  if (order_.stages.empty()) {  // one configuration, whose tuple is empty: before every cursor
    EnumerationOutcome outcome{0, 0, true, end};
    if (!begin.empty()) return outcome;
    std::vector<std::uint8_t> occupation(action_->site_count());
    for (std::size_t i = 0; i < occupation.size(); ++i) {
      occupation[i] = order_.background[static_cast<std::size_t>(action_->sublattice_of_site()[i])];
    }
    if (options_.forbidden != nullptr && !options_.forbidden->allows(occupation)) return outcome;
    if (!options_.superperiodic && action_->translations().size() > 1) return outcome;
    outcome.orbits = 1;
    outcome.labelled = options_.multiplicity;
    LeafBatch batch{};
    batch.occupation = occupation;
    batch.nothing_to_place = true;
    batch.degeneracy = options_.multiplicity;
    if (visit != nullptr && visit(context, batch) >= 0) {
      outcome.finished = false;
      outcome.reached = {0};
    }
    return outcome;
  }
  return detail::run_orderly_search({.action = *action_,
                                     .order = order_,
                                     .superperiodic = options_.superperiodic || action_->translations().size() < 2,
                                     .forbidden = options_.forbidden.get(),
                                     .multiplicity = options_.multiplicity,
                                     .begin = begin,
                                     .end = end,
                                     .visit = visit,
                                     .context = context});
}

EnumerationOutcome OrbitEnumerator::count(const Cursor& begin, const Cursor& end) const {
  return search(begin, end, nullptr, nullptr);
}

std::vector<Cursor> OrbitEnumerator::prefixes(const Cursor& begin, const Cursor& end, std::size_t length,
                                              std::size_t at_most) const {
  std::vector<Cursor> found;
  (void)detail::run_orderly_search({.action = *action_,
                                    .order = order_,
                                    .forbidden = options_.forbidden.get(),
                                    .begin = begin,
                                    .end = end,
                                    .prefix_length = length,
                                    .most_prefixes = at_most,
                                    .prefixes = &found});
  return found;
}

std::vector<Cursor> OrbitEnumerator::split(const Cursor& begin, const Cursor& end, std::size_t pieces) const {
  if (pieces < 2 || order_.stages.empty()) return {};
  const auto inside = [&](const Cursor& c) { return c > begin && (end.empty() || c < end); };

  // Canonical forms of random configurations are spread over the order as the orbits are (with their degeneracies),
  // so their quantiles cut it evenly.
  const std::size_t wanted = 8 * pieces;
  std::vector<Cursor> candidates;
  std::vector<std::uint8_t> occupation(action_->site_count());
  const std::size_t draws = std::min<std::size_t>(4 * wanted, 8192);
  for (std::size_t draw = 0; draw < draws && candidates.size() < wanted; ++draw) {
    detail::RandomStream random(0, kSplitPurpose, draw);
    for (std::size_t s = 0; s < action_->sublattice_count(); ++s) {
      std::vector<std::uint8_t> colours;
      for (std::size_t species = 0; species < counts_.of_sublattice[s].size(); ++species) {
        colours.insert(colours.end(), static_cast<std::size_t>(counts_.of_sublattice[s][species]),
                       static_cast<std::uint8_t>(species));
      }
      random.shuffle(colours);
      for (std::size_t x = 0; x < colours.size(); ++x) occupation[action_->sites(s)[x]] = colours[x];
    }
    Cursor tuple = search_tuple(*action_, order_, canonical_form(*action_, order_, occupation).occupation);
    if (inside(tuple)) candidates.push_back(std::move(tuple));
  }
  if (candidates.size() < wanted) {  // a narrow interval: cut it at kept prefixes, as long as needed
    for (std::size_t length = 1; length < order_.tuple_length; ++length) {
      const std::size_t most = 64 * pieces;
      std::vector<Cursor> found = prefixes(begin, end, length, most);
      if (found.size() == most) break;  // more than that many: they would cover the first part only
      std::erase_if(found, [&](const Cursor& c) { return !inside(c); });
      if (found.size() > candidates.size()) candidates = std::move(found);
      if (candidates.size() >= wanted) break;
    }
  }

  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::vector<Cursor> cuts;
  for (std::size_t i = 1; i < pieces; ++i) {
    const std::size_t at = i * candidates.size() / pieces;
    if (at < candidates.size() && (cuts.empty() || cuts.back() < candidates[at])) cuts.push_back(candidates[at]);
  }
  return cuts;
}

}  // namespace hullscan
