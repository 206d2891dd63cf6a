#include "surrogates/features/primitive_sites.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "core/errors.hpp"

namespace hullscan {
namespace {

std::array<int, 3> to_array(const Eigen::Vector3i& v) { return {v[0], v[1], v[2]}; }

Eigen::Vector3i to_vector(const std::array<int, 3>& a) { return {a[0], a[1], a[2]}; }

int floor_divide(int a, int b) {  // b > 0
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/// Upper triangular, positive diagonal, spanning the same lattice of rows (Euclid's algorithm, column by column).
Eigen::Matrix3i hermite_rows(Eigen::Matrix3i m) {
  for (int column = 0; column < 3; ++column) {
    for (int row = column + 1; row < 3; ++row) {
      while (m(row, column) != 0) {
        const int quotient = m(column, column) / m(row, column);
        m.row(column) -= quotient * m.row(row);
        m.row(column).swap(m.row(row));
      }
    }
    if (m(column, column) < 0) m.row(column) *= -1;
  }
  return m;
}

}  // namespace

PrimitiveSites::PrimitiveSites(const ParentCrystal& parent)
    : primitive_(parent.primitive_lattice()), cell_in_primitive_(parent.cell_in_primitive) {
  // Symmetry was found to within symprec, so images may miss their site by a few times that.
  const double tolerance_angstrom = std::max(5.0 * parent.symprec_angstrom, 0.01);

  of_parent_site_.resize(parent.sites.size());
  for (std::size_t p = 0; p < parent.sites.size(); ++p) {
    const ParentSite& site = parent.sites[p];
    if (site.sublattice == kFixedSite) continue;
    const Eigen::Vector3d position = cell_in_primitive_.cast<double>().transpose() * site.position.x;
    Image known = nearest(position, -1, tolerance_angstrom);
    if (known.site < 0) {
      const Fractional home = wrapped({position});
      known = {count(), (position - home.x).array().round().matrix().cast<int>()};
      positions_.push_back(home);
      sublattices_.push_back(site.sublattice);
    } else if (sublattice(known.site) != site.sublattice) {
      throw InputError(
          fmt::format("{}: site {} belongs to sublattice \"{}\", but a primitive translation carries it to a "
                      "site of sublattice \"{}\"",
                      parent.source, site.label, parent.sublattices[static_cast<std::size_t>(site.sublattice)].name,
                      parent.sublattices[static_cast<std::size_t>(sublattice(known.site))].name));
    }
    of_parent_site_[p] = {to_array(known.shift), known.site};
  }

  std::vector<SymmetryOperation> operations = parent.operations;
  if (operations.empty()) operations.emplace_back();
  for (const SymmetryOperation& operation : operations) {
    rotations_.push_back(operation.rotation);
    std::vector<bool> reached(positions_.size(), false);
    for (int site = 0; site < count(); ++site) {
      const Eigen::Vector3d moved =
          operation.rotation.cast<double>() * positions_[static_cast<std::size_t>(site)].x + operation.translation;
      const Image image = nearest(moved, sublattice(site), tolerance_angstrom);
      if (image.site < 0 || reached[static_cast<std::size_t>(image.site)]) {
        throw InputError(fmt::format("{}: symmetry operation {} does not map sublattice \"{}\" onto itself",
                                     parent.source, rotations_.size(),
                                     parent.sublattices[static_cast<std::size_t>(sublattice(site))].name));
      }
      reached[static_cast<std::size_t>(image.site)] = true;
      images_.push_back(image);
    }
  }
}

PrimitiveSites::Image PrimitiveSites::nearest(const Eigen::Vector3d& position, int sublattice,
                                              double tolerance_angstrom) const {
  Image best{-1, Eigen::Vector3i::Zero()};
  double best_distance = tolerance_angstrom;
  for (std::size_t site = 0; site < positions_.size(); ++site) {
    if (sublattice >= 0 && sublattices_[site] != sublattice) continue;
    const Eigen::Vector3d difference = position - positions_[site].x;
    const Eigen::Vector3d cell = difference.array().round();
    const double distance = primitive_.to_cartesian({difference - cell}).x.norm();
    if (distance <= best_distance) {
      best_distance = distance;
      best = {static_cast<int>(site), cell.cast<int>()};
    }
  }
  return best;
}

LatticeSite PrimitiveSites::image(int operation, const LatticeSite& site) const {
  const Image& home =
      images_[static_cast<std::size_t>(operation) * positions_.size() + static_cast<std::size_t>(site.site)];
  return {to_array(rotations_[static_cast<std::size_t>(operation)] * to_vector(site.cell) + home.shift), home.site};
}

double PrimitiveSites::distance_angstrom(const LatticeSite& a, const LatticeSite& b) const {
  const Eigen::Vector3d difference = positions_[static_cast<std::size_t>(b.site)].x -
                                     positions_[static_cast<std::size_t>(a.site)].x +
                                     (to_vector(b.cell) - to_vector(a.cell)).cast<double>();
  return primitive_.to_cartesian({difference}).x.norm();
}

double PrimitiveSites::nearest_distance_angstrom(int site) const {
  for (double radius = 3;; radius *= 1.5) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const LatticeSite& other : neighbours(site, radius))
      nearest = std::min(nearest, distance_angstrom({{0, 0, 0}, site}, other));
    if (std::isfinite(nearest)) return nearest;
  }
}

std::vector<LatticeSite> PrimitiveSites::neighbours(int site, double radius_angstrom) const {
  // Positions lie in [0, 1), so two sites of one cell can differ by nearly a cell: reach one cell farther.
  const Eigen::Vector3i reach = primitive_.cells_within(radius_angstrom) + Eigen::Vector3i::Ones();
  const LatticeSite home{{0, 0, 0}, site};
  std::vector<LatticeSite> found;
  for (int i = -reach[0]; i <= reach[0]; ++i) {
    for (int j = -reach[1]; j <= reach[1]; ++j) {
      for (int k = -reach[2]; k <= reach[2]; ++k) {
        for (int other = 0; other < count(); ++other) {
          const LatticeSite candidate{{i, j, k}, other};
          if (candidate != home && distance_angstrom(home, candidate) <= radius_angstrom) found.push_back(candidate);
        }
      }
    }
  }
  return found;
}

SupercellSites::SupercellSites(const PrimitiveSites& sites, const Supercell& supercell)
    : site_count_(static_cast<std::size_t>(sites.count())),
      hermite_(hermite_rows(supercell.matrix() * sites.cell_in_primitive())) {
  for (int i = 0; i < hermite_(0, 0); ++i) {
    for (int j = 0; j < hermite_(1, 1); ++j) {
      for (int k = 0; k < hermite_(2, 2); ++k) cells_.push_back({i, j, k});
    }
  }
  varied_.assign(cells_.size() * site_count_, -1);
  const std::vector<int>& varied = supercell.varied_sites();
  for (std::size_t v = 0; v < varied.size(); ++v) {
    const SupercellSite& site = supercell.sites()[static_cast<std::size_t>(varied[v])];
    const LatticeSite& home = sites.of_parent_site(site.parent_site);
    const Eigen::Vector3i cell = sites.cell_in_primitive().transpose() * site.cell + to_vector(home.cell);
    varied_[cell_index(to_array(cell)) * site_count_ + static_cast<std::size_t>(home.site)] = static_cast<int>(v);
  }
  if (std::find(varied_.begin(), varied_.end(), -1) != varied_.end() || varied.size() != varied_.size()) {
    throw InputError("the supercell belongs to another parent crystal than the model");
  }
}

std::size_t SupercellSites::cell_index(std::array<int, 3> cell) const {
  for (int i = 0; i < 3; ++i) {
    const int quotient = floor_divide(cell[static_cast<std::size_t>(i)], hermite_(i, i));
    for (int j = i; j < 3; ++j) cell[static_cast<std::size_t>(j)] -= quotient * hermite_(i, j);
  }
  return static_cast<std::size_t>((cell[0] * hermite_(1, 1) + cell[1]) * hermite_(2, 2) + cell[2]);
}

int SupercellSites::varied_index(const std::array<int, 3>& cell, const LatticeSite& offset) const {
  const std::array<int, 3> sum{cell[0] + offset.cell[0], cell[1] + offset.cell[1], cell[2] + offset.cell[2]};
  return varied_[cell_index(sum) * site_count_ + static_cast<std::size_t>(offset.site)];
}

}  // namespace hullscan
