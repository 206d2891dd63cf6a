/// @file
/// The files of one VASP run: plain as VASP leaves them, or packed and renamed as job managers do
/// (OUTCAR.gz, vasprun.xml.relax2.gz).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace hullscan::vasp {

class RunFiles {
 public:
  /// Only the plain names: what an executor of ours leaves.
  static RunFiles plain(const std::filesystem::path& folder);
  /// Whatever belongs together. @param file_or_directory a directory, or an OUTCAR or vasprun.xml: one by another
  /// name
  /// ("OUTCAR_slab") is taken alone, for nobody knows what belongs to it.
  static RunFiles found(const std::filesystem::path& file_or_directory);

  /// "" if there is none. @param name as VASP writes it: "OUTCAR".
  [[nodiscard]] std::filesystem::path path(const std::string& name) const;
  /// Unpacked; nothing if there is none or it is damaged.
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;
  /// Standard output and standard error, under every name that is usual for them, one behind the other.
  [[nodiscard]] std::string standard_output() const;

 private:
  std::filesystem::path folder_;
  std::string suffix_;                              ///< ".relax2", or ""
  std::filesystem::path named_xml_, named_outcar_;  ///< files that were named themselves
  bool packed_ = false;                             ///< .gz and the names that people give are looked for too
  bool alone_ = false;                              ///< nothing but the file that was named
};

}  // namespace hullscan::vasp
