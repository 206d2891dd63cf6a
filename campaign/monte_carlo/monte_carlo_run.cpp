#include "campaign/monte_carlo/monte_carlo_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "campaign/monte_carlo/monte_carlo_cell.hpp"
#include "campaign/monte_carlo/monte_carlo_chain.hpp"
#include "campaign/monte_carlo/monte_carlo_diagram.hpp"
#include "campaign/monte_carlo/monte_carlo_results.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {

namespace {

struct ChainResults {
  std::vector<Json> points, lowest;  ///< [chain]
  bool finished = true;
};

MonteCarloProgress progress_of(const WalkCounters& counters, const std::string& name, std::size_t points_total,
                               std::chrono::duration<double> elapsed) {
  MonteCarloProgress progress{name, counters.points, points_total, counters.precise, 0, std::nullopt};
  if (elapsed.count() > 0) progress.sweeps_per_s = static_cast<double>(counters.sweeps.load()) / elapsed.count();
  const auto walked = static_cast<double>(progress.points_done - counters.points_from_files);
  if (walked > 0) progress.eta_s = elapsed.count() * static_cast<double>(points_total - progress.points_done) / walked;
  return progress;
}

/// The chains of this rank, over its threads.
ChainResults walk_chains(const MonteCarloCell& shared, const std::vector<std::size_t>& mine, bool speaks) {
  const MonteCarloSpec& spec = *shared.plan.spec;
  const std::size_t threads = shared.options.threads;
  ChainResults results;
  results.points.resize(shared.plan.chains.size(), Json::array());
  results.lowest.resize(shared.plan.chains.size());
  std::vector<std::exception_ptr> thrown(mine.size());
  std::atomic<std::size_t> next{0}, done{0}, running{0};
  WalkCounters counters;
  std::atomic<bool> stopped{false};
  const std::size_t side_by_side = spec.tempering ? 1 : std::min(threads, mine.size());
  std::mutex mutex;
  std::condition_variable ended;
  const auto work = [&] {
    for (std::size_t i = next++; i < mine.size(); i = next++) {
      if (stopped) break;
      try {
        ChainResult chain = run_chain(shared, mine[i], spec.tempering ? threads : 1, counters);
        if (!chain.finished) stopped = true;
        results.points[mine[i]] = std::move(chain.points);
        results.lowest[mine[i]] = std::move(chain.lowest);
        ++done;
      } catch (...) {
        thrown[i] = std::current_exception();  // told below
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
    std::optional<Progress> progress;
    if (speaks)
      progress.emplace("monte carlo " + spec.name, static_cast<double>(mine.size()),
                       spec.tempering ? "ladders" : "chains");
    const auto begun = std::chrono::steady_clock::now();
    const std::size_t points = mine.size() * spec.temperatures_kelvin.size();
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::milliseconds(200), [&] { return running == 0; })) {
      const MonteCarloProgress now = progress_of(counters, spec.name, points, std::chrono::steady_clock::now() - begun);
      if (progress)
        progress->update(static_cast<double>(done.load()), fmt::format("{:.3g} sweeps/s", now.sweeps_per_s));
      if (shared.options.tell && !shared.options.tell(now)) counters.stop = true;
    }
  }
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& one : thrown) {
    if (one) std::rethrow_exception(one);
  }
  results.finished = !stopped;
  return results;
}

/// What other ranks have walked, from the files of their chains.
void read_chains_of_others(const MonteCarloCell& shared, const MpiSession& ranks, ChainResults& results) {
  for (std::size_t c = 0; c < shared.plan.chains.size(); ++c) {
    if (c % static_cast<std::size_t>(ranks.size()) == static_cast<std::size_t>(ranks.rank())) continue;
    ChainResult chain = read_chain(shared, c);
    results.points[c] = std::move(chain.points);
    results.lowest[c] = std::move(chain.lowest);
    results.finished = results.finished && chain.finished;
  }
}

/// @returns on every rank what `work` returned on rank 0; false on the others if it threw.
bool on_rank_0(const MpiSession* ranks, const std::function<bool()>& work) {
  if (ranks == nullptr) return work();
  if (ranks->rank() != 0) return ranks->of_rank_0(0) != 0;
  bool result = false;
  std::exception_ptr thrown;
  try {
    result = work();
  } catch (...) {
    thrown = std::current_exception();  // told below, when the other ranks know
  }
  (void)ranks->of_rank_0(result ? 1 : 0);
  if (thrown) std::rethrow_exception(thrown);
  return result;
}

void begin_folder(const std::filesystem::path& chains) {
  std::error_code error;
  std::filesystem::create_directories(chains, error);
  if (error) throw StorageError(fmt::format("{}: {}", chains.string(), error.message()));
  remove_unfinished(chains);
}

Json written_results(const MonteCarloCell& shared, const std::string& model, const ChainResults& results) {
  const MonteCarloSpec& spec = *shared.plan.spec;
  Json all = Json::array(), all_lowest = Json::array();
  for (const Json& some : results.points) all.insert(all.end(), some.begin(), some.end());
  for (const Json& one : results.lowest) {
    if (!one.is_null()) all_lowest.push_back(one);
  }
  Json json{{"name", spec.name},
            {"space", spec.space},
            {"model", model},
            {"ensemble", name_of(spec.ensemble)},
            {"cell", matrix_text(shared.plan.cell)},
            {"varied_sites", shared.plan.varied_sites()},
            {"precision_ev_per_atom", spec.precision_ev_per_atom},
            {"finished", results.finished},
            {"points", all}};
  if (!all_lowest.empty()) json["lowest"] = all_lowest;
  warn_of_extrapolation(spec.name, all);
  write_durably(shared.folder / "points.json", json_text(json, 2) + "\n");
  write_durably(shared.folder / "points.csv", points_csv(all, shared.counted));
  if (shared.shells) write_durably(shared.folder / "short_range_order.csv", short_range_order_csv(all));
  write_temperature_figures(shared.folder, spec.name, all);
  if (results.finished && why_no_diagram(shared).empty()) write_diagram(shared, walked_diagram(shared, all));
  return json;
}

}  // namespace

MonteCarloResult run_monte_carlo(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                 const MonteCarloOptions& options) {
  const MonteCarloSpec& spec = *plan.spec;
  const MonteCarloCell shared = make_monte_carlo_cell(resolved, plan, options);
  MonteCarloResult result{spec.name, false, {}};
  const bool begun = on_rank_0(options.ranks, [&] {
    begin_folder(shared.folder / "chains");
    return true;
  });
  if (!begun) return result;
  const auto count = static_cast<std::size_t>(options.ranks == nullptr ? 1 : options.ranks->size());
  const auto rank = static_cast<std::size_t>(options.ranks == nullptr ? 0 : options.ranks->rank());
  std::vector<std::size_t> mine;
  for (std::size_t c = rank; c < plan.chains.size(); c += count) mine.push_back(c);
  ChainResults results;
  std::exception_ptr thrown;
  try {
    results = walk_chains(shared, mine, rank == 0);
  } catch (...) {
    if (count == 1) throw;
    thrown = std::current_exception();  // told when the other ranks do not wait for this one
  }
  if (count > 1) options.ranks->wait_for_all();
  result.finished = on_rank_0(options.ranks, [&] {
    if (thrown) return false;
    if (count > 1) read_chains_of_others(shared, *options.ranks, results);
    result.json = written_results(shared, resolved.surrogates.space(plan.space).kind(), results);
    return results.finished;
  });
  if (thrown) std::rethrow_exception(thrown);
  return result;
}

}  // namespace hullscan
