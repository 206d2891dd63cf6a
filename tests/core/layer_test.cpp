#include "core/layer.hpp"

#include <Eigen/Geometry>
#include <catch2/catch.hpp>

#include "core/lattice_departure.hpp"

using namespace hullscan;

namespace {

/// MoS2: Mo in the middle, S 1.565 Å above and below; hexagonal, a = 3.19 Å.
Structure molybdenite_layer(double height, double middle, double tilt = 0) {
  Eigen::Matrix3d rows;
  rows << 3.19, 0, 0, -1.595, 2.7626, 0, tilt, 0, height;
  Structure layer{Lattice(rows), {}, {}};
  const auto add = [&](const char* symbol, double x, double y, double z) {
    layer.species.push_back(Species::from_symbol(symbol));
    layer.positions.push_back(wrapped(layer.lattice.to_fractional({Eigen::Vector3d(x, y, z)})));
  };
  add("Mo", 0, 1.8417, middle);
  add("S", 1.595, 0.9209, middle - 1.565);
  add("S", 1.595, 0.9209, middle + 1.565);
  return layer;
}

}  // namespace

TEST_CASE("a layer is told from a crystal by its vacuum, wherever it lies in its cell", "[core][layer]") {
  for (const double middle : {0.0, 1.0, 7.5, 14.0}) {
    const auto shape = layer_shape(molybdenite_layer(15, middle));
    REQUIRE(shape);
    CHECK(shape->axis == 2);
    CHECK(shape->height_angstrom == Approx(15));
    CHECK(shape->vacuum_angstrom == Approx(15 - 2 * 1.565));
  }
  // Bulk MoS2 has 3 Å between its layers; a molecule has empty space on all sides.
  CHECK_FALSE(layer_shape(molybdenite_layer(6.15, 3)));
  CHECK_FALSE(layer_shape({Lattice(12 * Eigen::Matrix3d::Identity()), {Species::from_symbol("O")}, {{}}}));
  CHECK_FALSE(layer_shape({Lattice(Eigen::Matrix3d::Identity()), {}, {}}));
}

TEST_CASE("a layer keeps its atoms when it gets another layer's vacuum", "[core][layer]") {
  const Structure model = molybdenite_layer(15, 3);
  for (const double middle : {0.2, 9.0}) {
    for (const double tilt : {0.0, 2.5}) {
      const Structure other = molybdenite_layer(22, middle, tilt);

      const Structure made = with_height_of(other, model);

      CHECK(made.lattice.rows().row(2).norm() == Approx(15));
      CHECK(made.lattice.rows().row(2).x() == Approx(0).margin(1e-9));
      // Heights above the molybdenum atom are what they were.
      for (const std::size_t s : {std::size_t{1}, std::size_t{2}}) {
        double above = made.positions[s].x.z() - made.positions[0].x.z();
        above -= std::round(above);
        CHECK(15 * above == Approx(s == 1 ? -1.565 : 1.565));
      }
    }
  }
  CHECK(with_height_of(model, molybdenite_layer(15, 9)) == model);
  // Two layers on top of each other are not one.
  Structure two = molybdenite_layer(25, 5);
  const Structure upper = molybdenite_layer(25, 11.15);
  two.species.insert(two.species.end(), upper.species.begin(), upper.species.end());
  two.positions.insert(two.positions.end(), upper.positions.begin(), upper.positions.end());
  CHECK(with_height_of(two, model) == two);
}

TEST_CASE("vacuum that a relaxation changed is no departure from the lattice", "[core][layer]") {
  const Structure sites = molybdenite_layer(15, 7.5);

  const auto departure = lattice_departure(sites, molybdenite_layer(19, 9.5));

  REQUIRE(departure);
  CHECK(departure->shear_strain < 1e-3);
  CHECK(departure->rms_displacement_angstrom < 1e-3);
  CHECK_FALSE(left_lattice(departure));
}
