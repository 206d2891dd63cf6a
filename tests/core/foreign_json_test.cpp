#include "core/foreign_json.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "core/json_text.hpp"

namespace hullscan {
namespace {

std::string problem_of(const std::string& text) {
  std::string problem;
  return parse_foreign_json(text, problem) ? "" : problem;
}

std::string nested(int depth, const std::string& open = "[", const std::string& close = "]") {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

}  // namespace

TEST_CASE("JSON from outside is a value or a place and words", "[core][json]") {
  std::string problem = "untouched";
  const auto value = parse_foreign_json(R"({"a": [1, -2.5e-300, "x"]})", problem);
  REQUIRE(value);
  CHECK(json_text(*value) == R"({"a":[1,-2.5e-300,"x"]})");
  CHECK(problem == "untouched");
  CHECK(problem_of("[\n {\"id\": }]") == "2:9: not valid JSON");
  CHECK(problem_of("") == "1:1: not valid JSON");
  CHECK(problem_of("\"\xE9\"").find("not valid JSON") != std::string::npos);
  CHECK(foreign_json_or_null("{").is_null());
}

TEST_CASE("a number that no double holds is refused where it stands", "[core][json]") {
  CHECK(problem_of("{\"a\": 1,\n \"b\": 1e309}") == "2:7: the number 1e309 is too large");
  CHECK(problem_of("[-1e400]") == "1:2: the number -1e400 is too large");
  CHECK(problem_of("[1e-400, 1.7e308, 123456789012345678901234567890]").empty());
}

TEST_CASE("nesting has an end, inside of texts it is none", "[core][json]") {
  CHECK(problem_of(nested(kDeepestJson)).empty());
  CHECK(problem_of(nested(kDeepestJson + 1)) == "1:201: not valid JSON here: nested more than 200 deep");
  CHECK(problem_of(nested(400'000)).find("nested") != std::string::npos);
  CHECK(problem_of(nested(400'000, "{\"a\":", "}")).find("nested") != std::string::npos);
  CHECK(problem_of("[\"" + nested(1000) + "\\\"" + nested(1000) + "\"]").empty());
}

}  // namespace hullscan
