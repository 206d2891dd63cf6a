#include "workers/mpi_session.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>  // std::this_thread::sleep_for

#include "core/errors.hpp"
#include "workers/detail/launcher.hpp"
#include "workers/detail/mpi.hpp"

namespace hullscan {
namespace {
constexpr std::chrono::seconds kLongestFarewell{30};
constexpr std::chrono::seconds kLongestAbort{20};
constexpr std::chrono::seconds kFirstCopySpeaks{1};

/// How a launcher tells a process how many it has started, and which of them this is.
struct LauncherSigns {
  const char* size;
  const char* rank;
  const char* launcher;
};

/// The innermost first: an mpirun may itself run in a step of srun.
constexpr LauncherSigns kLaunchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun of Open MPI"},
    {"PMI_SIZE", "PMI_RANK", "mpiexec of MPICH or Intel MPI, or srun with its PMI,"},
    {"PALS_SIZE", "PALS_RANKID", "the launcher of HPE Cray (PALS)"},
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "srun"},
};

std::optional<int> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  int number = 0;
  if (text == nullptr || std::from_chars(text, text + std::strlen(text), number).ec != std::errc()) return std::nullopt;
  return number;
}

bool is_first_rank() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    if (const char* rank = std::getenv(variable)) return std::string_view(rank) == "0";
  }
  return false;
}

}  // namespace

bool MpiSession::launched() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"}) {
    if (std::getenv(variable) != nullptr) return true;
  }
  return false;
}

std::string MpiSession::library() { return detail::mpi::library(); }

MpiSession::MpiSession() {
  if (!launched()) return;
  if (is_first_rank()) guard_ = std::make_unique<detail::LauncherGuard>(kLongestAbort);
  detail::mpi::initialise();
  active_ = true;
  rank_ = detail::mpi::rank();
  size_ = detail::mpi::size();
}

MpiSession::~MpiSession() {
  if (active_ && size_ > 1) rank_is_lost();
  finish(1);
}

void MpiSession::require_common_mpi() const {
  if (size_ > 1) return;
  for (const LauncherSigns& signs : kLaunchers) {
    const std::optional<int> copies = number_in(signs.size);
    if (!copies) continue;
    if (*copies < 2) return;
    if (number_in(signs.rank).value_or(0) != 0) {
      std::this_thread::sleep_for(kFirstCopySpeaks);  // a launcher ends all copies when one ends
      std::_Exit(static_cast<int>(ExitCode::kUsage));
    }
    throw InputError(fmt::format(
        "{} has started {} copies that do not know each other: it does not work with the MPI library of this hullscan, "
        "{}. Start with the mpirun or mpiexec of that library (`mpirun -n {} hullscan run …`); with srun choose what "
        "the library knows (`srun --mpi=list` shows the choice; --mpi=pmix for Open MPI, --mpi=pmi2 for MPICH); or "
        "start one copy, which uses all cores of its node by threads. Nothing was touched",
        signs.launcher, *copies, detail::mpi::library(), *copies));
  }
}

void MpiSession::rank_is_lost() {
  if (guard_) guard_->begin_countdown();
  lost_ = true;
}

int MpiSession::of_rank_0(int value) const { return active_ ? detail::mpi::of_rank_0(value) : value; }

void MpiSession::wait_for_all() const {
  if (active_) (void)detail::mpi::all_arrive(std::nullopt);
}

void MpiSession::abort(int exit_code) {
  if (active_) detail::mpi::abort(exit_code);
  std::_Exit(exit_code);
}

int MpiSession::finish(int exit_code) {
  if (active_) {
    // Workers wait for a master that writes its report; a master does not wait for workers that nobody told to stop.
    const auto patience = rank_ == 0 ? std::optional(kLongestFarewell) : std::nullopt;
    if (lost_ || !detail::mpi::all_arrive(patience)) detail::mpi::abort(exit_code);
    detail::mpi::finalise();
    active_ = false;
  }
  return exit_code;
}

}  // namespace hullscan
