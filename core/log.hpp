/// @file
/// The log (stderr and, once a campaign directory is known, its hullscan.log) and the progress line. The only global.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace hullscan {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

void log_debug(const std::string& message);
void log_info(const std::string& message);
void log_warning(const std::string& message);
void log_error(const std::string& message);

void set_log_level(LogLevel lowest);                  ///< of stderr; the file gets everything from kInfo on
void log_to_file(const std::filesystem::path& file);  ///< appends. @throws StorageError

/// A bar with rate and ETA on a terminal; one line per interval in a log; nothing for work under a second.
/// Only the calling thread may use it.
class Progress {
 public:
  /// @param total 0 if not known.
  Progress(std::string what, double total, std::string unit);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< wipes the bar
  /// @param share of all work that is done, where it is known better than done/total; < 0: done/total.
  void update(double done, const std::string& note = "", double share = -1);
  void set_total(double total);

 private:
  void draw(double done, const std::string& note, double share);
  std::string what_, unit_;
  double total_;
  std::chrono::steady_clock::time_point start_, last_draw_;
  bool terminal_, drawn_ = false;
};

/// "3 min 20 s", "1.2 h".
std::string duration_text(double seconds);
/// "12,345,678" ; exact digits of a decimal string grouped in threes.
std::string grouped(const std::string& digits);
bool stderr_is_terminal();
bool colour_allowed(int file_descriptor);  ///< a terminal and NO_COLOR not set

}  // namespace hullscan
