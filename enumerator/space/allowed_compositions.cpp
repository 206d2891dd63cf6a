#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "enumerator/orbits/bounded_counts.hpp"
#include "enumerator/space/composition_constraints.hpp"
#include "enumerator/space/search_space.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostCompositions = 2'000'000;
constexpr std::uint64_t kMostGeneratorSteps = 100'000'000;  // some ten seconds

std::string matrix_text(const SupercellMatrix& m) {
  if (m.isDiagonal()) return fmt::format("[{}, {}, {}]", m(0, 0), m(1, 1), m(2, 2));
  return fmt::format("[[{}, {}, {}], [{}, {}, {}], [{}, {}, {}]]", m(0, 0), m(0, 1), m(0, 2), m(1, 0), m(1, 1), m(1, 2),
                     m(2, 0), m(2, 1), m(2, 2));
}

std::string quoted_name(const SublatticeSpec& spec) { return fmt::format("space.sublattice \"{}\"", spec.name); }

/// Every integer count near a rule that allows none: the nearest below and above its first range.
std::string nearest_counts(const CountRule& rule, int sites) {
  if (rule.ranges.empty()) return "";
  const CountRule::Range& range = rule.ranges.front();
  const double scale = range.percent ? sites / 100.0 : 1.0;
  const int below = static_cast<int>(std::clamp(std::floor(range.low * scale + 1e-9), 0.0, sites + 0.0));
  const int above = static_cast<int>(std::clamp(std::ceil(range.high * scale - 1e-9), 0.0, sites + 0.0));
  const auto share = [&](int n) {
    return range.percent ? fmt::format("{} ({:.6g}%)", n, 100.0 * n / sites) : fmt::format("{}", n);
  };
  return below == above ? fmt::format("; nearest is {}", share(below))
                        : fmt::format("; nearest are {} and {}", share(below), share(above));
}

/// What the species of one sublattice may take, in the order of `allowed`; nothing if they cannot fill it.
std::optional<SublatticeChoices> choices_of(const SublatticeSpec& spec, const Sublattice& sublattice, int sites,
                                            const Supercell& supercell, Problems* problems) {
  SublatticeChoices choices{sites, {}};
  bool fault = false, rest = false;
  for (const Species species : sublattice.allowed) {
    const auto rule = std::find_if(spec.species.begin(), spec.species.end(),
                                   [&](const CountRule& r) { return r.species == species; });
    CountChoices& of_species = choices.of_species.emplace_back();
    if (rule == spec.species.end()) {
      of_species.counts = {0};
    } else if (rule->rest) {
      of_species = {{0}, true};
      rest = true;
    } else {
      of_species.counts = rule->counts(sites);
      if (of_species.counts.empty()) {
        fault = true;
        if (problems != nullptr) {
          problems->add(rule->where,
                        fmt::format("{}: {} = {} allows no count: the sublattice has {} sites in supercell {}{}",
                                    quoted_name(spec), rule->species.symbol(), rule->text, sites,
                                    matrix_text(supercell.matrix()), nearest_counts(*rule, sites)));
        }
      }
    }
  }
  if (fault) return std::nullopt;
  if (choices.row_count() == 0) {
    if (problems != nullptr) {
      problems->add(spec.where,
                    fmt::format("{}: the counts never sum to its {} sites in supercell {}; the nearest sum is {}{}",
                                quoted_name(spec), sites, matrix_text(supercell.matrix()), choices.nearest_sum(),
                                rest ? " without the rest" : " (should one species be \"rest\"?)"));
    }
    return std::nullopt;
  }
  return choices;
}

/// Sums that n atoms of one species can have, each with one of `states`: offset + the set bits.
class ChargeSums {
 public:
  ChargeSums(const std::vector<int>& states, std::int64_t atoms) {
    const int low = *std::min_element(states.begin(), states.end());
    const int high = *std::max_element(states.begin(), states.end());
    offset_ = low * atoms;
    reachable_.assign(static_cast<std::size_t>((high - low) * atoms) + 1, false);
    reachable_[0] = true;
    std::size_t top = 0;
    for (std::int64_t i = 0; i < atoms; ++i) {
      std::vector<bool> next(reachable_.size(), false);
      for (std::size_t sum = 0; sum <= top; ++sum) {
        if (!reachable_[sum]) continue;
        for (const int state : states) next[sum + static_cast<std::size_t>(state - low)] = true;
      }
      top += static_cast<std::size_t>(high - low);
      reachable_ = std::move(next);
    }
  }
  [[nodiscard]] std::int64_t lowest() const { return offset_; }
  [[nodiscard]] std::int64_t highest() const { return offset_ + static_cast<std::int64_t>(reachable_.size()) - 1; }
  [[nodiscard]] bool contains(std::int64_t sum) const {
    return sum >= lowest() && sum <= highest() && reachable_[static_cast<std::size_t>(sum - offset_)];
  }
  /// Every sum of one of these and one of those.
  [[nodiscard]] ChargeSums plus(const ChargeSums& other) const {
    ChargeSums result = *this;
    result.offset_ += other.offset_;
    result.reachable_.assign(reachable_.size() + other.reachable_.size() - 1, false);
    for (std::size_t a = 0; a < reachable_.size(); ++a) {
      if (!reachable_[a]) continue;
      for (std::size_t b = 0; b < other.reachable_.size(); ++b) {
        if (other.reachable_[b]) result.reachable_[a + b] = true;
      }
    }
    return result;
  }

 private:
  std::int64_t offset_ = 0;
  std::vector<bool> reachable_;
};

class Neutrality {
 public:
  explicit Neutrality(const SpaceSpec& spec) : spec_(spec) {}

  bool allows(const std::map<Species, std::int64_t>& atoms) {
    ChargeSums sums({0}, 0);
    for (const auto& [species, n] : atoms) {
      if (n == 0 || species.is_vacancy()) continue;
      auto known = known_.find({species, n});
      if (known == known_.end()) {
        known = known_.emplace(std::make_pair(species, n), ChargeSums(spec_.oxidation.at(species), n)).first;
      }
      sums = sums.plus(known->second);
    }
    return sums.contains(0);
  }

 private:
  const SpaceSpec& spec_;
  std::map<std::pair<Species, std::int64_t>, ChargeSums> known_;
};

std::map<Species, std::int64_t> atoms_of(const Supercell& supercell, const CompositionCounts& counts,
                                         const MarkerOrbit* marker) {
  const ParentCrystal& parent = supercell.parent();
  std::map<Species, std::int64_t> atoms;
  if (marker != nullptr) atoms = marker->marked_atoms;
  for (const ParentSite& site : parent.sites) {
    if (site.sublattice == kFixedSite) atoms[site.fixed_species] += supercell.volume_factor();
  }
  for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
    for (std::size_t i = 0; i < parent.sublattices[s].allowed.size(); ++i) {
      atoms[parent.sublattices[s].allowed[i]] += counts.of_sublattice[s][i];
    }
  }
  return atoms;
}

LinearBound bound_of(const LinearConstraint& constraint, const ParentCrystal& parent) {
  LinearBound bound;
  for (const Sublattice& sublattice : parent.sublattices) {
    std::vector<std::int64_t>& row = bound.coefficients.emplace_back(sublattice.allowed.size(), 0);
    for (const LinearConstraint::Term& term : constraint.terms) {
      if (!term.sublattice.empty() && term.sublattice != sublattice.name) continue;
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (sublattice.allowed[i] == term.species) row[i] += term.coefficient;
      }
    }
  }
  if (constraint.relation != LinearConstraint::Relation::kLessEqual) bound.low = constraint.bound;
  if (constraint.relation != LinearConstraint::Relation::kGreaterEqual) bound.high = constraint.bound;
  return bound;
}

/// What charges can be at least and at most must let zero be between them; which sums between are possible is for
/// Neutrality to say.
std::vector<LinearBound> charge_bounds(const SpaceSpec& spec, const Supercell& supercell, const MarkerOrbit* marker) {
  const ParentCrystal& parent = supercell.parent();
  CompositionCounts none;
  for (const Sublattice& sublattice : parent.sublattices) none.of_sublattice.emplace_back(sublattice.allowed.size(), 0);
  LinearBound lowest, highest;
  lowest.high = highest.low = 0;
  const auto states = [&](Species species) {
    if (species.is_vacancy()) return std::make_pair(std::int64_t{0}, std::int64_t{0});
    const auto [low, high] = std::minmax_element(spec.oxidation.at(species).begin(), spec.oxidation.at(species).end());
    return std::make_pair(std::int64_t{*low}, std::int64_t{*high});
  };
  for (const Sublattice& sublattice : parent.sublattices) {
    auto& low = lowest.coefficients.emplace_back();
    auto& high = highest.coefficients.emplace_back();
    for (const Species species : sublattice.allowed) {
      low.push_back(states(species).first);
      high.push_back(states(species).second);
    }
  }
  for (const auto& [species, n] : atoms_of(supercell, none, marker)) {
    if (n == 0) continue;
    lowest.high -= states(species).first * n;
    highest.low -= states(species).second * n;
  }
  return {lowest, highest};
}

/// Where the many compositions come from, and what to do.
std::string too_many(const SpaceSpec& spec, const Supercell& supercell, const std::vector<SublatticeChoices>& choices,
                     const std::string& what) {
  std::size_t largest = 0;
  BigInteger rows = 0;
  for (std::size_t s = 0; s < choices.size(); ++s) {
    const BigInteger of_sublattice = choices[s].row_count();
    if (of_sublattice <= rows) continue;
    rows = of_sublattice;
    largest = s;
  }
  std::vector<std::string> ranges;
  for (const CountRule& rule : spec.sublattices[largest].species)
    ranges.push_back(fmt::format("{} = {}", rule.species.symbol(), rule.rest ? "rest" : rule.text));
  return fmt::format(
      "{}: space: {} in supercell {}; the counts of sublattice \"{}\" ({}) alone make {} on its {} sites: narrow them, "
      "add constraints, or take a smaller supercell",
      to_string(spec.where), what, matrix_text(supercell.matrix()), spec.sublattices[largest].name,
      fmt::join(ranges, ", "), rows.str(), choices[largest].sites);
}

}  // namespace

bool satisfies(const LinearConstraint& constraint, const ParentCrystal& parent, const CompositionCounts& counts) {
  std::int64_t sum = 0;
  for (const LinearConstraint::Term& term : constraint.terms) {
    for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
      const Sublattice& sublattice = parent.sublattices[s];
      if (!term.sublattice.empty() && term.sublattice != sublattice.name) continue;
      for (std::size_t i = 0; i < sublattice.allowed.size(); ++i) {
        if (sublattice.allowed[i] == term.species) sum += term.coefficient * counts.of_sublattice[s][i];
      }
    }
  }
  switch (constraint.relation) {
    case LinearConstraint::Relation::kLessEqual:
      return sum <= constraint.bound;
    case LinearConstraint::Relation::kEqual:
      return sum == constraint.bound;
    case LinearConstraint::Relation::kGreaterEqual:
      return sum >= constraint.bound;
  }
  return false;
}

void check_composition_rules(const SpaceSpec& spec, const ParentCrystal& parent, Problems& problems) {
  for (const LinearConstraint& constraint : spec.constraints) {
    for (const LinearConstraint::Term& term : constraint.terms) {
      std::vector<std::string> names;
      bool sublattice_known = term.sublattice.empty(), species_known = false;
      for (const Sublattice& sublattice : parent.sublattices) {
        names.push_back(sublattice.name);
        if (!term.sublattice.empty() && term.sublattice != sublattice.name) continue;
        sublattice_known = true;
        const auto& allowed = sublattice.allowed;
        species_known = species_known || std::find(allowed.begin(), allowed.end(), term.species) != allowed.end();
      }
      if (!sublattice_known) {
        problems.add(constraint.where,
                     fmt::format("space.constraints: \"{}\" names no sublattice \"{}\"{}; they are {}", constraint.text,
                                 term.sublattice, did_you_mean(term.sublattice, names), fmt::join(names, ", ")));
      } else if (!species_known) {
        problems.add(constraint.where,
                     fmt::format("space.constraints: \"{}\": {} is not among the species of {}", constraint.text,
                                 term.species.symbol(),
                                 term.sublattice.empty() ? "any sublattice" : "sublattice " + term.sublattice));
      }
    }
  }
  if (!spec.charge_neutral) return;
  std::set<Species> present;
  for (const ParentSite& site : parent.sites) {
    if (site.sublattice == kFixedSite) present.insert(site.fixed_species);
  }
  for (const Sublattice& sublattice : parent.sublattices)
    present.insert(sublattice.allowed.begin(), sublattice.allowed.end());
  for (const Species species : present) {
    const auto states = spec.oxidation.find(species);
    if (!species.is_vacancy() && (states == spec.oxidation.end() || states->second.empty())) {
      problems.add(spec.where,
                   fmt::format("space.oxidation: charge_neutral needs an oxidation state of {}", species.symbol()));
    }
  }
}

std::vector<CompositionCounts> allowed_compositions(const SpaceSpec& spec, const Supercell& supercell,
                                                    Problems* problems, const MarkerOrbit* marker) {
  const ParentCrystal& parent = supercell.parent();
  std::vector<SublatticeChoices> choices;
  bool possible = true;
  for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
    const int sites =
        marker != nullptr ? marker->coloured_sites[s] : supercell.sublattice_site_count(static_cast<int>(s));
    auto of_sublattice = choices_of(spec.sublattices[s], parent.sublattices[s], sites, supercell, problems);
    possible = possible && of_sublattice;
    if (of_sublattice) choices.push_back(std::move(*of_sublattice));
  }
  if (!possible) return {};

  std::vector<LinearBound> bounds;
  for (const LinearConstraint& constraint : spec.constraints) bounds.push_back(bound_of(constraint, parent));
  if (spec.charge_neutral) {
    for (LinearBound& bound : charge_bounds(spec, supercell, marker)) bounds.push_back(std::move(bound));
  }
  std::vector<CompositionCounts> found;
  Neutrality neutrality(spec);
  const GeneratorEnd end = generate_counts(choices, bounds, kMostGeneratorSteps, [&](const CompositionCounts& counts) {
    if (!spec.charge_neutral || neutrality.allows(atoms_of(supercell, counts, marker))) found.push_back(counts);
    return found.size() <= kMostCompositions;
  });
  if (end == GeneratorEnd::kStopped) {
    throw InputError(too_many(spec, supercell, choices, fmt::format("more than {} compositions", kMostCompositions)));
  }
  if (end == GeneratorEnd::kTooLong) {
    throw InputError(
        too_many(spec, supercell, choices,
                 fmt::format("finding the compositions that the constraints leave takes more than {} steps",
                             kMostGeneratorSteps)));
  }
  std::sort(found.begin(), found.end());
  if (!found.empty() || problems == nullptr) return found;

  BigInteger combinations = 1;
  for (const SublatticeChoices& one : choices) combinations *= one.row_count();
  bool said = false;
  for (const LinearConstraint& constraint : spec.constraints) {
    bool held = false;
    const GeneratorEnd alone = generate_counts(choices, {bound_of(constraint, parent)}, kMostGeneratorSteps / 100,
                                               [&](const CompositionCounts&) { return !(held = true); });
    if (held || alone == GeneratorEnd::kTooLong) continue;
    said = true;
    problems->add(
        constraint.where,
        fmt::format("space.constraints: \"{}\" holds for none of the {} combinations of counts in supercell {}",
                    constraint.text, combinations.str(), matrix_text(supercell.matrix())));
  }
  if (!said) {
    problems->add(spec.where, fmt::format("space: none of the {} combinations of counts in supercell {} meets {}",
                                          combinations.str(), matrix_text(supercell.matrix()),
                                          spec.charge_neutral ? "the constraints and charge neutrality"
                                                              : "all constraints together"));
  }
  return {};
}

}  // namespace hullscan
