/// @file
/// POTCAR: what its header says, and where a user's own library keeps it. The files are licensed: hullscan reads
/// them where they lie, writes them only into the directory of a calculation, and records name, title and SHA-256.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hullscan::vasp {

struct Potcar {
  std::string titel;    ///< "PAW_PBE Ni_pv 06Sep2000"
  std::string element;  ///< of VRHFIN
  std::string lexch;    ///< "PE", "CA"
  double enmax_ev = 0;  ///< 0 if not said
  double valence_electrons = 0;
  std::string sha256;  ///< of the unpacked text
};

/// @param problem set when nothing is returned.
std::optional<Potcar> parse_potcar(std::string_view text, std::string& problem);

/// "PBE", "PBE_52", "PBE_54", "PBE_64", "LDA", "LDA_52", "LDA_54", "LDA_64".
const std::vector<std::string>& known_functionals();
/// "PE" or "CA": what LEXCH says in every file of this functional.
std::string lexch_of(const std::string& functional);

/// Where the potential's file lies, plain or gzipped, in VASP's own layout (potpaw_PBE.54/Ni_pv/POTCAR) or pymatgen's
/// (POT_GGA_PAW_PBE_54/POTCAR.Ni_pv.gz), with `library` the folder above or the functional's folder itself.
/// @returns an empty path if it is nowhere.
std::filesystem::path find_potcar(const std::filesystem::path& library, const std::string& functional,
                                  const std::string& potential);
/// Potentials of an element that the library has, sorted.
std::vector<std::string> potentials_of(const std::filesystem::path& library, const std::string& functional,
                                       const std::string& element);

}  // namespace hullscan::vasp
