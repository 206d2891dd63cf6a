#include "surrogates/surrogate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>

#include "surrogates/lattice/branch_scorer.hpp"
#include "surrogates/spaces_together.hpp"

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

std::optional<std::string> Surrogate::join(std::span<Surrogate* const> members) {
  const bool alike = std::all_of(members.begin(), members.end(),
                                 [&](const Surrogate* member) { return same_crystal(member->parent(), parent()); });
  if (alike) return std::nullopt;
  return fmt::format(
      "a model of kind \"{}\" is one of a crystal and its species, and these differ in structure, "
      "sublattices or species; give each its own model, or take one that compares crystals: \"ridge\", "
      "\"random-forest\", \"gradient-boosting\" or \"gaussian-process\" with features = \"contacts\", or "
      "\"external\"",
      kind());
}

FitReport Surrogate::fit_together(std::span<Surrogate* const> members,
                                  std::span<const std::vector<LabelledConfiguration>> labels) {
  FitReport report;
  for (Surrogate* member : members) {
    const std::shared_ptr<const ParentCrystal> own(std::shared_ptr<void>(), &member->parent());
    std::map<const Supercell*, std::shared_ptr<const Supercell>> supercells;  // of the member's own crystal
    std::vector<LabelledConfiguration> all;
    for (const auto& some : labels) {
      for (const LabelledConfiguration& label : some) {
        all.push_back(label);
        auto& supercell = all.back().configuration.supercell;
        auto& moved = supercells[label.configuration.supercell.get()];
        if (!moved) moved = std::make_shared<Supercell>(own, supercell->matrix());
        supercell = moved;
      }
    }
    FitReport of_member = member->fit(all);
    if (member == members.front()) report = std::move(of_member);
  }
  return report;
}

std::vector<Uncertainty> Surrogate::uncertainties(const Supercell&, std::span<const std::uint8_t>) const { return {}; }

PriorOpinion Surrogate::prior_opinion(const Supercell& /*supercell*/,
                                      std::span<const std::uint8_t> /*occupations*/) const {
  return {};
}

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
