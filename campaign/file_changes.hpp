/// @file
/// How two campaign files differ, key by key, for people.
#pragma once

#include <string>
#include <vector>

#include "core/campaign/settings.hpp"

namespace hullscan {

/// One line for each key that differs, in the order of `now`, then what is gone:
/// `space "bcc": volume: [1, 2] → [1, 3]`, `space "hcp" is new`, `dft.ecutwfc = 40 is new`. Comments and layout do not
/// count, and neither does the order of keys.
std::vector<std::string> differences(const SettingsTable& before, const SettingsTable& now);

/// A value as one would write it: `[1, 2]`, `{ Al = "rest" }`.
std::string value_text(const Setting& setting);

}  // namespace hullscan
