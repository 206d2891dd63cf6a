// Calculations of VASP and Quantum ESPRESSO that somebody else started, and folders of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "campaign/import/result_source.hpp"
#include "core/errors.hpp"
#include "core/hash.hpp"
#include "dft_adapters/dft_code.hpp"
#include "dft_adapters/readable_outcome.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 12;
constexpr std::size_t kMostLookedInto = 400;  ///< files of one folder

/// The code whose output a file is; "" if it is none.
std::string code_of_file(const ImportPath& file) {
  std::string name = file.path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name.starts_with("vasprun.xml") || name.starts_with("outcar")) return "vasp";
  const auto says = [&](const char* words) { return file.beginning.find(words) != std::string::npos; };
  if (says("<modeling") || says(" vasp.5") || says(" vasp.6")) return "vasp";
  if (says("Program PWSCF") || says("qes:espresso")) return "quantum-espresso";
  return "";
}

struct FoundCalculation {
  std::string code;
  std::vector<fs::path> outputs;  ///< what says so: hashed
};

FoundCalculation calculation_in(const fs::path& directory) {
  FoundCalculation found;
  std::size_t looked = 0;
  for (const fs::path& file : sorted_content(directory)) {
    std::error_code error;
    if (!fs::is_regular_file(file, error) || ++looked > kMostLookedInto) continue;
    const std::string code = code_of_file(look_at(file));
    if (code.empty() || (!found.code.empty() && found.code != code)) continue;
    found.code = code;
    found.outputs.push_back(file);
  }
  return found;
}

/// "" if it could be read; else why it is no result.
void read_calculation(const fs::path& path, const FoundCalculation& found, const ReadingOptions& options,
                      Reading& reading) {
  ForeignResult result;
  result.file = path;
  result.kind = found.code;
  const auto leave_out = [&](const std::string& why) { reading.left_out.push_back({path.string(), why}); };
  std::string hashes;
  std::optional<DftOutcome> read;
  try {
    for (const fs::path& output : found.outputs) hashes += file_hash128_hex(output);
    read = with_readable_words(find_dft_code(found.code)->read_path(path));
  } catch (const Error& error) {
    return leave_out(error.what());
  }
  result.hash = found.outputs.size() == 1 ? hashes : hash128_hex(hashes);
  DftOutcome& outcome = *read;
  if (auto* failure = std::get_if<DftFailure>(&outcome)) {
    const std::string why = fmt::format("not accepted: {}: {}", name_of(failure->kind), failure->reason);
    if (!options.trust) return leave_out(why);
    if (!failure->energy_ev || !failure->last_structure || failure->last_structure->atom_count() == 0)
      return leave_out(why + "; and it has no energy with a structure that could be trusted");
    result.energy_ev = *failure->energy_ev;
    result.structure = std::move(failure->last_structure);
    result.more.calculation = failure->calculation;
    result.verdict = ImportVerdict::kTrusted;
    result.reason = why;
  } else {
    auto& converged = std::get<DftConverged>(outcome);
    if (converged.structure.atom_count() == 0) return leave_out("its structure is not in its files");
    if (!converged.missing.empty() && !options.trust) {
      return leave_out(fmt::format("its verdict is not complete: {}; --trust takes its energy", converged.missing));
    }
    result.verdict = converged.missing.empty() ? ImportVerdict::kJudged : ImportVerdict::kTrusted;
    result.reason = converged.missing;
    result.energy_ev = converged.energy_ev;
    result.structure = converged.structure;
    result.keys = converged.hull_keys;
    result.more = details_of(std::move(converged));
  }
  if (result.keys.empty()) result.keys["code"] = found.code;
  result.composition = result.structure->composition();
  reading.results.push_back(std::move(result));
}

/// Every calculation in a folder and below it. @returns how many there are.
std::size_t read_folder(const fs::path& directory, const ReadingOptions& options, Reading& reading, int depth) {
  const FoundCalculation here = calculation_in(directory);
  if (!here.code.empty()) {
    read_calculation(directory, here, options, reading);
    return 1;
  }
  std::size_t found = 0;
  for (const fs::path& below : sorted_content(directory)) {
    std::error_code error;
    if (depth < kDeepest && fs::is_directory(below, error) && !fs::is_symlink(below, error))
      found += read_folder(below, options, reading, depth + 1);
  }
  return found;
}

bool is_calculation(const ImportPath& path) { return path.directory || !code_of_file(path).empty(); }

void read_calculations(const ImportPath& path, const ReadingOptions& options, Reading& reading) {
  if (!path.directory) return read_calculation(path.path, {code_of_file(path), {path.path}}, options, reading);
  if (read_folder(path.path, options, reading, 0) == 0) {
    throw InputError(
        fmt::format("{}: neither a campaign directory, nor does it or a folder below it hold the output of VASP "
                    "(vasprun.xml, OUTCAR) "
                    "or Quantum ESPRESSO (pw.x's output or its XML); files of other kinds are named one by one",
                    path.path.string()));
  }
}

}  // namespace

const ResultSource& calculation_source() {
  static const ResultSource source{"calculation",
                                   "a calculation of VASP or Quantum ESPRESSO, or a folder of such calculations",
                                   is_calculation, read_calculations};
  return source;
}

}  // namespace hullscan
