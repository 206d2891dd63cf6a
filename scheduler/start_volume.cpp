#include "scheduler/start_volume.hpp"

#include <Eigen/QR>
#include <cmath>
#include <vector>

namespace hullscan {

StartVolume StartVolume::learned_from(std::span<const Structure> relaxed) {
  StartVolume result;
  std::map<Species, Eigen::Index> column;
  for (const Structure& structure : relaxed) {
    for (const Species species : structure.species) column.try_emplace(species, 0);
  }
  if (column.empty()) return result;
  Eigen::Index next = 0;
  for (auto& [species, index] : column) index = next++;

  Eigen::MatrixXd fractions = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(relaxed.size()), next);
  Eigen::VectorXd volume_per_atom(static_cast<Eigen::Index>(relaxed.size()));
  for (std::size_t i = 0; i < relaxed.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    const auto atoms = static_cast<double>(relaxed[i].atom_count());
    for (const Species species : relaxed[i].species) fractions(row, column[species]) += 1 / atoms;
    volume_per_atom[row] = relaxed[i].lattice.volume_cubic_angstrom() / atoms;
  }
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> solver(fractions);
  if (solver.rank() < next) return result;
  const Eigen::VectorXd volumes = solver.solve(volume_per_atom);
  for (const auto& [species, index] : column) {
    if (volumes[index] > 1.0) result.volumes_[species] = volumes[index];
  }
  return result;
}

Structure StartVolume::applied_to(const Structure& structure) const {
  double volume = 0;
  for (const Species species : structure.species) {
    const auto known = volumes_.find(species);
    if (known == volumes_.end()) return structure;
    volume += known->second;
  }
  if (!(volume > 0)) return structure;
  // Rounded, so that the last bits of a relaxation do not make another task of the same structure.
  const double scale = std::round(1e4 * std::cbrt(volume / structure.lattice.volume_cubic_angstrom())) / 1e4;
  return Structure{Lattice(scale * structure.lattice.rows()), structure.species, structure.positions};
}

}  // namespace hullscan
