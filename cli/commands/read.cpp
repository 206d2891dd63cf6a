/// @file
/// `hullscan read`: judge a finished DFT calculation that hullscan may or may not have started.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "dft_adapters/dft_code.hpp"
#include "dft_adapters/readable_outcome.hpp"

namespace hullscan::cli {
namespace {

Json structure_json(const Structure& structure) {
  Json lattice = Json::array(), species = Json::array(), positions = Json::array();
  for (int i = 0; i < 3; ++i) {
    lattice.push_back({structure.lattice.rows()(i, 0), structure.lattice.rows()(i, 1), structure.lattice.rows()(i, 2)});
  }
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const Eigen::Vector3d& x = structure.positions[i].x;
    species.push_back(structure.species[i].symbol());
    positions.push_back({x[0], x[1], x[2]});
  }
  return {{"lattice_angstrom", lattice}, {"species", species}, {"fractional_positions", positions}};
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json outcome_json(const DftOutcome& outcome) {
  if (const auto* failure = std::get_if<DftFailure>(&outcome)) {
    return {{"converged", false},
            {"reason", failure->reason},
            {"complete", nullptr},
            {"missing", nullptr},
            {"kind", std::string(name_of(failure->kind))},
            {"energy_ev", or_null(failure->energy_ev)},
            {"forces_ev_per_angstrom", nullptr},
            {"stress_kbar", nullptr},
            {"structure", failure->last_structure ? structure_json(*failure->last_structure) : Json(nullptr)},
            {"magnetization", nullptr},
            {"wall_s", or_null(failure->wall_time_s)}};
  }
  const auto& converged = std::get<DftConverged>(outcome);
  Json forces = nullptr, stress = nullptr;
  if (converged.forces_ev_per_angstrom) {
    forces = Json::array();
    for (const Eigen::Vector3d& f : *converged.forces_ev_per_angstrom) forces.push_back({f[0], f[1], f[2]});
  }
  if (converged.stress_kbar) {
    stress = Json::array();
    for (int i = 0; i < 3; ++i) {
      stress.push_back(
          {(*converged.stress_kbar)(i, 0), (*converged.stress_kbar)(i, 1), (*converged.stress_kbar)(i, 2)});
    }
  }
  return {{"converged", true},
          {"reason", "converged"},
          {"complete", converged.missing.empty()},
          {"missing", converged.missing.empty() ? Json(nullptr) : Json(converged.missing)},
          {"kind", converged.calculation},
          {"energy_ev", converged.energy_ev},
          {"forces_ev_per_angstrom", forces},
          {"stress_kbar", stress},
          {"structure", converged.structure.atom_count() == 0 ? Json(nullptr) : structure_json(converged.structure)},
          {"magnetization", or_null(converged.magnetization_bohr)},
          {"wall_s", or_null(converged.wall_time_s)}};
}

}  // namespace

ExitCode run_read(const Arguments& arguments) {
  CommandLine line(
      "read CODE PATH [--json]",
      "Judges a finished calculation as strictly as a campaign does. PATH is an output file or a directory. "
      "Exit code 0 if it is converged, 4 if not.");
  line.flag("json", "one JSON object");
  line.positionals("CODE and PATH", 2, 2);
  if (!line.parse(arguments)) return ExitCode::kDone;

  const std::string& name = line.positional()[0];
  const DftCode* code = find_dft_code(name);
  if (code == nullptr) {
    throw InputError(fmt::format("\"{}\" is not a code that hullscan reads{}; it reads: {}", name,
                                 did_you_mean(name, dft_code_names()), fmt::join(dft_code_names(), ", ")));
  }
  const DftOutcome outcome = with_readable_words(code->read_path(line.positional()[1]));
  const auto* converged = std::get_if<DftConverged>(&outcome);
  if (line.has("json")) {
    std::cout << json_text(outcome_json(outcome), 2) << "\n";
  } else if (converged != nullptr) {
    const bool has_structure = converged->structure.atom_count() > 0;
    fmt::print("converged {}: {:.6f} eV for {}\n", converged->calculation, converged->energy_ev,
               has_structure ? converged->structure.composition().formula() : "a structure that is not known");
    if (!converged->missing.empty())
      fmt::print("not complete: {}; a campaign would not accept it\n", converged->missing);
  } else {
    const auto& failure = std::get<DftFailure>(outcome);
    fmt::print("not accepted: {}: {}\n", name_of(failure.kind), failure.reason);
  }
  return converged != nullptr ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace hullscan::cli
