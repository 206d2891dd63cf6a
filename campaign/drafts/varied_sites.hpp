/// @file
/// Which sites of a crystal vary together in the campaign that `hullscan init` writes, what may sit on them, and how
/// the campaign file says that.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/crystal.hpp"

namespace hullscan {

/// One [[space.sublattice]]; `sites` and `species` are TOML.
struct SublatticeText {
  std::string sites;
  std::string species;
  std::string name = {};     ///< empty: what `sites` says is a name
  std::string of_file = {};  ///< `species` of the file's own composition, where `species` are ranges; else empty
};

struct VariedSites {
  std::vector<std::size_t> sites;       ///< of the crystal, ascending
  std::map<std::string, double> atoms;  ///< [symbol] that the file puts on them, "Va" included; sums to their number
  std::vector<std::string> added = {};  ///< symbols besides those
};

/// The sites that hold some of an element, else those that `name` selects in a campaign file. @throws InputError that
/// names `option` if there are none.
std::vector<std::size_t> sites_named(const Crystal& crystal, const std::string& name, double symprec_angstrom,
                                     const std::string& option);

VariedSites varied_sites(const Crystal& crystal, std::vector<std::size_t> sites);
/// Sites that are asked for twice vary once, by all the species of both.
void add_variation(std::vector<VariedSites>& all, VariedSites one);
/// All mixed and partly vacant sites that are not among `all`: those with the same occupants, each to 0.005, together.
void add_mixed_sites(const Crystal& crystal, std::vector<VariedSites>& all);

/// Every species over the whole range, "rest" for the first; where those are more compositions than one looks at, the
/// composition of the file, or few of the added species. @param[out] remarks what was narrowed so, a sentence each.
std::vector<SublatticeText> sublattice_texts(const Crystal& crystal, const std::vector<VariedSites>& all, int cells,
                                             double symprec_angstrom, std::vector<std::string>& remarks);
/// `sites` and `name` of one sublattice; names that stand in `taken` are not used again.
SublatticeText named_sublattice(const Crystal& crystal, const std::vector<std::size_t>& sites, double symprec_angstrom,
                                std::vector<std::string>& taken);

/// Labels, numbers and occupants of the cell's sites, as comment lines.
std::string site_list(const Crystal& crystal);

}  // namespace hullscan
