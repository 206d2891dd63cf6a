/// @file
/// Standard output whose reader may leave before the end: `hullscan export DIR --orbits | head`.
#pragma once

namespace hullscan::cli {

/// Where a standard descriptor is closed (hullscan … >&-), the next file that is opened would become it and be written
/// over by what is printed. Opens /dev/null instead: for output in a way that writing fails, and is said; for errors,
/// which nobody wants to see, so that it does not. To be called before anything opens a file.
void open_missing_descriptors();

/// Standard output is a pipe that nobody reads any more.
bool reader_has_gone();

/// Thrown where a long output finds that out; main() ends quietly, exit code 0.
struct ReaderGone {};

}  // namespace hullscan::cli
