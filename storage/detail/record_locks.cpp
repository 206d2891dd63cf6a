#include "storage/detail/record_locks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/detail/file_descriptor.hpp"

namespace hullscan::storage_detail {

bool has_no_locks(int error) { return error == ENOSYS || error == ENOLCK || error == EOPNOTSUPP || error == EINVAL; }

std::string why_no_record_locks(const std::filesystem::path& directory) {
  // Never of the database itself: closing any descriptor of a file gives up all record locks that the process has on
  // it.
  FileDescriptor file(::open((directory / "campaign.lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::filesystem::path made;
  if (!file) {
    made = directory / fmt::format("campaign.locks.{}.tmp", ::getpid());
    file.reset(::open(made.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!file) return "";
  }
  struct flock asked {};
  asked.l_type = F_RDLCK;
  asked.l_whence = SEEK_SET;
  asked.l_len = 1;
  const int error = ::fcntl(file.get(), F_SETLK, &asked) == 0 ? 0 : errno;
  if (!made.empty()) ::unlink(made.c_str());
  return has_no_locks(error) ? std::strerror(error) : "";
}

}  // namespace hullscan::storage_detail
