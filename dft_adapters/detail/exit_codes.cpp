#include "dft_adapters/detail/exit_codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dft_adapters/detail/words.hpp"

namespace hullscan::detail {
namespace {

/// Signals of Linux that end programs: HUP to TERM and STKFLT, XCPU, XFSZ, SYS.
bool ends_programs(int signal) {
  constexpr std::array kRare = {24, 25, 31};
  return (signal >= 1 && signal <= 16) || std::find(kRare.begin(), kRare.end(), signal) != kRare.end();
}

struct FortranError {
  int code;
  const char* meaning;
};

/// Run-time errors of Intel Fortran, which are its exit codes; those that are not signals as well.
constexpr std::array kFortranErrors = {FortranError{151, "array allocated twice"},
                                       FortranError{154, "array index out of bounds"},
                                       FortranError{157, "access violation"},
                                       FortranError{161, "array bounds exceeded"},
                                       FortranError{164, "integer divided by zero"},
                                       FortranError{165, "integer overflow"},
                                       FortranError{170, "stack overflow"},
                                       FortranError{174, "segmentation fault"},
                                       FortranError{179, "array too large to allocate"}};

}  // namespace

std::optional<int> exit_code_in(const std::string& text) {
  const auto code = to_integer(text);
  return code && *code >= 0 && *code <= 255 ? std::optional(static_cast<int>(*code)) : std::nullopt;
}

std::string exit_text(const std::optional<int>& exit_code) {
  if (!exit_code) return "exit code not known";
  if (*exit_code > kFirstSignal && ends_programs(*exit_code - kFirstSignal))
    return fmt::format("killed by signal {}", *exit_code - kFirstSignal);
  for (const auto& [code, meaning] : kFortranErrors) {
    if (code == *exit_code) return fmt::format("exit code {}, a run-time error of Intel Fortran: {}", code, meaning);
  }
  return fmt::format("exit code {}", *exit_code);
}

}  // namespace hullscan::detail
