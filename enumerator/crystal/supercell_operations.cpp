#include "enumerator/crystal/supercell_operations.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/errors.hpp"

namespace hullscan {
namespace {

using detail::CellIndex;
using detail::Matrix3l;
using detail::Vector3l;

constexpr std::uint32_t kNotVaried = std::numeric_limits<std::uint32_t>::max();

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

Vector3l rounded(const Eigen::Vector3d& x) { return {std::llround(x[0]), std::llround(x[1]), std::llround(x[2])}; }

/// Index of the site of `sites` nearest to x modulo the lattice among those of the sublattice, and the cell it is in.
PlacedSite nearest(const std::vector<BasisSite>& sites, const Lattice& lattice, const Eigen::Vector3d& x,
                   int sublattice, double& distance) {
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

/// One point operation kept by the supercell, with its action on the basis sites: b goes to target[b] in cell
/// offset[b].
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
        throw InputError("a symmetry operation of " + parent.source + " maps a varied site " +
                         std::to_string(distance) + " Å away from every site of its sublattice: change symprec");
      }
      action.target.push_back(place.basis);
      action.offset.push_back(place.cell);
    }
    kept.push_back(std::move(action));
  }
  return kept;
}

}  // namespace

SupercellOperations::SupercellOperations(const Supercell& supercell) {
  const ParentCrystal& parent = supercell.parent();
  const Lattice primitive = parent.primitive_lattice();
  const double tolerance = std::max(0.05, 4 * parent.symprec_angstrom);
  const Basis basis = varied_basis(parent, primitive, tolerance);
  const Matrix3l reference = parent.cell_in_primitive.cast<std::int64_t>();
  const Matrix3l matrix = supercell.matrix().cast<std::int64_t>() * reference;
  hermite_ = detail::hermite_normal_form(matrix);
  const CellIndex cells(hermite_);
  if (cells.size() > std::numeric_limits<std::int32_t>::max() / 4) {
    throw InputError("the supercell holds " + std::to_string(cells.size()) + " primitive cells: too many to count");
  }
  const auto entry = [&](int i, int j) { return static_cast<std::int32_t>(hermite_(i, j)); };
  h00_ = entry(0, 0), h10_ = entry(1, 0), h11_ = entry(1, 1), h20_ = entry(2, 0), h21_ = entry(2, 1),
  h22_ = entry(2, 2);
  const auto cell_count = static_cast<std::size_t>(cells.size());
  for (std::size_t c = 0; c < cell_count; ++c) {
    const Vector3l cell = cells.cell(static_cast<std::int64_t>(c));
    cell_at_.push_back(
        {static_cast<std::int32_t>(cell[0]), static_cast<std::int32_t>(cell[1]), static_cast<std::int32_t>(cell[2])});
  }
  const std::vector<KeptOperation> kept = kept_operations(parent, basis, primitive, matrix, tolerance);
  for (const KeptOperation& one : kept) {
    kept_.push_back(*one.operation);
    on_basis_.push_back({one.target, one.offset});
  }
  for (const BasisSite& site : basis.sites) sublattice_of_basis_.push_back(site.sublattice);
  find_reference_cells(reference);

  // Varied site of (basis, cell), and the way back.
  const std::size_t degree = supercell.varied_sites().size();
  site_at_.assign(basis.sites.size() * cell_count, kNotVaried);
  std::vector<std::size_t> basis_of(degree), cell_of(degree);
  const Matrix3l to_primitive = reference.transpose();
  for (std::size_t v = 0; v < degree; ++v) {
    sublattice_of_site_.push_back(supercell.sublattice_of(static_cast<int>(v)));
    const SupercellSite& site = supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[v])];
    const PlacedSite& place = basis.placed[static_cast<std::size_t>(site.parent_site)];
    basis_of[v] = place.basis;
    cell_of[v] = static_cast<std::size_t>(cells(to_primitive * site.cell.cast<std::int64_t>() + place.cell));
    site_at_[basis_of[v] * cell_count + cell_of[v]] = static_cast<std::uint32_t>(v);
  }
  if (std::find(site_at_.begin(), site_at_.end(), kNotVaried) != site_at_.end()) {
    throw InputError("the varied sites of " + parent.source + " do not repeat with its primitive cell: change symprec");
  }

  place_.resize(kept.size() * degree);
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const Matrix3l rotation = kept[k].operation->rotation.cast<std::int64_t>();
    std::vector<Vector3l> rotated(cell_count);
    for (std::size_t c = 0; c < cell_count; ++c) rotated[c] = rotation * cells.cell(static_cast<std::int64_t>(c));
    for (std::size_t v = 0; v < degree; ++v) {
      const std::size_t b = basis_of[v];
      place_[k * degree + v] = {static_cast<std::uint32_t>(kept[k].target[b] * cell_count),
                                static_cast<std::uint32_t>(cells(rotated[cell_of[v]] + kept[k].offset[b]))};
    }
  }
}

SymmetryOperation SupercellOperations::operation(std::size_t point, std::size_t cell) const {
  SymmetryOperation result = kept_[point];
  result.translation += Eigen::Vector3d(cell_at_[cell].x, cell_at_[cell].y, cell_at_[cell].z);
  return result;
}

void SupercellOperations::images(std::size_t point, std::size_t cell, std::span<std::uint32_t> images) const {
  const Place* place = place_.data() + point * site_count();
  for (std::size_t v = 0; v < images.size(); ++v) {
    images[v] = site_at_[place[v].basis_row + sum(place[v].cell, static_cast<std::uint32_t>(cell))];
  }
}

std::vector<SupercellOperations::Conjugates> SupercellOperations::conjugates() const {
  const CellIndex cells(hermite_);
  std::vector<Conjugates> all;
  for (std::size_t k = 0; k < point_count(); ++k) {
    // Conjugation by a translation s takes (R, t) to (R, t + s - R s).
    Matrix3l differences = (Matrix3l::Identity() - kept_[k].rotation.cast<std::int64_t>()).transpose();
    Matrix3l coarse = hermite_;
    for (int i = 0; i < 3; ++i) coarse = detail::joined(coarse, differences.row(i).transpose());
    const CellIndex classes(coarse);
    for (std::int64_t c = 0; c < classes.size(); ++c) {
      all.push_back({k, static_cast<std::size_t>(cells(classes.cell(c))), cells.size() / classes.size()});
    }
  }
  return all;
}

void SupercellOperations::find_reference_cells(const Matrix3l& reference) {
  // Operations of the supercell map its lattice onto itself, not always that of the reference cell.
  std::vector<Matrix3l> lattices;
  for (const SymmetryOperation& operation : kept_) {
    const Matrix3l image = detail::hermite_normal_form(reference * operation.rotation.cast<std::int64_t>().transpose());
    if (std::find(lattices.begin(), lattices.end(), image) == lattices.end()) lattices.push_back(image);
  }
  for (std::size_t c = 0; c < cell_at_.size(); ++c) {
    const Vector3l cell(cell_at_[c].x, cell_at_[c].y, cell_at_[c].z);
    if (std::any_of(lattices.begin(), lattices.end(),
                    [&](const Matrix3l& lattice) { return CellIndex(lattice).reduced(cell).isZero(); })) {
      reference_cells_.push_back(static_cast<std::uint32_t>(c));
    }
  }
}

std::vector<SupercellOperations::Power> SupercellOperations::powers_below_translation(std::size_t point,
                                                                                      const Vector3l& shift,
                                                                                      Vector3l& translation) const {
  const Matrix3l rotation = kept_[point].rotation.cast<std::int64_t>();
  const OnBasis& once = on_basis_[point];
  Power power;
  for (std::size_t b = 0; b < once.target.size(); ++b) {
    power.on_basis.target.push_back(b);
    power.on_basis.offset.emplace_back(Vector3l::Zero());
  }
  std::vector<Power> powers;
  do {
    powers.push_back(power);
    power.rotation = rotation * power.rotation;
    for (std::size_t b = 0; b < once.target.size(); ++b) {
      const std::size_t at = power.on_basis.target[b];
      power.on_basis.target[b] = once.target[at];
      power.on_basis.offset[b] = rotation * power.on_basis.offset[b] + once.offset[at] + shift;
    }
  } while (!power.rotation.isIdentity());
  if (!once.target.empty()) translation = power.on_basis.offset[0];  // the same of every site: the cell is primitive
  return powers;
}

std::vector<std::map<int, int>> SupercellOperations::cycles(std::size_t point, std::size_t cell,
                                                            std::span<const std::size_t> subgroup) const {
  const auto vector_of = [&](std::size_t c) { return Vector3l(cell_at_[c].x, cell_at_[c].y, cell_at_[c].z); };
  Vector3l translation = Vector3l::Zero();
  const std::vector<Power> powers = powers_below_translation(point, vector_of(cell), translation);
  const auto order = static_cast<std::int64_t>(powers.size());

  Matrix3l lattice = hermite_;
  for (const std::size_t generator : subgroup) {
    for (const Power& power : powers) lattice = detail::joined(lattice, power.rotation * vector_of(generator));
  }
  const std::int64_t together =
      CellIndex(hermite_).size() / CellIndex(lattice).size();  // sites that the subgroup joins
  const std::int64_t step = CellIndex(lattice).size() / CellIndex(detail::joined(lattice, translation)).size();

  std::vector<std::map<int, int>> lengths;
  for (const int s : sublattice_of_basis_) lengths.resize(std::max(lengths.size(), static_cast<std::size_t>(s) + 1));
  std::vector<std::map<std::int64_t, std::int64_t>> sites(lengths.size());  // [sublattice] in cycles of step * divisor
  for (std::int64_t divisor = 1; divisor <= order; ++divisor) {
    if (order % divisor != 0) continue;
    const Power& power = powers[static_cast<std::size_t>(step * divisor % order)];
    const Vector3l further = step * divisor / order * translation;
    Matrix3l image = lattice;  // of c -> rotation * c - c
    for (int i = 0; i < 3; ++i) image = detail::joined(image, (power.rotation - Matrix3l::Identity()).col(i));
    const CellIndex solvable(image);
    std::vector<std::int64_t> fixed(lengths.size(), 0);
    for (std::size_t b = 0; b < sublattice_of_basis_.size(); ++b) {
      if (power.on_basis.target[b] != b || !solvable.reduced(power.on_basis.offset[b] + further).isZero()) continue;
      fixed[static_cast<std::size_t>(sublattice_of_basis_[b])] += solvable.size();
    }
    for (std::size_t s = 0; s < lengths.size(); ++s) {
      std::int64_t exactly = fixed[s];
      for (const auto& [smaller, number] : sites[s]) exactly -= divisor % smaller == 0 ? number : 0;
      if (exactly == 0) continue;
      sites[s][divisor] = exactly;
      lengths[s][static_cast<int>(step * divisor * together)] = static_cast<int>(exactly / (step * divisor));
    }
  }
  return lengths;
}

}  // namespace hullscan
