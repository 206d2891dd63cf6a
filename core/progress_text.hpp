/// @file
/// The progress line as text, cut to the line that it has.
#pragma once

#include <cstddef>
#include <string>

namespace hullscan {

struct ProgressState {
  std::string what;  ///< "enumerating"
  std::string unit;  ///< "orbits"
  double done = 0;
  double total = 0;   ///< 0: not known
  double share = -1;  ///< of the work that is done; < 0: done/total
  double elapsed_s = 0;
  std::string note = {};  ///< what else there is to say
};

/// All of it, for a log: "what 3/10 units (30 %), ETA 2 min 0 s, 0.5 units/s, note".
std::string progress_text(const ProgressState& state);
/// The same with a bar, shorter than `columns`, so that the terminal never begins another line: the bar shrinks, then
/// the rate, the note and the bar go, and what is left is cut.
std::string progress_bar(const ProgressState& state, std::size_t columns);

}  // namespace hullscan
