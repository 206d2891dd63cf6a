#include "dft_adapters/detail/exit_codes.hpp"

#include <fmt/format.h>

namespace hullscan::detail {

std::string exit_text(const std::optional<int>& exit_code) {
  if (!exit_code) return "exit code not known";
  if (*exit_code > kFirstSignal) return fmt::format("killed by signal {}", *exit_code - kFirstSignal);
  return fmt::format("exit code {}", *exit_code);
}

}  // namespace hullscan::detail
