#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <numeric>  // std::accumulate
#include <set>

#include "enumerator/composition_constraints.hpp"
#include "enumerator/search_space.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostCompositions = 2'000'000;

std::string matrix_text(const SupercellMatrix& m) {
  if (m.isDiagonal()) return fmt::format("[{}, {}, {}]", m(0, 0), m(1, 1), m(2, 2));
  return fmt::format("[[{}, {}, {}], [{}, {}, {}], [{}, {}, {}]]", m(0, 0), m(0, 1), m(0, 2), m(1, 0), m(1, 1),
                     m(1, 2), m(2, 0), m(2, 1), m(2, 2));
}

std::string quoted_name(const SublatticeSpec& spec) { return fmt::format("space.sublattice \"{}\"", spec.name); }

/// Every integer count near a rule that allows none: the nearest below and above its first range.
std::string nearest_counts(const CountRule& rule, int sites) {
  if (rule.ranges.empty()) return "";
  const CountRule::Range& range = rule.ranges.front();
  const double scale = range.percent ? sites / 100.0 : 1.0;
  const int below = std::clamp(static_cast<int>(std::floor(range.low * scale + 1e-9)), 0, sites);
  const int above = std::clamp(static_cast<int>(std::ceil(range.high * scale - 1e-9)), 0, sites);
  const auto share = [&](int n) {
    return range.percent ? fmt::format("{} ({:.6g}%)", n, 100.0 * n / sites) : fmt::format("{}", n);
  };
  return below == above ? fmt::format("; nearest is {}", share(below))
                        : fmt::format("; nearest are {} and {}", share(below), share(above));
}

/// The rows of one sublattice: counts in the order of `allowed`.
std::vector<std::vector<int>> rows_of(const SublatticeSpec& spec, const Sublattice& sublattice, int sites,
                                      const Supercell& supercell, Problems* problems) {
  const std::size_t species_count = sublattice.allowed.size();
  std::vector<std::vector<int>> choices(species_count);
  std::optional<std::size_t> rest;
  bool fault = false;
  for (std::size_t s = 0; s < species_count; ++s) {
    const auto rule = std::find_if(spec.species.begin(), spec.species.end(),
                                   [&](const CountRule& r) { return r.species == sublattice.allowed[s]; });
    if (rule == spec.species.end()) {
      choices[s] = {0};
    } else if (rule->rest) {
      rest = s;
    } else {
      choices[s] = rule->counts(sites);
      if (choices[s].empty()) {
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
  if (fault) return {};

  std::vector<std::vector<int>> rows;
  std::set<int> sums;  // of the explicit counts, to say what would have been possible
  std::vector<int> row(species_count, 0);
  const auto fill = [&](auto&& self, std::size_t s, int left) -> void {
    if (s == species_count) {
      sums.insert(sites - left);
      if (rest) row[*rest] = left;
      if (left >= 0 && (rest || left == 0)) rows.push_back(row);
      if (rows.size() > kMostCompositions)
        throw InputError(fmt::format("{}: more than {} compositions", quoted_name(spec), kMostCompositions));
      return;
    }
    if (rest && s == *rest) return self(self, s + 1, left);
    for (const int n : choices[s]) {
      row[s] = n;
      // Sums beyond the sites matter only for the message, once.
      if (n > left && !rows.empty()) break;
      self(self, s + 1, left - n);
    }
  };
  fill(fill, 0, sites);
  if (rows.empty() && problems != nullptr) {
    const auto nearest = std::min_element(sums.begin(), sums.end(),
                                          [&](int a, int b) { return std::abs(a - sites) < std::abs(b - sites); });
    problems->add(spec.where,
                  fmt::format("{}: the counts never sum to its {} sites in supercell {}; the nearest sum is {}{}",
                              quoted_name(spec), sites, matrix_text(supercell.matrix()), *nearest,
                              rest ? " without the rest" : " (should one species be \"rest\"?)"));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
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
        problems.add(
            constraint.where,
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
  std::vector<std::vector<std::vector<int>>> rows;
  bool possible = true;
  for (std::size_t s = 0; s < parent.sublattices.size(); ++s) {
    rows.push_back(
        rows_of(spec.sublattices[s], parent.sublattices[s],
                marker != nullptr ? marker->coloured_sites[s] : supercell.sublattice_site_count(static_cast<int>(s)),
                supercell, problems));
    possible = possible && !rows.back().empty();
  }
  if (!possible) return {};

  std::vector<CompositionCounts> found;
  Neutrality neutrality(spec);
  std::vector<std::size_t> kept_by(spec.constraints.size() + 1, 0);  // compositions that constraint i allows
  CompositionCounts counts;
  counts.of_sublattice.resize(rows.size());
  std::size_t looked_at = 0;
  const auto fill = [&](auto&& self, std::size_t s) -> void {
    if (s < rows.size()) {
      for (const auto& row : rows[s]) {
        counts.of_sublattice[s] = row;
        self(self, s + 1);
      }
      return;
    }
    if (++looked_at > kMostCompositions) {
      throw InputError(fmt::format("{}: space: more than {} combinations of counts in supercell {}",
                                   to_string(spec.where), kMostCompositions, matrix_text(supercell.matrix())));
    }
    bool allowed = true;
    for (std::size_t i = 0; i < spec.constraints.size(); ++i) {
      const bool held = satisfies(spec.constraints[i], parent, counts);
      kept_by[i] += held ? 1 : 0;
      allowed = allowed && held;
    }
    if (!allowed) return;
    if (spec.charge_neutral && !neutrality.allows(atoms_of(supercell, counts, marker))) return;
    found.push_back(counts);
  };
  fill(fill, 0);
  std::sort(found.begin(), found.end());
  if (found.empty() && problems != nullptr) {
    bool said = false;
    for (std::size_t i = 0; i < spec.constraints.size(); ++i) {
      if (kept_by[i] > 0) continue;
      said = true;
      problems->add(
          spec.constraints[i].where,
          fmt::format("space.constraints: \"{}\" holds for none of the {} combinations of counts in supercell {}",
                      spec.constraints[i].text, looked_at, matrix_text(supercell.matrix())));
    }
    if (!said) {
      problems->add(spec.where, fmt::format("space: none of the {} combinations of counts in supercell {} meets {}",
                                            looked_at, matrix_text(supercell.matrix()),
                                            spec.charge_neutral ? "the constraints and charge neutrality"
                                                                : "all constraints together"));
    }
  }
  return found;
}

}  // namespace hullscan
