/// @file
/// Messages with which VASP gives up, what kind of failure each is, and what helps against it. Signatures and
/// remedies are those that the community's job managers use (custodian, src/custodian/vasp/handlers.py), tried in our
/// own order and only where no hull key changes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dft.hpp"

namespace hullscan::vasp {

/// What a rung does to one tag.
struct Change {
  enum class How { kSet, kScale, kScaleUp, kErase } how = How::kSet;  ///< kScaleUp: to an integer, at least one more
  std::string_view tag;                                               ///< of INCAR; "@gamma" centres the grid at Γ
  std::string_view value;                                             ///< text, or the factor
  std::string_view start = "";                                        ///< what is scaled where the tag is not given
};

/// One thing to try. Handler names are stored: never renamed.
struct Rung {
  std::string_view handler;
  int at_most = 1;
  std::vector<Change> changes;
  bool from_last_structure = false;
  std::string_view explanation;
};

struct KnownError {
  std::string_view name;  ///< "brmix"
  /// Whole clauses as VASP 4.6 to 6 and run-time libraries print them; any of these. No signature is a routine's bare
  /// name: "BZINTS: Fermi energy" is an ordinary line of every calculation with tetrahedra.
  std::vector<std::string_view> signatures;
  FailureKind kind = FailureKind::kCrashed;
  std::vector<Rung> ladder;   ///< empty: nothing helps that hullscan may do
  bool vasp_goes_on = false;  ///< a warning: VASP does not stop after it, and may get over it
};

/// In the order in which they are looked for: the first that is found counts.
std::span<const KnownError> known_errors();
/// Blanks and capitals do not count: "internal error in subroutineRHOSYG:stars are not distinct" is printed too.
/// @param text one statement, or a failure's reason. @returns nullptr if none is in the text.
const KnownError* find_error(std::string_view text);

/// What helps against a failure without a message: electronic or ionic steps used up, and the like.
const std::vector<Rung>& ladder_of(FailureKind kind);

}  // namespace hullscan::vasp
