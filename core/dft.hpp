/// @file
/// What a DFT calculation is asked and what comes of it, in words that no single code owns.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/structure.hpp"

namespace hullscan {

/// Settings of one calculation as a code's adapter resolved them: its own key -> its own value, in a fixed order.
/// Equal settings compare equal, are written as equal bytes, and make equal task keys.
struct DftSettings {
  std::string code;                           ///< "quantum-espresso"
  std::map<std::string, std::string> values;  ///< e.g. "ecutwfc" -> "25"
  friend bool operator==(const DftSettings&, const DftSettings&) = default;
};

enum class FailureClass {
  kTransient,    ///< the same again may work
  kRecoverable,  ///< with a correction
  kPermanent,    ///< never with this input
  kEnvironment,  ///< machine or installation
};

/// Why a calculation was not accepted. Names are stored: add at the end, never rename.
enum class FailureKind {
  kTruncated,  ///< output ends early: killed, or still running
  kElectronicNotConverged,
  kIonicNotConverged,
  kStoppedByTime,  ///< the code's own wall-time stop; restartable
  kStoppedByUser,
  kInputRefused,  ///< the code says the input is wrong
  kMissingPseudopotential,
  kNeedsSmearing,
  kDiagonalisation,
  kRequestNotEchoed,  ///< the code computed something else than was asked
  kUnphysical,        ///< atoms too close, forces or energies beyond reason
  kRestartUnreadable,
  kDiskTrouble,
  kNotStarted,  ///< no output at all
  kTimeLimit,   ///< our own limit
  kCrashed,     ///< any other error of the code
  kHung,        ///< no file of it has grown for too long: ended
};

std::string_view name_of(FailureKind kind);  ///< "electronic not converged", …
std::string_view name_of(FailureClass kind);
FailureClass class_of(FailureKind kind);  ///< the usual class

struct DftConverged {
  std::string calculation;  ///< scf, relax, vc-relax
  double energy_ev = 0;     ///< per cell; the energy the hull uses (documented by the adapter)
  Structure structure;      ///< final
  std::optional<std::vector<Eigen::Vector3d>> forces_ev_per_angstrom;  ///< [atom_count], Cartesian
  std::optional<Eigen::Matrix3d> stress_kbar;
  std::optional<double> magnetization_bohr;  ///< total, per cell
  std::optional<double> wall_time_s;
  std::string code_version;
  std::map<std::string, std::string>
      hull_keys;  ///< functional, cutoffs, pseudopotential hashes, U, smearing: must agree on one hull
  /// What the files of a calculation that was read alone lack, in words; "" = nothing. A campaign accepts no such
  /// result.
  std::string missing{};
};

struct DftFailure {
  FailureKind kind = FailureKind::kCrashed;
  FailureClass failure_class = FailureClass::kPermanent;
  std::string reason;                       ///< for a person: what and where, with the code's own words
  std::string calculation;                  ///< "" if not known
  std::optional<double> energy_ev;          ///< last printed; never used as a result
  std::optional<Structure> last_structure;  ///< to go on from
  std::optional<double> wall_time_s;
};

using DftOutcome = std::variant<DftConverged, DftFailure>;

/// One thing to change before trying again.
struct Correction {
  std::string handler;      ///< stable name; recorded; each is used a bounded number of times
  std::string explanation;  ///< for the log
  DftSettings settings;     ///< complete settings of the next attempt
  bool from_last_structure = false;
};

}  // namespace hullscan
