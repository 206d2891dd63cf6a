#include "analysis/csv_lines.hpp"

#include <charconv>
#include <sstream>

namespace hullscan {
namespace {

std::vector<CsvField> split_line(const std::string& line) {
  std::vector<CsvField> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back().text += c;
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        fields.back().text += c;
      }
    } else if (c == '"' && fields.back().text.find_first_not_of(" \t") == std::string::npos) {
      quoted = true;
      fields.back().text.clear();
    } else if (c == ',') {
      fields.push_back({"", static_cast<int>(i) + 2});
    } else {
      fields.back().text += c;
    }
  }
  if (quoted) return {};
  for (CsvField& field : fields) {
    const std::size_t first = field.text.find_first_not_of(" \t");
    if (first == std::string::npos) {
      field.text.clear();
    } else {
      field.text = field.text.substr(first, field.text.find_last_not_of(" \t") - first + 1);
    }
  }
  return fields;
}

}  // namespace

bool CsvReader::next(CsvLine& line) {
  std::string text;
  while (std::getline(stream_, text)) {
    if (++number_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.find_first_not_of(" \t") == std::string::npos) continue;
    line = {number_, split_line(text)};
    return true;
  }
  return false;
}

std::vector<CsvLine> split_csv(const std::string& text) {
  std::istringstream stream(text);
  CsvReader reader(stream);
  std::vector<CsvLine> lines;
  for (CsvLine line; reader.next(line);) lines.push_back(std::move(line));
  return lines;
}

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const char* begin = text.data();
  if (!text.empty() && *begin == '+') ++begin;
  const auto [end, fault] = std::from_chars(begin, text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || begin == end) return std::nullopt;
  return value;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace hullscan
