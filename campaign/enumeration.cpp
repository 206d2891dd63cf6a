#include "campaign/enumeration.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <span>

#include "campaign/enumeration_cost.hpp"
#include "campaign/resolved_campaign.hpp"
#include "core/errors.hpp"
#include "core/hash.hpp"
#include "enumerator/sampling/sample_shares.hpp"
#include "enumerator/space/space_group_finder.hpp"

namespace hullscan {
namespace {

/// The sums of a stratum against its exact count, where there is one.
void close_books(const std::string& formula, const std::optional<OrbitCount>& expected,
                 const EnumerationOutcome& outcome) {
  if (!expected || (expected->total == outcome.labelled && expected->inequivalent == outcome.orbits)) return;
  throw Error(fmt::format(
      "the books do not close for {}: {} orbits of {}, {} configurations of {}; this is a fault of hullscan", formula,
      outcome.orbits, expected->inequivalent.str(), outcome.labelled, expected->total.str()));
}

/// The draws of a space that asks for a sample of all its compositions together; those that draw none are left out.
std::vector<ListedStratum> shared_out(std::vector<ListedStratum> strata, const SampleSpec& sample, std::uint64_t seed) {
  std::vector<BigInteger> sizes, available;
  for (ListedStratum& stratum : strata) {
    if (!stratum.count)
      stratum.count = count_by_enumeration(*stratum.at.space, stratum.at.supercell(), stratum.at.composition);
    if (!stratum.count) {
      throw InputError(
          fmt::format("{}: space.sample.per_space: what min_distance leaves of {} takes too long to "
                      "count; set per_composition",
                      to_string(sample.where), stratum.at.formula()));
    }
    sizes.push_back(sample.method == "configuration" ? stratum.count->total : stratum.count->inequivalent);
    if (sample.method != "configuration") available.push_back(stratum.count->inequivalent);
  }
  const auto shares = sample_shares(static_cast<std::uint64_t>(sample.number), sizes, available, seed);
  std::vector<ListedStratum> drawn;
  for (std::size_t i = 0; i < strata.size(); ++i) {
    if (shares[i] == 0) continue;
    strata[i].asked = shares[i];
    drawn.push_back(std::move(strata[i]));
  }
  return drawn;
}

/// Whether a composition is drawn from, not enumerated.
bool sampled(const SpaceStratum& stratum, const std::optional<OrbitCount>& count) {
  const auto& sample = stratum.space->spec().sample;
  return sample && (sample->per_space || !count || count->inequivalent > sample->number ||
                    stratum.space->why_not_enumerable(stratum.supercell()));
}

/// One enumeration after the other, the configurations numbered through.
class Enumeration {
 public:
  explicit Enumeration(const EnumerationRequest& request) : request_(request) {}

  void add(const ListedStratum& stratum, CampaignEnumeration& result) {
    stratum.asked ? draw(stratum, result) : enumerate(stratum, result);
    if (request_.progress) request_.progress(result.sums.inequivalent.convert_to<double>());
  }

 private:
  void draw(const ListedStratum& stratum, CampaignEnumeration& result) {
    const SpaceStratum& at = stratum.at;
    SampleSpec sample = *at.space->spec().sample;
    sample.number = static_cast<std::int64_t>(*stratum.asked);
    const std::array<std::uint64_t, 3> words{at.key.space, at.supercell(), at.composition};
    SampleOutcome outcome = sample_composition(
        *at.space, at.supercell(), at.composition, sample, random_bits(request_.seed, words),
        [&](const SampledOrbit& orbit) { write(at, orbit.marker, orbit.form.occupation, orbit.form.degeneracy); });
    result.sums.total += outcome.labelled;
    result.sums.inequivalent += outcome.drawn;
    result.samples.push_back({&stratum, std::move(outcome)});
  }

  void enumerate(const ListedStratum& stratum, CampaignEnumeration& result) {
    const SpaceStratum& at = stratum.at;
    const OrbitEnumerator enumerator = at.enumerator();
    const auto visit = [&](const Orbit& orbit) {
      write(at, at.marker, orbit.occupation, orbit.degeneracy);
      return true;
    };
    const EnumerationOutcome outcome =
        request_.writer == nullptr ? enumerator.count({}, {}) : enumerator.run({}, {}, visit);
    close_books(at.formula(), stratum.count, outcome);
    result.sums.total += outcome.labelled;
    result.sums.inequivalent += outcome.orbits;
  }

  void write(const SpaceStratum& at, std::optional<std::size_t> marker, std::span<const std::uint8_t> occupation,
             std::uint64_t degeneracy) {
    if (request_.writer != nullptr) {
      std::optional<int> space_group;
      if (request_.space_groups)
        space_group = space_groups_.number(*at.space, at.supercell(), marker, occupation, degeneracy);
      request_.writer->add({at.space, at.supercell(), at.composition, marker, &at.counts(), degeneracy, space_group,
                            occupation, index_});
    }
    if (++index_ % 4096 == 0 && request_.progress) request_.progress(static_cast<double>(index_));
  }

  const EnumerationRequest& request_;
  std::uint64_t index_ = 0;
  SpaceGroupFinder space_groups_;
};

}  // namespace

std::vector<ListedStratum> list_strata(const std::vector<SearchSpace>& spaces, std::uint64_t seed) {
  const Strata all(spaces);
  StratumCounts counts;
  std::vector<ListedStratum> strata;
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    const auto& sample = spaces[s].spec().sample;
    std::vector<ListedStratum> of_space;
    for (std::size_t i = 0; i < spaces[s].supercells().size(); ++i) {
      for (const auto& of_composition : all.by_composition(s, i)) {
        const SpaceStratum& first = of_composition.front();
        const auto count = counts.of_composition(first);
        if (sampled(first, count)) {
          of_space.push_back({first, count, static_cast<std::uint64_t>(sample->number)});
          continue;
        }
        for (const SpaceStratum& stratum : of_composition)
          of_space.push_back({stratum, stratum.marker ? counts.of(stratum) : count, {}});
      }
    }
    if (sample && sample->per_space) {
      const std::array<std::uint64_t, 1> words{s};
      of_space = shared_out(std::move(of_space), *sample, random_bits(seed, words));
    }
    std::move(of_space.begin(), of_space.end(), std::back_inserter(strata));
  }
  return strata;
}

void require_possible(const std::vector<ListedStratum>& strata, const std::vector<SearchSpace>& spaces,
                      const std::optional<std::filesystem::path>& file, bool whatever_it_costs) {
  EnumerationCost cost;
  bool any = false;
  for (const ListedStratum& stratum : strata) {
    const SearchSpace& space = *stratum.at.space;
    if (stratum.asked) continue;
    const auto why = space.why_not_enumerable(stratum.at.supercell());
    if (why) {
      throw InputError(fmt::format(
          "{}: space \"{}\": supercell {} is too large to be enumerated: {}; {}", to_string(space.spec().where),
          space.name(), matrix_text(space.supercells()[stratum.at.supercell()]->matrix()), *why, kTooLargeAdvice));
    }
    if (!stratum.count) continue;
    cost.add(stratum.at, stratum.count->inequivalent);
    any = true;
  }
  if (!any) return;
  EnumerationTarget target;
  if (file) target = {*file, cost.bytes(*file), 1};
  require_hope(cost, target, spaces, whatever_it_costs);
}

double expected_configurations(const std::vector<ListedStratum>& strata) {
  double expected = 0;
  for (const ListedStratum& stratum : strata) {
    if (stratum.asked) {
      expected += static_cast<double>(*stratum.asked);
    } else if (stratum.count) {
      expected += stratum.count->inequivalent.convert_to<double>();
    }
  }
  return expected;
}

void build_search_tables(const std::vector<ListedStratum>& strata) {
  for (const ListedStratum& stratum : strata) {
    if (!stratum.asked) (void)stratum.at.space->action(stratum.at.supercell());
  }
}

CampaignEnumeration enumerate_strata(const std::vector<ListedStratum>& strata, const EnumerationRequest& request) {
  build_search_tables(strata);
  const auto begun = std::chrono::steady_clock::now();
  CampaignEnumeration result;
  Enumeration enumeration(request);
  for (const ListedStratum& stratum : strata) enumeration.add(stratum, result);
  if (request.writer != nullptr) request.writer->finish();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return result;
}

}  // namespace hullscan
