#include "scheduler/decisions/start_volume.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <set>

namespace hullscan {

std::vector<double> StartVolume::terms(const Structure& structure) const {
  std::vector<double> fractions(species_.size(), 0.0);
  for (const Species species : structure.species) {
    const auto index = std::find(species_.begin(), species_.end(), species) - species_.begin();
    fractions[static_cast<std::size_t>(index)] += 1.0 / static_cast<double>(structure.atom_count());
  }
  std::vector<double> result = fractions;
  for (std::size_t i = 0; i < fractions.size(); ++i) {
    for (std::size_t j = i + 1; j < fractions.size(); ++j) result.push_back(fractions[i] * fractions[j]);
  }
  return result;
}

StartVolume StartVolume::learned_from(std::span<const Structure> relaxed) {
  StartVolume result;
  std::set<Species> seen;
  for (const Structure& structure : relaxed) seen.insert(structure.species.begin(), structure.species.end());
  result.species_.assign(seen.begin(), seen.end());
  if (seen.empty()) return result;

  const auto rows = static_cast<Eigen::Index>(relaxed.size());
  const auto pure = static_cast<Eigen::Index>(seen.size());
  const Eigen::Index columns = pure + pure * (pure - 1) / 2;
  Eigen::MatrixXd matrix(rows, columns);
  Eigen::VectorXd volume_per_atom(rows);
  for (Eigen::Index row = 0; row < rows; ++row) {
    const Structure& structure = relaxed[static_cast<std::size_t>(row)];
    const std::vector<double> terms = result.terms(structure);
    for (Eigen::Index column = 0; column < columns; ++column)
      matrix(row, column) = terms[static_cast<std::size_t>(column)];
    volume_per_atom[row] = structure.lattice.volume_cubic_angstrom() / static_cast<double>(structure.atom_count());
  }
  if (Eigen::ColPivHouseholderQR<Eigen::MatrixXd>(matrix.leftCols(pure)).rank() < pure) return result;
  const Eigen::VectorXd solution = matrix.completeOrthogonalDecomposition().solve(volume_per_atom);
  result.coefficients_.assign(solution.begin(), solution.end());
  return result;
}

Structure StartVolume::applied_to(const Structure& structure) const {
  const bool known = std::all_of(structure.species.begin(), structure.species.end(), [&](Species species) {
    return std::find(species_.begin(), species_.end(), species) != species_.end();
  });
  if (coefficients_.empty() || !known || structure.atom_count() == 0) return structure;
  const std::vector<double> terms_of = terms(structure);
  double volume_per_atom = 0;
  for (std::size_t i = 0; i < terms_of.size(); ++i) volume_per_atom += terms_of[i] * coefficients_[i];
  if (!(volume_per_atom > 1.0)) return structure;
  const double volume = volume_per_atom * static_cast<double>(structure.atom_count());
  // Rounded, so that the last bits of a relaxation do not make another task of the same structure.
  const double scale = std::round(1e4 * std::cbrt(volume / structure.lattice.volume_cubic_angstrom())) / 1e4;
  return Structure{Lattice(scale * structure.lattice.rows()), structure.species, structure.positions};
}

}  // namespace hullscan
