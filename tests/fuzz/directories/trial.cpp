#include "trial.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <set>
#include <thread>

#include "../../stored_shards.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "database_damage.hpp"
#include "file_damage.hpp"
#include "storage/crash_point.hpp"

int hullscan_main(int argc, char** argv);  // cli/main.cpp

namespace hullscan::test {
namespace {

constexpr rlim_t kMostSeconds = 20;
constexpr std::chrono::seconds kMostWaiting{30};
constexpr rlim_t kLargestFile = rlim_t{64} << 20U;
constexpr rlim_t kMostMemory = rlim_t{3} << 30U;

/// What a child writes, without a file; its exit may remove none.
class Captured {
 public:
  Captured() : descriptor_(::memfd_create("captured", MFD_CLOEXEC)) {}
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  ~Captured() { ::close(descriptor_); }
  [[nodiscard]] bool becomes(int standard) const { return ::dup2(descriptor_, standard) == standard; }
  [[nodiscard]] bool write(const std::string& text) const {
    return ::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  [[nodiscard]] std::string text() const {
    std::string text(static_cast<std::size_t>(std::max<off_t>(0, ::lseek(descriptor_, 0, SEEK_END))), '\0');
    const ssize_t got = ::pread(descriptor_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return text;
  }

 private:
  int descriptor_;
};

[[noreturn]] void become_hullscan(const std::vector<std::string>& arguments, const fs::path& folder,
                                  const Captured& output, const Captured& messages, const std::string& crash_at) {
  ::setpgid(0, 0);
  const rlimit seconds{kMostSeconds, kMostSeconds + 1}, no_core{0, 0}, file{kLargestFile, kLargestFile};
  ::setrlimit(RLIMIT_CPU, &seconds);
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_FSIZE, &file);
#ifndef __SANITIZE_ADDRESS__  // whose shadow is larger
  const rlimit memory{kMostMemory, kMostMemory};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
  if (!crash_at.empty()) {
    ::setenv("HULLSCAN_CRASH_AT", crash_at.c_str(), 1);
    rearm_crash_points();
  }
  const bool ready = ::chdir(folder.c_str()) == 0 && std::freopen("/dev/null", "r", stdin) != nullptr &&
                     output.becomes(STDOUT_FILENO) && messages.becomes(STDERR_FILENO);
  if (!ready) ::_exit(127);
  std::vector<std::string> words = {"hullscan"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::exit(hullscan_main(static_cast<int>(words.size()), pointers.data()));
}

/// Names and contents of what lies below; of what is not a file, its kind.
std::map<std::string, std::string> state_of(const fs::path& folder) {
  std::map<std::string, std::string> state;
  std::error_code none;
  for (fs::recursive_directory_iterator it(folder, none), end; !none && it != end; it.increment(none)) {
    const std::string name = it->path().lexically_relative(folder).string();
    if (it->is_symlink())
      state[name] = "link";
    else if (it->is_regular_file())
      state[name] = hash128_hex(read_file(it->path()));
    else if (!it->is_directory())
      state[name] = "special";
  }
  return state;
}

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

/// SQLite makes these to read, and what a kill left under temporary names is garbage.
bool may_come_and_go(const std::string& name) {
  return begins(name, "campaign.db-") || begins(name, "report/") || name.ends_with(".tmp");
}

struct Line {
  std::vector<std::string> words;
  bool reads_only = true;
};

std::vector<Line> readers(const std::string& id, const std::string& campaign, Dice& dice) {
  static const std::vector<std::string> formats = {"csv", "extxyz", "poscar", "cif", "pymatgen", "optimade"};
  static const std::vector<std::string> orbits = {"0.0.0.0", "0.0.1.0", "0.0.1.3", "1.0.1.2", "0.0.4.1"};
  std::vector<Line> lines;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"status", "c"},
           {"status", "c", "--json"},
           {"report", "c"},
           {"tasks", "c"},
           {"tasks", "c", "--json"},
           {"tasks", "c", "--failed"},
           {"tasks", "c", "--suspect"},
           {"tasks", "c", "--log", id},
           {"tasks", "c", "--show", id},
           {"tasks", "c", "--show", id, "--json"},
           {"verify", "c", "--recompute", "100"},
           {"export", "c", "--format", dice.of(formats), "--out", "../exported"},
           {"export", "c", "--orbits", "--format", "csv"},
           {"export", "c", "--orbit", dice.of(orbits), "--format", "cif", "--out", "../orbit.cif"}})
    lines.push_back({words});
  if (campaign == "parts" || dice.one_in(3)) lines.push_back({{"merge", "--out", "../merged", "c", "other"}});
  return lines;
}

std::vector<Line> changers(const std::string& id) {
  return {{{"exclude", "c", id, "--because", "a test"}, false},
          {{"accept", "c", id}, false},
          {{"include", "c", id}, false},
          {{"tasks", "c", "--retry", id}, false},
          {{"tasks", "c", "--abandon", id}, false},
          {{"run", "campaign.toml", "--dir", "c", "--threads", "1", "--deadline", "6"}, false},
          {{"rebuild-ledger", "c"}, false}};
}

class Trial {
 public:
  Trial(const fs::path& box, TrialReport& report)
      : box_(box), here_(box / "1" / "2" / "3" / "4" / "here"), report_(report) {}
  [[nodiscard]] const fs::path& here() const { return here_; }

  /// Runs one line and judges its end. @returns its exit code.
  int run(const Line& line) {
    if (!known_) known_ = look();
    const State before = std::move(*known_);
    const std::string command = joined(line.words);
    const CommandEnd end = run_forked(line.words, here_);
    report_.commands.push_back(command + " -> " + std::to_string(end.exit_code));
    const auto blame = [&](const std::string& what) {
      const std::size_t from = end.messages.size() > 3000 ? end.messages.size() - 3000 : 0;
      report_.findings.push_back({what, command, end.messages.substr(from)});
    };
    static const std::set<int> fine = {0, 2, 3, 4, 5, 75};
    if (end.exit_code == 128 + SIGXCPU || end.exit_code == 128 + SIGKILL)
      blame("does not end");
    else if (fine.count(end.exit_code) == 0)
      blame("exit code " + std::to_string(end.exit_code));
    else if (end.messages.find("Sanitizer") != std::string::npos ||
             end.messages.find("runtime error:") != std::string::npos)
      blame("sanitizer");
    else if (end.messages.find("out of memory") != std::string::npos)
      blame("asks for all memory");
    else if (end.exit_code != 0 && end.messages.empty() && end.output.empty())
      blame("ends without a word");
    known_ = look();
    if (known_->outside != before.outside) blame("writes outside of the directory");
    compare(before.inside, known_->inside, line, blame);
    return end.exit_code;
  }

 private:
  static std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
  }
  /// The directory, and all else but what was asked for.
  struct State {
    std::map<std::string, std::string> inside, outside;
  };
  [[nodiscard]] State look() const {
    const std::string directory = "1/2/3/4/here/c/";
    State state;
    for (auto& [name, content] : state_of(box_)) {
      const bool asked_for = begins(name, "1/2/3/4/exported") || begins(name, "1/2/3/4/orbit.cif") ||
                             begins(name, "1/2/3/4/merged") || begins(name, "1/2/3/4/here/other/campaign.db-");
      if (begins(name, directory))
        state.inside[name.substr(directory.size())] = content;
      else if (!asked_for)
        state.outside[name] = content;
    }
    return state;
  }
  template <class Blame>
  void compare(const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& now,
               const Line& line, const Blame& blame) const {
    for (const auto& [name, content] : before) {
      const auto found = now.find(name);
      const bool gone = found == now.end(), same = !gone && found->second == content;
      if (same || may_come_and_go(name)) continue;
      const bool of_attempt = begins(name, "tasks/");
      if (line.reads_only)
        blame("a command that reads changed " + name);
      else if (of_attempt && (!gone || line.words[0] != "run") && !is_own_log(name) && !anywhere(now, content))
        blame("what was computed is overwritten: " + name);
      else if (begins(name, "units/") && line.words[0] != "run" && (name.ends_with(".h5") || name.ends_with(".seg")))
        blame("an archive file is overwritten: " + name);
      else if (name == "campaign.db" && line.words[0] == "rebuild-ledger" && before.count("campaign.db-wal") == 0 &&
               !anywhere(now, content))
        blame("the damaged database is not kept");
    }
    if (!line.reads_only) return;
    for (const auto& [name, content] : now) {
      if (before.count(name) == 0 && !may_come_and_go(name)) blame("a command that reads made " + name);
    }
  }
  static bool anywhere(const std::map<std::string, std::string>& state, const std::string& content) {
    return std::any_of(state.begin(), state.end(), [&](const auto& entry) { return entry.second == content; });
  }
  /// The last attempt of an open campaign may still be written, and a task that is tried again is packed again.
  static bool is_own_log(const std::string& name) { return name.ends_with(".part") || name.ends_with("attempts.zip"); }

  fs::path box_, here_;
  std::optional<State> known_;  ///< after the last command
  TrialReport& report_;
};

/// "" for what is not a file.
std::string bytes_in(const fs::path& path) { return is_file(path) ? read_file(path) : ""; }

/// What a reader finds in the database; it is copied first, as opening it may change it.
template <class Read>
auto read_copy(const fs::path& directory, const fs::path& scratch, const Read& read) {
  fs::remove_all(scratch);
  fs::create_directories(scratch);
  for (const char* file : {"campaign.db", "campaign.db-wal"}) {
    if (is_file(directory / file)) fs::copy_file(directory / file, scratch / file);
  }
  auto found = read(scratch / "campaign.db");
  fs::remove_all(scratch);
  return found;
}

/// Forked too: what the libraries remember of damaged files is not for the commands that are forked later.
std::string damage_in_own_process(const fs::path& directory, const std::vector<fs::path>& others,
                                  const std::string& kind, std::uint64_t seed) {
  const Captured words;
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit memory{kMostMemory, kMostMemory};
#ifndef __SANITIZE_ADDRESS__
    ::setrlimit(RLIMIT_AS, &memory);
#else
    (void)memory;
#endif
    const rlimit file{kLargestFile, kLargestFile};  // HDF5 writes out a large data set
    ::setrlimit(RLIMIT_FSIZE, &file);
    ::signal(SIGXFSZ, SIG_IGN);
    Dice dice(seed);
    const std::string done = damage_directory(directory, others, kind, dice);
    (void)!words.write(done);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return words.text() + (WIFSIGNALED(status) ? " (and the damager fell)" : "");
}

std::optional<double> energy_in(const fs::path& result_file) {
  if (!is_file(result_file)) return std::nullopt;
  const Json json = Json::parse(read_file(result_file), nullptr, false);
  if (!json.is_object() || !json.contains("energy_ev") || !json["energy_ev"].is_number() ||
      !json.contains("converged") || json["converged"] != true)
    return std::nullopt;
  return json["energy_ev"].get<double>();
}

/// Whether verify has to find something: a finished calculation's energy or structure, or an archive file, is not as
/// stored.
bool is_changed(const fs::path& original, const fs::path& damaged, const fs::path& scratch, const std::string& damage) {
  const auto stored = read_copy(original, scratch, results_in), held = read_copy(damaged, scratch, results_in);
  const bool same_log = bytes_in(original / "campaign.db-wal") == bytes_in(damaged / "campaign.db-wal");
  if (stored && held) {
    for (const auto& [key, result] : *stored) {
      const auto found = held->find(key);
      // A log that is cut is what a kill leaves: the last results are forgotten, and calculated again.
      if (found == held->end() ? same_log : found->second != result) return true;
      const auto then = energy_in(original / "tasks" / key / "1" / "result.json"),
                 now = energy_in(damaged / "tasks" / key / "1" / "result.json");
      if (then && now && !(std::abs(*then - *now) <= 1e-6)) return true;
      if (damage.find("result.json of " + key + ": another structure") != std::string::npos) return true;
    }
  }
  if (damage.find("the ledger says so") != std::string::npos || !is_file(damaged / "campaign.db")) return false;
  if (!same_log || read_file(original / "campaign.db") != read_file(damaged / "campaign.db")) return false;
  // What stands in an archive file beside the recorded shards is nobody's.
  const auto recorded = [](const fs::path& directory, const RecordedShard& shard) {
    const std::uint64_t from = shard.begin - StoredShard::kHeaderBytes,
                        length = StoredShard::kHeaderBytes + shard.bytes;
    const std::string all = is_file(directory / shard.file) ? read_file(directory / shard.file) : "";
    return from < all.size() ? all.substr(from, length) : "";
  };
  const auto shards = read_copy(original, scratch, recorded_shards_in);
  return std::any_of(shards.begin(), shards.end(),
                     [&](const RecordedShard& shard) { return recorded(original, shard) != recorded(damaged, shard); });
}

}  // namespace

CommandEnd run_forked(const std::vector<std::string>& arguments, const fs::path& folder, const std::string& crash_at) {
  const Captured output, messages;
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) become_hullscan(arguments, folder, output, messages, crash_at);
  int status = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (int wait_us = 500; ::waitpid(child, &status, WNOHANG) == 0; wait_us = std::min(2 * wait_us, 10'000)) {
    if (std::chrono::steady_clock::now() - begun > kMostWaiting) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::microseconds(wait_us));
  }
  ::kill(-child, SIGKILL);  // calculations that it left
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output.text(), messages.text()};
}

TrialReport try_damage(const fs::path& originals, const std::vector<std::string>& campaigns, const fs::path& box,
                       const std::string& only_kind, Dice& dice, Thoroughness thoroughness) {
  TrialReport report;
  static const std::vector<std::string> calculated = {"labelled", "several", "open"};
  report.kind = only_kind.empty() ? dice.of(kinds_of_damage()) : only_kind;
  report.campaign = dice.of(report.kind == "results" || report.kind == "attempts" ? calculated : campaigns);
  Trial trial(box, report);
  fs::create_directories(trial.here().parent_path());
  fs::copy(originals / report.campaign, trial.here(), fs::copy_options::recursive);
  std::vector<fs::path> others;
  for (const std::string& name : campaigns) {
    if (name != report.campaign) others.push_back(originals / name / "c");
  }
  const fs::path directory = trial.here() / "c";
  const auto known = read_copy(directory, box / "scratch", results_in);
  report.damage = damage_in_own_process(directory, others, report.kind, dice.bits());
  if (report.damage.empty() || thoroughness == Thoroughness::kNone) return report;
  report.must_notice = is_changed(originals / report.campaign / "c", directory, box / "scratch", report.damage);

  std::string id = "0000";
  if (known && !known->empty())
    id = std::next(known->begin(), static_cast<std::ptrdiff_t>(dice.below(known->size())))->first.substr(0, 8);
  report.noticed = trial.run({{"verify", "c"}, true}) != 0;
  std::vector<Line> reading = readers(id, report.campaign, dice), changing = changers(id);
  const std::vector<Line> after_rescue = {{{"tasks", "c"}, true}, changing[5], {{"verify", "c"}, true}};
  if (report.kind == "rescue") changing = {changing.back()};
  if (thoroughness == Thoroughness::kFew) {
    if (report.kind != "rescue")
      reading = {dice.of(reading)};
    else
      reading.clear();
    changing = {dice.of(changing)};
  }
  for (const Line& line : reading) (void)trial.run(line);
  for (const Line& line : changing) {
    const int code = trial.run(line);
    if (line.words[0] != "rebuild-ledger" || code != 0) continue;
    if (trial.run(after_rescue[0]) != 0) report.findings.push_back({"what was rebuilt cannot be read", "tasks c", ""});
    if (thoroughness == Thoroughness::kFew && !dice.one_in(4)) continue;
    (void)trial.run(after_rescue[1]);
    (void)trial.run(after_rescue[2]);
  }
  return report;
}

}  // namespace hullscan::test
