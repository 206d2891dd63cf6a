/// @file
/// Which places of the code one input reached, counted where the compiler was told to (-fsanitize-coverage=trace-pc).
#pragma once

namespace hullscan::fuzz {

void coverage_begin();
/// Whether the input reached a place, or reached one so much oftener, that none before it did. False without coverage.
bool coverage_is_new();

}  // namespace hullscan::fuzz
