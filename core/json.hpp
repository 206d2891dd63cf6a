/// @file
/// JSON values, keys in the order they were set. The one place that names the JSON library.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace hullscan {

using Json = nlohmann::ordered_json;

/// JSON has no infinity and no NaN: null.
[[nodiscard]] inline Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

}  // namespace hullscan
