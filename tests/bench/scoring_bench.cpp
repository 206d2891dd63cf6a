// bench_scoring [THREADS [TRIPLETS, Å]]: enumerates and scores all 2^32 colourings of the 32 Pb sites of gamma-CsPbI3
// 2x2x2 with an expansion fitted to made-up labels; keeps the best 1000 of each composition and the sums of three
// temperatures. Prints what the project's target names: orbits, labelled configurations, wall and CPU seconds.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "core/hash.hpp"
#include "enumerator/space/search_space.hpp"
#include "surrogates/surrogate_set.hpp"
#include "workers/unit_runner.hpp"

namespace {

using namespace hullscan;

SearchSpace gamma_space() {
  SpaceSpec spec;
  spec.name = "gamma";
  spec.structure = std::string(HULLSCAN_TEST_DATA) + "/structures/gamma-CsPbI3-Pnma.cif";
  spec.supercell = SupercellMatrix(2 * SupercellMatrix::Identity());
  SublatticeSpec sublattice;
  sublattice.name = "B";
  sublattice.sites = {"Pb"};
  sublattice.species = {{Species::from_symbol("Pb"), true, {}, "rest", {}},
                        {Species::from_symbol("Zn"), false, {{0, 100, true}}, "0%..100%", {}}};
  spec.sublattices.push_back(sublattice);
  return SearchSpace::build(spec);
}

UseModel made_up_model(const SearchSpace& space, const std::string& triplets) {
  SurrogateSpec spec{
      "cluster-expansion",
      parse_settings_toml("kind = 'cluster-expansion'\npairs = 12.5\nridge = 1e-4\ntriplets = " + triplets, "bench")};
  Problems problems;
  SurrogateSet models = SurrogateSet::make(spec, {space.parent()}, problems);
  problems.throw_if_any();
  const auto& supercell = space.supercells()[0];
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Configuration configuration{supercell, {}};
    for (std::uint64_t s = 0; s < supercell->varied_sites().size(); ++s) {
      configuration.occupation.push_back(random_bits(i, s) % 100 < i % 100 ? 1 : 0);
    }
    labels.push_back({configuration, 1e-4 * static_cast<double>(random_bits(i, 1000) % 1000), 1, std::to_string(i)});
  }
  const FitReport report = models.space(0).fit(labels);
  fmt::print("model: {} clusters, up to {} sites\n", report.features, report.coefficients.back().sites);
  return {1, models.hash(), models.serialise(), {300, 600, 1000}};
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::stoi(argv[1]) : 2;
  const std::string triplets = argc > 2 ? argv[2] : "0.0";
  const SearchSpace space = gamma_space();
  const UseModel model = made_up_model(space, triplets);
  const std::size_t compositions = space.compositions(0).size();

  // The longest strata first; each is one unit, so two threads balance to a few per cent.
  std::vector<std::uint32_t> order;
  for (std::uint32_t c = 0; c < compositions; ++c) order.push_back(c);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto middle = [&](std::uint32_t c) { return std::abs(space.compositions(0)[c].of_sublattice[0][0] - 16); };
    return middle(a) < middle(b);
  });
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> orbits{0}, labelled{0}, kept{0};
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&] {
      UnitRunner runner(
          {.seed = 1,
           .parents = {space.parent()},
           .stratum =
               [&](const Stratum& stratum) {
                 const auto& counts = space.compositions(0)[stratum.index_in_supercell];
                 return UnitStratum{
                     std::make_shared<const OrbitEnumerator>(space.enumerator(0, stratum.index_in_supercell)),
                     space.supercells()[0], space.composition(0, counts).without_vacancies().atom_count()};
               },
           .shard_sink = {}});
      runner.use_model(model);
      for (std::size_t i = next++; i < order.size(); i = next++) {
        RunUnit unit;
        unit.unit.stratum = {0, 0, order[i]};
        unit.quota_s = 1e9;
        unit.keep_best = 1000;
        const UnitScored result = runner.run(unit);
        orbits += result.orbits;
        labelled += result.labelled;
        kept += result.kept.size();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  fmt::print("{} orbits of {} labelled, {} kept: {:.2f} s on {} threads, {:.2f} s of CPU, {:.3g} orbits/s of CPU\n",
             orbits.load(), labelled.load(), kept.load(), wall, threads, cpu_s,
             static_cast<double>(orbits.load()) / cpu_s);
  return labelled == (std::uint64_t{1} << 32U) ? 0 : 1;
}
