#include <catch2/catch.hpp>

#include "analysis/entries/measured_points.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

std::string refusal(const std::string& text) {
  try {
    (void)parse_measured_points(text, "lattice.csv");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a measured point is one quantity at one composition", "[analysis][report]") {
  const auto points =
      parse_measured_points("formula,a,volume,source\nLi0.5NiO2,2.85,,\"a, b\"\nLiNiO2,2.88,101.5,c\n", "lattice.csv");

  REQUIRE(points.size() == 3);
  CHECK(points[0].composition == Composition::from_formula("LiNi2O4"));
  CHECK(points[0].quantity == "a");
  CHECK(points[0].source == "a, b");
  CHECK(points[2].quantity == "volume");
  CHECK(points[2].value == 101.5);
}

TEST_CASE("every problem of a file of measured points is reported with its place", "[analysis][report]") {
  CHECK_THAT(refusal("x,volum\n0.1,3\n"),
             Contains("lattice.csv:1:3: column \"volum\"") && Contains("did you mean \"volume\""));
  CHECK_THAT(refusal("a\n1\n"), Contains("expected a column \"formula\" or \"x\""));
  CHECK_THAT(refusal("x,a\n0.1,many\nhalf,2\n0.3\n"),
             Contains("lattice.csv:2:5: a: expected a number, found \"many\"") &&
                 Contains("lattice.csv:3:1: x: expected a number") &&
                 Contains("lattice.csv:4: expected 2 fields, found 1"));
  CHECK_THAT(refusal(""), Contains("empty"));
}
