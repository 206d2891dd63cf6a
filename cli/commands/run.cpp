/// @file
/// `hullscan run`: the campaign. The same line again resumes it, or finds it done.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>
#include <thread>

#include "campaign/campaign_directory.hpp"
#include "campaign/monte_carlo/campaign_walks.hpp"
#include "campaign/run.hpp"
#include "campaign/stop_signals.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/deadline.hpp"
#include "cli/messages.hpp"
#include "cli/report_text.hpp"
#include "cli/top_table.hpp"
#include "core/log.hpp"

namespace hullscan::cli {
namespace {

std::optional<double> seconds(const CommandLine& line, const std::string& option) {
  return line.number(option, "seconds", 1e-4, 1e6);
}

/// What changes and what it means; then whether the directory may follow. Nothing that was calculated is ever lost, so
/// it is asked on a terminal only, and only where something is done anew.
bool agree(const ChangePlan& plan, bool yes, bool dry_run) {
  fmt::print("the campaign file has changed:\n");
  for (const std::string& line : plan.differs) fmt::print("  {}\n", line);
  if (!plan.effects.empty()) fmt::print("what becomes of the directory:\n");
  for (const std::string& line : plan.effects) fmt::print("  {}\n", line);
  if (plan.effects.empty()) fmt::print("nothing is done anew\n");
  std::fflush(stdout);
  if (dry_run || yes || plan.effects.empty()) return true;
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return true;
  fmt::print("go on? [y/N] ");
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "yes") return true;
  print_error(
      "nothing was changed; answer y, or give --yes, and the directory follows the file; with another --dir a new one "
      "is begun");
  return false;
}

void print_end(const ResolvedCampaign& resolved, const RunOptions& options, const RunEnd& end) {
  if (end.report) {
    if (resolved.code != nullptr) {
      print_hull(*end.report);
    } else {
      print_ranking_without_results(view_of(resolved.campaign, resolved.spaces), resolved.spaces,
                                    CampaignStore::open_read_only(options.directory), *end.report, options.directory);
    }
    fmt::print("\nreport: {}\n", (options.directory / "report" / "report.html").string());
  } else if (options.part && end.code == ExitCode::kDone) {
    fmt::print("part {} is complete; when all parts are, join them: hullscan merge --out DIR PART-DIR…\n",
               to_string(*options.part));
  }
}

bool walks_follow(const ResolvedCampaign& resolved, const RunOptions& options) {
  return !resolved.campaign.monte_carlo.empty() && !options.part && !options.dry_run;
}

/// Monte Carlo after the campaign; the other ranks have heard that it follows. @returns the exit code of the run.
ExitCode walk_after(ResolvedCampaign& resolved, const RunOptions& options, const MpiSession& session, ExitCode code) {
  if (walk_after_campaign(resolved, options.directory, options.threads, options.deadline, session)) return code;
  if (session.rank() == 0) log_info("stopped in Monte Carlo; nothing is lost; the same line goes on");
  return stop_signal() == SIGINT ? ExitCode::kInterrupted : ExitCode::kStopped;
}

ExitCode run_master_and_walks(ResolvedCampaign& resolved, const RunOptions& options, MpiSession& session) {
  if (!walks_follow(resolved, options)) {
    const RunEnd end = run_master(resolved, options, session);
    print_end(resolved, options, end);
    return end.code;
  }
  RunEnd end;
  try {
    end = run_master(resolved, options, session);
  } catch (const Error&) {
    (void)session.of_rank_0(0);
    throw;
  }
  print_end(resolved, options, end);
  if (end.rank_lost) return end.code;
  const bool done = end.code == ExitCode::kDone || end.code == ExitCode::kSomeFailed;
  (void)session.of_rank_0(done ? 1 : 0);
  return done ? walk_after(resolved, options, session, end.code) : end.code;
}

ExitCode run_worker_and_walks(ResolvedCampaign& resolved, const RunOptions& options, MpiSession& session) {
  run_worker(resolved, options, session);
  if (!walks_follow(resolved, options) || session.of_rank_0(0) == 0) return ExitCode::kDone;
  return walk_after(resolved, options, session, ExitCode::kDone);
}

ExitCode run_rank(const CommandLine& line, MpiSession& session) {
  if (!line.has("part")) session.require_common_mpi();  // parts have directories of their own
  (void)
      stop_signal();  // from now on a signal is remembered until the campaign can stop, however long it takes to begin
  Campaign campaign = read_campaign(line.positional()[0]);
  permit_scorers(campaign);
  take_site(campaign.run);
  RunOptions options;
  options.directory = line.value("dir").value_or(default_directory(campaign.name));
  options.whatever_it_costs = line.has("yes");
  options.dry_run = line.has("dry-run");
  options.agree = [&](const ChangePlan& plan) { return agree(plan, line.has("yes"), line.has("dry-run")); };
  ResolvedCampaign resolved = resolve_campaign(std::move(campaign), stored_repeat_rule(options.directory));
  const long cores = std::max(1L, static_cast<long>(std::thread::hardware_concurrency()));
  options.threads = static_cast<std::size_t>(line.integer("threads", 1, 4096).value_or(session.size() > 1 ? 1 : cores));
  if (session.of_rank_0(static_cast<int>(options.threads)) != static_cast<int>(options.threads))
    throw InputError("--threads: every rank must have the same number");
  const auto quota_s = seconds(line, "quota");
  options.quota_s = quota_s.value_or(4);
  options.lease_s = seconds(line, "lease").value_or(std::max(120.0, 10 * options.quota_s));
  if (options.lease_s <= options.quota_s) {
    throw InputError(
        fmt::format("--lease: {} s, must be more than the quota of {} s", options.lease_s, options.quota_s));
  }
  options.trust_times = line.has("trust-mtime");
  if (!quota_s) options.stretched_quota_s = options.lease_s / 10;
  options.deadline = deadline_of(line);
  if (const auto part = line.value("part")) options.part = parse_part(*part);
  // Rank 0 alone reads the database; the others must not open what it is about to lock.
  if (resolved.code != nullptr &&
      !resolved.code->earlier_defaults(resolved.campaign.dft->settings, resolved.settings).empty()) {
    const int earlier = session.rank() == 0 ? earlier_defaults_of(resolved, options.directory) : 0;
    take_earlier_defaults(resolved, session.of_rank_0(earlier), session.rank() == 0);
  }
  if (options.dry_run && !std::filesystem::exists(options.directory / "campaign.db")) {
    if (session.rank() == 0)
      fmt::print("{} holds no campaign yet: the run would begin one\n", options.directory.string());
    return ExitCode::kDone;
  }
  Problems of_walks;
  (void)plans_of(resolved, of_walks);
  of_walks.throw_if_any();
  return session.rank() == 0 ? run_master_and_walks(resolved, options, session)
                             : run_worker_and_walks(resolved, options, session);
}

}  // namespace

ExitCode run_run(const Arguments& arguments) {
  CommandLine line("run FILE [--dir DIR] [--threads N]",
                   "Runs a campaign: enumerates the space, computes, fits, selects, computes again, reports. The "
                   "same line goes on "
                   "where it was stopped. mpirun -n N hullscan run … does the same on N ranks.");
  line.option("dir", "DIR", "campaign directory; default NAME.hullscan in the current folder");
  line.option("threads", "N",
              "worker threads of each process; default: all cores of a single process, 1 of several ranks");
  line.option("deadline", "WHEN", "stop cleanly then, exit code 75: 3600 (s), 90m, 1-12:00:00, 2026-03-01T08:30");
  line.option("part", "I/N", "run share I of N only, in a directory of its own; hullscan merge joins them");
  line.flag("yes", "begin even if the space is far too large for this machine; follow a changed campaign file unasked");
  line.flag("dry-run", "say what a changed campaign file would change in the directory, and end");
  line.flag("trust-mtime",
            "on resume do not read archive files again whose size and time are those of when they were last good");
  line.option("quota", "SECONDS",
              "a worker reports at least this often; default 4, up to 12 with "
              "more workers than the master could follow");
  line.option("lease", "SECONDS",
              "a worker that is silent for so long is given up, exit code 75; default 120 or ten quotas");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "Stops cleanly on SIGUSR1, SIGTERM, SIGHUP, Ctrl-C and when DIR/drain appears. Exit codes: 0 done, 2 campaign "
      "file, 3 "
      "structure\n"
      "file, 4 done with failed tasks, 5 storage, 6 a program or MPI, 75 stopped, 130 interrupted.");
  MpiSession session;
  ExitCode code = ExitCode::kUnexpected;
  try {
    if (!line.parse(arguments)) {
      code = ExitCode::kDone;
    } else {
      code = run_rank(line, session);
    }
  } catch (const Error& error) {
    if (!session.active()) throw;
    // Every rank reads the same file and finds the same fault; one of them says so.
    if (session.rank() == 0) print_error(error.what());
    code = exit_code_of(error);
  }
  return static_cast<ExitCode>(session.finish(static_cast<int>(code)));
}

}  // namespace hullscan::cli
