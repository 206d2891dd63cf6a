/// @file
/// What enumerating a campaign whole would cost, the ways out where that is too much, and the refusal to begin what
/// cannot be finished.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/big_integer.hpp"
#include "core/json.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan {

/// More orbits than one starts to enumerate without a thought.
inline constexpr std::int64_t kManyOrbits = 1'000'000'000;
/// More orbits than are begun to be stored, and more core seconds (30 days) than are begun to be spent, without --yes.
inline constexpr double kMostStoredOrbits = 1e10, kMostSeconds = 30 * 86'400.0;

class EnumerationCost {
 public:
  /// A stratum, or all of a composition by the first of them, with its number of orbits.
  void add(const SpaceStratum& stratum, const BigInteger& orbits);
  /// Times the start of the largest composition's enumeration on this machine: about a tenth of a second. Nothing where
  /// that composition's supercell is too large to be enumerated.
  /// @pre something was added.
  void measure();

  /// One of so many equal parts is what is to be done.
  void divide_by(int parts);

  [[nodiscard]] long double orbits() const { return orbits_; }
  [[nodiscard]] double seconds() const;  ///< of one core; after measure()
  /// Size of a file that `enumerate` writes, by its name's ending; that of a .zip before its files are packed.
  /// @pre an ending that open_orbit_writer() knows.
  [[nodiscard]] long double bytes(const std::filesystem::path& file) const;
  /// Size of the archive files of a run that keeps every orbit.
  [[nodiscard]] long double archive_bytes(bool scored) const { return orbits_ * (scored ? 2.7L : 0.2L); }
  [[nodiscard]] Json json() const;
  /// Time, sizes, and for every space what its primitive cell would give or how to draw a sample.
  [[nodiscard]] std::string advice(const std::vector<SearchSpace>& spaces) const;

 private:
  // Spaces have up to 10^2000 orbits.
  long double orbits_ = 0, csv_bytes_ = 0, table_bytes_ = 0, text_bytes_ = 0, packed_bytes_ = 0, largest_ = -1;
  double orbits_per_second_ = 0;
  SpaceStratum largest_stratum_;
};

/// Where the result of an enumeration goes.
struct EnumerationTarget {
  std::optional<std::filesystem::path> place;  ///< a file or directory to be made; nothing: nothing is stored
  long double bytes = 0;                       ///< that it will have
  double cores = 1;                            ///< that work on it
};

/// Why the enumeration is far too large: more than 10^10 orbits to store, more bytes than are free where they would go,
/// or, where nothing is stored, more than 30 days. Measures the cost where that is in question. Nothing if it is not.
std::optional<std::string> why_hopeless(EnumerationCost& cost, const EnumerationTarget& target);
/// @throws InputError with the reason, the estimate and the ways out, unless `whatever_it_costs` (--yes).
void require_hope(EnumerationCost& cost, const EnumerationTarget& target, const std::vector<SearchSpace>& spaces,
                  bool whatever_it_costs);

}  // namespace hullscan
