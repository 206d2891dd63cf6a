// The long-range part of CellInteractions: point charges by the Ewald matrix of one primitive cell with all others.
#include <algorithm>

#include "workers/monte_carlo/cell_interactions.hpp"

namespace hullscan {

void CellInteractions::add_electrostatics(const CrystalInteractions::Electrostatics& electrostatics,
                                          const SupercellMatrix& matrix) {
  const auto charge_of = [&](Species species) {
    const auto found = electrostatics.charges.find(species);
    return found == electrostatics.charges.end() ? 0.0 : found->second;
  };
  const Supercell supercell(parent_, matrix);
  std::vector<Fractional> positions;
  std::vector<double> fixed(supercell.sites().size(), 0.0);  // charge of every fixed site
  std::vector<int> rows(basis_, -1), fixed_rows;
  for (std::size_t i = 0; i < supercell.sites().size(); ++i) {
    const SupercellSite& site = supercell.sites()[i];
    positions.push_back(site.position);
    const ParentSite& parent_site = parent_->sites[static_cast<std::size_t>(site.parent_site)];
    if (parent_site.sublattice != kFixedSite) continue;
    fixed[i] = charge_of(parent_site.fixed_species);
    if (site.cell.isZero()) fixed_rows.push_back(static_cast<int>(i));
  }
  const std::vector<std::size_t> numbers = numbers_of(supercell);
  for (std::size_t v = 0; v < numbers.size(); ++v) {
    if (numbers[v] < basis_) rows[numbers[v]] = supercell.varied_sites()[v];
  }
  const Eigen::MatrixXd varied = ewald_rows(supercell.lattice(), positions, rows);

  charged_ = true;
  const auto last = static_cast<std::size_t>(translations_.order()[2]);
  coulomb_.assign(basis_ * cells_ * 2 * basis_, 0.0);
  fixed_potential_.assign(basis_, 0.0);
  for (std::size_t s = 0; s < basis_; ++s) {
    const auto row = static_cast<Eigen::Index>(s);
    for (std::size_t v = 0; v < numbers.size(); ++v) {
      const std::size_t cell = numbers[v] / basis_, there = numbers[v] % basis_;
      const double value = electrostatics.factor * varied(row, supercell.varied_sites()[v]);
      const std::size_t line = cell / last, along = cell % last;
      for (const std::size_t twice : {along, along + last})
        coulomb_[((s * (cells_ / last) + line) * 2 * last + twice) * basis_ + there] = value;
    }
    for (std::size_t i = 0; i < fixed.size(); ++i)
      fixed_potential_[s] += electrostatics.factor * fixed[i] * varied(row, static_cast<Eigen::Index>(i));
    charge_.emplace_back();
    for (const Species species : parent_->sublattices[static_cast<std::size_t>(sublattice_[s])].allowed)
      charge_.back().push_back(charge_of(species));
  }
  const Eigen::MatrixXd among = ewald_rows(supercell.lattice(), positions, fixed_rows);
  for (std::size_t a = 0; a < fixed_rows.size(); ++a) {
    double potential = 0;
    for (std::size_t i = 0; i < fixed.size(); ++i)
      potential += among(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(i)) * fixed[i];
    fixed_energy_ += 0.5 * electrostatics.factor * fixed[static_cast<std::size_t>(fixed_rows[a])] * potential *
                     supercell.volume_factor();
  }
}

double CellInteractions::coulomb(std::size_t a, std::size_t b) const {
  const auto from = coordinates(a / basis_), to = coordinates(b / basis_);
  const auto& order = translations_.order();
  std::array<std::size_t, 3> shift{};
  for (std::size_t i = 0; i < 3; ++i) shift[i] = static_cast<std::size_t>((to[i] - from[i] + order[i]) % order[i]);
  const auto middle = static_cast<std::size_t>(order[1]), last = static_cast<std::size_t>(order[2]);
  const std::size_t line = shift[0] * middle + shift[1];
  return coulomb_[(((a % basis_) * (cells_ / last) + line) * 2 * last + shift[2]) * basis_ + b % basis_];
}

}  // namespace hullscan
