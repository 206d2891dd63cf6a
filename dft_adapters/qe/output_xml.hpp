/// @file
/// The XML that pw.x writes at the end (PREFIX.xml) and keeps while it runs (PREFIX.save/data-file-schema.xml).
/// Numbers are turned into eV, Å and kbar, except those that acceptance compares with the input, which stay in Ry.
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

namespace hullscan::qe {

struct OutputXml {
  std::string version;
  bool closed = false;  ///< the element that the code writes last is there
  std::string calculation, prefix;
  std::map<std::string, std::string> pseudo_files;  ///< label -> file name
  std::string pseudo_dir;
  std::string functional;                   ///< normalised
  std::map<std::string, double> hubbard_u;  ///< label -> U in the code's units, see hubbard_difference
  std::string vdw_corr, assume_isolated;    ///< "" for none
  std::string non_local_term;               ///< of a van der Waals functional: "VV10"; "" for none
  bool spin_polarised = false;
  std::string occupations, smearing;
  std::optional<double> degauss_ry, ecutwfc_ry, ecutrho_ry;
  std::optional<std::array<std::int64_t, 6>> k_grid;   ///< n1 n2 n3 and shifts
  std::optional<std::int64_t> k_points_listed;         ///< where no grid was used
  std::optional<std::int64_t> k_points;                ///< irreducible ones, computed
  std::optional<double> scf_error_ry;                  ///< of the last electronic loop
  std::optional<bool> scf_converged, ionic_converged;  ///< pw.x 6.3 and older leave both out
  std::optional<double> conv_thr_ry;                   ///< as the code understood its input
  bool wants_forces = false, wants_stress = false;     ///< likewise
  std::optional<double> energy_ev, energy_ry;          ///< per cell; F = E - TS where there is smearing
  std::optional<Structure> structure;                  ///< of the output section
  std::optional<std::vector<Eigen::Vector3d>> forces_ev_per_angstrom;
  std::optional<Eigen::Matrix3d> stress_kbar;  ///< positive diagonal: compressed, as the code prints it
  std::optional<double> magnetization_bohr;    ///< only of spin-polarised calculations
  std::optional<double> wall_time_s;
};

/// @returns nothing, and why in `problem`, unless the file is complete, well-formed XML of pw.x. Never throws.
std::optional<OutputXml> read_output_xml(const std::filesystem::path& file, std::string& problem);

}  // namespace hullscan::qe
