#include "dft_adapters/readable_outcome.hpp"

#include "core/foreign_text.hpp"

namespace hullscan {

DftOutcome with_readable_words(DftOutcome outcome) {
  if (auto* failure = std::get_if<DftFailure>(&outcome)) {
    failure->reason = readable_line(failure->reason);
    failure->calculation = readable_line(failure->calculation);
  } else if (auto* converged = std::get_if<DftConverged>(&outcome)) {
    converged->calculation = readable_line(converged->calculation);
    converged->code_version = readable_line(converged->code_version);
    for (auto& [key, value] : converged->hull_keys) value = readable_line(value);
  }
  return outcome;
}

}  // namespace hullscan
