/// @file
/// Every command of docs/tutorial.md is run, in order, and its output compared.

#include <catch2/catch.hpp>
#include <regex>
#include <span>
#include <sstream>

#include "../kim_models.hpp"
#include "../program.hpp"

using namespace hullscan::test;

namespace {

struct Step {
  std::vector<std::string> words;
  std::vector<std::string> expected;  ///< lines; "…" stands for any number of them
};

/// Commands are indented by four spaces and begin with "$ ".
std::vector<Step> steps_of(const fs::path& file) {
  std::vector<Step> steps;
  std::istringstream lines(read_file(file));
  bool open = false;
  for (std::string line; std::getline(lines, line);) {
    const bool indented = line.starts_with("    ");
    if (indented && line.substr(4).starts_with("$ ")) {
      std::istringstream words(line.substr(6));
      steps.emplace_back();
      for (std::string word; words >> word;) steps.back().words.push_back(word);
      open = true;
    } else if (open && (indented || line.empty())) {
      steps.back().expected.push_back(line.empty() ? "" : line.substr(4));
    } else {
      open = false;
    }
  }
  for (Step& step : steps) {
    while (!step.expected.empty() && step.expected.back().empty()) step.expected.pop_back();
  }
  return steps;
}

/// Times are not the same twice.
std::string timeless(const std::string& line) {
  static const std::regex time("[0-9.]+ (µs|ms|s|min)\\b");
  return std::regex_replace(line, time, "T");
}

bool matches(std::span<const std::string> expected, std::span<const std::string> found) {
  if (expected.empty()) return found.empty();
  if (expected.front() == "…") {
    for (std::size_t skip = 0; skip <= found.size(); ++skip) {
      if (matches(expected.subspan(1), found.subspan(skip))) return true;
    }
    return false;
  }
  return !found.empty() && timeless(expected.front()) == timeless(found.front()) &&
         matches(expected.subspan(1), found.subspan(1));
}

}  // namespace

TEST_CASE("the tutorial's commands print what the tutorial shows", "[cli][tutorial]") {
  if (!have_kim_models()) return;
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "deploy");
  fs::copy(HULLSCAN_CAMPAIGNS, folder.path() / "deploy" / "campaigns", fs::copy_options::recursive);
  const std::vector<Step> steps = steps_of(fs::path(HULLSCAN_CAMPAIGNS) / ".." / ".." / "docs" / "tutorial.md");
  REQUIRE(steps.size() >= 10);
  for (const Step& step : steps) {
    std::string command;
    for (const std::string& word : step.words) command += word + " ";
    INFO(command);
    if (step.words.front() == "cat") {
      std::string text;
      for (const std::string& line : step.expected) text += line + "\n";
      write_file(folder.path() / step.words.at(1), text);
      continue;
    }
    REQUIRE(step.words.front() == "hullscan");
    const auto result = run_hullscan({step.words.begin() + 1, step.words.end()}, folder.path());
    INFO(result.output << result.messages);
    CHECK(result.exit_code == 0);
    std::vector<std::string> found;
    std::istringstream lines(result.output);
    for (std::string line; std::getline(lines, line);) found.push_back(line);
    while (!found.empty() && found.back().empty()) found.pop_back();
    CHECK(matches(step.expected, found));
  }
}
