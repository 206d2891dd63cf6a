/// @file
/// Validations that a campaign's directory keeps: DIR/validation/NAME.json, each what `hullscan validate --json`
/// prints. The report shows the spread of the models' errors over them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/report/report_content.hpp"

namespace hullscan {

/// Under a name that follows from the text: the same validation twice is kept once. @returns the file.
/// @throws InputError if the directory holds no campaign, StorageError.
std::filesystem::path keep_validation(const std::filesystem::path& directory, const std::string& json);

/// All that are kept, by name. A file that is no validation is left out with a warning.
std::vector<ReportValidation> kept_validations(const std::filesystem::path& directory);

}  // namespace hullscan
