#include "campaign/monte_carlo/monte_carlo_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "campaign/monte_carlo/monte_carlo_cell.hpp"
#include "campaign/monte_carlo/monte_carlo_chain.hpp"
#include "campaign/monte_carlo/monte_carlo_results.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {

MonteCarloResult run_monte_carlo(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                 const MonteCarloOptions& options) {
  const MonteCarloSpec& spec = *plan.spec;
  const MonteCarloCell shared = make_monte_carlo_cell(resolved, plan, options);
  std::error_code error;
  std::filesystem::create_directories(shared.folder / "chains", error);
  if (error) throw StorageError(fmt::format("{}: {}", (shared.folder / "chains").string(), error.message()));
  remove_unfinished(shared.folder / "chains");

  const std::size_t chains = plan.chains.size();
  std::vector<Json> points(chains, Json::array()), lowest(chains);
  std::vector<std::exception_ptr> thrown(chains);
  std::atomic<std::size_t> next{0}, done{0}, running{0};
  std::atomic<std::uint64_t> sweeps{0};
  std::atomic<bool> stopped{false};
  const std::size_t side_by_side = spec.tempering ? 1 : std::min(options.threads, chains);
  std::mutex mutex;
  std::condition_variable ended;
  const auto work = [&] {
    for (std::size_t c = next++; c < chains; c = next++) {
      if (stopped) break;
      try {
        ChainResult chain = run_chain(shared, c, spec.tempering ? options.threads : 1, sweeps);
        if (!chain.finished) stopped = true;
        points[c] = std::move(chain.points);
        lowest[c] = std::move(chain.lowest);
        ++done;
      } catch (...) {
        thrown[c] = std::current_exception();  // told below
        stopped = true;
      }
    }
    const std::lock_guard lock(mutex);
    --running;
    ended.notify_all();
  };
  running = side_by_side;
  std::vector<std::thread> workers;
  for (std::size_t t = 0; t < side_by_side; ++t) workers.emplace_back(work);
  {
    Progress progress("monte carlo " + spec.name, static_cast<double>(chains), spec.tempering ? "ladders" : "chains");
    const auto begun = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::milliseconds(200), [&] { return running == 0; })) {
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun;
      progress.update(static_cast<double>(done.load()),
                      fmt::format("{:.3g} sweeps/s", static_cast<double>(sweeps.load()) / elapsed.count()));
    }
  }
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& one : thrown) {
    if (one) std::rethrow_exception(one);
  }
  MonteCarloResult result{spec.name, !stopped, {}};
  Json all = Json::array(), all_lowest = Json::array();
  for (const Json& some : points) all.insert(all.end(), some.begin(), some.end());
  for (const Json& one : lowest) {
    if (!one.is_null()) all_lowest.push_back(one);
  }
  result.json = {{"name", spec.name},
                 {"space", spec.space},
                 {"model", resolved.surrogates.space(plan.space).kind()},
                 {"ensemble", name_of(spec.ensemble)},
                 {"cell", matrix_text(plan.cell)},
                 {"varied_sites", plan.varied_sites()},
                 {"precision_ev_per_atom", spec.precision_ev_per_atom},
                 {"finished", result.finished},
                 {"points", all}};
  if (!all_lowest.empty()) result.json["lowest"] = all_lowest;
  warn_of_extrapolation(spec.name, all);
  write_durably(shared.folder / "points.json", json_text(result.json, 2) + "\n");
  write_durably(shared.folder / "points.csv", points_csv(all, shared.counted));
  if (shared.shells) write_durably(shared.folder / "short_range_order.csv", short_range_order_csv(all));
  write_temperature_figures(shared.folder, spec.name, all);
  return result;
}

}  // namespace hullscan
