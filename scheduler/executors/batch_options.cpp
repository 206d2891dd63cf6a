#include "scheduler/executors/batch_options.hpp"

#include <fmt/format.h>

#include <cmath>
#include <regex>
#include <sstream>

namespace hullscan {
namespace {

void require_words(SettingsReader& reader, const std::string& key, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word.empty() || word.find_first_of(std::string("\n\r\0", 3)) != std::string::npos)
      reader.problem(key, "expected the words of a command, found an empty one or a line break");
  }
}

}  // namespace

void read_modules_and_setup(SettingsReader& reader, BatchOptions& options) {
  static const std::regex form("[A-Za-z0-9_][A-Za-z0-9_.+/@=-]*");
  for (const std::string& name : reader.texts("modules")) {
    if (name.size() <= kLongestOption && std::regex_match(name, form)) {
      options.setup.push_back("module load " + name);
    } else {
      reader.problem("modules",
                     fmt::format("expected the name of a module such as \"openmpi/4.1\", found \"{}\"", name));
    }
  }
  for (const std::string& line : reader.texts("setup")) {
    if (line.find_first_of(std::string("\n\r\0", 3)) == std::string::npos) {
      options.setup.push_back(line);
    } else {
      reader.problem("setup", "expected one line of shell per entry, found a line break in it");
    }
  }
}

std::vector<std::string> launcher_words(SettingsReader& reader, const std::string& key) {
  std::vector<std::string> words = reader.texts(key);
  if (words.size() == 1) {
    std::istringstream text(words.front());
    words.clear();
    for (std::string word; text >> word;) words.push_back(word);
    if (words.empty()) words.emplace_back();
  }
  require_words(reader, key, words);
  return words;
}

std::string checked_text(SettingsReader& reader, const std::string& key, const std::string& allowed,
                         const std::string& expected) {
  const std::string text = reader.text(key, "");
  if (text.empty() || (text.size() <= kLongestOption && std::regex_match(text, std::regex(allowed)))) return text;
  reader.problem(key, fmt::format("expected {}, found \"{}\"", expected, text));
  return "";
}

void read_batch_options(SettingsReader& reader, BatchOptions& options) {
  options.memory = checked_text(reader, "memory", "[1-9][0-9]{0,8}[KMGT]?", "an amount such as \"4G\"");
  options.memory_per_cpu = checked_text(reader, "memory_per_cpu", "[1-9][0-9]{0,8}[KMGT]?", "an amount such as \"2G\"");
  if (!options.memory.empty() && !options.memory_per_cpu.empty())
    reader.problem("memory_per_cpu", "set either this or memory, not both");
  options.nodes = static_cast<int>(reader.integer("nodes", options.nodes, 1, 100'000));
  options.ntasks = static_cast<int>(reader.integer("ntasks", options.nodes, options.nodes, 10'000'000));
  options.cpus_per_task = static_cast<int>(reader.integer("cpus_per_task", options.cpus_per_task, 1, 100'000));
  options.launcher = reader.texts("launcher");
  require_words(reader, "launcher", options.launcher);
  if (auto words = launcher_words(reader, "mpi_launcher"); !words.empty()) options.mpi_launcher = std::move(words);
  read_modules_and_setup(reader, options);
  options.max_queued = static_cast<int>(reader.integer("max_queued", options.max_queued, 1, 1'000'000));
  options.poll_s = reader.number("poll_s", options.poll_s, 0.1, 3600);
  options.grace_s = reader.number("grace_s", options.grace_s, 1, 1e5);
  options.node_failures = static_cast<int>(reader.integer("node_failures", options.node_failures, 1, 1000));
}

std::string doubled_memory(const std::string& memory, int times) {
  std::size_t end = 0;
  const double amount = std::stod(memory, &end);
  return fmt::format("{:.0f}{}", std::ldexp(amount, times), memory.substr(end));
}

}  // namespace hullscan
