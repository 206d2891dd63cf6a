#include "storage/staged_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>  // renameat2
#include <cstring>

#include "core/errors.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {

StagedFile::StagedFile(std::filesystem::path file)
    : file_(std::move(file)), temporary_(fmt::format("{}.{}.part", file_.string(), ::getpid())) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(file_, ignored))) {
    throw InputError(fmt::format("{}: exists already; choose another name", file_.string()));
  }
  ::unlink(temporary_.c_str());  // of an earlier process with our id
}

StagedFile::~StagedFile() {
  if (!published_) ::unlink(temporary_.c_str());
}

void StagedFile::publish() {
  sync_file(temporary_);
  int result = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, file_.c_str(), RENAME_NOREPLACE);
  if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {  // a file system without it: link fails if the name is taken
    result = ::link(temporary_.c_str(), file_.c_str());
    if (result == 0) ::unlink(temporary_.c_str());
  }
  if (result != 0) {
    throw StorageError(fmt::format("{}: cannot be put in place: {}", file_.string(), std::strerror(errno)));
  }
  published_ = true;
  sync_directory(std::filesystem::absolute(file_).parent_path());
}

}  // namespace hullscan
