/// @file
/// What is kept of a finished round: the fits of its models, and the hull of the results so far. This file pair alone
/// knows the JSON texts in which the store holds them (Round::fit, Round::hull; docs/formats/campaign-db.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/records.hpp"

namespace hullscan {

struct ClusterRecord {
  std::string cluster;  ///< "pair Ni-Ni 2.83 Å (6 per cell)"
  int sites = 0;
  int multiplicity = 0;             ///< members per primitive cell
  std::optional<double> energy_ev;  ///< per member; none if it was not finite
  friend bool operator==(const ClusterRecord&, const ClusterRecord&) = default;
};

/// The fit of one space's model. Numbers that were not finite are not there.
struct FitRecord {
  std::string space;  ///< name of the space
  std::string kind;   ///< of the model, as the campaign file says it
  std::int64_t labels = 0;
  std::int64_t features = 0;
  std::int64_t rank = 0;
  std::optional<double> rmse_mev_per_atom;
  std::optional<double> loo_rmse_mev_per_atom;  ///< leave-one-out
  std::optional<double> regularisation;
  std::vector<ClusterRecord> coefficients;  ///< empty: the model has none, or an older hullscan fitted it
  std::vector<std::string> warnings;
  friend bool operator==(const FitRecord&, const FitRecord&) = default;
};

struct HullRecord {
  std::uint64_t entries = 0;          ///< how many results the hull is of
  std::vector<std::string> vertices;  ///< ids of those on the hull, in the order of the entries
  /// Names the set of results that did not count; none: an older hullscan, for which all counted.
  std::optional<std::string> set_aside;
  friend bool operator==(const HullRecord&, const HullRecord&) = default;
};

/// Texts for CampaignStore::finish_round and revise_round.
[[nodiscard]] std::string to_json_text(const std::vector<FitRecord>& fits);
[[nodiscard]] std::string to_json_text(const HullRecord& hull);

/// One fit for each space that had a label, in the order of the spaces. @param round finished.
/// @throws StorageError if the text is damaged.
[[nodiscard]] std::vector<FitRecord> fit_records(const Round& round);
/// @param round finished. @throws StorageError if the text is damaged.
[[nodiscard]] HullRecord hull_record(const Round& round);

}  // namespace hullscan
