#include "campaign/monte_carlo/monte_carlo_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "campaign/resolved_campaign.hpp"
#include "core/log.hpp"

namespace hullscan {
namespace {

constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max() / 4;
constexpr std::int64_t kDefaultSites = 1000;
constexpr double kMostChains = 100'000;

std::int64_t volume_of(const SupercellMatrix& matrix) {
  return std::llround(std::abs(matrix.cast<double>().determinant()));
}

/// Reference cells of the supercell that written counts are of.
std::int64_t own_volume(const SpaceSpec& spec) {
  if (const auto* matrix = std::get_if<SupercellMatrix>(&spec.supercell)) return volume_of(*matrix);
  return std::get<VolumeRange>(spec.supercell).high;
}

std::vector<std::vector<std::int64_t>> zeros(const ParentCrystal& parent) {
  std::vector<std::vector<std::int64_t>> rows;
  for (const Sublattice& sublattice : parent.sublattices) rows.emplace_back(sublattice.allowed.size(), 0);
  return rows;
}

/// a * b / c rounded down or up.
std::int64_t scaled(std::int64_t a, std::int64_t b, std::int64_t c, bool up) {
  const double value = static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(c);
  return static_cast<std::int64_t>(up ? std::ceil(value - 1e-9) : std::floor(value + 1e-9));
}

struct NamedSpecies {
  std::vector<std::pair<std::size_t, std::size_t>> places;  ///< sublattice, species
};

/// "Au" or "A.Au": where it varies. What is wrong goes to `problems`.
NamedSpecies places_of(const std::string& name, const ParentCrystal& parent, const std::string& key,
                       const SourcePosition& where, Problems& problems) {
  NamedSpecies found;
  std::vector<std::string> known;
  const auto dot = name.rfind('.');
  const std::string sublattice = dot == std::string::npos ? "" : name.substr(0, dot);
  const std::string symbol = dot == std::string::npos ? name : name.substr(dot + 1);
  for (std::size_t l = 0; l < parent.sublattices.size(); ++l) {
    const Sublattice& one = parent.sublattices[l];
    if (one.allowed.size() < 2) continue;
    for (std::size_t k = 0; k < one.allowed.size(); ++k) {
      const std::string species(one.allowed[k].symbol());
      if (std::find(known.begin(), known.end(), species) == known.end()) known.push_back(species);
      if (species == symbol && (sublattice.empty() || sublattice == one.name)) found.places.emplace_back(l, k);
    }
  }
  if (found.places.empty())
    problems.add(where, fmt::format("monte_carlo.{}.{}: does not vary; what varies is {}{}", key, name,
                                    fmt::join(known, ", "), did_you_mean(name, known)));
  return found;
}

bool meets(const std::vector<CountLimit>& limits, const std::vector<std::vector<std::int64_t>>& counts) {
  return std::all_of(limits.begin(), limits.end(), [&](const CountLimit& limit) {
    const std::int64_t value = limit.value(counts);
    return limit.low <= value && value <= limit.high;
  });
}

/// A composition of the space's own supercells that this cell can hold, near the middle of them.
std::optional<std::vector<std::vector<std::int64_t>>> any_composition(const MonteCarloPlan& plan,
                                                                      const SearchSpace& space) {
  std::optional<std::vector<std::vector<std::int64_t>>> best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < space.supercells().size(); ++c) {
    const std::int64_t own = space.supercells()[c]->volume_factor();
    for (const CompositionCounts& one : space.compositions(c)) {
      auto counts = zeros(*space.parent());
      double uneven = 0;
      bool whole = true;
      for (std::size_t l = 0; l < counts.size(); ++l) {
        for (std::size_t k = 0; k < counts[l].size(); ++k) {
          const std::int64_t scaled_count = one.of_sublattice[l][k] * plan.reference_cells;
          whole = whole && scaled_count % own == 0;
          counts[l][k] = scaled_count / own;
          const double share = static_cast<double>(counts[l][k]) / static_cast<double>(plan.sublattice_sites[l]);
          uneven += share * share;
        }
      }
      if (!whole || uneven >= least || !meets(plan.limits, counts)) continue;
      least = uneven;
      best = std::move(counts);
    }
  }
  return best;
}

std::string fractions_text(const std::vector<std::vector<std::int64_t>>& counts, const ParentCrystal& parent) {
  std::vector<std::string> texts;
  for (std::size_t l = 0; l < counts.size(); ++l) {
    for (std::size_t k = 0; k < counts[l].size(); ++k) {
      if (counts[l][k] > 0 && counts[l].size() > 1)
        texts.push_back(fmt::format("{} {}", counts[l][k], parent.sublattices[l].allowed[k].symbol()));
    }
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

void add_composition(MonteCarloPlan& plan, const MonteCarloSpec::Fractions& fractions, const ParentCrystal& parent,
                     Problems& problems) {
  const std::size_t before = problems.lines().size();
  auto counts = zeros(parent);
  std::vector<std::vector<bool>> given;
  for (const auto& row : counts) given.emplace_back(row.size(), false);
  for (const auto& [name, fraction] : fractions.of) {
    const NamedSpecies named = places_of(name, parent, "compositions", fractions.where, problems);
    if (named.places.size() > 1) {
      std::vector<std::string> forms;
      for (const auto& [l, k] : named.places) forms.push_back(parent.sublattices[l].name + "." + name);
      problems.add(fractions.where, fmt::format("monte_carlo.compositions.{}: is on several sublattices; write \"{}\"",
                                                name, fmt::join(forms, "\" or \"")));
      continue;
    }
    for (const auto& [l, k] : named.places) {
      const double sites = static_cast<double>(plan.sublattice_sites[l]), wanted = fraction * sites;
      const double whole = std::round(wanted);
      given[l][k] = true;
      counts[l][k] = static_cast<std::int64_t>(whole);
      if (std::abs(wanted - whole) <= 1e-4 * std::max(1.0, 1e-2 * sites)) continue;
      problems.add(
          fractions.where,
          fmt::format("monte_carlo.compositions.{}: the cell of {} such sites cannot hold {}; nearest are {:.9g} "
                      "({} sites) and {:.9g} ({} sites)",
                      name, plan.sublattice_sites[l], fraction, std::floor(wanted) / sites, std::floor(wanted),
                      std::ceil(wanted) / sites, std::ceil(wanted)));
    }
  }
  for (std::size_t l = 0; l < counts.size(); ++l) {
    std::int64_t rest = plan.sublattice_sites[l];
    for (const std::int64_t count : counts[l]) rest -= count;
    const auto open = std::find(given[l].begin(), given[l].end(), false);
    if (open != given[l].end() && rest >= 0) {
      counts[l][static_cast<std::size_t>(open - given[l].begin())] = rest;
    } else if (rest != 0 && problems.lines().size() == before) {
      problems.add(fractions.where,
                   fmt::format("monte_carlo.compositions: the fractions on sublattice \"{}\" sum to {:.6g}, not to 1",
                               parent.sublattices[l].name,
                               1 - static_cast<double>(rest) / static_cast<double>(plan.sublattice_sites[l])));
    }
  }
  if (problems.lines().size() > before) return;
  for (const CountLimit& limit : plan.limits) {
    const std::int64_t value = limit.value(counts);
    if (limit.low <= value && value <= limit.high) continue;
    problems.add(fractions.where, fmt::format("monte_carlo.compositions: {} does not keep {}",
                                              fractions_text(counts, parent), limit.text));
  }
  plan.chains.push_back({{}, {}, std::move(counts)});
}

void add_potentials(MonteCarloPlan& plan, const SearchSpace& space, Problems& problems) {
  const ParentCrystal& parent = *space.parent();
  const MonteCarloSpec& spec = *plan.spec;
  const std::size_t before = problems.lines().size();
  const auto start = any_composition(plan, space);
  if (!start) {
    std::vector<std::int64_t> volumes;
    for (const auto& supercell : space.supercells()) {
      if (std::find(volumes.begin(), volumes.end(), supercell->volume_factor()) == volumes.end())
        volumes.push_back(supercell->volume_factor());
    }
    const std::int64_t first = volumes.front(), below = plan.reference_cells / first * first;
    problems.add(
        spec.cell_where,
        fmt::format("monte_carlo.cell: {} reference cells hold no composition of the space; nearest that do are "
                    "{} and {}",
                    plan.reference_cells, std::max(below, first), below + first));
  }
  std::vector<NamedSpecies> named;
  for (const MonteCarloSpec::Axis& axis : spec.chemical_potentials)
    named.push_back(places_of(axis.name, parent, "chemical_potentials", axis.where, problems));
  double chains = 1;
  for (const MonteCarloSpec::Axis& axis : spec.chemical_potentials) chains *= static_cast<double>(axis.values.size());
  if (chains > kMostChains)
    problems.add(spec.chemical_potentials.front().where,
                 fmt::format("monte_carlo.chemical_potentials: {:.0f} combinations, at most {:.0f} can be", chains,
                             kMostChains));
  if (problems.lines().size() > before) return;
  std::vector<std::size_t> at(spec.chemical_potentials.size(), 0);
  while (true) {
    MonteCarloChain chain;
    chain.counts = *start;
    for (const auto& row : *start) chain.potentials_ev.emplace_back(row.size(), 0.0);
    for (std::size_t a = 0; a < at.size(); ++a) {
      const double value = spec.chemical_potentials[a].values[at[a]];
      chain.chemical_potentials_ev.emplace_back(spec.chemical_potentials[a].name, value);
      for (const auto& [l, k] : named[a].places) chain.potentials_ev[l][k] = value;
    }
    plan.chains.push_back(std::move(chain));
    std::size_t a = at.size();
    while (a > 0 && ++at[a - 1] == spec.chemical_potentials[a - 1].values.size()) at[--a] = 0;
    if (a == 0) return;
  }
}

void check_memory(const MonteCarloPlan& plan, const ParentCrystal& parent, Problems& problems) {
  std::size_t most = 1;
  for (const Sublattice& sublattice : parent.sublattices) most = std::max(most, sublattice.allowed.size());
  const double walkers = plan.spec->tempering ? static_cast<double>(plan.spec->temperatures_kelvin.size()) : 1.0;
  const double bytes = static_cast<double>(plan.varied_sites()) * (8 + walkers * (9 + 8 * static_cast<double>(most)));
  const double there = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (there > 0 && bytes > 0.9 * there)
    problems.add(plan.spec->cell_where,
                 fmt::format("monte_carlo.cell: needs about {:.1f} GB of memory, the machine has "
                             "{:.1f} GB",
                             bytes / 1e9, there / 1e9));
}

}  // namespace

std::int64_t MonteCarloPlan::varied_sites() const {
  std::int64_t sum = 0;
  for (const std::int64_t sites : sublattice_sites) sum += sites;
  return sum;
}

std::int64_t MonteCarloPlan::atoms(const ParentCrystal& parent,
                                   const std::vector<std::vector<std::int64_t>>& counts) const {
  std::int64_t sum = fixed_atoms;
  for (std::size_t l = 0; l < counts.size(); ++l) {
    for (std::size_t k = 0; k < counts[l].size(); ++k)
      sum += parent.sublattices[l].allowed[k].is_vacancy() ? 0 : counts[l][k];
  }
  return sum;
}

std::vector<CountLimit> count_limits(const SpaceSpec& spec, const ParentCrystal& parent, std::int64_t reference_cells,
                                     std::int64_t own_reference_cells, const SourcePosition& where,
                                     Problems& problems) {
  std::vector<CountLimit> limits;
  for (const SublatticeSpec& sublattice : spec.sublattices) {
    const auto found = std::find_if(parent.sublattices.begin(), parent.sublattices.end(),
                                    [&](const Sublattice& one) { return one.name == sublattice.name; });
    if (found == parent.sublattices.end()) continue;
    const auto l = static_cast<std::size_t>(found - parent.sublattices.begin());
    const auto a_cell = static_cast<std::int64_t>(found->sites.size());
    const std::int64_t sites = a_cell * reference_cells, own_sites = a_cell * own_reference_cells;
    for (const CountRule& rule : sublattice.species) {
      const auto k = std::find(found->allowed.begin(), found->allowed.end(), rule.species);
      if (rule.rest || rule.ranges.empty() || k == found->allowed.end() || found->allowed.size() < 2) continue;
      double low = 1e300, high = -1e300;  // shares
      for (const CountRule::Range& range : rule.ranges) {
        const double whole = range.percent ? 100.0 : static_cast<double>(own_sites);
        low = std::min(low, range.low / whole);
        high = std::max(high, range.high / whole);
      }
      CountLimit limit{zeros(parent), static_cast<std::int64_t>(std::ceil(low * static_cast<double>(sites) - 1e-6)),
                       static_cast<std::int64_t>(std::floor(high * static_cast<double>(sites) + 1e-6)),
                       fmt::format("{} = \"{}\" of sublattice \"{}\"", rule.species.symbol(), rule.text, found->name)};
      limit.coefficients[l][static_cast<std::size_t>(k - found->allowed.begin())] = 1;
      if (limit.low > 0 || limit.high < sites) limits.push_back(std::move(limit));
    }
  }
  for (const LinearConstraint& constraint : spec.constraints) {
    CountLimit limit{zeros(parent), -kUnbounded, kUnbounded, fmt::format("\"{}\"", constraint.text)};
    for (const LinearConstraint::Term& term : constraint.terms) {
      for (std::size_t l = 0; l < parent.sublattices.size(); ++l) {
        if (!term.sublattice.empty() && term.sublattice != parent.sublattices[l].name) continue;
        const auto& allowed = parent.sublattices[l].allowed;
        for (std::size_t k = 0; k < allowed.size(); ++k) {
          if (allowed[k] == term.species) limit.coefficients[l][k] += term.coefficient;
        }
      }
    }
    const std::int64_t down = scaled(constraint.bound, reference_cells, own_reference_cells, false);
    const std::int64_t up = scaled(constraint.bound, reference_cells, own_reference_cells, true);
    if (constraint.relation != LinearConstraint::Relation::kGreaterEqual) limit.high = down;
    if (constraint.relation != LinearConstraint::Relation::kLessEqual) limit.low = up;
    if (limit.low > limit.high)
      problems.add(where, fmt::format("monte_carlo.cell: {} reference cells cannot keep {}, which is of {}; take a "
                                      "multiple of them",
                                      reference_cells, limit.text, own_reference_cells));
    limits.push_back(std::move(limit));
  }
  if (spec.charge_neutral) {
    CountLimit least{zeros(parent), -kUnbounded, 0, "charge neutrality"},
        most{zeros(parent), 0, kUnbounded, least.text};
    std::int64_t fixed_least = 0, fixed_most = 0;
    const auto states = [&](Species species) -> std::pair<int, int> {
      const auto found = spec.oxidation.find(species);
      if (species.is_vacancy() || found == spec.oxidation.end() || found->second.empty()) return {0, 0};
      return {found->second.front(), found->second.back()};
    };
    for (const ParentSite& site : parent.sites) {
      if (site.sublattice != kFixedSite) continue;
      fixed_least += states(site.fixed_species).first * reference_cells;
      fixed_most += states(site.fixed_species).second * reference_cells;
    }
    for (std::size_t l = 0; l < parent.sublattices.size(); ++l) {
      for (std::size_t k = 0; k < parent.sublattices[l].allowed.size(); ++k) {
        std::tie(least.coefficients[l][k], most.coefficients[l][k]) = states(parent.sublattices[l].allowed[k]);
      }
    }
    least.high = -fixed_least;
    most.low = -fixed_most;
    if (least.coefficients == most.coefficients && fixed_least == fixed_most) {
      least.low = least.high;
      limits.push_back(std::move(least));
    } else {
      limits.push_back(std::move(least));
      limits.push_back(std::move(most));
    }
  }
  return limits;
}

std::int64_t exponent_of(const SupercellMatrix& supercell) {
  // The rows of n * inverse must be whole: n = |det| / gcd of the adjugate's elements and det.
  const std::int64_t volume = volume_of(supercell);
  const Eigen::Matrix3d adjugate = supercell.cast<double>().inverse() * static_cast<double>(volume);
  std::int64_t common = volume;
  for (const double element : adjugate.reshaped()) common = std::gcd(common, std::llround(std::abs(element)));
  return volume / common;
}

SupercellMatrix near_cubic_cell(const SearchSpace& space, std::int64_t varied_sites, std::int64_t step) {
  const auto* own = std::get_if<SupercellMatrix>(&space.spec().supercell);
  const SupercellMatrix unit = own != nullptr ? *own : SupercellMatrix(SupercellMatrix::Identity());
  if (own != nullptr) step = 1;
  const Eigen::Matrix3d rows = unit.cast<double>() * space.parent()->lattice.rows();
  std::int64_t a_unit = 0;
  for (const Sublattice& sublattice : space.parent()->sublattices)
    a_unit += static_cast<std::int64_t>(sublattice.sites.size()) * volume_of(unit);
  for (double edge = rows.rowwise().norm().minCoeff();; edge *= 1.02) {
    SupercellMatrix times = SupercellMatrix::Zero();
    for (int i = 0; i < 3; ++i) {
      const auto steps = std::max<std::int64_t>(1, std::llround(edge / rows.row(i).norm() / static_cast<double>(step)));
      times(i, i) = static_cast<int>(steps * step);
    }
    if (volume_of(times) * a_unit >= varied_sites) return times * unit;
  }
}

namespace {

constexpr std::int64_t kMostDefaultSites = 20'000;

/// The default cell: all phases on the hull fit in; those with the longest periods do not where that would make it
/// huge.
SupercellMatrix default_cell(const SearchSpace& space, const HullPhases& phases) {
  std::vector<std::int64_t> exponents;
  if (const auto found = phases.find(space.name()); found != phases.end()) {
    for (const SupercellMatrix& matrix : found->second) exponents.push_back(exponent_of(matrix));
  }
  std::sort(exponents.begin(), exponents.end());
  std::int64_t a_cell = 0, step = 1;
  for (const Sublattice& sublattice : space.parent()->sublattices)
    a_cell += static_cast<std::int64_t>(sublattice.sites.size());
  for (const std::int64_t exponent : exponents) {
    const std::int64_t both = std::lcm(step, exponent);
    if (both * both * both * a_cell <= kMostDefaultSites) {
      step = both;
    } else {
      log_warning(
          fmt::format("monte_carlo: the cell does not hold every phase on the hull of space \"{}\": together with "
                      "one of period {} it would have {} sites; `cell` can name one that does",
                      space.name(), exponent, both * both * both * a_cell));
    }
  }
  return near_cubic_cell(space, kDefaultSites, step == 1 ? 2 : step);
}

}  // namespace

std::optional<MonteCarloPlan> make_monte_carlo_plan(const MonteCarloSpec& spec, const std::vector<SearchSpace>& spaces,
                                                    Problems& problems, const HullPhases& phases) {
  const std::size_t before = problems.lines().size();
  MonteCarloPlan plan;
  plan.spec = &spec;
  const auto found =
      std::find_if(spaces.begin(), spaces.end(), [&](const SearchSpace& one) { return one.name() == spec.space; });
  if (found == spaces.end()) {
    problems.add(spec.space_where, fmt::format("monte_carlo.space: there is no space \"{}\"", spec.space));
    return std::nullopt;
  }
  plan.space = static_cast<std::size_t>(found - spaces.begin());
  const SearchSpace& space = *found;
  const ParentCrystal& parent = *space.parent();
  if (!space.spec().markers.empty())
    problems.add(spec.space_where, fmt::format("monte_carlo.space: space \"{}\" marks objects, whose sites are not "
                                               "coloured; Monte Carlo walks through colourings only",
                                               space.name()));
  if (!space.spec().minimum_distances.empty())
    problems.add(spec.space_where,
                 fmt::format("monte_carlo.space: space \"{}\" has min_distance, which Monte Carlo does "
                             "not keep; take a space without it",
                             space.name()));
  plan.cell = spec.cell ? *spec.cell : default_cell(space, phases);
  plan.reference_cells = volume_of(plan.cell);
  for (const Sublattice& sublattice : parent.sublattices)
    plan.sublattice_sites.push_back(static_cast<std::int64_t>(sublattice.sites.size()) * plan.reference_cells);
  for (const ParentSite& site : parent.sites) {
    if (site.sublattice == kFixedSite && !site.fixed_species.is_vacancy()) plan.fixed_atoms += plan.reference_cells;
  }
  if (plan.varied_sites() > std::numeric_limits<std::int32_t>::max())
    problems.add(spec.cell_where, fmt::format("monte_carlo.cell: {} varied sites, at most {} can be",
                                              plan.varied_sites(), std::numeric_limits<std::int32_t>::max()));
  check_memory(plan, parent, problems);
  plan.limits =
      count_limits(space.spec(), parent, plan.reference_cells, own_volume(space.spec()), spec.cell_where, problems);
  if (problems.lines().size() > before) return std::nullopt;
  if (spec.ensemble == Ensemble::kSemiGrand) {
    add_potentials(plan, space, problems);
    if (composition_moves(parent, plan.limits).empty())
      problems.add(spec.where,
                   fmt::format("monte_carlo.ensemble: no exchange of at most four occupants keeps what space "
                               "\"{}\" demands, so its composition cannot vary; take \"canonical\"",
                               space.name()));
  } else {
    for (const MonteCarloSpec::Fractions& fractions : spec.compositions)
      add_composition(plan, fractions, parent, problems);
  }
  if (problems.lines().size() > before) return std::nullopt;
  return plan;
}

}  // namespace hullscan
