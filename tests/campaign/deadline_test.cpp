#include "cli/deadline.hpp"

#include <catch2/catch.hpp>
#include <ctime>

#include "campaign/units.hpp"
#include "core/errors.hpp"

namespace hullscan::cli {
namespace {

using Clock = std::chrono::system_clock;

long seconds_to(const std::string& text) {
  const auto now = Clock::from_time_t(1'700'000'000);
  return std::chrono::duration_cast<std::chrono::seconds>(parse_deadline(text, now) - now).count();
}

}  // namespace

TEST_CASE("a deadline is a length as people and batch systems write it", "[cli][deadline]") {
  const std::vector<std::pair<std::string, long>> lengths = {
      {"3600", 3600}, {"90s", 90},         {"90m", 5400},   {"90min", 5400},   {"2h", 7200},          {"1h30m", 5400},
      {"1d", 86400},  {"1d2h3m4s", 93784}, {"30:00", 1800}, {"1:30:00", 5400}, {"1-12:00:00", 129600}};
  for (const auto& [text, seconds] : lengths) {
    INFO(text);
    CHECK(seconds_to(text) == seconds);
  }
}

TEST_CASE("a deadline is a moment by the local clock", "[cli][deadline]") {
  std::tm local{};
  local.tm_year = 130;
  local.tm_mon = 2;
  local.tm_mday = 1;
  local.tm_hour = 8;
  local.tm_min = 30;
  local.tm_isdst = -1;
  const auto expected = Clock::from_time_t(std::mktime(&local));

  CHECK(parse_deadline("2030-03-01T08:30", Clock::from_time_t(0)) == expected);
  CHECK(parse_deadline("2030-03-01T08:30:00", Clock::from_time_t(0)) == expected);
  CHECK(parse_deadline("2030-03-01 08:30:05", Clock::from_time_t(0)) == expected + std::chrono::seconds(5));
}

TEST_CASE("what is not a deadline is refused with what was found", "[cli][deadline]") {
  for (const std::string text : {"", "0", "-5", "soon", "1h30", "12:", "2030-02-30T00:00", "2030-13-01T00:00",
                                 "0026-01-02 03:04", "2426-01-02 03:04", "9999-01-01T00:00"}) {
    INFO(text);
    CHECK_THROWS_AS(seconds_to(text), InputError);
  }
  // The clock ends in 2262: what is longer than a life is as good as none.
  CHECK(seconds_to("99999-999999:9999999:999999999") == 3'000'000'000);
  CHECK(seconds_to("99999d") == 3'000'000'000);
  CHECK_THROWS_WITH(parse_deadline("2001-01-01T00:00", Clock::now()), Catch::Contains("has passed"));
}

TEST_CASE("a part is I of N", "[cli][part]") {
  CHECK(parse_part("3/8") == Part{3, 8});
  CHECK(to_string(parse_part("1/1")) == "1/1");
  for (const std::string text : {"", "3", "0/8", "9/8", "3/", "/8", "3/8x", "a/b", "-1/8"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_part(text), InputError);
  }
}

}  // namespace hullscan::cli
