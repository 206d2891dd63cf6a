/// @file
/// OUTCAR, OSZICAR and standard output of VASP, as far as they say how a calculation ended. Numbers of an accepted
/// result come from vasprun.xml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hullscan::vasp {

struct Outcar {
  bool begun = false;       ///< the banner of VASP was seen
  bool end_marker = false;  ///< "General timing and accounting informations for this job"
  bool relaxed = false;     ///< "reached required accuracy - stopping structural energy minimisation"
  std::string stopped;      ///< the line that says that STOPCAR was obeyed; "" if absent
  std::string version;
  std::optional<std::int64_t> nelm, bands;
  std::optional<double> last_energy_ev;  ///< energy(sigma->0) that was printed last
  std::optional<double> wall_time_s;
};

/// Never throws.
Outcar parse_outcar(std::string_view text);

struct Oszicar {
  std::int64_t ionic_steps = 0;          ///< lines with "F="
  std::int64_t electronic_steps = 0;     ///< since the last of them, or before it if it is the last line
  std::optional<double> last_energy_ev;  ///< E0 of the last ionic step
  std::optional<double> magnetization_bohr;
  std::string last_line;
};

Oszicar parse_oszicar(std::string_view text);

}  // namespace hullscan::vasp
