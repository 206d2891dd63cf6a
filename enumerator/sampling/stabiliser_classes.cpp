#include "enumerator/sampling/stabiliser_classes.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>  // std::iota
#include <set>
#include <string_view>

#include "enumerator/orbits/detail/block_colouring.hpp"

namespace hullscan {
namespace {

using Partition = std::vector<std::uint16_t>;

/// The first site of a site's block while blocks are being joined.
std::uint16_t first_of(Partition& blocks, std::uint16_t site) {
  while (blocks[site] != site) site = blocks[site] = blocks[blocks[site]];
  return site;
}

/// Joins i with with[i]; a permutation joins its cycles, a partition its blocks.
void join(Partition& blocks, std::span<const std::uint16_t> with) {
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] == i) continue;
    const std::uint16_t a = first_of(blocks, static_cast<std::uint16_t>(i)), b = first_of(blocks, with[i]);
    if (a < b) blocks[b] = a;
    if (b < a) blocks[a] = b;
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = blocks[blocks[i]];  // firsts come first
}

Partition all_apart(std::size_t sites) {
  Partition blocks(sites);
  std::iota(blocks.begin(), blocks.end(), std::uint16_t{0});
  return blocks;
}

}  // namespace

std::size_t StabiliserClasses::Hash::operator()(const Partition& partition) const {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(partition.data()), partition.size() * sizeof(std::uint16_t)});
}

StabiliserClasses::StabiliserClasses(std::shared_ptr<const GroupAction> action, CompositionCounts counts)
    : action_(std::move(action)),
      counts_(std::move(counts)),
      order_(SearchOrder::of(counts_)),
      binomials_(std::make_unique<Binomials>()),
      colourings_(action_->sublattice_count()) {}

std::optional<StabiliserClasses> StabiliserClasses::find(std::shared_ptr<const GroupAction> action,
                                                         CompositionCounts counts, bool superperiodic,
                                                         const Limits& limits) {
  StabiliserClasses found(std::move(action), std::move(counts));
  if (!found.search(limits) || !found.count_exactly(limits)) return std::nullopt;
  found.list_classes(superperiodic);
  return found;
}

BigInteger StabiliserClasses::fixed(const Partition& blocks, std::vector<CycleColourings*>& colourings) {
  std::vector<int> size(blocks.size(), 0);
  for (const std::uint16_t first : blocks) ++size[first];
  colourings.clear();
  BigInteger product = 1;
  for (std::size_t s = 0; s < colourings_.size(); ++s) {
    std::map<int, int> histogram;
    for (const std::uint16_t site : action_->sites(s)) {
      if (size[site] > 0) ++histogram[size[site]];
    }
    auto& known = colourings_[s][CycleType{{histogram.begin(), histogram.end()}}];
    if (known == nullptr) {
      known = std::make_unique<CycleColourings>(CycleType{{histogram.begin(), histogram.end()}},
                                                counts_.of_sublattice[s], *binomials_);
    }
    if (known->number() == 0) return 0;
    product *= known->number();
    colourings.push_back(known.get());
  }
  return product;
}

bool StabiliserClasses::keeps(std::size_t element, const Partition& blocks) const {
  const auto image = action_->group().element(element);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[image[i]] != blocks[i]) return false;
  }
  return true;
}

void StabiliserClasses::add(const Partition& blocks, std::vector<CycleColourings*> colourings, BigInteger fixed) {
  SubgroupClass found{blocks, 0, 0, std::move(colourings), std::move(fixed), 0};
  const std::size_t number = subgroups_.size();
  const std::size_t sites = blocks.size();
  constexpr std::uint16_t kNone = 0xFFFF;
  Partition image(sites), first(sites);
  for (std::size_t g = 0; g < action_->order(); ++g) {
    if (keeps(g, blocks)) ++found.order;
    if (sites == 0) {
      class_of_.emplace(image, number);
      found.conjugates = 1;
      continue;
    }
    const auto element = action_->group().element(g);
    for (std::size_t i = 0; i < sites; ++i) image[element[i]] = blocks[i];
    std::fill(first.begin(), first.end(), kNone);
    for (std::size_t i = 0; i < sites; ++i) {
      std::uint16_t& name = first[image[i]];
      if (name == kNone) name = static_cast<std::uint16_t>(i);
      image[i] = name;
    }
    if (class_of_.emplace(image, number).second) ++found.conjugates;
  }
  steps_ += 4 * static_cast<double>(action_->order()) * static_cast<double>(sites + 1);
  subgroups_.push_back(std::move(found));
}

bool StabiliserClasses::search(const Limits& limits) {
  const std::size_t sites = action_->site_count();
  std::vector<CycleColourings*> colourings;
  std::set<Partition> atoms;
  for (std::size_t g = 1; g < action_->order(); ++g) {
    Partition cycles = all_apart(sites);
    join(cycles, action_->group().element(g));
    if (fixed(cycles, colourings) != 0) atoms.insert(std::move(cycles));
  }
  Partition blocks = all_apart(sites);
  const BigInteger all = fixed(blocks, colourings);
  if (all == 0) return true;
  add(blocks, colourings, all);
  for (std::size_t next = 0; next < subgroups_.size(); ++next) {
    const Partition base = subgroups_[next].blocks;
    for (const Partition& atom : atoms) {
      blocks = base;
      join(blocks, atom);
      if (class_of_.count(blocks) != 0) continue;
      BigInteger number = fixed(blocks, colourings);
      if (number != 0) add(blocks, colourings, std::move(number));
      if (class_of_.size() > limits.subgroups || steps_ > limits.steps) return false;
    }
    steps_ += 4 * static_cast<double>(atoms.size()) * static_cast<double>(sites);
  }
  return true;
}

bool StabiliserClasses::count_exactly(const Limits& limits) {
  std::vector<std::size_t> by_order(subgroups_.size());
  std::iota(by_order.begin(), by_order.end(), std::size_t{0});
  std::stable_sort(by_order.begin(), by_order.end(),
                   [&](std::size_t a, std::size_t b) { return subgroups_[a].order > subgroups_[b].order; });
  std::vector<std::vector<const Partition*>> conjugates(subgroups_.size());
  for (const auto& [blocks, number] : class_of_) conjugates[number].push_back(&blocks);

  steps_ += 2 * static_cast<double>(subgroups_.size()) * static_cast<double>(class_of_.size());
  if (steps_ > limits.steps) return false;
  for (const std::size_t i : by_order) {
    SubgroupClass& small = subgroups_[i];
    std::vector<std::pair<std::uint16_t, std::uint16_t>> together;
    for (std::size_t site = 0; site < small.blocks.size(); ++site) {
      if (small.blocks[site] != site) together.emplace_back(static_cast<std::uint16_t>(site), small.blocks[site]);
    }
    small.exact = small.fixed;
    for (const std::size_t j : by_order) {
      const SubgroupClass& large = subgroups_[j];
      if (large.order <= small.order) break;
      if (large.order % small.order != 0 || large.exact == 0) continue;
      const auto above = std::count_if(conjugates[j].begin(), conjugates[j].end(), [&](const Partition* blocks) {
        return std::all_of(together.begin(), together.end(),
                           [&](const auto& pair) { return (*blocks)[pair.first] == (*blocks)[pair.second]; });
      });
      if (above > 0) small.exact -= large.exact * above;
    }
    assert(small.exact >= 0);
  }
  return true;
}

void StabiliserClasses::list_classes(bool superperiodic) {
  std::map<std::uint64_t, std::vector<std::size_t>> of_order;
  for (std::size_t i = 0; i < subgroups_.size(); ++i) {
    const auto translations = action_->translations();
    const bool repeats = std::any_of(translations.begin(), translations.end(),
                                     [&](std::size_t t) { return t != 0 && keeps(t, subgroups_[i].blocks); });
    if (subgroups_[i].exact == 0 || (repeats && !superperiodic)) continue;
    of_order[subgroups_[i].order].push_back(i);
  }
  for (const auto& [order, members] : of_order) {
    SymmetryClass symmetry_class{order, 0};
    std::vector<Source> sources;
    BigInteger configurations = 0, up_to = 0;
    for (const std::size_t i : members) {
      configurations += subgroups_[i].exact * subgroups_[i].conjugates;
      up_to += subgroups_[i].fixed * subgroups_[i].conjugates;
      sources.push_back({i, up_to});
    }
    assert(configurations * order % action_->order() == 0);
    symmetry_class.orbits = configurations * order / action_->order();
    classes_.push_back(std::move(symmetry_class));
    drawn_from_.push_back(std::move(sources));
  }
}

std::optional<CanonicalForm> StabiliserClasses::draw(std::size_t symmetry_class, detail::RandomStream& random) {
  const std::vector<Source>& sources = drawn_from_[symmetry_class];
  const BigInteger ticket = random.below(sources.back().up_to);
  const auto& source = *std::upper_bound(sources.begin(), sources.end(), ticket,
                                         [](const BigInteger& t, const Source& s) { return t < s.up_to; });
  const SubgroupClass& subgroup = subgroups_[source.subgroup_class];
  std::vector<std::uint8_t> occupation(action_->site_count());
  for (std::size_t s = 0; s < action_->sublattice_count(); ++s) {
    std::map<std::uint16_t, std::vector<std::uint16_t>> sites_of;
    for (const std::uint16_t site : action_->sites(s)) sites_of[subgroup.blocks[site]].push_back(site);
    detail::BlocksOfSize blocks;
    for (auto& [first, sites] : sites_of) blocks[static_cast<int>(sites.size())].push_back(std::move(sites));
    const auto taken = subgroup.colourings[s]->draw([&](const BigInteger& bound) { return random.below(bound); });
    detail::colour_blocks(blocks, taken, random, occupation);
  }
  CanonicalForm form = canonical_form(*action_, order_, occupation);
  if (form.degeneracy * subgroup.order != action_->order()) return std::nullopt;
  return form;
}

}  // namespace hullscan
