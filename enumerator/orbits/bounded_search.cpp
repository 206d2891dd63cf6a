#include "enumerator/orbits/bounded_search.hpp"

#include "enumerator/orbits/detail/search_problem.hpp"

namespace hullscan {

std::optional<EnumerationOutcome> enumerate_within(std::uint64_t steps,
                                                   const std::shared_ptr<const GroupAction>& action,
                                                   const CompositionCounts& counts, const EnumerationOptions& options,
                                                   const std::function<void(const Orbit&)>& visit) {
  const OrbitEnumerator enumerator(action, counts, options);
  if (enumerator.order().stages.empty()) {
    return enumerator.run({}, {}, [&](const Orbit& orbit) {
      if (visit) visit(orbit);
      return true;
    });
  }
  struct Walk {
    const std::function<void(const Orbit&)>& visit;
    std::uint64_t left;
    std::vector<std::uint8_t> occupation = {};
    bool exhausted = false;

    int take(const LeafBatch& batch) {
      occupation.assign(batch.occupation.begin(), batch.occupation.end());
      return batch.for_each([&](std::uint32_t, std::uint16_t site, std::uint64_t degeneracy) {
        if (left == 0) {
          exhausted = true;
          return false;
        }
        --left;
        if (!visit) return true;
        const std::uint8_t background = occupation[site];
        occupation[site] = batch.species;
        visit({occupation, degeneracy});
        occupation[site] = background;
        return true;
      });
    }
  } walk{visit, steps};
  const bool forbids = options.forbidden != nullptr && !options.forbidden->empty();
  const EnumerationOutcome outcome = detail::run_orderly_search(
      {.action = *action,
       .order = enumerator.order(),
       .superperiodic = options.superperiodic || action->translations().size() < 2,
       .forbidden = forbids ? options.forbidden.get() : nullptr,
       .multiplicity = options.multiplicity,
       .visit = [](void* context, const LeafBatch& batch) { return static_cast<Walk*>(context)->take(batch); },
       .context = &walk,
       .most_nodes = steps});
  if (!outcome.finished || walk.exhausted) return std::nullopt;
  return outcome;
}

}  // namespace hullscan
