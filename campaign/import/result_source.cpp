#include "campaign/import/result_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// In this order: what is told by its content alone comes first, what has hardly any marks last.
const std::array<const ResultSource*, 6>& result_sources() {
  static const std::array sources = {&campaign_source(), &calculation_source(), &ase_source(),
                                     &entries_source(),  &extxyz_source(),      &csv_source()};
  return sources;
}

}  // namespace

std::string name_of(ImportVerdict verdict) {
  switch (verdict) {
    case ImportVerdict::kJudged:
      return "judged";
    case ImportVerdict::kTrusted:
      return "trusted";
    case ImportVerdict::kNone:
      break;
  }
  return "none";
}

ResultDetails details_of(DftConverged&& converged) {
  return {std::move(converged.calculation),
          std::move(converged.forces_ev_per_angstrom),
          converged.stress_kbar,
          converged.magnetization_bohr,
          converged.wall_time_s,
          std::move(converged.code_version)};
}

std::string name_of(const ForeignResult& result) {
  return result.id.empty() ? result.file.string() : fmt::format("{}: {}", result.file.string(), result.id);
}

ImportPath look_at(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw InputError(fmt::format("{}: no such file or directory", path.string()));
  ImportPath found{path, fs::is_directory(status)};
  if (found.directory) return found;
  if (!fs::is_regular_file(status)) throw InputError(fmt::format("{}: is not a file or a directory", path.string()));
  std::ifstream stream(path, std::ios::binary);
  found.beginning.resize(kBeginning);
  stream.read(found.beginning.data(), kBeginning);
  found.beginning.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));
  return found;
}

void read_results(const fs::path& path, const ReadingOptions& options, Reading& reading) {
  const ImportPath found = look_at(path);
  for (const ResultSource* source : result_sources()) {
    if (source->recognises(found)) return source->read(found, options, reading);
  }
  std::string wanted;
  for (const ResultSource* source : result_sources()) wanted += fmt::format("\n  {}", source->wanted);
  throw InputError(
      fmt::format("{}: holds no results that can be recognised; what can be read:{}", path.string(), wanted));
}

std::vector<fs::path> sorted_content(const fs::path& directory) {
  std::vector<fs::path> content;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    content.push_back(it->path());
  std::sort(content.begin(), content.end());
  return content;
}

std::optional<double> finite_number(const std::string& text) {
  const auto number = parse_number(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

ForeignResult result_of(const ImportPath& path, const char* kind, std::string id, Structure structure,
                        double energy_ev) {
  ForeignResult result;
  result.id = std::move(id);
  result.file = path.path;
  result.kind = kind;
  result.composition = structure.composition();
  result.structure = std::move(structure);
  result.energy_ev = energy_ev;
  return result;
}

}  // namespace hullscan
