/// @file
/// Whether a result from elsewhere was computed as the campaign computes: its hull keys, and those that a person
/// states, against the campaign's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "campaign/import/foreign_result.hpp"

namespace hullscan {

/// What a person says of the settings.
struct StatedSettings {
  bool given = false;                         ///< what neither the source nor `values` says is as the campaign has it
  std::map<std::string, std::string> values;  ///< by the campaign's names of the keys
};

/// "functional=PBE,ecutwfc=60", or "same": all are the campaign's.
/// @throws InputError for what is no such list, or says one key twice.
[[nodiscard]] StatedSettings parse_stated_settings(const std::vector<std::string>& texts);

class SettingsCheck {
 public:
  /// @param hull_keys of the campaign (DftCode::hull_keys). @param settings of the campaign.
  SettingsCheck(std::map<std::string, std::string> hull_keys, const DftSettings& settings, StatedSettings stated);

  struct Difference {
    std::string key, campaign, import;  ///< "not stated" where one says nothing
    friend auto operator<=>(const Difference&, const Difference&) = default;
  };
  /// By key; empty: they may share a hull. What concerns an element that the result does not hold is passed over.
  [[nodiscard]] std::vector<Difference> differences(const ForeignResult& result) const;

  /// "code vasp, functional PBE, …": the campaign's, for messages.
  [[nodiscard]] std::string campaign_text() const;

 private:
  [[nodiscard]] std::string our_name(const std::string& key) const;
  [[nodiscard]] bool same(const std::string& key, const std::string& value) const;

  std::map<std::string, std::string> keys_;
  std::map<std::string, std::string> titles_;  ///< element -> how VASP calls its pseudopotential
  StatedSettings stated_;
};

inline constexpr const char* kKeyNotStated = "not stated";

}  // namespace hullscan
