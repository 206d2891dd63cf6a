// Madelung constants: Sakamoto, J. Chem. Phys. 28, 164 (1958); Crandall & Buhler, J. Phys. A 20, 5497 (1987).
#include "surrogates/features/ewald.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "core/hash.hpp"
#include "surrogates/features/lattice_features.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// Energy per formula unit times distance / (z^2 e^2/4 pi eps0).
double madelung(const Lattice& lattice, const std::vector<Fractional>& sites, const std::vector<double>& charges,
                double distance) {
  const Eigen::Map<const Eigen::VectorXd> q(charges.data(), static_cast<Eigen::Index>(charges.size()));
  return -0.5 * q.dot(ewald_matrix(lattice, sites) * q) * distance / kCoulombEvAngstrom;
}

/// The same sum with everything done twice as far and another split, term by term: no table, no product of matrices.
double plain_ewald(const Lattice& lattice, const std::vector<Fractional>& sites, const std::vector<double>& q,
                   double alpha) {
  const double volume = lattice.volume_cubic_angstrom(), pi = std::numbers::pi, s = 7;
  double energy = 0, sum = 0, squares = 0;
  for (std::size_t a = 0; a < sites.size(); ++a) {
    sum += q[a];
    squares += q[a] * q[a];
    for (std::size_t b = 0; b < sites.size(); ++b) {
      const Eigen::Vector3i reach = lattice.cells_within(s / alpha) + Eigen::Vector3i::Ones();
      for (int i = -reach[0]; i <= reach[0]; ++i) {
        for (int j = -reach[1]; j <= reach[1]; ++j) {
          for (int k = -reach[2]; k <= reach[2]; ++k) {
            const double r = lattice.to_cartesian({sites[b].x - sites[a].x + Eigen::Vector3d(i, j, k)}).x.norm();
            if (r > 1e-9) energy += 0.5 * q[a] * q[b] * std::erfc(alpha * r) / r;
          }
        }
      }
    }
  }
  const Eigen::Matrix3d reciprocal = lattice.reciprocal_rows();
  const Eigen::Vector3i reach = Lattice(reciprocal).cells_within(2 * alpha * s);
  for (int h = -reach[0]; h <= reach[0]; ++h) {
    for (int k = -reach[1]; k <= reach[1]; ++k) {
      for (int l = -reach[2]; l <= reach[2]; ++l) {
        if (h == 0 && k == 0 && l == 0) continue;
        const double g2 = (reciprocal.transpose() * Eigen::Vector3d(h, k, l)).squaredNorm();
        double re = 0, im = 0;
        for (std::size_t a = 0; a < sites.size(); ++a) {
          const double phase = 2 * pi * Eigen::Vector3d(h, k, l).dot(sites[a].x);
          re += q[a] * std::cos(phase);
          im += q[a] * std::sin(phase);
        }
        energy += 2 * pi / volume * std::exp(-g2 / (4 * alpha * alpha)) / g2 * (re * re + im * im);
      }
    }
  }
  energy -= alpha / std::sqrt(pi) * squares + pi * sum * sum / (2 * volume * alpha * alpha);
  return kCoulombEvAngstrom * energy;
}

Eigen::Matrix3d cube(double a) { return a * Eigen::Matrix3d::Identity(); }

std::vector<Fractional> positions(const std::vector<std::array<double, 3>>& rows) {
  std::vector<Fractional> sites;
  for (const auto& row : rows) sites.push_back({Eigen::Vector3d(row[0], row[1], row[2])});
  return sites;
}

}  // namespace

TEST_CASE("the Madelung constants of NaCl, CsCl and ZnS are the published ones", "[surrogates][ewald]") {
  Eigen::Matrix3d fcc_rows;
  fcc_rows << 0, 2.5, 2.5, 2.5, 0, 2.5, 2.5, 2.5, 0;
  const std::vector<double> charges{1, -1};

  CHECK(madelung(Lattice(fcc_rows), positions({{0, 0, 0}, {0.5, 0.5, 0.5}}), charges, 2.5) ==
        Approx(1.7475645946331822).epsilon(1e-9));
  CHECK(madelung(Lattice(cube(4)), positions({{0, 0, 0}, {0.5, 0.5, 0.5}}), charges, 4 * std::sqrt(3.0) / 2) ==
        Approx(1.7626747730709884).epsilon(1e-9));
  CHECK(madelung(Lattice(fcc_rows), positions({{0, 0, 0}, {0.25, 0.25, 0.25}}), charges, 5 * std::sqrt(3.0) / 4) ==
        Approx(1.6380550533879).epsilon(1e-9));
}

TEST_CASE("the pair matrix agrees with a full Ewald sum on charged oxides to 1e-7 eV", "[surrogates][ewald]") {
  // SrCuO3 as a 1x1x2 supercell, neutral, with a charged vacancy, and skewed.
  Eigen::Matrix3d rows;
  rows << 4, 0, 0, 0, 4, 0, 0.7, -0.4, 8;
  const auto sites = positions({{0, 0, 0},
                                {0, 0, 0.5},
                                {0.5, 0.5, 0.25},
                                {0.5, 0.5, 0.75},
                                {0.5, 0.5, 0},
                                {0, 0.5, 0.25},
                                {0.5, 0, 0.25},
                                {0.5, 0.5, 0.5},
                                {0, 0.5, 0.75},
                                {0.5, 0, 0.75}});
  const Lattice lattice(rows);
  const Eigen::MatrixXd matrix = ewald_matrix(lattice, sites);
  for (const std::vector<double>& q :
       {std::vector<double>{2, 2, 4, 4, -2, -2, -2, -2, -2, -2}, std::vector<double>{2, 2, 4, 3, -2, -2, 0, -2, -2, -2},
        std::vector<double>{2, 1, 2, 3, -2, 0, 0, -2, -2, -2}}) {
    const Eigen::Map<const Eigen::VectorXd> charges(q.data(), 10);

    CHECK(0.5 * charges.dot(matrix * charges) == Approx(plain_ewald(lattice, sites, q, 0.55)).margin(1e-7));
  }
}

TEST_CASE("the polynomial of the occupation gives the Ewald energy of the occupation", "[surrogates][ewald]") {
  const auto parent = fcc({"Li", "Ni", "Va"});
  Eigen::Matrix3i matrix;
  matrix << 2, 0, 0, 1, 2, 0, 0, 1, 3;
  const Supercell supercell(parent, matrix);
  const SupercellElectrostatics electrostatics(supercell,
                                               {{Species::from_symbol("Li"), 1}, {Species::from_symbol("Ni"), 3}});
  LatticePolynomial::Builder builder(supercell);
  electrostatics.add_terms(builder, 1.0);
  const LatticePolynomial polynomial = builder.build();

  for (std::uint64_t draw = 0; draw < 20; ++draw) {
    std::vector<std::uint8_t> occupation;
    for (std::uint64_t i = 0; i < 12; ++i) occupation.push_back(static_cast<std::uint8_t>(random_bits(draw, i) % 3));
    CHECK(polynomial.value(occupation) == Approx(electrostatics.energy_ev(occupation)).margin(1e-10));
  }
}
