/// @file
/// Preloaded into hullscan by the crash tests. Of everything that is done to files below HULLSCAN_SHIM_ROOT it
///   - writes a record to HULLSCAN_SHIM_LOG (disk_replay.hpp reads it), or
///   - lets the n-th call of a kind fail: HULLSCAN_SHIM_FAULT=write:17:EIO (kinds: write, sync, rename, open).
/// Reading is not touched.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

namespace {

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

struct State {
  std::recursive_mutex mutex;
  std::string root, fault_kind;
  long fault_at = 0;
  int fault_errno = EIO;
  int log = -1;
  std::map<int, std::string> paths;  ///< of open descriptors below the root
};

State& state() {
  static State* const made = [] {
    auto* s = new State;
    if (const char* root = std::getenv("HULLSCAN_SHIM_ROOT")) s->root = root;
    if (const char* log = std::getenv("HULLSCAN_SHIM_LOG"))
      s->log = real<int(const char*, int, ...)>("open")(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (const char* fault = std::getenv("HULLSCAN_SHIM_FAULT")) {
      const std::string text = fault;
      const auto first = text.find(':'), second = text.rfind(':');
      s->fault_kind = text.substr(0, first);
      s->fault_at = std::strtol(text.c_str() + first + 1, nullptr, 10);
      if (text.substr(second + 1) == "ENOSPC") s->fault_errno = ENOSPC;
    }
    return s;
  }();
  return *made;
}

std::string absolute(const char* path) {
  std::string name = path;
  std::array<char, PATH_MAX> here{};
  if (name[0] != '/' && getcwd(here.data(), here.size()) != nullptr) name = std::string(here.data()) + "/" + name;
  while (name.size() > 1 && (name.ends_with("/") || name.ends_with("/."))) name.pop_back();
  return name;
}

bool below_root(const std::string& path) {
  const std::string& root = state().root;
  return !root.empty() && path.compare(0, root.size(), root) == 0;
}

/// kind, path, second path or "", offset, data.
void record(char kind, const std::string& path, const std::string& other, std::int64_t offset, const void* data,
            std::uint64_t size) {
  State& s = state();
  if (s.log < 0) return;
  std::string out(1, kind);
  const auto number = [&](std::uint64_t value) { out.append(reinterpret_cast<const char*>(&value), 8); };
  number(path.size());
  out += path;
  number(other.size());
  out += other;
  number(static_cast<std::uint64_t>(offset));
  number(size);
  out.append(static_cast<const char*>(data), size);
  static auto* const write_out = real<ssize_t(int, const void*, std::size_t)>("write");
  if (write_out(s.log, out.data(), out.size()) != static_cast<ssize_t>(out.size())) std::abort();
}

bool fault(const char* kind) {
  State& s = state();
  if (s.fault_kind != kind || --s.fault_at != 0) return false;
  errno = s.fault_errno;
  return true;
}

std::string path_of(int descriptor) {
  const auto found = state().paths.find(descriptor);
  return found == state().paths.end() ? "" : found->second;
}

template <class Call>
int opening(const char* path, int flags, Call&& call) {
  const std::lock_guard lock(state().mutex);
  const std::string name = absolute(path);
  if (!below_root(name)) return call();
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  if (writes && fault("open")) return -1;
  struct stat before {};
  const bool existed = stat(path, &before) == 0;
  const int descriptor = call();
  if (descriptor < 0) return descriptor;
  state().paths[descriptor] = name;
  if (writes && !existed && (flags & O_CREAT) != 0) record('c', name, "", 0, nullptr, 0);
  if (writes && existed && (flags & O_TRUNC) != 0) record('t', name, "", 0, nullptr, 0);
  return descriptor;
}

template <class Call>
ssize_t writing(int descriptor, const void* data, std::int64_t offset, Call&& call) {
  const std::lock_guard lock(state().mutex);
  const std::string name = path_of(descriptor);
  if (name.empty()) return call();
  if (fault("write")) return -1;
  if (offset < 0) offset = lseek(descriptor, 0, SEEK_CUR);
  const ssize_t written = call();
  if (written > 0) record('w', name, "", offset, data, static_cast<std::uint64_t>(written));
  return written;
}

template <class Call>
int truncating(int descriptor, std::int64_t length, Call&& call) {
  const std::lock_guard lock(state().mutex);
  const std::string name = path_of(descriptor);
  if (!name.empty() && fault("write")) return -1;
  const int result = call();
  if (result == 0 && !name.empty()) record('t', name, "", length, nullptr, 0);
  return result;
}

template <class Call>
int syncing(int descriptor, Call&& call) {
  const std::lock_guard lock(state().mutex);
  const std::string name = path_of(descriptor);
  if (!name.empty() && fault("sync")) return -1;
  const int result = call();
  if (result == 0 && !name.empty()) record('s', name, "", 0, nullptr, 0);
  return result;
}

template <class Call>
int naming(char kind, const char* path, const char* other, Call&& call) {
  const std::lock_guard lock(state().mutex);
  const std::string name = absolute(path);
  if (!below_root(name)) return call();
  if (kind == 'r' && fault("rename")) return -1;
  const int result = call();
  if (result == 0) record(kind, name, other == nullptr ? "" : absolute(other), 0, nullptr, 0);
  return result;
}

int mode_of(int flags, va_list arguments) { return (flags & O_CREAT) != 0 ? va_arg(arguments, int) : 0; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = mode_of(flags, arguments);
  va_end(arguments);
  return opening(path, flags, [&] { return real<int(const char*, int, ...)>("open")(path, flags, mode); });
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = mode_of(flags, arguments);
  va_end(arguments);
  return opening(path, flags, [&] { return real<int(const char*, int, ...)>("open64")(path, flags, mode); });
}
ssize_t write(int descriptor, const void* data, size_t size) {
  return writing(descriptor, data, -1,
                 [&] { return real<ssize_t(int, const void*, size_t)>("write")(descriptor, data, size); });
}
ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  return writing(descriptor, data, offset, [&] {
    return real<ssize_t(int, const void*, size_t, off_t)>("pwrite")(descriptor, data, size, offset);
  });
}
ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
  return writing(descriptor, data, offset, [&] {
    return real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64")(descriptor, data, size, offset);
  });
}
int ftruncate(int descriptor, off_t length) noexcept {
  return truncating(descriptor, length, [&] { return real<int(int, off_t)>("ftruncate")(descriptor, length); });
}
int ftruncate64(int descriptor, off64_t length) noexcept {
  return truncating(descriptor, length, [&] { return real<int(int, off64_t)>("ftruncate64")(descriptor, length); });
}
int fsync(int descriptor) {
  return syncing(descriptor, [&] { return real<int(int)>("fsync")(descriptor); });
}
int fdatasync(int descriptor) {
  return syncing(descriptor, [&] { return real<int(int)>("fdatasync")(descriptor); });
}
int close(int descriptor) {
  const std::lock_guard lock(state().mutex);
  state().paths.erase(descriptor);
  return real<int(int)>("close")(descriptor);
}
int rename(const char* from, const char* to) noexcept {
  return naming('r', from, to, [&] { return real<int(const char*, const char*)>("rename")(from, to); });
}
int unlink(const char* path) noexcept {
  return naming('u', path, nullptr, [&] { return real<int(const char*)>("unlink")(path); });
}
int remove(const char* path) noexcept {
  return naming('u', path, nullptr, [&] { return real<int(const char*)>("remove")(path); });
}
int mkdir(const char* path, mode_t mode) noexcept {
  return naming('d', path, nullptr, [&] { return real<int(const char*, mode_t)>("mkdir")(path, mode); });
}
}
