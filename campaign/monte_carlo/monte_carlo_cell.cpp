#include "campaign/monte_carlo/monte_carlo_cell.hpp"

#include <fmt/format.h>

#include "campaign/stop_signals.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "surrogates/lattice/crystal_interactions.hpp"

namespace hullscan {
namespace {

constexpr std::int64_t kMostComparedSites = 200'000;  ///< neighbours are looked at

WholeCellEnergy scored_as_a_whole(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                  const CellInteractions& cell) {
  const auto parent = resolved.spaces[plan.space].parent();
  const auto supercell = std::make_shared<const Supercell>(parent, plan.cell);
  const std::shared_ptr<const ConfigurationScorer> scorer = resolved.surrogates.space(plan.space).scorer(*supercell);
  return
      [=, numbers = cell.numbers_of(*supercell), fixed = plan.fixed_atoms](std::span<const std::uint8_t> occupation) {
        std::vector<std::uint8_t> varied;
        std::int64_t atoms = fixed;
        for (std::size_t v = 0; v < numbers.size(); ++v) {
          varied.push_back(occupation[numbers[v]]);
          const auto l = static_cast<std::size_t>(supercell->sublattice_of(static_cast<int>(v)));
          atoms += parent->sublattices[l].allowed[varied.back()].is_vacancy() ? 0 : 1;
        }
        return atoms == 0 ? 0.0 : scorer->score(varied) * static_cast<double>(atoms);
      };
}

}  // namespace

std::string identity_of_plan(const ResolvedCampaign& resolved, const MonteCarloPlan& plan) {
  const MonteCarloSpec& spec = *plan.spec;
  std::string text = fmt::format("{} {} {} {} {} {} {} {:.17g} {} {} {}", resolved.campaign.seed, spec.seed, spec.space,
                                 matrix_text(plan.cell), name_of(spec.ensemble), spec.most_sweeps,
                                 spec.sweeps_per_block, spec.precision_ev_per_atom, spec.tempering,
                                 spec.time_limit_s.value_or(0), resolved.surrogates.hash());
  for (const double t : spec.temperatures_kelvin) text += fmt::format(" {:.17g}", t);
  for (const MonteCarloChain& chain : plan.chains) {
    for (const auto& row : chain.potentials_ev) {
      for (const double value : row) text += fmt::format(" {:.17g}", value);
    }
    for (const auto& row : chain.counts) {
      for (const std::int64_t value : row) text += fmt::format(" {}", value);
    }
  }
  for (const CountLimit& limit : plan.limits) text += fmt::format(" {} {} {}", limit.low, limit.high, limit.text);
  return hash128_hex(text);
}

bool MonteCarloCell::stop_asked() const {
  return stop_signal() != 0 || (options.deadline && std::chrono::steady_clock::now() >= *options.deadline);
}

MonteCarloCell make_monte_carlo_cell(const ResolvedCampaign& resolved, const MonteCarloPlan& plan,
                                     const MonteCarloOptions& options) {
  const MonteCarloSpec& spec = *plan.spec;
  MonteCarloCell made{resolved, plan, options, nullptr, {}, {}, {}, options.directory / spec.name};
  const Surrogate& model = resolved.surrogates.space(plan.space);
  if (const auto crystal = crystal_interactions(model)) {
    made.cell = std::make_shared<const CellInteractions>(*crystal, plan.cell);
  } else {
    made.cell = std::make_shared<const CellInteractions>(
        CellInteractions::without_energy(resolved.spaces[plan.space].parent(), plan.cell));
    made.whole_cell = scored_as_a_whole(resolved, plan, *made.cell);
    if (options.ranks == nullptr || options.ranks->rank() == 0)
      log_warning(
          fmt::format("monte_carlo \"{}\": a model of kind {} is no polynomial of the occupation: every attempt "
                      "scores the whole cell of {} varied sites, which is slow",
                      spec.name, model.kind(), plan.varied_sites()));
  }
  for (std::size_t l = 0; l < made.parent().sublattices.size(); ++l) {
    const Sublattice& sublattice = made.parent().sublattices[l];
    for (std::size_t k = 0; k < sublattice.allowed.size() && sublattice.allowed.size() > 1; ++k)
      made.counted.push_back({l, k, fmt::format("{}.{}", sublattice.name, sublattice.allowed[k].symbol())});
  }
  if (!options.labels.empty() && plan.varied_sites() <= kMostComparedSites)
    made.known = std::make_shared<const KnownNeighbourhoods>(resolved.spaces[plan.space].parent(), plan.cell,
                                                             *made.cell, options.labels);
  if (plan.varied_sites() <= kMostComparedSites)
    made.shells = std::make_shared<const NeighbourShells>(resolved.spaces[plan.space].parent(), plan.cell, *made.cell);
  made.identity = identity_of_plan(resolved, plan);
  return made;
}

}  // namespace hullscan
