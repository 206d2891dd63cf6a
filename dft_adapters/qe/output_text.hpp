/// @file
/// The standard output of pw.x, as far as it says how a calculation ended. Numbers of an accepted result come from
/// the XML; from here come the reasons of a failure and the last structure to go on from.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/structure.hpp"

namespace hullscan::qe {

/// An error as the code reports it: `Error in routine ROUTINE (N):` and the line after it.
struct CodeError {
  std::string routine;
  std::string message;
};

/// An optimisation of the structure, as the text tells it.
struct OutputRelaxation {
  bool begun = false;  ///< the text speaks of one
  bool moves_cell = false;
  bool converged = false;  ///< "bfgs converged in 5 scf cycles and 4 bfgs steps"
};

struct OutputText {
  bool is_pwscf = false;  ///< the banner of pw.x was seen
  std::string version;
  std::string input_file;                ///< as the code names it; "" when it read standard input
  bool job_done = false;                 ///< the end marker stands at the end
  std::int64_t total_energies = 0;       ///< lines that begin with '!': completed electronic loops
  std::optional<double> last_energy_ry;  ///< of the last such line
  std::optional<double> last_accuracy_ry;
  std::optional<std::int64_t> k_points;  ///< irreducible
  std::string not_converged;             ///< "convergence NOT achieved after 100 iterations: stopping"; "" if absent
  std::string stopped_by_time;
  std::string stopped_by_user;
  std::string ionic_not_converged;   ///< step limit, or BFGS gave up
  std::optional<CodeError> error;    ///< the first
  std::string diagonaliser_message;  ///< one that is not an error of a routine: "[Q, R] = qr(X, 0) failed"
  std::string disk_message;          ///< run-time messages about writing
  std::string radial_table_message;  ///< the cell grew out of its interpolation tables
  std::optional<double> wall_time_s;
  // What a result that has no XML is judged by.
  std::int64_t achieved = 0;          ///< electronic loops that say "convergence has been achieved"
  std::optional<double> conv_thr_ry;  ///< of the first loop
  OutputRelaxation relaxation;
  bool dynamics = false;                                ///< molecular dynamics
  std::vector<Eigen::Vector3d> forces_ev_per_angstrom;  ///< the last that were printed; empty if none, or not all
  std::optional<Eigen::Matrix3d> stress_kbar;           ///< the last
  std::optional<double> magnetization_bohr;             ///< the last
  std::optional<Structure> last_structure;              ///< last complete one that was printed
  std::string last_line;                                ///< not blank, trimmed
};

/// Never throws; numbers that cannot be read are absent.
OutputText parse_output_text(std::string_view text);

/// The same error from a CRASH file; nothing if it holds none.
std::optional<CodeError> parse_crash(std::string_view text);

/// "1h 2m", "3m 4.50s", "0.42s" -> seconds.
std::optional<double> parse_duration(std::string_view text);

}  // namespace hullscan::qe
