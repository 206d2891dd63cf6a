#include "core/lattice_departure.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/hash.hpp"

using namespace hullscan;

namespace {

/// Eight sites of an fcc crystal, 1x1x2 conventional cells, Al and Ni by turns.
Structure fcc_sites() {
  Eigen::Matrix3d rows = 4.0 * Eigen::Matrix3d::Identity();
  rows(2, 2) = 8;
  Structure structure{Lattice(rows), {}, {}};
  for (const double z : {0.0, 0.5}) {
    for (const Eigen::Vector3d& x : {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0.5, 0.5, 0),
                                     Eigen::Vector3d(0.5, 0, 0.25), Eigen::Vector3d(0, 0.5, 0.25)}) {
      structure.species.push_back(Species::from_symbol(structure.species.size() % 2 == 0 ? "Al" : "Ni"));
      structure.positions.push_back({x + Eigen::Vector3d(0, 0, z)});
    }
  }
  return structure;
}

double from_minus_one_to_one(std::uint64_t seed, std::uint64_t n) {
  return 2 * static_cast<double>(random_bits(seed, n) >> 11U) * 0x1p-53 - 1;
}

}  // namespace

TEST_CASE("displacements are found through strain, rotation, another basis and a shifted origin",
          "[enumerator][mapping]") {
  const Structure sites = fcc_sites();
  Eigen::Matrix3d basis;  // of determinant 1
  basis << 1, 1, 0, 0, 1, 0, 0, -1, 1;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.05, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
    Eigen::Matrix3d strain = 1.03 * Eigen::Matrix3d::Identity();
    strain(0, 0) += 0.02;
    const Eigen::Matrix3d strained = sites.lattice.rows() * strain * turn;
    Structure relaxed{Lattice(basis * strained), sites.species, {}};
    std::vector<Eigen::Vector3d> moved;
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    for (std::uint64_t i = 0; i < 8; ++i) {
      Eigen::Vector3d by;
      for (std::uint64_t k = 0; k < 3; ++k) by[static_cast<int>(k)] = 0.3 * from_minus_one_to_one(seed, 3 * i + k);
      moved.push_back(by);
      mean += by / 8;
      const Eigen::Vector3d place = strained.transpose() * sites.positions[i].x + by + Eigen::Vector3d(1.7, 0.9, 3.1);
      relaxed.positions.push_back(wrapped(relaxed.lattice.to_fractional({place})));
    }
    double sum = 0;
    for (const Eigen::Vector3d& by : moved) sum += (by - mean).squaredNorm();

    const auto departure = lattice_departure(sites, relaxed);

    REQUIRE(departure);
    CHECK(departure->rms_displacement_angstrom == Approx(std::sqrt(sum / 8)));
    // Stretch diag(1.05, 1.03, 1.03) without its volume.
    const double scale = std::cbrt(1.05 * 1.03 * 1.03);
    CHECK(departure->shear_strain == Approx(std::hypot(1.05 / scale - 1, std::sqrt(2) * (1.03 / scale - 1))));
  }
}

TEST_CASE("what only grew is on its lattice, what went from fcc to bcc or moved far is not", "[enumerator][mapping]") {
  const Structure sites = fcc_sites();
  Structure grown = sites, bain = sites, moved = sites;
  grown.lattice = Lattice(1.2 * sites.lattice.rows());
  // Bain: c/a becomes 1/sqrt(2) of what it was; sqrt(2 (2^(1/6) - 1)^2 + (2^(-1/3) - 1)^2) = 0.269.
  bain.lattice = Lattice(sites.lattice.rows() * Eigen::Vector3d(1, 1, std::sqrt(0.5)).asDiagonal());
  moved.positions[3].x[0] += 0.25;  // 1 Å for one atom of eight: rms sqrt(1/8 - 1/64)

  CHECK(lattice_departure(sites, grown)->shear_strain == Approx(0).margin(1e-12));
  CHECK_FALSE(left_lattice(lattice_departure(sites, grown)));
  CHECK(lattice_departure(sites, bain)->shear_strain == Approx(0.269).epsilon(0.005));
  CHECK(left_lattice(lattice_departure(sites, bain)));
  CHECK(lattice_departure(sites, moved)->rms_displacement_angstrom == Approx(std::sqrt(1.0 / 8 - 1.0 / 64)));
  CHECK(left_lattice(lattice_departure(sites, moved)));
  Structure other = sites;
  std::swap(other.species[0], other.species[1]);
  CHECK_FALSE(lattice_departure(sites, other));
  CHECK(left_lattice(std::nullopt));
}
