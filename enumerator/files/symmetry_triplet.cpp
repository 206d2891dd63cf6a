#include "enumerator/files/symmetry_triplet.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <numeric>  // std::gcd
#include <optional>
#include <vector>

#include "core/errors.hpp"
#include "enumerator/crystal/detail/integer_lattice.hpp"
#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

class TripletParser {
 public:
  explicit TripletParser(std::string_view text) : text_(text) {}

  SymmetryOperation parse() {
    skip_number_in_list();
    SymmetryOperation operation;
    operation.rotation.setZero();
    for (int row = 0; row < 3; ++row) {
      coordinate(operation, row);
      skip_spaces();
      if (row < 2) {
        if (at_end() || text_[at_] != ',') fail("expected ',' and three coordinates");
        ++at_;
      }
    }
    if (!at_end()) fail("expected the end after three coordinates");
    for (int i = 0; i < 3; ++i) {
      double t = operation.translation[i];
      // 0.3333 and 0.6667 are meant as thirds, 0.33 and 0.67 too; 0.17 is a sixth.
      const double exact = std::round(t * 24.0) / 24.0, sixth = std::round(t * 6.0) / 6.0;
      if (std::abs(t - exact) < 1e-3) t = exact;
      if (two_digits_[static_cast<std::size_t>(i)] && std::abs(t - sixth) < 7e-3) t = sixth;
      operation.translation[i] = t - std::floor(t);
    }
    if (std::abs(detail::determinant(operation.rotation.cast<std::int64_t>())) != 1)
      fail("the determinant is not 1 or -1");
    return operation;
  }

 private:
  /// "12 x,y,z", "(3) -x,y,z", "3: -x,y,z": the number of an operation in its list.
  void skip_number_in_list() {
    std::size_t i = 0;
    while (i < text_.size() &&
           (std::isspace(static_cast<unsigned char>(text_[i])) != 0 || text_[i] == '(' || text_[i] == '['))
      ++i;
    const std::size_t digits = i;
    while (i < text_.size() && std::isdigit(static_cast<unsigned char>(text_[i])) != 0) ++i;
    if (i == digits) return;
    const std::size_t end = i;
    while (i < text_.size() && std::string_view(" \t):.]").find(text_[i]) != std::string_view::npos) ++i;
    if (i == end || i == text_.size()) return;
    const char next = static_cast<char>(std::tolower(static_cast<unsigned char>(text_[i])));
    const bool begins = next == '-' || next == '+' || (next >= 'x' && next <= 'z') ||
                        std::isdigit(static_cast<unsigned char>(next)) != 0;
    // "1 / 2 + x" is not a number in a list, "1 +x,y,z" is one, "1 + x,y,z" is not.
    const bool spaced_sign = (next == '-' || next == '+') && i + 1 < text_.size() && text_[i + 1] == ' ';
    if (begins && !spaced_sign && text_[end] != '.') at_ = i;
  }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  void skip_spaces() {
    while (!at_end() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError("symmetry operation " + in_quotes(text_) + ", character " + std::to_string(at_ + 1) + ": " +
                      what);
  }

  void coordinate(SymmetryOperation& operation, int row) {
    bool any = false;
    for (;; any = true) {
      skip_spaces();
      if (at_end() || text_[at_] == ',') break;
      int sign = 1;
      if (text_[at_] == '+' || text_[at_] == '-') {
        sign = text_[at_++] == '-' ? -1 : 1;
        skip_spaces();
      } else if (any) {
        fail("expected '+' or '-'");
      }
      term(operation, row, sign);
    }
    if (!any) fail("expected a coordinate such as x or -y+1/2");
  }

  void term(SymmetryOperation& operation, int row, int sign) {
    if (at_end()) fail("expected x, y, z or a number");
    const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_])));
    if (c >= 'x' && c <= 'z') {
      ++at_;
      int& entry = operation.rotation(row, c - 'x');
      if (entry != 0) fail(std::string(1, c) + " occurs twice in one coordinate");
      entry = sign;
      return;
    }
    const std::size_t begin = at_;
    double value = number();
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (digits.find('.') != std::string_view::npos && digits.size() - digits.find('.') == 3) {
      two_digits_[static_cast<std::size_t>(row)] = true;
    }
    skip_spaces();
    if (!at_end() && text_[at_] == '*') {
      ++at_;
      skip_spaces();
    }
    const char letter = at_end() ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_])));
    if (letter >= 'x' && letter <= 'z' && value == std::round(value) && std::abs(value) <= 4) {
      ++at_;
      operation.rotation(row, letter - 'x') += sign * static_cast<int>(value);
      return;
    }
    if (!at_end() && text_[at_] == '/') {
      ++at_;
      skip_spaces();
      const double denominator = number();
      if (denominator == 0.0) fail("division by zero");
      value /= denominator;
    }
    operation.translation[row] += sign * value;
  }

  double number() {
    const std::size_t begin = at_;
    while (!at_end() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '.')) ++at_;
    const auto value = number_from(text_.substr(begin, at_ - begin));
    if (!value) {
      at_ = begin;
      fail("expected x, y, z or a number");
    }
    return *value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::array<bool, 3> two_digits_ = {};  ///< of the translation, as written
};

/// Twelve numbers, a row of the rotation and its translation after the other, or the rotation first.
std::optional<SymmetryOperation> matrix_operation(std::string_view text) {
  std::vector<double> numbers;
  std::string plain(text);
  for (char& c : plain) {
    if (c == ',' || c == ';' || c == '[' || c == ']' || c == '(' || c == ')') c = ' ';
  }
  for (const Word& word : words_of(plain)) {
    const std::size_t slash = word.text.find('/');
    const auto above = number_from(word.text.substr(0, slash));
    const auto below =
        slash == std::string_view::npos ? std::optional<double>(1.0) : number_from(word.text.substr(slash + 1));
    if (!above || !below || *below == 0.0) return std::nullopt;
    numbers.push_back(*above / *below);
  }
  if (numbers.size() != 12) return std::nullopt;
  for (const bool rows_with_translation : {true, false}) {
    SymmetryOperation operation;
    bool whole = true;
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 3; ++column) {
        const double entry =
            numbers[static_cast<std::size_t>(rows_with_translation ? 4 * row + column : 3 * row + column)];
        whole = whole && (entry == 0.0 || std::abs(entry) == 1.0);
        operation.rotation(row, column) = static_cast<int>(std::lround(std::clamp(entry, -1.0, 1.0)));
      }
      const double t = numbers[static_cast<std::size_t>(rows_with_translation ? 4 * row + 3 : 9 + row)];
      operation.translation[row] = t - std::floor(t);
    }
    if (whole && std::abs(detail::determinant(operation.rotation.cast<std::int64_t>())) == 1) return operation;
  }
  return std::nullopt;
}

}  // namespace

SymmetryOperation parse_triplet(std::string_view text) {
  if (const auto matrix = matrix_operation(text)) return *matrix;
  return TripletParser(text).parse();
}

std::string first_three_coordinates(std::string_view text) {
  std::string three;
  int commas = 0;
  for (const char c : text) {
    if (c == ',' && ++commas == 3) break;
    // Superspace: x1, x2, x3 are x, y, z.
    if (!three.empty() && (three.back() == 'x' || three.back() == 'X') && c >= '1' && c <= '3') {
      three.back() = static_cast<char>('x' + (c - '1'));
    } else {
      three += c;
    }
  }
  return three;
}

std::string triplet_text(const SymmetryOperation& operation) {
  std::string text;
  for (int row = 0; row < 3; ++row) {
    std::string part;
    for (int column = 0; column < 3; ++column) {
      const int entry = operation.rotation(row, column);
      if (entry == 0) continue;
      part += entry < 0 ? "-" : (part.empty() ? "" : "+");
      if (std::abs(entry) != 1) part += std::to_string(std::abs(entry));
      part += "xyz"[column];
    }
    const double t = operation.translation[row];
    const auto in_24 = std::lround(t * 24.0);
    if (std::abs(t - static_cast<double>(in_24) / 24.0) > 1e-6) {
      const std::string number = std::to_string(t);
      part += (t > 0 && !part.empty() ? "+" : "") + number;
    } else if (in_24 != 0) {
      const long divisor = std::gcd(std::abs(in_24), 24L);
      part += (in_24 < 0 ? "-" : (part.empty() ? "" : "+")) + std::to_string(std::abs(in_24) / divisor);
      if (divisor != 24) part += "/" + std::to_string(24 / divisor);
    }
    text += (row == 0 ? "" : ",") + (part.empty() ? std::string("0") : part);
  }
  return text;
}

}  // namespace hullscan
