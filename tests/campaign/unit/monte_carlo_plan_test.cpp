// The cell of a [[monte_carlo]] that names none.
#include "campaign/monte_carlo/monte_carlo_plan.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "../../workers/fitted_spaces.hpp"

namespace hullscan {
namespace {

SupercellMatrix rows(const std::array<int, 9>& elements) {
  return Eigen::Map<const Eigen::Matrix<int, 3, 3, Eigen::RowMajor>>(elements.data());
}

bool holds(const SupercellMatrix& cell, const SupercellMatrix& supercell) {
  const Eigen::Matrix3d in_units = cell.cast<double>() * supercell.cast<double>().inverse();
  return (in_units - in_units.array().round().matrix()).norm() < 1e-9;
}

}  // namespace

TEST_CASE("the exponent of a supercell is the period of its longest translation", "[campaign][monte-carlo]") {
  CHECK(exponent_of(SupercellMatrix::Identity()) == 1);
  CHECK(exponent_of(Eigen::Vector3i(2, 2, 1).asDiagonal()) == 2);
  CHECK(exponent_of(Eigen::Vector3i(2, 3, 1).asDiagonal()) == 6);
  CHECK(exponent_of(rows({2, 0, 0, 1, 2, 0, 0, 1, 1})) == 4);
  CHECK(exponent_of(rows({1, 1, 0, 0, 1, 1, 1, 0, 1})) == 2);
}

TEST_CASE("a cell that nobody has chosen holds what is on the hull", "[campaign][monte-carlo]") {
  const SearchSpace space = test::space_of("Al-fcc.cif", VolumeRange{1, 4}, "Al", {"Al", "Ni"});
  MonteCarloSpec spec;
  spec.space = "space";
  spec.temperatures_kelvin = {300};
  Problems problems;
  const SupercellMatrix three = Eigen::Vector3i(1, 1, 3).asDiagonal(), skew = rows({2, 0, 0, 1, 2, 0, 0, 1, 1});

  const auto without = make_monte_carlo_plan(spec, {space}, problems);
  const auto with = make_monte_carlo_plan(spec, {space}, problems, {{"space", {three, skew}}});
  const auto of_others = make_monte_carlo_plan(spec, {space}, problems, {{"another", {three}}});

  REQUIRE(problems.empty());
  CHECK(without->varied_sites() == 4 * 8 * 8 * 8);
  CHECK_FALSE(holds(without->cell, three));
  CHECK(with->varied_sites() == 4 * 12 * 12 * 12);
  CHECK(holds(with->cell, three));
  CHECK(holds(with->cell, skew));
  CHECK(of_others->cell == without->cell);
}

}  // namespace hullscan
