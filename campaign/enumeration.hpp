/// @file
/// Every inequivalent configuration of a campaign, or the samples that it asks for, given to an OrbitWriter or only
/// counted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "campaign/orbit_writer.hpp"
#include "core/big_integer.hpp"
#include "enumerator/sampling/composition_sampler.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan {

/// What is to be written of a stratum, or of a composition with all its strata.
struct ListedStratum {
  SpaceStratum at;                  ///< of a sample: the first of its composition
  std::optional<OrbitCount> count;  ///< exact, where there is a formula
  /// Not enumerated: the campaign asks for a sample of so many and has, or may have, more, or its supercell is too
  /// large to be enumerated; of all markers.
  std::optional<std::uint64_t> asked;
};

/// In the order of the output. Nothing is enumerated unless a sample is shared out among compositions that minimum
/// distances leave without a formula.
/// @param spaces must outlive the list.
/// @throws InputError if that takes too long.
std::vector<ListedStratum> list_strata(const std::vector<SearchSpace>& spaces, std::uint64_t seed);

/// Refuses what does not fit into the searches' tables or into a lifetime; samples are never refused.
/// @param file to be written; nothing: the configurations are only counted.
/// @throws InputError, unless `whatever_it_costs`, for what is only too much.
void require_possible(const std::vector<ListedStratum>& strata, const std::vector<SearchSpace>& spaces,
                      const std::optional<std::filesystem::path>& file, bool whatever_it_costs);

/// Configurations that will be written, as far as it is known.
double expected_configurations(const std::vector<ListedStratum>& strata);

/// What searches begin with: done here, or by enumerate_strata if it was not. Supercells keep it.
void build_search_tables(const std::vector<ListedStratum>& strata);

struct EnumerationRequest {
  std::uint64_t seed = 0;                ///< the campaign's
  OrbitWriter* writer = nullptr;         ///< finished at the end; nullptr: the configurations are only counted
  bool space_groups = false;             ///< find the space group of every configuration for the writer
  std::function<void(double)> progress;  ///< is told the number of configurations now and then; may be empty
};

struct DrawnSample {
  const ListedStratum* stratum = nullptr;  ///< of the list that was enumerated
  SampleOutcome outcome;
};

struct CampaignEnumeration {
  OrbitCount sums{0, 0};  ///< of samples: what was drawn
  std::vector<DrawnSample> samples;
  double seconds = 0;  ///< without the time for the searches' tables (build_search_tables)
};

/// @param strata must outlive the result.
/// @throws Error if what was enumerated is not what was counted: the books do not close.
CampaignEnumeration enumerate_strata(const std::vector<ListedStratum>& strata, const EnumerationRequest& request);

}  // namespace hullscan
