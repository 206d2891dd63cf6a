/// @file
/// What master and workers say to each other, and its bytes. The scheduler and the workers know this file, not each
/// other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/energy_spectrum.hpp"
#include "core/work_unit.hpp"

namespace hullscan {

/// Raised whenever a member is added; both ends compare it in WorkerHello.
inline constexpr std::uint32_t kProtocolVersion = 4;

// Master to worker.
struct RunUnit {
  WorkUnit unit;
  double quota_s = 4;           ///< stop after about this long and hand back the rest
  std::uint32_t keep_best = 0;  ///< candidates to keep of this unit
  bool write_shard = false;
  /// 0: every orbit is generated. Otherwise the unit is a whole stratum and only its best are looked for, by branch and
  /// bound over at most so many nodes; without a model they are drawn.
  std::uint64_t search_nodes = 0;
  friend bool operator==(const RunUnit&, const RunUnit&) = default;
};
/// Sent before the first RunUnit that shall be scored with it. An empty model: score by hash (a uniform draw).
struct UseModel {
  std::uint32_t pass = 0;  ///< the walk over the space that the model is for
  std::uint64_t model_hash = 0;
  std::vector<std::byte> serialised;
  std::vector<double> temperatures_kelvin = {};  ///< of the partition sums to be kept
  friend bool operator==(const UseModel&, const UseModel&) = default;
};
struct Stop {
  friend bool operator==(const Stop&, const Stop&) = default;
};
/// Are these shards what was published? Sent before any unit, to workers that have said hello.
struct CheckShards {
  std::vector<ShardReceipt> shards;
  friend bool operator==(const CheckShards&, const CheckShards&) = default;
};
/// Asks for another WorkerHello: whoever deals out units next has not heard the first.
struct SayHello {
  friend bool operator==(const SayHello&, const SayHello&) = default;
};
using MasterMessage = std::variant<RunUnit, UseModel, Stop, CheckShards, SayHello>;

// Worker to master.
struct WorkerHello {
  std::uint32_t protocol_version = kProtocolVersion;
  std::string host;
  std::int64_t process_id = 0;
  friend bool operator==(const WorkerHello&, const WorkerHello&) = default;
};
/// How far a search for the best has come.
struct SearchBound {
  bool proven = false;           ///< nothing that was not kept is better
  double bound_ev_per_atom = 0;  ///< nothing that was not kept is lower; -infinity: drawn, not searched
  friend bool operator==(const SearchBound&, const SearchBound&) = default;
};
struct UnitScored {
  WorkUnit unit;  ///< what was done: the unit asked for, perhaps with an earlier end
  std::uint64_t model_hash = 0;
  std::vector<WorkUnit> remainder;  ///< what is left of the unit asked for; ids are given by the master
  std::uint64_t orbits = 0;
  std::uint64_t labelled = 0;   ///< sum of degeneracies
  std::vector<Candidate> kept;  ///< best first
  std::vector<ShardReceipt> shards;
  EnergySpectrum spectrum;  ///< of all orbits; empty without a model
  double seconds = 0;
  std::optional<SearchBound> search = {};  ///< of a unit that was searched; it counts no orbits
  friend bool operator==(const UnitScored&, const UnitScored&) = default;
};
/// The worker cannot go on; its message is for a person.
struct WorkerFailed {
  std::string what;
  std::int64_t exit_code = 1;  ///< ExitCode of the error: a full disk stays a full disk
  friend bool operator==(const WorkerFailed&, const WorkerFailed&) = default;
};
/// The last word of a worker that was told to stop: what it was asked for and has not reported stays undone.
struct WorkerStopped {
  friend bool operator==(const WorkerStopped&, const WorkerStopped&) = default;
};
/// Sent now and then in work that takes longer than any quota.
struct WorkerBusy {
  friend bool operator==(const WorkerBusy&, const WorkerBusy&) = default;
};
/// The answer to CheckShards.
struct ShardsChecked {
  std::vector<std::string> faults;  ///< one for each shard that was asked for; "": it is what was published
  friend bool operator==(const ShardsChecked&, const ShardsChecked&) = default;
};
using WorkerMessage = std::variant<WorkerHello, UnitScored, WorkerFailed, WorkerStopped, WorkerBusy, ShardsChecked>;

/// Little-endian, lengths first, variant index first.
std::vector<std::byte> encode(const MasterMessage& message);
std::vector<std::byte> encode(const WorkerMessage& message);
/// Never read past the end, never allocate more than the bytes could hold. @throws TransportError on anything
/// malformed.
MasterMessage decode_master_message(std::span<const std::byte> bytes);
WorkerMessage decode_worker_message(std::span<const std::byte> bytes);

}  // namespace hullscan
