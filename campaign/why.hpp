/// @file
/// Why a calculation was made and what came of it: what was known when it was chosen, and what is known now. Only from
/// what is stored; what was not stored is not made up, and the reason stands in its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "campaign/resolved_campaign.hpp"
#include "core/json.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

/// A number, or why it is not known.
struct KnownNumber {
  std::optional<double> value;
  std::string why_not;  ///< a clause without a full stop; empty where there is a value

  KnownNumber() = default;
  KnownNumber(double number) : value(number) {}
  KnownNumber(std::string reason) : why_not(std::move(reason)) {}
};

/// The model that ranked the candidates of a round, as it was fitted at the end of the round before.
struct ModelOfChoice {
  std::string kind;
  std::int64_t labels = 0;
  std::optional<double> leave_one_out_mev_per_atom;
};

/// Where a relaxation ended.
struct LatticeOfResult {
  bool left = false;
  std::optional<double> rms_displacement_angstrom, shear_strain;  ///< nothing: strained beyond recognition
  enum class Orbit { kSame, kOther, kNone, kNotAsked } orbit = Orbit::kNotAsked;
  std::string orbit_text;  ///< kOther: which, for a person; kNone and kNotAsked: why
  std::string other_task;  ///< kOther: id of the calculation of that orbit, if there is one
  bool label = true;       ///< models learn from it: as the orbit it began as, or as another one
};

struct Explanation {
  TaskRecord task;
  std::string id = {};  ///< as the report prints it; without a space's name where the calculation is outside the spaces
  std::optional<Revision> revision = {};  ///< of the campaign file that chose it
  std::string policy = {};                ///< of its round; empty: no round chose it
  std::size_t rank = 0;                   ///< in its round, from 1; 0: no round chose it
  std::size_t of_round = 0;               ///< calculations of the round
  std::optional<ModelOfChoice> model = {};
  KnownNumber predicted_ev_per_atom = {};    ///< formation energy
  KnownNumber uncertainty_ev_per_atom = {};  ///< standard deviation of the prediction
  std::size_t results_then = 0;              ///< that counted when the round was chosen
  /// Of the prediction, against the hull of these results; negative: below it.
  KnownNumber predicted_above_hull_then_ev_per_atom = {};
  KnownNumber energy_ev = {};                     ///< per cell, as accepted
  KnownNumber formation_energy_ev_per_atom = {};  ///< now
  KnownNumber above_hull_ev_per_atom = {};        ///< now, as the report has it
  bool vertex = false;                            ///< of the hull as it is now
  std::optional<LatticeOfResult> lattice = {};    ///< of a result
};

/// @throws StorageError, InputError, FormatError as make_report.
Explanation explain(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store,
                    const TaskRecord& task);

/// One object (docs/commands.md): what is not known is null, with its reason in "not_known".
Json explanation_json(const Explanation& explanation);

}  // namespace hullscan
