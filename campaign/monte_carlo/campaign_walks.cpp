#include "campaign/monte_carlo/campaign_walks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "campaign/monte_carlo/known_results.hpp"
#include "campaign/monte_carlo/monte_carlo_cell.hpp"
#include "campaign/monte_carlo/monte_carlo_chain.hpp"
#include "core/log.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/campaign_store.hpp"
#include "storage/status_file.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Rank 0 has the folder to itself; the others hear whether it has.
std::optional<CampaignLock> lock_of(const fs::path& directory, const MpiSession& ranks) {
  if (ranks.rank() != 0) {
    if (ranks.of_rank_0(0) == 0) throw TransportError("rank 0 could not begin Monte Carlo");
    return std::nullopt;
  }
  try {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) throw StorageError(fmt::format("{}: {}", directory.string(), error.message()));
    std::optional<CampaignLock> lock(directory);
    (void)ranks.of_rank_0(1);
    return lock;
  } catch (const StorageError&) {
    (void)ranks.of_rank_0(0);
    throw;
  }
}

/// A campaign that goes on has another model: its walks begin anew, and those before are kept.
void set_others_aside(const ResolvedCampaign& resolved, const MonteCarloPlan& plan, const fs::path& folder) {
  const std::string found = identity_of_chains(folder);
  if (found.empty() || found == identity_of_plan(resolved, plan)) return;
  fs::path aside;
  for (int number = 1; aside.empty() || fs::exists(aside); ++number)
    aside = fmt::format("{}.earlier-{}", folder.string(), number);
  std::error_code error;
  fs::rename(folder, aside, error);
  if (error) throw StorageError(fmt::format("{}: {}", aside.string(), error.message()));
  log_info(fmt::format("monte_carlo \"{}\": the model or the keys have changed; the walks before are kept in {}",
                       plan.spec->name, aside.string()));
}

/// The part of status.json that is about Monte Carlo.
class WalkStatus {
 public:
  WalkStatus(fs::path directory, const std::vector<MonteCarloPlan>& plans)
      : directory_(std::move(directory)), status_(read_status(directory_)), last_write_(Clock::now()) {
    Json& all = status_["monte_carlo"] = Json::array();
    for (const MonteCarloPlan& plan : plans)
      all.push_back({{"name", plan.spec->name},
                     {"points_done", 0},
                     {"points_total", plan.chains.size() * plan.spec->temperatures_kelvin.size()},
                     {"precision_reached", 0},
                     {"sweeps_per_s", 0.0},
                     {"eta_s", nullptr}});
    status_["state"] = "running";
    status_["eta_s"] = nullptr;
    write_status(directory_, status_);
  }

  void progress(const MonteCarloProgress& now) {
    Json& one = of(now.name);
    one["points_done"] = now.points_done;
    one["points_total"] = now.points_total;
    one["precision_reached"] = now.precision_reached;
    one["sweeps_per_s"] = now.sweeps_per_s;
    one["eta_s"] = now.eta_s ? Json(*now.eta_s) : Json(nullptr);
    if (Clock::now() - last_write_ < std::chrono::seconds(1)) return;
    last_write_ = Clock::now();
    write_status(directory_, status_);
  }

  void ended(const MonteCarloResult& result) {
    Json& one = of(result.name);
    const Json& points = result.json["points"];
    one["points_done"] = points.size();
    one["precision_reached"] = std::count_if(points.begin(), points.end(),
                                             [](const Json& point) { return point["precision_reached"].get<bool>(); });
    one["sweeps_per_s"] = 0.0;
    one["eta_s"] = result.finished ? Json(0.0) : Json(nullptr);
  }

  void finish(const std::string& state) {
    status_["state"] = state;
    if (state == "done") status_["eta_s"] = 0.0;
    write_status(directory_, status_);
  }

 private:
  Json& of(const std::string& name) {
    return *std::find_if(status_["monte_carlo"].begin(), status_["monte_carlo"].end(),
                         [&](const Json& one) { return one["name"] == name; });
  }

  fs::path directory_;
  Json status_;
  Clock::time_point last_write_;
};

}  // namespace

std::vector<MonteCarloPlan> plans_of(const ResolvedCampaign& resolved, Problems& problems, const HullPhases& phases,
                                     const std::vector<std::string>& names) {
  std::vector<MonteCarloPlan> plans;
  for (const MonteCarloSpec& spec : resolved.campaign.monte_carlo) {
    if (!names.empty() && std::find(names.begin(), names.end(), spec.name) == names.end()) continue;
    if (resolved.surrogates.space_count() == 0)
      problems.add(spec.where, "monte_carlo: there is no [[surrogate]] to walk by");
    if (auto plan = make_monte_carlo_plan(spec, resolved.spaces, problems, phases)) plans.push_back(std::move(*plan));
  }
  return plans;
}

bool take_model_of(ResolvedCampaign& resolved, const fs::path& directory) {
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const auto pass = store.current_pass();
  if (!pass || pass->model.empty()) return false;
  SurrogateSet stored;
  try {
    stored = SurrogateSet::deserialise(pass->model, parents_of(resolved.spaces));
  } catch (const StorageError& error) {
    throw InputError(
        fmt::format("the model of {} is not one of this campaign file: {}", directory.string(), error.what()));
  }
  resolved.surrogates = std::move(stored);
  return true;
}

bool walk(const ResolvedCampaign& resolved, const std::vector<MonteCarloPlan>& plans, const WalkOptions& options,
          const MpiSession& ranks) {
  const fs::path directory = options.directory / "monte_carlo";
  std::optional<CampaignLock> lock = lock_of(directory, ranks);
  const auto tell = [&](const MonteCarloProgress& progress) {
    if (lock) lock->beat();
    return !options.tell || options.tell(progress);
  };
  for (const MonteCarloPlan& plan : plans) {
    if (options.set_others_aside && ranks.rank() == 0) set_others_aside(resolved, plan, directory / plan.spec->name);
    const MonteCarloResult result = run_monte_carlo(
        resolved, plan,
        {.directory = directory,
         .threads = options.threads,
         .deadline = options.deadline,
         .labels = plan.space < options.labels.size() ? options.labels[plan.space] : std::vector<Configuration>(),
         .ranks = ranks.size() > 1 ? &ranks : nullptr,
         .tell = tell});
    if (ranks.rank() == 0 && options.ended) options.ended(result);
    if (!result.finished) return false;
  }
  return true;
}

bool walk_after_campaign(ResolvedCampaign& resolved, const fs::path& directory, std::size_t threads,
                         std::optional<Clock::time_point> deadline, const MpiSession& ranks) {
  KnownResults known = known_results(directory);
  (void)take_model_of(resolved, directory);
  if (!resolved.surrogates.fitted()) {
    if (ranks.rank() == 0) log_warning("no Monte Carlo: the campaign ended without a fitted model");
    return true;
  }
  Problems problems;
  const std::vector<MonteCarloPlan> plans = plans_of(resolved, problems, known.phases);
  problems.throw_if_any();
  std::optional<WalkStatus> status;
  if (ranks.rank() == 0) status.emplace(directory, plans);
  const auto drained = [&] { return fs::exists(directory / "drain"); };
  WalkOptions options{.directory = directory,
                      .threads = threads,
                      .deadline = deadline,
                      .labels = std::move(known.labels),
                      .set_others_aside = true};
  options.tell = [&](const MonteCarloProgress& progress) {
    if (status) status->progress(progress);
    return !drained();
  };
  options.ended = [&](const MonteCarloResult& result) { status->ended(result); };
  bool finished = false;
  try {
    finished = walk(resolved, plans, options, ranks);
  } catch (...) {
    if (status) status->finish("failed");
    throw;
  }
  if (ranks.rank() != 0) return finished;
  status->finish(finished ? "done" : "stopped");
  std::error_code none;
  if (!finished) fs::remove(directory / "drain", none);
  return finished;
}

}  // namespace hullscan
