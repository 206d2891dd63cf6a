/// @file
/// The orbits of a campaign as they were stored: degeneracy and energy from the archive, occupations generated again
/// from the units. Nothing is held in memory but a block of rows.
///
/// The key of an orbit is "space.supercell.composition.index", all from 0: the index counts the orbits of the stratum
/// in search order, so it depends neither on ranks nor on how the space was cut.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "campaign/resolved_campaign.hpp"
#include "enumerator/space/strata.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

struct StoredOrbit {
  Stratum stratum;
  std::uint64_t index = 0;
  std::uint64_t degeneracy = 0;
  std::optional<std::int32_t> energy;        ///< 1e-6 eV/atom; of passes with a model and shards
  std::span<const std::uint8_t> occupation;  ///< valid during the visit
};

struct OrbitKey {
  Stratum stratum;
  std::uint64_t index = 0;
};
/// @throws InputError.
OrbitKey parse_orbit_key(const std::string& text);
std::string to_string(const OrbitKey& key);

class OrbitArchive {
 public:
  /// @param directory of the campaign. All must outlive the archive.
  OrbitArchive(std::filesystem::path directory, const CampaignStore& store, const std::vector<SearchSpace>& spaces)
      : directory_(std::move(directory)), store_(store), strata_(spaces) {}

  /// Every orbit of the pass, by stratum, then in search order.
  /// @throws StorageError if a shard is damaged or does not hold what is generated.
  void visit(int pass, const std::function<void(const StoredOrbit&)>& visit) const;
  /// One orbit; generates only the unit that holds it. @throws InputError if there is none of this key yet.
  void visit_one(int pass, const OrbitKey& key, const std::function<void(const StoredOrbit&)>& visit) const;

 private:
  std::filesystem::path directory_;
  const CampaignStore& store_;
  Strata strata_;
};

}  // namespace hullscan
