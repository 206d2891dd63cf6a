/// @file
/// Preloaded into hullscan by the crash tests: a file system without locks, as Lustre mounted without `-o flock` or NFS
/// without its lock service. Every flock(2), and every fcntl(2) that asks for a lock, of a file below
/// HULLSCAN_SHIM_ROOT fails with the error number HULLSCAN_SHIM_LOCKS.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

/// @returns the error to answer with, 0 for a file elsewhere.
int refusal_for(int descriptor) {
  const char* const root = std::getenv("HULLSCAN_SHIM_ROOT");
  const char* const error = std::getenv("HULLSCAN_SHIM_LOCKS");
  if (root == nullptr || error == nullptr) return 0;
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", descriptor);
  std::array<char, 4096> path{};
  const ssize_t length = readlink(link.data(), path.data(), path.size() - 1);
  if (length <= 0) return 0;
  return std::string(path.data(), static_cast<std::size_t>(length)).starts_with(std::string(root) + "/")
             ? std::atoi(error)
             : 0;
}

bool asks_for_lock(int command) {
  return command == F_SETLK || command == F_SETLKW || command == F_GETLK || command == F_OFD_SETLK ||
         command == F_OFD_SETLKW || command == F_OFD_GETLK;
}

int answer(const char* name, int descriptor, int command, void* argument) {
  if (asks_for_lock(command)) {
    if (const int error = refusal_for(descriptor); error != 0) {
      errno = error;
      return -1;
    }
  }
  using Fcntl = int(int, int, ...);
  return reinterpret_cast<Fcntl*>(dlsym(RTLD_NEXT, name))(descriptor, command, argument);
}

}  // namespace

extern "C" {

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return answer("fcntl", descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return answer("fcntl64", descriptor, command, argument);
}

int flock(int descriptor, int operation) noexcept {
  if (const int error = refusal_for(descriptor); error != 0) {
    errno = error;
    return -1;
  }
  using Flock = int(int, int);
  return reinterpret_cast<Flock*>(dlsym(RTLD_NEXT, "flock"))(descriptor, operation);
}
}
