#include "enumerator/composition_sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "enumerator/detail/random_stream.hpp"
#include "enumerator/orbit_count.hpp"
#include "enumerator/orbit_sampler.hpp"
#include "enumerator/stabiliser_classes.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kVainDraws = 10'000;
constexpr std::uint64_t kTries = 1'000'000;
constexpr std::uint64_t kStratifiedPurpose = 0x5354'5241'5441ULL;
constexpr std::int64_t kMostEnumerated = 100'000'000;
constexpr std::int64_t kQuicklyEnumerated = 1'000'000;
constexpr double kQuickSteps = 1e9;

/// What the orbits of a composition are orbits of: the colourings round one orbit of objects, or all of them.
struct Part {
  std::optional<std::size_t> marker;
  std::shared_ptr<const GroupAction> action;
  CompositionCounts counts;
  EnumerationOptions options;
};

std::vector<Part> parts_of(const SearchSpace& space, std::size_t supercell, std::size_t composition) {
  const CompositionCounts& counts = space.compositions(supercell)[composition];
  EnumerationOptions options = space.options(supercell);
  if (options.forbidden != nullptr && options.forbidden->empty()) options.forbidden = nullptr;
  const auto& markers = space.markers(supercell);
  if (markers.empty()) return {{std::nullopt, space.action(supercell), counts, options}};
  std::vector<Part> parts;
  for (std::size_t m = 0; m < markers.size(); ++m) {
    if (!markers[m].holds(counts)) continue;
    options.superperiodic = true;  // no translation but those of the supercell maps an object onto itself
    options.multiplicity = markers[m].size;
    parts.push_back({m, markers[m].action, markers[m].with_marked(counts), options});
  }
  return parts;
}

/// Counts as if no distance were forbidden.
OrbitCount unconstrained(const Part& part) {
  EnumerationOptions options = part.options;
  options.forbidden = nullptr;
  return *count_orbits(part.action, part.counts, options);
}

/// Index of the share that a uniform ticket falls into. @param up_to running sums, the last > 0.
std::size_t chosen(const std::vector<BigInteger>& up_to, detail::RandomStream& random) {
  if (up_to.size() == 1) return 0;
  const BigInteger ticket = random.below(up_to.back());
  return static_cast<std::size_t>(std::upper_bound(up_to.begin(), up_to.end(), ticket) - up_to.begin());
}

class CompositionSampler {
 public:
  CompositionSampler(const SearchSpace& space, std::size_t supercell, std::size_t composition,
                     const SampleSpec& sample, std::uint64_t seed,
                     const std::function<void(const SampledOrbit&)>& visit)
      : space_(space),
        supercell_(supercell),
        composition_(composition),
        sample_(sample),
        seed_(seed),
        visit_(visit),
        wanted_(static_cast<std::uint64_t>(sample.number)),
        parts_(parts_of(space, supercell, composition)) {
    for (const Part& part : parts_) constrained_ = constrained_ || part.options.forbidden != nullptr;
  }

  SampleOutcome uniform(SampleMethod method);
  SampleOutcome stratified();

 private:
  /// A class over all parts, and where its draws come from.
  struct DrawnClass {
    std::uint64_t degeneracy = 1;
    BigInteger orbits = 0;
    std::vector<std::pair<std::size_t, std::size_t>> sources;  ///< part, symmetry class of the part
    std::vector<BigInteger> up_to;
  };
  using Key = std::pair<std::size_t, std::vector<std::uint8_t>>;  ///< part, canonical form

  void take(std::size_t part, const CanonicalForm& form) {
    visit_({parts_[part].marker, form});
    ++outcome_.drawn;
    outcome_.labelled += form.degeneracy;
  }
  [[nodiscard]] bool find_classes(const StabiliserClasses::Limits& limits);
  void draw_class(const DrawnClass& drawn, std::uint64_t quota);
  void choose_among_all();
  /// An equal share of what is left for `classes` more classes.
  [[nodiscard]] std::uint64_t share(std::size_t classes) const {
    return (wanted_ - outcome_.drawn + classes - 1) / classes;
  }

  const SearchSpace& space_;
  std::size_t supercell_, composition_;
  const SampleSpec& sample_;
  std::uint64_t seed_;
  const std::function<void(const SampledOrbit&)>& visit_;
  std::uint64_t wanted_;
  std::vector<Part> parts_;
  bool constrained_ = false;
  std::vector<StabiliserClasses> stabilisers_;  ///< [part]
  std::vector<DrawnClass> classes_;
  SampleOutcome outcome_;
};

SampleOutcome CompositionSampler::uniform(SampleMethod method) {
  std::vector<OrbitSampler> samplers;
  std::vector<BigInteger> up_to;
  BigInteger sum = 0, existing = 0;
  for (const Part& part : parts_) {
    samplers.emplace_back(part.action, part.counts, part.options);
    EnumerationOptions all = part.options;  // draws that the options leave out are rejected afterwards
    all.forbidden = nullptr;
    all.superperiodic = true;
    const OrbitCount count = *count_orbits(part.action, part.counts, all);
    sum += method == SampleMethod::kOrbit ? count.inequivalent : count.total;
    up_to.push_back(sum);
    existing += unconstrained(part).inequivalent;
  }
  const bool again = method == SampleMethod::kConfiguration;  // an orbit may come again
  if (existing == 0) return outcome_;
  if (!again && existing < wanted_) wanted_ = existing.convert_to<std::uint64_t>();

  std::set<Key> seen;
  std::uint64_t vain = 0;
  for (std::uint64_t i = 0; outcome_.drawn < wanted_; ++i) {
    std::optional<CanonicalForm> form;
    std::size_t part = 0;
    if (parts_.size() == 1) {
      form = samplers.front().draw(method, seed_, i);
    } else {
      for (std::uint64_t attempt = 0; attempt < kTries && !form; ++attempt) {
        detail::RandomStream random(random_bits(seed_, i), static_cast<std::uint64_t>(method), attempt);
        part = chosen(up_to, random);
        form = samplers[part].attempt_draw(method, random);
      }
    }
    if (!form || (constrained_ && vain >= kVainDraws)) {
      outcome_.gave_up = true;
      break;
    }
    if (!again && !seen.insert({part, form->occupation}).second) {
      ++vain;
      continue;
    }
    vain = 0;
    take(part, *form);
  }
  return outcome_;
}

bool CompositionSampler::find_classes(const StabiliserClasses::Limits& limits) {
  std::map<std::uint64_t, DrawnClass> of_degeneracy;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    auto found = StabiliserClasses::find(part.action, part.counts, part.options.superperiodic, limits);
    if (!found) return false;
    BigInteger orbits = 0;
    for (std::size_t c = 0; c < found->classes().size(); ++c) {
      const auto& of_part = found->classes()[c];
      orbits += of_part.orbits;
      DrawnClass& drawn = of_degeneracy[part.options.multiplicity * part.action->order() / of_part.stabiliser_order];
      drawn.orbits += of_part.orbits;
      drawn.sources.emplace_back(p, c);
      const BigInteger weight = found->weight(c) * part.options.multiplicity;
      drawn.up_to.push_back(drawn.up_to.empty() ? weight : BigInteger(drawn.up_to.back() + weight));
    }
    if (orbits != unconstrained(part).inequivalent) {
      throw Error(fmt::format("symmetry classes hold {} orbits of {}; this is a fault of hullscan", orbits.str(),
                              unconstrained(part).inequivalent.str()));
    }
    stabilisers_.push_back(std::move(*found));
  }
  for (auto& [degeneracy, drawn] : of_degeneracy) {
    drawn.degeneracy = degeneracy;
    classes_.push_back(std::move(drawn));
  }
  std::stable_sort(classes_.begin(), classes_.end(), [](const DrawnClass& a, const DrawnClass& b) {
    return std::tie(a.orbits, a.degeneracy) < std::tie(b.orbits, b.degeneracy);
  });
  return true;
}

void CompositionSampler::draw_class(const DrawnClass& drawn, std::uint64_t quota) {
  if (drawn.orbits < quota) quota = drawn.orbits.convert_to<std::uint64_t>();
  SampledClass& of_class = outcome_.classes.emplace_back();
  of_class.degeneracy = drawn.degeneracy;
  if (!constrained_) of_class.orbits = drawn.orbits;
  std::set<Key> seen;
  const std::uint64_t seed = random_bits(seed_, drawn.degeneracy);
  std::uint64_t vain = 0;
  for (std::uint64_t i = 0; of_class.drawn < quota && !(constrained_ && vain >= kVainDraws); ++i) {
    detail::RandomStream random(seed, kStratifiedPurpose, i);
    const auto [part, symmetry_class] = drawn.sources[chosen(drawn.up_to, random)];
    auto form = stabilisers_[part].draw(symmetry_class, random);
    ++vain;
    if (!form) continue;
    const auto& forbidden = parts_[part].options.forbidden;
    if (forbidden != nullptr && !forbidden->allows(form->occupation)) continue;
    if (!seen.insert({part, form->occupation}).second) continue;
    form->degeneracy *= parts_[part].options.multiplicity;
    vain = 0;
    ++of_class.drawn;
    take(part, *form);
  }
}

/// By enumeration: of every degeneracy the orbits with the least hashes.
void CompositionSampler::choose_among_all() {
  using Candidate = std::tuple<std::uint64_t, std::size_t, std::vector<std::uint8_t>>;  // hash, part, occupation
  struct Seen {
    std::uint64_t orbits = 0;
    std::set<Candidate> best;
  };
  std::map<std::uint64_t, Seen> of_degeneracy;
  std::uint64_t number = 0;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    (void)OrbitEnumerator(part.action, part.counts, part.options).run({}, {}, [&](const Orbit& orbit) {
      Seen& seen = of_degeneracy[orbit.degeneracy];
      ++seen.orbits;
      const std::uint64_t hash = random_bits(seed_, number++);
      if (seen.best.size() == wanted_ && hash > std::get<0>(*seen.best.rbegin())) return true;
      seen.best.emplace(hash, p, std::vector<std::uint8_t>(orbit.occupation.begin(), orbit.occupation.end()));
      if (seen.best.size() > wanted_) seen.best.erase(std::prev(seen.best.end()));
      return true;
    });
  }
  std::vector<std::pair<std::uint64_t, const Seen*>> order;
  for (const auto& [degeneracy, seen] : of_degeneracy) order.emplace_back(degeneracy, &seen);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second->orbits < b.second->orbits; });
  for (std::size_t c = 0; c < order.size(); ++c) {
    const auto& [degeneracy, seen] = order[c];
    const std::uint64_t quota = share(order.size() - c);
    SampledClass of_class{degeneracy, seen->orbits, 0};
    for (const auto& [hash, part, occupation] : seen->best) {
      if (of_class.drawn == quota) break;
      ++of_class.drawn;
      take(part, {occupation, degeneracy});
    }
    outcome_.classes.push_back(std::move(of_class));
  }
}

SampleOutcome CompositionSampler::stratified() {
  BigInteger existing = 0;
  for (const Part& part : parts_) existing += unconstrained(part).inequivalent;
  if (existing == 0) return outcome_;
  if (constrained_ && existing <= kQuicklyEnumerated) {
    choose_among_all();
    return outcome_;
  }
  StabiliserClasses::Limits limits;
  if (existing <= kQuicklyEnumerated) limits.steps = kQuickSteps;
  if (!find_classes(limits)) {
    if (existing > kMostEnumerated) {
      throw InputError(fmt::format(
          "{}: space.sample: {} of {} has too many classes of symmetry for a stratified sample: more subgroups than "
          "can be listed, and {} orbits; use method = \"orbit\"",
          to_string(sample_.where), space_.formula(supercell_, space_.compositions(supercell_)[composition_]),
          space_.name(), existing.str()));
    }
    choose_among_all();
    return outcome_;
  }
  for (std::size_t c = 0; c < classes_.size(); ++c) draw_class(classes_[c], share(classes_.size() - c));
  outcome_.gave_up = constrained_ && outcome_.drawn < wanted_;
  return outcome_;
}

}  // namespace

SampleOutcome sample_composition(const SearchSpace& space, std::size_t supercell, std::size_t composition,
                                 const SampleSpec& sample, std::uint64_t seed,
                                 const std::function<void(const SampledOrbit&)>& visit) {
  CompositionSampler sampler(space, supercell, composition, sample, seed, visit);
  if (sample.method == "stratified") return sampler.stratified();
  return sampler.uniform(sample.method == "orbit" ? SampleMethod::kOrbit : SampleMethod::kConfiguration);
}

}  // namespace hullscan
