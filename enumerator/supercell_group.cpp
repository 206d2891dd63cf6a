#include "enumerator/supercell_group.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>  // std::iota
#include <string>

#include "core/errors.hpp"
#include "enumerator/detail/integer_lattice.hpp"

namespace hullscan {
namespace {

using detail::CellIndex;
using detail::Matrix3l;
using detail::Vector3l;

constexpr std::uint32_t kNotVaried = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kMostBytes = std::size_t{4} << 30;

/// A site of the primitive cell.
struct BasisSite {
  Eigen::Vector3d position;  ///< primitive fractional, of the representative
  int sublattice = kFixedSite;
};

/// A parent site as basis site + primitive cell.
struct PlacedSite {
  std::size_t basis = 0;
  Vector3l cell;
};

Vector3l rounded(const Eigen::Vector3d& x) {
  return {std::llround(x[0]), std::llround(x[1]), std::llround(x[2])};
}

/// Index of the site of `sites` nearest to x modulo the lattice among those of the sublattice, and the cell it is in.
PlacedSite nearest(const std::vector<BasisSite>& sites, const Lattice& lattice, const Eigen::Vector3d& x, int sublattice,
                   double& distance) {
  PlacedSite best;
  distance = std::numeric_limits<double>::infinity();
  for (std::size_t b = 0; b < sites.size(); ++b) {
    if (sites[b].sublattice != sublattice) continue;
    const Eigen::Vector3d difference = x - sites[b].position;
    const Vector3l cell = rounded(difference);
    const double d = (lattice.rows().transpose() * (difference - cell.cast<double>())).norm();
    if (d < distance) {
      distance = d;
      best = {b, cell};
    }
  }
  return best;
}

/// The varied sites of the primitive cell, and where each varied parent site lies among them.
struct Basis {
  std::vector<BasisSite> sites;
  std::vector<PlacedSite> placed;  ///< [parent site]; meaningful for varied sites
};

Basis varied_basis(const ParentCrystal& parent, const Lattice& primitive, double tolerance) {
  Basis basis;
  basis.placed.resize(parent.sites.size());
  const Eigen::Matrix3d to_primitive = parent.cell_in_primitive.cast<double>().transpose();
  for (std::size_t p = 0; p < parent.sites.size(); ++p) {
    if (parent.sites[p].sublattice == kFixedSite) continue;
    const Eigen::Vector3d x = to_primitive * parent.sites[p].position.x;
    double distance = 0;
    PlacedSite place = nearest(basis.sites, primitive, x, parent.sites[p].sublattice, distance);
    if (distance > tolerance) {
      place = {basis.sites.size(), Vector3l::Zero()};
      basis.sites.push_back({x, parent.sites[p].sublattice});
    }
    basis.placed[p] = place;
  }
  return basis;
}

/// One point operation kept by the supercell, with its action on the basis sites: b goes to target[b] in cell offset[b].
struct KeptOperation {
  const SymmetryOperation* operation = nullptr;
  std::vector<std::size_t> target;
  std::vector<Vector3l> offset;
};

std::vector<KeptOperation> kept_operations(const ParentCrystal& parent, const Basis& basis, const Lattice& primitive,
                                           const Matrix3l& supercell, double tolerance) {
  // Columns of Sᵀ are the supercell vectors: S⁻ᵀ R Sᵀ must be an integer matrix.
  const Matrix3l columns = supercell.transpose();
  const std::int64_t det = detail::determinant(columns);
  const Matrix3l adjugate = detail::adjugate(columns);
  std::vector<KeptOperation> kept;
  for (const SymmetryOperation& operation : parent.operations) {
    const Matrix3l scaled = adjugate * operation.rotation.cast<std::int64_t>() * columns;
    if (!scaled.unaryExpr([&](std::int64_t v) { return v % det; }).isZero()) continue;
    KeptOperation action{&operation, {}, {}};
    for (const BasisSite& site : basis.sites) {
      const Eigen::Vector3d image = operation.rotation.cast<double>() * site.position + operation.translation;
      double distance = 0;
      const PlacedSite place = nearest(basis.sites, primitive, image, site.sublattice, distance);
      if (distance > tolerance) {
        throw InputError("a symmetry operation of " + parent.source + " maps a varied site " + std::to_string(distance) +
                         " Å away from every site of its sublattice: change symprec");
      }
      action.target.push_back(place.basis);
      action.offset.push_back(place.cell);
    }
    kept.push_back(std::move(action));
  }
  return kept;
}

/// Where operation `made_by` = kept operation * cells + translation stands.
struct Made {
  std::uint32_t kept = 0;
  std::uint32_t cell = 0;
};

}  // namespace

SupercellGroup group_of(const Supercell& supercell) {
  const ParentCrystal& parent = supercell.parent();
  const Lattice primitive = parent.primitive_lattice();
  const double tolerance = std::max(0.05, 4 * parent.symprec_angstrom);
  const Basis basis = varied_basis(parent, primitive, tolerance);
  const Matrix3l matrix = supercell.matrix().cast<std::int64_t>() * parent.cell_in_primitive.cast<std::int64_t>();
  const CellIndex cells(detail::hermite_normal_form(matrix));
  const auto cell_count = static_cast<std::size_t>(cells.size());
  const std::vector<KeptOperation> kept = kept_operations(parent, basis, primitive, matrix, tolerance);

  SupercellGroup group;
  group.operation_count = kept.size() * cell_count;
  const std::size_t degree = supercell.varied_sites().size();
  group.permutations.degree = degree;
  if (degree > 65535) {
    throw InputError("the supercell has " + std::to_string(degree) + " varied sites, at most 65535 are possible");
  }
  if (degree != 0 && group.operation_count > kMostBytes / sizeof(std::uint16_t) / degree) {
    throw InputError("the supercell has " + std::to_string(group.operation_count) + " symmetry operations on " +
                     std::to_string(degree) + " varied sites: more than fit in 4 GiB");
  }

  // Varied site of (basis, cell), and the way back.
  std::vector<std::uint32_t> site_at(basis.sites.size() * cell_count, kNotVaried);
  std::vector<std::size_t> basis_of(degree), cell_of(degree);
  const Eigen::Matrix<std::int64_t, 3, 3> to_primitive = parent.cell_in_primitive.cast<std::int64_t>().transpose();
  for (std::size_t v = 0; v < degree; ++v) {
    const SupercellSite& site = supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[v])];
    const PlacedSite& place = basis.placed[static_cast<std::size_t>(site.parent_site)];
    basis_of[v] = place.basis;
    cell_of[v] = static_cast<std::size_t>(cells(to_primitive * site.cell.cast<std::int64_t>() + place.cell));
    site_at[basis_of[v] * cell_count + cell_of[v]] = static_cast<std::uint32_t>(v);
  }
  if (std::find(site_at.begin(), site_at.end(), kNotVaried) != site_at.end()) {
    throw InputError("the varied sites of " + parent.source + " do not repeat with its primitive cell: change symprec");
  }

  // Each kept operation without a translation: (basis, cell) of every site's image.
  std::vector<std::uint32_t> image_basis(kept.size() * degree), image_cell(kept.size() * degree);
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const Matrix3l rotation = kept[k].operation->rotation.cast<std::int64_t>();
    std::vector<Vector3l> rotated(cell_count);
    for (std::size_t c = 0; c < cell_count; ++c) rotated[c] = rotation * cells.cell(static_cast<std::int64_t>(c));
    for (std::size_t v = 0; v < degree; ++v) {
      const std::size_t b = basis_of[v];
      image_basis[k * degree + v] = static_cast<std::uint32_t>(kept[k].target[b] * cell_count);
      image_cell[k * degree + v] = static_cast<std::uint32_t>(cells(rotated[cell_of[v]] + kept[k].offset[b]));
    }
  }

  std::vector<std::uint16_t> images(group.operation_count * degree);
  std::vector<Made> made(group.operation_count);
  std::vector<std::uint32_t> shifted(cell_count);
  std::size_t row = 0;
  for (std::size_t m = 0; m < cell_count; ++m) {
    const Vector3l shift = cells.cell(static_cast<std::int64_t>(m));
    for (std::size_t c = 0; c < cell_count; ++c) {
      shifted[c] = static_cast<std::uint32_t>(cells(cells.cell(static_cast<std::int64_t>(c)) + shift));
    }
    for (std::size_t k = 0; k < kept.size(); ++k, ++row) {
      made[row] = {static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(m)};
      for (std::size_t v = 0; v < degree; ++v) {
        const std::size_t at = k * degree + v;
        images[row * degree + v] = static_cast<std::uint16_t>(site_at[image_basis[at] + shifted[image_cell[at]]]);
      }
    }
  }

  const auto operation = [&](std::size_t i) {
    SymmetryOperation result = *kept[made[i].kept].operation;
    result.translation += cells.cell(made[i].cell).cast<double>();
    return result;
  };
  const auto row_of = [&](std::size_t i) { return std::span(images).subspan(i * degree, degree); };
  const auto same = [&](std::size_t i, std::size_t j) {
    return degree == 0 || std::memcmp(row_of(i).data(), row_of(j).data(), degree * sizeof(std::uint16_t)) == 0;
  };
  std::vector<std::size_t> order(group.operation_count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const auto a = row_of(i), b = row_of(j);
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin());
    return x == a.end() ? i < j : *x < *y;
  });

  // The identity sorts first: it is the lexicographically smallest permutation.
  for (std::size_t o = 0; o < order.size(); ++o) {
    const std::size_t i = order[o];
    const bool fresh = o == 0 || !same(order[o - 1], i);
    if (fresh) {
      group.operation_of.push_back(operation(i));
      group.permutations.images.insert(group.permutations.images.end(), row_of(i).begin(), row_of(i).end());
    }
    if (group.operation_of.size() == 1) group.kernel.push_back(operation(i));
    if (kept[made[i].kept].operation->rotation.isIdentity()) {
      const std::size_t permutation = group.operation_of.size() - 1;
      if (group.translations.empty() || group.translations.back() != permutation) group.translations.push_back(permutation);
    }
  }
  return group;
}

}  // namespace hullscan
