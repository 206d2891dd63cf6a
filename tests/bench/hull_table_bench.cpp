// bench_hull_table [CANDIDATES]: energies above the hull of 10^8 scored candidates of a 64-site cell of four species:
// the hull's energy at each of its 47,905 compositions once, then one subtraction a candidate, with the lowest and
// the number near the hull kept of every composition. CPU seconds of one core.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "analysis/hull/hull_levels.hpp"
#include "core/hash.hpp"

namespace {

using namespace hullscan;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double uniform(std::uint64_t word) { return static_cast<double>(random_bits(3, word) >> 11) / 9007199254740992.0; }

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t candidates = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000'000;
  constexpr int kSites = 64;
  const std::vector<Species> species = {Species::from_symbol("Li"), Species::from_symbol("Ni"),
                                        Species::from_symbol("Co"), Species::from_symbol("Mn")};
  std::vector<Composition> compositions;
  std::vector<double> mixing;  // convex, so that every composition could be stable
  for (int a = 0; a <= kSites; ++a) {
    for (int b = 0; a + b <= kSites; ++b) {
      for (int c = 0; a + b + c <= kSites; ++c) {
        const double x[4] = {a / 64.0, b / 64.0, c / 64.0, (kSites - a - b - c) / 64.0};
        compositions.emplace_back(std::map<Species, std::int64_t>{
            {species[0], a}, {species[1], b}, {species[2], c}, {species[3], kSites - a - b - c}});
        mixing.push_back(-0.4 * (x[0] * x[1] + x[0] * x[2] + x[1] * x[3]) - 0.25 * (x[0] * x[3] + x[2] * x[3]));
      }
    }
  }
  // As after a campaign: one in 50 compositions has been calculated, and the elements.
  std::vector<HullEntry> entries;
  for (std::size_t i = 0; i < compositions.size(); ++i) {
    const bool element = compositions[i].counts().size() == 1;
    if (!element && i % 50 != 7) continue;
    entries.push_back(
        {fmt::format("e{}", i), compositions[i], kSites * (element ? -3.0 : mixing[i] - 3.0 + 0.02 * uniform(i)), {}});
  }
  double begun = cpu_seconds();
  const HullReport hull = compute_hull(entries);
  fmt::print("hull of {} entries: {:.2f} s\n", entries.size(), cpu_seconds() - begun);
  begun = cpu_seconds();
  const auto levels = hull_levels(hull, compositions);
  const double table_s = cpu_seconds() - begun;
  fmt::print("its energy at {} compositions: {:.2f} s\n", compositions.size(), table_s);

  // Candidates as workers report them: an index of a composition and a quantised energy. Made before the clock runs,
  // in an order without locality, and gone through again and again.
  struct Candidate {
    std::uint32_t composition;
    std::int32_t micro_ev;
  };
  std::vector<Candidate> scored(1 << 22);
  for (std::size_t i = 0; i < scored.size(); ++i) {
    const auto at = static_cast<std::uint32_t>(random_bits(1, i) % compositions.size());
    scored[i] = {at, static_cast<std::int32_t>(1e6 * (mixing[at] + 0.1 * uniform(i)))};
  }
  std::vector<std::int32_t> table(levels.size()), lowest(levels.size(), 2'000'000'000);
  std::vector<std::uint64_t> near(levels.size(), 0);
  for (std::size_t i = 0; i < levels.size(); ++i) table[i] = static_cast<std::int32_t>(1e6 * levels[i].value());
  begun = cpu_seconds();
  std::uint64_t done = 0;
  while (done < candidates) {
    const std::uint64_t some = std::min<std::uint64_t>(scored.size(), candidates - done);
    for (std::uint64_t i = 0; i < some; ++i) {
      const Candidate& one = scored[i];
      const std::int32_t above = one.micro_ev - table[one.composition];
      lowest[one.composition] = std::min(lowest[one.composition], above);
      near[one.composition] += above <= 25'000 ? 1 : 0;
    }
    done += some;
  }
  const double seconds = cpu_seconds() - begun;
  std::uint64_t near_hull = 0;
  for (const std::uint64_t count : near) near_hull += count;
  fmt::print("{} candidates against the hull: {:.2f} s, {:.3g} a second; {} within 25 meV, lowest {:.1f} meV\n", done,
             seconds, static_cast<double>(done) / seconds, near_hull,
             *std::min_element(lowest.begin(), lowest.end()) / 1e3);
  return 0;
}
