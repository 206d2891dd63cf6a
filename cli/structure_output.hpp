/// @file
/// Structures as files of a folder: --format, --standardise, --primitive, --symprec, --out of the commands that rank.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "campaign/top.hpp"
#include "cli/command_line.hpp"

namespace hullscan::cli {

/// Declares --standardise, --primitive and --symprec.
void declare_structure_options(CommandLine& line);

class StructureOutput {
 public:
  /// Before the work. @param folder where they go; it must not exist. @throws InputError unless it can be made.
  StructureOutput(const CommandLine& line, std::filesystem::path folder, std::string format);
  /// All files or none: the folder has its name once they are all there. @returns their names, in the list's order.
  [[nodiscard]] std::vector<std::string> write(const TopList& list) const;

 private:
  [[nodiscard]] Structure written(const TopStructure& one) const;

  std::filesystem::path folder_;
  std::string format_;
  bool standardise_, primitive_;
  double symprec_angstrom_;
};

inline constexpr double kUsualSymprecAngstrom = 0.01;
double symprec_of(const CommandLine& line);  ///< --symprec
/// The value of an option that is one of these. @throws InputError naming them.
std::string one_of(const CommandLine& line, const std::string& option, const std::vector<std::string>& choices,
                   const std::string& otherwise);
/// "R-3m", "?" where it was not found.
std::string group_text(const TopStructure& one);
struct StructureFile {
  std::string name, text;
};
/// ".cif", ".vasp", ".extxyz".
std::string ending_of(const std::string& format);
/// All files or none: the folder has its name once they are all there. @returns their names, in order.
/// @throws InputError if there is something of that name, StorageError.
std::vector<std::string> write_new_folder(const std::filesystem::path& folder, const std::vector<StructureFile>& files);
/// "folder: 10 files".
void print_files(const std::filesystem::path& folder, const std::vector<std::string>& files);

}  // namespace hullscan::cli
