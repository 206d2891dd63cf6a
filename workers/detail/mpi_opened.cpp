#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "workers/detail/mpi_module.hpp"

namespace hullscan::detail::mpi {
namespace {

namespace fs = std::filesystem;

/// Beside the program in its build, and in an installed tree.
std::vector<fs::path> module_folders() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  return {program.parent_path().parent_path() / HULLSCAN_MODULE_FOLDER,
          program.parent_path().parent_path() / "workers"};
}

/// The launcher's MPI first: a module of another one would start copies that do not know each other.
std::vector<fs::path> modules() {
  if (const char* named = std::getenv("HULLSCAN_MPI")) return {named};
  std::vector<fs::path> found;
  for (const fs::path& folder : module_folders()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("hullscan_mpi-") && name.ends_with(".so")) found.push_back(entry.path());
    }
  }
  const bool open_mpi = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMIX_RANK") != nullptr;
  std::sort(found.begin(), found.end(), [&](const fs::path& a, const fs::path& b) {
    const auto rank = [&](const fs::path& one) {
      return (one.filename().string().find("openmpi") != std::string::npos) == open_mpi ? 0 : 1;
    };
    return rank(a) != rank(b) ? rank(a) < rank(b) : a < b;
  });
  return found;
}

struct Opened {
  const MpiCalls* calls = nullptr;
  std::string why;
};

Opened open_module() {
  Opened opened;
  for (const fs::path& file : modules()) {
    // Open MPI's own modules look for its symbols among those of the program.
    void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (handle == nullptr) {
      opened.why += fmt::format("\n  {}: {}", file.string(), dlerror());
      continue;
    }
    using Entry = const MpiCalls* (*)();
    const auto entry = reinterpret_cast<Entry>(dlsym(handle, "hullscan_mpi_calls_1"));
    if (entry != nullptr) {
      opened.calls = entry();
      return opened;
    }
    opened.why += fmt::format("\n  {}: of another version of hullscan", file.string());
  }
  if (opened.why.empty()) opened.why = "\n  there is no module hullscan_mpi-*.so beside the program";
  return opened;
}

const Opened& opened_module() {
  static const Opened kOpened = open_module();
  return kOpened;
}

}  // namespace

const MpiCalls& calls() {
  const Opened& opened = opened_module();
  if (opened.calls == nullptr)
    throw TransportError(
        "no MPI library can be opened, so several ranks cannot be started; load the MPI module of this "
        "machine, or run one process, which needs none:" +
        opened.why);
  return *opened.calls;
}

const MpiCalls* calls_if_any() noexcept {
  try {
    return opened_module().calls;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace hullscan::detail::mpi
