#include "campaign/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "analysis/entries/entries_file.hpp"
#include "campaign/calculation_program.hpp"
#include "campaign/campaign_directory.hpp"
#include "campaign/enumeration_cost.hpp"
#include "campaign/executors.hpp"
#include "campaign/import/competing_phases.hpp"
#include "campaign/looser_symmetry_text.hpp"
#include "campaign/open_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/report/report_folder.hpp"
#include "campaign/searchable.hpp"
#include "campaign/stop_signals.hpp"
#include "campaign/version.hpp"
#include "enumerator/space/strata.hpp"
#include "scheduler/campaign_master.hpp"
#include "scheduler/decisions/search_limits.hpp"
#include "scheduler/decisions/soundness.hpp"
#include "scheduler/decisions/stages.hpp"
#include "scheduler/shard_check.hpp"
#include "storage/campaign_backup.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/crash_point.hpp"
#include "storage/durable_file.hpp"
#include "storage/instant_now.hpp"
#include "storage/shard_ledger.hpp"
#include "storage/stored_identity.hpp"
#include "workers/mpi_link.hpp"
#include "workers/rank_threads.hpp"
#include "workers/thread_link.hpp"
#include "workers/worker_loop.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Whether somebody or something wants the run to stop; beats the lock meanwhile.
class StopWatch {
 public:
  StopWatch(const RunOptions& options, CampaignLock& lock) : options_(options), lock_(lock), looked_(Clock::now()) {}

  bool operator()() {
    if (const int signal = stop_signal(); signal != 0) {
      stop(fmt::format("signal {}", signal));
      return true;
    }
    const auto now = Clock::now();
    if (now - looked_ < std::chrono::seconds(1)) return stop_;
    looked_ = now;
    lock_.beat();
    if (options_.deadline && now >= *options_.deadline) stop("the deadline was reached");
    std::error_code none;
    if (fs::remove(options_.directory / "drain", none)) stop("the file \"drain\" was found");
    return stop_;
  }

 private:
  void stop(const std::string& why) {
    if (!stop_) log_info(why + ": stopping");
    stop_ = true;
  }

  const RunOptions& options_;
  CampaignLock& lock_;
  Clock::time_point looked_;
  bool stop_ = false;
};

void make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
}

/// Damaged or missing shards are named and their units done again. @returns false if it was stopped.
bool repair_shards(const RunOptions& options, CampaignStore& store, MasterLink& link,
                   const std::function<bool()>& stop) {
  std::vector<ShardRecord> ledger = store.shards();
  if (options.trust_times) {
    const std::size_t all = ledger.size();
    ledger = without_unchanged(std::move(ledger), store.archives(), states_of_files(options.directory, ledger));
    log_info(
        fmt::format("--trust-mtime: of {} stored shards {} lie in files that have changed, or may have, and are read",
                    all, ledger.size()));
  }
  const auto found = check_shards(link, options.directory, ledger, {.lease_s = options.lease_s, .stop = stop});
  if (!found) return false;
  for (const BadShard& bad : *found) {
    log_warning(fmt::format("{}: {}; its unit is done again", name_of(bad.record.receipt), bad.reason));
    store.forget_shard(bad.record.receipt);
  }
  const std::vector<ShardRecord> good = store.shards();
  sweep_unrecorded(options.directory, good);
  store.remember_archives(states_of_files(options.directory, good));
  return true;
}

/// A directory holds one part, or the whole campaign.
void settle_part(const RunOptions& options, CampaignStore& store) {
  const std::string asked = options.part ? to_string(*options.part) : "";
  const auto held = recall_part(store);
  if (!held && store.current_pass() && options.part) {
    throw InputError(
        fmt::format("{} holds a whole campaign, not a part: use another --dir", options.directory.string()));
  }
  if (held && *held != asked) {
    throw InputError(fmt::format("{} holds part {}: run it with --part {}, or hullscan merge the parts",
                                 options.directory.string(), *held, *held));
  }
  if (!held && options.part) remember_part(store, asked);
}

double cores_of(const RunOptions& options, const MpiSession& session) {
  if (session.size() == 1) return static_cast<double>(options.threads);
  const auto ranks = static_cast<double>(session.size()), threads = static_cast<double>(options.threads);
  return ranks * threads - 1;  // one thread of all is the master
}

/// Said before anything is made.
void require_worth_beginning(const ResolvedCampaign& resolved, const RunOptions& options, const CampaignView& view,
                             double cores) {
  const RunSpec& run = resolved.campaign.run;
  EnumerationCost cost;
  bool any = false;
  CampaignView begun = view;
  mark_branch_and_bound(begun, asked_search_limits(run));
  if (const auto problems = not_searchable(resolved, begun); !problems.empty())
    throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
  const Strata strata(resolved.spaces);
  for (const StratumView& stratum : begun.strata) {
    if (!stratum.inequivalent || stratum.by_branch_and_bound) continue;
    cost.add(strata.at(stratum.stratum), *stratum.inequivalent);
    any = true;
  }
  if (!any) return;
  cost.divide_by(options.part ? options.part->count : 1);
  EnumerationTarget target{std::nullopt, 0, cores};
  if (run.keep == "all") target = {options.directory, cost.archive_bytes(!resolved.campaign.surrogates.empty()), cores};
  require_hope(cost, target, resolved.spaces, options.whatever_it_costs);
}

/// With some of them missing the hull is drawn between what is computed; with all of them the first round has nothing.
void tell_missing_end_members(const ResolvedCampaign& resolved, const fs::path& directory, const CampaignView& view) {
  const std::vector<std::string> warnings = end_member_warnings(resolved, view);
  if (warnings.empty()) return;
  const bool any = std::any_of(view.strata.begin(), view.strata.end(), [](const StratumView& stratum) {
    return stratum.end_member && (!stratum.inequivalent || *stratum.inequivalent > 0);
  });
  if (!any && !fs::exists(directory / "campaign.db"))
    throw InputError(fmt::format("not begun: no end member can be computed\n{}", fmt::join(warnings, "\n")));
  for (const std::string& warning : warnings) log_warning(warning);
}

/// Whose repeats a directory leaves out that was begun when there was one rule.
void tell_old_rule(const ResolvedCampaign& resolved, const fs::path& directory) {
  for (const SearchSpace& space : resolved.spaces) {
    if (!space.rules_differ() || space.repeat_rule() == RepeatRule::kReferenceCell) continue;
    log_warning(fmt::format(
        "{} was begun by an older version, which also left out of space \"{}\" what repeats by a vector inside the "
        "reference cell; it goes on like this. A run in another --dir has these configurations",
        directory.string(), space.name()));
  }
}

/// Which compositions are searched, not generated; refused before anything is computed where the model has no bound.
/// A campaign that was begun all the same takes the limits of its file as they are now.
SearchLimits settle_searches(const ResolvedCampaign& resolved, CampaignStore& store, CampaignView& view) {
  SearchLimits limits = settle_search_limits(resolved.campaign.run, store);
  mark_branch_and_bound(view, limits);
  const std::vector<std::string> problems = not_searchable(resolved, view, true);
  if (problems.empty()) return limits;
  if (resolved.campaign.run.keep == "best") {
    limits = asked_search_limits(resolved.campaign.run);
    mark_branch_and_bound(view, limits);
    if (not_searchable(resolved, view).empty()) {
      change_search_limits(limits, store);
      log_warning(
          "this campaign cannot go on with the limits with which it was begun: run.scan_at_most and run.search_nodes "
          "are taken from the file now");
      return limits;
    }
  }
  throw InputError(fmt::format("{}", fmt::join(problems, "\n")));
}

/// Where the campaign file is not the one that the directory ran last: says what that means, and lets it follow.
/// Killed at any moment the directory has the old file or the new one: the new inputs lie in a folder of their own
/// until one transaction makes them the present ones. @returns false if nobody agrees.
bool follow_the_file(const ResolvedCampaign& resolved, const RunOptions& options, const CampaignView& view,
                     double cores) {
  try {
    // Nearly always: then nothing is opened or resolved for a comparison.
    const auto stored = stored_identity(options.directory);
    if (!stored || (stored->text == resolved.campaign.text && stored->identity == identity_of(resolved))) return true;
  } catch (const StorageError&) {
    return true;  // empty, or damaged: whoever opens it to begin or go on says what to do
  }
  CampaignStore store = options.dry_run ? CampaignStore::open_read_only(options.directory)
                                        : CampaignStore::open_existing(options.directory);
  const auto now = instant_now();
  auto plan = plan_change(options.directory, store, resolved, view, now);
  if (!plan) return true;
  if (plan->change.first && !plan->change.survey_stays) require_worth_beginning(resolved, options, view, cores);
  if (options.agree && !options.agree(*plan)) return false;
  if (options.dry_run) return true;
  plan->change.inputs = fmt::format("revision-{}", store.revision().number + 1);
  keep_inputs(options.directory, resolved.campaign, plan->change.inputs);
  HULLSCAN_CRASH_POINT("revise.inputs");
  const int number = store.revise(plan->change);
  store.back_up(options.directory / kBackupFile);
  keep_inputs_folder_name(options.directory, plan->change.inputs);
  std::error_code gone;
  if (plan->change.first) fs::remove(options.directory / kStageFile, gone);
  log_info(fmt::format("revision {} of the campaign file: {}", number, fmt::join(plan->differs, "; ")));
  return true;
}

/// Phases beside the spaces that compete on the hull.
std::vector<HullEntry> references_of(const Campaign& campaign, const CampaignStore& store) {
  std::vector<HullEntry> references;
  if (campaign.report.references) references = read_entries(*campaign.report.references);
  for (HullEntry& imported : competing_entries(store)) references.push_back(std::move(imported));
  return references;
}

/// What one worker does from its first word to its last.
ThreadLink::Work work_of(const ResolvedCampaign& resolved, const fs::path& directory) {
  return [&resolved, directory, identity = identity_of(resolved),
          archive = std::make_shared<ShardArchive>(directory)](WorkerLink& link) {
    UnitRunner runner(runner_parts(resolved.campaign, resolved.spaces, directory, identity, archive));
    serve(link, runner);
  };
}

RunEnd stopped_end(const ResolvedCampaign& resolved, const RunOptions& options) {
  log_info(fmt::format("stopped; nothing is lost; the same line goes on: hullscan run {} --dir {}",
                       resolved.campaign.file.string(), options.directory.string()));
  return {stop_signal() == SIGINT ? ExitCode::kInterrupted : ExitCode::kStopped, std::nullopt};
}

/// The link is still up: whoever answers takes leave, then all ranks are ended.
RunEnd lost_end(const WorkerLost& lost, MpiSession& session) {
  log_error(lost.what());
  session.rank_is_lost();
  return {lost.exit_code(), std::nullopt, true};
}

}  // namespace

void run_worker(const ResolvedCampaign& resolved, const RunOptions& options, MpiSession& session) {
  const auto work = work_of(resolved, options.directory);
  if (options.threads > 1) return serve_with_threads(session, options.threads, work);
  MpiWorkerLink link(session);
  work(link);
}

RunEnd run_master(const ResolvedCampaign& resolved, const RunOptions& asked, MpiSession& session) {
  RunOptions options = asked;
  const Campaign& campaign = resolved.campaign;
  // First of all: whatever goes wrong from here on, the other ranks hear Stop.
  std::unique_ptr<MasterLink> ranks;
  if (session.size() > 1 && options.threads > 1) {
    ranks = std::make_unique<RankThreadsLink>(session, options.threads, work_of(resolved, options.directory));
  } else if (session.size() > 1) {
    ranks = std::make_unique<MpiMasterLink>(session);
  }
  require_program(resolved);
  if (options.part && has_stages(campaign)) {
    throw InputError(fmt::format("{}: --part runs one stage only; a campaign with space.restrict runs whole",
                                 campaign.file.string()));
  }
  CampaignView view = view_of(campaign, resolved.spaces);
  tell_missing_end_members(resolved, options.directory, view);
  tell_old_rule(resolved, options.directory);
  const double cores = cores_of(options, session);
  if (!fs::exists(options.directory / "campaign.db")) require_worth_beginning(resolved, options, view, cores);
  if (options.dry_run) {
    (void)follow_the_file(resolved, options, view, cores);
    return {ExitCode::kDone, std::nullopt};
  }
  make_directory(options.directory);
  CampaignLock lock(options.directory);
  if (!follow_the_file(resolved, options, view, cores)) return {ExitCode::kUsage, std::nullopt};
  CampaignStore store = open_campaign_directory(options.directory, resolved);
  log_to_file(options.directory / "hullscan.log");
  log_looser_symmetry(resolved.spaces);
  for (const std::string& remark : campaign.list_remarks) log_info(remark);
  settle_part(options, store);
  const SearchLimits limits = settle_searches(resolved, store, view);
  require_sound(view, store);
  StopWatch stop(options, lock);
  std::unique_ptr<MasterLink> link = std::move(ranks);
  if (link == nullptr) {
    link = std::make_unique<ThreadLink>(options.threads, work_of(resolved, options.directory));
  }
  try {
    if (!repair_shards(options, store, *link, std::ref(stop))) return stopped_end(resolved, options);
  } catch (const WorkerLost& lost) {
    return lost_end(lost, session);
  }

  Calculations calculations;
  if (resolved.code != nullptr && !options.part)
    calculations = make_calculations(campaign.run, resolved.code->lasting(resolved.settings).has_value(),
                                     options.directory, store, options.deadline);
  StatusBoard status(options.directory);
  Problems none;
  SurrogateSet surrogates = make_surrogates(campaign, resolved.spaces, resolved.columns, none);
  RefiningModels refining = make_refining_models(campaign, parents_of(resolved.spaces), resolved.columns, none);

  CampaignMaster master(
      MasterTools{.view = view,
                  .store = store,
                  .link = *link,
                  .executor = calculations.executor.get(),
                  .code = resolved.code,
                  .settings = resolved.settings,
                  .surrogates = std::move(surrogates),
                  .directory = options.directory,
                  .stop = std::ref(stop),
                  .status = status,
                  .quota_s = options.quota_s,
                  .stretched_quota_s = options.stretched_quota_s,
                  .lease_s = options.lease_s,
                  .units = options.part ? units_of_part(view, resolved.spaces, *options.part) : std::vector<WorkUnit>{},
                  .limits = calculations.limits,
                  .part = options.part.has_value(),
                  .references = references_of(campaign, store),
                  .search_nodes = limits.search_nodes,
                  .refining = std::move(refining),
                  .threads = static_cast<int>(options.threads)});
  LoopEnd end = LoopEnd::kStopped;
  try {
    end = master.run();
  } catch (const WorkerLost& lost) {
    status.finish("stopped");
    return lost_end(lost, session);
  } catch (...) {
    status.finish("failed");
    throw;
  }
  link.reset();
  store.remember_archives(states_of_files(options.directory, store.shards()));
  if (end == LoopEnd::kStopped) {
    status.finish("stopped");
    return stopped_end(resolved, options);
  }
  if (options.part) {
    status.finish("done");
    return {ExitCode::kDone, std::nullopt};
  }
  Report report = make_report(view, resolved.spaces, store);
  complete_report(options.directory, report);
  write_report(options.directory, report);
  status.finish("done");
  // A task that a person gave up is named in the report and no failure of the campaign.
  const auto failed = std::count_if(report.content.failures.begin(), report.content.failures.end(),
                                    [](const ReportFailure& one) { return one.state == name_of(TaskState::kFailed); });
  if (const std::size_t aside = report.content.set_aside.size(); aside > 0)
    log_warning(fmt::format("{} result{} not count; to see why: hullscan tasks {} --suspect", aside,
                            aside == 1 ? " does" : "s do", options.directory.string()));
  if (failed == 0) return {ExitCode::kDone, std::move(report)};
  log_warning(fmt::format("{} task{} failed for good; to see why: hullscan tasks {} --failed", failed,
                          failed == 1 ? "" : "s", options.directory.string()));
  return {ExitCode::kSomeFailed, std::move(report)};
}

}  // namespace hullscan
