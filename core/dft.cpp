#include "core/dft.hpp"

namespace hullscan {

std::string_view name_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::kTruncated:
      return "truncated";
    case FailureKind::kElectronicNotConverged:
      return "electronic steps not converged";
    case FailureKind::kIonicNotConverged:
      return "ionic steps not converged";
    case FailureKind::kStoppedByTime:
      return "stopped by its time limit";
    case FailureKind::kStoppedByUser:
      return "stopped by user request";
    case FailureKind::kInputRefused:
      return "input refused";
    case FailureKind::kMissingPseudopotential:
      return "pseudopotential missing";
    case FailureKind::kNeedsSmearing:
      return "smearing needed";
    case FailureKind::kDiagonalisation:
      return "diagonalisation failed";
    case FailureKind::kRequestNotEchoed:
      return "request not echoed";
    case FailureKind::kUnphysical:
      return "unphysical";
    case FailureKind::kRestartUnreadable:
      return "restart files unreadable";
    case FailureKind::kDiskTrouble:
      return "disk trouble";
    case FailureKind::kNotStarted:
      return "not started";
    case FailureKind::kTimeLimit:
      return "time limit";
    case FailureKind::kCrashed:
      return "crashed";
    case FailureKind::kHung:
      return "hung";
  }
  return "unknown";
}

std::string_view name_of(FailureClass kind) {
  switch (kind) {
    case FailureClass::kTransient:
      return "transient";
    case FailureClass::kRecoverable:
      return "recoverable";
    case FailureClass::kPermanent:
      return "permanent";
    case FailureClass::kEnvironment:
      return "environment";
  }
  return "unknown";
}

FailureClass class_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::kTruncated:
    case FailureKind::kStoppedByTime:
    case FailureKind::kStoppedByUser:
    case FailureKind::kNotStarted:
    case FailureKind::kHung:
      return FailureClass::kTransient;
    case FailureKind::kElectronicNotConverged:
    case FailureKind::kIonicNotConverged:
    case FailureKind::kNeedsSmearing:
    case FailureKind::kDiagonalisation:
    case FailureKind::kRestartUnreadable:
    case FailureKind::kTimeLimit:
      return FailureClass::kRecoverable;
    case FailureKind::kDiskTrouble:
      return FailureClass::kEnvironment;
    case FailureKind::kInputRefused:
    case FailureKind::kMissingPseudopotential:
    case FailureKind::kRequestNotEchoed:
    case FailureKind::kUnphysical:
    case FailureKind::kCrashed:
      return FailureClass::kPermanent;
  }
  return FailureClass::kPermanent;
}

}  // namespace hullscan
