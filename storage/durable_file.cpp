#include "storage/durable_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/file_descriptor.hpp"

namespace hullscan {
namespace {

using storage_detail::FileDescriptor;

[[noreturn]] void fail(const std::filesystem::path& file, const char* what, int error) {
  throw StorageError(fmt::format("{}: {}: {}", file.string(), what, std::strerror(error)));
}

void write_all(const FileDescriptor& open_file, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(open_file.get(), text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(file, "cannot be written", errno);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync(const FileDescriptor& open_file, const std::filesystem::path& file) {
  int result = 0;
  do result = ::fsync(open_file.get());
  while (result != 0 && errno == EINTR);
  if (result != 0) fail(file, "cannot be made durable", errno);
}

}  // namespace

void sync_file(const std::filesystem::path& file) {
  const FileDescriptor open_file(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!open_file) fail(file, "cannot be opened", errno);
  sync(open_file, file);
}

void sync_directory(const std::filesystem::path& directory) {
  const std::filesystem::path named = directory.empty() ? std::filesystem::path(".") : directory;
  const FileDescriptor open_directory(::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open_directory) fail(named, "cannot be opened", errno);
  // Some file systems cannot sync a directory and say EINVAL; their renames are as durable as they get.
  if (::fsync(open_directory.get()) != 0 && errno != EINVAL) fail(named, "cannot be made durable", errno);
}

void write_durably(const std::filesystem::path& file, std::string_view text) {
  static std::atomic<unsigned> counter{0};
  std::filesystem::path temporary = file;
  temporary.replace_filename(fmt::format(".{}.{}-{}.tmp", file.filename().string(), ::getpid(), counter++));
  try {
    FileDescriptor open_file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!open_file) fail(file, "cannot be written", errno);
    HULLSCAN_CRASH_POINT("file.created");
    const std::size_t half = text.size() / 2;
    write_all(open_file, text.substr(0, half), file);
    HULLSCAN_CRASH_POINT("file.half-written");
    write_all(open_file, text.substr(half), file);
    sync(open_file, file);
    if (!open_file.close()) fail(file, "cannot be written", errno);
    HULLSCAN_CRASH_POINT("file.synced");
    if (::rename(temporary.c_str(), file.c_str()) != 0) fail(file, "cannot be replaced", errno);
    HULLSCAN_CRASH_POINT("file.renamed");
  } catch (const StorageError&) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_directory(file.parent_path());
}

void remove_unfinished(const std::filesystem::path& directory) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator it(directory, ignored), end; !ignored && it != end; it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.') && name.ends_with(".tmp")) ::unlink(it->path().c_str());
  }
}

}  // namespace hullscan
