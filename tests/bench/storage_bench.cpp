// What storing every orbit costs: orbits a second and bytes an orbit of a scored space, beside the same without
// storing.
//   bench_storage [THREADS]
// The space: 2 x 4 x 4 cells of one atom, 2^32 colourings under 256 operations, every composition; a pair expansion
// fitted to made-up labels, so that energies are spread as real ones are.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "campaign/units.hpp"

using namespace hullscan;
namespace fs = std::filesystem;

namespace {

double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

LoadedCampaign box(const fs::path& folder) {
  std::ofstream(folder / "box.cif")
      << "data_box\n_cell_length_a 3\n_cell_length_b 3.3\n_cell_length_c 3.7\n_cell_angle_alpha 90\n"
         "_cell_angle_beta 90\n_cell_angle_gamma 90\n_symmetry_space_group_name_H-M 'P m m "
         "m'\nloop_\n_atom_site_label\n"
         "_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nM1 Al 0 0 0\n";
  return load_spaces(
      parse_campaign("name = \"bench\"\n[[space]]\nname = \"box\"\nstructure = \"box.cif\"\nsupercell = [2, 4, "
                     "4]\n[[space.sublattice]]\n"
                     "sites = \"M1\"\nspecies = { Al = \"0%..100%\", Mg = \"rest\" }\n",
                     folder / "campaign.toml"));
}

UseModel made_up_model(const UnitRunnerParts& parts, std::uint32_t compositions) {
  SurrogateSpec spec{.kind = "cluster-expansion", .settings = parse_settings_toml("pairs = 6.7\n", "bench")};
  Problems problems;
  SurrogateSet models = SurrogateSet::make(spec, parts.parents, problems);
  problems.throw_if_any();
  std::vector<LabelledConfiguration> labels;
  for (std::uint32_t composition = 0; composition < compositions; ++composition) {
    const UnitStratum unit_stratum = parts.stratum({0, 0, composition});
    int taken = 0;
    (void)unit_stratum.enumerator->run({}, {}, [&](const Orbit& orbit) {
      LabelledConfiguration label;
      label.configuration = {unit_stratum.supercell, {orbit.occupation.begin(), orbit.occupation.end()}};
      const double x = composition / static_cast<double>(compositions - 1);
      label.formation_energy_ev_per_atom =
          -0.3 * x * (1 - x) + 0.02 * ((7 * taken + static_cast<int>(composition)) % 11);
      label.id = std::to_string(composition) + "-" + std::to_string(taken);
      labels.push_back(label);
      return ++taken < 5;
    });
  }
  models.space(0).fit(labels);
  return {.pass = 1, .model_hash = models.hash(), .serialised = models.serialise(), .temperatures_kelvin = {300, 600}};
}

void run(const LoadedCampaign& loaded, const fs::path& folder, const UseModel* model, bool store, int threads) {
  UnitRunnerParts parts =
      runner_parts(loaded.campaign, loaded.spaces, folder, "bench", std::make_shared<ShardArchive>(folder));
  std::deque<WorkUnit> queue;
  const auto compositions = static_cast<std::uint32_t>(loaded.spaces[0].compositions(0).size());
  for (std::uint32_t c = 0; c < compositions; ++c) queue.push_back({c + 1, {0, 0, c}, {}, {}});
  std::mutex mutex;
  std::uint64_t orbits = 0, bytes = 0, shards = 0, next_id = compositions + 1;
  std::size_t busy = 0;
  const auto begun = std::chrono::steady_clock::now();
  const double cpu_begun = cpu_s();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      UnitRunner runner(parts);
      if (model != nullptr) runner.use_model(*model);
      while (true) {
        std::unique_lock lock(mutex);
        if (queue.empty() && busy == 0) return;
        if (queue.empty()) {
          lock.unlock();
          std::this_thread::yield();
          continue;
        }
        const WorkUnit unit = queue.front();
        queue.pop_front();
        ++busy;
        lock.unlock();
        const UnitScored result = runner.run({.unit = unit, .quota_s = 2, .keep_best = 1000, .write_shard = store});
        lock.lock();
        --busy;
        orbits += result.orbits;
        for (const ShardReceipt& shard : result.shards) bytes += shard.bytes;
        shards += result.shards.size();
        for (WorkUnit piece : result.remainder) {
          piece.id = next_id++;
          queue.push_back(piece);
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const double cpu = cpu_s() - cpu_begun;
  std::printf("%-9s %-7s %11llu orbits  %6.2f s  %6.2f s CPU  %8.3g orbits/s  %7.1f ns CPU an orbit",
              model == nullptr ? "no model" : "model", store ? "stored" : "best",
              static_cast<unsigned long long>(orbits), wall, cpu, static_cast<double>(orbits) / wall,
              1e9 * cpu / static_cast<double>(orbits));
  if (store)
    std::printf("  %.3f bytes an orbit, %llu shards", static_cast<double>(bytes) / static_cast<double>(orbits),
                static_cast<unsigned long long>(shards));
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 2;
  const fs::path folder = fs::temp_directory_path() / ("hullscan-bench-" + std::to_string(getpid()));
  fs::create_directories(folder);
  {
    const LoadedCampaign loaded = box(folder);
    const UseModel model = made_up_model(runner_parts(loaded.campaign, loaded.spaces, folder, "bench", nullptr),
                                         static_cast<std::uint32_t>(loaded.spaces[0].compositions(0).size()));
    run(loaded, folder, nullptr, false, threads);
    run(loaded, folder, nullptr, true, threads);
    run(loaded, folder, &model, false, threads);
    run(loaded, folder, &model, true, threads);
  }
  fs::remove_all(folder);
}
