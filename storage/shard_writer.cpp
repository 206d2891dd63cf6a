#include "storage/shard_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "storage/detail/hdf5.hpp"
#include "storage/detail/shard_layout.hpp"

namespace hullscan {
namespace {

using namespace shard_layout;

/// Stored types of the degeneracy column, narrowest first.
struct Width {
  std::uint64_t largest;
  hid_t type;
};

std::array<Width, 4> widths() {
  return {{{std::numeric_limits<std::uint8_t>::max(), H5T_STD_U8LE},
           {std::numeric_limits<std::uint16_t>::max(), H5T_STD_U16LE},
           {std::numeric_limits<std::uint32_t>::max(), H5T_STD_U32LE},
           {std::numeric_limits<std::uint64_t>::max(), H5T_STD_U64LE}}};
}

constexpr std::uint64_t kMostRows = std::uint64_t{1} << 25U;  ///< about 100 MB of memory

}  // namespace

/// One shard under way. Everything that touches HDF5 is done under the library's lock.
struct ShardWriter::Impl {
  std::shared_ptr<ShardArchive> archive;
  std::string identity;
  int pass = 0;

  WorkUnit unit;
  std::uint64_t model_hash = 0;
  std::filesystem::path name;                ///< of the shard, in messages
  std::unique_ptr<hdf5::FileInMemory> file;  ///< null: no shard under way
  hdf5::Handle degeneracy_column, energy_column;
  std::uint64_t column_largest = 0;
  std::vector<std::uint64_t> degeneracies;  ///< not yet in the file
  std::vector<std::int32_t> energies;
  bool with_energy = false;
  std::uint64_t rows_in_file = 0;
  std::uint64_t labelled = 0;

  /// Under the library's lock.
  void drop() {
    energy_column = {};
    degeneracy_column = {};
    file.reset();
    degeneracies.clear();
    energies.clear();
  }

  /// A column wide enough for `largest`; rows written so far move into it.
  void widen(std::uint64_t largest) {
    for (const Width& width : widths()) {
      if (largest > width.largest) continue;
      const char* column = degeneracy_column ? "wider" : kDegeneracy;
      hdf5::Handle wider = hdf5::create_column(file->handle(), column, width.type, kChunkRows, name);
      std::vector<std::uint64_t> chunk;
      for (std::uint64_t row = 0; row < rows_in_file; row += kChunkRows) {
        chunk.resize(std::min(kChunkRows, rows_in_file - row));
        hdf5::read_rows(degeneracy_column, H5T_NATIVE_UINT64, row, chunk.size(), chunk.data(), name);
        hdf5::append_rows(wider, H5T_NATIVE_UINT64, row, chunk.size(), chunk.data(), name);
      }
      if (degeneracy_column) {
        degeneracy_column = {};
        hdf5::checked(H5Ldelete(file->handle().get(), kDegeneracy, H5P_DEFAULT), name, "cannot be written");
        hdf5::checked(
            H5Lmove(file->handle().get(), column, file->handle().get(), kDegeneracy, H5P_DEFAULT, H5P_DEFAULT), name,
            "cannot be written");
      }
      degeneracy_column = std::move(wider);
      column_largest = width.largest;
      return;
    }
  }

  void flush() {
    const std::uint64_t rows = degeneracies.size();
    const std::uint64_t largest = rows == 0 ? 0 : *std::max_element(degeneracies.begin(), degeneracies.end());
    if (!degeneracy_column || largest > column_largest) widen(largest);
    if (with_energy && !energy_column) {
      energy_column = hdf5::create_column(file->handle(), kEnergy, H5T_STD_I32LE, kChunkRows, name);
      hdf5::write_attribute(energy_column, "unit", std::string("1e-6 eV/atom"), name);
    }
    if (rows == 0) return;
    hdf5::append_rows(degeneracy_column, H5T_NATIVE_UINT64, rows_in_file, rows, degeneracies.data(), name);
    if (with_energy) {
      hdf5::append_rows(energy_column, H5T_NATIVE_INT32, rows_in_file, rows, energies.data(), name);
    }
    rows_in_file += rows;
    degeneracies.clear();
    energies.clear();
  }

  void write_best(std::span<const Candidate> kept) {
    if (kept.empty()) return;
    const std::size_t sites = kept.front().occupation.size();
    std::vector<std::int64_t> scores;
    std::vector<std::uint64_t> weights;
    std::vector<std::uint8_t> occupations;
    for (const Candidate& candidate : kept) {
      if (candidate.occupation.size() != sites) throw Error("a shard was given candidates of different cells");
      scores.push_back(candidate.score);
      weights.push_back(candidate.degeneracy);
      occupations.insert(occupations.end(), candidate.occupation.begin(), candidate.occupation.end());
    }
    const hsize_t rows = kept.size();
    const auto score = hdf5::create_column(file->handle(), kBestScore, H5T_STD_I64LE, rows, name);
    hdf5::append_rows(score, H5T_NATIVE_INT64, 0, rows, scores.data(), name);
    const auto weight = hdf5::create_column(file->handle(), kBestDegeneracy, H5T_STD_U64LE, rows, name);
    hdf5::append_rows(weight, H5T_NATIVE_UINT64, 0, rows, weights.data(), name);
    if (sites == 0) return;
    const auto occupation = hdf5::create_table(file->handle(), kBestOccupation, H5T_STD_U8LE, rows, sites, name);
    hdf5::append_table_rows(occupation, H5T_NATIVE_UINT8, 0, rows, sites, occupations.data(), name);
  }

  void write_header(const WorkUnit& done) {
    const auto put = [&](const char* what, const auto& value) {
      hdf5::write_attribute(file->handle(), what, value, name);
    };
    put(kFormat, std::string(kFormatName));
    put(kFormatVersion, std::uint64_t{kVersion});
    put(kCampaign, identity);
    put(kPass, static_cast<std::uint64_t>(pass));
    put(kUnit, done.id);
    put(kSpace, std::uint64_t{done.stratum.space});
    put(kSupercell, std::uint64_t{done.stratum.supercell});
    put(kComposition, std::uint64_t{done.stratum.index_in_supercell});
    put(kBegin, std::span<const std::uint32_t>(done.begin));
    put(kEnd, std::span<const std::uint32_t>(done.end));
    put(kModelHash, model_hash);
    put(kOrbits, rows_in_file);
    put(kLabelled, labelled);
  }

  /// @returns the bytes, which live as long as `file`.
  std::span<const std::byte> close() {
    bool closed = energy_column.close();
    closed = degeneracy_column.close() && closed;
    if (!closed) hdf5::fail(name, "cannot be closed");
    return file->close();
  }
};

ShardWriter::ShardWriter(std::shared_ptr<ShardArchive> archive, std::string campaign_identity, int pass)
    : impl_(std::make_unique<Impl>()) {
  impl_->archive = std::move(archive);
  impl_->identity = std::move(campaign_identity);
  impl_->pass = pass;
}

ShardWriter::ShardWriter(const std::filesystem::path& directory, std::string campaign_identity, int pass)
    : ShardWriter(std::make_shared<ShardArchive>(directory), std::move(campaign_identity), pass) {}

ShardWriter::~ShardWriter() {
  const std::lock_guard lock(hdf5::library());
  impl_->drop();
}

void ShardWriter::begin(const WorkUnit& unit, std::uint64_t model_hash) {
  const std::lock_guard lock(hdf5::library());
  Impl& now = *impl_;
  now.drop();
  now.unit = unit;
  now.model_hash = model_hash;
  now.with_energy = false;
  now.column_largest = now.rows_in_file = now.labelled = 0;
  now.degeneracies.reserve(kChunkRows);
  now.name = fmt::format("the shard of work unit {}", unit.id);
  now.file = std::make_unique<hdf5::FileInMemory>(now.name);
}

void ShardWriter::add(std::uint64_t degeneracy, std::optional<std::int32_t> energy) {
  Impl& now = *impl_;
  if (!now.file) throw Error("an orbit was added to no shard");
  if (now.rows_in_file == 0 && now.degeneracies.empty()) now.with_energy = energy.has_value();
  if (energy.has_value() != now.with_energy) throw Error("of the orbits of a shard all have an energy or none");
  if (now.labelled > std::numeric_limits<std::uint64_t>::max() - degeneracy) {
    throw Error("the sum of degeneracies of a shard is beyond 64 bits");
  }
  now.labelled += degeneracy;
  now.degeneracies.push_back(degeneracy);
  if (energy) now.energies.push_back(*energy);
  if (now.degeneracies.size() < kChunkRows) return;
  const std::lock_guard lock(hdf5::library());
  try {
    now.flush();
  } catch (const StorageError&) {
    now.drop();
    throw;
  }
}

bool ShardWriter::full() const { return impl_->rows_in_file >= kMostRows; }

ShardReceipt ShardWriter::publish(const WorkUnit& done, std::span<const Candidate> kept) {
  Impl& now = *impl_;
  if (!now.file) throw Error("a shard was published that was not begun");
  if (done.id != now.unit.id || done.stratum != now.unit.stratum || done.begin != now.unit.begin) {
    throw Error(fmt::format("the shard of work unit {} was published as another piece", now.unit.id));
  }
  try {
    std::span<const std::byte> bytes;
    {
      const std::lock_guard lock(hdf5::library());
      now.flush();
      now.write_best(kept);
      now.write_header(done);
      bytes = now.close();
    }
    ShardReceipt receipt = now.archive->append(bytes);
    receipt.orbits = now.rows_in_file;
    now.file.reset();
    return receipt;
  } catch (const std::exception& error) {
    const std::lock_guard lock(hdf5::library());
    now.drop();
    if (dynamic_cast<const Error*>(&error) != nullptr) throw;
    throw StorageError(fmt::format("{}: {}", now.name.string(), error.what()));
  }
}

}  // namespace hullscan
