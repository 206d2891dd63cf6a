/// @file
/// The number of atoms of a configuration from its occupation alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/supercell.hpp"

namespace hullscan {

class AtomCounter {
 public:
  explicit AtomCounter(const Supercell& supercell);
  /// @param occupation [varied_sites().size()]. Vacancies are not atoms.
  [[nodiscard]] int atoms(std::span<const std::uint8_t> occupation) const {
    int atoms = always_;
    for (const Vacant& vacant : vacant_) atoms -= occupation[vacant.site] == vacant.occupant ? 1 : 0;
    return atoms;
  }

 private:
  struct Vacant {
    std::size_t site;
    std::uint8_t occupant;
  };
  int always_ = 0;
  std::vector<Vacant> vacant_;  ///< sites that may be vacant, with the occupant that is the vacancy
};

}  // namespace hullscan
