#include "storage/campaign_lock.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/file_descriptor.hpp"
#include "storage/detail/record_locks.hpp"
#include "storage/plain_files.hpp"

namespace hullscan {
namespace {

using storage_detail::FileDescriptor;

constexpr const char* kLockName = "campaign.lock";

[[noreturn]] void fail(const std::filesystem::path& file, const char* what) {
  throw StorageError(fmt::format("{}: {}: {}", file.string(), what, std::strerror(errno)));
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// Field 22 of /proc/PID/stat; 0 if there is no such process, or if it is dead and waits for its parent to notice. The
/// name in parentheses may hold anything.
std::uint64_t start_of_process(std::int64_t process_id) {
  const std::string stat = first_line(fmt::format("/proc/{}/stat", process_id));
  const auto end_of_name = stat.rfind(')');
  if (end_of_name == std::string::npos) return 0;
  std::istringstream fields(stat.substr(end_of_name + 1));
  std::string field;
  for (int number = 3; number <= 22 && fields >> field; ++number) {
    if (number == 3 && (field == "Z" || field == "X")) return 0;
  }
  return fields ? std::strtoull(field.c_str(), nullptr, 10) : 0;
}

std::string to_text(const LockHolder& holder) {
  Json json;
  json["host"] = holder.host;
  json["pid"] = holder.process_id;
  json["process_start"] = holder.process_start;
  json["boot_id"] = holder.boot_id;
  json["since"] = holder.since;
  return json_text(json) + "\n";
}

/// Nothing if the text is empty or torn: such a lock was never held.
std::optional<LockHolder> from_text(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    return LockHolder{json.at("host").get<std::string>(), json.at("pid").get<std::int64_t>(),
                      json.at("process_start").get<std::uint64_t>(), json.at("boot_id").get<std::string>(),
                      json.at("since").get<std::string>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::string read_all(const FileDescriptor& file) {
  std::string text;
  std::array<char, 1024> buffer{};
  for (;;) {
    const ssize_t got = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void write_all(const FileDescriptor& file, const std::string& text, const std::filesystem::path& path) {
  const ssize_t written = ::pwrite(file.get(), text.data(), text.size(), 0);
  if (written < 0) fail(path, "cannot be written");
  if (static_cast<std::size_t>(written) != text.size()) throw StorageError(path.string() + ": cannot be written whole");
  if (::ftruncate(file.get(), static_cast<off_t>(text.size())) != 0) fail(path, "cannot be written");
  if (::fsync(file.get()) != 0 && errno != EINVAL) fail(path, "cannot be made durable");
}

std::string described(const LockHolder& holder) {
  return fmt::format("process {} on {} (since {})", holder.process_id, holder.host, holder.since);
}

[[noreturn]] void refuse(const std::filesystem::path& directory, const std::optional<LockHolder>& holder,
                         const std::string& more = "") {
  throw StorageError(fmt::format("{}: in use by hullscan, {}{}", directory.string(),
                                 holder ? described(*holder) : "another process", more));
}

/// Seconds since the file was last touched, by the clock of its own file system: hosts' clocks may differ.
double silence_s(const FileDescriptor& file, const std::filesystem::path& path) {
  const std::filesystem::path probe = path.string() + fmt::format(".{}.tmp", ::getpid());
  const FileDescriptor touched(::open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!touched) fail(probe, "cannot be written");
  struct stat now {};
  struct stat beaten {};
  const bool known = ::fstat(touched.get(), &now) == 0 && ::fstat(file.get(), &beaten) == 0;
  ::unlink(probe.c_str());
  if (!known) fail(path, "cannot be examined");
  const auto seconds = [](const timespec& t) {
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  };
  return seconds(now.st_mtim) - seconds(beaten.st_mtim);
}

/// Where flock is not to be had: one process at a time looks into the lock and writes it. Held by a file that only one
/// can make, for some milliseconds; one that was left by a killed process is removed.
class Claim {
 public:
  explicit Claim(const std::filesystem::path& lock) : path_(lock.string() + ".claim") {
    constexpr double kLeftOverS = 10;
    for (;;) {
      const FileDescriptor made(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (made) return;
      if (errno != EEXIST) fail(path_, "cannot be made");
      const FileDescriptor other(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
      if (other && silence_s(other, path_) > kLeftOverS) ::unlink(path_.c_str());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() { ::unlink(path_.c_str()); }

 private:
  std::filesystem::path path_;
};

bool lives(const LockHolder& holder, const LockHolder& self) {
  if (holder.boot_id != self.boot_id) return false;  // the machine was started again
  return start_of_process(holder.process_id) == holder.process_start && holder.process_start != 0;
}

}  // namespace

LockHolder this_process() {
  std::array<char, 256> name{};
  (void)::gethostname(name.data(), name.size() - 1);
  const std::int64_t id = ::getpid();
  return {name.data(), id, start_of_process(id), first_line("/proc/sys/kernel/random/boot_id"),
          fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)))};
}

struct CampaignLock::Impl {
  std::filesystem::path directory, path;
  FileDescriptor file;
  LockHolder self;

  ~Impl() {
    // Emptied, not removed: removing would let a third process lock a file that has no name any more.
    if (file && from_text(read_all(file)) == self && ::ftruncate(file.get(), 0) != 0) {
      log_warning(path.string() + ": could not be given back: " + std::strerror(errno));
    }
  }
};

CampaignLock::CampaignLock(const std::filesystem::path& directory, const LockOptions& options)
    : impl_(std::make_unique<Impl>()) {
  const auto path = directory / kLockName;
  const LockHolder self = options.self.value_or(this_process());
  require_plain_files(directory);
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file) fail(path, "cannot be opened");

  const bool has_flock = ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
  if (!has_flock && errno == EWOULDBLOCK) refuse(directory, from_text(read_all(file)));
  if (!has_flock && !storage_detail::has_no_locks(errno)) fail(path, "cannot be locked");
  std::optional<Claim> claim;
  if (!has_flock) {
    log_info(fmt::format("{}: the file system has no flock ({}): what is written in it is the lock", path.string(),
                         std::strerror(errno)));
    claim.emplace(path);
  }

  bool other_host = false;
  if (const auto found = from_text(read_all(file)); found && !(*found == self)) {
    other_host = found->host != self.host;
    if (other_host) {
      const double limit = std::chrono::duration<double>(options.silence).count();
      const double silent = silence_s(file, path);
      if (silent < limit) {
        refuse(directory, found,
               fmt::format(", last heard of {:.0f} s ago; if that machine is gone, try again in {}",
                           std::max(0.0, silent), duration_text(limit - silent)));
      }
      log_warning(fmt::format("{}: taking over from {}, which was silent for {}", directory.string(), described(*found),
                              duration_text(silent)));
    } else {
      if (lives(*found, self)) refuse(directory, found);
      log_info(fmt::format("{}: taking over from {}, which is gone", directory.string(), described(*found)));
    }
  }

  HULLSCAN_CRASH_POINT("lock.before-write");
  write_all(file, to_text(self), path);
  HULLSCAN_CRASH_POINT("lock.taken");
  claim.reset();
  if (other_host || !has_flock) {
    // Two hosts may be taking over at once, each without seeing the other's flock: the last one to write stays.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    if (const auto now = from_text(read_all(file)); !now || !(*now == self)) refuse(directory, now);
  }
  impl_->directory = directory;
  impl_->path = path;
  impl_->self = self;
  impl_->file = std::move(file);
}

CampaignLock::CampaignLock(CampaignLock&&) noexcept = default;
CampaignLock& CampaignLock::operator=(CampaignLock&&) noexcept = default;
CampaignLock::~CampaignLock() = default;

void CampaignLock::beat() {
  const auto now = from_text(read_all(impl_->file));
  struct stat by_name {};
  struct stat by_file {};
  const bool same_file = ::stat(impl_->path.c_str(), &by_name) == 0 && ::fstat(impl_->file.get(), &by_file) == 0 &&
                         by_name.st_ino == by_file.st_ino && by_name.st_dev == by_file.st_dev;
  if (!same_file) throw StorageError(impl_->path.string() + ": the lock was removed under a running hullscan");
  if (!now || !(*now == impl_->self)) {
    throw StorageError(fmt::format("{}: the campaign was taken over by {}", impl_->directory.string(),
                                   now ? described(*now) : "another process"));
  }
  if (::futimens(impl_->file.get(), nullptr) != 0) fail(impl_->path, "cannot be touched");
}

std::optional<LockHolder> CampaignLock::holder(const std::filesystem::path& directory) {
  if (!is_plain_file(directory / kLockName)) return std::nullopt;
  std::ifstream stream(directory / kLockName);
  std::ostringstream text;
  text << stream.rdbuf();
  return from_text(text.str());
}

}  // namespace hullscan
