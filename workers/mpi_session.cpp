#include "workers/mpi_session.hpp"

#include <cstdlib>
#include <string_view>

#include "workers/detail/launcher.hpp"
#include "workers/detail/mpi.hpp"

namespace hullscan {
namespace {
constexpr std::chrono::seconds kLongestFarewell{30};
constexpr std::chrono::seconds kLongestAbort{20};

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

void MpiSession::rank_is_lost() {
  if (guard_) guard_->begin_countdown();
  lost_ = true;
}

int MpiSession::of_rank_0(int value) const { return active_ ? detail::mpi::of_rank_0(value) : value; }

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
