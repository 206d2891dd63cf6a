#include "cli/standard_output.hpp"

#include <poll.h>
#include <unistd.h>

namespace hullscan::cli {

bool reader_has_gone() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

}  // namespace hullscan::cli
