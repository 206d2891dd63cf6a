/// @file
/// A cheap model screens a whole space; a dearer one, the second [[surrogate]] of a campaign, scores the best of what
/// the first has kept. What both have said of a pass is here: candidates, best first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/work_unit.hpp"
#include "scheduler/decisions/selection.hpp"
#include "storage/campaign_facts.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// @param prospects what the first model has kept, with predicted energies above the hull.
/// @returns indices, in order: the `keep` lowest above the hull, and the lowest of each stratum however high it lies,
/// since else nothing would tell that the first model is wrong there.
std::vector<std::size_t> choose_to_refine(std::span<const Prospect> prospects, std::size_t keep);

/// Of what the first model has kept and how it scored it: scores of the second are of these and of no others.
std::uint64_t hash_of_candidates(std::span<const Candidate> candidates);

/// The candidates that a pass has come to: those of the second model with its scores where it has been there, else
/// those of the first. In the order of CampaignStore::candidates.
class PassCandidates {
 public:
  PassCandidates(const CampaignStore& store, int pass);
  [[nodiscard]] bool refined() const { return refined_.has_value(); }
  [[nodiscard]] std::vector<Candidate> all() const;
  [[nodiscard]] std::vector<Candidate> of(const Stratum& stratum) const;

 private:
  const CampaignStore& store_;
  int pass_;
  std::optional<std::map<Stratum, std::vector<Candidate>>> refined_;
};

}  // namespace hullscan
