#include "analysis/statistics/path_statistics.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

PathSample path(const std::string& type, std::int64_t dopants, double value, double weight) {
  return {type, dopants, value, value, value, 1, weight, dopants == 1};
}

std::vector<PathSample> few_paths() {
  return {path("a", 1, 0.1, 1), path("a", 1, 0.2, 2),  path("b", 1, 0.4, 3),
          path("a", 2, 0.3, 4), path("b", 2, 0.05, 1), path("b", 2, 0.5, 1)};
}

}  // namespace

// By hand. One dopant: weight 6, a third of it is 2, reached at 0.2 (1 + 2 = 3); two thirds are 4, reached at 0.4.
TEST_CASE("terciles are the smallest values that hold a third and two thirds of the reference set's weight",
          "[analysis][paths]") {
  const PathStatistics statistics = path_statistics(few_paths());

  CHECK(statistics.reference_paths == 3);
  CHECK(statistics.favourable_to == 0.2);
  CHECK(statistics.neutral_to == 0.4);
}

// By hand: mean (0.1 + 2 * 0.2 + 3 * 0.4) / 6 = 1.7 / 6; squares 0.18333² + 2 * 0.08333² + 3 * 0.11667² = 0.088333,
// over 6, its root 0.121335. Two dopants: (4 * 0.3 + 0.05 + 0.5) / 6 = 1.75 / 6; of them 0.05 is favourable, 0.3
// neutral.
TEST_CASE("paths are grouped by dopants and type, and count by their degeneracy", "[analysis][paths]") {
  const PathStatistics statistics = path_statistics(few_paths());

  REQUIRE(statistics.groups.size() == 6);
  const PathGroup &one = statistics.groups[0], &two = statistics.groups[3], &two_b = statistics.groups[5];
  CHECK((one.type.empty() && one.dopants == 1 && one.paths == 3));
  CHECK(one.weight == 6);
  CHECK(one.mean == Approx(1.7 / 6));
  CHECK(one.deviation == Approx(0.121335).epsilon(1e-5));
  CHECK(one.favourable == Approx(0.5));
  CHECK(one.neutral == Approx(0.5));
  CHECK(one.unfavourable == 0);
  CHECK((two.type.empty() && two.dopants == 2));
  CHECK(two.mean == Approx(1.75 / 6));
  CHECK(two.favourable == Approx(1.0 / 6));
  CHECK(two.neutral == Approx(4.0 / 6));
  CHECK(two.unfavourable == Approx(1.0 / 6));
  CHECK((two_b.type == "b" && two_b.paths == 2));
  CHECK(two_b.mean == Approx(0.275));
  CHECK(two_b.deviation == Approx(0.225));
  CHECK(two_b.minimum == 0.05);
  CHECK(two_b.maximum == 0.5);
}

TEST_CASE("a set without paths, or without reference paths, has no statistics", "[analysis][paths]") {
  std::vector<PathSample> none_of_reference = few_paths();
  for (PathSample& sample : none_of_reference) sample.reference = false;

  CHECK_THROWS_WITH(path_statistics({}), Contains("no paths"));
  CHECK_THROWS_WITH(path_statistics(none_of_reference), Contains("reference set"));
  CHECK_THROWS_AS(path_statistics(std::vector{path("a", 1, 0.1, 0)}), InputError);
}

TEST_CASE("path statistics as CSV have a line for each group", "[analysis][paths]") {
  PathStatistics statistics = path_statistics(few_paths());
  statistics.space = "K, Fe";
  statistics.quantity = "barrier";

  const std::string csv = paths_csv(std::vector{statistics});

  CHECK(std::count(csv.begin(), csv.end(), '\n') == 7);
  CHECK_THAT(csv, Contains("\n\"K, Fe\",barrier,2,a,1,4,0.3,0,0.3,0.3,0,1,0\n"));
  CHECK(paths_json(statistics)["groups"][3]["type"].is_null());
}
