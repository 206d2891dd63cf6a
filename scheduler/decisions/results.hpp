/// @file
/// What the finished tasks of a campaign mean: entries of the hull, labels of the models.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "analysis/hull/hull.hpp"
#include "core/lattice_departure.hpp"
#include "scheduler/campaign_view.hpp"
#include "storage/records.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

/// "fcc-1a2b3c4d": the space and the digits of the task that tell it from others (TaskRecord::short_id).
std::string entry_id(const CampaignView& view, const TaskRecord& task);

/// Whether the calculation ended on the sites that it began with. Where it did not, its energy is one of its
/// composition and belongs on the hull, but says nothing of its configuration.
/// @param task has a result.
bool on_its_lattice(const TaskRecord& task);
/// Whether its result counts and it is on its lattice.
bool is_label(const TaskRecord& task);

/// The orbit that a result's energy is of: the one it began as, or the one that it relaxed into. Nothing where it lies
/// in none of the spaces: its energy is one of its composition alone.
/// @param task has a result. @param departure of that.
std::optional<OrbitReached> orbit_of_result(const CampaignView& view, const TaskRecord& task,
                                            const std::optional<LatticeDeparture>& departure);
std::optional<OrbitReached> orbit_of_result(const CampaignView& view, const TaskRecord& task);

/// Which results that count are no label of the configuration that was asked for, for a person: "2 of 25 results have
/// left their lattice, and no model learns from them: fcc-1a2b3c4d (0.40 Å rms), …". Empty where there are none.
std::string words_on_left_lattices(const CampaignView& view, std::span<const TaskRecord> tasks);

/// One entry a task whose result counts, in the order of the tasks.
std::vector<HullEntry> hull_entries(const CampaignView& view, std::span<const TaskRecord> tasks);

/// Hull of the results that count; empty if none do.
HullReport hull_of(const CampaignView& view, std::span<const TaskRecord> tasks);

/// The space that judges this one (campaign: space.restrict), or itself. Such spaces have one crystal and share labels.
std::uint32_t judge_of(const CampaignView& view, std::uint32_t space);

/// Spaces whose models have labels.
std::set<std::uint32_t> modelled_spaces(const CampaignView& view, std::span<const TaskRecord> tasks);
/// The same, where it is known which spaces that judge (judge_of) have labels.
std::set<std::uint32_t> modelled_spaces(const CampaignView& view, const std::set<std::uint32_t>& judges);

/// Labels of one space, those of spaces of its crystal among them; formation energies by `hull`. Of several results for
/// one orbit the lowest is its label.
std::vector<LabelledConfiguration> labels_of(const CampaignView& view, std::uint32_t space,
                                             std::span<const TaskRecord> tasks, const HullReport& hull);

}  // namespace hullscan
