/// @file
/// `hullscan kim-single-point`: one calculation with a KIM potential, as request.json in this directory asks. Started
/// by campaigns with dft.code = "kim"; of use by hand too.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "dft_adapters/command/exchange.hpp"
#include "surrogates/potentials/kim_calculator.hpp"

namespace hullscan::cli {
namespace {

constexpr double kKbarPerEvPerCubicAngstrom = 1602.176634;

double parameter(const exchange::Request& request, const char* key, double fallback) {
  const auto found = request.parameters.find(key);
  return found != request.parameters.end() && found->is_number() ? found->get<double>() : fallback;
}

DftOutcome calculated(const exchange::Request& request) {
  const auto model = request.parameters.find("model");
  if (model == request.parameters.end() || !model->is_string())
    throw InputError("request.json: parameters.model: expected the name of a KIM model");
  const KimCalculator calculator(model->get<std::string>());
  KimRelaxOptions options;
  options.relaxation = request.calculation == "scf"     ? KimRelaxation::kNone
                       : request.calculation == "relax" ? KimRelaxation::kPositions
                                                        : KimRelaxation::kCell;
  options.largest_force_ev_per_angstrom = parameter(request, "force_tolerance", options.largest_force_ev_per_angstrom);
  options.largest_stress_ev_per_cubic_angstrom =
      parameter(request, "stress_tolerance", options.largest_stress_ev_per_cubic_angstrom);
  options.steps = static_cast<int>(std::clamp(parameter(request, "steps", options.steps), 0.0, 1e9));
  Structure structure = request.structure;
  if (options.relaxation != KimRelaxation::kNone) {
    const KimRelaxed relaxed = calculator.relax(request.structure, options);
    if (!relaxed.converged) {
      DftFailure failure;
      failure.kind = FailureKind::kIonicNotConverged;
      failure.failure_class = class_of(failure.kind);
      failure.reason = fmt::format("not at rest after {} evaluations: {:.2g} eV/A, {:.2g} eV/A^3", relaxed.steps,
                                   relaxed.largest_force_ev_per_angstrom, relaxed.largest_stress_ev_per_cubic_angstrom);
      failure.last_structure = relaxed.structure;
      return failure;
    }
    structure = relaxed.structure;
  }
  const KimPoint point = calculator.evaluate(structure);
  DftConverged converged{
      .calculation = request.calculation,
      .energy_ev = point.energy_ev,
      .structure = structure,
      .forces_ev_per_angstrom = std::vector<Eigen::Vector3d>{},
      // The codes' sign: a compressed cell has a positive diagonal.
      .stress_kbar = Eigen::Matrix3d(-point.strain_derivative_ev / structure.lattice.volume_cubic_angstrom() *
                                     kKbarPerEvPerCubicAngstrom),
      .magnetization_bohr = std::nullopt,
      .wall_time_s = std::nullopt,
      .code_version = "KIM API " + kim_api_version(),
      .hull_keys = request.hull_keys};
  for (Eigen::Index i = 0; i < point.forces_ev_per_angstrom.cols(); ++i)
    converged.forces_ev_per_angstrom->push_back(point.forces_ev_per_angstrom.col(i));
  return converged;
}

DftOutcome calculated_or_refused(const std::filesystem::path& directory) {
  const exchange::Request request = exchange::read_request(directory / exchange::kRequestFile);
  try {
    return calculated(request);
  } catch (const InputError& refused) {
    DftFailure failure;
    failure.kind = FailureKind::kInputRefused;
    failure.failure_class = class_of(failure.kind);
    failure.reason = refused.what();
    return failure;
  }
}

}  // namespace

ExitCode run_kim_single_point(const Arguments& arguments) {
  CommandLine line("kim-single-point",
                   "Calculates what request.json in this directory asks, with a KIM potential, and writes result.json. "
                   "Exit code 0 if it converged, 4 if not.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const std::filesystem::path here = ".";
  const DftOutcome outcome = calculated_or_refused(here);
  exchange::write_result(outcome, here);
  return std::holds_alternative<DftConverged>(outcome) ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace hullscan::cli
