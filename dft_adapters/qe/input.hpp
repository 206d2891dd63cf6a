/// @file
/// pw.x input: written from a structure and settings, and read back as what was asked of a calculation.
///
/// Written inputs end in comment lines `! hullscan KEY = VALUE`: the hull keys and what the code itself does not know
/// (pseudopotential hashes, the shortest distance to accept), so that a directory can be judged without its campaign.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/dft.hpp"
#include "core/structure.hpp"

namespace hullscan::qe {

inline constexpr const char* kPrefix = "hullscan";
inline constexpr const char* kScratch = "scratch";
inline constexpr const char* kInputFile = "pw.in";
inline constexpr const char* kOutputFile = "pw.out";
inline constexpr const char* kCrashFile = "CRASH";

/// n_i = ceil(|b_i| / spacing) with b_i reciprocal to the vectors of `lattice`, 2π included.
std::array<int, 3> k_point_grid(const Lattice& lattice, double spacing_per_angstrom);
/// The grid of one structure under these settings.
std::array<int, 3> k_point_grid(const Structure& structure, const DftSettings& settings);

/// A crystal of two dimensions: the Coulomb interaction is cut along z, and no k-points lie along it.
bool is_layer(const DftSettings& settings);

/// Whether the species that have a start moment make up more than spin_polarised_above of the atoms (default 0: any).
/// Without a start moment the code finds the non-magnetic state either way.
bool is_spin_polarised(const Structure& structure, const DftSettings& settings);

/// The whole input file. Species in order of first appearance, atoms in the structure's order.
/// @throws InputError without atoms, for a species without pseudopotential, and for a layer that does not lie in the xy
/// plane.
std::string input_text(const Structure& structure, const DftSettings& settings);

struct RequestedKPoints {
  enum class Kind { kMissing, kGrid, kGamma, kList } kind = Kind::kMissing;
  std::array<std::int64_t, 6> grid{};  ///< n1 n2 n3, shifts (0 or 1)
  std::int64_t listed = 0;             ///< kList: how many
};

/// What an input file asks for, with the code's defaults where it says nothing.
struct Request {
  std::string calculation = "scf";
  std::string prefix = "pwscf";
  std::string outdir = ".";
  std::string pseudo_dir;
  std::string input_dft;  ///< "" if not given
  std::string occupations = "fixed";
  std::string smearing;  ///< as the code's XML names it; "" unless occupations = smearing
  double degauss_ry = 0;
  double conv_thr_ry = 1e-6;
  double ecutwfc_ry = 0;
  double ecutrho_ry = 0;
  std::int64_t atom_count = 0;
  std::int64_t species_count = 0;
  std::int64_t nspin = 1;
  bool wants_forces = false;  ///< said, or implied by moving atoms
  bool wants_stress = false;
  std::map<std::string, std::string> pseudo_files;  ///< label -> file name
  std::map<std::string, double> hubbard_u_ev;       ///< label -> U
  std::string vdw_corr;                             ///< as the code's XML names it; "" for none
  std::string assume_isolated;                      ///< "" for none
  RequestedKPoints k_points;
  std::map<std::string, std::string> notes;  ///< the `! hullscan` lines
};

/// Never throws; what is not understood is left at its default, and the outputs will then not echo it.
Request parse_request(std::string_view text);

/// A dispersion correction under one name, whatever an input or an XML calls it: "DFT-D" -> "grimme-d2", "none" -> "".
std::string dispersion_name(const std::string& spelling);

/// "Fe1", "fe", "Fe_up" -> Fe. Nothing for what is not an element.
std::optional<Species> species_of_label(std::string_view label);

}  // namespace hullscan::qe
