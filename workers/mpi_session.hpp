/// @file
/// MPI from start to end of the program. Without a launcher there is no MPI at all: nothing is started, no daemon
/// forked.
#pragma once

#include <memory>
#include <string>

namespace hullscan {

namespace detail {
class LauncherGuard;
}

/// One per process, made by the main thread before any other thread, and used by it only.
class MpiSession {
 public:
  /// @throws TransportError if a launcher started us and MPI does not start.
  MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  /// finish(1) if nobody called finish(): an exception is on its way, and the other ranks must not wait for us for
  /// ever.
  ~MpiSession();

  /// mpirun, srun --mpi=pmix and PMI launchers say so in the environment. (An sbatch script is not a launcher.)
  [[nodiscard]] static bool launched();
  /// "Open MPI v4.1.4".
  [[nodiscard]] static std::string library();

  /// A launcher that the MPI library does not know starts copies that do not know each other: each would believe to be
  /// alone, and all would want the same directory. The first copy says so; the others end quietly.
  /// @throws InputError that says what was found and what to write instead.
  void require_common_mpi() const;

  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] int rank() const { return rank_; }  ///< 0 without a launcher
  [[nodiscard]] int size() const { return size_; }  ///< 1 without a launcher
  /// What rank 0 says, on every rank; all must call it.
  [[nodiscard]] int of_rank_0(int value) const;
  /// Returns when all ranks have called it.
  void wait_for_all() const;
  /// Ends every rank, now. What was not stored is lost, so store first.
  [[noreturn]] void abort(int exit_code);

  /// A rank does not answer any more: MPI_Finalize would wait for it for ever, so finish() will abort instead; and if
  /// mpirun cannot end because a host is out of reach, it is killed within 20 s. (So it is when rank 0 is gone and it
  /// stays.)
  void rank_is_lost();
  /// The last call. Where all ranks come here, MPI ends in order; if rank 0 waits for others in vain for 30 s, or a
  /// rank is lost, all ranks are ended.
  /// @returns exit_code, for main to return.
  int finish(int exit_code);

 private:
  std::unique_ptr<detail::LauncherGuard> guard_;
  bool active_ = false;
  bool lost_ = false;
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace hullscan
