// Spaces beyond brute force: they must close with Burnside's count and the multinomial, their canonical forms must
// agree with the plain algorithm, and intervals must add up.
#include <catch2/catch.hpp>

#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/orbits/detail/search_problem.hpp"
#include "enumerator/orbits/orbit_count.hpp"
#include "enumerator/orbits/orbit_enumerator.hpp"
#include "small_spaces.hpp"

namespace hullscan {
namespace {

using namespace hullscan::test;

void check_closes(const std::shared_ptr<const GroupAction>& action, const CompositionCounts& counts,
                  const EnumerationOptions& options = {}) {
  const OrbitEnumerator enumerator(action, counts, options);
  const auto expected = count_orbits(action, counts, options);
  REQUIRE(expected.has_value());
  std::uint64_t visited = 0;
  const auto outcome = enumerator.run({}, {}, [&](const Orbit& orbit) {
    if (visited++ % 97 == 0) {
      const CanonicalForm form = canonical_form(*action, enumerator.order(), orbit.occupation);
      REQUIRE(std::equal(form.occupation.begin(), form.occupation.end(), orbit.occupation.begin()));
      REQUIRE(form.degeneracy == orbit.degeneracy);
    }
    return true;
  });
  REQUIRE(*expected == OrbitCount{outcome.labelled, outcome.orbits});

  Cursor begin;
  std::uint64_t orbits = 0, labelled = 0;
  auto cuts = enumerator.split({}, {}, 7);
  cuts.push_back({});
  for (const Cursor& end : cuts) {
    const auto piece = enumerator.count(begin, end);
    orbits += piece.orbits;
    labelled += piece.labelled;
    begin = end;
  }
  REQUIRE(orbits == outcome.orbits);
  REQUIRE(labelled == outcome.labelled);
}

TEST_CASE("tori of one to many words close with Burnside", "[enumerator][engine][slow]") {
  struct Torus {
    int a, b, c, most;
  };
  for (const Torus& t :
       {Torus{3, 3, 3, 6}, Torus{2, 4, 4, 7}, Torus{1, 5, 5, 9}, Torus{1, 9, 9, 4}, Torus{4, 4, 6, 4},
        Torus{5, 5, 6, 4}, Torus{6, 6, 6, 4}, Torus{7, 7, 7, 3}, Torus{1, 1, 600, 3}, Torus{9, 9, 9, 2}}) {
    const int n = t.a * t.b * t.c;
    const auto group = generated(static_cast<std::size_t>(n), torus_generators(t.a, t.b, t.c, true, n < 300));
    const auto action =
        std::make_shared<const GroupAction>(group, std::vector<int>(static_cast<std::size_t>(n), 0),
                                            elements_of(group, torus_generators(t.a, t.b, t.c, false, false)));
    INFO(t.a << "x" << t.b << "x" << t.c << ", group " << group.order());
    for (int k = 1; k <= t.most; ++k) check_closes(action, {{{k, n - k}}});
    check_closes(action, {{{2, n - 3, 1}}});
    if (n < 100) check_closes(action, {{{2, n - 6, 4}}}, {.superperiodic = false});
    if (n < 100) check_closes(action, {{{6, n - 6}}}, {.superperiodic = false});
  }
}

TEST_CASE("random groups on 13 to 40 sites close with Burnside", "[enumerator][engine][slow]") {
  int checked = 0;
  for (std::uint64_t seed = 0; checked < 150; ++seed) {
    const SmallSpace space = random_space(seed, 40, 3, 20'000, 1e300);
    if (space.group.degree < 13) continue;
    const auto action = space.action();
    if (count_orbits(action, space.counts)->inequivalent > 100'000) continue;
    INFO("seed " << seed);
    check_closes(action, space.counts);
    ++checked;
  }
}

TEST_CASE("the variants for other instruction sets find the same", "[enumerator][engine]") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const SmallSpace space = random_space(seed, 14, 3);
    const auto action = space.action();
    const SearchOrder order = SearchOrder::of(space.counts);
    if (order.stages.empty()) continue;
    using Seen = std::vector<std::uint64_t>;
    const auto record = [](void* context, const LeafBatch& batch) {
      auto& seen = *static_cast<Seen*>(context);
      seen.insert(seen.end(), batch.placed.begin(), batch.placed.end());
      return batch.for_each([&](std::uint32_t x, std::uint16_t, std::uint64_t degeneracy) {
        seen.push_back(x);
        seen.push_back(degeneracy);
        return true;
      });
    };
    Seen plain, selected;
    detail::SearchProblem problem{
        .action = *action, .order = order, .begin = {}, .end = {}, .visit = record, .context = &plain};
    (void)baseline::orderly_search(problem);
    (void)OrbitEnumerator(action, space.counts).run_batches({}, {}, [&](const LeafBatch& b) {
      return record(&selected, b);
    });
    INFO("seed " << seed);
    REQUIRE(plain == selected);
  }
}

}  // namespace
}  // namespace hullscan
