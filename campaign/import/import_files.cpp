#include "campaign/import/import_files.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/import/competing_phases.hpp"
#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/foreign_text.hpp"
#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/structure_files/extxyz.hpp"
#include "storage/durable_file.hpp"
#include "storage/plain_files.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

std::string frames_of(const std::vector<ImportedResult>& results) {
  std::string text;
  for (const ImportedResult& result : results) {
    const DftConverged& converged = result.converged;
    text +=
        to_extxyz(converged.structure, {{"id", result.task.key}, {"energy", fmt::format("{}", converged.energy_ev)}},
                  converged.forces_ev_per_angstrom.value_or(std::vector<Eigen::Vector3d>{}));
  }
  return text;
}

}  // namespace

std::string write_import_files(const fs::path& directory, const std::vector<ImportedResult>& results, Json provenance) {
  const std::string text = frames_of(results);
  const std::string name = fmt::format("{}/{}", kImportsFolder, hash128_hex(text));
  std::error_code error;
  fs::create_directories(directory / name, error);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", (directory / name).string(), error.message()));
  write_durably(directory / name / kImportedFrames, text);
  write_durably(directory / name / kImportProvenance, json_text(provenance, 1) + "\n");
  sync_directory(directory / kImportsFolder);
  sync_directory(directory);
  return name;
}

const ImportedFiles::Folder& ImportedFiles::folder(const std::string& name) {
  const auto known = folders_.find(name);
  if (known != folders_.end()) return known->second;
  Folder& folder = folders_[name];
  const fs::path file = directory_ / name / kImportedFrames;
  if (!is_plain_file(file)) return folder;
  folder.there = true;
  std::string problem;
  const auto text = file_bytes(file, problem);
  if (!text) {
    folder.fault = problem;
  } else if (hash128_hex(*text) != fs::path(name).filename().string()) {
    folder.fault = fmt::format("{} is not the file that was imported: its checksum differs",
                               (fs::path(name) / kImportedFrames).string());
  } else {
    try {
      for (LabelledFrame& frame : parse_extxyz(*text, file.string())) {
        const auto energy = parse_number(frame.info["energy"]);
        folder.results.insert_or_assign(frame.info["id"], std::pair{std::move(frame.structure), energy.value_or(NAN)});
      }
    } catch (const FormatError& error) {
      folder.fault = error.what();
    }
  }
  return folder;
}

std::string ImportedFiles::difference(const TaskRecord& task, bool& compared) {
  constexpr double kSameEv = 1e-6, kSameAngstrom = 1e-6;
  if (!task.result || task.attempts.empty()) return "";
  const Folder& read = folder(task.attempts.front().directory);
  if (!read.there) return "";
  compared = true;
  if (!read.fault.empty()) return read.fault;
  const auto found = read.results.find(task.task.key);
  if (found == read.results.end()) return "the files of its import do not hold it";
  const auto& [structure, energy] = found->second;
  const DftConverged& held = task.result->converged;
  if (!(std::abs(energy - held.energy_ev) <= kSameEv))
    return fmt::format("its energy is stored as {:.8f} eV, and its import says {:.8f}", held.energy_ev, energy);
  if (structure.species != held.structure.species) return "its stored structure has other atoms than its import";
  if (!((structure.lattice.rows() - held.structure.lattice.rows()).cwiseAbs().maxCoeff() <= kSameAngstrom))
    return "its stored cell differs from that of its import";
  for (std::size_t i = 0; i < held.structure.positions.size(); ++i) {
    Eigen::Vector3d away = structure.positions[i].x - held.structure.positions[i].x;
    away -= Eigen::Vector3d(away.array().round());
    if (!(away.cwiseAbs().maxCoeff() <= kSameAngstrom))
      return fmt::format("the stored position of atom {} differs from that of its import", i + 1);
  }
  return "";
}

std::vector<std::string> import_remarks(const TaskRecord& task) {
  if (task.round != kImportedRound || task.attempts.empty()) return {};
  const Json particulars = foreign_json_or_null(task.attempts.front().particulars);
  const auto imported = particulars.find("imported");
  if (imported == particulars.end() || !imported->is_object()) return {"imported"};
  const auto word = [&](const char* key) {
    const auto found = imported->find(key);
    return found != imported->end() && found->is_string() ? readable_line(found->get<std::string>(), 300)
                                                          : std::string();
  };
  const std::string id = word("id");
  const std::string file = fs::path(word("file")).filename().string() + (id.empty() ? "" : ": " + id);
  if (word("verdict") == "judged") return {"calculated elsewhere: " + file};
  if (word("verdict") == "trusted")
    return {fmt::format("its energy was trusted without a verdict (--trust): {}; from {}", word("reason"), file)};
  return {fmt::format("from {}, which gives its energy and no verdict on it", file)};
}

}  // namespace hullscan
