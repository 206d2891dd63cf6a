/// @file
/// Writes the descriptor matrix of a campaign's configurations, one row for each orbit, as a table that
/// descriptor_table.hpp reads. The file appears whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>

#include "campaign/resolved_campaign.hpp"
#include "surrogates/features/pair_descriptors.hpp"

namespace hullscan {

/// Contact counters, as the campaign's first model on a table has them, else up to 5 Å.
/// @returns rows. @throws InputError if the spaces have different descriptors; StorageError.
std::size_t write_contact_descriptors(const LoadedCampaign& loaded, const std::filesystem::path& file);

/// @throws InputError unless the campaign is one space of one supercell: marked pairs are described in no other.
void require_one_supercell(const LoadedCampaign& loaded);
/// The polar bins about the marked pairs. @param longest_angstrom where the last distance bin ends.
/// @param dopants what is counted; empty: every species that is not its sublattice's first.
/// @throws InputError as require_one_supercell; if no sublattice holds a dopant.
PairDescriptors pair_descriptors_of(const LoadedCampaign& loaded, const std::set<Species>& dopants,
                                    double longest_angstrom);
/// @param descriptors of this campaign. @returns rows.
/// @throws InputError if a single site is marked: only pairs have an angle; StorageError.
std::size_t write_pair_descriptors(const LoadedCampaign& loaded, const PairDescriptors& descriptors,
                                   const std::filesystem::path& file);

}  // namespace hullscan
