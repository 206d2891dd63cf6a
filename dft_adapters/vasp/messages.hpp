/// @file
/// What VASP says on standard output and in OUTCAR, sentence by sentence. VASP 5 and 6 draw boxes round their errors,
/// advice and warnings, and break the sentence where the box ends; VASP 4 and libraries write plain lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dft_adapters/vasp/code_errors.hpp"

namespace hullscan::vasp {

/// A plain line, or the text of one box joined by blanks.
struct Statement {
  std::string text;
  bool refuses = false;  ///< a box with "I REFUSE TO CONTINUE WITH THIS SICK JOB"
};

/// Lines of numbers are left out. Never throws.
std::vector<Statement> statements_of(std::string_view text);

/// An error and the words in which it was said.
struct SaidError {
  const KnownError* error = nullptr;  ///< nullptr: a box that refuses for a reason that is not in the table
  std::string words;                  ///< at most 600 characters
};

enum class Source { kStandardOutput, kOutcar };

/// The error with which a run that did not finish ended: one after which VASP stops before one after which it goes
/// on, and of the latter only those that were not followed by an ionic step or by five electronic steps. In OUTCAR
/// the echo of INCAR at its head is not a message.
std::optional<SaidError> error_said(std::string_view text, Source source);

/// The last error after which VASP goes on, healed or not: "One of the lattice vectors is very long (>50 A), but
/// AMIN".
std::optional<SaidError> warning_said(std::string_view text);

/// The line with which a compiler's run-time library says why it ended the program ("forrtl: severe (174): SIGSEGV,
/// segmentation fault occurred"); "" if there is none.
std::string crash_said(std::string_view text);

}  // namespace hullscan::vasp
