#include "enumerator/sampling/composition_sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "enumerator/orbits/bounded_search.hpp"
#include "enumerator/orbits/detail/random_stream.hpp"
#include "enumerator/sampling/large_sampler.hpp"
#include "enumerator/sampling/orbit_sampler.hpp"
#include "enumerator/sampling/stabiliser_classes.hpp"

namespace hullscan {
namespace {

constexpr std::uint64_t kVainDraws = 10'000;
constexpr std::uint64_t kTriesOfADraw = 1'000'000;
constexpr std::uint64_t kStratifiedPurpose = 0x5354'5241'5441ULL;
constexpr std::uint64_t kTicketPurpose = 0x5449'434b'4554ULL;
constexpr std::int64_t kMostEnumerated = 100'000'000;
constexpr std::int64_t kQuicklyEnumerated = 1'000'000;
constexpr double kQuickSteps = 1e9;
// A try of a draw costs as much as some 30 nodes of the search. Limits double from round to round: two million tries
// in all and a last search of 33 million nodes are some ten seconds for a hundred sites.
constexpr std::uint64_t kFirstTries = 1000, kStepsOfATry = 32;
constexpr int kRounds = 11;
constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};
constexpr std::uint64_t kMostSteps = (kFirstTries * kStepsOfATry) << (kRounds - 1);

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

/// Keeps, of everything offered, those with the least hashes: a uniform choice, in random order.
class LeastHashes {
 public:
  struct Member {
    std::uint64_t hash;
    std::size_t part;
    CanonicalForm form;
    bool operator<(const Member& other) const {
      return std::tie(hash, part, form.occupation) < std::tie(other.hash, other.part, other.form.occupation);
    }
  };

  explicit LeastHashes(std::uint64_t most) : most_(most) {}
  void offer(std::uint64_t hash, std::size_t part, const Orbit& orbit) {
    if (members_.size() == most_ && (most_ == 0 || hash > members_.rbegin()->hash)) return;
    members_.insert({hash, part, {{orbit.occupation.begin(), orbit.occupation.end()}, orbit.degeneracy}});
    if (members_.size() > most_) members_.erase(std::prev(members_.end()));
  }
  [[nodiscard]] const std::set<Member>& members() const { return members_; }

 private:
  std::uint64_t most_;
  std::set<Member> members_;
};

/// Draws over all parts, one after the other; what the options leave out is drawn again.
class Draws {
 public:
  struct Drawn {
    std::size_t part;
    CanonicalForm form;
  };

  /// @param parts must outlive this.
  Draws(const std::vector<Part>& parts, SampleMethod method, std::uint64_t seed) : method_(method), seed_(seed) {
    BigInteger sum = 0;
    for (const Part& part : parts) {
      samplers_.emplace_back(part.action, part.counts, part.options);
      EnumerationOptions all = part.options;  // of which attempts are made
      all.forbidden = nullptr;
      all.superperiodic = true;
      const OrbitCount count = *count_orbits(part.action, part.counts, all);
      sum += method == SampleMethod::kOrbit ? count.inequivalent : count.total;
      up_to_.push_back(sum);
    }
  }

  /// The next try: a draw, or nothing if it was one that the options leave out.
  std::optional<Drawn> attempt() {
    detail::RandomStream random(random_bits(seed_, draw_), static_cast<std::uint64_t>(method_), attempt_++);
    const std::size_t part = chosen(up_to_, random);
    auto form = samplers_[part].attempt_draw(method_, random);
    if (!form) return std::nullopt;
    if (method_ == SampleMethod::kOrbit && !seen_.insert({part, form->occupation}).second) {
      ++vain_;
      form.reset();
    } else {
      vain_ = 0;
    }
    ++draw_;
    attempt_ = 0;
    if (!form) return std::nullopt;
    return Drawn{part, std::move(*form)};
  }
  [[nodiscard]] std::uint64_t tries_of_this_draw() const { return attempt_; }
  [[nodiscard]] std::uint64_t vain_draws() const { return vain_; }  ///< in a row, of orbits that were there already

 private:
  SampleMethod method_;
  std::uint64_t seed_;
  std::vector<OrbitSampler> samplers_;
  std::vector<BigInteger> up_to_;
  std::set<std::pair<std::size_t, std::vector<std::uint8_t>>> seen_;
  std::uint64_t draw_ = 0, attempt_ = 0, vain_ = 0;
};

class CompositionSampler {
 public:
  CompositionSampler(const SearchSpace& space, std::size_t supercell, std::size_t composition, const SampleSpec& sample,
                     std::uint64_t seed, const std::function<void(const SampledOrbit&)>& visit)
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
  void within_distances(SampleMethod method);
  [[nodiscard]] bool orbits_among_all(std::uint64_t steps);
  [[nodiscard]] bool configurations_among_all(std::uint64_t steps);
  [[nodiscard]] bool find_classes(const StabiliserClasses::Limits& limits);
  void draw_class(const DrawnClass& drawn, std::uint64_t quota);
  [[nodiscard]] bool classes_among_all(std::uint64_t steps);
  [[nodiscard]] std::string formula() const {
    return space_.formula(supercell_, space_.compositions(supercell_)[composition_]);
  }
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
  BigInteger existing = 0;
  for (const Part& part : parts_) existing += unconstrained(part).inequivalent;
  if (existing == 0) return outcome_;
  if (method == SampleMethod::kOrbit && existing < wanted_) wanted_ = existing.convert_to<std::uint64_t>();
  if (constrained_) {
    within_distances(method);
    if (method == SampleMethod::kOrbit && outcome_.drawn == existing) outcome_.orbits = outcome_.drawn;
    return outcome_;
  }
  Draws draws(parts_, method, seed_);
  while (outcome_.drawn < wanted_ && !outcome_.gave_up) {
    if (const auto drawn = draws.attempt()) take(drawn->part, drawn->form);
    outcome_.gave_up = draws.tries_of_this_draw() >= kTriesOfADraw;
  }
  return outcome_;
}

/// Whether a sample is finished by rejection does not depend on which orbits it holds, so that neither way of drawing
/// is biased by having been the first.
void CompositionSampler::within_distances(SampleMethod method) {
  Draws draws(parts_, method, seed_);
  std::vector<Draws::Drawn> drawn;
  const auto reject = [&] {
    if (auto one = draws.attempt()) drawn.push_back(std::move(*one));
  };
  for (int round = 0; round < kRounds && drawn.size() < wanted_; ++round) {
    for (std::uint64_t tries = kFirstTries << round; tries > 0 && drawn.size() < wanted_; --tries) reject();
    if (drawn.size() == wanted_) break;
    const std::uint64_t steps = (kFirstTries * kStepsOfATry) << round;
    if (method == SampleMethod::kOrbit ? orbits_among_all(steps) : configurations_among_all(steps)) return;
  }
  if (drawn.empty()) {
    throw InputError(fmt::format(
        "{}: space.sample: {} of {}: min_distance allows none of {} random configurations, and enumerating what it "
        "allows takes too long; narrow the counts of the species that it keeps apart, or set as a constraint what it "
        "implies",
        to_string(sample_.where), formula(), space_.name(), kFirstTries << kRounds));
  }
  while (drawn.size() < wanted_ && draws.tries_of_this_draw() < kTriesOfADraw && draws.vain_draws() < kVainDraws)
    reject();
  outcome_.origin = SampleOrigin::kRejection;
  outcome_.gave_up = drawn.size() < wanted_;
  for (const Draws::Drawn& one : drawn) take(one.part, one.form);
}

/// The orbits with the least hashes, in the order of these.
bool CompositionSampler::orbits_among_all(std::uint64_t steps) {
  LeastHashes least(wanted_);
  std::uint64_t number = 0;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    if (!enumerate_within(steps, part.action, part.counts, part.options,
                          [&](const Orbit& orbit) { least.offer(random_bits(seed_, number++), p, orbit); })) {
      return false;
    }
  }
  outcome_.origin = SampleOrigin::kEnumeration;
  outcome_.orbits = number;
  for (const auto& [hash, part, form] : least.members()) take(part, form);
  return true;
}

/// Tickets among all configurations, and a second walk to see whose they are.
bool CompositionSampler::configurations_among_all(std::uint64_t steps) {
  std::uint64_t orbits = 0, labelled = 0;
  for (const Part& part : parts_) {
    const auto counted = enumerate_within(steps, part.action, part.counts, part.options);
    if (!counted) return false;
    orbits += counted->orbits;
    labelled += counted->labelled;
  }
  outcome_.origin = SampleOrigin::kEnumeration;
  outcome_.orbits = orbits;
  if (orbits == 0) return true;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> tickets;  // configuration, draw
  for (std::uint64_t draw = 0; draw < wanted_; ++draw) {
    detail::RandomStream random(seed_, kTicketPurpose, draw);
    tickets.emplace_back(random.below(labelled), draw);
  }
  std::sort(tickets.begin(), tickets.end());
  std::vector<std::pair<std::size_t, std::shared_ptr<const CanonicalForm>>> won(tickets.size());
  auto next = tickets.begin();
  std::uint64_t up_to = 0;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    (void)enumerate_within(steps, part.action, part.counts, part.options, [&](const Orbit& orbit) {
      up_to += orbit.degeneracy;
      if (next == tickets.end() || next->first >= up_to) return;
      const auto form = std::make_shared<const CanonicalForm>(
          CanonicalForm{{orbit.occupation.begin(), orbit.occupation.end()}, orbit.degeneracy});
      for (; next != tickets.end() && next->first < up_to; ++next) won[next->second] = {p, form};
    });
  }
  for (const auto& [part, form] : won) take(part, *form);
  return true;
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

/// Takes the orbits with the least hashes of every degeneracy.
bool CompositionSampler::classes_among_all(std::uint64_t steps) {
  struct Seen {
    std::uint64_t orbits = 0;
    LeastHashes least;
  };
  std::map<std::uint64_t, Seen> of_degeneracy;
  std::uint64_t number = 0;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    if (!enumerate_within(steps, part.action, part.counts, part.options, [&](const Orbit& orbit) {
          Seen& seen = of_degeneracy.try_emplace(orbit.degeneracy, Seen{0, LeastHashes(wanted_)}).first->second;
          ++seen.orbits;
          seen.least.offer(random_bits(seed_, number++), p, orbit);
        })) {
      return false;
    }
  }
  outcome_.origin = SampleOrigin::kEnumeration;
  outcome_.orbits = number;
  std::vector<std::pair<std::uint64_t, const Seen*>> order;
  for (const auto& [degeneracy, seen] : of_degeneracy) order.emplace_back(degeneracy, &seen);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second->orbits < b.second->orbits; });
  for (std::size_t c = 0; c < order.size(); ++c) {
    const auto& [degeneracy, seen] = order[c];
    const std::uint64_t quota = share(order.size() - c);
    SampledClass of_class{degeneracy, seen->orbits, 0};
    for (const auto& [hash, part, form] : seen->least.members()) {
      if (of_class.drawn == quota) break;
      ++of_class.drawn;
      take(part, form);
    }
    outcome_.classes.push_back(std::move(of_class));
  }
  return true;
}

SampleOutcome CompositionSampler::stratified() {
  BigInteger existing = 0;
  for (const Part& part : parts_) existing += unconstrained(part).inequivalent;
  if (existing == 0) return outcome_;
  if (constrained_ && classes_among_all(kMostSteps)) return outcome_;
  if (constrained_) outcome_.origin = SampleOrigin::kRejection;
  StabiliserClasses::Limits limits;
  if (existing <= kQuicklyEnumerated) limits.steps = kQuickSteps;
  if (!find_classes(limits)) {
    if (constrained_ || existing > kMostEnumerated || !classes_among_all(kUnlimited)) {
      throw InputError(fmt::format(
          "{}: space.sample: {} of {} has too many classes of symmetry for a stratified sample: more subgroups than "
          "can be listed, and {} orbits; use method = \"orbit\"",
          to_string(sample_.where), formula(), space_.name(), existing.str()));
    }
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
  if (space.why_not_enumerable(supercell)) {
    return sample_large_composition(space, supercell, composition, sample, seed, visit);
  }
  CompositionSampler sampler(space, supercell, composition, sample, seed, visit);
  if (sample.method == "stratified") return sampler.stratified();
  return sampler.uniform(sample.method == "orbit" ? SampleMethod::kOrbit : SampleMethod::kConfiguration);
}

std::optional<OrbitCount> count_by_enumeration(const SearchSpace& space, std::size_t supercell,
                                               std::size_t composition) {
  OrbitCount count{0, 0};
  for (const Part& part : parts_of(space, supercell, composition)) {
    const auto counted = enumerate_within(kMostSteps, part.action, part.counts, part.options);
    if (!counted) return std::nullopt;
    count.total += counted->labelled;
    count.inequivalent += counted->orbits;
  }
  return count;
}

}  // namespace hullscan
