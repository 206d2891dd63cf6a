/// @file
/// The settings of a VASP calculation: an input set or the user's templates, what the [dft] table changes, and the
/// potentials of the user's library, checked and kept as text.
///
/// Keys: incar.TAG; ediff_per_atom; magmom.X, magmom (of all others) in μ_B; hubbard_u.A.X = U - J in eV of element X
/// where anion A is the most electronegative element ("any": always); kpoints "n1 n2 n3", reciprocal_density,
/// kpoint_length; gamma_centred; gamma_for; functional; potcar.X (name), potcar_file.X, potcar_titel.X,
/// potcar_sha256.X, potcar_enmax.X, valence_electrons.X; command; min_distance_angstrom; those of steps.hpp. Never a
/// POTCAR's content.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/campaign/settings.hpp"
#include "core/dft.hpp"
#include "core/errors.hpp"
#include "dft_adapters/vasp/incar.hpp"
#include "dft_adapters/vasp/kpoints.hpp"

namespace hullscan::vasp {

inline constexpr const char* kCodeName = "vasp";
inline constexpr double kDefaultMinimumDistanceAngstrom = 0.6;

DftSettings resolve_settings(const SettingsTable& table, std::span<const Species> campaign_species, Problems& problems);

/// "scf", "relax" (atoms) or "vc-relax" (cell too), from NSW, IBRION and ISIF.
std::string calculation_of(const Incar& incar);
Incar incar_of(const DftSettings& settings);  ///< the tags that do not depend on the structure
/// All tags, those per atom and per species included, in the order of the POSCAR.
Incar incar_for(const Structure& structure, const DftSettings& settings);
/// Nothing where KSPACING leaves the grid to VASP.
std::optional<KPointGrid> written_grid(const Structure& structure, const DftSettings& settings);
KPointGrid grid_for(const Structure& structure, const DftSettings& settings);

/// Hull keys of one calculation with these settings: those of the step that they name.
std::map<std::string, std::string> hull_keys_of(const DftSettings& settings);
DftSettings identity_of(const DftSettings& settings);
/// See DftCode::earlier_defaults: before closing single points, and before grids of face-centred crystals about Gamma.
std::vector<DftSettings> earlier_defaults(const SettingsTable& table, const DftSettings& settings);

/// How the electrons were smeared, in classes whose energies agree: tetrahedra and a Gaussian of at most 0.05 eV,
/// both extrapolated to zero width, are one class.
std::string smearing_class(const Incar& incar);

std::string text_value(const DftSettings& settings, const std::string& key);  ///< "" if absent

}  // namespace hullscan::vasp
