/// @file
/// The texts of report/ as the build embeds them: page, style, and script with every panel.
#pragma once

#include <string>

namespace hullscan {

const std::string& report_template();
const std::string& report_style();
const std::string& report_script();

}  // namespace hullscan
