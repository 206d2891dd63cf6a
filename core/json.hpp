/// @file
/// JSON values, keys in the order they were set. The one place that names the JSON library.
#pragma once

#include <nlohmann/json.hpp>

namespace hullscan {

using Json = nlohmann::ordered_json;

}  // namespace hullscan
