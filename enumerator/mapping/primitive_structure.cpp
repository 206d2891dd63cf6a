#include "enumerator/mapping/primitive_structure.hpp"

#include <Eigen/Geometry>  // cross
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>  // std::gcd
#include <optional>

namespace hullscan {
namespace {

Eigen::Vector3d nearest_to_zero(const Eigen::Vector3d& x) { return x - Eigen::Vector3d(x.array().round()); }

/// The atom of the same species at a place; nothing if there is none.
std::optional<std::size_t> atom_at(const Structure& structure, Species species, const Eigen::Vector3d& place,
                                   double tolerance) {
  const Eigen::Matrix3d to_cartesian = structure.lattice.rows().transpose();
  for (std::size_t b = 0; b < structure.atom_count(); ++b) {
    if (structure.species[b] != species) continue;
    if ((to_cartesian * nearest_to_zero(place - structure.positions[b].x)).norm() < tolerance) return b;
  }
  return std::nullopt;
}

/// Whether all atoms have one of their species where the translation takes them. @param[out] image of each.
bool is_translation(const Structure& structure, const Eigen::Vector3d& translation, double tolerance,
                    std::vector<std::size_t>& image) {
  image.clear();
  for (std::size_t a = 0; a < structure.atom_count(); ++a) {
    const auto found = atom_at(structure, structure.species[a], structure.positions[a].x + translation, tolerance);
    if (!found) return false;
    image.push_back(*found);
  }
  return true;
}

/// Three vectors of the lattice that the translations make with the cell's own: its successive minima, which in three
/// dimensions are a basis.
std::optional<Eigen::Matrix3d> basis_of(const Lattice& lattice, const std::vector<Eigen::Vector3d>& translations) {
  constexpr int kReach = 2;
  constexpr double kFlat = 1e-3;
  std::vector<Eigen::RowVector3d> vectors;
  for (const Eigen::Vector3d& t : translations) {
    for (int i = -kReach; i <= kReach; ++i) {
      for (int j = -kReach; j <= kReach; ++j) {
        for (int k = -kReach; k <= kReach; ++k) {
          const Eigen::RowVector3d vector = (t + Eigen::Vector3d(i, j, k)).transpose() * lattice.rows();
          if (vector.norm() > 1e-6) vectors.push_back(vector);
        }
      }
    }
  }
  std::stable_sort(vectors.begin(), vectors.end(),
                   [](const auto& a, const auto& b) { return a.squaredNorm() < b.squaredNorm(); });
  const double volume = lattice.volume_cubic_angstrom() / static_cast<double>(translations.size());
  const Eigen::RowVector3d a = vectors.front();
  const auto b = std::find_if(vectors.begin(), vectors.end(), [&](const Eigen::RowVector3d& one) {
    return a.cross(one).norm() > kFlat * a.norm() * one.norm();
  });
  if (b == vectors.end()) return std::nullopt;
  for (const Eigen::RowVector3d& c : vectors) {
    const double size = a.cross(*b).dot(c);
    if (std::abs(size) < kFlat * a.norm() * b->norm() * c.norm()) continue;
    if (std::abs(std::abs(size) / volume - 1) > 1e-6) return std::nullopt;
    Eigen::Matrix3d rows;
    rows << a, *b, (size > 0 ? c : Eigen::RowVector3d(-c));
    return rows;
  }
  return std::nullopt;
}

}  // namespace

PrimitiveStructure primitive_structure(const Structure& structure, double tolerance_angstrom) {
  PrimitiveStructure whole{structure, std::vector<int>(structure.atom_count())};
  std::iota(whole.atom.begin(), whole.atom.end(), 0);
  std::map<Species, std::int64_t> counts;
  for (const Species species : structure.species) ++counts[species];
  std::int64_t divisor = 0;
  for (const auto& [species, count] : counts) divisor = std::gcd(divisor, count);
  if (divisor <= 1) return whole;

  const Species rarest = std::min_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                           return a.second < b.second;
                         })->first;
  const auto first = static_cast<std::size_t>(std::find(structure.species.begin(), structure.species.end(), rarest) -
                                              structure.species.begin());
  std::vector<Eigen::Vector3d> translations = {Eigen::Vector3d::Zero()};
  std::vector<bool> repeats(structure.atom_count(), false);  // of an atom before it
  std::vector<std::size_t> image;
  for (std::size_t j = first + 1; j < structure.atom_count(); ++j) {
    if (structure.species[j] != rarest) continue;
    const Eigen::Vector3d translation = structure.positions[j].x - structure.positions[first].x;
    if (!is_translation(structure, translation, tolerance_angstrom, image)) continue;
    translations.push_back(translation);
    for (std::size_t a = 0; a < image.size(); ++a) repeats[image[a]] = repeats[image[a]] || a < image[a];
  }
  if (translations.size() == 1) return whole;
  // In a group of order N, N t is a vector of the lattice.
  const auto order = static_cast<double>(translations.size());
  for (Eigen::Vector3d& translation : translations) translation = (order * translation).array().round() / order;
  const auto rows = basis_of(structure.lattice, translations);
  const auto left = std::count(repeats.begin(), repeats.end(), false);
  if (!rows || left * static_cast<std::int64_t>(translations.size()) != static_cast<std::int64_t>(repeats.size()))
    return whole;
  PrimitiveStructure primitive{{Lattice(*rows), {}, {}}, {}};
  for (std::size_t a = 0; a < structure.atom_count(); ++a) {
    if (repeats[a]) continue;
    primitive.atom.push_back(static_cast<int>(a));
    primitive.structure.species.push_back(structure.species[a]);
    primitive.structure.positions.push_back(
        wrapped(primitive.structure.lattice.to_fractional(structure.lattice.to_cartesian(structure.positions[a]))));
  }
  return primitive;
}

}  // namespace hullscan
