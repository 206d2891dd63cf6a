#include "storage/shard_reader.hpp"

#include <fmt/format.h>

#include <limits>
#include <numeric>

#include "core/errors.hpp"
#include "storage/detail/hdf5.hpp"
#include "storage/detail/shard_layout.hpp"
#include "storage/plain_files.hpp"
#include "storage/shard_files.hpp"

namespace hullscan {

using namespace shard_layout;

struct ShardReader::Impl {
  std::filesystem::path path;
  hdf5::Handle file, degeneracy_column, energy_column;
  ShardHeader header;

  /// @param bytes of the shard.
  void open(hdf5::Handle opened, std::uint64_t bytes) {
    file = std::move(opened);
    if (H5Aexists(file.get(), kFormat) <= 0 || hdf5::read_text(file, kFormat, path) != kFormatName) {
      throw StorageError(path.string() + ": HDF5, but no shard of hullscan");
    }
    const std::uint64_t version = integer(kFormatVersion);
    if (version > kVersion) {
      throw StorageError(fmt::format("{}: written by a newer hullscan (format {}; this one knows up to {})",
                                     path.string(), version, kVersion));
    }
    header.campaign_identity = hdf5::read_text(file, kCampaign, path);
    const std::uint32_t pass = word(kPass);
    if (pass > static_cast<std::uint32_t>(std::numeric_limits<int>::max()))
      throw StorageError(fmt::format("{}: of pass {}", path.string(), pass));
    header.pass = static_cast<int>(pass);
    header.unit = {integer(kUnit),
                   {word(kSpace), word(kSupercell), word(kComposition)},
                   hdf5::read_words(file, kBegin, path),
                   hdf5::read_words(file, kEnd, path)};
    if (!header.unit.end.empty() && header.unit.end <= header.unit.begin)
      throw StorageError(path.string() + ": its unit ends before it begins");
    header.model_hash = integer(kModelHash);
    header.orbits = integer(kOrbits);
    header.labelled = integer(kLabelled);
    // Deflate packs a byte a row at best 1032 : 1; a header that promises more would only ask for memory.
    if (header.orbits / 2048 > bytes) {
      throw StorageError(fmt::format("{}: too short for {} orbits", path.string(), header.orbits));
    }
    degeneracy_column = column(kDegeneracy);
    header.with_energy = H5Lexists(file.get(), kEnergy, H5P_DEFAULT) > 0;
    if (header.with_energy) energy_column = column(kEnergy);
  }

  std::uint64_t integer(const char* name) const { return hdf5::read_integer(file, name, path); }

  std::uint32_t word(const char* name) const {
    const std::uint64_t value = integer(name);
    if (value > std::numeric_limits<std::uint32_t>::max()) {
      throw StorageError(fmt::format("{}: attribute {} is {}", path.string(), name, value));
    }
    return static_cast<std::uint32_t>(value);
  }

  hdf5::Handle column(const char* name) const {
    hdf5::Handle opened = hdf5::checked(H5Dopen2(file.get(), name, H5P_DEFAULT), H5Dclose, path, "a column is missing");
    const hsize_t rows = hdf5::row_count(opened, path);
    if (rows != header.orbits) {
      throw StorageError(
          fmt::format("{}: column {} has {} rows, its header says {}", path.string(), name, rows, header.orbits));
    }
    return opened;
  }
};

ShardReader::ShardReader(const std::filesystem::path& file) : impl_(std::make_unique<Impl>()) {
  if (!is_plain_file(file)) throw StorageError(file.string() + ": is missing, or is not a file");
  const std::lock_guard lock(hdf5::library());
  impl_->path = file;
  try {
    impl_->open(hdf5::open_file(file), std::filesystem::file_size(file));
  } catch (...) {
    impl_.reset();  // closes its handles under the lock
    throw;
  }
}

ShardReader::ShardReader(const std::filesystem::path& directory, const ShardReceipt& receipt)
    : impl_(std::make_unique<Impl>()) {
  impl_->path = directory / name_of(receipt);
  if (receipt.begin == 0) require_as_published(directory, receipt);
  const std::vector<std::byte> image = receipt.begin == 0 ? std::vector<std::byte>() : bytes_of(directory, receipt);
  const std::lock_guard lock(hdf5::library());
  try {
    impl_->open(receipt.begin == 0 ? hdf5::open_file(impl_->path) : hdf5::open_image(image, impl_->path),
                receipt.bytes);
  } catch (...) {
    impl_.reset();  // closes its handles under the lock
    throw;
  }
}

ShardReader::~ShardReader() {
  const std::lock_guard lock(hdf5::library());
  impl_.reset();
}

const ShardHeader& ShardReader::header() const { return impl_->header; }

void ShardReader::read(std::uint64_t first_row, std::uint64_t rows, std::vector<std::uint64_t>& degeneracies,
                       std::vector<std::int32_t>& energies) const {
  const std::uint64_t orbits = impl_->header.orbits;
  if (first_row > orbits || rows > orbits - first_row) {
    throw StorageError(
        fmt::format("{}: rows {} to {} asked of {}", impl_->path.string(), first_row, first_row + rows, orbits));
  }
  degeneracies.resize(rows);
  energies.resize(impl_->header.with_energy ? rows : 0);
  if (rows == 0) return;
  const std::lock_guard lock(hdf5::library());
  hdf5::read_rows(impl_->degeneracy_column, H5T_NATIVE_UINT64, first_row, rows, degeneracies.data(), impl_->path);
  if (impl_->header.with_energy) {
    hdf5::read_rows(impl_->energy_column, H5T_NATIVE_INT32, first_row, rows, energies.data(), impl_->path);
  }
}

std::vector<Candidate> ShardReader::best() const {
  const Impl& now = *impl_;
  const std::lock_guard lock(hdf5::library());
  if (H5Lexists(now.file.get(), kBestScore, H5P_DEFAULT) <= 0) return {};
  const auto open = [&](const char* name) {
    return hdf5::checked(H5Dopen2(now.file.get(), name, H5P_DEFAULT), H5Dclose, now.path, "a column is missing");
  };
  const hdf5::Handle score = open(kBestScore), weight = open(kBestDegeneracy);
  const hsize_t rows = hdf5::row_count(score, now.path);
  if (rows > now.header.orbits || hdf5::row_count(weight, now.path) != rows) {
    throw StorageError(now.path.string() + ": its best configurations do not fit together");
  }
  std::vector<std::int64_t> scores(rows);
  std::vector<std::uint64_t> weights(rows);
  hdf5::read_rows(score, H5T_NATIVE_INT64, 0, rows, scores.data(), now.path);
  hdf5::read_rows(weight, H5T_NATIVE_UINT64, 0, rows, weights.data(), now.path);
  hsize_t sites = 0;
  std::vector<std::uint8_t> occupations;
  if (H5Lexists(now.file.get(), kBestOccupation, H5P_DEFAULT) > 0) {
    occupations = hdf5::read_table(open(kBestOccupation), rows, sites, now.path);
  }
  std::vector<Candidate> best;
  for (hsize_t i = 0; i < rows; ++i) {
    const auto* first = occupations.data() + i * sites;
    best.push_back({now.header.unit.stratum, {first, first + sites}, weights[i], scores[i]});
  }
  return best;
}

namespace {

Shard all_of(const ShardReader& reader, const std::string& name) {
  Shard shard{reader.header(), {}, {}};
  reader.read(0, shard.header.orbits, shard.degeneracies, shard.energies);
  const std::uint64_t labelled =
      std::accumulate(shard.degeneracies.begin(), shard.degeneracies.end(), std::uint64_t{0});
  if (labelled != shard.header.labelled) {
    throw StorageError(
        fmt::format("{}: its degeneracies sum to {}, its header says {}", name, labelled, shard.header.labelled));
  }
  return shard;
}

}  // namespace

Shard read_shard(const std::filesystem::path& directory, const ShardReceipt& receipt) {
  return all_of(ShardReader(directory, receipt), (directory / name_of(receipt)).string());
}

Shard read_shard(const std::filesystem::path& file) { return all_of(ShardReader(file), file.string()); }

}  // namespace hullscan
