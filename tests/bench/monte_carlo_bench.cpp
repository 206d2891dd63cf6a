// bench_monte_carlo: attempted flips or swaps a second on one core, as the project's table of targets asks.
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "../workers/monte_carlo_spaces.hpp"

namespace {

using namespace hullscan;

struct Figure {
  double attempts_per_s = 0, acceptance = 0;
};

Figure measure(Walker& walker, const WalkConditions& conditions, std::size_t sweeps) {
  (void)walker.walk(conditions, 1, 0, sweeps / 5 + 1);
  const MoveTally before = walker.tally();
  const auto begun = std::chrono::steady_clock::now();
  (void)walker.walk(conditions, 1, 1000, sweeps);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const auto attempted = static_cast<double>(walker.tally().attempted - before.attempted);
  return {attempted / seconds, static_cast<double>(walker.tally().accepted - before.accepted) / attempted};
}

/// The temperature at which the share of accepted attempts is about the one asked for.
double temperature_for(Walker& walker, double acceptance) {
  double low = 10, high = 1e5;
  for (int i = 0; i < 25; ++i) {
    const double middle = std::sqrt(low * high);
    (void)walker.walk({middle, {}}, 2, 0, 10);
    const MoveTally before = walker.tally();
    (void)walker.walk({middle, {}}, 2, 10, 10);
    const double share = static_cast<double>(walker.tally().accepted - before.accepted) /
                         static_cast<double>(walker.tally().attempted - before.attempted);
    (share > acceptance ? high : low) = middle;
  }
  return std::sqrt(low * high);
}

void run(const char* what, const CrystalInteractions& crystal, const SupercellMatrix& matrix, bool vary,
         std::size_t sweeps) {
  const auto cell = std::make_shared<const CellInteractions>(crystal, matrix);
  Walker walker{CellState(cell), {vary, {}}};
  std::vector<std::uint8_t> occupation(cell->site_count());
  for (std::size_t i = 0; i < occupation.size(); ++i)
    occupation[i] = static_cast<std::uint8_t>(random_bits(4, i) % static_cast<std::uint64_t>(cell->occupants(i)));
  walker.set(occupation);
  const double temperature = temperature_for(walker, 0.3);
  const Figure figure = measure(walker, {temperature, {}}, sweeps);
  fmt::print("{:<44} {:>8} sites {:>5} neighbours {:>10.3g} attempts/s at {:.0f} % accepted, {:.0f} bytes a site\n",
             what, cell->site_count(), cell->neighbours(0), figure.attempts_per_s, 100 * figure.acceptance,
             static_cast<double>(cell->table_bytes() + cell->walker_bytes()) / static_cast<double>(cell->site_count()));
}

}  // namespace

int main() {
  const Eigen::Matrix3d fcc = 2.0 * (Eigen::Matrix3d() << 0, 1, 1, 1, 0, 1, 1, 1, 0).finished();
  const auto diagonal = [](int a, int b, int c) {
    SupercellMatrix made = SupercellMatrix::Zero();
    made.diagonal() << a, b, c;
    return made;
  };
  const std::vector<test::BasisSite> one{{{0, 0, 0}, 0}};
  const auto binary = test::plain_parent(fcc, {{"Cu", "Au"}}, one);
  const auto ternary = test::plain_parent(fcc, {{"Cu", "Ag", "Au"}}, one);
  const auto pairs = test::random_interactions(binary, 5.0, 0, 0.05, 3);
  const auto triplets = test::random_interactions(binary, 5.0, 2.9, 0.05, 3);
  run("flips, pairs to the third fcc shell", pairs, diagonal(16, 16, 16), true, 3000);
  run("flips, with triplets of nearest neighbours", triplets, diagonal(16, 16, 16), true, 1000);
  run("swaps, pairs", pairs, diagonal(16, 16, 16), false, 1000);
  run("swaps, with triplets", triplets, diagonal(16, 16, 16), false, 500);
  run("flips, ternary, pairs", test::random_interactions(ternary, 5.0, 0, 0.05, 3), diagonal(16, 16, 16), true, 1000);
  run("flips, pairs, 10^6 sites", pairs, diagonal(100, 100, 100), true, 5);
  auto salt = test::random_interactions(
      test::plain_parent(fcc, {{"Fe", "Ti"}, {"O", "F"}}, {{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 1}}), 2.9, 0, 0.01, 3);
  salt.electrostatics = CrystalInteractions::Electrostatics{0.05,
                                                            {{Species::from_symbol("Fe"), 3},
                                                             {Species::from_symbol("Ti"), 4},
                                                             {Species::from_symbol("O"), -2},
                                                             {Species::from_symbol("F"), -1}}};
  run("swaps, Ewald, 512 ions", salt, diagonal(8, 8, 4), false, 1000);
}
