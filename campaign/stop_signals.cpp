#include "campaign/stop_signals.hpp"

#include <unistd.h>

#include <csignal>

#include "storage/staged_file.hpp"

namespace hullscan {
namespace {

volatile std::sig_atomic_t received = 0;
volatile std::sig_atomic_t honoured = 0;  // set once a command promises to look

void remember(int signal_number) {
  // A second Ctrl-C, or a command that never looks: end at once.
  if (received != 0 || honoured == 0) {
    StagedFile::unlink_unfinished();
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
    return;
  }
  received = signal_number;
}

}  // namespace

void install_stop_signals() {
  std::signal(SIGUSR1, remember);
  std::signal(SIGTERM, remember);
  std::signal(SIGINT, remember);
  if (std::signal(SIGHUP, remember) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);  // of nohup
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // ulimit -f: the write fails, and what failed is said
}

int stop_signal() {
  honoured = 1;
  return received;
}

}  // namespace hullscan
