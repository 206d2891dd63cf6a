#include <string_view>

#include "analysis/report/report_files.hpp"
#include "analysis/report/report_parts.hpp"
#include "analysis/report/report_template.hpp"
#include "core/json_text.hpp"

namespace hullscan {

std::string html_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string json_for_script(const Json& json) {
  const std::string text = json_text(json);
  std::string escaped;
  escaped.reserve(text.size());
  // "<" occurs in strings only, so "</script" and "<!--" cannot end or change the element.
  for (const char c : text) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string report_html(const Report& report) {
  std::string page;
  std::string_view rest = report_template();
  while (!rest.empty()) {
    const std::size_t at = rest.find("{{");
    page += rest.substr(0, at);
    if (at == std::string_view::npos) break;
    const std::size_t end = rest.find("}}", at);
    const std::string_view name = rest.substr(at + 2, end - at - 2);
    if (name == "title") page += html_escaped(report.content.campaign);
    if (name == "style") page += report_style();
    if (name == "script") page += report_script();
    if (name == "report") page += json_for_script(page_json(report));
    rest = rest.substr(end + 2);
  }
  return page;
}

}  // namespace hullscan
