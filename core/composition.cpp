#include "core/composition.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>  // std::gcd
#include <vector>

#include "core/errors.hpp"

namespace hullscan {
namespace {

// Pauling, The Nature of the Chemical Bond (1960), with the later values of Allred (1961); index = atomic number.
constexpr std::array<double, 104> kElectronegativity = {
    0,   2.2,  0,    0.98, 1.57, 2.04, 2.55, 3.04, 3.44, 3.98, 0,    0.93, 1.31, 1.61, 1.9,  2.19, 2.58, 3.16,
    0,   0.82, 1.0,  1.36, 1.54, 1.63, 1.66, 1.55, 1.83, 1.88, 1.91, 1.9,  1.65, 1.81, 2.01, 2.18, 2.55, 2.96,
    3.0, 0.82, 0.95, 1.22, 1.33, 1.6,  2.16, 1.9,  2.2,  2.28, 2.2,  1.93, 1.69, 1.78, 1.96, 2.05, 2.1,  2.66,
    2.6, 0.79, 0.89, 1.1,  1.12, 1.13, 1.14, 1.13, 1.17, 1.2,  1.2,  1.1,  1.22, 1.23, 1.24, 1.25, 1.1,  1.27,
    1.3, 1.5,  2.36, 1.9,  2.2,  2.2,  2.28, 2.54, 2.0,  1.62, 2.33, 2.02, 2.0,  2.2,  2.2,  0.7,  0.9,  1.1,
    1.3, 1.5,  1.38, 1.36, 1.28, 1.13, 1.28, 1.3,  1.3,  1.3,  1.3,  1.3,  1.3,  1.3};

class FormulaReader {
 public:
  explicit FormulaReader(std::string_view text) : text_(text) {}

  std::map<Species, std::int64_t> read() {
    auto counts = group(0);
    if (at_ != text_.size()) fail("unexpected \"" + std::string(1, text_[at_]) + "\"");
    if (counts.empty()) fail("no element");
    return counts;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError("formula \"" + std::string(text_) + "\", character " + std::to_string(at_ + 1) + ": " + what);
  }

  std::map<Species, std::int64_t> group(int depth) {
    std::map<Species, std::int64_t> counts;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ') {
        ++at_;
      } else if (c == '(') {
        if (depth > 20) fail("brackets nested too deeply");
        ++at_;
        const auto inner = group(depth + 1);
        if (at_ >= text_.size() || text_[at_] != ')') fail("missing \")\"");
        ++at_;
        const std::int64_t times = subscript();
        for (const auto& [species, count] : inner) add(counts[species], count, times);
      } else if (std::isupper(static_cast<unsigned char>(c)) != 0) {
        std::size_t length = 1;
        while (at_ + length < text_.size() && std::islower(static_cast<unsigned char>(text_[at_ + length])) != 0)
          ++length;
        const auto species = Species::parse(text_.substr(at_, length));
        if (!species) fail("\"" + std::string(text_.substr(at_, length)) + "\" is not a chemical element");
        at_ += length;
        add(counts[*species], 1, subscript());
      } else {
        break;
      }
    }
    return counts;
  }

  /// Subscripts and counts stay below 10^9 each, so the product and the sum fit.
  void add(std::int64_t& sum, std::int64_t count, std::int64_t times) const {
    sum += count * times;
    if (sum > kHighest) fail("more than 10^9 atoms of one element");
  }

  std::int64_t subscript() {
    std::int64_t value = 0;
    bool any = false;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      value = value * 10 + (text_[at_] - '0');
      if (value > kHighest) fail("subscript above 10^9");
      any = true;
      ++at_;
    }
    if (at_ < text_.size() && text_[at_] == '.') fail("subscripts must be integers");
    return any ? value : 1;
  }

  static constexpr std::int64_t kHighest = 1'000'000'000;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

double electronegativity(Species species) {
  const auto z = static_cast<std::size_t>(species.atomic_number());
  return z < kElectronegativity.size() ? kElectronegativity[z] : 0.0;
}

Composition::Composition(const std::map<Species, std::int64_t>& counts) {
  for (const auto& [species, count] : counts) {
    if (count < 0)
      throw InputError(std::string(species.symbol()) + ": count " + std::to_string(count) + ", must be >= 0");
    if (count > 0) counts_.emplace(species, count);
  }
}

Composition Composition::of(std::span<const Species> atoms) {
  Composition result;
  for (const Species species : atoms) ++result.counts_[species];
  return result;
}

Composition Composition::from_formula(std::string_view formula) { return Composition(FormulaReader(formula).read()); }

std::int64_t Composition::count(Species species) const {
  const auto found = counts_.find(species);
  return found == counts_.end() ? 0 : found->second;
}

std::int64_t Composition::atom_count() const {
  std::int64_t total = 0;
  for (const auto& [species, count] : counts_) total += species.is_vacancy() ? 0 : count;
  return total;
}

Composition Composition::without_vacancies() const {
  Composition result = *this;
  result.counts_.erase(Species::vacancy());
  return result;
}

Composition Composition::reduced() const {
  Composition result = without_vacancies();
  std::int64_t divisor = 0;
  for (const auto& [species, count] : result.counts_) divisor = std::gcd(divisor, count);
  if (divisor > 1) {
    for (auto& [species, count] : result.counts_) count /= divisor;
  }
  return result;
}

double Composition::atomic_fraction(Species species) const {
  const std::int64_t atoms = atom_count();
  return atoms == 0 || species.is_vacancy() ? 0.0 : static_cast<double>(count(species)) / static_cast<double>(atoms);
}

std::string Composition::formula() const { return formula({}); }

std::string Composition::formula(std::span<const Species> order) const {
  std::vector<Species> sequence;
  for (const auto& [species, count] : counts_) {
    if (!species.is_vacancy()) sequence.push_back(species);
  }
  const auto rank = [&](Species species) {
    return std::pair(std::find(order.begin(), order.end(), species) - order.begin(), electronegativity(species));
  };
  std::stable_sort(sequence.begin(), sequence.end(), [&](Species a, Species b) { return rank(a) < rank(b); });
  std::string text;
  for (const Species species : sequence) {
    text += species.symbol();
    if (count(species) != 1) text += std::to_string(count(species));
  }
  return text;
}

}  // namespace hullscan
