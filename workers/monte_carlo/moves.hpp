/// @file
/// Which changes of composition a space allows: linear limits on the counts, and the smallest sets of exchanged
/// occupants that keep the equalities among them, such as a dopant together with its vacancy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/parent_crystal.hpp"

namespace hullscan {

/// low <= sum of coefficient * count <= high, over the sublattices' species.
struct CountLimit {
  std::vector<std::vector<std::int64_t>> coefficients;  ///< [sublattice][species]
  std::int64_t low = 0, high = 0;
  std::string text;  ///< for messages

  [[nodiscard]] std::int64_t value(const std::vector<std::vector<std::int64_t>>& counts) const;
  [[nodiscard]] bool is_equality() const { return low == high; }
};

/// Occupants that are exchanged together, each on a site of its own.
struct CoupledMove {
  struct Flip {
    std::size_t sublattice = 0;
    std::uint8_t from = 0, to = 0;
    friend auto operator<=>(const Flip&, const Flip&) = default;
  };
  std::vector<Flip> flips;  ///< ascending
  [[nodiscard]] std::int64_t change(const CountLimit& limit) const;
};

/// Every move of at most `most_flips` flips that keeps the equalities and is not made of smaller ones; with each its
/// reverse. Flips of one sublattice that only swap its species are not among them.
std::vector<CoupledMove> composition_moves(const ParentCrystal& parent, const std::vector<CountLimit>& limits,
                                           std::size_t most_flips = 4);

}  // namespace hullscan
