/// @file
/// Tasks of several steps (docs/dft-codes.md: closing single points): what of a step that is done is kept with its
/// attempt, how the last step and those before it make one result, and by how much the last one changed the energy.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/dft.hpp"
#include "dft_adapters/dft_code.hpp"
#include "storage/records.hpp"

namespace hullscan {

/// A step that converged and was followed by another.
struct DoneStep {
  int attempt = 1;
  std::string name;         ///< "relaxation"; the first step has the name of its calculation
  std::string calculation;  ///< "vc-relax"
  double energy_ev = 0;     ///< per cell, in its own basis and k-points; not the task's energy
  Structure structure;      ///< in which the next step began
  double wall_time_s = 0;
};

/// The name of the step that an attempt with these settings makes; "" for the first step of a task.
std::string step_name(const DftSettings& settings);

/// An attempt's particulars (JSON text) with what its step came to. Doubles are written so that the same bits are read.
std::string with_done_step(const std::string& particulars, const DftConverged& result, const std::string& name,
                           double wall_time_s);
/// What with_done_step wrote; nothing if the attempt was not a step that another followed.
std::optional<DoneStep> done_step(const AttemptRecord& attempt);
std::vector<DoneStep> done_steps(const TaskRecord& task);  ///< oldest first

/// The result of the task: the energy of the last step; where that step moved no atoms, structure and calculation of
/// the one before it.
DftConverged joined(DftConverged last, std::span<const DoneStep> before);

/// Energy of the last step minus that of the step before, eV per atom: what the basis and the k-points of the final
/// cell change ("Pulay correction"). Nothing for tasks of one step and those without a result.
std::optional<double> pulay_correction_ev_per_atom(const TaskRecord& task);

/// Which step a directory belongs to, and in which structure it began: a calculation that lies there may only stand for
/// the same. "" for first steps.
std::string step_mark(const DftSettings& settings, const Structure& start);
inline constexpr const char* kStepMarkFile = "hullscan-step";

}  // namespace hullscan
