#include "storage/shard_archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/file_descriptor.hpp"
#include "storage/detail/shard_layout.hpp"
#include "storage/detail/shard_record.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

using namespace shard_layout;

/// As much of the host's name as may stand in the name of a file of ours.
std::string plain_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "host";
  std::string plain;
  for (const char c : std::string(name.data()).substr(0, 100)) {
    const bool fits =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
    plain += fits ? c : '-';
  }
  return plain;
}

}  // namespace

struct ShardArchive::Impl {
  explicit Impl(std::filesystem::path of) : directory(std::move(of)) {}

  std::filesystem::path directory;
  std::mutex writing;  ///< guards name, file and size
  std::string name;    ///< relative to the directory; "": no file yet
  storage_detail::FileDescriptor file;
  std::uint64_t size = 0;

  std::mutex syncing;
  std::uint64_t durable = 0;  ///< bytes that survive a power cut

  [[noreturn]] void fail(const char* what, int error) const {
    throw StorageError(fmt::format("{}: {}: {}", (directory / name).string(), what, std::strerror(error)));
  }

  void create() {
    const std::filesystem::path folder = directory / kFolder;
    if (::mkdir(folder.c_str(), 0777) == 0) {
      sync_directory(directory);
    } else if (errno != EEXIST) {
      throw StorageError(fmt::format("{}: cannot be made: {}", folder.string(), std::strerror(errno)));
    }
    // A directory may be shared by hosts of one name, and a number of a process comes again.
    for (int attempt = 0;; ++attempt) {
      name = fmt::format("{}/s-{}-{}-{}{}", kFolder, plain_host_name(), ::getpid(), attempt, kArchiveSuffix);
      file.reset(::open((directory / name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (file) break;
      if (errno != EEXIST) fail("cannot be created", errno);
    }
    HULLSCAN_CRASH_POINT("shard.created");
    sync_directory(folder);
  }

  void write(std::span<const std::byte> bytes, std::uint64_t at) {
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const int reason = errno;
        // If it cannot be cut, the next shard overwrites it.
        (void)::ftruncate(file.get(), static_cast<off_t>(size));
        fail("cannot be written", reason);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      at += static_cast<std::uint64_t>(written);
    }
  }

  /// One sync serves everybody who has written before it began.
  void make_durable(std::uint64_t until) {
    const std::lock_guard lock(syncing);
    if (durable >= until) return;
    std::uint64_t written = 0;
    {
      const std::lock_guard also(writing);
      written = size;
    }
    int result = 0;
    do result = ::fdatasync(file.get());
    while (result != 0 && errno == EINTR);
    if (result != 0) fail("cannot be made durable", errno);
    durable = written;
  }
};

ShardArchive::ShardArchive(std::filesystem::path directory) : impl_(std::make_unique<Impl>(std::move(directory))) {}
ShardArchive::~ShardArchive() = default;

ShardReceipt ShardArchive::append(std::span<const std::byte> shard) {
  Impl& now = *impl_;
  ShardReceipt receipt;
  receipt.bytes = shard.size();
  receipt.checksum = hash128_hex(shard);
  const auto header = shard_record::encode({receipt.bytes, receipt.checksum});
  std::uint64_t end = 0;
  {
    const std::lock_guard lock(now.writing);
    if (!now.file) now.create();
    receipt.file_name = now.name;
    receipt.begin = now.size + header.size();
    const std::size_t half = shard.size() / 2;
    now.write(header, now.size);
    now.write(shard.first(half), receipt.begin);
    HULLSCAN_CRASH_POINT("shard.half-written");
    now.write(shard.subspan(half), receipt.begin + half);
    now.size = end = receipt.begin + shard.size();
  }
  HULLSCAN_CRASH_POINT("shard.written");
  now.make_durable(end);
  HULLSCAN_CRASH_POINT("shard.synced");
  return receipt;
}

}  // namespace hullscan
