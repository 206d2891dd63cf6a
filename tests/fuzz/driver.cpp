/// @file
/// The driver where there is no libFuzzer: a process reads one input after the other, and a new one is forked when an
/// input ends it, uses more than its share of CPU time or of memory. Coverage steers it if it was built to be seen
/// (HULLSCAN_FUZZ_COVERAGE).
///
///   fuzz_parsers PARSER [--inputs N] [--seed S] [--findings DIR]   mutated inputs, beginning with the corpus
///   fuzz_parsers PARSER FILE...                                    these files; stops at the first finding
///   fuzz_parsers --list

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/hash.hpp"
#include "core/log.hpp"
#include "coverage.hpp"
#include "mutator.hpp"
#include "parser.hpp"

// How the sanitizers behave where the environment does not say it: one allocation beyond a gigabyte is a finding.
extern "C" const char* __asan_default_options() {
  return "abort_on_error=1:max_allocation_size_mb=1024:hard_rss_limit_mb=3000:allocator_may_return_null=0:detect_leaks="
         "0";
}
extern "C" const char* __ubsan_default_options() { return "abort_on_error=1:print_stacktrace=1"; }

namespace hullscan::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int kCpuSecondsPerInput = 10;  ///< under the sanitizers, which are ten times as slow
constexpr std::size_t kLargestSeed = 64 << 10;
constexpr std::size_t kMostFindings = 40;

/// What the reading process leaves for the one that watches it.
struct Shared {
  std::uint64_t index = 0;                   ///< inputs begun
  std::uint64_t first_taken = 0, taken = 0;  ///< of the corpus, of all: those that were not refused
  std::uint64_t size = 0;
  char bytes[kLargestInput] = {};
};

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> first_inputs(const Parser& parser) {
  std::vector<fs::path> files;
  const auto add = [&](const fs::path& folder, auto wanted) {
    if (!fs::exists(folder)) return;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && wanted(entry.path().string())) files.push_back(entry.path());
    }
  };
  add(fs::path(HULLSCAN_FUZZ_CORPUS) / parser.name, [](const std::string&) { return true; });
  for (const char* seed : parser.seeds) {
    add(HULLSCAN_TEST_DATA, [&](const std::string& name) { return name.ends_with(seed); });
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const fs::path& file : files) {
    std::string bytes = bytes_of(file);
    // The large ones once as they are, in the tests of their room; here many small ones are worth more.
    if (bytes.size() <= kLargestSeed) inputs.push_back(std::move(bytes));
  }
  if (inputs.empty()) inputs.emplace_back();
  return inputs;
}

void keep_time() {
  const itimerval time{{0, 0}, {kCpuSecondsPerInput, 0}};
  ::setitimer(ITIMER_PROF, &time, nullptr);
}

void limit_process() {
  const rlimit no_core{0, 0}, files{64U << 20U, 64U << 20U};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_FSIZE, &files);
  std::signal(SIGXFSZ, SIG_IGN);
#if !defined(__SANITIZE_ADDRESS__)  // that one maps terabytes and has limits of its own
  const rlimit memory{3ULL << 30U, 3ULL << 30U};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
}

/// Reads inputs from number `begin` on; returns only at the end of them.
void read_inputs(const Parser& parser, std::vector<std::string> corpus, std::uint64_t begin, std::uint64_t count,
                 std::uint64_t seed, Shared& shared) {
  Mutator mutator(seed + begin);
  std::size_t grown = 0;
  for (std::uint64_t i = begin; i < count; ++i) {
    const std::string input = i < corpus.size() - grown ? corpus[i] : mutator.next(corpus);
    shared.index = i;
    shared.size = input.size();
    std::copy(input.begin(), input.end(), shared.bytes);
    keep_time();
    coverage_begin();
    const bool is_first = i < corpus.size() - grown;
    const bool taken = read_one(parser, input);
    shared.taken += taken ? 1 : 0;
    shared.first_taken += taken && is_first ? 1 : 0;
    if (coverage_is_new() && !is_first && input.size() <= kLargestSeed && grown < 20'000) {
      corpus.push_back(input);
      ++grown;
    }
  }
  shared.index = count;
}

/// The line that tells findings of one cause: what was thrown, or the sanitizer's summary, else how it ended.
std::string cause_of(const std::string& messages, int status) {
  for (const char* mark : {"UNEXPECTED: ", "SUMMARY: ", "runtime error: "}) {
    if (const auto at = messages.find(mark); at != std::string::npos) {
      return messages.substr(at, std::min(messages.find('\n', at) - at, std::size_t{160}));
    }
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
    return "more than " + std::to_string(kCpuSecondsPerInput) + " s of CPU time";
  if (WIFSIGNALED(status)) return std::string("signal: ") + ::strsignal(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

struct Run {
  std::uint64_t inputs = 2000, seed = 1;
  fs::path findings;
};

int fuzz(const Parser& parser, const Run& run) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  Shared& shared = *new (memory) Shared;
  const std::vector<std::string> corpus = first_inputs(parser);
  const fs::path messages = working_folder() / ".messages";
  std::map<std::string, std::size_t> causes;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t begin = 0; begin < run.inputs && causes.size() < kMostFindings;) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return 2;
    if (child == 0) {
      limit_process();
      const int to = ::open(messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600),
                nothing = ::open("/dev/null", O_RDWR);
      ::dup2(nothing, STDIN_FILENO), ::dup2(nothing, STDOUT_FILENO), ::dup2(to, STDERR_FILENO);
      set_log_level(LogLevel::kError);
      read_inputs(parser, corpus, begin, run.inputs, run.seed, shared);
      std::fflush(nullptr);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && shared.index == run.inputs) break;
    begin = shared.index + 1;
    const std::string said = bytes_of(messages), cause = cause_of(said, status);
    if (++causes[cause] > 1) continue;
    const std::string input(shared.bytes, shared.size);
    std::error_code ignored;
    fs::create_directories(run.findings, ignored);
    const fs::path file = run.findings / (std::string(parser.name) + "-" + hash128_hex(input).substr(0, 12));
    std::ofstream(file, std::ios::binary) << input;
    std::printf("%s: input %llu: %s\n  kept as %s\n", parser.name, static_cast<unsigned long long>(shared.index),
                cause.c_str(), file.c_str());
    std::ofstream(file.string() + ".txt", std::ios::binary)
        << said.substr(said.size() > 20'000 ? said.size() - 20'000 : 0);
    std::fflush(stdout);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%s: %llu inputs, %.1f %% not refused, from %zu (%llu not refused), %zu findings, %.1f s\n", parser.name,
              static_cast<unsigned long long>(run.inputs),
              100.0 * static_cast<double>(shared.taken) / static_cast<double>(run.inputs), corpus.size(),
              static_cast<unsigned long long>(shared.first_taken), causes.size(), seconds);
  return causes.empty() ? 0 : 1;
}

int read_files(const Parser& parser, const std::vector<fs::path>& files) {
  std::vector<std::string> inputs;
  for (const fs::path& file : files) inputs.push_back(bytes_of(file));
  limit_process();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::fprintf(stderr, "%s: %s (%zu bytes)\n", parser.name, files[i].c_str(), inputs[i].size());
    keep_time();
    (void)read_one(parser, inputs[i]);
  }
  return 0;
}

int usage() {
  std::fprintf(stderr, "usage: fuzz_parsers PARSER [--inputs N] [--seed S] [--findings DIR] [FILE...] | --list\n");
  return 2;
}

}  // namespace
}  // namespace hullscan::fuzz

int main(int argc, char** argv) {
  using namespace hullscan::fuzz;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 1 && words[0] == "--list") {
    for (const Parser* parser : all_parsers()) std::printf("%s\n", parser->name);
    return 0;
  }
  const Parser* parser = words.empty() ? nullptr : find_parser(words[0]);
  if (parser == nullptr) return usage();
  Run run;
  run.findings = fs::absolute("findings");
  std::vector<fs::path> files;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool option = words[i].starts_with("--");
    if (option && i + 1 >= words.size()) return usage();
    if (words[i] == "--inputs")
      run.inputs = std::strtoull(words[++i].c_str(), nullptr, 10);
    else if (words[i] == "--seed")
      run.seed = std::strtoull(words[++i].c_str(), nullptr, 10);
    else if (words[i] == "--findings")
      run.findings = fs::absolute(words[++i]);
    else if (option)
      return usage();
    else
      files.push_back(fs::absolute(words[i]));
  }
  return files.empty() ? fuzz(*parser, run) : read_files(*parser, files);
}
