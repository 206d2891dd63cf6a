/// @file
/// A piece of the space, and the configurations worth keeping from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hullscan {

/// A place in the search order of one stratum. Opaque to everyone but the enumerator; compares like the search order.
/// Empty: before the first orbit as a begin, past the last orbit as an end.
using Cursor = std::vector<std::uint32_t>;

/// Where a piece lies: one stratum of one supercell of one space, all by index (enumerator/space/strata.hpp).
struct Stratum {
  std::uint32_t space = 0;
  std::uint32_t supercell = 0;
  /// Counts the supercell's strata. An index of a composition only where nothing is marked. Files and keys of earlier
  /// days call it "composition", and go on to do so.
  std::uint32_t index_in_supercell = 0;
  friend auto operator<=>(const Stratum&, const Stratum&) = default;
};

/// A half-open interval [begin, end) of the search order of a stratum.
struct WorkUnit {
  std::uint64_t id = 0;
  Stratum stratum;
  Cursor begin;
  Cursor end;
  friend bool operator==(const WorkUnit&, const WorkUnit&) = default;
};

/// A configuration worth keeping.
struct Candidate {
  Stratum stratum;
  std::vector<std::uint8_t> occupation;  ///< canonical form, in the order of Supercell::varied_sites()
  std::uint64_t degeneracy = 0;
  /// Lower is better. With a model: predicted formation energy in 1e-9 eV per atom
  /// (core/scaled_energy.hpp); without: a hash, so that the best are a uniform draw.
  std::int64_t score = 0;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// The total order of candidates of one stratum: score, then canonical form. Independent of ranks and of luck.
bool better(const Candidate& a, const Candidate& b);

/// Where a worker has put the orbits of a unit: a stretch of an archive file, synced. Runs of older versions made a
/// file for each unit.
struct ShardReceipt {
  std::string file_name;  ///< relative to the campaign directory
  std::uint64_t bytes = 0;
  std::string checksum;  ///< hash128_hex of these bytes
  std::uint64_t orbits = 0;
  std::uint64_t begin = 0;  ///< first byte in the file; 0: the whole file is the shard
  friend bool operator==(const ShardReceipt&, const ShardReceipt&) = default;
};

/// What people read: "units/s-node7-4711-0.seg@64", or the name of a file that is one shard.
std::string name_of(const ShardReceipt& shard);

}  // namespace hullscan
