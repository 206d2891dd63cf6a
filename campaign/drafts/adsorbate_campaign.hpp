/// @file
/// The campaign that `hullscan slab` writes: an atom, or a rigid molecule, on the adsorption sites of a slab.
#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "core/species.hpp"
#include "core/structure.hpp"
#include "enumerator/crystal/slab.hpp"

namespace hullscan {

/// One atom, or a molecule whose first atom binds; as in its file, z away from the surface.
struct Adsorbate {
  std::string name;
  std::vector<Species> species;
  std::vector<Eigen::Vector3d> offsets;  ///< Å from the first atom
};

/// @param text an element or a structure file. @throws InputError, FormatError.
Adsorbate read_adsorbate(const std::string& text);

/// The slab with one adsorbate. @throws InputError if atoms of it lie in others.
Structure with_adsorbate(Structure slab, const Fractional& site, const Adsorbate& adsorbate);

struct AdsorbateCampaign {
  std::map<std::string, std::string> files;  ///< [name] text; campaign.toml among them unless no class of sites fits
  std::vector<std::string> remarks;          ///< classes of sites that are left out, and why, a sentence each
};

/// An atom: one space over all classes of sites. A molecule: one space for each class, in which every atom has
/// sublattice of its own. There equal counts and a minimum distance between an atom and a vacancy allow whole molecules
/// only: an atom whose molecule's other sites were vacant would be nearer to them than that distance, which no site of
/// another molecule is. Classes of sites where some is are left out.
AdsorbateCampaign adsorbate_campaign(const std::string& name, const Structure& slab,
                                     const std::vector<Surface::AdsorptionSite>& sites, const Adsorbate& adsorbate);

}  // namespace hullscan
