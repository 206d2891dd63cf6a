/// @file
/// A thread that lives as long as the process: what is started by it does not end with the thread that asked.
#pragma once

#include <functional>

namespace hullscan {

/// Waits for the end of the work, and throws what it throws.
void in_lasting_thread(const std::function<void()>& work);

}  // namespace hullscan
