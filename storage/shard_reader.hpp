/// @file
/// Reads a published shard. Damage is found by the checksum of the ledger before the HDF5 library, which may end the
/// process over it, sees a byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/work_unit.hpp"

namespace hullscan {

struct ShardHeader {
  std::string campaign_identity;
  int pass = 0;
  WorkUnit unit;  ///< what was done of it
  std::uint64_t model_hash = 0;
  std::uint64_t orbits = 0;
  std::uint64_t labelled = 0;  ///< sum of degeneracies
  bool with_energy = false;
};

/// Rows are in search order: row i is the i-th orbit from the unit's begin.
class ShardReader {
 public:
  /// @param directory of the campaign. @throws StorageError if this is not what was published, no shard, or of a newer
  /// format.
  ShardReader(const std::filesystem::path& directory, const ShardReceipt& receipt);
  /// A file that is one shard; the library's own checks are all there is.
  explicit ShardReader(const std::filesystem::path& file);
  ~ShardReader();

  [[nodiscard]] const ShardHeader& header() const;
  /// @param energies 1e-6 eV per atom; left empty without a model. @throws StorageError if the rows cannot be read.
  void read(std::uint64_t first_row, std::uint64_t rows, std::vector<std::uint64_t>& degeneracies,
            std::vector<std::int32_t>& energies) const;
  /// The best configurations of the unit, best first; empty if none were kept.
  [[nodiscard]] std::vector<Candidate> best() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct Shard {
  ShardHeader header;
  std::vector<std::uint64_t> degeneracies;
  std::vector<std::int32_t> energies;
};

/// The whole of one shard, with its sums checked. @throws StorageError.
Shard read_shard(const std::filesystem::path& directory, const ShardReceipt& receipt);
Shard read_shard(const std::filesystem::path& file);

}  // namespace hullscan
