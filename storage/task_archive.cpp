#include "storage/task_archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/zip_reader.hpp"
#include "storage/detail/zip_stream.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// What tells that a file is the one that was read.
struct Look {
  dev_t device = 0;
  ino_t inode = 0;
  off_t bytes = 0;
  timespec modified{};
  mode_t mode = 0;
  friend bool operator==(const Look& a, const Look& b) {
    return a.device == b.device && a.inode == b.inode && a.bytes == b.bytes && a.modified.tv_sec == b.modified.tv_sec &&
           a.modified.tv_nsec == b.modified.tv_nsec;
  }
};

/// Nothing unless it is a regular file.
std::optional<Look> look_at(const fs::path& file) {
  struct stat found {};
  if (::lstat(file.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  return Look{found.st_dev, found.st_ino, found.st_size, found.st_mtim, found.st_mode};
}

std::optional<std::string> text_of_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  return stream.bad() ? std::nullopt : std::optional(std::move(text));
}

/// Below `task`, sorted, without the archive and what is being written.
std::vector<fs::path> files_below(const fs::path& task) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(task, error), end; !error && it != end; it.increment(error)) {
    const fs::path relative = it->path().lexically_relative(task);
    const std::string name = relative.string();
    if (name == kTaskArchive || (name.starts_with("." + std::string(kTaskArchive)) && name.ends_with(".tmp"))) continue;
    if (!it->is_directory(error) || it->is_symlink(error)) files.push_back(relative);
  }
  if (error) throw StorageError(fmt::format("{}: cannot be read: {}", task.string(), error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

void remove_empty_folders(const fs::path& task) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::recursive_directory_iterator it(task, error), end; !error && it != end; it.increment(error)) {
    if (it->is_directory(error) && !it->is_symlink(error)) folders.push_back(it->path());
  }
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) ::rmdir(folder->c_str());
}

/// @throws StorageError for a name that leads out of the directory: an archive may be anybody's.
fs::path place_of_member(const fs::path& task, const std::string& name) {
  const fs::path relative = name;
  const bool climbs = std::any_of(relative.begin(), relative.end(), [](const fs::path& part) { return part == ".."; });
  if (relative.empty() || relative.is_absolute() || climbs || !relative.has_filename())
    throw StorageError(
        fmt::format("{}: \"{}\" in it is not a name below this directory", (task / kTaskArchive).string(), name));
  for (fs::path folder = relative.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    std::error_code absent;
    if (fs::is_symlink(task / folder, absent))
      throw StorageError(fmt::format("{}: is a link; nothing is unpacked through it", (task / folder).string()));
  }
  return task / relative;
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
}

void set_times_and_rights(const fs::path& file, const zip::Member& member) {
  ::chmod(file.c_str(), member.permissions & 0777U);
  const timespec modified{static_cast<time_t>(member.modified_s), 0};
  const timespec times[2] = {modified, modified};
  ::utimensat(AT_FDCWD, file.c_str(), times, 0);
}

struct Packable {
  fs::path relative;
  Look look;
  std::uint64_t hash = 0;
};

}  // namespace

bool is_packed(const fs::path& task) {
  std::error_code error;
  return fs::is_regular_file(task / kTaskArchive, error);
}

void pack_task(const fs::path& task, const std::function<bool(const fs::path&)>& stays) {
  std::error_code error;
  if (!fs::is_directory(task, error)) return;
  std::vector<Packable> packable;
  for (const fs::path& relative : files_below(task)) {
    const auto look = look_at(task / relative);
    if (look && static_cast<std::uint64_t>(look->bytes) <= kLargestPackedBytes && !stays(relative))
      packable.push_back({relative, *look});
  }
  if (packable.empty()) return;
  if (is_packed(task)) {
    // A killed hullscan left both, or something has come since: everything once more.
    unpack_task(task);
    return pack_task(task, stays);
  }
  const fs::path archive = task / kTaskArchive;
  const fs::path temporary = task / fmt::format(".{}.{}.tmp", kTaskArchive, ::getpid());
  remove_unfinished(task);
  try {
    const auto stream = zip::open(temporary);
    std::erase_if(packable, [&](Packable& file) {
      const auto text = text_of_file(task / file.relative);
      if (!text || look_at(task / file.relative) != file.look) return true;
      file.hash = hash64(std::string_view(*text));
      zip::add(*stream, file.relative.string(), *text, temporary,
               {static_cast<std::int64_t>(file.look.modified.tv_sec), static_cast<unsigned>(file.look.mode) & 0777U});
      HULLSCAN_CRASH_POINT("pack.added");
      return false;
    });
    zip::close(*stream, temporary);
    // What is to be removed was read back first.
    std::map<std::string, std::uint64_t> held;
    zip::read(
        temporary, kLargestPackedBytes, [](const zip::Member&) { return true; },
        [&](const zip::Member& member, std::string&& text) { held[member.name] = hash64(std::string_view(text)); });
    for (const Packable& file : packable) {
      const auto found = held.find(file.relative.string());
      if (found == held.end() || found->second != file.hash)
        throw StorageError(fmt::format("{}: {} was not written as it is", archive.string(), file.relative.string()));
    }
    sync_file(temporary);
    HULLSCAN_CRASH_POINT("pack.synced");
    if (::rename(temporary.c_str(), archive.c_str()) != 0)
      throw StorageError(fmt::format("{}: cannot be put in place: {}", archive.string(), std::strerror(errno)));
    sync_directory(task);
  } catch (const StorageError&) {
    ::unlink(temporary.c_str());
    throw;
  }
  HULLSCAN_CRASH_POINT("pack.published");
  for (const Packable& file : packable) {
    if (look_at(task / file.relative) == file.look) ::unlink((task / file.relative).c_str());
    HULLSCAN_CRASH_POINT("pack.removed");
  }
  remove_empty_folders(task);
}

void unpack_task(const fs::path& task) {
  if (!is_packed(task)) return;
  const fs::path archive = task / kTaskArchive;
  std::set<fs::path> folders;
  zip::read(
      archive, kLargestPackedBytes,
      [&](const zip::Member& member) {
        std::error_code absent;
        return !fs::exists(fs::symlink_status(place_of_member(task, member.name), absent));
      },
      [&](const zip::Member& member, std::string&& text) {
        const fs::path file = place_of_member(task, member.name);
        for (fs::path folder = file.parent_path(); folder != task; folder = folder.parent_path())
          folders.insert(folder.parent_path());
        make_folders(file.parent_path());
        write_durably(file, text);
        set_times_and_rights(file, member);
        HULLSCAN_CRASH_POINT("unpack.written");
      });
  for (const fs::path& folder : folders) sync_directory(folder);
  if (::unlink(archive.c_str()) != 0)
    throw StorageError(fmt::format("{}: cannot be removed: {}", archive.string(), std::strerror(errno)));
}

std::vector<std::pair<std::string, std::uint64_t>> packed_files(const fs::path& task) {
  std::vector<std::pair<std::string, std::uint64_t>> files;
  if (!is_packed(task)) return files;
  zip::read(
      task / kTaskArchive, kLargestPackedBytes,
      [&](const zip::Member& member) {
        files.emplace_back(member.name, member.bytes);
        return false;
      },
      [](const zip::Member&, std::string&&) {});
  return files;
}

std::optional<std::string> file_of_task(const fs::path& task, const std::string& name) {
  if (auto plain = look_at(place_of_member(task, name)) ? text_of_file(task / name) : std::nullopt) return plain;
  if (!is_packed(task)) return std::nullopt;
  std::optional<std::string> found;
  zip::read(
      task / kTaskArchive, kLargestPackedBytes, [&](const zip::Member& member) { return member.name == name; },
      [&](const zip::Member&, std::string&& text) { found = std::move(text); });
  return found;
}

AttemptFiles::AttemptFiles(const fs::path& task, int attempt) : directory_(task / std::to_string(attempt)) {
  std::error_code error;
  found_ = fs::is_directory(directory_, error);
  if (!is_packed(task)) {
    if (fs::symlink_status(task / kTaskArchive, error).type() != fs::file_type::not_found)
      throw StorageError((task / kTaskArchive).string() + ": is not a file");
    return;
  }
  const std::string prefix = std::to_string(attempt) + "/";
  const auto files = packed_files(task);
  const bool any =
      std::any_of(files.begin(), files.end(), [&](const auto& one) { return one.first.starts_with(prefix); });
  if (!any) return;
  std::string pattern = (fs::temp_directory_path() / "hullscan-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw StorageError(fmt::format("{}: cannot be made: {}", pattern, std::strerror(errno)));
  const fs::path plain = directory_;
  directory_ = pattern;
  copied_ = true;
  try {
    // Plain files win, and may be large: they are linked.
    if (found_) {
      for (const fs::path& relative : files_below(plain)) {
        make_folders((directory_ / relative).parent_path());
        fs::create_symlink(fs::absolute(plain / relative), directory_ / relative);
      }
    }
    zip::read(
        task / kTaskArchive, kLargestPackedBytes,
        [&](const zip::Member& member) {
          if (!member.name.starts_with(prefix)) return false;
          std::error_code absent;
          const fs::path file = place_of_member(directory_, member.name.substr(prefix.size()));
          return !fs::exists(fs::symlink_status(file, absent));
        },
        [&](const zip::Member& member, std::string&& text) {
          const fs::path file = place_of_member(directory_, member.name.substr(prefix.size()));
          make_folders(file.parent_path());
          std::ofstream stream(file, std::ios::binary);
          stream << text;
          stream.close();
          if (!stream) throw StorageError(fmt::format("{}: cannot be written", file.string()));
          set_times_and_rights(file, member);
        });
  } catch (...) {
    fs::remove_all(directory_, error);
    throw;
  }
  found_ = true;
}

AttemptFiles::~AttemptFiles() {
  std::error_code error;
  if (copied_) fs::remove_all(directory_, error);
}

}  // namespace hullscan
