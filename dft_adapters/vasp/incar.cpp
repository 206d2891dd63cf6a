#include "dft_adapters/vasp/incar.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/vasp/incar_tags.hpp"

namespace hullscan::vasp {
namespace {

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// A number as Fortran reads it: "1d-5", ".5", "4.", and "1.0-5", which has no letter before its exponent.
std::optional<double> fortran_number(const std::string& word) {
  if (const auto number = detail::to_number(word)) return number;
  const std::size_t sign = word.find_first_of("+-", 1);
  if (sign == std::string::npos) return std::nullopt;
  const char before = word[sign - 1];
  if (before != '.' && std::isdigit(static_cast<unsigned char>(before)) == 0) return std::nullopt;
  return detail::to_number(word.substr(0, sign) + "e" + word.substr(sign));
}

/// "3*0.6": as many times the number behind it.
bool is_multiplied(const std::string& word) {
  const std::size_t star = word.find('*');
  return star != std::string::npos && detail::to_integer(word.substr(0, star)) && fortran_number(word.substr(star + 1));
}

std::optional<bool> logical(const std::string& word) {
  const std::string upper = upper_case(word);
  if (upper == "T" || upper == ".T." || upper == ".T" || upper == ".TRUE." || upper == ".TRUE" || upper == "TRUE")
    return true;
  if (upper == "F" || upper == ".F." || upper == ".F" || upper == ".FALSE." || upper == ".FALSE" || upper == "FALSE")
    return false;
  return std::nullopt;
}

std::string normalised_word(const std::string& word) {
  if (const auto flag = logical(word)) return *flag ? ".TRUE." : ".FALSE.";
  if (const auto number = fortran_number(word)) return fmt::format("{}", *number);
  return word;
}

std::string unquoted(std::string_view value) {
  std::string plain = detail::trimmed(value);
  if (plain.size() >= 2 && (plain.front() == '"' || plain.front() == '\'') && plain.back() == plain.front())
    plain = detail::trimmed(std::string_view(plain).substr(1, plain.size() - 2));
  return plain;
}

/// Fortran parts the values of a list by blanks or commas.
std::vector<std::string> values_of(const std::string& text) {
  std::string blank = text;
  std::replace(blank.begin(), blank.end(), ',', ' ');
  return detail::words(blank);
}

std::size_t words_that_count(TagKind kind, const std::vector<std::string>& words) {
  if (kind == TagKind::kText || words.empty()) return words.size();
  if (kind != TagKind::kNumbers && kind != TagKind::kUnknown) return 1;
  std::size_t count = 0;
  while (count < words.size() && (fortran_number(words[count]) || is_multiplied(words[count]))) ++count;
  return count == 0 ? words.size() : count;
}

constexpr std::size_t kLongestAssignment = 100'000;  ///< MAGMOM of some thousand atoms

/// The file cut into "TAG = value", comments gone, with the line in which each begins.
class Scanner {
 public:
  Scanner(std::string_view text, Incar& incar, IncarRemarks& remarks) : text_(text), incar_(incar), remarks_(remarks) {}

  void scan() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '#' || c == '!') {
        at_ = std::min(text_.find('\n', at_), text_.size()) - 1;
      } else if (c == '\n') {
        end_of_line();
      } else if (c == ';') {
        take();
      } else if (c == '"' && value_begins()) {
        quoted();
      } else if (c == '{' && now_.find('=') == std::string::npos && !detail::trimmed(now_).empty()) {
        blocks_.push_back(upper_case(detail::trimmed(now_)) + "/");
        now_.clear();
      } else if (c == '}' && !blocks_.empty()) {
        take();
        blocks_.pop_back();
      } else if (c != '\r') {
        now_ += c;
      }
      if (now_.size() > kLongestAssignment) too_long();
    }
    take();
    if (!blocks_.empty())
      remarks_.problems.push_back(fmt::format("{}: expected a closing brace, found the end of the file", line_));
  }

 private:
  /// What is looked at again at every mark in it must not grow with the file.
  void too_long() {
    if (!told_too_long_)
      remarks_.problems.push_back(
          fmt::format("{}: one assignment of more than {} characters", line_, kLongestAssignment));
    told_too_long_ = true;
    now_.clear();
  }

  bool value_begins() const {
    const std::size_t equals = now_.find('=');
    return equals != std::string::npos && now_.find_first_not_of(" \t\r", equals + 1) == std::string::npos;
  }

  void quoted() {
    const std::size_t end = text_.find('"', at_ + 1);
    if (end == std::string_view::npos) {  // a quote of VASP 5 is a letter like any other
      now_ += text_[at_];
      return;
    }
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    lines_inside_ += static_cast<std::size_t>(std::count(inside.begin(), inside.end(), '\n'));
    now_ += detail::trimmed(inside);
    at_ = end;
  }

  void end_of_line() {
    std::string plain = detail::trimmed(now_);
    if (!plain.empty() && plain.back() == '\\') {
      plain.pop_back();
      now_ = plain + " ";
      ++lines_inside_;
      return;
    }
    take();
    ++line_;
  }

  void take() {
    const std::string plain = detail::trimmed(now_);
    if (!plain.empty()) assign(plain);
    now_.clear();
    line_ += lines_inside_;
    lines_inside_ = 0;
  }

  void assign(const std::string& plain) {
    const std::size_t equals = plain.find('=');
    const auto tags = detail::words(upper_case(plain.substr(0, equals)));
    if (equals == std::string::npos || tags.size() != 1) {
      not_an_assignment(plain, tags);
      return;
    }
    std::string tag;
    for (const std::string& block : blocks_) tag += block;
    tag += tags[0];
    std::string rest;
    const std::string value = value_of_tag(tag, plain.substr(equals + 1), rest);
    if (value.empty()) remarks_.problems.push_back(fmt::format("{}: {}: expected a value, found none", line_, tag));
    if (!value.empty() && !fits_tag(tag, value))
      remarks_.problems.push_back(fmt::format("{}: {}: expected a number, found \"{}\"", line_, tag, value));
    if (!rest.empty()) {
      remarks_.warnings.push_back(
          fmt::format("{}: {}: VASP reads {} and passes over \"{}\" behind it", line_, tag, value, rest));
    }
    const auto [first, is_new] = incar_.try_emplace(tag, value);
    if (!is_new && first->second != value) {
      remarks_.warnings.push_back(
          fmt::format("{}: {}: given again, as {}; VASP takes the first, {}", line_, tag, value, first->second));
    }
  }

  /// A heading such as "Electronic relaxation:" is passed over by VASP; a tag without its '=' too, which nobody
  /// meant.
  void not_an_assignment(const std::string& plain, const std::vector<std::string>& words) {
    const auto& known = known_tags();
    const bool names_a_tag = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      return std::find(known.begin(), known.end(), word) != known.end() && word != "SYSTEM" && word != "TIME";
    });
    const std::string shown = plain.substr(0, 60);
    if (names_a_tag) {
      remarks_.problems.push_back(fmt::format("{}: expected TAG = value, found \"{}\"", line_, shown));
    } else {
      remarks_.warnings.push_back(fmt::format("{}: VASP passes over \"{}\": no TAG = value", line_, shown));
    }
  }

  std::string_view text_;
  Incar& incar_;
  IncarRemarks& remarks_;
  std::size_t at_ = 0, line_ = 1, lines_inside_ = 0;
  bool told_too_long_ = false;
  std::string now_;
  std::vector<std::string> blocks_;
};

}  // namespace

std::string normalised_value(std::string_view value) {
  std::string joined;
  for (const std::string& word : detail::words(unquoted(value)))
    joined += (joined.empty() ? "" : " ") + normalised_word(word);
  return joined;
}

std::string value_of_tag(std::string_view tag, std::string_view value, std::string& rest) {
  const TagKind kind = kind_of(tag);
  const std::string plain = unquoted(value);
  if (kind == TagKind::kText) return plain;
  const bool numeric = kind == TagKind::kNumber || kind == TagKind::kNumbers;
  const auto words = numeric ? values_of(plain) : detail::words(plain);
  const std::size_t count = words_that_count(kind, words);
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
  rest = fmt::format("{}", fmt::join(end, words.end(), " "));
  return normalised_value(fmt::format("{}", fmt::join(words.begin(), end, " ")));
}

bool fits_tag(std::string_view tag, const std::string& value) {
  return kind_of(tag) != TagKind::kNumber || fortran_number(value) || logical(value);
}

Incar parse_incar(std::string_view text, IncarRemarks& remarks) {
  Incar incar;
  Scanner(text, incar, remarks).scan();
  return incar;
}

std::string incar_text(const Incar& incar, const std::string& title) {
  std::string text = fmt::format("SYSTEM = {}\n", title);
  for (const auto& [tag, value] : incar) {
    if (tag != "SYSTEM") text += fmt::format("{} = {}\n", tag, value);
  }
  return text;
}

}  // namespace hullscan::vasp
