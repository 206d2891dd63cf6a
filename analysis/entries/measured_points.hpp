/// @file
/// Measured values to lay over the report's curves, read from CSV.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/composition.hpp"

namespace hullscan {

struct MeasuredPoint {
  std::optional<Composition> composition;  ///< if the file gives formulas, scaled to integers
  std::optional<double> x;                 ///< if it gives x: as the curve's axis counts it
  std::string quantity;                    ///< "a" … "gamma" (Å, degrees), "volume" (Å³), "voltage" (V)
  double value = 0;
  std::string source;  ///< "" if not said
};

/// A header line names the columns: `formula` or `x`, any of a, b, c, alpha, beta, gamma, volume, voltage, and
/// optionally `source`. Empty fields are not measured.
/// @throws InputError with every problem, as `file:line:column`.
std::vector<MeasuredPoint> parse_measured_points(const std::string& text, const std::string& file_name);
/// @throws InputError also if the file cannot be read.
std::vector<MeasuredPoint> read_measured_points(const std::filesystem::path& file);

}  // namespace hullscan
