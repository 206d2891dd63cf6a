/// @file
/// What was asked against what VASP says it used. VASP changes some parameters itself, by rules that leave the result
/// as it is; those are not differences.
#pragma once

#include <map>
#include <string>

#include "dft_adapters/vasp/incar.hpp"

namespace hullscan::vasp {

/// @param incar the file INCAR; empty if there is none.
/// @param read_by_vasp the <incar> of vasprun.xml: what VASP took from that file; empty if not known.
/// @param used the <parameters> of vasprun.xml.
/// @returns the first difference that makes another number, as "ENCUT: asked for 520, computed with 500"; "" = none.
///
/// No difference:
/// - NSW, IBRION and ISIF where both mean a single point (NSW = 0 is reported with IBRION = -1);
/// - NSW of a relaxation and NELM where VASP read what was asked: convergence is judged by what was used;
/// - an EDIFF below the smallest that VASP takes;
/// - ISMEAR and SIGMA of one smearing class: tetrahedra that VASP gave up for a Gaussian of 0.05 eV, SIGMA beside
///   tetrahedra;
/// - ISPIN = 1 of spin-orbit and non-collinear calculations;
/// - what the eight decimals of vasprun.xml cannot show.
std::string request_difference(const Incar& incar, const Incar& read_by_vasp,
                               const std::map<std::string, std::string>& used);

}  // namespace hullscan::vasp
