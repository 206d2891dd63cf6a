/// @file
/// Whether a pw.x calculation is accepted. A result counts only if every sign agrees: exit code, end marker, complete
/// XML, thresholds met, the request echoed, sane distances and forces, files whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/dft.hpp"

namespace hullscan::qe {

/// The files of one calculation. An empty path: there is none.
struct CalculationFiles {
  std::filesystem::path input;
  std::filesystem::path output;
  std::filesystem::path xml;  ///< PREFIX.xml: written at a clean end
  std::filesystem::path crash;
  std::filesystem::path save_directory;    ///< PREFIX.save
  std::filesystem::path pseudo_directory;  ///< where the files named in the input lie, if not in the save directory
  std::optional<int> exit_code;            ///< 128 + signal; nothing = not known
};

/// A directory as an executor of ours leaves it; names from the input file where there is one.
CalculationFiles files_of_directory(const std::filesystem::path& dir);
/// The files beside an output or XML file: same stem, or what the output says it read.
/// @throws InputError if the path does not exist, or a directory holds several calculations.
CalculationFiles files_of_path(const std::filesystem::path& file_or_directory);

/// Reads the files, plain or gzipped, and decides. Never throws for what they hold.
DftOutcome judge(const CalculationFiles& files);

/// The same for a calculation that is read alone: where input, output or XML is not there, what is there decides, and
/// DftConverged::missing says what could not be looked at. No campaign accepts such a result.
DftOutcome judge_what_is_there(const CalculationFiles& files);

/// At most `limit` bytes of a file, unpacked; nothing if it cannot be read.
std::optional<std::string> text_of(const std::filesystem::path& file, std::uintmax_t limit = 1u << 30);

}  // namespace hullscan::qe
