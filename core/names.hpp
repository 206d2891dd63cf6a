/// @file
/// The rule for names that a campaign file gives. They become parts of file names, of columns, of ids that people type,
/// and of lines in scripts, so what would mean something else there is refused where the name is written.
#pragma once

#include <string>

namespace hullscan {

/// What is wrong with the name of a campaign; "" if nothing is. It is shown, never a file's name: any one line of text
/// without control characters, at most 200 bytes, not blank.
[[nodiscard]] std::string fault_of_campaign_name(const std::string& name);

/// What is wrong with the name of a space; "" if nothing is. It is a part of ids and of file names: it begins with a
/// letter or a digit and holds letters (of any alphabet), digits and any of `- _ . : + = ( ) [ ] @ # % ~` and blanks
/// inside; at most 100 bytes.
[[nodiscard]] std::string fault_of_space_name(const std::string& name);

}  // namespace hullscan
