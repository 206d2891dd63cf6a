/// @file
/// DIR/imports/<hash>/: what one import brought, as files. results.extxyz holds every result as it was stored, and the
/// folder is named by its hash; provenance.json says where they come from.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "storage/records.hpp"

namespace hullscan {

inline constexpr const char* kImportedFrames = "results.extxyz";
inline constexpr const char* kImportProvenance = "provenance.json";

/// Durable before anything refers to it; the same results make the same folder. @returns "imports/<hash>".
std::string write_import_files(const std::filesystem::path& directory, const std::vector<ImportedResult>& results,
                               Json provenance);

/// The folders of a directory, each read once.
class ImportedFiles {
 public:
  explicit ImportedFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}
  /// How an imported result differs from the files of its import, as words; "" if it does not.
  /// @param[out] compared left alone if the files are not there.
  std::string difference(const TaskRecord& task, bool& compared);

 private:
  struct Folder {
    std::string fault;  ///< "" or why nothing can be compared
    bool there = false;
    std::map<std::string, std::pair<Structure, double>> results;  ///< by key of the task: structure, energy
  };
  const Folder& folder(const std::string& name);

  std::filesystem::path directory_;
  std::map<std::string, Folder> folders_;
};

/// What the particulars of an imported result say of where it comes from, for a person: "calculated elsewhere: runs/a".
/// Nothing for the campaign's own.
std::vector<std::string> import_remarks(const TaskRecord& task);

}  // namespace hullscan
