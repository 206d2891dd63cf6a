#include "core/log.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <utility>

#include "core/errors.hpp"
#include "core/foreign_text.hpp"
#include "core/progress_text.hpp"
#include "core/terminal_width.hpp"

namespace hullscan {
namespace {

bool bar_on_screen = false;

void wipe_bar() {
  if (bar_on_screen) std::fputs("\r\033[K", stderr);
  bar_on_screen = false;
}

/// "%*": the message, on a terminal broken at blanks so that no word is cut at its edge.
class WrappedMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string before(std::string("00:00:00 : ").size() + level.size(), '-');  // as the pattern has it
    const std::string text(message.payload.data(), message.payload.size());
    const std::string wrapped = wrapped_line(before + text, terminal_columns(STDERR_FILENO), "    ");
    out.append(wrapped.data() + before.size(), wrapped.data() + wrapped.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<WrappedMessage>();
  }
};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    spdlog::sink_ptr sink;
    if (colour_allowed(STDERR_FILENO)) {
      sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    auto format = std::make_unique<spdlog::pattern_formatter>();
    if (stderr_is_terminal()) format->add_flag<WrappedMessage>('*');
    format->set_pattern(stderr_is_terminal() ? "%H:%M:%S %^%l%$: %*" : "%H:%M:%S %^%l%$: %v");
    sink->set_formatter(std::move(format));
    auto created = std::make_shared<spdlog::logger>("hullscan", sink);
    created->set_level(spdlog::level::debug);
    sink->set_level(spdlog::level::info);
    created->flush_on(spdlog::level::info);
    return created;
  }();
  return *instance;
}

}  // namespace

void log_debug(const std::string& message) { logger().debug("{}", readable_text(message)); }

void log_info(const std::string& message) {
  wipe_bar();
  logger().info("{}", readable_text(message));
}

void log_warning(const std::string& message) {
  wipe_bar();
  logger().warn("{}", readable_text(message));
}

void log_error(const std::string& message) {
  wipe_bar();
  logger().error("{}", readable_text(message));
}

void set_log_level(LogLevel lowest) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  logger().sinks().front()->set_level(kLevels[static_cast<int>(lowest)]);
}

void log_to_file(const std::filesystem::path& file) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
    sink->set_pattern("%Y-%m-%dT%H:%M:%S%z %l: %v");
    sink->set_level(spdlog::level::info);
    auto& sinks = logger().sinks();
    sinks.resize(1);
    sinks.push_back(sink);
  } catch (const spdlog::spdlog_ex& error) {
    throw StorageError(file.string() + ": log cannot be written: " + error.what());
  }
}

Progress::Progress(std::string what, double total, std::string unit)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      start_(std::chrono::steady_clock::now()),
      last_draw_(start_),
      terminal_(stderr_is_terminal()) {}

Progress::~Progress() {
  if (drawn_ && terminal_) wipe_bar();
}

void Progress::set_total(double total) { total_ = total; }

void Progress::update(double done, const std::string& note, double share) {
  const auto now = std::chrono::steady_clock::now();
  const double since = std::chrono::duration<double>(now - last_draw_).count();
  const double interval = terminal_ ? (drawn_ ? 0.2 : 0.5) : 30.0;
  if (since < interval) return;
  last_draw_ = now;
  draw(done, note, share);
}

void Progress::draw(double done, const std::string& note, double known_share) {
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const ProgressState state{what_, unit_, done, total_, known_share, elapsed, note};
  drawn_ = true;
  if (terminal_) {
    std::fputs(("\r\033[K" + progress_bar(state, terminal_columns(STDERR_FILENO))).c_str(), stderr);
    bar_on_screen = true;
  } else {
    log_info(progress_text(state));
  }
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0) || !std::isfinite(seconds)) return "unknown";
  if (seconds < 1e-3) return fmt::format("{:.0f} µs", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.0f} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", static_cast<int>(seconds) / 60, static_cast<int>(seconds) % 60);
  if (seconds < 2 * 86400.0) return fmt::format("{:.1f} h", seconds / 3600);
  if (seconds < 3 * 365.25 * 86400.0) return fmt::format("{:.0f} days", seconds / 86400);
  return fmt::format("{:.3g} years", seconds / (365.25 * 86400.0));
}

std::string grouped(const std::string& digits) {
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') result += ',';
    result += digits[i];
  }
  return result;
}

bool stderr_is_terminal() { return isatty(STDERR_FILENO) != 0; }

bool colour_allowed(int file_descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(file_descriptor) != 0 && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace hullscan
