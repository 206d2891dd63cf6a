#include "enumerator/content_check.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <set>

#include "enumerator/text_file.hpp"

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

}  // namespace

std::optional<Amounts> parse_fractional_formula(const std::string& text) {
  Amounts amounts;
  std::size_t i = 0;
  while (i < text.size()) {
    if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
      ++i;
      continue;
    }
    std::string symbol(1, text[i++]);
    if (i < text.size() && std::islower(static_cast<unsigned char>(text[i])) != 0) symbol += text[i++];
    const auto species = Species::parse(symbol);
    if (!species || species->is_vacancy()) return std::nullopt;
    const std::size_t begin = i;
    while (i < text.size() && (std::isdigit(static_cast<unsigned char>(text[i])) != 0 || text[i] == '.')) ++i;
    double amount = 1;
    if (i > begin) {
      const auto number = number_from(std::string_view(text).substr(begin, i - begin));
      if (!number) return std::nullopt;
      amount = *number;
    }
    amounts[*species] += amount;
  }
  if (!(sum_of(amounts) > 0)) return std::nullopt;
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
  const double factor = formula_units ? *formula_units : sum_of(contents) / sum_of(formula);
  if (factor > 0 && agree(scaled(contents, 1.0 / factor), formula)) return "";
  if (formula_units) {
    return fmt::format("the cell holds {}, expected {} × ({})", formula_text(contents), *formula_units, formula_text(formula));
  }
  return fmt::format("the cell holds {}, which is no multiple of {}", formula_text(contents), formula_text(formula));
}

}  // namespace hullscan
