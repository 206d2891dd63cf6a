#include "campaign/drafts/adsorbate_campaign.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>

#include "core/errors.hpp"
#include "enumerator/files/crystal_reader.hpp"

namespace hullscan {
namespace {

constexpr double kOverlap = 0.5;      ///< Å, nearer atoms are on one place
constexpr double kClearMargin = 0.1;  ///< Å, between distances within a molecule and those to the next
constexpr double kApart = 2.0;        ///< Å, between adsorbates

struct LabelledSite {
  std::string label;
  Species species;
  Fractional position;
};

/// The slab and sites, each with its label, in P1.
std::string labelled_cif(const Structure& slab, const std::vector<LabelledSite>& sites, const std::string& name) {
  const Eigen::Vector3d lengths = slab.lattice.lengths_angstrom(), angles = slab.lattice.angles_degree();
  std::string text = fmt::format(
      "# A slab and its adsorption sites, all of them occupied; campaign.toml says how many may be.\n"
      "data_{}\n_cell_length_a {:.8f}\n_cell_length_b {:.8f}\n_cell_length_c {:.8f}\n_cell_angle_alpha {:.6f}\n"
      "_cell_angle_beta {:.6f}\n_cell_angle_gamma {:.6f}\n_space_group_name_H-M_alt 'P 1'\n"
      "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n",
      name, lengths[0], lengths[1], lengths[2], angles[0], angles[1], angles[2]);
  const auto line = [&](const std::string& label, std::string_view species, const Fractional& position) {
    text += fmt::format("{} {} {:.8f} {:.8f} {:.8f}\n", label, species, position.x[0], position.x[1], position.x[2]);
  };
  std::map<std::string, int> number;
  for (std::size_t i = 0; i < slab.atom_count(); ++i) {
    const std::string element(slab.species[i].symbol());
    line(element + "_slab" + std::to_string(++number[element]), element, slab.positions[i]);
  }
  for (const LabelledSite& site : sites) line(site.label, site.species.symbol(), site.position);
  return text;
}

std::string heading(const std::string& what, const std::string& name) {
  return fmt::format(
      "# {} on every class of sites of a slab; supercell sets the largest coverage.\nname = \"{}\"\nseed = 1\n", what,
      name);
}

std::string atom_campaign(const std::string& name, const std::vector<Surface::AdsorptionSite>& sites,
                          std::string_view symbol) {
  std::set<std::string> labels;
  for (const auto& site : sites) labels.insert(fmt::format("\"{}\"", site.name));
  return heading(std::string(symbol), name) +
         fmt::format(
             "\n[[space]]\nstructure = \"slab-sites.cif\"\nsupercell = [2, 2, 1]\n"
             "min_distance = [{{ pair = [\"{0}\", \"{0}\"], angstrom = {1:.1f} }}]   # sites nearer than this are not "
             "taken "
             "at once\n\n"
             "[[space.sublattice]]\nname = \"sites\"\nsites = [{2}]\nspecies = {{ Va = \"rest\", {0} = \"0..2\" }}\n",
             symbol, kApart, fmt::join(labels, ", "));
}

Fractional place_of(const Lattice& lattice, const Fractional& site, const Eigen::Vector3d& offset) {
  return wrapped(lattice.to_fractional(Cartesian{lattice.to_cartesian(site).x + offset}));
}

/// One class of sites, with a molecule on each: [molecule][atom].
using Molecules = std::vector<std::vector<Fractional>>;

/// Distances of the atoms of one species but the first: the largest to the first atom of their molecule, and the
/// smallest of such an atom to a site of another molecule, images included, or of the slab's own atoms of that species
/// to any site.
struct Reach {
  double within = 0, to_others = std::numeric_limits<double>::infinity();
};

std::map<Species, Reach> reaches(const Structure& slab, const Molecules& molecules, const Adsorbate& adsorbate) {
  const Lattice& lattice = slab.lattice;
  std::map<Species, Reach> reach;
  for (std::size_t k = 1; k < adsorbate.species.size(); ++k) {
    Reach& own = reach[adsorbate.species[k]];
    own.within = std::max(own.within, adsorbate.offsets[k].norm());
  }
  for (auto& [species, own] : reach) {
    // A molecule and its own images in the next cell.
    own.to_others = lattice.shortest_vector_angstrom() - own.within;
    for (const auto& molecule : molecules) {
      for (std::size_t i = 0; i < slab.atom_count(); ++i) {
        if (slab.species[i] != species) continue;
        for (const Fractional& site : molecule) {
          own.to_others = std::min(own.to_others, lattice.distance_angstrom(slab.positions[i], site));
        }
      }
    }
    for (std::size_t a = 0; a < molecules.size(); ++a) {
      for (std::size_t k = 0; k < adsorbate.species.size(); ++k) {
        if (adsorbate.species[k] != species) continue;
        for (std::size_t b = 0; b < molecules.size(); ++b) {
          if (a == b) continue;
          for (const Fractional& other : molecules[b]) {
            own.to_others = std::min(own.to_others, lattice.distance_angstrom(molecules[a][k], other));
          }
        }
      }
    }
  }
  return reach;
}

std::string molecule_space(const std::string& site, const Adsorbate& adsorbate, const std::map<Species, Reach>& reach) {
  const std::string_view first = adsorbate.species.front().symbol();
  std::vector<std::string> equal, rules;
  // Between atoms of one element the rule would forbid the molecule itself.
  if (reach.count(adsorbate.species.front()) == 0) {
    rules.push_back(fmt::format("  {{ pair = [\"{0}\", \"{0}\"], angstrom = {1:.1f} }},", first, kApart));
  }
  std::string sublattices = fmt::format(
      "\n[[space.sublattice]]\nsites = \"{}\"\nspecies = {{ Va = \"rest\", {} = \"0..2\" }}\n", site, first);
  for (std::size_t k = 1; k < adsorbate.species.size(); ++k) {
    const std::string label = fmt::format("{}_{}", site, k + 1);
    const std::string_view symbol = adsorbate.species[k].symbol();
    equal.push_back(fmt::format("\"{}.{} == {}.{}\"", site, first, label, symbol));
    sublattices += fmt::format("\n[[space.sublattice]]\nsites = \"{}\"\nspecies = {{ Va = \"rest\", {} = \"0..2\" }}\n",
                               label, symbol);
  }
  for (const auto& [species, own] : reach) {
    rules.push_back(fmt::format("  {{ pair = [\"{}\", \"Va\"], angstrom = {:.4f} }},", species.symbol(),
                                std::min((own.within + own.to_others) / 2, own.within + 0.2)));
  }
  return fmt::format(
      "\n[[space]]\nname = \"{0}\"\nstructure = \"slab-{0}.cif\"\nsupercell = [2, 2, 1]\n"
      "# The atoms of a molecule come and go together: as many of each, and none beside an empty place of its "
      "molecule.\n"
      "constraints = [{1}]\nmin_distance = [\n{2}\n]\n{3}",
      site, fmt::join(equal, ", "), fmt::join(rules, "\n"), sublattices);
}

}  // namespace

Adsorbate read_adsorbate(const std::string& text) {
  namespace fs = std::filesystem;
  if (!fs::exists(text)) return {text, {Species::from_symbol(text)}, {Eigen::Vector3d::Zero()}};
  const Crystal molecule = read_crystal(text, "");
  Adsorbate adsorbate{fs::path(text).stem().string(), {}, {}};
  for (const CrystalSite& site : molecule.sites) {
    adsorbate.species.push_back(site.occupants.front().species);
    Eigen::Vector3d apart = site.position.x - molecule.sites.front().position.x;
    apart -= apart.array().round().matrix();  // the box of the file may cut the molecule
    adsorbate.offsets.push_back(molecule.lattice.to_cartesian(Fractional{apart}).x);
  }
  return adsorbate;
}

Structure with_adsorbate(Structure slab, const Fractional& site, const Adsorbate& adsorbate) {
  for (std::size_t i = 0; i < adsorbate.species.size(); ++i) {
    slab.species.push_back(adsorbate.species[i]);
    slab.positions.push_back(place_of(slab.lattice, site, adsorbate.offsets[i]));
  }
  return slab;
}

AdsorbateCampaign adsorbate_campaign(const std::string& name, const Structure& slab,
                                     const std::vector<Surface::AdsorptionSite>& sites, const Adsorbate& adsorbate) {
  AdsorbateCampaign campaign;
  const Species first = adsorbate.species.front();
  if (adsorbate.species.size() == 1) {
    std::vector<LabelledSite> labelled;
    for (const auto& site : sites) labelled.push_back({site.name, first, site.position});
    campaign.files["slab-sites.cif"] = labelled_cif(slab, labelled, name);
    campaign.files["campaign.toml"] = atom_campaign(name + "-" + adsorbate.name, sites, first.symbol());
    return campaign;
  }
  std::map<std::string, Molecules> classes;
  for (const auto& site : sites) {
    std::vector<Fractional> atoms;
    for (const Eigen::Vector3d& offset : adsorbate.offsets)
      atoms.push_back(place_of(slab.lattice, site.position, offset));
    classes[site.name].push_back(std::move(atoms));
  }
  std::string spaces;
  for (const auto& [site, molecules] : classes) {
    const double shortest = with_adsorbate(slab, molecules.front().front(), adsorbate).shortest_distance_angstrom();
    if (shortest < kOverlap) {
      campaign.remarks.push_back(
          fmt::format("{}: {} is left out: it has two atoms {:.2f} Å from each other there; is it upside "
                      "down? its first atom binds, and z points away from the surface",
                      site, adsorbate.name, shortest));
      continue;
    }
    const auto reach = reaches(slab, molecules, adsorbate);
    const auto too_large = std::find_if(reach.begin(), reach.end(), [](const auto& entry) {
      return entry.second.to_others < entry.second.within + kClearMargin;
    });
    if (too_large != reach.end()) {
      campaign.remarks.push_back(
          fmt::format("{}: {} is left out of the campaign: its {} lies up to {:.2f} Å from the atom that binds and "
                      "{:.2f} Å from a place "
                      "of another molecule or of the slab, so whole molecules cannot be distinguished from mixed ones; "
                      "sites.extxyz has it",
                      site, adsorbate.name, too_large->first.symbol(), too_large->second.within,
                      std::max(0.0, too_large->second.to_others)));
      continue;
    }
    std::vector<LabelledSite> labelled;
    for (const auto& atoms : molecules) {
      for (std::size_t k = 0; k < atoms.size(); ++k) {
        labelled.push_back({k == 0 ? site : fmt::format("{}_{}", site, k + 1), adsorbate.species[k], atoms[k]});
      }
    }
    campaign.files[fmt::format("slab-{}.cif", site)] = labelled_cif(slab, labelled, fmt::format("{}-{}", name, site));
    spaces += molecule_space(site, adsorbate, reach);
  }
  if (spaces.empty()) {
    campaign.remarks.push_back(
        "no campaign.toml is written, because no class of sites can hold the molecule in a campaign");
  } else {
    campaign.files["campaign.toml"] = heading(adsorbate.name, name + "-" + adsorbate.name) + spaces;
  }
  return campaign;
}

}  // namespace hullscan
