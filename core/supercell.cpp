#include "core/supercell.hpp"

#include <Eigen/LU>
#include <cassert>
#include <cstdlib>

#include "core/errors.hpp"

namespace hullscan {
namespace {

int determinant(const SupercellMatrix& m) {
  return m(0, 0) * (m(1, 1) * m(2, 2) - m(1, 2) * m(2, 1)) - m(0, 1) * (m(1, 0) * m(2, 2) - m(1, 2) * m(2, 0)) +
         m(0, 2) * (m(1, 0) * m(2, 1) - m(1, 1) * m(2, 0));
}

/// adj(m) with m * adj(m) = det * 1, in integers.
Eigen::Matrix3i adjugate(const SupercellMatrix& m) {
  Eigen::Matrix3i a;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      const int r0 = (j + 1) % 3, r1 = (j + 2) % 3, c0 = (i + 1) % 3, c1 = (i + 2) % 3;
      a(i, j) = m(r0, c0) * m(r1, c1) - m(r0, c1) * m(r1, c0);
    }
  }
  return a;
}

/// The |det| cells n (row vectors) with n * m^-1 in [0, 1)^3, lexicographic.
std::vector<Eigen::Vector3i> cells_inside(const SupercellMatrix& m) {
  const int det = determinant(m);
  const Eigen::Matrix3i adj = adjugate(m);
  Eigen::Vector3i low = Eigen::Vector3i::Zero(), high = Eigen::Vector3i::Zero();
  for (int corner = 1; corner < 8; ++corner) {
    Eigen::Vector3i sum = Eigen::Vector3i::Zero();
    for (int i = 0; i < 3; ++i) {
      if ((corner >> i & 1) != 0) sum += m.row(i).transpose();
    }
    low = low.cwiseMin(sum);
    high = high.cwiseMax(sum);
  }
  std::vector<Eigen::Vector3i> cells;
  for (int i = low[0]; i <= high[0]; ++i) {
    for (int j = low[1]; j <= high[1]; ++j) {
      for (int k = low[2]; k <= high[2]; ++k) {
        const Eigen::Vector3i n(i, j, k);
        const Eigen::RowVector3i scaled = n.transpose() * adj * (det > 0 ? 1 : -1);
        if ((scaled.array() >= 0).all() && (scaled.array() < std::abs(det)).all()) cells.push_back(n);
      }
    }
  }
  assert(cells.size() == static_cast<std::size_t>(std::abs(det)));
  return cells;
}

Lattice supercell_lattice(const ParentCrystal& parent, const SupercellMatrix& matrix) {
  if (determinant(matrix) == 0) throw InputError("supercell matrix is singular (determinant 0)");
  return Lattice(matrix.cast<double>() * parent.lattice.rows());
}

}  // namespace

Supercell::Supercell(std::shared_ptr<const ParentCrystal> parent, const SupercellMatrix& matrix)
    : parent_(std::move(parent)), matrix_(matrix), lattice_(supercell_lattice(*parent_, matrix)) {
  const std::vector<Eigen::Vector3i> cells = cells_inside(matrix_);
  const Eigen::Matrix3d inverse = matrix_.cast<double>().inverse();
  for (std::size_t p = 0; p < parent_->sites.size(); ++p) {
    const ParentSite& site = parent_->sites[p];
    for (const Eigen::Vector3i& cell : cells) {
      const Eigen::Vector3d in_cells = site.position.x + cell.cast<double>();
      const Fractional position = wrapped({inverse.transpose() * in_cells});
      if (site.sublattice != kFixedSite) varied_.push_back(static_cast<int>(sites_.size()));
      sites_.push_back({static_cast<int>(p), cell, position});
    }
  }
}

int Supercell::volume_factor() const { return std::abs(determinant(matrix_)); }

int Supercell::sublattice_of(int varied_index) const {
  const int site = varied_[static_cast<std::size_t>(varied_index)];
  return parent_->sites[static_cast<std::size_t>(sites_[static_cast<std::size_t>(site)].parent_site)].sublattice;
}

int Supercell::sublattice_site_count(int sublattice) const {
  return volume_factor() * static_cast<int>(parent_->sublattices[static_cast<std::size_t>(sublattice)].sites.size());
}

Structure Supercell::structure(std::span<const std::uint8_t> occupation) const {
  assert(occupation.size() == varied_.size());
  Structure result{lattice_, {}, {}};
  std::size_t next_varied = 0;
  for (const SupercellSite& site : sites_) {
    const ParentSite& parent_site = parent_->sites[static_cast<std::size_t>(site.parent_site)];
    Species species = parent_site.fixed_species;
    if (parent_site.sublattice != kFixedSite) {
      species =
          parent_->sublattices[static_cast<std::size_t>(parent_site.sublattice)].allowed[occupation[next_varied++]];
    }
    if (species.is_vacancy()) continue;
    result.species.push_back(species);
    result.positions.push_back(site.position);
  }
  return result;
}

Composition Supercell::composition(std::span<const std::uint8_t> occupation) const {
  std::map<Species, std::int64_t> counts;
  std::size_t next_varied = 0;
  for (const SupercellSite& site : sites_) {
    const ParentSite& parent_site = parent_->sites[static_cast<std::size_t>(site.parent_site)];
    if (parent_site.sublattice == kFixedSite) {
      ++counts[parent_site.fixed_species];
    } else {
      ++counts[parent_->sublattices[static_cast<std::size_t>(parent_site.sublattice)]
                   .allowed[occupation[next_varied++]]];
    }
  }
  return Composition(counts);
}

}  // namespace hullscan
