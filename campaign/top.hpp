/// @file
/// The best structures of a campaign: by distance to the hull, calculated and predicted; where a campaign only scores,
/// by energy above the lowest of the same composition. Which they are and how they are named; writing is cli's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/report/report_content.hpp"
#include "campaign/resolved_campaign.hpp"
#include "core/structure.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

enum class TopBy { kCalculated, kPredicted, kBoth };

struct TopRequest {
  std::size_t count = 10;
  std::optional<TopBy> by = {};  ///< nothing: calculated where there are results, else predicted
  bool per_composition = false;  ///< `count` of each reduced composition
  double symprec_angstrom = 0.01;
  std::optional<Composition> only = {};  ///< reduced; nothing: all
};

struct TopStructure {
  std::size_t rank = 1;  ///< in the list, or in its composition
  std::string id;        ///< of a result, as the report prints it; empty: predicted
  std::string space;
  Composition composition;  ///< of the cell
  std::uint64_t degeneracy = 1;
  double energy_ev_per_atom = 0;  ///< formation energy; where no hull is known, the model's score
  double above_ev_per_atom = 0;   ///< the hull, or the lowest of its composition; may be negative
  /// Without a hull, where the model's energies of different compositions can be compared: against the end members, and
  /// above the hull of the predictions.
  std::optional<double> mixing_ev_per_atom = {}, above_predicted_hull_ev_per_atom = {};
  bool left_lattice = false;  ///< a relaxation that ended elsewhere: it is what it became
  /// Of a search: whether no other configuration of the composition is lower than this one, but those in the list.
  std::optional<bool> proven = {};
  std::optional<int> space_group_number = {};  ///< of the structure as it is, by its coordinates
  Structure structure;                         ///< relaxed, or on its ideal sites if predicted

  [[nodiscard]] bool calculated() const { return !id.empty(); }
  /// "03_AlNi3_221_Pm-3m": rank, reduced formula, space group; a "/" of the symbol is "_".
  /// @param width digits of the rank, at least.
  [[nodiscard]] std::string file_stem(std::size_t width = 2) const;
};

struct TopList {
  bool above_hull = true;  ///< false: no hull is known, and energies are above the lowest of the composition
  std::vector<TopStructure> structures;  ///< best first; of each composition in turn where asked so
  std::vector<std::string> remarks;      ///< whole sentences: ties, what is left out
};

/// @param report of this store (make_report). @throws InputError where nothing can be ranked, with the reason.
TopList find_top(const CampaignView& view, const std::vector<SearchSpace>& spaces, const CampaignStore& store,
                 const Report& report, const TopRequest& request);

}  // namespace hullscan
