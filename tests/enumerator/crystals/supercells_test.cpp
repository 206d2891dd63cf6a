#include "enumerator/crystal/supercells.hpp"

#include <rapidcheck/catch.h>
#include <Eigen/LU>
#include <catch2/catch.hpp>

#include "crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

std::shared_ptr<const ParentCrystal> monatomic(const Eigen::Matrix3d& rows) {
  Crystal crystal{Lattice(rows), {{"Al1", {}, {{Species::from_symbol("Al"), 1.0, std::nullopt}}, {}}}, "test"};
  return parent_of(crystal, space({{{"Al"}, {"Al", "Ni"}}}));
}

Eigen::Matrix3d rows_of(std::initializer_list<double> entries) {
  Eigen::Matrix3d rows;
  int i = 0;
  for (const double entry : entries) {
    rows(i / 3, i % 3) = entry;
    ++i;
  }
  return rows;
}

std::vector<std::size_t> distinct_counts(const ParentCrystal& parent, int highest) {
  std::vector<std::size_t> counts;
  for (int volume = 1; volume <= highest; ++volume) counts.push_back(distinct_supercells(parent, volume).size());
  return counts;
}

}  // namespace

TEST_CASE("the number of Hermite normal forms is the sum over d | n of d σ(d)", "[enumerator][supercells]") {
  // On-line Encyclopedia of Integer Sequences A001001.
  const std::vector<std::size_t> table = {1, 7, 13, 35, 31, 91, 57, 155, 130, 217, 133, 455};
  for (int n = 1; n <= 60; ++n) {
    std::size_t expected = 0;
    for (int d = 1; d <= n; ++d) {
      if (n % d != 0) continue;
      for (int e = 1; e <= d; ++e) expected += d % e == 0 ? static_cast<std::size_t>(d * e) : 0;
    }
    CHECK(hermite_normal_forms(n).size() == expected);
    if (static_cast<std::size_t>(n) <= table.size()) CHECK(expected == table[static_cast<std::size_t>(n) - 1]);
  }
  CHECK_THROWS_AS(hermite_normal_forms(0), InputError);
}

TEST_CASE("the numbers of distinct supercells are those of Hart and Forcade", "[enumerator][supercells]") {
  // Phys. Rev. B 77, 224115 (2008), table IV; hexagonal and sc columns likewise.
  const auto fcc = monatomic(rows_of({0, 2, 2, 2, 0, 2, 2, 2, 0}));
  const auto bcc = monatomic(rows_of({-1.5, 1.5, 1.5, 1.5, -1.5, 1.5, 1.5, 1.5, -1.5}));
  const auto sc = monatomic(rows_of({3, 0, 0, 0, 3, 0, 0, 0, 3}));

  CHECK(distinct_counts(*fcc, 10) == std::vector<std::size_t>{1, 2, 3, 7, 5, 10, 7, 20, 14, 18});
  CHECK(distinct_counts(*bcc, 10) == std::vector<std::size_t>{1, 2, 3, 7, 5, 10, 7, 20, 14, 18});
  CHECK(distinct_counts(*sc, 10) == std::vector<std::size_t>{1, 3, 3, 9, 5, 13, 7, 24, 14, 23});
}

TEST_CASE("a form is the same for every basis of its lattice", "[enumerator][supercells][property]") {
  CHECK_THROWS_AS(hermite_normal_form(SupercellMatrix::Zero()), InputError);
  rc::prop("unimodular row operations change nothing", [] {
    SupercellMatrix matrix;
    for (int i = 0; i < 9; ++i) matrix(i / 3, i % 3) = *rc::gen::inRange(-6, 7);
    RC_PRE(std::abs(matrix.cast<double>().determinant()) > 0.5);
    SupercellMatrix other = matrix;
    for (int step = 0; step < 5; ++step) {
      const int i = *rc::gen::inRange(0, 3), j = *rc::gen::inRange(0, 3);
      if (i == j) {
        other.row(i) *= -1;
      } else {
        other.row(i) += *rc::gen::inRange(-3, 4) * other.row(j);
      }
    }
    const SupercellMatrix form = hermite_normal_form(matrix);
    RC_ASSERT(form == hermite_normal_form(other));
    RC_ASSERT(form(0, 1) == 0 && form(0, 2) == 0 && form(1, 2) == 0);
    for (int i = 0; i < 3; ++i) {
      RC_ASSERT(form(i, i) > 0);
      for (int j = 0; j < i; ++j) RC_ASSERT(form(i, j) >= 0 && form(i, j) < form(j, j));
    }
    RC_ASSERT(std::abs(form.cast<double>().determinant() - std::abs(matrix.cast<double>().determinant())) < 0.5);
  });
}

TEST_CASE("distinct supercells do not depend on the cell the crystal is typed in", "[enumerator][supercells]") {
  // The crystal is given in the conventional fcc cell (4 atoms): its multiples of volume 1 and 2 under the cubic point
  // group are those of sc.
  const auto fcc = parent_of("Al-fcc.cif", space({{{"Al"}, {"Al", "Ni"}}}));

  CHECK(distinct_counts(*fcc, 4) == std::vector<std::size_t>{1, 3, 3, 9});
}
