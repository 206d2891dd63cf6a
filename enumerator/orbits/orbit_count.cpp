#include "enumerator/orbits/orbit_count.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>  // std::iota

#include "enumerator/orbits/translation_subgroups.hpp"

namespace hullscan {
namespace {

using Images = std::vector<std::uint32_t>;

std::size_t sublattice_count(std::span<const int> sublattice_of_site) {
  return sublattice_of_site.empty()
             ? 0
             : static_cast<std::size_t>(*std::max_element(sublattice_of_site.begin(), sublattice_of_site.end())) + 1;
}

Images images_of(const GroupAction& action, std::size_t element) {
  const auto images = action.group().element(element);
  return {images.begin(), images.end()};
}

/// Products of the elements of an action that are translations, which need not be all of its group's.
class TranslationProducts {
 public:
  explicit TranslationProducts(const GroupAction& action) : group_(action.group()) {}
  std::size_t operator()(std::size_t a, std::size_t b) const {
    std::vector<std::uint16_t> product(group_.degree);
    for (std::size_t i = 0; i < product.size(); ++i) product[i] = group_.element(a)[group_.element(b)[i]];
    std::size_t low = 0, high = group_.order();  // elements are in lexicographic order
    while (low + 1 < high) {
      const std::size_t middle = (low + high) / 2;
      const auto element = group_.element(middle);
      const bool below = std::lexicographical_compare(product.begin(), product.end(), element.begin(), element.end());
      (below ? high : low) = middle;
    }
    return low;
  }

 private:
  const PermutationGroup& group_;
};

}  // namespace

/// Blocks of sites, merged step by step.
class JoinedBlocks {
 public:
  explicit JoinedBlocks(std::size_t sites) : parent_(sites) { std::iota(parent_.begin(), parent_.end(), 0U); }
  std::uint32_t find(std::uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void merge_along(std::span<const std::uint32_t> permutation) {
    for (std::uint32_t i = 0; i < permutation.size(); ++i) {
      const std::uint32_t a = find(i), b = find(permutation[i]);
      if (a < b) parent_[b] = a;
      if (b < a) parent_[a] = b;
    }
  }

 private:
  std::vector<std::uint32_t> parent_;
};

/// The cycles of one element after the other, or what they become where a subgroup of the translations joins them.
class OrbitCounter::Cycles {
 public:
  /// @param generators of the subgroup.
  Cycles(std::span<const int> sublattice_of_site, std::span<const Images> generators, OrbitCounter& counter)
      : sublattice_of_site_(sublattice_of_site), counter_(counter), joined_(sublattice_of_site.size()) {
    for (const Images& generator : generators) joined_.merge_along(generator);
    trivial_ = generators.empty();
    sizes_.resize(counter.types_.size());
  }

  /// @returns [sublattice] the types of the element.
  std::vector<std::size_t> of(const Images& element) {
    for (auto& sizes : sizes_) sizes.clear();
    if (trivial_) {
      walk(element);
    } else {
      join(element);
    }
    std::vector<std::size_t> types;
    for (std::size_t s = 0; s < sizes_.size(); ++s) {
      types.push_back(counter_.type_number(s, {{sizes_[s].begin(), sizes_[s].end()}}));
    }
    return types;
  }

 private:
  void walk(const Images& element) {
    seen_.assign(element.size(), 0);
    for (std::uint32_t start = 0; start < element.size(); ++start) {
      int length = 0;
      for (std::uint32_t at = start; seen_[at] == 0; at = element[at]) {
        seen_[at] = 1;
        ++length;
      }
      if (length > 0) ++sizes_[static_cast<std::size_t>(sublattice_of_site_[start])][length];
    }
  }
  void join(const Images& element) {
    JoinedBlocks blocks = joined_;
    blocks.merge_along(element);
    std::vector<int> size(element.size(), 0);
    for (std::uint32_t i = 0; i < size.size(); ++i) ++size[blocks.find(i)];
    for (std::size_t i = 0; i < size.size(); ++i) {
      if (size[i] > 0) ++sizes_[static_cast<std::size_t>(sublattice_of_site_[i])][size[i]];
    }
  }

  std::span<const int> sublattice_of_site_;
  OrbitCounter& counter_;
  JoinedBlocks joined_;
  bool trivial_ = true;
  std::vector<char> seen_;
  std::vector<std::map<int, int>> sizes_;  ///< [sublattice] blocks of a size
};

void OrbitCounter::Sum::add(const std::vector<std::size_t>& types, std::int64_t weight) {
  const auto [entry, fresh] = number.try_emplace(types, terms.size());
  if (fresh) terms.push_back({types, 0});
  terms[entry->second].weight += weight;
}

void OrbitCounter::prepare(std::size_t sublattices) {
  types_.resize(sublattices);
  type_numbers_.resize(sublattices);
  two_species_.resize(sublattices);
  fixed_.resize(sublattices);
}

OrbitCounter::OrbitCounter(std::shared_ptr<const GroupAction> action, bool superperiodic) : order_(action->order()) {
  prepare(action->sublattice_count());
  std::vector<TranslationSubgroup> subgroups{{{}, 1}};
  if (!superperiodic) subgroups = translation_subgroups(action->translations(), TranslationProducts(*action));
  for (const TranslationSubgroup& h : subgroups) {
    std::vector<Images> generators;
    for (const std::size_t t : h.generators) generators.push_back(images_of(*action, t));
    Cycles cycles(action->sublattice_of_site(), generators, *this);
    for (std::size_t g = 0; g < action->order(); ++g) {
      const auto types = cycles.of(images_of(*action, g));
      orbits_.add(types, h.weight);
      if (g == 0) totals_.add(types, h.weight);
    }
  }
}

OrbitCounter::OrbitCounter(const SupercellOperations& operations, std::span<const std::size_t> repeating)
    : order_(operations.count()) {
  prepare(sublattice_count(operations.sublattice_of_site()));
  const auto sum = [&](std::size_t a, std::size_t b) {
    return std::size_t{operations.sum(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b))};
  };
  const auto types_of = [&](std::size_t point, std::size_t cell, std::span<const std::size_t> subgroup) {
    const auto cycles = operations.cycles(point, cell, subgroup);
    std::vector<std::size_t> types;
    for (std::size_t s = 0; s < cycles.size(); ++s) {
      types.push_back(type_number(s, {{cycles[s].begin(), cycles[s].end()}}));
    }
    return types;
  };
  const auto classes = operations.conjugates();
  for (const TranslationSubgroup& h : translation_subgroups(repeating, sum)) {
    totals_.add(types_of(0, 0, h.generators), h.weight);
    for (const SupercellOperations::Conjugates& g : classes) {
      orbits_.add(types_of(g.point, g.cell, h.generators), h.weight * g.number);
    }
  }
}

std::size_t OrbitCounter::type_number(std::size_t sublattice, const CycleType& type) {
  const auto [entry, fresh] = type_numbers_[sublattice].try_emplace(type, types_[sublattice].size());
  if (fresh) types_[sublattice].push_back(type);
  return entry->second;
}

namespace {

/// How many species a row has, and the sites of the rarest and of all.
struct RowShape {
  int species = 0, rarest = 0, sites = 0;
  explicit RowShape(const std::vector<int>& row) {
    for (const int n : row) {
      if (n == 0) continue;
      rarest = species == 0 ? n : std::min(rarest, n);
      sites += n;
      ++species;
    }
  }
};

/// How far to compute what is needed up to `needed` now: doubling keeps the sum of all extensions small.
int worth_computing(std::size_t known, int needed, int sites) {
  return known == 0 ? needed : std::max(needed, std::min(2 * static_cast<int>(known), sites / 2));
}

}  // namespace

const BigInteger& OrbitCounter::of_two_species(Sum& sum, int rarest, int sites) {
  std::vector<BigInteger>& known = sum.of_two_species;
  if (known.size() <= static_cast<std::size_t>(rarest)) {
    const int up_to = worth_computing(known.size(), rarest, sites);
    known.assign(static_cast<std::size_t>(up_to) + 1, 0);
    for (const Term& term : sum.terms) {
      if (term.weight == 0) continue;
      const auto fixed = two_species_colourings(types_[0][term.types[0]], up_to);
      for (std::size_t i = 0; i < known.size(); ++i) known[i] += fixed[i] * term.weight;
    }
  }
  return known[static_cast<std::size_t>(rarest)];
}

const BigInteger& OrbitCounter::fixed(std::size_t sublattice, std::size_t type, const std::vector<int>& row) {
  const RowShape shape(row);
  if (shape.species == 2) {
    std::vector<BigInteger>& known = two_species_[sublattice][type];
    if (known.size() <= static_cast<std::size_t>(shape.rarest)) {
      known =
          two_species_colourings(types_[sublattice][type], worth_computing(known.size(), shape.rarest, shape.sites));
    }
    return known[static_cast<std::size_t>(shape.rarest)];
  }
  const auto key = std::make_pair(type, row);
  auto found = fixed_[sublattice].find(key);
  if (found == fixed_[sublattice].end()) {
    found = fixed_[sublattice].emplace(key, CycleColourings(types_[sublattice][type], row, binomials_).number()).first;
  }
  return found->second;
}

BigInteger OrbitCounter::of(Sum& sum, const CompositionCounts& counts) {
  if (counts.of_sublattice.size() == 1) {
    const RowShape shape(counts.of_sublattice[0]);
    if (shape.species == 2) return of_two_species(sum, shape.rarest, shape.sites);
  }
  BigInteger result = 0;
  for (const Term& term : sum.terms) {
    if (term.weight == 0) continue;
    BigInteger product = term.weight;
    for (std::size_t s = 0; s < term.types.size() && product != 0; ++s) {
      product *= fixed(s, term.types[s], counts.of_sublattice[s]);
    }
    result += product;
  }
  return result;
}

OrbitCount OrbitCounter::count(const CompositionCounts& counts) {
  const BigInteger fixed = of(orbits_, counts);
  assert(fixed % order_ == 0);
  return {of(totals_, counts), fixed / order_};
}

std::optional<OrbitCount> count_orbits(const std::shared_ptr<const GroupAction>& action,
                                       const CompositionCounts& counts, const EnumerationOptions& options) {
  if (options.forbidden != nullptr && !options.forbidden->empty()) return std::nullopt;
  OrbitCount count = OrbitCounter(action, options.superperiodic).count(counts);
  count.total *= options.multiplicity;
  return count;
}

}  // namespace hullscan
