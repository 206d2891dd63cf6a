/// @file
/// Statistics of migration paths by path type and number of dopants, and how favourable they are: thirds against the
/// paths of a named reference set. The property of a path may be any; a low value (a low barrier) is favourable.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace hullscan {

/// One path in one colouring, or several whose values are only known to lie between two bounds (a bin of a
/// histogram).
struct PathSample {
  std::string type;  ///< of path, as tables show it
  std::int64_t dopants = 0;
  double value = 0;                ///< of a bin, its middle
  double lowest = 0, highest = 0;  ///< equal to `value` for one path
  std::uint64_t paths = 1;         ///< inequivalent (path, colouring) pairs
  double weight = 1;               ///< sum of their degeneracies
  bool reference = false;          ///< belongs to the reference set
};

struct PathGroup {
  std::string type;  ///< empty: all types together
  std::int64_t dopants = 0;
  std::uint64_t paths = 0;
  double weight = 0;
  double mean = 0, deviation = 0;  ///< weighted; the deviation is of the whole group, not an estimate from a sample
  double minimum = 0, maximum = 0;
  double favourable = 0, neutral = 0, unfavourable = 0;  ///< shares of the weight; sum to 1
};

/// A path with one dopant, and where it stands: seen from the middle of the path.
struct PathPlace {
  std::string type;
  double distance_angstrom = 0;
  double angle_degrees = 0;  ///< 0 to 90, between the line of the path and the dopant
  double value = 0;
  double weight = 1;  ///< degeneracy
};

struct PathStatistics {
  std::string space;      ///< or the table's name
  std::string quantity;   ///< what was measured or predicted: the target's name
  std::string reference;  ///< what the reference set is
  std::uint64_t reference_paths = 0;
  double favourable_to = 0;  ///< first tercile of the reference set: a value <= this is favourable
  double neutral_to = 0;     ///< second tercile: a value <= this is neutral, above it unfavourable
  double resolution = 0;     ///< width of the bins that values were counted in; 0: exact
  std::vector<PathGroup>
      groups;                  ///< by dopants; of each number all types together first, then the types in their order
  std::vector<PathPlace> map;  ///< of a campaign that scores paths with one dopant; else empty
};

/// Terciles are weighted: the first is the smallest value v with at least a third of the reference set's weight at or
/// below v, the second the same of two thirds. So of the reference set itself about a third is favourable.
/// @param samples types in the order in which they are to be listed.
/// @throws InputError if there is no sample, none is of the reference set, or a value is not finite or a weight not >
/// 0.
PathStatistics path_statistics(std::span<const PathSample> samples);

Json paths_json(const PathStatistics& statistics);
/// One line a group: space, dopants, type ("all"), paths, configurations, mean, deviation, minimum, maximum and the
/// three shares. Several statistics below one header.
std::string paths_csv(std::span<const PathStatistics> statistics);

}  // namespace hullscan
