/// @file
/// OUTCAR and OSZICAR of VASP: how a calculation ended, and what it found. Numbers of an accepted result come from
/// vasprun.xml; an OUTCAR alone gives them with fewer digits.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/structure.hpp"

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
  std::int64_t ionic_steps = 0;       ///< of the last "Iteration  3(  12)"
  std::int64_t electronic_steps = 0;  ///< of the same
  std::optional<double> magnetization_bohr;
  std::map<std::string, std::string> parameters;  ///< TAG -> first word, of the list before the first iteration
  std::vector<std::string> elements;              ///< of the POTCARs, in order
  std::optional<Structure> last_structure;        ///< atoms in the file's order
  std::vector<Eigen::Vector3d> forces_ev_per_angstrom;
  std::optional<Eigen::Matrix3d> stress_kbar;
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
