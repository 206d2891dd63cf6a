#include "enumerator/orbit_count.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>  // std::iota
#include <set>

namespace hullscan {
namespace {

/// A subgroup of the translations by generators, with its Möbius number.
struct TranslationSubgroup {
  std::vector<std::size_t> generators;  ///< elements of the group
  std::int64_t moebius = 1;
};

/// Translations as an abelian group. Two of them never move site 0 alike, so site 0's image names a translation.
class Translations {
 public:
  explicit Translations(const GroupAction& action) : action_(action) {
    for (const std::size_t t : action.translations()) by_image_[action.group().element(t)[0]] = t;
  }

  /// Every subgroup with a nonzero Möbius number, the trivial one first.
  [[nodiscard]] std::vector<TranslationSubgroup> subgroups() const {
    std::vector<TranslationSubgroup> found{{{}, 1}};
    std::size_t rest = action_.translations().size();
    for (std::size_t p = 2; p <= rest; ++p) {
      if (rest % p != 0) continue;
      while (rest % p == 0) rest /= p;
      const auto of_prime = elementary(p);
      std::vector<TranslationSubgroup> products;
      for (const TranslationSubgroup& a : found) {
        for (const TranslationSubgroup& b : of_prime) {
          TranslationSubgroup product{a.generators, a.moebius * b.moebius};
          product.generators.insert(product.generators.end(), b.generators.begin(), b.generators.end());
          products.push_back(std::move(product));
        }
      }
      found = std::move(products);
    }
    return found;
  }

 private:
  [[nodiscard]] std::size_t product(std::size_t a, std::size_t b) const {
    return by_image_.at(action_.group().element(a)[action_.group().element(b)[0]]);
  }
  [[nodiscard]] std::size_t power(std::size_t a, std::size_t n) const {
    std::size_t result = by_image_.at(0);
    for (std::size_t i = 0; i < n; ++i) result = product(result, a);
    return result;
  }

  /// The subgroups of the elements of order p or 1, which are a vector space over the field of p elements.
  [[nodiscard]] std::vector<TranslationSubgroup> elementary(std::size_t p) const {
    const std::size_t identity = by_image_.at(0);
    std::vector<std::size_t> space;
    for (const std::size_t t : action_.translations()) {
      if (power(t, p) == identity) space.push_back(t);
    }
    std::vector<TranslationSubgroup> found{{{}, 1}};
    std::vector<std::pair<std::vector<std::size_t>, std::set<std::size_t>>> of_rank{{{}, {identity}}};
    std::int64_t moebius = 1, factor = -1;  // mu of rank r + 1 = mu of rank r * -(p^r)
    while (!of_rank.empty()) {
      moebius *= factor;
      factor *= static_cast<std::int64_t>(p);
      std::vector<std::pair<std::vector<std::size_t>, std::set<std::size_t>>> next;
      std::set<std::set<std::size_t>> seen;
      for (const auto& [generators, members] : of_rank) {
        for (const std::size_t t : space) {
          if (members.count(t) != 0) continue;
          std::set<std::size_t> span;
          for (const std::size_t m : members) {
            std::size_t element = m;
            for (std::size_t i = 0; i < p; ++i) {
              span.insert(element);
              element = product(element, t);
            }
          }
          if (!seen.insert(span).second) continue;
          auto longer = generators;
          longer.push_back(t);
          found.push_back({longer, moebius});
          next.emplace_back(std::move(longer), std::move(span));
        }
      }
      of_rank = std::move(next);
    }
    return found;
  }

  const GroupAction& action_;
  std::map<std::size_t, std::size_t> by_image_;
};

/// Blocks of sites, merged step by step.
class Blocks {
 public:
  explicit Blocks(std::size_t sites) : parent_(sites) { reset(); }
  void reset() { std::iota(parent_.begin(), parent_.end(), 0U); }
  std::uint32_t find(std::uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void merge_along(std::span<const std::uint16_t> permutation) {
    for (std::uint32_t i = 0; i < permutation.size(); ++i) {
      const std::uint32_t a = find(i), b = find(permutation[i]);
      if (a < b) parent_[b] = a;
      if (b < a) parent_[a] = b;
    }
  }
  void copy_from(const Blocks& other) { parent_ = other.parent_; }

 private:
  std::vector<std::uint32_t> parent_;
};

}  // namespace

OrbitCounter::OrbitCounter(std::shared_ptr<const GroupAction> action, bool superperiodic)
    : action_(std::move(action)) {
  types_.resize(action_->sublattice_count());
  type_numbers_.resize(types_.size());
  fixed_.resize(types_.size());
  if (!superperiodic && action_->translations().size() > 1) {
    prepare_aperiodic();
    return;
  }
  const CycleIndex index(*action_);
  for (std::size_t s = 0; s < types_.size(); ++s) types_[s] = index.types(s);
  for (const CycleClass& c : index.classes()) {
    orbit_terms_.push_back({c.type_of_sublattice, static_cast<std::int64_t>(c.elements.size())});
    if (c.elements.front() == 0) total_terms_.push_back({c.type_of_sublattice, 1});  // the identity is alone or alike
  }
}

std::size_t OrbitCounter::type_number(std::size_t sublattice, const CycleType& type) {
  const auto [entry, fresh] = type_numbers_[sublattice].try_emplace(type, types_[sublattice].size());
  if (fresh) types_[sublattice].push_back(type);
  return entry->second;
}

void OrbitCounter::add(std::vector<Term>& terms, std::map<std::vector<std::size_t>, std::size_t>& number,
                       const std::vector<std::size_t>& types, std::int64_t weight) {
  const auto [entry, fresh] = number.try_emplace(types, terms.size());
  if (fresh) terms.push_back({types, 0});
  terms[entry->second].weight += weight;
}

void OrbitCounter::prepare_aperiodic() {
  const GroupAction& action = *action_;
  std::map<std::vector<std::size_t>, std::size_t> total_number, orbit_number;
  Blocks under_subgroup(action.site_count()), blocks(action.site_count());
  std::vector<int> size(action.site_count());
  std::vector<std::size_t> types(types_.size());
  std::vector<std::map<std::vector<int>, std::size_t>> by_histogram(types_.size());
  for (const TranslationSubgroup& h : Translations(action).subgroups()) {
    under_subgroup.reset();
    for (const std::size_t t : h.generators) under_subgroup.merge_along(action.group().element(t));
    for (std::size_t g = 0; g < action.order(); ++g) {
      blocks.copy_from(under_subgroup);
      blocks.merge_along(action.group().element(g));
      std::fill(size.begin(), size.end(), 0);
      for (std::uint32_t i = 0; i < size.size(); ++i) ++size[blocks.find(i)];
      for (std::size_t s = 0; s < types_.size(); ++s) {
        std::vector<int> histogram;
        for (const std::uint16_t site : action.sites(s)) {
          const auto n = static_cast<std::size_t>(size[site]);
          if (n == 0) continue;
          if (histogram.size() <= n) histogram.resize(n + 1, 0);
          ++histogram[n];
        }
        const auto [entry, fresh] = by_histogram[s].try_emplace(histogram, 0);
        if (fresh) {
          CycleType type;
          for (std::size_t n = 1; n < histogram.size(); ++n) {
            if (histogram[n] > 0) type.cycles.emplace_back(static_cast<int>(n), histogram[n]);
          }
          entry->second = type_number(s, type);
        }
        types[s] = entry->second;
      }
      add(orbit_terms_, orbit_number, types, h.moebius);
      if (g == 0) add(total_terms_, total_number, types, h.moebius);
    }
  }
}

BigInteger OrbitCounter::sum(const std::vector<Term>& terms, const CompositionCounts& counts) {
  BigInteger result = 0;
  for (const Term& term : terms) {
    if (term.weight == 0) continue;
    BigInteger fixed = term.weight;
    for (std::size_t s = 0; s < term.types.size() && fixed != 0; ++s) {
      const std::vector<int>& row = counts.of_sublattice[s];
      const auto key = std::make_pair(term.types[s], row);
      auto found = fixed_[s].find(key);
      if (found == fixed_[s].end()) {
        found = fixed_[s].emplace(key, CycleColourings(types_[s][term.types[s]], row, binomials_).number()).first;
      }
      fixed *= found->second;
    }
    result += fixed;
  }
  return result;
}

OrbitCount OrbitCounter::count(const CompositionCounts& counts) {
  const BigInteger fixed = sum(orbit_terms_, counts);
  const BigInteger order = action_->order();
  assert(fixed % order == 0);
  return {sum(total_terms_, counts), fixed / order};
}

std::optional<OrbitCount> count_orbits(const std::shared_ptr<const GroupAction>& action,
                                       const CompositionCounts& counts, const EnumerationOptions& options) {
  if (options.forbidden != nullptr && !options.forbidden->empty()) return std::nullopt;
  OrbitCount count = OrbitCounter(action, options.superperiodic).count(counts);
  count.total *= options.multiplicity;
  return count;
}

}  // namespace hullscan
