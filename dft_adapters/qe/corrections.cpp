#include "dft_adapters/qe/corrections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/settings.hpp"

namespace hullscan::qe {
namespace {

/// A rung: a handler, how often it may be used for one task, and what it sets. Names are stored: never renamed.
struct Rung {
  const char* handler;
  int at_most;
  const char* key;  ///< "" = settings stay as they are
  const char* value;
  const char* explanation;
};

const std::vector<Rung>& ladder(FailureKind kind) {
  static const std::vector<Rung> kElectronic = {
      {"qe-mixing-beta-0.4", 1, "mixing_beta", "0.4", "slower density mixing: mixing_beta = 0.4"},
      {"qe-mixing-beta-0.2", 1, "mixing_beta", "0.2", "slower density mixing: mixing_beta = 0.2"},
  };
  static const std::vector<Rung> kDiagonalisation = {
      {"qe-diagonalization-david", 1, "diagonalization", "david", "Davidson's method"},
      {"qe-diagonalization-cg", 1, "diagonalization", "cg",
       "conjugate gradients: slower, but they converge more often"},
  };
  static const std::vector<Rung> kIonic = {{"qe-continue-ionic", 3, "", "", "on from the last structure"}};
  static const std::vector<Rung> kTime = {{"qe-continue-after-time", 2, "", "", "on from the last structure"}};
  static const std::vector<Rung> kStopped = {
      {"qe-continue-after-time", 2, "", "", "on from the last structure"},
      {"qe-restart", 3, "restart", "true", "on from the files that it left"},
  };
  static const std::vector<Rung> kRestart = {{"qe-from-scratch", 1, "", "", "from scratch, without restart files"}};
  static const std::vector<Rung> kAgain = {{"qe-same-again", 1, "", "", "the same once more"}};
  static const std::vector<Rung> kNone;
  switch (kind) {
    case FailureKind::kElectronicNotConverged:
      return kElectronic;
    case FailureKind::kDiagonalisation:
      return kDiagonalisation;
    case FailureKind::kIonicNotConverged:
      return kIonic;
    case FailureKind::kStoppedByTime:
      return kStopped;
    case FailureKind::kTimeLimit:
      return kTime;
    case FailureKind::kRestartUnreadable:
      return kRestart;
    case FailureKind::kTruncated:
    case FailureKind::kStoppedByUser:
    case FailureKind::kNotStarted:
    case FailureKind::kHung:
      return kAgain;
    case FailureKind::kInputRefused:
    case FailureKind::kMissingPseudopotential:
    case FailureKind::kNeedsSmearing:
    case FailureKind::kRequestNotEchoed:
    case FailureKind::kUnphysical:
    case FailureKind::kDiskTrouble:
    case FailureKind::kCrashed:
      return kNone;
  }
  return kNone;
}

/// Slower mixing needs more steps.
constexpr std::int64_t kStepsOfSlowMixing = 200;

}  // namespace

std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried) {
  if (failure.failure_class == FailureClass::kEnvironment) return std::nullopt;
  const bool ions_move = text_value(settings, "calculation") != "scf";
  const bool can_go_on = ions_move && failure.last_structure.has_value();
  for (const Rung& rung : ladder(failure.kind)) {
    if (std::count(tried.begin(), tried.end(), rung.handler) >= rung.at_most) continue;
    Correction correction{.handler = rung.handler,
                          .explanation = rung.explanation,
                          .settings = settings,
                          .from_last_structure = can_go_on};
    correction.settings.values.erase("restart");  // whatever else is tried begins afresh
    const std::string key = rung.key;
    if (key == "mixing_beta") {
      const double now = number_value(settings, key).value_or(0.7);
      if (detail::to_number(rung.value).value_or(now) >= now) continue;
      const auto steps = static_cast<std::int64_t>(number_value(settings, "electron_maxstep").value_or(100));
      correction.settings.values["electron_maxstep"] = std::to_string(std::max(kStepsOfSlowMixing, steps));
    }
    if (key == "diagonalization") {
      // Never back to a method that has failed before: the newer ones first give way to Davidson's.
      const std::string now = text_value(settings, key);
      const bool is_new = now == "ppcg" || now == "paro";
      if (now == rung.value || (std::string(rung.value) == "david" && !is_new)) continue;
    }
    if (!key.empty()) correction.settings.values[key] = rung.value;
    // Time alone brings a single point no further, unless it goes on from its files: only a clean stop leaves those.
    const bool needs_progress = failure.kind == FailureKind::kIonicNotConverged ||
                                failure.kind == FailureKind::kStoppedByTime || failure.kind == FailureKind::kTimeLimit;
    if (key == "restart" ? ions_move : needs_progress && !can_go_on) continue;
    return correction;
  }
  return std::nullopt;
}

}  // namespace hullscan::qe
