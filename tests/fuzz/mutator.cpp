#include "mutator.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace hullscan::fuzz {
namespace {

using std::string_view_literals::operator""sv;

/// What readers of numbers, texts and structures have stumbled over.
constexpr std::array kWords = {"0"sv,
                               "-0"sv,
                               "-1"sv,
                               "1"sv,
                               "2"sv,
                               "255"sv,
                               "256"sv,
                               "65536"sv,
                               "2147483647"sv,
                               "2147483648"sv,
                               "-2147483648"sv,
                               "4294967296"sv,
                               "9223372036854775807"sv,
                               "9223372036854775808"sv,
                               "-9223372036854775809"sv,
                               "18446744073709551616"sv,
                               "99999999999999999999999"sv,
                               "1e309"sv,
                               "-1e309"sv,
                               "1e300"sv,
                               "-1e300"sv,
                               "1e19"sv,
                               "1e-320"sv,
                               "1e-400"sv,
                               "0.1e-15"sv,
                               "1D+02"sv,
                               "nan"sv,
                               "NaN"sv,
                               "inf"sv,
                               "-inf"sv,
                               "Infinity"sv,
                               "********"sv,
                               "0x10"sv,
                               "1_000"sv,
                               "1,5"sv,
                               "1.2.3"sv,
                               "."sv,
                               "-"sv,
                               "+"sv,
                               "1/0"sv,
                               "1/3"sv,
                               "true"sv,
                               "null"sv,
                               "[]"sv,
                               "{}"sv,
                               "\"\""sv,
                               "''"sv,
                               "Va"sv,
                               "X"sv,
                               "Xx"sv,
                               "D"sv,
                               "Uuo"sv,
                               "Al"sv,
                               "O2-"sv,
                               "H"sv,
                               "rest"sv,
                               "0..9999999999"sv,
                               "5%..10%"sv,
                               "?"sv,
                               "#"sv,
                               ";"sv,
                               "\n;\n"sv,
                               "\\"sv,
                               "\r"sv,
                               "\r\n"sv,
                               "\t"sv,
                               "\0"sv,
                               "\x1b[31m"sv,
                               "\xff"sv,
                               "\xc3\xa9"sv,
                               "\xc3"sv,
                               "\xe9"sv,
                               "\xef\xbb\xbf"sv,
                               "\xff\xfe"sv,
                               "\xed\xa0\x80"sv,
                               "../../x"sv,
                               "/dev/null"sv,
                               "%s%n"sv,
                               "{}{0}"sv,
                               "$(x)"sv,
                               "<a>"sv,
                               "</a>"sv,
                               "&lt;"sv,
                               "<!--"sv,
                               "]]>"sv,
                               "*1000000000"sv,
                               "1000000000*1"sv,
                               "(x999999)"sv,
                               "[0-999999999]"sv,
                               "x,y,z"sv,
                               "-x,1/2+y,z"sv,
                               "e"sv,
                               "E5"sv,
                               "--"sv,
                               "--json"sv,
                               "="sv,
                               ":"sv,
                               "|"sv};

bool is_of_number(char c) {
  return (std::isdigit(static_cast<unsigned char>(c)) != 0) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}
bool is_blank_or_mark(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0 ||
         std::string_view(",;:=|[](){}\"'<>").find(c) != std::string_view::npos;
}

/// [begin, end) of the longest run about `at` of characters for which `inside` holds.
template <class Inside>
std::pair<std::size_t, std::size_t> run_about(const std::string& text, std::size_t at, Inside inside) {
  std::size_t begin = at, end = at;
  while (begin > 0 && inside(text[begin - 1])) --begin;
  while (end < text.size() && inside(text[end])) ++end;
  return {begin, end};
}

std::pair<std::size_t, std::size_t> line_at(const std::string& text, std::size_t at) {
  auto [begin, end] = run_about(text, at, [](char c) { return c != '\n'; });
  return {begin, std::min(end + 1, text.size())};
}

std::string repeated(std::string_view text, std::size_t times, std::size_t room) {
  std::string all;
  for (std::size_t i = 0; i < times && all.size() + text.size() < room; ++i) all += text;
  return all;
}

}  // namespace

void Mutator::change(std::string& text, const std::vector<std::string>& corpus) {
  constexpr std::array<std::string_view, 12> kOpeners = {"[",      "{",  "(",  "{\"a\":", "[[",  "<a>",
                                                         "<a><b>", "- ", "\"", "a.",      "((1", "x = {x="};
  const std::size_t at = below(text.size() + 1);
  const std::string_view word = kWords[below(kWords.size())];
  switch (below(20)) {
    case 0:
      if (!text.empty()) text[below(text.size())] = static_cast<char>(below(256));
      return;
    case 1:
      if (!text.empty()) text[below(text.size())] ^= static_cast<char>(1U << below(8));
      return;
    case 2:
      text.insert(at, 1, static_cast<char>(below(256)));
      return;
    case 3:
      text.erase(at, 1 + below(16));
      return;
    case 4:
      text.resize(at);
      return;
    case 5:
      text.erase(0, at);
      return;
    case 6:
      text.insert(at, word);
      return;
    case 7:
    case 8:
    case 9: {  // a number, or what stands there, becomes an extreme
      std::size_t digit = at;
      while (digit < text.size() && std::isdigit(static_cast<unsigned char>(text[digit])) == 0) ++digit;
      if (digit >= text.size()) return;
      const auto [begin, end] = run_about(text, digit, is_of_number);
      text.replace(begin, end - begin, word);
      return;
    }
    case 10: {  // a word becomes another
      const auto [begin, end] = run_about(text, at, [](char c) { return !is_blank_or_mark(c); });
      text.replace(begin, end - begin, word);
      return;
    }
    case 11: {
      const auto [begin, end] = line_at(text, at);
      text.erase(begin, end - begin);
      return;
    }
    case 12: {
      const auto [begin, end] = line_at(text, at);
      const std::string line = text.substr(begin, end - begin);
      text.insert(below(text.size() + 1), line);
      return;
    }
    case 13: {  // a line, often
      const auto [begin, end] = line_at(text, at);
      const std::string line = text.substr(begin, end - begin);
      text.insert(begin, repeated(line, below(2) == 0 ? 2 + below(20) : 1000, kLargestInput / 8));
      return;
    }
    case 14: {  // a word of another input, or of this one
      const std::string& other = corpus[below(corpus.size())];
      const auto [begin, end] = run_about(other, below(other.size() + 1), [](char c) { return !is_blank_or_mark(c); });
      const auto [to, until] = run_about(text, at, [](char c) { return !is_blank_or_mark(c); });
      text.replace(to, until - to, other.substr(begin, end - begin));
      return;
    }
    case 15: {  // a line of another input
      const std::string& other = corpus[below(corpus.size())];
      const auto [begin, end] = line_at(other, below(other.size() + 1));
      text.insert(line_at(text, at).first, other.substr(begin, end - begin));
      return;
    }
    case 16: {  // the head of this one and the tail of another
      const std::string& other = corpus[below(corpus.size())];
      text.resize(at);
      text += other.substr(below(other.size() + 1));
      return;
    }
    case 17: {
      const std::size_t depth = below(8) == 0 ? 400'000 : 2 + below(60);
      if (below(8) == 0 || depth < 100)
        text.insert(at, repeated(kOpeners[below(kOpeners.size())], depth, kLargestInput / 2));
      return;
    }
    case 18: {
      const std::size_t from = below(text.size() + 1), length = below(64);
      const std::string part = text.substr(from, length);
      text.insert(at, part);
      return;
    }
    default: {  // one character, very often
      if (text.empty() || below(4) != 0) return;
      text.insert(at, std::string(1 + below(below(8) == 0 ? 100'000 : 300), text[below(text.size())]));
      return;
    }
  }
}

std::string Mutator::next(const std::vector<std::string>& corpus) {
  std::string text = corpus[below(corpus.size())];
  for (std::size_t changes = 1 + below(below(2) == 0 ? 2 : 8); changes > 0; --changes) change(text, corpus);
  if (text.size() > kLargestInput) text.resize(kLargestInput);
  return text;
}

}  // namespace hullscan::fuzz
