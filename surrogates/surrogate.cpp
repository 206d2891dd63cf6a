#include "surrogates/surrogate.hpp"

#include <fmt/format.h>

#include <cassert>

#include "surrogates/lattice/branch_scorer.hpp"

namespace hullscan {

std::shared_ptr<const BranchTables> ConfigurationScorer::branch_tables(std::span<const std::uint8_t>) const {
  return nullptr;
}

void ConfigurationScorer::score_batch(std::span<const std::uint8_t> occupations,
                                      std::span<double> energies_ev_per_atom) const {
  const std::size_t sites = occupations.size() / energies_ev_per_atom.size();
  for (std::size_t i = 0; i < energies_ev_per_atom.size(); ++i) {
    energies_ev_per_atom[i] = score(occupations.subspan(i * sites, sites));
  }
}

std::unique_ptr<ConfigurationScorer> Surrogate::pair_scorer(const Supercell& supercell, const MarkedPair&) const {
  return scorer(supercell);
}

std::optional<std::string> why_not_searchable(const Surrogate& model, const Supercell& supercell) {
  const auto order = model.interaction_order();
  if (!order) return fmt::format("a model of kind \"{}\" has no bound to search by", model.kind());
  std::size_t states = 0;
  for (std::size_t site = 0; site < supercell.varied_sites().size(); ++site) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)));
    states += supercell.parent().sublattices[sublattice].allowed.size() - 1;
  }
  if (BranchTables::can_be_made(*order, states)) return std::nullopt;
  if (*order > 3)
    return fmt::format("a model of kind \"{}\" has a bound up to triplets, not with clusters of {} sites", model.kind(),
                       *order);
  return fmt::format(
      "the bound of a model of kind \"{}\" with clusters of {} sites reaches to {} site states (a site times its "
      "further species), and the supercell has {}",
      model.kind(), *order, *order == 3 ? BranchTables::kMostTripletStates : BranchTables::kMostStates, states);
}

std::vector<Uncertainty> Surrogate::uncertainties(const Supercell&, std::span<const std::uint8_t>) const { return {}; }

std::optional<double> Surrogate::uncertainty_ev_per_atom(const Configuration& configuration) const {
  const std::vector<Uncertainty> known = uncertainties(*configuration.supercell, configuration.occupation);
  return known.empty() ? std::nullopt : std::optional(known.front().deviation_ev_per_atom);
}

double Surrogate::predict_ev_per_atom(const Configuration& configuration) const {
  return scorer(*configuration.supercell)->score(configuration.occupation);
}

void Surrogate::predict_batch(const Supercell& supercell, std::span<const std::uint8_t> occupations,
                              std::span<double> energies_ev_per_atom) const {
  assert(occupations.size() == supercell.varied_sites().size() * energies_ev_per_atom.size());
  if (!energies_ev_per_atom.empty()) scorer(supercell)->score_batch(occupations, energies_ev_per_atom);
}

}  // namespace hullscan
