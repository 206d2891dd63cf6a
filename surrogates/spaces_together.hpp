/// @file
/// The key `spaces` of a [[surrogate]]: which spaces of the campaign one fit is made of.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"
#include "core/parent_crystal.hpp"

namespace hullscan {

/// "gamma", or "gamma + delta": what a fit to the labels of these spaces is called, in messages and in the database.
/// Structures of one list stand there once, as the list.
std::string name_of_fit(std::span<const std::size_t> group, const std::vector<SpaceSpec>& spaces);

struct SpacesTogether {
  SourcePosition where;                          ///< of the key's value; of the table without it
  std::vector<std::string> names;                ///< of all spaces of the campaign; of a listed structure, of its list
  std::vector<std::vector<std::size_t>> groups;  ///< every space in one, ascending; in the order of their first

  /// "gamma + delta".
  [[nodiscard]] std::string name(const std::vector<std::size_t>& group) const;
  /// The group of a space.
  [[nodiscard]] const std::vector<std::size_t>& with(std::size_t space) const;
};

/// Each space alone where the table does not say otherwise. What is wrong with the key goes to `problems`.
/// @param names of the campaign's spaces; several of one name are taken together.
SpacesTogether spaces_together(const SurrogateSpec& spec, const std::vector<std::string>& names, Problems& problems);
/// The same; a list of structures is named as a whole.
SpacesTogether spaces_together(const SurrogateSpec& spec, const std::vector<SpaceSpec>& spaces, Problems& problems);
/// The settings as the model itself reads them.
SurrogateSpec without_spaces(SurrogateSpec spec);

/// Fixed and varied sites alike, to 1e-6: then a model of one knows the configurations of the other.
bool same_crystal(const ParentCrystal& a, const ParentCrystal& b);

}  // namespace hullscan
