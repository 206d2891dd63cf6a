/// @file
/// Validations that a campaign's directory keeps: DIR/validation/NAME.json, each what `hullscan validate --json`
/// prints. The report shows the spread of the models' errors over them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/report/report_content.hpp"
#include "core/campaign/campaign.hpp"
#include "core/json.hpp"

namespace hullscan {

/// What `hullscan validate --json` prints, as the report shows it: one for each repeat of its folds. @throws
/// Json::exception for anything else.
std::vector<ReportValidation> validations_in(const Json& json, const std::string& name);
/// A page of its own in the report's style, with what the report shows of validations alone.
std::string validation_page(const Campaign& campaign, std::vector<ReportValidation> validations);

/// Under a name that follows from the text: the same validation twice is kept once. @returns the file.
/// @throws InputError if the directory holds no campaign, StorageError.
std::filesystem::path keep_validation(const std::filesystem::path& directory, const std::string& json);

/// All that are kept, by name. A file that is no validation is left out with a warning.
std::vector<ReportValidation> kept_validations(const std::filesystem::path& directory);

}  // namespace hullscan
