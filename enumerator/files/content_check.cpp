#include "enumerator/files/content_check.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <set>

#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

double sum_of(const Amounts& amounts) {
  double sum = 0;
  for (const auto& [species, amount] : amounts) sum += amount;
  return sum;
}

double amount_of(const Amounts& amounts, Species species) {
  const auto found = amounts.find(species);
  return found == amounts.end() ? 0.0 : found->second;
}

Amounts scaled(const Amounts& amounts, double factor) {
  Amounts result = amounts;
  for (auto& [species, amount] : result) amount *= factor;
  return result;
}

bool agree(const Amounts& per_formula, const Amounts& formula) {
  std::set<Species> all;
  for (const auto& [species, amount] : per_formula) all.insert(species);
  for (const auto& [species, amount] : formula) all.insert(species);
  for (const Species species : all) {
    const double expected = amount_of(formula, species);
    if (std::abs(amount_of(per_formula, species) - expected) > 0.01 + 0.002 * expected) return false;
  }
  return true;
}

/// A number at `at`, 1 where there is none; nothing for a broken one.
std::optional<double> count_at(const std::string& text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && (std::isdigit(static_cast<unsigned char>(text[at])) != 0 || text[at] == '.')) ++at;
  return at == begin ? std::optional<double>(1.0) : number_from(std::string_view(text).substr(begin, at - begin));
}

constexpr int kDeepestBrackets = 20;

/// Up to the end, or to a closing bracket if inside one.
/// @param depth of the brackets about it; 0 outside of all.
std::optional<Amounts> formula_part(const std::string& text, std::size_t& at, int depth) {
  const bool inside = depth > 0;
  if (depth > kDeepestBrackets) return std::nullopt;
  Amounts amounts;
  while (at < text.size()) {
    const char c = text[at];
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == ',') {
      ++at;
    } else if (c == '(' || c == '[') {
      const auto group = formula_part(text, ++at, depth + 1);
      const auto count = group ? count_at(text, at) : std::nullopt;
      if (!count) return std::nullopt;
      for (const auto& [species, amount] : *group) amounts[species] += *count * amount;
    } else if (c == ')' || c == ']') {
      if (!inside) return std::nullopt;
      ++at;
      return amounts;
    } else {
      std::string symbol(1, text[at++]);
      if (at < text.size() && std::islower(static_cast<unsigned char>(text[at])) != 0) symbol += text[at++];
      const auto species = Species::parse(symbol);
      const auto count = count_at(text, at);
      if (!species || !count) return std::nullopt;
      if (!species->is_vacancy()) amounts[*species] += *count;
    }
  }
  return inside ? std::nullopt : std::optional(amounts);
}

}  // namespace

std::optional<Amounts> parse_fractional_formula(const std::string& text) {
  std::size_t at = 0;
  const auto amounts = formula_part(text, at, 0);
  if (!amounts || at != text.size() || !(sum_of(*amounts) > 0)) return std::nullopt;
  return amounts;
}

Amounts contents_of(const std::vector<CrystalSite>& sites) {
  Amounts amounts;
  for (const CrystalSite& site : sites) {
    for (const Occupant& occupant : site.occupants) {
      if (!occupant.species.is_vacancy()) amounts[occupant.species] += occupant.occupancy;
    }
  }
  return amounts;
}

std::string formula_text(const Amounts& amounts) {
  std::string text;
  for (const auto& [species, amount] : amounts) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}{:.6g}", species.symbol(), std::round(amount * 1e4) / 1e4);
  }
  return text.empty() ? "nothing" : text;
}

std::string content_mismatch(const Amounts& contents, const Amounts& formula, std::optional<double> formula_units) {
  const double any_factor = sum_of(contents) / sum_of(formula);
  const double factor = formula_units.value_or(any_factor);
  if (factor > 0 && agree(scaled(contents, 1.0 / factor), formula)) return "";
  const std::string holds = "the cell holds " + formula_text(contents);
  if (formula_units && agree(scaled(contents, 1.0 / any_factor), formula)) {
    return fmt::format("{}, that is {:.6g} × ({}), expected {:.6g} × ({})", holds, any_factor, formula_text(formula),
                       *formula_units, formula_text(formula));
  }
  if (formula_units) return fmt::format("{}, expected {:.6g} × ({})", holds, *formula_units, formula_text(formula));
  return fmt::format("{}, which is not a multiple of {}", holds, formula_text(formula));
}

bool lacks_only_hydrogen(const Amounts& contents, const Amounts& formula) {
  const auto heavy = [](Amounts amounts) {
    std::erase_if(amounts, [](const auto& entry) { return entry.first.atomic_number() == 1; });
    return amounts;
  };
  const Amounts there = heavy(contents), expected = heavy(formula);
  if (there.empty() || expected.empty() || there.size() != expected.size()) return false;
  const double factor = sum_of(there) / sum_of(expected);
  const double hydrogen = sum_of(formula) - sum_of(expected), placed = sum_of(contents) - sum_of(there);
  return agree(scaled(there, 1.0 / factor), expected) && placed < factor * hydrogen - 0.01;
}

}  // namespace hullscan
