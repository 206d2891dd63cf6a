#include "storage/staged_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>  // kill
#include <cstring>
#include <string>

#include "core/errors.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

std::string this_host() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "host";
  return name;
}

/// What killed processes of this host left of the same file: HOST.PID between its name and ".part".
void remove_leftovers(const fs::path& file) {
  const std::string before = file.filename().string() + "." + this_host() + ".";
  const std::string after = ".part";
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() <= before.size() + after.size() || name.rfind(before, 0) != 0) continue;
    if (name.compare(name.size() - after.size(), after.size(), after) != 0) continue;
    const std::string digits = name.substr(before.size(), name.size() - before.size() - after.size());
    if (digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos) continue;
    if (::kill(std::stoi(digits), 0) != 0 && errno == ESRCH) ::unlink(entry.path().c_str());
  }
}

/// What a signal handler may look at: fixed memory, each place written before it is marked as used.
struct Unfinished {
  char path[4096] = {};
  volatile std::sig_atomic_t used = 0;
};
Unfinished unfinished[16];

void enter(const fs::path& temporary) {
  const std::string text = fs::absolute(temporary).string();
  for (Unfinished& one : unfinished) {
    if (one.used != 0 || text.size() >= sizeof one.path) continue;
    std::memcpy(one.path, text.c_str(), text.size() + 1);
    one.used = 1;
    return;
  }
}

void leave(const fs::path& temporary) {
  const std::string text = fs::absolute(temporary).string();
  for (Unfinished& one : unfinished) {
    if (one.used != 0 && text == one.path) one.used = 0;
  }
}

}  // namespace

void StagedFile::unlink_unfinished() noexcept {
  for (const Unfinished& one : unfinished) {
    if (one.used != 0) ::unlink(one.path);
  }
}

StagedFile::StagedFile(std::filesystem::path file)
    : file_(std::move(file)), temporary_(fmt::format("{}.{}.{}.part", file_.string(), this_host(), ::getpid())) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(file_, ignored))) {
    throw InputError(fmt::format("{}: exists already; choose another name", file_.string()));
  }
  ::unlink(temporary_.c_str());  // of an earlier process with our id
  remove_leftovers(file_);
  enter(temporary_);
}

StagedFile::~StagedFile() {
  leave(temporary_);
  if (!published_) ::unlink(temporary_.c_str());
}

void StagedFile::publish() {
  sync_file(temporary_);
  // The C library has a function for it from glibc 2.28 on, the kernel a call for longer.
  constexpr unsigned kNoReplace = 1;
  auto result = ::syscall(SYS_renameat2, AT_FDCWD, temporary_.c_str(), AT_FDCWD, file_.c_str(), kNoReplace);
  if (result != 0 &&
      (errno == EINVAL || errno == ENOSYS)) {  // a file system without it: link fails if the name is taken
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
