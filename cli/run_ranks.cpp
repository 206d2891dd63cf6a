#include "cli/run_ranks.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>

#include "cli/campaign_report.hpp"
#include "cli/messages.hpp"
#include "cli/stop_signals.hpp"
#include "cli/stored_campaign.hpp"
#include "cli/version.hpp"
#include "scheduler/campaign_master.hpp"
#include "scheduler/local_executor.hpp"
#include "storage/campaign_lock.hpp"
#include "storage/shard_ledger.hpp"
#include "storage/shard_writer.hpp"
#include "workers/mpi_link.hpp"
#include "workers/thread_link.hpp"
#include "workers/worker_loop.hpp"

namespace hullscan::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

UnitRunnerParts runner_parts(const ResolvedCampaign& resolved, const RunOptions& options,
                             const std::string& identity) {
  UnitRunnerParts parts;
  parts.seed = resolved.campaign.seed;
  for (const SearchSpace& space : resolved.spaces) parts.parents.push_back(space.parent());
  parts.stratum = [&resolved](const Stratum& stratum) -> SearchedStratum {
    const SearchSpace& space = resolved.spaces.at(stratum.space);
    return {std::make_shared<OrbitEnumerator>(space.enumerator(stratum.supercell, stratum.composition)),
            space.supercells().at(stratum.supercell)};
  };
  parts.shard_sink = [directory = options.directory, identity](std::uint32_t pass) -> std::unique_ptr<ShardSink> {
    return std::make_unique<ShardWriter>(directory, identity, static_cast<int>(pass));
  };
  return parts;
}

/// Whether somebody or something wants the run to stop; beats the lock meanwhile.
class StopWatch {
 public:
  StopWatch(const RunOptions& options, CampaignLock& lock)
      : options_(options), lock_(lock), begun_(Clock::now()), looked_(begun_) {}

  bool operator()() {
    if (stop_signal() != 0) return true;
    const auto now = Clock::now();
    if (now - looked_ < std::chrono::seconds(1)) return stop_;
    looked_ = now;
    lock_.beat();
    if (options_.deadline_s && std::chrono::duration<double>(now - begun_).count() > *options_.deadline_s)
      stop_ = true;
    if (fs::exists(options_.directory / "drain")) {
      fs::remove(options_.directory / "drain");
      stop_ = true;
    }
    return stop_;
  }

 private:
  const RunOptions& options_;
  CampaignLock& lock_;
  Clock::time_point begun_, looked_;
  bool stop_ = false;
};

void require_program(const ResolvedCampaign& resolved) {
  if (resolved.code == nullptr) return;
  const std::vector<std::string> command = resolved.code->command(resolved.settings);
  if (command.empty() || !find_program(command.front()).empty()) return;
  throw InputError(fmt::format(
      "{}: not found in PATH; it is in the Debian package {} (apt-get install {}), or say dft.command",
      command.front(), resolved.code->info().debian_packages.front(), resolved.code->info().debian_packages.front()));
}

void make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
}

/// Damaged or missing shards are named and their units done again.
void repair_shards(const fs::path& directory, CampaignStore& store) {
  for (const BadShard& bad : verify_shards(directory, store.shards())) {
    log_warning(fmt::format("{}: {}; its unit is done again", bad.record.receipt.file_name, bad.reason));
    store.forget_shard(bad.record.receipt.file_name);
  }
  sweep_unrecorded(directory, store.shards());
}

}  // namespace

void run_worker(const ResolvedCampaign& resolved, const RunOptions& options, MpiSession& session) {
  (void)stop_signal();  // the master decides when to stop
  MpiWorkerLink link(session);
  UnitRunner runner(runner_parts(resolved, options, identity_of(resolved)));
  serve(link, runner);
}

ExitCode run_master(const ResolvedCampaign& resolved, const RunOptions& options, MpiSession& session) {
  const Campaign& campaign = resolved.campaign;
  require_program(resolved);
  const CampaignView view = view_of(campaign, resolved.spaces);
  const std::string identity = identity_of(resolved);
  make_directory(options.directory);
  CampaignLock lock(options.directory);
  CampaignStore store = CampaignStore::create_or_open(
      options.directory, {campaign.name, identity, campaign.text, campaign.text, kVersion});
  keep_inputs(options.directory, campaign);
  log_to_file(options.directory / "hullscan.log");
  repair_shards(options.directory, store);

  StopWatch stop(options, lock);
  StatusBoard status(options.directory);
  std::unique_ptr<Executor> executor;
  if (resolved.code != nullptr) executor = std::make_unique<LocalExecutor>(campaign.run.slots);
  std::unique_ptr<MasterLink> link;
  if (session.size() > 1) {
    link = std::make_unique<MpiMasterLink>(session);
  } else {
    link = std::make_unique<ThreadLink>(options.threads, [&](WorkerLink& worker) {
      UnitRunner runner(runner_parts(resolved, options, identity));
      serve(worker, runner);
    });
  }
  std::vector<std::shared_ptr<const ParentCrystal>> parents;
  for (const SearchSpace& space : resolved.spaces) parents.push_back(space.parent());
  Problems none;
  SurrogateSet surrogates =
      campaign.surrogates.empty() ? SurrogateSet{} : SurrogateSet::make(campaign.surrogates.front(), parents, none);

  CampaignMaster master(MasterTools{.view = view,
                                    .store = store,
                                    .link = *link,
                                    .executor = executor.get(),
                                    .code = resolved.code,
                                    .settings = resolved.settings,
                                    .surrogates = std::move(surrogates),
                                    .directory = options.directory,
                                    .stop = std::ref(stop),
                                    .status = status,
                                    .quota_s = options.quota_s});
  LoopEnd end = LoopEnd::kStopped;
  try {
    end = master.run();
  } catch (...) {
    status.finish("failed");
    throw;
  }
  link.reset();
  if (end == LoopEnd::kStopped) {
    status.finish("stopped");
    log_info(fmt::format("stopped; nothing is lost, the same line goes on: hullscan run {} --dir {}",
                         campaign.file.string(), options.directory.string()));
    return stop_signal() == SIGINT ? ExitCode::kInterrupted : ExitCode::kStopped;
  }
  const Report report = make_report(view, resolved.spaces, store);
  write_report(options.directory, report);
  status.finish("done");
  if (resolved.code != nullptr) print_hull(report);
  fmt::print("\nreport: {}\n", (options.directory / "report" / "report.html").string());
  if (report.content.failures.empty()) return ExitCode::kDone;
  log_warning(fmt::format("{} task{} failed for good: hullscan tasks {} --failed", report.content.failures.size(),
                          report.content.failures.size() == 1 ? "" : "s", options.directory.string()));
  return ExitCode::kSomeFailed;
}

}  // namespace hullscan::cli
