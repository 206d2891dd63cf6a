#include "workers/best_search.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "fitted_spaces.hpp"
#include "workers/unit_runner.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

BestSearchRequest request_for(const SearchSpace& space, const SurrogateSet& models, std::size_t composition,
                              std::size_t count) {
  BestSearchRequest request = search_for(space, models, space.compositions(0)[composition], count);
  request.stratum = {0, 0, static_cast<std::uint32_t>(composition)};
  return request;
}

/// Every orbit scored, the best kept: what workers do.
std::vector<Candidate> full_scan(const SearchSpace& space, const SurrogateSet& models, std::size_t composition,
                                 std::uint32_t count, std::int64_t atoms) {
  UnitRunner runner({.seed = 1,
                     .parents = {space.parent()},
                     .stratum =
                         [&](const Stratum& s) {
                           return UnitStratum{
                               std::make_shared<OrbitEnumerator>(space.enumerator(0, s.index_in_supercell)),
                               space.supercells()[0], atoms};
                         },
                     .shard_sink = {}});
  runner.use_model({1, models.hash(), models.serialise(), {300}});
  RunUnit order;
  order.unit.stratum = {0, 0, static_cast<std::uint32_t>(composition)};
  order.keep_best = count;
  order.quota_s = 1e9;
  return runner.run(order).kept;
}

void agree_everywhere(const SearchSpace& space, const SurrogateSet& models, std::size_t count) {
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    const BestSearchRequest request = request_for(space, models, c, count);
    if (request.atoms == 0) continue;
    CAPTURE(c, request.atoms);

    const BestSearchResult found = search_best(request);

    CHECK(found.proven);
    CHECK(found.best == full_scan(space, models, c, static_cast<std::uint32_t>(count), request.atoms));
  }
}

}  // namespace

TEST_CASE("branch and bound finds what the full scan finds: pairs, two species", "[best]") {
  const SearchSpace space =
      space_of("gamma-CsPbI3-Pnma.cif", SupercellMatrix(Eigen::Vector3i(2, 2, 1).asDiagonal()), "Pb", {"Pb", "Zn"});
  agree_everywhere(space, fitted(space, "pairs = 9.0"), 20);
}

TEST_CASE("branch and bound finds what the full scan finds: triplets", "[best]") {
  const SearchSpace space =
      space_of("gamma-CsPbI3-Pnma.cif", SupercellMatrix(Eigen::Vector3i(1, 1, 2).asDiagonal()), "Pb", {"Pb", "Zn"});
  agree_everywhere(space, fitted(space, "pairs = 9.0\ntriplets = 9.0"), 10);
}

TEST_CASE("branch and bound finds what the full scan finds: three species and vacancies", "[best]") {
  const SearchSpace space =
      space_of("Al-fcc.cif", SupercellMatrix(Eigen::Vector3i(2, 1, 1).asDiagonal()), "Al", {"Al", "Ni", "Va"});
  agree_everywhere(space, fitted(space, "pairs = 5.0"), 12);
}

TEST_CASE("a search that is stopped says what it found and a bound that nothing is below", "[best]") {
  const SearchSpace space =
      space_of("gamma-CsPbI3-Pnma.cif", SupercellMatrix(Eigen::Vector3i(2, 2, 1).asDiagonal()), "Pb", {"Pb", "Zn"});
  const SurrogateSet models = fitted(space, "pairs = 9.0");
  BestSearchRequest request = request_for(space, models, 8, 5);
  request.stop_asked = [] { return true; };

  const BestSearchResult stopped = search_best(request);

  const auto truth = full_scan(space, models, 8, 5, request.atoms);
  REQUIRE(stopped.best.size() == 5);
  CHECK(stopped.bound_ev_per_atom <= 1e-9 * static_cast<double>(stopped.best.back().score));
  for (const Candidate& candidate : truth) {
    const bool found = std::find(stopped.best.begin(), stopped.best.end(), candidate) != stopped.best.end();
    CHECK((found || 1e-9 * static_cast<double>(candidate.score + 1) >= stopped.bound_ev_per_atom));
  }
}
