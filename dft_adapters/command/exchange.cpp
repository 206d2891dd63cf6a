#include "dft_adapters/command/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/foreign_json.hpp"
#include "core/json_text.hpp"
#include "core/structure_files/extxyz.hpp"
#include "dft_adapters/detail/exit_codes.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/vasp/poscar.hpp"

namespace hullscan::exchange {
namespace {

namespace fs = std::filesystem;

constexpr double kHighestForceEvPerAngstrom = 100;  ///< beyond it two atoms sit on each other
constexpr const char* kFormat = "hullscan-exchange";

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw StorageError(fmt::format("{}: cannot be written", file.string()));
}

/// The numbers of structure.extxyz.
constexpr CoordinateLayout kExtxyzLayout{.decimals = 12, .zero_below = 0};

template <class Vector>
Json row_json(const Vector& row) {
  return {row[0], row[1], row[2]};
}

Eigen::Vector3d vector_of(const Json& json, const char* what) {
  if (!json.is_array() || json.size() != 3) throw FormatError(fmt::format("{}: expected three numbers", what));
  Eigen::Vector3d x;
  for (int i = 0; i < 3; ++i) {
    const Json& one = json[static_cast<std::size_t>(i)];
    if (!one.is_number() || !std::isfinite(one.get<double>()))
      throw FormatError(fmt::format("{}: expected three finite numbers", what));
    x[i] = one.get<double>();
  }
  return x;
}

Eigen::Matrix3d matrix_of(const Json& json, const char* what) {
  if (!json.is_array() || json.size() != 3) throw FormatError(fmt::format("{}: expected three rows", what));
  Eigen::Matrix3d rows;
  for (int i = 0; i < 3; ++i) rows.row(i) = vector_of(json[static_cast<std::size_t>(i)], what);
  return rows;
}

const Json& member(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key)) throw FormatError(fmt::format("{}: missing", key));
  return json[key];
}

double number_of(const Json& json, const char* key) {
  const Json& value = member(json, key);
  if (!value.is_number() || !std::isfinite(value.get<double>()))
    throw FormatError(fmt::format("{}: expected a finite number", key));
  return value.get<double>();
}

std::string text_of(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

FailureKind kind_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(FailureKind::kCrashed); ++i) {
    const auto kind = static_cast<FailureKind>(i);
    if (name_of(kind) == name) return kind;
  }
  return FailureKind::kCrashed;
}

DftFailure failure_of(FailureKind kind, const std::string& reason) {
  DftFailure failure;
  failure.kind = kind;
  failure.failure_class = class_of(kind);
  failure.reason = reason;
  return failure;
}

DftFailure refused_by_program(const Json& result, const Request& request) {
  DftFailure failure = failure_of(kind_named(text_of(result, "kind")), text_of(result, "reason"));
  if (failure.reason.empty()) failure.reason = "the program says that it did not converge, but not why";
  failure.calculation = request.calculation;
  try {
    if (result.contains("structure") && result["structure"].is_object()) {
      Structure last = structure_of(result["structure"]);
      if (last.species == request.structure.species) failure.last_structure = std::move(last);
    }
  } catch (const FormatError&) {
    failure.reason += "; its last structure cannot be read";
  }
  return failure;
}

/// @throws FormatError if the result is not as documented.
DftOutcome judged(const Json& result, const Request& request) {
  const Json& flag = member(result, "converged");
  if (!flag.is_boolean()) throw FormatError("converged: expected true or false");
  if (!flag.get<bool>()) return refused_by_program(result, request);
  const bool moved = result.contains("structure") && !result["structure"].is_null();
  if (!moved && request.calculation != "scf") throw FormatError("structure: missing, and a relaxation was asked for");
  DftConverged converged{.calculation = request.calculation,
                         .energy_ev = number_of(result, "energy_ev"),
                         .structure = moved ? structure_of(result["structure"]) : request.structure,
                         .forces_ev_per_angstrom = std::nullopt,
                         .stress_kbar = std::nullopt,
                         .magnetization_bohr = std::nullopt,
                         .wall_time_s = std::nullopt,
                         .code_version = text_of(result, "code_version"),
                         .hull_keys = request.hull_keys};
  if (converged.structure.species != request.structure.species)
    return failure_of(FailureKind::kRequestNotEchoed, "the final structure has other atoms, or in another order");
  if (const auto& forces = result.value("forces_ev_per_angstrom", Json()); !forces.is_null()) {
    if (!forces.is_array() || forces.size() != converged.structure.atom_count())
      throw FormatError("forces_ev_per_angstrom: expected one row per atom");
    converged.forces_ev_per_angstrom.emplace();
    for (const Json& row : forces)
      converged.forces_ev_per_angstrom->push_back(vector_of(row, "forces_ev_per_angstrom"));
  }
  if (const auto& stress = result.value("stress_kbar", Json()); !stress.is_null())
    converged.stress_kbar = matrix_of(stress, "stress_kbar");
  if (result.contains("magnetization") && result["magnetization"].is_number())
    converged.magnetization_bohr = result["magnetization"].get<double>();
  const double distance = converged.structure.shortest_distance_angstrom();
  if (!(distance >= request.min_distance_angstrom)) {
    return failure_of(FailureKind::kUnphysical, fmt::format("atoms {:.3f} A apart, at least {} A expected", distance,
                                                            request.min_distance_angstrom));
  }
  if (converged.forces_ev_per_angstrom) {
    for (const Eigen::Vector3d& force : *converged.forces_ev_per_angstrom) {
      if (force.norm() > kHighestForceEvPerAngstrom)
        return failure_of(FailureKind::kUnphysical, fmt::format("a force of {:.3g} eV/A", force.norm()));
    }
  }
  return converged;
}

}  // namespace

Json structure_json(const Structure& structure) {
  Json lattice = Json::array(), species = Json::array(), positions = Json::array();
  for (int i = 0; i < 3; ++i) lattice.push_back(row_json(structure.lattice.rows().row(i)));
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    species.push_back(structure.species[i].symbol());
    positions.push_back(row_json(structure.positions[i].x));
  }
  return {{"lattice_angstrom", lattice}, {"species", species}, {"fractional_positions", positions}};
}

Structure structure_of(const Json& json) {
  Structure structure{Lattice(matrix_of(member(json, "lattice_angstrom"), "lattice_angstrom")), {}, {}};
  const Json& species = member(json, "species");
  const Json& positions = member(json, "fractional_positions");
  if (!species.is_array() || !positions.is_array() || species.size() != positions.size() || species.empty())
    throw FormatError("species, fractional_positions: expected two lists of one length");
  for (std::size_t i = 0; i < species.size(); ++i) {
    const auto one = species[i].is_string() ? Species::parse(species[i].get<std::string>()) : std::nullopt;
    if (!one || one->is_vacancy()) throw FormatError("species: expected symbols of elements");
    structure.species.push_back(*one);
    structure.positions.push_back(wrapped(Fractional{vector_of(positions[i], "fractional_positions")}));
  }
  return structure;
}

void write_bare_request(const Request& request, const fs::path& dir) {
  const Json json = {{"format", kFormat},
                     {"version", kVersion},
                     {"calculation", request.calculation},
                     {"structure", structure_json(request.structure)},
                     {"parameters", request.parameters},
                     {"files", request.files},
                     {"hull_keys", request.hull_keys},
                     {"min_distance_angstrom", request.min_distance_angstrom}};
  write_file(dir / kRequestFile, json_text(json, 1) + "\n");
}

void write_request(const Request& request, const fs::path& dir) {
  write_bare_request(request, dir);
  write_file(dir / "structure.extxyz", to_extxyz(request.structure, {}, {}, kExtxyzLayout));
  write_file(dir / "POSCAR", vasp::poscar_text(request.structure, request.structure.composition().formula()));
}

Request read_request(const fs::path& file) {
  const auto text = detail::file_text(file);
  const Json json = text ? foreign_json_or_null(*text) : Json();
  if (!json.is_object() || text_of(json, "format") != kFormat)
    throw FormatError(fmt::format("{}: no request of the format {}", file.string(), kFormat));
  if (json.value("version", Json()) != Json(kVersion))
    throw FormatError(fmt::format("{}: expected version {}", file.string(), kVersion));
  Request request{.calculation = text_of(json, "calculation"),
                  .structure = structure_of(member(json, "structure")),
                  .parameters = json.value("parameters", Json::object()),
                  .files = {},
                  .hull_keys = {},
                  .min_distance_angstrom = number_of(json, "min_distance_angstrom")};
  const auto take = [&](const char* key, std::map<std::string, std::string>& target) {
    const Json named = json.value(key, Json::object());
    for (const auto& [name, value] : named.items()) {
      if (value.is_string()) target[name] = value.get<std::string>();
    }
  };
  take("files", request.files);
  take("hull_keys", request.hull_keys);
  return request;
}

void write_result(const DftOutcome& outcome, const fs::path& dir) {
  Json json;
  if (const auto* failure = std::get_if<DftFailure>(&outcome)) {
    json = {{"converged", false}, {"kind", std::string(name_of(failure->kind))}, {"reason", failure->reason}};
    if (failure->last_structure) json["structure"] = structure_json(*failure->last_structure);
  } else {
    const auto& converged = std::get<DftConverged>(outcome);
    json = {{"converged", true},
            {"energy_ev", converged.energy_ev},
            {"structure", structure_json(converged.structure)},
            {"code_version", converged.code_version}};
    if (converged.forces_ev_per_angstrom) {
      json["forces_ev_per_angstrom"] = Json::array();
      for (const Eigen::Vector3d& f : *converged.forces_ev_per_angstrom)
        json["forces_ev_per_angstrom"].push_back(row_json(f));
    }
    if (converged.stress_kbar) {
      json["stress_kbar"] = Json::array();
      for (int i = 0; i < 3; ++i) json["stress_kbar"].push_back(row_json(converged.stress_kbar->row(i)));
    }
  }
  const fs::path unfinished = dir / (std::string(kResultFile) + ".part");
  write_file(unfinished, json_text(json, 1) + "\n");
  std::error_code error;
  fs::rename(unfinished, dir / kResultFile, error);
  if (error) throw StorageError(fmt::format("{}: {}", (dir / kResultFile).string(), error.message()));
}

std::string why_no_answer(const Json& result, const fs::path& dir) {
  try {
    const DftOutcome outcome = judged(result, read_request(dir / kRequestFile));
    const auto* failure = std::get_if<DftFailure>(&outcome);
    return failure != nullptr && failure->kind == FailureKind::kRequestNotEchoed ? failure->reason : "";
  } catch (const FormatError& not_as_documented) {
    return not_as_documented.what();
  }
}

DftOutcome judge(const fs::path& dir, const std::string& program_output_file) {
  const std::optional<int> exit_code = detail::exit_code_in(detail::file_text(dir / "exit_code", 64).value_or(""));
  std::string said;
  for (const char* name : {"stderr.txt", program_output_file.c_str()}) {
    const auto lines = detail::lines(detail::file_text(dir / name).value_or(""));
    if (said.empty() && !lines.empty()) said = detail::trimmed(lines.back()).substr(0, 300);
  }
  const std::string last_words = said.empty() ? "" : fmt::format("; its last words: \"{}\"", said);
  const auto text = detail::file_text(dir / kResultFile);
  if (!text) {
    const bool begun = exit_code.value_or(0) != detail::kNotFound && exit_code.value_or(0) != detail::kNotExecutable;
    DftFailure failure =
        failure_of(!begun || !exit_code                ? FailureKind::kNotStarted
                   : *exit_code > detail::kFirstSignal ? FailureKind::kTruncated
                                                       : FailureKind::kCrashed,
                   fmt::format("the program left no {} ({}){}", kResultFile, detail::exit_text(exit_code), last_words));
    if (!begun) failure.failure_class = FailureClass::kEnvironment;
    return failure;
  }
  std::string not_json;
  const std::optional<Json> result = parse_foreign_json(*text, not_json);
  if (!result)
    return failure_of(FailureKind::kTruncated, fmt::format("{} is not complete JSON ({}){}", kResultFile,
                                                           detail::exit_text(exit_code), last_words));
  try {
    const Request request = read_request(dir / kRequestFile);
    DftOutcome outcome = judged(*result, request);
    if (std::holds_alternative<DftConverged>(outcome) && exit_code.value_or(0) != 0) {
      return failure_of(FailureKind::kCrashed, fmt::format("{} although {} says converged{}",
                                                           detail::exit_text(exit_code), kResultFile, last_words));
    }
    return outcome;
  } catch (const FormatError& not_as_documented) {
    return failure_of(FailureKind::kCrashed, fmt::format("{}: {}", kResultFile, not_as_documented.what()));
  }
}

std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried) {
  if (failure.failure_class == FailureClass::kEnvironment) return std::nullopt;
  const bool goes_on = failure.last_structure.has_value();
  const auto used = [&](const char* handler) { return std::count(tried.begin(), tried.end(), handler); };
  switch (failure.kind) {
    case FailureKind::kIonicNotConverged:
    case FailureKind::kStoppedByTime:
    case FailureKind::kTimeLimit:
      if (!goes_on || used("exchange-continue") >= 3) return std::nullopt;
      return Correction{"exchange-continue", "on from the last structure", settings, true};
    case FailureKind::kTruncated:
    case FailureKind::kNotStarted:
    case FailureKind::kStoppedByUser:
    case FailureKind::kHung:
      if (used("exchange-same-again") >= 1) return std::nullopt;
      return Correction{"exchange-same-again", "the same once more", settings, goes_on};
    default:
      return std::nullopt;
  }
}

}  // namespace hullscan::exchange
