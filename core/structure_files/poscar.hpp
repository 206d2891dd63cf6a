/// @file
/// VASP's POSCAR and CONTCAR: text <-> ordered structure. The one parser and the one writer of the format; labels,
/// places in [0, 1) and the order of atoms that VASP wants are the business of those who call.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/structure.hpp"
#include "core/structure_files/coordinate_text.hpp"

namespace hullscan {

struct PoscarRemark {
  SourcePosition where;
  std::string what;
};

struct Poscar {
  Structure structure;  ///< atoms and positions as the file gives them: a "Va" is in it, a 1.25 is not wrapped
  /// Version 4 of the format names no elements; this says that the comment line was asked.
  std::optional<PoscarRemark> elements_from_comment;
};

/// Scale, volume or three scales; Direct or Cartesian; "Ti_sv/7c5f" is Ti. Selective-dynamics flags, velocities and
/// predictor-corrector lines are ignored. Numbers may have Fortran's exponents (1.5d-3).
/// @param file_name for messages.
/// @throws FormatError `file:line:column: …`, also for more than `most_atoms` atoms.
Poscar parse_poscar(std::string_view text, const std::string& file_name, long most_atoms);

struct PoscarLayout {
  CoordinateLayout coordinates = {};
  std::size_t species_column_width = 4;  ///< of symbols and counts, at least; 0: one blank before each word
  bool deuterium_as_hydrogen = false;    ///< for programs that know no D; its block stays apart from that of H
};

/// VASP 5: species line, direct coordinates; atoms grouped by species in the order of `order`, species that it does not
/// name following as they first appear. Within a species the order of the structure is kept.
std::string to_poscar(const Structure& structure, const std::string& comment, std::span<const Species> order = {},
                      const PoscarLayout& layout = {});

}  // namespace hullscan
