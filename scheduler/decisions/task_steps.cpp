#include "scheduler/decisions/task_steps.hpp"

#include <fmt/format.h>

#include "core/hash.hpp"
#include "core/json.hpp"

namespace hullscan {
namespace {

constexpr const char* kDone = "step_done";  ///< key of the particulars

Json structure_json(const Structure& structure) {
  Json lattice = Json::array(), sites = Json::array();
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) lattice.push_back(structure.lattice.rows()(i, j));
  }
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const Eigen::Vector3d& x = structure.positions[i].x;
    sites.push_back({std::string(structure.species[i].symbol()), x[0], x[1], x[2]});
  }
  return {{"lattice_angstrom", std::move(lattice)}, {"sites", std::move(sites)}};
}

Structure structure_of(const Json& json) {
  Eigen::Matrix3d rows;
  for (int i = 0; i < 9; ++i)
    rows(i / 3, i % 3) = json.at("lattice_angstrom").at(static_cast<std::size_t>(i)).get<double>();
  Structure structure{Lattice(rows), {}, {}};
  for (const Json& site : json.at("sites")) {
    structure.species.push_back(Species::from_symbol(site.at(0).get<std::string>()));
    structure.positions.push_back(
        Fractional{{site.at(1).get<double>(), site.at(2).get<double>(), site.at(3).get<double>()}});
  }
  return structure;
}

}  // namespace

std::string step_name(const DftSettings& settings) {
  const auto found = settings.values.find(kStepKey);
  return found == settings.values.end() ? "" : found->second;
}

std::string with_done_step(const std::string& particulars, const DftConverged& result, const std::string& name,
                           double wall_time_s) {
  Json json = Json::parse(particulars);
  json[kDone] = {{"name", name.empty() ? result.calculation : name},
                 {"calculation", result.calculation},
                 {"energy_ev", result.energy_ev},
                 {"wall_s", wall_time_s},
                 {"structure", structure_json(result.structure)}};
  return json.dump();
}

std::optional<DoneStep> done_step(const AttemptRecord& attempt) {
  // What was noted before a crash and then judged otherwise does not count.
  if (!attempt.outcome.starts_with(kStepDoneOutcome)) return std::nullopt;
  const Json particulars = Json::parse(attempt.particulars);
  const auto found = particulars.find(kDone);
  if (found == particulars.end()) return std::nullopt;
  return DoneStep{attempt.number,
                  found->at("name").get<std::string>(),
                  found->at("calculation").get<std::string>(),
                  found->at("energy_ev").get<double>(),
                  structure_of(found->at("structure")),
                  found->at("wall_s").get<double>()};
}

std::vector<DoneStep> done_steps(const TaskRecord& task) {
  std::vector<DoneStep> steps;
  for (const AttemptRecord& attempt : task.attempts) {
    if (auto step = done_step(attempt)) steps.push_back(std::move(*step));
  }
  return steps;
}

DftConverged joined(DftConverged last, std::span<const DoneStep> before) {
  if (before.empty() || last.calculation != "scf") return last;
  last.structure = before.back().structure;
  last.calculation = before.back().calculation;
  return last;
}

std::optional<double> pulay_correction_ev_per_atom(const TaskRecord& task) {
  const std::vector<DoneStep> steps = done_steps(task);
  if (steps.empty() || !task.result) return std::nullopt;
  const DftConverged& result = task.result->converged;
  return (result.energy_ev - steps.back().energy_ev) / static_cast<double>(result.structure.atom_count());
}

std::string step_mark(const DftSettings& settings, const Structure& start) {
  const std::string name = step_name(settings);
  if (name.empty()) return "";
  return fmt::format("{}\nbegins in {}\n", name, hash128_hex(structure_json(start).dump()));
}

}  // namespace hullscan
