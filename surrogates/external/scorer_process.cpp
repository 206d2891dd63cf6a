#include "surrogates/external/scorer_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "core/foreign_json.hpp"
#include "core/foreign_text.hpp"
#include "core/json_text.hpp"
#include "core/processes/child_process.hpp"
#include "surrogates/external/lasting_thread.hpp"

namespace hullscan {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kScorerVersion = 1;
constexpr std::size_t kLongestHead = std::size_t{1} << 28, kMostBytes = std::size_t{1} << 33;
constexpr std::size_t kWordsKept = 4000;
constexpr std::chrono::milliseconds kToEndByItself{2000};

std::filesystem::path program_of(const std::vector<std::string>& command) {
  if (command.empty()) return {};
  const std::string& name = command.front();
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::filesystem::path folder(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    if (::access((folder / name).c_str(), X_OK) == 0) return folder / name;
  }
  return {};
}

std::pair<Descriptor, Descriptor> pipe_of() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw ScorerError(fmt::format("there is no pipe for a scorer: {}", std::strerror(errno)));
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// python/ of the source tree or of the installation that this program is of; empty where it is not found.
std::filesystem::path own_python_folder() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  for (std::filesystem::path folder = self.parent_path(); !error && folder.has_relative_path();
       folder = folder.parent_path()) {
    for (const char* place : {"python", "share/hullscan/python"}) {
      std::error_code absent;
      if (std::filesystem::exists(folder / place / "hullscan" / "scorer.py", absent)) return folder / place;
    }
  }
  return {};
}

/// Python's module of scorers is found without being installed; one that the user's own PYTHONPATH names comes first.
Environment scorer_environment(int number) {
  Environment wanted{{"HULLSCAN_SCORER", std::to_string(number)}};
  const Environment own = own_environment();
  if (const std::filesystem::path folder = own_python_folder(); !folder.empty()) {
    const auto found = own.find("PYTHONPATH");
    const std::string before = found == own.end() || found->second.empty() ? "" : found->second + ":";
    wanted["PYTHONPATH"] = before + folder.string();
  }
  return child_environment(own, wanted, false, "");
}

struct ScorerPids {
  std::mutex mutex;
  std::set<int> pids;
};

ScorerPids& scorers() {
  static ScorerPids all;
  return all;
}

void do_not_wait(const Descriptor& end) { ::fcntl(end.number(), F_SETFL, ::fcntl(end.number(), F_GETFL) | O_NONBLOCK); }

/// No SIGPIPE where the scorer has gone: the error number says it. A process-wide setting is not ours to change.
ssize_t write_quietly(int descriptor, std::span<const std::byte> bytes) {
  sigset_t pipe, before, pending;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::sigpending(&pending);
  ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
  const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
  const int error = errno;
  if (written < 0 && error == EPIPE && ::sigismember(&pending, SIGPIPE) == 0) {
    const timespec at_once{0, 0};
    ::sigtimedwait(&pipe, nullptr, &at_once);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

}  // namespace

bool is_scorer_process(int pid) {
  const std::lock_guard lock(scorers().mutex);
  return scorers().pids.contains(pid);
}

std::string why_not_startable(const std::vector<std::string>& command) {
  if (command.empty() || command.front().empty()) return "it names no program";
  const std::filesystem::path program = program_of(command);
  if (program.empty()) return fmt::format("the program \"{}\" is not found along PATH", command.front());
  if (::access(program.c_str(), F_OK) != 0) return fmt::format("there is no program {}", program.string());
  if (::access(program.c_str(), X_OK) != 0) return fmt::format("{} is not executable", program.string());
  return "";
}

bool ScorerMessageReader::next(ScorerMessage& message) {
  if (!head_) {
    const auto newline = std::find(waiting_.begin(), waiting_.end(), std::byte{'\n'});
    if (newline == waiting_.end()) {
      if (waiting_.size() > kLongestHead) throw ScorerError("it answered without an end of line");
      return false;
    }
    const std::string_view text(reinterpret_cast<const char*>(waiting_.data()),
                                static_cast<std::size_t>(newline - waiting_.begin()));
    std::string problem;
    auto head = parse_foreign_json(text, problem);
    if (!head || !head->is_object()) {
      throw ScorerError(
          fmt::format("it answered what is no message of the protocol: \"{}\" (words for people go to stderr)",
                      readable_line(text, 200)));
    }
    bytes_ = 0;
    if (const auto announced = head->find("bytes"); announced != head->end()) {
      if (!announced->is_number_unsigned() || announced->get<std::uint64_t>() > kMostBytes)
        throw ScorerError("\"bytes\" of its answer is not a count of bytes");
      bytes_ = announced->get<std::size_t>();
    }
    head_ = std::move(head);
    waiting_.erase(waiting_.begin(), newline + 1);
  }
  if (waiting_.size() < bytes_) return false;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(bytes_);
  message.head = std::move(*head_);
  message.bytes.assign(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  head_.reset();
  return true;
}

ScorerHello scorer_hello(const Json& head) {
  const auto text = [&](const char* key) {
    const auto found = head.find(key);
    return found != head.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (text("hello") != "hullscan-scorer")
    throw ScorerError(
        fmt::format("its first message is no hello of a scorer: {}", readable_line(json_text(head), 200)));
  const auto version = head.find("version");
  if (version == head.end() || *version != kScorerVersion)
    throw ScorerError(fmt::format("it speaks another version of the protocol than {}", kScorerVersion));
  ScorerHello hello;
  hello.model = text("model");
  const auto can = head.find("can");
  if (can == head.end() || !can->is_array()) throw ScorerError("its hello has no list \"can\"");
  for (const Json& ability : *can) {
    if (ability == "energies") hello.energies = true;
    if (ability == "deviations") hello.deviations = true;
    if (ability == "fit") hello.fits = true;
    if (ability == "relax") hello.relaxes = true;
    if (ability == "several-crystals") hello.several_crystals = true;
  }
  return hello;
}

std::vector<double> scorer_numbers(const ScorerMessage& answer, std::size_t count, const char* of_what) {
  if (answer.bytes.size() != count * sizeof(double)) {
    throw ScorerError(fmt::format("it was asked for {} {} and answered {} bytes, not {}", count, of_what,
                                  answer.bytes.size(), count * sizeof(double)));
  }
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t bits = 0;
    for (std::size_t b = 0; b < sizeof bits; ++b)
      bits |= std::to_integer<std::uint64_t>(answer.bytes[i * sizeof bits + b]) << (8 * b);
    numbers[i] = std::bit_cast<double>(bits);
    if (std::isnan(numbers[i]) || numbers[i] == -std::numeric_limits<double>::infinity())
      throw ScorerError(fmt::format("number {} of {} {} that it answered is {}", i + 1, count, of_what, numbers[i]));
  }
  return numbers;
}

struct ScorerProcess::Running {
  int pid = 0;
  Descriptor input, output, error;
  ScorerMessageReader reader;
  std::string words;  ///< the last of its stderr

  void take_words() {
    std::array<char, 4096> some{};
    ssize_t got = 0;
    while ((got = ::read(error.number(), some.data(), some.size())) > 0) {
      words.append(some.data(), static_cast<std::size_t>(got));
      if (words.size() > 2 * kWordsKept) words.erase(0, words.size() - kWordsKept);
    }
  }
};

ScorerProcess::ScorerProcess(ScorerCommand command) : command_(std::move(command)) {}
ScorerProcess::~ScorerProcess() {
  try {
    end();
  } catch (const Error&) {  // it has gone already
  }
}

bool ScorerProcess::runs() const { return running_ != nullptr; }
int ScorerProcess::starts() const { return starts_; }
int ScorerProcess::pid() const { return running_ ? running_->pid : 0; }

const ScorerHello& ScorerProcess::start() {
  if (running_) return hello_;
  start_silently();
  const ScorerMessage answer = receive();
  try {
    hello_ = scorer_hello(answer.head);
  } catch (const ScorerError& error) {
    fail(error.what());
  }
  return hello_;
}

void ScorerProcess::start_silently() {
  if (running_) return;
  if (const std::string why = why_not_startable(command_.words); !why.empty())
    throw ScorerError(fmt::format("the {} cannot be started: {}", command_.called, why));
  auto running = std::make_unique<Running>();
  auto [their_input, our_input] = pipe_of();
  auto [our_output, their_output] = pipe_of();
  auto [our_error, their_error] = pipe_of();
  ChildSpec spec;
  spec.program = std::filesystem::absolute(program_of(command_.words));
  spec.command = command_.words;
  spec.environment = scorer_environment(command_.number);
  spec.directory = std::filesystem::current_path();
  spec.standard_input = their_input.number();
  spec.standard_output = their_output.number();
  spec.standard_error = their_error.number();
  try {
    // A child dies with the thread that started it: with one that is there to the end.
    in_lasting_thread([&] {
      const std::lock_guard lock(scorers().mutex);  // who looks at our children meanwhile waits for its number
      running->pid = start_child(spec);
      scorers().pids.insert(running->pid);
    });
  } catch (const TransportError& error) {
    throw ScorerError(fmt::format("the {} cannot be started: {}", command_.called, error.what()));
  }
  // Held here too, the scorer's end would never show.
  their_input.close();
  their_output.close();
  their_error.close();
  running->input = std::move(our_input);
  running->output = std::move(our_output);
  running->error = std::move(our_error);
  do_not_wait(running->input);
  do_not_wait(running->output);
  do_not_wait(running->error);
  running_ = std::move(running);
  ++starts_;
  send({{"hello", "hullscan-scorer"}, {"version", kScorerVersion}, {"process", command_.number}});
}

void ScorerProcess::fail(const std::string& what) {
  std::string words;
  if (running_) {
    // What it said last may still be under way.
    pollfd last{running_->error.number(), POLLIN, 0};
    ::poll(&last, 1, 100);
    running_->take_words();
    words = running_->words;
  }
  end();
  if (words.size() > kWordsKept) words.erase(0, words.size() - kWordsKept);
  std::string program;
  for (const std::string& word : command_.words) program += (program.empty() ? "" : " ") + word;
  throw ScorerError(fmt::format(
      "the {} ({}): {}{}", command_.called, program, what,
      words.empty() ? "; it said nothing on stderr" : fmt::format("; it said on stderr:\n{}", readable_text(words))));
}

void ScorerProcess::send(const Json& head, std::span<const std::byte> bytes) {
  if (!running_) throw ScorerError(fmt::format("the {} does not run", command_.called));
  Json announced = head;
  if (!bytes.empty()) announced["bytes"] = bytes.size();
  const std::string line = json_text(announced) + "\n";
  const auto until = Clock::now() + std::chrono::duration<double>(command_.answer_within_s);
  for (std::span<const std::byte> rest : {std::as_bytes(std::span(line)), bytes}) {
    while (!rest.empty()) {
      const ssize_t written =
          write_quietly(running_->input.number(), rest.first(std::min<std::size_t>(rest.size(), 1 << 20)));
      if (written > 0) {
        rest = rest.subspan(static_cast<std::size_t>(written));
        continue;
      }
      if (written < 0 && errno == EINTR) continue;
      if (written < 0 && errno != EAGAIN) fail("it does not read any more");
      std::array<pollfd, 2> ends{pollfd{running_->input.number(), POLLOUT, 0},
                                 pollfd{running_->error.number(), POLLIN, 0}};
      ::poll(ends.data(), ends.size(), 1000);
      running_->take_words();
      if (Clock::now() > until) fail(fmt::format("it did not read within {:g} s", command_.answer_within_s));
    }
  }
}

ScorerMessage ScorerProcess::receive() {
  const auto until = Clock::now() + std::chrono::duration<double>(command_.answer_within_s);
  while (true) {
    if (std::optional<ScorerMessage> message = look()) return std::move(*message);
    std::array<pollfd, 2> ends{pollfd{running_->output.number(), POLLIN, 0},
                               pollfd{running_->error.number(), POLLIN, 0}};
    ::poll(ends.data(), ends.size(), 1000);
    if (Clock::now() > until) fail(fmt::format("it gave no answer within {:g} s", command_.answer_within_s));
  }
}

std::optional<ScorerMessage> ScorerProcess::look() {
  if (!running_) throw ScorerError(fmt::format("the {} does not run", command_.called));
  running_->take_words();
  ScorerMessage message;
  std::vector<std::byte> some(std::size_t{1} << 16);
  while (true) {
    try {
      if (running_->reader.next(message)) break;
    } catch (const ScorerError& error) {
      fail(error.what());
    }
    const ssize_t got = ::read(running_->output.number(), some.data(), some.size());
    if (got > 0) {
      running_->reader.add(std::span(some).first(static_cast<std::size_t>(got)));
      continue;
    }
    if (got == 0) fail(running_->reader.begun() ? "it ended within an answer" : "it ended");
    if (errno == EINTR) continue;
    if (errno != EAGAIN) fail(fmt::format("it cannot be read: {}", std::strerror(errno)));
    return std::nullopt;
  }
  if (const auto error = message.head.find("error"); error != message.head.end())
    fail(fmt::format("it answered an error: {}",
                     error->is_string() ? readable_text(error->get<std::string>()) : json_text(*error)));
  return message;
}

void ScorerProcess::end(bool at_once) {
  if (!running_) return;
  const std::unique_ptr<Running> running = std::move(running_);
  running->input.close();
  const auto until = Clock::now() + kToEndByItself;
  while (!at_once && !child_has_ended(running->pid) && Clock::now() < until) {
    running->take_words();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  signal_group(running->pid, EndSignal::kKill);
  (void)reap_child(running->pid, true);
  const std::lock_guard lock(scorers().mutex);
  scorers().pids.erase(running->pid);
}

}  // namespace hullscan
