/// @file
/// Signals that ask hullscan to stop cleanly: SIGUSR1, SIGTERM, SIGINT and SIGHUP. A command that does not look for
/// them is ended at once, and the files that it was writing are removed. Installed before anything else in main,
/// because batch systems send them at any time.
#pragma once

namespace hullscan {

void install_stop_signals();
/// The first stop signal received, or 0.
int stop_signal();

}  // namespace hullscan
