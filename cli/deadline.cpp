#include "cli/deadline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <regex>

#include "core/errors.hpp"

namespace hullscan::cli {
namespace {

using Clock = std::chrono::system_clock;

std::optional<long> length_s(const std::string& text) {
  const auto number = [](const std::ssub_match& digits) { return digits.matched ? std::stol(digits.str()) : 0L; };
  std::smatch found;
  static const std::regex units("(?:([0-9]{1,5})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,7})m(?:in)?)?(?:([0-9]{1,9})s)?");
  static const std::regex clock("(?:([0-9]{1,5})-)?(?:([0-9]{1,6}):)?([0-9]{1,7}):([0-9]{1,9})");
  if (text.empty()) return std::nullopt;
  if (text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos) return std::stol(text);
  if (!std::regex_match(text, found, units) && !std::regex_match(text, found, clock)) return std::nullopt;
  return ((number(found[1]) * 24 + number(found[2])) * 60 + number(found[3])) * 60 + number(found[4]);
}

constexpr long kLongestS = 3'000'000'000;  ///< 95 years; the clock counts nanoseconds and ends in 2262

std::optional<Clock::time_point> moment(const std::string& text) {
  static const std::regex form("([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?");
  std::smatch found;
  if (!std::regex_match(text, found, form)) return std::nullopt;
  std::tm local{};
  const int year = std::stoi(found[1]);
  if (year < 1970 || year > 2200) return std::nullopt;
  local.tm_year = year - 1900;
  local.tm_mon = std::stoi(found[2]) - 1;
  local.tm_mday = std::stoi(found[3]);
  local.tm_hour = std::stoi(found[4]);
  local.tm_min = std::stoi(found[5]);
  local.tm_sec = found[6].matched ? std::stoi(found[6]) : 0;
  local.tm_isdst = -1;
  const std::tm asked = local;
  const std::time_t time = std::mktime(&local);
  if (time == -1 || local.tm_mon != asked.tm_mon || local.tm_mday != asked.tm_mday) return std::nullopt;
  return Clock::from_time_t(time);
}

}  // namespace

Clock::time_point parse_deadline(const std::string& text, Clock::time_point now) {
  if (const auto seconds = length_s(text); seconds && *seconds > 0)
    return now + std::chrono::seconds(std::min(*seconds, kLongestS));
  if (const auto when = moment(text)) {
    if (*when <= now) throw InputError(fmt::format("--deadline: {} has passed", text));
    return *when;
  }
  throw InputError(fmt::format(
      "--deadline: expected a length such as 3600, 90m, 1h30m or 1-12:00:00, or a moment such as 2026-03-01T08:30, "
      "found \"{}\"",
      text));
}

std::optional<std::chrono::steady_clock::time_point> deadline_of(const CommandLine& line) {
  const auto text = line.value("deadline");
  if (!text) return std::nullopt;
  const auto now = Clock::now();
  return std::chrono::steady_clock::now() + (parse_deadline(*text, now) - now);
}

}  // namespace hullscan::cli
