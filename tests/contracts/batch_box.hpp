/// @file
/// Surroundings in which the commands of batch systems are stand_ins/batch_box: a folder with links of their names, put
/// before PATH for as long as the object lives.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../files.hpp"

namespace hullscan::test {

/// Variables of this process, set for a scope.
class WithVariables {
 public:
  explicit WithVariables(const std::map<std::string, std::string>& wanted) {
    for (const auto& [name, value] : wanted) {
      const char* had = std::getenv(name.c_str());
      before_[name] = had == nullptr ? std::nullopt : std::optional<std::string>(had);
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  WithVariables(const WithVariables&) = delete;
  WithVariables& operator=(const WithVariables&) = delete;
  ~WithVariables() {
    for (const auto& [name, value] : before_) {
      if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

class BatchBox {
 public:
  BatchBox() : variables_({{"HULLSCAN_BOX", (folder_.path() / "box").string()}, {"PATH", path_with_links()}}) {}

  /// A file that changes what the box does: "hold", "down", "no_history", "reject", "swallow".
  void set(const std::string& flag, const std::string& text = "") const {
    write_file(folder_.path() / "box" / flag, text);
  }
  void clear(const std::string& flag) const { fs::remove(folder_.path() / "box" / flag); }

 private:
  /// What the box says that it answers to.
  static const std::vector<std::string>& commands() {
    static const std::vector<std::string> names = [] {
      const TemporaryFolder folder;
      const fs::path list = folder.path() / "commands";
      if (std::system(("'" HULLSCAN_BATCH_BOX "' --commands > '" + list.string() + "'").c_str()) != 0)
        throw std::runtime_error(HULLSCAN_BATCH_BOX " --commands failed");
      std::istringstream lines(read_file(list));
      std::vector<std::string> found;
      for (std::string line; std::getline(lines, line);) found.push_back(line);
      return found;
    }();
    return names;
  }
  [[nodiscard]] std::string path_with_links() const {
    const fs::path links = folder_.path() / "bin";
    fs::create_directories(links);
    fs::create_directories(folder_.path() / "box");
    for (const std::string& name : commands()) fs::create_symlink(HULLSCAN_BATCH_BOX, links / name);
    const char* path = std::getenv("PATH");
    return links.string() + ":" + (path == nullptr ? "/usr/bin:/bin" : path);
  }

  TemporaryFolder folder_;
  WithVariables variables_;
};

}  // namespace hullscan::test
