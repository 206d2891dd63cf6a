#include "enumerator/sampling/orbit_sampler.hpp"

#include <algorithm>

#include "enumerator/orbits/detail/block_colouring.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kTries = 1'000'000;

/// One stream for every try of every draw: the draw's number is mixed into the seed, the try's is the index.
detail::RandomStream stream_of(SampleMethod method, std::uint64_t seed, std::uint64_t index, std::uint64_t attempt) {
  return {random_bits(seed, index), static_cast<std::uint64_t>(method), attempt};
}

}  // namespace

OrbitSampler::OrbitSampler(std::shared_ptr<const GroupAction> action, CompositionCounts counts,
                           EnumerationOptions options)
    : action_(std::move(action)),
      counts_(std::move(counts)),
      options_(std::move(options)),
      order_(SearchOrder::of(counts_)) {
  require_counts_fit(*action_, counts_);
  if (options_.forbidden != nullptr && options_.forbidden->empty()) options_.forbidden = nullptr;
}

void OrbitSampler::prepare_classes() {
  const CycleIndex index(*action_);
  colourings_.resize(action_->sublattice_count());
  for (std::size_t s = 0; s < colourings_.size(); ++s) {
    for (const CycleType& type : index.types(s)) {
      colourings_[s].emplace_back(std::in_place, type, counts_.of_sublattice[s], binomials_);
    }
  }
  BigInteger up_to = 0;
  for (const CycleClass& c : index.classes()) {
    BigInteger fixed = c.elements.size();
    for (std::size_t s = 0; s < colourings_.size(); ++s) fixed *= colourings_[s][c.type_of_sublattice[s]]->number();
    if (fixed == 0) continue;
    up_to += fixed;
    classes_.push_back({c.type_of_sublattice, c.elements, up_to});
  }
}

std::optional<CanonicalForm> OrbitSampler::draw(SampleMethod method, std::uint64_t seed, std::uint64_t index) {
  for (std::uint64_t attempt = 0; attempt < kTries; ++attempt) {
    detail::RandomStream random = stream_of(method, seed, index, attempt);
    if (auto form = attempt_draw(method, random)) return form;
  }
  return std::nullopt;
}

std::optional<CanonicalForm> OrbitSampler::attempt_draw(SampleMethod method, detail::RandomStream& random) {
  if (method == SampleMethod::kOrbit && classes_.empty()) prepare_classes();
  std::vector<std::uint8_t> occupation(action_->site_count());
  if (method == SampleMethod::kConfiguration) {
    colour_at_random(random, occupation);
  } else {
    colour_as_fixed(random, occupation);
  }
  if (options_.forbidden != nullptr && !options_.forbidden->allows(occupation)) return std::nullopt;
  if (!options_.superperiodic && repeats(occupation)) return std::nullopt;
  CanonicalForm form = canonical_form(*action_, order_, occupation);
  form.degeneracy *= options_.multiplicity;
  return form;
}

void OrbitSampler::colour_at_random(detail::RandomStream& random, std::span<std::uint8_t> occupation) const {
  for (std::size_t s = 0; s < action_->sublattice_count(); ++s) {
    std::vector<std::uint8_t> colours;
    for (std::size_t species = 0; species < counts_.of_sublattice[s].size(); ++species) {
      colours.insert(colours.end(), static_cast<std::size_t>(counts_.of_sublattice[s][species]),
                     static_cast<std::uint8_t>(species));
    }
    random.shuffle(colours);
    for (std::size_t x = 0; x < colours.size(); ++x) occupation[action_->sites(s)[x]] = colours[x];
  }
}

void OrbitSampler::colour_as_fixed(detail::RandomStream& random, std::span<std::uint8_t> occupation) {
  const BigInteger ticket = random.below(classes_.back().up_to);
  const auto& chosen = *std::upper_bound(classes_.begin(), classes_.end(), ticket,
                                         [](const BigInteger& t, const Class& c) { return t < c.up_to; });
  // Elements of a class fix equally many colourings.
  const std::uint32_t g = chosen.elements[static_cast<std::size_t>(random.below(chosen.elements.size()))];
  const auto element = action_->group().element(g);
  std::vector<std::uint8_t> done(action_->site_count(), 0);
  for (std::size_t s = 0; s < action_->sublattice_count(); ++s) {
    detail::BlocksOfSize cycles;
    for (const std::uint16_t start : action_->sites(s)) {
      std::vector<std::uint16_t> cycle;
      for (std::uint16_t at = start; done[at] == 0; at = element[at]) {
        done[at] = 1;
        cycle.push_back(at);
      }
      if (!cycle.empty()) cycles[static_cast<int>(cycle.size())].push_back(std::move(cycle));
    }
    const auto taken =
        colourings_[s][chosen.types[s]]->draw([&](const BigInteger& bound) { return random.below(bound); });
    detail::colour_blocks(cycles, taken, random, occupation);
  }
}

bool OrbitSampler::repeats(std::span<const std::uint8_t> occupation) const {
  const auto translations = action_->translations();
  return std::any_of(translations.begin(), translations.end(), [&](std::size_t t) {
    if (t == 0) return false;
    const auto element = action_->group().element(t);
    for (std::size_t i = 0; i < occupation.size(); ++i) {
      if (occupation[element[i]] != occupation[i]) return false;
    }
    return true;
  });
}

}  // namespace hullscan
