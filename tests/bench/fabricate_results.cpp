// Gives the first N waiting calculations of a campaign their results without running anything: for measuring what a
// long campaign costs (tests/bench/long_campaign). The energies are a pair potential's, as those of a calculator of
// moments.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "core/hash.hpp"
#include "storage/campaign_store.hpp"

using namespace hullscan;

namespace {

double strength(Species species) {
  return static_cast<double>(hash64(std::as_bytes(std::span(species.symbol()))) % 97) / 97.0;
}

/// Unlike neighbours attract, with the next shells' part falling off.
double energy_ev(const Structure& structure) {
  double energy = 0;
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    energy -= 3 + strength(structure.species[i]);
    for (std::size_t j = 0; j < structure.atom_count(); ++j) {
      for (int u = -1; u <= 1; ++u)
        for (int v = -1; v <= 1; ++v)
          for (int w = -1; w <= 1; ++w) {
            const Eigen::Vector3d fractional =
                structure.positions[j].x - structure.positions[i].x + Eigen::Vector3d(u, v, w);
            const double r = (structure.lattice.rows().transpose() * fractional).norm();
            if (r < 0.1 || r > 3.2) continue;
            energy += (structure.species[i] == structure.species[j] ? 0.01 : -0.04) * std::exp(-r / 3);
          }
    }
  }
  return energy;
}

Instant moment(std::int64_t ms) { return Instant(std::chrono::milliseconds(1'700'000'000'000 + ms)); }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: fabricate_results DIR NUMBER\n");
    return 2;
  }
  CampaignStore store = CampaignStore::open_existing(argv[1]);
  const long wanted = std::atol(argv[2]);
  long made = 0;
  for (const TaskRecord& record : store.tasks({.round = {}, .states = {TaskState::kSelected}})) {
    if (made == wanted) break;
    const std::string& key = record.task.key;
    store.record(key, TaskPrepared{1}, moment(100 * made));
    store.describe_attempt(
        key, 1, R"({"command":["./calc","0"],"inputs":{},"cores":1,"hullscan":"","machine":"","wall_s":0.02})");
    store.record(key, TaskStarted{1, fmt::format("{}:1@nowhere", 1000 + made % 30000)}, moment(100 * made + 10));
    DftConverged result{"scf", energy_ev(record.task.structure), record.task.structure, {}, {}, {}, {}, "", {}};
    result.hull_keys = {
        {"code", "command"}, {"method", record.task.settings.values.at("method")}, {"parameters", "{}"}};
    store.accept(key, 1, result, 0.02, moment(100 * made + 30));
    ++made;
  }
  fmt::print("{} results made\n", made);
  return 0;
}
