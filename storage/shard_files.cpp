#include "storage/shard_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <system_error>
#include <utility>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "storage/detail/archive_file.hpp"
#include "storage/detail/shard_layout.hpp"
#include "storage/detail/shard_record.hpp"

namespace hullscan {
namespace {

using namespace shard_layout;

constexpr std::size_t kBytesAtATime = storage_detail::ArchiveFile::kBytesAtATime;

using storage_detail::ArchiveFile;

/// Of a file that is one shard.
std::string fault_of_file(const std::filesystem::path& file, const ShardReceipt& receipt) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error) return error == std::errc::no_such_file_or_directory ? "missing" : error.message();
  if (bytes != receipt.bytes) return fmt::format("{} bytes, {} expected", bytes, receipt.bytes);
  try {
    if (file_hash128_hex(file) != receipt.checksum) return "its checksum differs";
  } catch (const StorageError& unreadable) {
    return unreadable.what();
  }
  return "";
}

/// Of a shard in an archive file, with what stands before it.
std::string fault_in(const ArchiveFile& file, const ShardReceipt& receipt, std::vector<std::byte>& buffer) {
  if (!file.fault().empty()) return file.fault();
  const std::uint64_t begin = receipt.begin, there = file.size() > begin ? file.size() - begin : 0;
  if (there < receipt.bytes) return fmt::format("{} bytes, {} expected", there, receipt.bytes);
  const auto expected = shard_record::encode({receipt.bytes, receipt.checksum});
  if (begin < expected.size()) return "no place of a shard";
  try {
    std::array<std::byte, shard_record::kHeaderBytes> header{};
    Hash128 hash;
    if (file.read(begin - header.size(), header) != header.size() ||
        !file.each(begin, receipt.bytes, buffer, [&](std::span<const std::byte> bytes) { hash.add(bytes); }))
      return "it was cut while it was read";
    if (header != expected) return "its header is damaged";
    if (hash.hex() != receipt.checksum) return "its checksum differs";
  } catch (const StorageError& unreadable) {
    return unreadable.what();
  }
  return "";
}

/// The place of the next mark at or after `from`, or the file's size.
std::uint64_t next_mark(const ArchiveFile& file, std::uint64_t from, std::vector<std::byte>& buffer) {
  const auto mark = std::as_bytes(std::span(shard_record::kMark));
  for (; from + mark.size() <= file.size(); from += kBytesAtATime - mark.size() + 1) {
    buffer.resize(kBytesAtATime);
    const std::span<const std::byte> bytes = std::span(buffer).first(file.read(from, buffer));
    const auto found = std::ranges::search(bytes, mark);
    if (!found.empty()) return from + static_cast<std::uint64_t>(found.begin() - bytes.begin());
  }
  return file.size();
}

void find_in_archive(const std::filesystem::path& path, const std::string& name, std::vector<FoundShard>& found) {
  const ArchiveFile file(path);
  if (!file.fault().empty()) throw StorageError(path.string() + ": " + file.fault());
  std::vector<std::byte> buffer;
  std::uint64_t at = 0;
  while (at + shard_record::kHeaderBytes <= file.size()) {
    std::array<std::byte, shard_record::kHeaderBytes> bytes{};
    (void)file.read(at, bytes);
    const auto header = shard_record::decode(bytes);
    const std::uint64_t begin = at + bytes.size();
    // Behind a header that is damaged, and one whose shard was not written to its end, the next is looked for.
    if (!header || header->bytes > file.size() - begin) {
      at = next_mark(file, at + 1, buffer);
      continue;
    }
    const ShardReceipt receipt{name, header->bytes, header->checksum, 0, begin};
    std::string fault = fault_in(file, receipt, buffer);
    // A killed writer's file may have been extended before it was filled.
    at = fault.empty() ? begin + header->bytes : next_mark(file, at + 1, buffer);
    found.push_back({receipt, std::move(fault)});
  }
}

/// The name of a file that is one shard ends in the first digits of its checksum.
FoundShard found_file(const std::filesystem::path& path, const std::string& name) {
  FoundShard found;
  found.receipt.file_name = name;
  try {
    found.receipt.bytes = std::filesystem::file_size(path);
    found.receipt.checksum = file_hash128_hex(path);
    if (!path.stem().string().ends_with("-" + found.receipt.checksum.substr(0, 8)))
      found.fault = "its checksum differs";
  } catch (const std::exception& unreadable) {
    found.fault = unreadable.what();
  }
  return found;
}

}  // namespace

struct ShardChecker::Impl {
  std::filesystem::path directory;
  std::string open_name;
  std::unique_ptr<ArchiveFile> open;
  std::vector<std::byte> buffer;
};

ShardChecker::ShardChecker(std::filesystem::path directory) : impl_(std::make_unique<Impl>()) {
  impl_->directory = std::move(directory);
}
ShardChecker::~ShardChecker() = default;

std::string ShardChecker::fault_of(const ShardReceipt& receipt) {
  Impl& now = *impl_;
  if (receipt.begin == 0) return fault_of_file(now.directory / receipt.file_name, receipt);
  if (!now.open || now.open_name != receipt.file_name) {
    now.open = std::make_unique<ArchiveFile>(now.directory / receipt.file_name);
    now.open_name = receipt.file_name;
  }
  return fault_in(*now.open, receipt, now.buffer);
}

void require_as_published(const std::filesystem::path& directory, const ShardReceipt& receipt) {
  if (const std::string fault = ShardChecker(directory).fault_of(receipt); !fault.empty())
    throw StorageError(
        fmt::format("{}: {}; `hullscan run` does its unit again", (directory / name_of(receipt)).string(), fault));
}

std::vector<std::byte> bytes_of(const std::filesystem::path& directory, const ShardReceipt& receipt) {
  require_as_published(directory, receipt);
  std::vector<std::byte> bytes(static_cast<std::size_t>(receipt.bytes));
  const ArchiveFile file(directory / receipt.file_name);
  if (!file.fault().empty() || file.read(receipt.begin, bytes) != bytes.size() ||
      hash128_hex(bytes) != receipt.checksum)
    throw StorageError(fmt::format("{}: it was changed while it was read", (directory / name_of(receipt)).string()));
  return bytes;
}

std::vector<FoundShard> find_shards(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (std::filesystem::directory_iterator it(directory / kFolder, none), end; !none && it != end; it.increment(none)) {
    const std::string extension = it->path().extension().string();
    if (extension == kSuffix || extension == kArchiveSuffix) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  std::vector<FoundShard> found;
  for (const std::filesystem::path& file : files) {
    const std::string name = fmt::format("{}/{}", kFolder, file.filename().string());
    if (file.extension() == kSuffix) {
      found.push_back(found_file(file, name));
    } else {
      find_in_archive(file, name, found);
    }
  }
  return found;
}

}  // namespace hullscan
