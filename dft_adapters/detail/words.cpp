#include "dft_adapters/detail/words.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fstream>

namespace hullscan::detail {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  std::size_t i = 0;
  while (i < text.size()) {
    while (i < text.size() && is_space(text[i])) ++i;
    const std::size_t begin = i;
    while (i < text.size() && !is_space(text[i])) ++i;
    if (i > begin) found.emplace_back(text.substr(begin, i - begin));
  }
  return found;
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> found = split(text, '\n');
  if (!found.empty() && found.back().empty()) found.pop_back();
  for (std::string& line : found) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
  }
  return found;
}

std::optional<double> to_number(std::string_view text) {
  std::string plain = trimmed(text);
  if (!plain.empty() && plain.front() == '+') plain.erase(plain.begin());
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return c == 'd' || c == 'D'; }, 'e');
  double value = 0;
  const auto result = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (result.ec != std::errc{} || result.ptr != plain.data() + plain.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::string plain = trimmed(text);
  if (!plain.empty() && plain.front() == '+') plain.erase(plain.begin());
  std::int64_t value = 0;
  const auto result = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (result.ec != std::errc{} || result.ptr != plain.data() + plain.size()) return std::nullopt;
  return value;
}

std::optional<std::string> file_text(const std::filesystem::path& file, std::uintmax_t limit) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  const std::uintmax_t size = std::min(std::filesystem::file_size(file, error), limit);
  if (error) return std::nullopt;
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace hullscan::detail
