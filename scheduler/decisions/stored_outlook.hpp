/// @file
/// What the hull may still lack after a round, in the words of the log and in the text in which the store keeps it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hullscan {

class CampaignStore;

/// A configuration that was not calculated and may lie below the hull.
struct OutlookCandidate {
  std::string space, formula;
  double above_mev_per_atom = 0;      ///< predicted, above the hull of what was calculated
  double deviation_mev_per_atom = 0;  ///< of that
};

struct StoredOutlook {
  int round = 0;               ///< what was calculated up to it
  std::size_t calculated = 0;  ///< results that count
  double sigmas = 0;
  double looked_at = 0, bounded = 0;                  ///< configurations: HullOutlook
  std::optional<double> possible_error_mev_per_atom;  ///< none: no model knows its error
  double expected_missing = 0, probability_complete = 1;
  double deviation_factor = 1;  ///< by which the models' deviations were multiplied
  std::vector<OutlookCandidate> likeliest;
};

/// For the log: two or three sentences.
std::string outlook_text(const StoredOutlook& outlook);

std::string to_json_text(const StoredOutlook& outlook);
/// @throws StorageError if it is damaged.
StoredOutlook parse_outlook(const std::string& text);
/// Of the last round that has one.
std::optional<StoredOutlook> latest_outlook(const CampaignStore& store);

}  // namespace hullscan
