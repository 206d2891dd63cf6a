#include "core/names.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "core/foreign_text.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kLongestCampaignName = 200, kLongestSpaceName = 100;
constexpr std::string_view kAllowedInside = "-_.:+=()[]@#%~ ";

bool is_letter_or_digit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::string fault_of_line(const std::string& name, std::size_t longest) {
  if (name.find_first_not_of(" \t") == std::string::npos) return "is empty";
  if (!is_one_readable_line(name)) {
    return fmt::format(
        "\"{}\" holds a line break or another control character, or is not UTF-8; a name is one line of text",
        readable_line(name, 60));
  }
  if (name.size() > longest)
    return fmt::format("\"{}\" has {} bytes; a name has at most {}", readable_line(name, 60), name.size(), longest);
  return "";
}

}  // namespace

std::string fault_of_campaign_name(const std::string& name) { return fault_of_line(name, kLongestCampaignName); }

std::string fault_of_space_name(const std::string& name) {
  if (std::string fault = fault_of_line(name, kLongestSpaceName); !fault.empty()) return fault;
  if (!is_letter_or_digit(name.front()))
    return fmt::format("\"{}\" begins with '{}'; a name begins with a letter or a digit", name, name.front());
  if (name.back() == ' ') return fmt::format("\"{}\" ends in a blank", name);
  for (const char c : name) {
    if (is_letter_or_digit(c) || kAllowedInside.find(c) != std::string_view::npos) continue;
    return fmt::format(
        "\"{}\" holds '{}'; a name is a part of file names and holds letters, digits, blanks and any of {}", name, c,
        kAllowedInside);
  }
  return "";
}

}  // namespace hullscan
