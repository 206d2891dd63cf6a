#include "enumerator/sampling/large_sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/errors.hpp"
#include "enumerator/orbits/detail/block_colouring.hpp"
#include "enumerator/sampling/orbit_sampler.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kTriesOfADraw = 1'000'000;
constexpr std::size_t kMostSites = 65535;

struct Operation {
  std::uint32_t point = 0, cell = 0;
};

class LargeSampler {
 public:
  LargeSampler(const SearchSpace& space, std::size_t supercell, const CompositionCounts& counts)
      : operations_(space.operations(supercell)),
        counts_(counts),
        order_(SearchOrder::of(counts)),
        repeating_(space.repeating_cells(supercell)),
        colourings_(counts.of_sublattice.size()) {}

  /// One try; nothing if it gave a configuration that is left out.
  std::optional<CanonicalForm> attempt(SampleMethod method, detail::RandomStream& random) {
    std::vector<std::uint8_t> occupation(operations_.site_count());
    SupercellOperations::Conjugates element;  // the identity fixes every configuration
    if (method == SampleMethod::kOrbit) element = element_at_random(random);
    colour_as_fixed(element, random, occupation);
    if (repeats(occupation)) return std::nullopt;
    return canonical_form(operations_, order_, occupation);
  }

 private:
  /// Elements that translations make conjugate fix equally many colourings, and of the same orbits.
  struct Class {
    SupercellOperations::Conjugates element;
    BigInteger up_to;  ///< fixed colourings of this class's elements and of all before it
  };

  detail::BlocksOfSize cycles(const SupercellOperations::Conjugates& element, std::size_t sublattice) {
    images_.resize(operations_.site_count());
    operations_.images(element.point, element.cell, images_);
    const auto of_site = operations_.sublattice_of_site();
    std::vector<char> seen(images_.size(), 0);
    detail::BlocksOfSize cycles;
    for (std::uint32_t start = 0; start < images_.size(); ++start) {
      if (static_cast<std::size_t>(of_site[start]) != sublattice) continue;
      std::vector<std::uint16_t> cycle;
      for (std::uint32_t at = start; seen[at] == 0; at = images_[at]) {
        seen[at] = 1;
        cycle.push_back(static_cast<std::uint16_t>(at));
      }
      if (!cycle.empty()) cycles[static_cast<int>(cycle.size())].push_back(std::move(cycle));
    }
    return cycles;
  }

  CycleColourings& colourings(std::size_t sublattice, const detail::BlocksOfSize& cycles) {
    CycleType type;
    for (const auto& [length, members] : cycles) type.cycles.emplace_back(length, static_cast<int>(members.size()));
    return colourings(sublattice, type);
  }
  CycleColourings& colourings(std::size_t sublattice, const CycleType& type) {
    auto& known = colourings_[sublattice][type];
    if (known == nullptr) {
      known = std::make_unique<CycleColourings>(type, counts_.of_sublattice[sublattice], binomials_);
    }
    return *known;
  }

  SupercellOperations::Conjugates element_at_random(detail::RandomStream& random) {
    if (classes_.empty()) {
      BigInteger up_to = 0;
      for (const SupercellOperations::Conjugates& element : operations_.conjugates()) {
        BigInteger fixed = element.number;
        const auto lengths = operations_.cycles(element.point, element.cell);
        for (std::size_t s = 0; s < colourings_.size() && fixed != 0; ++s) {
          fixed *= colourings(s, CycleType{{lengths[s].begin(), lengths[s].end()}}).number();
        }
        if (fixed == 0) continue;
        up_to += fixed;
        classes_.push_back({element, up_to});
      }
    }
    const BigInteger ticket = random.below(classes_.back().up_to);
    return std::upper_bound(classes_.begin(), classes_.end(), ticket,
                            [](const BigInteger& t, const Class& c) { return t < c.up_to; })
        ->element;
  }

  void colour_as_fixed(const SupercellOperations::Conjugates& element, detail::RandomStream& random,
                       std::span<std::uint8_t> occupation) {
    for (std::size_t s = 0; s < colourings_.size(); ++s) {
      detail::BlocksOfSize blocks = cycles(element, s);
      const auto taken = colourings(s, blocks).draw([&](const BigInteger& bound) { return random.below(bound); });
      detail::colour_blocks(blocks, taken, random, occupation);
    }
  }

  [[nodiscard]] bool repeats(std::span<const std::uint8_t> occupation) const {
    return std::any_of(repeating_.begin() + 1, repeating_.end(), [&](std::size_t cell) {
      for (std::size_t i = 0; i < occupation.size(); ++i) {
        if (occupation[operations_.image(0, cell, i)] != occupation[i]) return false;
      }
      return true;
    });
  }

  const SupercellOperations& operations_;
  const CompositionCounts& counts_;
  SearchOrder order_;
  std::vector<std::size_t> repeating_;
  Binomials binomials_;
  std::vector<std::map<CycleType, std::unique_ptr<CycleColourings>>> colourings_;  ///< [sublattice]
  std::vector<Class> classes_;  ///< those that fix a colouring; empty until the first draw over orbits
  std::vector<std::uint32_t> images_;
};

}  // namespace

CanonicalForm canonical_form(const SupercellOperations& operations, const SearchOrder& order,
                             std::span<const std::uint8_t> occupation) {
  std::vector<std::vector<std::uint32_t>> sites(order.background.size());
  for (std::uint32_t i = 0; i < occupation.size(); ++i) {
    sites[static_cast<std::size_t>(operations.sublattice_of_site()[i])].push_back(i);
  }
  // An operation h stands for the image of the colouring under its inverse: the colour of site x is that of h(x).
  std::vector<Operation> kept, survivors;
  for (std::uint32_t point = 0; point < operations.point_count(); ++point) {
    for (std::uint32_t cell = 0; cell < operations.cell_count(); ++cell) kept.push_back({point, cell});
  }
  for (const Stage& stage : order.stages) {
    const std::vector<std::uint32_t>& of_stage = sites[stage.sublattice];
    const auto holds = [&](const Operation& h, std::uint32_t site) {
      return occupation[operations.image(h.point, h.cell, site)] == stage.species;
    };
    survivors.assign(1, kept.front());
    for (std::size_t i = 1; i < kept.size(); ++i) {
      const Operation &best = survivors.front(), &h = kept[i];
      std::size_t x = 0;
      while (x < of_stage.size() && holds(h, of_stage[x]) == holds(best, of_stage[x])) ++x;
      if (x == of_stage.size()) {
        survivors.push_back(h);
      } else if (holds(h, of_stage[x])) {  // of sets of one size the one that has the first site is before
        survivors.assign(1, h);
      }
    }
    kept.swap(survivors);
  }
  CanonicalForm form;
  form.degeneracy = operations.count() / kept.size();
  form.occupation.resize(occupation.size());
  for (std::size_t i = 0; i < occupation.size(); ++i) {
    form.occupation[i] = occupation[operations.image(kept.front().point, kept.front().cell, i)];
  }
  return form;
}

SampleOutcome sample_large_composition(const SearchSpace& space, std::size_t supercell, std::size_t composition,
                                       const SampleSpec& sample, std::uint64_t seed,
                                       const std::function<void(const SampledOrbit&)>& visit) {
  const CompositionCounts& counts = space.compositions(supercell)[composition];
  const SupercellOperations& operations = space.operations(supercell);
  if (sample.method == "stratified") {
    throw InputError(fmt::format(
        "{}: space.sample: {} of {} is too large for a stratified sample: {}; use method = \"orbit\"",
        to_string(sample.where), space.formula(supercell, counts), space.name(), *space.why_not_enumerable(supercell)));
  }
  if (operations.site_count() > kMostSites) {
    throw InputError(fmt::format("{}: space.sample: {} of {} has {} varied sites; samples are drawn of at most {}",
                                 to_string(sample.where), space.formula(supercell, counts), space.name(),
                                 operations.site_count(), kMostSites));
  }
  SampleOutcome outcome;
  const BigInteger existing = OrbitCounter(operations, space.repeating_cells(supercell)).count(counts).inequivalent;
  if (existing == 0) return outcome;
  const SampleMethod method = sample.method == "orbit" ? SampleMethod::kOrbit : SampleMethod::kConfiguration;
  auto wanted = static_cast<std::uint64_t>(sample.number);
  if (method == SampleMethod::kOrbit && existing < wanted) wanted = existing.convert_to<std::uint64_t>();

  LargeSampler sampler(space, supercell, counts);
  std::set<std::vector<std::uint8_t>> seen;
  for (std::uint64_t draw = 0; outcome.drawn < wanted && !outcome.gave_up; ++draw) {
    std::optional<CanonicalForm> form;
    for (std::uint64_t attempt = 0; !form && attempt < kTriesOfADraw; ++attempt) {
      detail::RandomStream random(random_bits(seed, draw), static_cast<std::uint64_t>(method), attempt);
      form = sampler.attempt(method, random);
    }
    outcome.gave_up = !form;
    if (!form || (method == SampleMethod::kOrbit && !seen.insert(form->occupation).second)) continue;
    visit({std::nullopt, *form});
    ++outcome.drawn;
    outcome.labelled += form->degeneracy;
  }
  return outcome;
}

}  // namespace hullscan
