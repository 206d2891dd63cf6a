// Run as `mpiexec -n N test_mpi_link [THREADS]`: rank 0 is a master, the others echo what they get, each by so many
// threads; with more than one, those of rank 0 echo too. Rank 0 fails on the first
// thing that is not as it should be. Without a launcher it checks that MPI was not started.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "core/errors.hpp"
#include "workers/mpi_link.hpp"
#include "workers/rank_threads.hpp"

namespace {

using namespace hullscan;
using namespace std::chrono_literals;

void require(bool condition, const char* sentence) {
  if (condition) return;
  std::fprintf(stderr, "not true: %s\n", sentence);
  throw Error(sentence);
}

double own_cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Echoes units; a unit with the id 0 is "worked on" until Stop comes. A model comes back as the number of its bytes.
void echo(WorkerLink& link) {
  link.send(WorkerHello{kProtocolVersion, "host", 1});
  while (true) {
    const MasterMessage message = link.receive();
    if (std::holds_alternative<Stop>(message)) return;
    UnitScored answer;
    if (const auto* run = std::get_if<RunUnit>(&message)) {
      answer.unit = run->unit;
      while (run->unit.id == 0 && !link.stop_asked()) std::this_thread::sleep_for(1ms);
    } else {
      answer.orbits = std::get<UseModel>(message).serialised.size();
    }
    link.send(answer);
  }
}

UnitScored next(MasterLink& link, std::size_t& worker) {
  const auto said = link.receive(60s);
  require(said.has_value(), "a worker answers within a minute");
  worker = said->first;
  return std::get<UnitScored>(said->second);
}

void master(MasterLink& link, std::size_t expected_workers) {
  const std::size_t workers = link.worker_count();
  require(workers == expected_workers, "every thread but the master's is a worker");
  for (std::size_t i = 0; i < workers; ++i) {
    const auto said = link.receive(60s);
    require(said && std::holds_alternative<WorkerHello>(said->second), "every worker says hello first");
  }

  constexpr std::uint64_t kRounds = 200;
  std::vector<std::uint64_t> expected(workers, 1);
  for (std::uint64_t id = 1; id <= kRounds; ++id) {
    for (std::size_t worker = 0; worker < workers; ++worker) link.send(worker, RunUnit{.unit = {id, {}, {}, {}}});
  }
  for (std::uint64_t i = 0; i < kRounds * workers; ++i) {
    std::size_t worker = 0;
    require(next(link, worker).unit.id == expected[worker]++, "messages of one worker keep their order");
  }

  const std::size_t large = 20'000'000;
  for (std::size_t worker = 0; worker < workers; ++worker)
    link.send(worker, UseModel{0, 1, std::vector<std::byte>(large)});
  for (std::size_t i = 0; i < workers; ++i) {
    std::size_t worker = 0;
    require(next(link, worker).orbits == large, "a message of 20 MB arrives whole");
  }

  const double cpu_before = own_cpu_s();
  require(!link.receive(3s).has_value(), "nobody speaks unasked");
  const double idle_cpu = (own_cpu_s() - cpu_before) / 3;
  std::printf("idle CPU of the master: %.2f %%\n", 100 * idle_cpu);
  require(idle_cpu < 0.04, "waiting takes next to no CPU");

  // Left in work, with more waiting and a large message under way: the end must not hang.
  for (std::size_t worker = 0; worker < workers; ++worker) {
    link.send(worker, RunUnit{.unit = {0, {}, {}, {}}});
    link.send(worker, RunUnit{.unit = {1, {}, {}, {}}});
    link.send(worker, UseModel{0, 1, std::vector<std::byte>(large)});
  }
}

}  // namespace

int main(int argc, char** arguments) {
  if (!MpiSession::launched()) {
    MpiSession session;
    const bool right = !session.active() && session.rank() == 0 && session.size() == 1;
    return session.finish(right ? 0 : 1);
  }
  MpiSession session;
  const double cpu_before = own_cpu_s();
  try {
    require(session.active(), "a launcher means MPI");
    const std::size_t threads = argc > 1 ? std::stoul(arguments[1]) : 1;
    const auto workers = static_cast<std::size_t>(session.size()) * threads - 1;
    if (session.rank() == 0 && threads > 1) {
      RankThreadsLink link(session, threads, echo);
      master(link, workers);
    } else if (session.rank() == 0) {
      MpiMasterLink link(session);
      master(link, workers);
    } else if (threads > 1) {
      serve_with_threads(session, threads, echo);
    } else {
      MpiWorkerLink link(session);
      echo(link);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rank %d: %s\n", session.rank(), error.what());
    session.abort(1);
  }
  std::printf("rank %d: %.2f s of CPU\n", session.rank(), own_cpu_s() - cpu_before);
  return session.finish(0);
}
