/// @file
/// Where results come from. A source is a file of its own that recognises what it can read by its content; adding one:
/// a file of this shape, a line here and one in result_source.cpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/import/foreign_result.hpp"

namespace hullscan {

/// What a person names on the command line, looked into once.
struct ImportPath {
  std::filesystem::path path;
  bool directory = false;
  std::string beginning = {};  ///< the first bytes of a file, at most kBeginning
};
inline constexpr std::size_t kBeginning = 4096;
/// @throws InputError if there is no such file or directory.
[[nodiscard]] ImportPath look_at(const std::filesystem::path& path);

struct ReadingOptions {
  bool trust = false;  ///< take energies of calculations that are not accepted
};

struct ResultSource {
  const char* kind;
  const char* wanted;  ///< for messages: "extended XYZ with energies"
  bool (*recognises)(const ImportPath& path);
  /// Adds what it finds. What is no result is left out with its reason; a file that is broken as a whole throws.
  /// @throws InputError, FormatError, StorageError.
  void (*read)(const ImportPath& path, const ReadingOptions& options, Reading& reading);
};

const ResultSource& campaign_source();     ///< another directory of hullscan
const ResultSource& calculation_source();  ///< of VASP or Quantum ESPRESSO, and folders of such
const ResultSource& ase_source();          ///< databases of ASE
const ResultSource& entries_source();      ///< JSON of entries
const ResultSource& extxyz_source();
const ResultSource& csv_source();

/// By content; the first that recognises it reads it. @throws InputError that names what could have been read.
void read_results(const std::filesystem::path& path, const ReadingOptions& options, Reading& reading);

// What sources share.
/// What lies in a directory, by name; nothing where it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> sorted_content(const std::filesystem::path& directory);
/// A total energy, eV; nothing for a text that is no finite number.
[[nodiscard]] std::optional<double> finite_number(const std::string& text);
/// A result of the structure, its composition with it.
[[nodiscard]] ForeignResult result_of(const ImportPath& path, const char* kind, std::string id, Structure structure,
                                      double energy_ev);

}  // namespace hullscan
