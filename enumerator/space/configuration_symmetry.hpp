/// @file
/// The space group of a configuration: of those operations of the parent crystal that map the configuration onto
/// itself. Not the symmetry that a structure may gain by chance beyond the parent's.
///
/// All of them are in the supercell's group, with one exception: a configuration that repeats within the supercell
/// may have operations that map its own lattice, but not the supercell's, onto itself. Those configurations are
/// looked at one by one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/supercell.hpp"
#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/orbits/group_action.hpp"

namespace hullscan {

class SearchSpace;

/// One call of spglib for every stabiliser that occurs, remembered. Not shared between threads.
class ConfigurationSymmetry {
 public:
  /// @param space must outlive this.
  ConfigurationSymmetry(const SearchSpace& space, std::size_t supercell);
  /// For colourings round the representative of an orbit of marked objects: operations map the object onto itself too.
  ConfigurationSymmetry(const SearchSpace& space, std::size_t supercell, std::size_t marker);
  ConfigurationSymmetry(std::shared_ptr<const Supercell> supercell, const SupercellGroup& group,
                        std::shared_ptr<const GroupAction> action);

  /// @param occupation [varied sites]. @param stabiliser_order of it in the action, where known; 0: not known.
  /// @returns 1 to 230.
  /// Cost: O(order of the group) unless the stabiliser is known to be trivial, and milliseconds for a stabiliser not
  /// met before or for the exception above.
  [[nodiscard]] int space_group_number(std::span<const std::uint8_t> occupation, std::uint64_t stabiliser_order = 0);

 private:
  [[nodiscard]] int number_of(const std::vector<std::uint32_t>& stabiliser) const;

  [[nodiscard]] int number_of_structure(std::span<const std::uint8_t> occupation) const;

  std::shared_ptr<const Supercell> supercell_;
  const SupercellGroup& group_;
  std::shared_ptr<const GroupAction> action_;
  bool group_is_complete_ = true;  ///< no operation of the parent is lost to the supercell's shape
  std::map<std::vector<std::uint32_t>, int> known_;
};

}  // namespace hullscan
