#include "storage/detail/quiet_copy.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "core/errors.hpp"
#include "storage/detail/file_descriptor.hpp"

namespace hullscan::storage_detail {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::array<const char*, 3> kQuietSuffixes = {"", "-journal", "-wal"};
constexpr std::chrono::milliseconds kJournalPatience(400), kCopyPatience(20000);

/// What changes when a file is written.
struct FileMark {
  std::int64_t size = 0, inode = 0, seconds = 0, nanoseconds = 0;
  std::array<char, 4> counter = {};  ///< bytes 24 to 27
  friend bool operator==(const FileMark&, const FileMark&) = default;
};

using Marks = std::array<FileMark, kQuietSuffixes.size()>;

/// The files are opened anew: only then does a network file system look whether what it remembers is still true.
Marks marks_of(const fs::path& database) {
  Marks marks;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const FileDescriptor file(::open((database.string() + kQuietSuffixes[i]).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat found {};
    if (!file || ::fstat(file.get(), &found) != 0) continue;
    marks[i] = {
        found.st_size, static_cast<std::int64_t>(found.st_ino), found.st_mtim.tv_sec, found.st_mtim.tv_nsec, {}};
    if (i == 0 && ::pread(file.get(), marks[i].counter.data(), marks[i].counter.size(), 24) < 0)
      throw StorageError(fmt::format("{}: cannot be read: {}", database.string(), std::strerror(errno)));
  }
  return marks;
}

}  // namespace

PassingFolder::PassingFolder() {
  std::string pattern = (fs::temp_directory_path() / "hullscan-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw StorageError(fmt::format("{}: cannot be made: {}", pattern, std::strerror(errno)));
  path_ = pattern;
}

PassingFolder::~PassingFolder() {
  std::error_code left;
  fs::remove_all(path_, left);
}

bool copy_while_quiet(const fs::path& database, const fs::path& folder) {
  const auto begun = Clock::now();
  for (auto pause = std::chrono::milliseconds(10); Clock::now() - begun < kCopyPatience;
       std::this_thread::sleep_for(pause)) {
    const Marks before = marks_of(database);
    const bool changing = before[1].size > 0;
    if (changing && Clock::now() - begun < kJournalPatience) continue;
    // The database first: whatever page of it is already changed has its old content in the journal by then.
    for (std::size_t i = 0; i < before.size(); ++i) {
      const fs::path target = folder / (database.filename().string() + kQuietSuffixes[i]);
      std::error_code error;
      fs::remove(target, error);
      if (before[i].size == 0) continue;
      fs::copy_file(database.string() + kQuietSuffixes[i], target, error);
      if (!error || error == std::errc::no_such_file_or_directory) continue;
      throw StorageError(
          fmt::format("{}: without locks a copy of it is read, and it cannot be copied to {}: {}; TMPDIR "
                      "names a folder with more room",
                      database.string(), folder.string(), error.message()));
    }
    if (marks_of(database) == before) return changing || before[2].size > 0;
    pause = std::chrono::milliseconds(50);
  }
  throw StorageError(
      fmt::format("{}: it is written all the time, and its file system has no locks to wait for: try again "
                  "later; `hullscan status` always has the numbers",
                  database.string()));
}

}  // namespace hullscan::storage_detail
