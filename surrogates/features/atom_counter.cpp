#include "surrogates/features/atom_counter.hpp"

#include <algorithm>

namespace hullscan {

AtomCounter::AtomCounter(const Supercell& supercell) {
  const ParentCrystal& parent = supercell.parent();
  std::size_t varied = 0;
  for (const SupercellSite& site : supercell.sites()) {
    const ParentSite& parent_site = parent.sites[static_cast<std::size_t>(site.parent_site)];
    if (parent_site.sublattice == kFixedSite) {
      if (!parent_site.fixed_species.is_vacancy()) ++always_;
      continue;
    }
    const std::vector<Species>& allowed = parent.sublattices[static_cast<std::size_t>(parent_site.sublattice)].allowed;
    const auto vacancy = std::find(allowed.begin(), allowed.end(), Species::vacancy());
    ++always_;
    if (vacancy != allowed.end()) vacant_.push_back({varied, static_cast<std::uint8_t>(vacancy - allowed.begin())});
    ++varied;
  }
}

}  // namespace hullscan
