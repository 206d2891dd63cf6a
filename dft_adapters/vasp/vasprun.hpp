/// @file
/// vasprun.xml, read as it comes: an early end leaves what was complete before it. Densities of states and the like
/// are passed over, so the memory does not grow with the file.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/structure.hpp"

namespace hullscan::vasp {

/// One complete <calculation>: an ionic step.
struct IonicStep {
  std::int64_t electronic_steps = 0;
  std::optional<double> energy_ev;  ///< σ -> 0: see final_energy in vasprun.cpp
  std::optional<double> free_energy_ev;
  std::optional<Structure> structure;  ///< atoms in the file's order
  std::vector<Eigen::Vector3d> forces_ev_per_angstrom;
  std::optional<Eigen::Matrix3d> stress_kbar;  ///< positive diagonal: compressed, as VASP prints it
};

struct Vasprun {
  bool found = false;     ///< the file is there and begins as vasprun.xml does
  bool complete = false;  ///< it ends with the end of its document element
  std::string problem;    ///< why it is not complete
  std::string version;
  std::map<std::string, std::string> incar;       ///< as VASP read it; values trimmed
  std::map<std::string, std::string> parameters;  ///< the first of each name
  std::optional<std::array<std::int64_t, 3>> grid;
  std::vector<Species> species;     ///< of the atoms
  std::vector<std::string> titels;  ///< of the POTCARs, in the file's order of types
  std::int64_t steps = 0;           ///< complete ionic steps
  std::optional<IonicStep> last;    ///< the last complete one; the structure of the next may lie in `final_structure`
  std::optional<Structure> final_structure;  ///< "finalpos"
};

/// Never throws for what the file holds.
Vasprun read_vasprun(const std::filesystem::path& file);

}  // namespace hullscan::vasp
