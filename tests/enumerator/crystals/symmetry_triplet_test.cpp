#include "enumerator/files/symmetry_triplet.hpp"

#include <catch2/catch.hpp>

#include "crystals.hpp"
#include "enumerator/crystal/detail/spglib.hpp"

using namespace hullscan;
using hullscan::test::error_of;

TEST_CASE("a symmetry triplet may be written in many ways", "[enumerator][symmetry]") {
  const SymmetryOperation expected = parse_triplet("-x+1/2,x-y,z+1/3");

  for (const char* text :
       {"1/2-x, x-y, 1/3+z", "-X+0.5 , X-Y , Z+.3333", ".5 - x,-y+x,0.33333 + z", "-x + 1 / 2,x - y,z-2/3"}) {
    INFO(text);
    const SymmetryOperation operation = parse_triplet(text);
    CHECK(operation.rotation == expected.rotation);
    CHECK((operation.translation - expected.translation).norm() < 1e-14);
  }
  CHECK(expected.translation[2] == 8.0 / 24.0);
}

TEST_CASE("an operation may stand in a numbered list, be a matrix, or have two digits of a third",
          "[enumerator][symmetry]") {
  const SymmetryOperation expected = parse_triplet("-x+1/2,x-y,z+1/3");

  for (const char* text : {"3 -x+1/2,x-y,z+1/3", "(3) 1/2-x,x-y,1/3+z", "12: -x+1/2,x-y,z+1/3", "-x+0.50,x-y,z+0.33",
                           "-1*x+1/2,1*x-y,z+1/3", "-1 0 0 1/2 1 -1 0 0 0 0 1 1/3", "-1 0 0 1 -1 0 0 0 1 1/2 0 1/3",
                           "[-1 0 0 1/2],[1 -1 0 0],[0 0 1 1/3]"}) {
    INFO(text);
    const SymmetryOperation operation = parse_triplet(text);
    CHECK(operation.rotation == expected.rotation);
    CHECK((operation.translation - expected.translation).norm() < 1e-14);
  }
  // A fifth is not a third, and a fraction is exact.
  CHECK(parse_triplet("x+0.20,y,z").translation[0] == 0.2);
  CHECK(parse_triplet("x+1/7,y,z").translation[0] == Approx(1.0 / 7.0));
}

TEST_CASE("magnetic and superspace operations keep their first three coordinates", "[enumerator][symmetry]") {
  CHECK(first_three_coordinates("-x,y+1/2,z,-1") == "-x,y+1/2,z");
  CHECK(first_three_coordinates("-x2,x1-x2,x3+1/2,x4+1/3") == "-y,x-y,z+1/2");
  CHECK(first_three_coordinates("x,y,z") == "x,y,z");
}

TEST_CASE("a wrong symmetry triplet says where it is wrong", "[enumerator][symmetry]") {
  const auto message = [](const std::string& text) { return error_of([&] { (void)parse_triplet(text); }); };

  CHECK(message("x,y") == "symmetry operation \"x,y\", character 4: expected ',' and three coordinates");
  CHECK(message("x,y,z,x") == "symmetry operation \"x,y,z,x\", character 6: expected the end after three coordinates");
  CHECK(message("x,y,w") == "symmetry operation \"x,y,w\", character 5: expected x, y, z or a number");
  CHECK(message("x,,z") == "symmetry operation \"x,,z\", character 3: expected a coordinate such as x or -y+1/2");
  CHECK(message("x,x,z") == "symmetry operation \"x,x,z\", character 6: the determinant is not 1 or -1");
  CHECK(message("x+x,y,z") == "symmetry operation \"x+x,y,z\", character 4: x occurs twice in one coordinate");
  CHECK(message("x+1/0,y,z") == "symmetry operation \"x+1/0,y,z\", character 6: division by zero");
  CHECK_FALSE(message("").empty());
}

TEST_CASE("every operation of the 530 tabulated settings survives being written and read", "[enumerator][symmetry]") {
  for (int hall = 1; hall <= detail::kHallNumbers; ++hall) {
    for (const SymmetryOperation& operation : detail::operations_of_hall_number(hall)) {
      const SymmetryOperation back = parse_triplet(triplet_text(operation));
      const Eigen::Vector3d difference = back.translation - operation.translation;
      REQUIRE(back.rotation == operation.rotation);
      REQUIRE((difference.array() - difference.array().round()).abs().maxCoeff() < 1e-9);
    }
  }
}
