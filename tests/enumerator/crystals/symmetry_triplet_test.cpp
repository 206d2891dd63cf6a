#include "enumerator/symmetry_triplet.hpp"

#include <catch2/catch.hpp>

#include "crystals.hpp"
#include "enumerator/detail/spglib.hpp"

using namespace hullscan;
using hullscan::test::error_of;

TEST_CASE("a symmetry triplet may be written in many ways", "[enumerator][symmetry]") {
  const SymmetryOperation expected = parse_triplet("-x+1/2,x-y,z+1/3");

  for (const char* text : {"1/2-x, x-y, 1/3+z", "-X+0.5 , X-Y , Z+.3333", ".5 - x,-y+x,0.33333 + z", "-x + 1 / 2,x - y,z-2/3"}) {
    INFO(text);
    const SymmetryOperation operation = parse_triplet(text);
    CHECK(operation.rotation == expected.rotation);
    CHECK((operation.translation - expected.translation).norm() < 1e-14);
  }
  CHECK(expected.translation[2] == 8.0 / 24.0);
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
