/// @file
/// The pseudopotential of every species as a campaign chose it, checked: the files exist, are of the right element,
/// and were all made with one functional.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/campaign/settings.hpp"
#include "core/errors.hpp"
#include "core/species.hpp"
#include "dft_adapters/qe/pseudopotential.hpp"

namespace hullscan::qe {

struct PseudopotentialRequest {
  const SettingsTable* table = nullptr;  ///< species -> file name; nullptr if the campaign gives none
  SourcePosition table_where;
  std::vector<Species> species;  ///< sorted, unique, no vacancy
  std::filesystem::path folder;
  SourcePosition folder_where;
  bool functional_overridden = false;  ///< then files of different functionals may be mixed
};

struct ChosenPseudopotential {
  std::string file_name;
  std::string hash;  ///< file_hash128_hex
  Pseudopotential header;
};

struct PseudopotentialChoice {
  std::map<Species, ChosenPseudopotential> of;  ///< only species without a problem
  std::string functional;                       ///< "" if they differ or none was read
  bool all_norm_conserving = true;
  double suggested_wavefunction_cutoff_ry = 0;  ///< the highest; 0 unless every file suggests one
  double suggested_density_cutoff_ry = 0;
};

PseudopotentialChoice choose_pseudopotentials(const PseudopotentialRequest& request, Problems& problems);

}  // namespace hullscan::qe
