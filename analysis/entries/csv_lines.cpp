#include "analysis/entries/csv_lines.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>

namespace hullscan {
namespace {

std::vector<CsvField> split_line(const std::string& line, char separator) {
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
    } else if (c == separator) {
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

/// Between runs of blanks. A word in brackets, a unit, is joined to the one before.
std::vector<CsvField> split_at_blanks(const std::string& line) {
  std::vector<CsvField> fields;
  char open = 0;  // '"', or the bracket that ends a unit
  bool in_word = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool blank = (c == ' ' || c == '\t') && open == 0;
    if (blank) {
      in_word = false;
      continue;
    }
    const bool bracket = open == 0 && (c == '(' || c == '[');
    if (!in_word && bracket && !fields.empty()) fields.back().text += ' ';
    if (!in_word && !(bracket && !fields.empty())) fields.push_back({"", static_cast<int>(i) + 1});
    in_word = true;
    if (c == '"' && (open == '"' || fields.back().text.empty())) {
      open = open == '"' ? '\0' : '"';
      continue;
    }
    if (bracket)
      open = c == '(' ? ')' : ']';
    else if (c == open)
      open = 0;
    fields.back().text += c;
  }
  if (open == '"') return {};
  return fields;
}

char likely_separator(const std::string& header) {
  constexpr std::array<char, 3> kSeparators = {',', ';', '\t'};
  std::array<int, 3> found{};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    for (std::size_t i = 0; i < kSeparators.size() && !quoted; ++i) found[i] += c == kSeparators[i] ? 1 : 0;
  }
  return kSeparators[static_cast<std::size_t>(std::max_element(found.begin(), found.end()) - found.begin())];
}

/// "sep=;", which Excel reads and some programs write for it.
std::optional<char> declared_separator(const std::string& line) {
  constexpr std::string_view kWord = "sep=";
  if (line.size() != kWord.size() + 1 || !line.starts_with(kWord)) return std::nullopt;
  return line.back();
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { text += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

std::uint32_t code_unit(const std::string& bytes, std::size_t at, bool little_endian) {
  const auto first = static_cast<unsigned char>(bytes[at]), second = static_cast<unsigned char>(bytes[at + 1]);
  return little_endian ? static_cast<std::uint32_t>(second) << 8 | first
                       : static_cast<std::uint32_t>(first) << 8 | second;
}

std::string from_utf16(const std::string& bytes, bool little_endian) {
  std::string text;
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
    std::uint32_t code = code_unit(bytes, i, little_endian);
    if (code >= 0xD800 && code < 0xDC00 && i + 3 < bytes.size()) {
      code = 0x10000 + ((code - 0xD800) << 10) + (code_unit(bytes, i + 2, little_endian) - 0xDC00);
      i += 2;
    }
    append_utf8(text, code);
  }
  return text;
}

bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = lead < 0x80                   ? 0
                     : lead >= 0xC2 && lead < 0xE0 ? 1
                     : lead >= 0xE0 && lead < 0xF0 ? 2
                     : lead >= 0xF0 && lead < 0xF5 ? 3
                                                   : -1;
    if (more < 0) return false;
    for (int k = 0; k < more; ++k, ++i) {
      if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return false;
    }
  }
  return true;
}

std::string utf8_text(const std::string& bytes, bool& reencoded) {
  reencoded = true;
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes, true);
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes, false);
  reencoded = !is_utf8(bytes);
  if (!reencoded) return bytes;
  std::string text;
  for (const char c : bytes) append_utf8(text, static_cast<unsigned char>(c));
  return text;
}

}  // namespace

bool CsvReader::next(CsvLine& line) {
  std::string text;
  while (std::getline(stream_, text)) {
    if (++number_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (!separator_) {
      separator_ = declared_separator(text);
      if (separator_) continue;
    }
    if (text.find_first_not_of(" \t") == std::string::npos) continue;
    if (!separator_) {
      if (blanks_ && text.front() == '#') text.front() = ' ';  // as numpy begins a header
      separator_ = likely_separator(text);
      if (blanks_ && split_line(text, *separator_).size() == 1 && split_at_blanks(text).size() > 1) separator_ = ' ';
    }
    line = {number_, *separator_ == ' ' ? split_at_blanks(text) : split_line(text, *separator_)};
    return true;
  }
  return false;
}

CsvTable read_csv(const std::string& bytes, bool blanks) {
  CsvTable table;
  std::string text = utf8_text(bytes, table.reencoded);
  // Old Macintosh files end lines with a carriage return alone.
  if (text.find('\n') == std::string::npos) std::replace(text.begin(), text.end(), '\r', '\n');
  std::istringstream stream(text);
  CsvReader reader(stream, blanks);
  for (CsvLine line; reader.next(line);) table.lines.push_back(std::move(line));
  table.separator = reader.separator();
  return table;
}

std::vector<CsvLine> split_csv(const std::string& bytes) { return read_csv(bytes).lines; }

std::optional<double> CsvNumbers::read(const std::string& text, std::string& why) {
  const auto commas = std::count(text.begin(), text.end(), ','), points = std::count(text.begin(), text.end(), '.');
  if (commas == 0 && points == 0) return parse_number(text);
  const bool comma = commas == 1 && points == 0 && comma_allowed_;
  if (!comma && commas > 0) {
    std::string bare;
    std::copy_if(text.begin(), text.end(), std::back_inserter(bare), [](char c) { return c != ',' && c != '.'; });
    if (parse_number(bare)) {
      why = comma_allowed_ ? "thousands are not to be separated"
                           : "the decimal mark is the point, and thousands are not to be separated";
    }
    return std::nullopt;
  }
  std::string number = text;
  if (comma) std::replace(number.begin(), number.end(), ',', '.');
  const auto value = parse_number(number);
  if (!value) return value;
  const char mark = comma ? ',' : '.';
  if (mark_ != 0 && mark_ != mark) {
    why = fmt::format("numbers above have a decimal {}, and what separates thousands must be left out",
                      mark_ == ',' ? "comma" : "point");
    return std::nullopt;
  }
  mark_ = mark;
  return value;
}

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const char* begin = text.data();
  if (!text.empty() && *begin == '+') ++begin;
  const auto [end, fault] = std::from_chars(begin, text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || begin == end) return std::nullopt;
  return value;
}

std::string with_decimal_points(std::string formula, char separator) {
  if (separator != ',') std::replace(formula.begin(), formula.end(), ',', '.');
  return formula;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::vector<CsvLine> csv_records(const std::string& bytes) {
  std::vector<CsvLine> records;
  bool quoted = false;
  int line = 1, first_line = 1;
  std::size_t begin = 0;
  const auto end_record = [&](std::size_t end) {
    std::string text = bytes.substr(begin, end - begin);
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (!text.empty()) records.push_back({first_line, split_line(text, ',')});
    begin = end + 1;
    first_line = line + 1;
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '"') quoted = !quoted;
    if (bytes[i] != '\n') continue;
    if (!quoted) end_record(i);
    ++line;
  }
  if (quoted) return {};
  end_record(bytes.size());
  return records;
}

}  // namespace hullscan
