#include "dft_adapters/vasp/centring.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace hullscan::vasp {
namespace {

constexpr double kToleranceAngstrom = 1e-3;
constexpr double kToleranceOfLengths = 1e-3;  ///< relative

double distance_to_lattice(const Lattice& lattice, Eigen::Vector3d fractional) {
  for (int i = 0; i < 3; ++i) fractional[i] -= std::round(fractional[i]);
  return lattice.to_cartesian(Fractional{fractional}).x.norm();
}

bool maps_to_itself(const Structure& structure, const Eigen::Vector3d& shift) {
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < structure.atom_count() && !found; ++j) {
      found = structure.species[i] == structure.species[j] &&
              distance_to_lattice(structure.lattice, structure.positions[i].x + shift - structure.positions[j].x) <
                  kToleranceAngstrom;
    }
    if (!found) return false;
  }
  return true;
}

/// Fractional translations within the cell, zero among them: differences of atoms of the rarest species.
std::vector<Eigen::Vector3d> translations(const Structure& structure) {
  std::map<Species, std::vector<std::size_t>> of_species;
  for (std::size_t i = 0; i < structure.atom_count(); ++i) of_species[structure.species[i]].push_back(i);
  const auto& rarest = std::min_element(of_species.begin(), of_species.end(), [](const auto& a, const auto& b) {
                         return a.second.size() < b.second.size();
                       })->second;
  std::vector<Eigen::Vector3d> found;
  for (const std::size_t atom : rarest) {
    const Eigen::Vector3d shift = structure.positions[atom].x - structure.positions[rarest[0]].x;
    if (atom == rarest[0] || maps_to_itself(structure, shift)) found.push_back(shift);
  }
  return found;
}

}  // namespace

bool is_face_centred(const Structure& structure) {
  if (structure.atom_count() == 0) return false;
  const std::vector<Eigen::Vector3d> shifts = translations(structure);
  const auto in_lattice = [&](const Eigen::Vector3d& fractional) {
    return std::any_of(shifts.begin(), shifts.end(), [&](const Eigen::Vector3d& shift) {
      return distance_to_lattice(structure.lattice, fractional - shift) < kToleranceAngstrom;
    });
  };
  const double primitive_volume = structure.lattice.volume_cubic_angstrom() / static_cast<double>(shifts.size());
  // Edges of the face-centred cell are at most as long as its volume over the shortest two allow: short vectors
  // suffice.
  std::vector<Eigen::Vector3d> vectors;  // Cartesian, one of each pair ±v
  const Eigen::Matrix3d to_space = structure.lattice.rows().transpose();
  const Eigen::Matrix3d to_cell = to_space.inverse();
  constexpr int kReach = 2;
  for (const Eigen::Vector3d& shift : shifts) {
    for (int i = -kReach; i <= kReach; ++i) {
      for (int j = -kReach; j <= kReach; ++j) {
        for (int k = -kReach; k <= kReach; ++k) {
          const Eigen::Vector3d v = to_space * (shift + Eigen::Vector3d(i, j, k));
          if (v.norm() < kToleranceAngstrom || v.norm() > 4 * std::cbrt(primitive_volume)) continue;
          if (std::none_of(vectors.begin(), vectors.end(),
                           [&](const Eigen::Vector3d& w) { return (v + w).norm() < kToleranceAngstrom; }))
            vectors.push_back(v);
        }
      }
    }
  }
  const auto orthogonal = [](const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
    return std::abs(a.dot(b)) < kToleranceOfLengths * a.norm() * b.norm();
  };
  const auto half_sum_in = [&](const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
    return in_lattice(to_cell * (0.5 * (a + b)));
  };
  const auto equal = [](double a, double b) { return std::abs(a - b) < kToleranceOfLengths * a; };
  for (std::size_t a = 0; a < vectors.size(); ++a) {
    for (std::size_t b = a + 1; b < vectors.size(); ++b) {
      if (!orthogonal(vectors[a], vectors[b]) || !half_sum_in(vectors[a], vectors[b])) continue;
      for (std::size_t c = b + 1; c < vectors.size(); ++c) {
        if (!orthogonal(vectors[a], vectors[c]) || !orthogonal(vectors[b], vectors[c])) continue;
        const double x = vectors[a].norm(), y = vectors[b].norm(), z = vectors[c].norm();
        if (!equal(x * y * z, 4 * primitive_volume) || !half_sum_in(vectors[a], vectors[c])) continue;
        const int equal_pairs =
            static_cast<int>(equal(x, y)) + static_cast<int>(equal(y, z)) + static_cast<int>(equal(x, z));
        if (equal_pairs != 1) return true;
      }
    }
  }
  return false;
}

}  // namespace hullscan::vasp
