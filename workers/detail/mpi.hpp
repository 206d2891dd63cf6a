/// @file
/// The few MPI calls that hullscan makes, without MPI's types. Internal to workers; the main thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hullscan::detail::mpi {

/// MPI_THREAD_FUNNELED. @throws TransportError if less is granted.
void initialise();
/// Sleeps until every rank has called this. @returns false when patience is over; without one it has no end.
bool all_arrive(std::optional<std::chrono::seconds> patience);
void finalise();
[[noreturn]] void abort(int exit_code);
std::string library();  ///< "Open MPI v4.1.4"; also before `initialise`
int rank();
int of_rank_0(int value);  ///< collective
int size();

inline constexpr int kAnySource = -1;
inline constexpr int kAnyTag = -1;

struct Envelope {
  int source = 0;
  int tag = 0;
  std::size_t bytes = 0;
};
/// What has arrived and matches; never waits.
std::optional<Envelope> probe(int source, int tag);
/// What probe() found. Waits for its bytes, for ever if the sender is gone: for those we cannot do without.
std::vector<std::byte> receive(const Envelope& envelope);
/// Returns when `bytes` may be changed. @throws TransportError above 2 GiB.
void send(int destination, int tag, std::span<const std::byte> bytes);

/// A message under way; holds the bytes until they are gone.
class Sending {
 public:
  /// @throws TransportError above 2 GiB.
  Sending(int destination, int tag, std::vector<std::byte> bytes);
  Sending(Sending&&) noexcept;
  Sending& operator=(Sending&&) noexcept;
  ~Sending();  ///< of a message that is still under way: lets MPI keep the bytes for ever
  bool done();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A message whose envelope has come and whose bytes may take their time, or never come.
class Receiving {
 public:
  explicit Receiving(const Envelope& envelope);
  Receiving(Receiving&&) noexcept;
  Receiving& operator=(Receiving&&) noexcept;
  ~Receiving();  ///< of a message that is still under way: lets MPI keep the room for ever
  bool done();
  [[nodiscard]] const Envelope& envelope() const;
  [[nodiscard]] const std::vector<std::byte>& bytes() const;  ///< once done

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hullscan::detail::mpi
