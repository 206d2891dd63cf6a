#include "enumerator/symmetry_triplet.hpp"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <numeric>  // std::gcd

#include "core/errors.hpp"
#include "enumerator/text_file.hpp"

namespace hullscan {
namespace {

class TripletParser {
 public:
  explicit TripletParser(std::string_view text) : text_(text) {}

  SymmetryOperation parse() {
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
      // 0.3333 and 0.6667 are meant as thirds.
      const double exact = std::round(t * 24.0) / 24.0;
      if (std::abs(t - exact) < 1e-3) t = exact;
      operation.translation[i] = t - std::floor(t);
    }
    if (std::abs(determinant(operation.rotation)) != 1) fail("the determinant is not 1 or -1");
    return operation;
  }

 private:
  static int determinant(const Eigen::Matrix3i& m) {
    return m(0, 0) * (m(1, 1) * m(2, 2) - m(1, 2) * m(2, 1)) - m(0, 1) * (m(1, 0) * m(2, 2) - m(1, 2) * m(2, 0)) +
           m(0, 2) * (m(1, 0) * m(2, 1) - m(1, 1) * m(2, 0));
  }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  void skip_spaces() {
    while (!at_end() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError("symmetry operation " + in_quotes(text_) + ", character " + std::to_string(at_ + 1) + ": " + what);
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
    double value = number();
    skip_spaces();
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
};

}  // namespace

SymmetryOperation parse_triplet(std::string_view text) { return TripletParser(text).parse(); }

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
