#include "enumerator/crystal/detail/primitive_cell.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/errors.hpp"
#include "enumerator/crystal/detail/integer_lattice.hpp"
#include "enumerator/crystal/detail/spglib.hpp"

namespace hullscan::detail {
namespace {

Eigen::Vector3d nearest_image(const Eigen::Vector3d& difference) {
  return difference.unaryExpr([](double v) { return v - std::round(v); });
}

FoundSymmetry symmetry_of(const Lattice& lattice, const std::vector<Fractional>& positions,
                          const std::vector<int>& types, double symprec) {
  std::string why;
  const auto found = find_symmetry(lattice, positions, types, symprec, why);
  if (!found) {
    throw InputError("no symmetry found with symprec = " + std::to_string(symprec) + " Å (" + why +
                     "): are two atoms on one place, or is symprec as large as a distance between atoms?");
  }
  return *found;
}

/// Row vectors of a primitive lattice in units of 1/N of the given vectors, N = number of pure translations.
Matrix3l translation_lattice(const std::vector<Eigen::Vector3d>& translations) {
  const auto n = static_cast<std::int64_t>(translations.size());
  Matrix3l basis = Matrix3l::Identity() * n;
  for (const Eigen::Vector3d& t : translations) {
    // In a group of order N, N t is a lattice vector: t is a multiple of 1/N up to the noise of the coordinates.
    Vector3l extra;
    for (int i = 0; i < 3; ++i) extra[i] = std::llround(t[i] * static_cast<double>(n));
    // Euclid of four rows: eliminate `extra` against the triangular basis, column by column from the last.
    for (int column = 2; column >= 0; --column) {
      while (extra[column] != 0) {
        const std::int64_t quotient = basis(column, column) / extra[column];
        const Vector3l rest = basis.row(column).transpose() - quotient * extra;
        basis.row(column) = extra.transpose();
        extra = rest;
      }
    }
  }
  return hermite_normal_form(basis);
}

/// Shorter, right-handed vectors of the same lattice.
Eigen::Matrix3d reduced(const Eigen::Matrix3d& rows) {
  Eigen::Matrix3d better = niggli_reduced(rows).value_or(rows);
  const Eigen::Matrix3d change = better * rows.inverse();
  // Integers exactly: what spglib rounds away must not move the lattice.
  const Eigen::Matrix3d integer = change.array().round();
  if (std::abs(std::abs(integer.determinant()) - 1.0) > 1e-6) return rows;
  better = integer * rows;
  return better.determinant() < 0 ? Eigen::Matrix3d(-better) : better;
}

/// Chooses the primitive vectors. @returns given rows = result * primitive rows.
Eigen::Matrix3i choose_primitive(const Lattice& lattice, const FoundSymmetry& symmetry, Eigen::Matrix3d& primitive) {
  std::vector<Eigen::Vector3d> translations;
  for (const SymmetryOperation& operation : symmetry.operations) {
    if (operation.rotation.isIdentity()) translations.push_back(operation.translation);
  }
  primitive = lattice.rows();
  if (translations.size() <= 1) return Eigen::Matrix3i::Identity();
  const Matrix3l basis = translation_lattice(translations);
  const Eigen::Matrix3d fractions = basis.cast<double>() / static_cast<double>(translations.size());
  primitive = reduced(fractions * lattice.rows());
  const Eigen::Matrix3d ratio = lattice.rows() * primitive.inverse();
  const Eigen::Matrix3i integer = ratio.array().round().matrix().cast<int>();
  const std::int64_t volume = std::abs(determinant(integer.cast<std::int64_t>()));
  if ((ratio - integer.cast<double>()).cwiseAbs().maxCoeff() > 1e-6 ||
      volume != static_cast<std::int64_t>(translations.size())) {
    throw InputError("the translations found in the crystal do not form a lattice: choose a smaller symprec");
  }
  return integer;
}

/// Puts every given site into the primitive cell and merges those that are translations of each other.
void fold_sites(const std::vector<Fractional>& positions, const std::vector<int>& types, double symprec,
                std::vector<int>& primitive_types, PrimitiveCell& cell) {
  const Eigen::Matrix3d to_primitive = cell.cell_in_primitive.cast<double>().transpose();
  const auto copies = static_cast<std::size_t>(std::abs(determinant(cell.cell_in_primitive.cast<std::int64_t>())));
  std::vector<Eigen::Vector3d> sums;
  std::vector<std::size_t> counts;
  for (std::size_t g = 0; g < positions.size(); ++g) {
    const Eigen::Vector3d x = to_primitive * positions[g].x;
    std::size_t best = sums.size();
    double nearest = std::max(4 * symprec, 1e-3);
    for (std::size_t p = 0; p < cell.first_given.size(); ++p) {
      if (primitive_types[p] != types[g]) continue;
      const Eigen::Vector3d difference = nearest_image(x - cell.positions[p].x);
      const double distance = (cell.rows.transpose() * difference).norm();
      if (distance < nearest) {
        nearest = distance;
        best = p;
      }
    }
    if (best == sums.size()) {
      cell.first_given.push_back(g);
      cell.positions.push_back({x});
      primitive_types.push_back(types[g]);
      sums.push_back(Eigen::Vector3d::Zero());
      counts.push_back(0);
    }
    sums[best] += nearest_image(x - cell.positions[best].x);
    ++counts[best];
    cell.site_of.push_back(best);
  }
  for (std::size_t p = 0; p < sums.size(); ++p) {
    if (counts[p] != copies) {
      throw InputError(
          "the crystal repeats after a shorter translation, but not all of its sites do within symprec = " +
          std::to_string(symprec) + " Å: choose a smaller symprec");
    }
    cell.positions[p] = wrapped({cell.positions[p].x + sums[p] / static_cast<double>(copies)});
  }
}

/// What an operation does to the sites.
struct SiteMap {
  std::vector<std::size_t> target;          ///< [site]
  std::vector<Eigen::Vector3d> difference;  ///< [site] x(target) - (R x + t), nearest image
};

SiteMap map_sites(const SymmetryOperation& operation, const PrimitiveCell& cell, const std::vector<int>& types) {
  SiteMap map;
  for (std::size_t s = 0; s < cell.positions.size(); ++s) {
    const Eigen::Vector3d image = operation.rotation.cast<double>() * cell.positions[s].x + operation.translation;
    std::size_t best = s;
    double nearest = std::numeric_limits<double>::infinity();
    Eigen::Vector3d best_difference = Eigen::Vector3d::Zero();
    for (std::size_t p = 0; p < cell.positions.size(); ++p) {
      if (types[p] != types[s]) continue;
      const Eigen::Vector3d difference = nearest_image(cell.positions[p].x - image);
      const double distance = (cell.rows.transpose() * difference).squaredNorm();
      if (distance < nearest) {
        nearest = distance;
        best = p;
        best_difference = difference;
      }
    }
    map.target.push_back(best);
    map.difference.push_back(best_difference);
  }
  return map;
}

std::vector<int> key_of(const Eigen::Matrix3i& rotation) { return {rotation.data(), rotation.data() + 9}; }

/// True if the product of any two operations is a third, modulo 1.
bool closed(const std::vector<SymmetryOperation>& operations,
            const std::map<std::vector<int>, std::size_t>& index_of_rotation, double tolerance) {
  for (const SymmetryOperation& r : operations) {
    for (const SymmetryOperation& s : operations) {
      const auto product = index_of_rotation.find(key_of(r.rotation * s.rotation));
      if (product == index_of_rotation.end()) return false;
      const Eigen::Vector3d t = r.rotation.cast<double>() * s.translation + r.translation;
      if (nearest_image(t - operations[product->second].translation).cwiseAbs().maxCoeff() > tolerance) return false;
    }
  }
  return true;
}

/// Frees the translations from the noise of the coordinates: to multiples of 1/24 where they are nearly that, as about
/// every usual origin; otherwise t(R) becomes the mean over S of t(RS) - R t(S). If t = exact + e, that mean is
/// exact + m - R m with m the mean of e: an exact group again, about an origin shifted by m.
void make_consistent(std::vector<SymmetryOperation>& operations, const Eigen::Matrix3d& rows, double tolerance) {
  std::map<std::vector<int>, std::size_t> index_of_rotation;
  for (std::size_t i = 0; i < operations.size(); ++i) index_of_rotation[key_of(operations[i].rotation)] = i;

  std::vector<SymmetryOperation> snapped = operations;
  bool near = true;
  for (SymmetryOperation& operation : snapped) {
    const Eigen::Vector3d t = operation.translation;
    operation.translation = t.unaryExpr([](double v) { return std::round(v * 24.0) / 24.0; });
    near = near && (rows.transpose() * (operation.translation - t)).norm() < tolerance;
  }
  if (near && closed(snapped, index_of_rotation, 1e-9)) {
    operations = std::move(snapped);
    return;
  }
  std::vector<SymmetryOperation> mean = operations;
  for (SymmetryOperation& r : mean) {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (const SymmetryOperation& s : operations) {
      const auto product = index_of_rotation.find(key_of(r.rotation * s.rotation));
      if (product == index_of_rotation.end()) break;  // closed() below complains
      const Eigen::Vector3d t = operations[product->second].translation - r.rotation.cast<double>() * s.translation;
      sum += nearest_image(t - r.translation);
    }
    r.translation += sum / static_cast<double>(operations.size());
  }
  operations = std::move(mean);
  if (!closed(operations, index_of_rotation, 1e-9)) {
    throw InputError("the symmetry operations found do not form a group: choose a smaller symprec");
  }
}

}  // namespace

PrimitiveCell primitive_cell(const Lattice& lattice, const std::vector<Fractional>& positions,
                             const std::vector<int>& types, double symprec_angstrom) {
  PrimitiveCell cell;
  const FoundSymmetry given = symmetry_of(lattice, positions, types, symprec_angstrom);
  cell.cell_in_primitive = choose_primitive(lattice, given, cell.rows);
  std::vector<int> primitive_types;
  fold_sites(positions, types, symprec_angstrom, primitive_types, cell);

  // Again on the primitive cell: the given cell may have a lattice of lower symmetry. A cell that is primitive was
  // looked at already, and the search is most of what a count of a small cell costs.
  const FoundSymmetry symmetry = cell.cell_in_primitive.isIdentity() ? given
                                                                     : symmetry_of(Lattice(cell.rows), cell.positions,
                                                                                   primitive_types, symprec_angstrom);
  cell.operations = symmetry.operations;
  const auto identities = std::count_if(cell.operations.begin(), cell.operations.end(),
                                        [](const SymmetryOperation& o) { return o.rotation.isIdentity(); });
  if (identities != 1) {
    throw InputError("symprec = " + std::to_string(symprec_angstrom) +
                     " Å makes the cell primitive in one way and not in another: choose a smaller symprec");
  }
  std::stable_partition(cell.operations.begin(), cell.operations.end(),
                        [](const SymmetryOperation& o) { return o.rotation.isIdentity(); });
  make_consistent(cell.operations, cell.rows, std::clamp(symprec_angstrom, 1e-5, 1e-2));
  for (SymmetryOperation& operation : cell.operations) operation.translation = wrapped({operation.translation}).x;

  // Every site to the mean of what the operations say of it.
  std::vector<Eigen::Vector3d> shift(cell.positions.size(), Eigen::Vector3d::Zero());
  for (const SymmetryOperation& operation : cell.operations) {
    const SiteMap map = map_sites(operation, cell, primitive_types);
    for (std::size_t s = 0; s < map.target.size(); ++s) shift[map.target[s]] -= map.difference[s];
  }
  for (std::size_t p = 0; p < cell.positions.size(); ++p) {
    cell.positions[p] = wrapped({cell.positions[p].x + shift[p] / static_cast<double>(cell.operations.size())});
  }

  const Eigen::Matrix3d to_primitive = cell.cell_in_primitive.cast<double>().transpose();
  for (std::size_t g = 0; g < positions.size(); ++g) {
    const Eigen::Vector3d offset = to_primitive * positions[g].x - cell.positions[cell.site_of[g]].x;
    cell.cell_of.emplace_back(offset.array().round().matrix().cast<int>());
  }
  cell.wyckoff_letters = symmetry.wyckoff_letters;
  for (std::size_t p = 0; p < cell.positions.size(); ++p) {
    const auto orbit = std::count(symmetry.orbit_of.begin(), symmetry.orbit_of.end(), symmetry.orbit_of[p]);
    cell.multiplicities.push_back(static_cast<int>(std::lround(static_cast<double>(orbit) / symmetry.standard_cells)));
  }
  cell.number = symmetry.number;
  cell.symbol = symmetry.symbol;
  return cell;
}

}  // namespace hullscan::detail
