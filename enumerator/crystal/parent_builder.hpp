/// @file
/// From a crystal and a campaign's sublattices to the parent crystal, with the symmetry found from the coordinates.
#pragma once

#include <memory>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/crystal.hpp"
#include "core/errors.hpp"
#include "core/parent_crystal.hpp"

namespace hullscan {

/// Sites of one sublattice count as alike, whatever the file puts on them; all others are alike if their species is.
/// Wholly vacant sites that no sublattice varies and no marker names are left out.
///
/// Selectors of `sites`: an atom-site label, an element (every site that holds some of it), or a Wyckoff position such
/// as "4b" of the crystal as the file occupies it, conventional cell.
/// @param made_of if not null: for every site of the parent crystal the site of `crystal` that it was made of.
/// @returns null if a problem was added: at the sublattice's or the space's position in the campaign file.
std::shared_ptr<const ParentCrystal> build_parent(const Crystal& crystal, const SpaceSpec& spec, Problems& problems,
                                                  std::vector<std::size_t>* made_of = nullptr);

}  // namespace hullscan
