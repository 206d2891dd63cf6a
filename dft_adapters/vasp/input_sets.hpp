/// @file
/// Named sets of VASP settings that databases were computed with, so that a campaign's energies can stand beside
/// them. Numbers and potential names as published with pymatgen (Ong et al., Comput. Mater. Sci. 68, 314 (2013);
/// Jain et al., ibid. 50, 2295 (2011); MatPES: Kaplan et al., arXiv:2503.04070 (2025)).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/species.hpp"

namespace hullscan::vasp {

struct InputSet {
  std::string name;                                     ///< "mp-relax"
  std::map<std::string, std::string> incar;             ///< tag -> value as INCAR has it
  double ediff_per_atom_ev = 0;                         ///< 0: EDIFF is among the tags
  std::map<std::string, std::map<std::string, double>>  ///< anion -> element -> U - J on its d shell, eV (Dudarev)
      hubbard_u_ev;
  double reciprocal_density = 0;  ///< k-points times volume of the reciprocal cell, Å^3; 0: not by density
  double kpoint_length = 0;       ///< Å; 0: not by length
  std::string functional;         ///< of the POTCARs: "PBE", "PBE_64"
  std::string_view potentials;    ///< names that are not the element's symbol, blanks between
};

/// nullptr if there is none of this name.
const InputSet* find_input_set(const std::string& name);
std::vector<std::string> input_set_names();

/// "Ni_pv" of Ni, or the symbol itself.
std::string potential_name(const InputSet& set, Species species);

/// Start moment in μ_B with which these sets begin; 0.6 for elements that have none of their own.
double start_moment(Species species);

}  // namespace hullscan::vasp
