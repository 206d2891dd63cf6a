/// @file
/// The texts of report/ as the build embeds them: page, style, and script with every panel.
#pragma once

namespace hullscan {

extern const char* const kReportTemplate;
extern const char* const kReportStyle;
extern const char* const kReportScript;

}  // namespace hullscan
