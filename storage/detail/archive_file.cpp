#include "storage/detail/archive_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "storage/plain_files.hpp"

namespace hullscan::storage_detail {

ArchiveFile::ArchiveFile(const std::filesystem::path& file) {
  if (!is_plain_file(file)) {
    std::error_code ignored;
    fault_ = std::filesystem::exists(file, ignored) ? "is not a file" : "missing";
    return;
  }
  descriptor_.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found {};
  if (!descriptor_ || ::fstat(descriptor_.get(), &found) != 0) {
    fault_ = errno == ENOENT ? "missing" : std::strerror(errno);
    return;
  }
  size_ = static_cast<std::uint64_t>(found.st_size);
}

std::size_t ArchiveFile::read(std::uint64_t at, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t read =
        ::pread(descriptor_.get(), into.data() + done, into.size() - done, static_cast<off_t>(at + done));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) throw StorageError(std::strerror(errno));
    if (read == 0) break;
    done += static_cast<std::size_t>(read);
  }
  return done;
}

}  // namespace hullscan::storage_detail
