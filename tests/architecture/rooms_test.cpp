/// @file
/// The house rules of the design, read off the source tree: who may know whom, and which library lives in which room.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::set<std::string>> kMayKnow = {
    {"core", {}},
    {"enumerator", {"core"}},
    {"surrogates", {"core"}},
    {"analysis", {"core"}},
    {"dft_adapters", {"core"}},
    {"storage", {"core"}},
    {"scheduler", {"storage", "analysis", "surrogates", "dft_adapters", "core"}},
    {"workers", {"enumerator", "surrogates", "core"}},
    {"campaign", {"core", "enumerator", "surrogates", "analysis", "dft_adapters", "storage", "scheduler", "workers"}},
    {"cli",
     {"core", "enumerator", "surrogates", "analysis", "dft_adapters", "storage", "scheduler", "workers", "campaign"}},
};

/// Header pattern -> the one room that may include it (and whether only under its detail/).
struct Library {
  std::string pattern;
  std::string room;
  bool detail_only;
};
const std::vector<Library> kLibraries = {
    {"spglib\\.h", "enumerator", true},
    {"hdf5\\.h", "storage", true},
    {"sqlite3\\.h", "storage", true},
    {"archive(_entry)?\\.h", "storage", true},
    {"mpi\\.h", "workers", true},
    {"pugixml\\.hpp", "dft_adapters", true},
    {"expat\\.h", "dft_adapters", true},
    {"zlib\\.h", "dft_adapters", true},
    {"cairo(-pdf|-svg)?\\.h", "analysis", true},
    {"toml\\+\\+/.*", "core", false},
    {"nlohmann/.*", "core", false},
    {"spdlog/.*", "core", false},
    {"xxhash\\.h", "core", false},
    {"boost/program_options.*", "cli", false},
    {"boost/multiprecision/.*", "core", false},
};

struct Include {
  fs::path file;
  std::string room;
  std::string header;
};

std::vector<Include> includes_of_all_rooms() {
  std::vector<Include> found;
  const std::regex line_pattern(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  for (const auto& [room, known] : kMayKnow) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(HULLSCAN_SOURCE_DIR) / room)) {
      const auto extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".hpp") continue;
      std::ifstream stream(entry.path());
      std::string line;
      std::smatch match;
      while (std::getline(stream, line)) {
        if (std::regex_search(line, match, line_pattern)) found.push_back({entry.path(), room, match[1]});
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a room includes only the rooms it may know", "[architecture]") {
  const auto includes = includes_of_all_rooms();
  REQUIRE(includes.size() > 200);
  for (const Include& include : includes) {
    const std::string first = include.header.substr(0, include.header.find('/'));
    if (kMayKnow.count(first) == 0 || first == include.room) continue;
    INFO(include.file << " includes " << include.header);
    CHECK(kMayKnow.at(include.room).count(first) == 1);
  }
}

TEST_CASE("no room reaches into another room's detail", "[architecture]") {
  for (const Include& include : includes_of_all_rooms()) {
    if (include.header.find("/detail/") == std::string::npos) continue;
    INFO(include.file << " includes " << include.header);
    CHECK(include.header.substr(0, include.header.find('/')) == include.room);
  }
}

TEST_CASE("each library is included in one room, C libraries only under its detail", "[architecture]") {
  for (const Include& include : includes_of_all_rooms()) {
    for (const Library& library : kLibraries) {
      if (!std::regex_match(include.header, std::regex(library.pattern))) continue;
      INFO(include.file << " includes " << include.header);
      CHECK(include.room == library.room);
      if (library.detail_only) CHECK(include.file.parent_path().filename() == "detail");
    }
  }
}

TEST_CASE("a campaign as a whole prints nothing: its values are printed by the command line", "[architecture]") {
  const std::regex prints(
      R"re(#include <(iostream|cstdio|fmt/(os|ostream|color)\.h)>|\b(fmt::print|std::cout|printf)\b)re");
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(HULLSCAN_SOURCE_DIR) / "campaign")) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    std::ifstream stream(entry.path());
    std::string line;
    while (std::getline(stream, line)) {
      INFO(entry.path() << ": " << line);
      CHECK_FALSE(std::regex_search(line, prints));
    }
  }
}

// What a call returns is gone before the first round of a loop over a part of it.
TEST_CASE("no loop goes over a part of what a call returned", "[architecture]") {
  const std::regex over_a_part(R"re(for \([^;]*: [\w:.]+\([^;]*\)\[)re");
  CHECK(std::regex_search("  for (const Json& entry : report_json(report)[\"entries\"]) {", over_a_part));
  std::vector<std::string> rooms = {"tests"};
  for (const auto& [room, known] : kMayKnow) rooms.push_back(room);
  for (const std::string& room : rooms) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(HULLSCAN_SOURCE_DIR) / room)) {
      const auto extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".hpp") continue;
      std::ifstream stream(entry.path());
      std::string line;
      while (std::getline(stream, line)) {
        if (line.find("CHECK(std::regex_search") != std::string::npos) continue;
        INFO(entry.path() << ": " << line);
        CHECK_FALSE(std::regex_search(line, over_a_part));
      }
    }
  }
}

TEST_CASE("every header says in its first lines what it is", "[architecture]") {
  for (const auto& [room, known] : kMayKnow) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(HULLSCAN_SOURCE_DIR) / room)) {
      if (entry.path().extension() != ".hpp") continue;
      std::ifstream stream(entry.path());
      std::string line;
      std::getline(stream, line);
      INFO(entry.path());
      CHECK(line == "/// @file");
    }
  }
}
