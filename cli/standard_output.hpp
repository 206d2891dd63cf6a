/// @file
/// Standard output whose reader may leave before the end: `hullscan export DIR --orbits | head`.
#pragma once

namespace hullscan::cli {

/// Standard output is a pipe that nobody reads any more.
bool reader_has_gone();

/// Thrown where a long output finds that out; main() ends quietly, exit code 0.
struct ReaderGone {};

}  // namespace hullscan::cli
