/// @file
/// Voltage profile of an intercalation electrode from energies: the steps of the hull between its host and its filled
/// compound. Source: Aydinol et al., Phys. Rev. B 56, 1354 (1997), eq. 4.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/composition.hpp"

namespace hullscan {

struct ElectrodeEntry {
  std::string id;                          ///< unique
  Composition composition;                 ///< host units and working ions
  double energy_ev = 0;                    ///< total, for that composition
  std::optional<double> volume_angstrom3;  ///< of the cell
};

struct ElectrodePoint {
  std::string id;            ///< of the lowest entry
  double ions_per_host = 0;  ///< x
  double energy_ev_per_host = 0;
  std::optional<double> volume_angstrom3_per_host;
};

struct VoltagePlateau {
  ElectrodePoint charged, discharged;   ///< fewer and more ions
  double voltage = 0;                   ///< V against the metal of the ion
  double capacity_mah_per_g = 0;        ///< of this step, per mass of the fully discharged host
  std::optional<double> volume_change;  ///< relative to the charged side
};

struct VoltageProfile {
  Composition host;  ///< reduced, without ions
  Species ion;
  int charge = 1;                        ///< electrons an ion
  std::vector<ElectrodePoint> stable;    ///< vertices of the hull, by ions
  std::vector<VoltagePlateau> plateaus;  ///< by ions: falling voltage
  double average_voltage = 0, highest_voltage = 0, lowest_voltage = 0;
  double capacity_mah_per_g = 0;               ///< per mass of the discharged compound
  std::optional<double> capacity_mah_per_cm3;  ///< per volume of the discharged compound
  double energy_wh_per_kg = 0;
};

/// Electrons an ion that goes in or out: 2 of Be, Mg, Ca, Sr, Ba and Zn, 3 of Al, Sc and Y, else 1.
int usual_ion_charge(Species ion);

/// @param ion_ev energy of one atom of the ion's metal.
/// @throws InputError, every fault named: entries of different hosts, an energy that is not finite, fewer than two
/// distinct ion contents.
VoltageProfile voltage_profile(std::span<const ElectrodeEntry> entries, Species ion, double ion_ev, int charge = 1);

}  // namespace hullscan
