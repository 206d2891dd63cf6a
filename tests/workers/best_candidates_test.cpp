#include "workers/best_candidates.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/hash.hpp"

using namespace hullscan;

namespace {

constexpr Stratum kStratum{1, 2, 3};

/// Occupations of four sites in descending order, the worst that an enumeration can do where energies tie.
std::vector<Candidate> descending(std::size_t count, std::int64_t scores) {
  std::vector<Candidate> all;
  for (std::size_t i = count; i-- > 0;) {
    const std::uint64_t words[] = {i};
    const auto score = static_cast<std::int64_t>(random_bits(7, words) % static_cast<std::uint64_t>(scores));
    all.push_back(
        {kStratum,
         {static_cast<std::uint8_t>(i >> 16U), static_cast<std::uint8_t>(i >> 8U), 0, static_cast<std::uint8_t>(i)},
         i + 1,
         score});
  }
  return all;
}

std::vector<Candidate> best_of(const std::vector<Candidate>& all, std::size_t count) {
  BestCandidates best(kStratum, count);
  for (const Candidate& one : all) best.offer(one.score, one.occupation, one.degeneracy);
  return best.take();
}

}  // namespace

TEST_CASE("the best are those of a sorted list, however energies tie and in whatever order they come",
          "[workers][best-candidates]") {
  const std::size_t number = GENERATE(as<std::size_t>{}, 3, 1000, 30'000);
  const std::int64_t scores = GENERATE(as<std::int64_t>{}, 1, 5, 1'000'000);
  const std::size_t count = GENERATE(as<std::size_t>{}, 0, 1, 40, 2000, 50'000);
  CAPTURE(number, scores, count);
  std::vector<Candidate> all = descending(number, scores);
  std::vector<Candidate> sorted = all;
  std::sort(sorted.begin(), sorted.end(), better);
  sorted.resize(std::min(count, number));

  CHECK(best_of(all, count) == sorted);
  std::reverse(all.begin(), all.end());
  CHECK(best_of(all, count) == sorted);
}
