#include "scheduler/executors/program_search.hpp"

#include <unistd.h>

#include <sstream>
#include <system_error>

#include "core/errors.hpp"

namespace hullscan {

std::filesystem::path find_program(const std::string& name, const std::string& path) {
  namespace fs = std::filesystem;
  const auto usable = [](const fs::path& file) {
    std::error_code error;
    return fs::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.empty()) throw TransportError("the command is empty");
  if (name.find('/') != std::string::npos) {
    const fs::path file = fs::absolute(name);
    std::error_code error;
    if (!fs::exists(file, error)) throw TransportError(name + ": no such file");
    if (!usable(file)) throw TransportError(name + ": is not an executable file");
    return file;
  }
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path file = fs::absolute(fs::path(folder.empty() ? "." : folder) / name);
    if (usable(file)) return file;
  }
  throw TransportError(name + ": not found in PATH (" + path + ")");
}

}  // namespace hullscan
