#include "cli/standard_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace hullscan::cli {

void open_missing_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    // The lowest free number is taken, which is this one.
    (void)!::open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
}

bool reader_has_gone() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

}  // namespace hullscan::cli
