#include "enumerator/files/atom_symbol.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include "core/errors.hpp"
#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

constexpr int kLastCommonElement = 94;  ///< "CF", "NO", "CN" in capitals are not californium, nobelium and copernicium

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
char to_lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
char to_upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

std::string leading_letters(const std::string& text) {
  return text.substr(0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_letter) - text.begin()));
}

/// An element, deuterium or the vacancy; no place holder.
std::optional<Species> element(const std::string& symbol) {
  if (symbol == "T") return Species::parse("H");  // tritium
  return Species::parse(symbol);
}

/// "3+", "+3", "2.5+", "-", "" after the letters; nothing if it is not a charge.
std::optional<std::optional<double>> charge(std::string text) {
  text.erase(
      std::remove_if(text.begin(), text.end(), [](char c) { return c == '(' || c == ')' || c == '^' || c == '_'; }),
      text.end());
  if (text.empty()) return std::optional<double>{};
  if (std::all_of(text.begin(), text.end(), is_digit)) return std::optional<double>{};  // "Pb1": a label
  std::string number = text;
  const bool sign_first = text.front() == '+' || text.front() == '-';
  const char sign = sign_first ? text.front() : text.back();
  if (sign != '+' && sign != '-') return std::nullopt;
  number.erase(sign_first ? 0 : number.size() - 1, 1);
  const auto size = number.empty() ? std::optional<double>(1.0) : number_from(number);
  if (!size || *size < 0 || (!number.empty() && !is_digit(number.front()) && number.front() != '.'))
    return std::nullopt;
  return std::optional<double>(sign == '-' ? -*size : *size);
}

/// Groups that crystallographers name by one word, and the atom whose place it is.
std::optional<std::pair<Species, std::string>> group_of_atoms(const std::string& letters_and_digits) {
  static const std::vector<std::pair<std::string, std::string>> kGroups = {
      {"wat", "O"}, {"water", "O"}, {"h2o", "O"}, {"hoh", "O"}, {"oh2", "O"}, {"ow", "O"},  {"oh", "O"},
      {"o-h", "O"}, {"d2o", "O"},   {"od", "O"},  {"nh4", "N"}, {"nh3", "N"}, {"nh2", "N"}, {"nh", "N"},
      {"ch3", "C"}, {"ch2", "C"},   {"ch", "C"},  {"hw", "H"},  {"dw", "D"}};
  std::string word;
  std::transform(letters_and_digits.begin(), letters_and_digits.end(), std::back_inserter(word), to_lower);
  const auto begins = [&](const std::string& name) {
    return word.starts_with(name) && (word.size() == name.size() || !is_letter(word[name.size()]));
  };
  for (const auto& [name, atom] : kGroups) {
    if (!begins(name)) continue;
    const bool has_hydrogen = atom == "O" || atom == "N" || atom == "C";
    return std::pair{*Species::parse(atom), has_hydrogen
                                                ? std::string(": read as ") + atom +
                                                      ", the hydrogen that the name implies has no place in the file"
                                                : std::string()};
  }
  return std::nullopt;
}

bool is_placeholder(const std::string& letters) {
  static constexpr std::array<const char*, 6> kNames = {"Du", "Dum", "Dummy", "DUM", "Bq", "Xx"};
  return std::find(kNames.begin(), kNames.end(), letters) != kNames.end();
}

struct Element {
  Species species;
  std::size_t length = 1;  ///< letters used
  bool is_sure = true;
};

/// The element that letters begin with. In usual case ("Cu", "CuA", "OA") they are unambiguous; "CO" and "co" may be
/// Co or C: what the formula has, else the longer one.
std::optional<Element> leading_element(const std::string& letters, const std::set<Species>& expected) {
  if (letters.empty()) return std::nullopt;
  const std::string one(1, to_upper(letters[0]));
  std::string two = one;
  if (letters.size() > 1) two += to_lower(letters[1]);
  const auto first = element(one), both = letters.size() > 1 ? element(two) : std::nullopt;
  const bool usual = is_upper(letters[0]);
  if (usual && both && !is_upper(letters[1])) return Element{*both, 2, true};
  std::vector<Element> choices;
  const bool rare = both && both->atomic_number() > kLastCommonElement;
  if (both && !rare) choices.push_back({*both, 2, false});
  if (first) choices.push_back({*first, 1, usual && !both && (letters.size() == 1 || is_upper(letters[1]))});
  if (both && rare) choices.push_back({*both, 2, false});
  if (choices.empty()) return std::nullopt;
  for (const Element& choice : choices) {
    if (expected.contains(choice.species)) return choice;
  }
  return choices.front();
}

/// One atom of a mixture: "0.8Nb", "Nb0.8", "0.5Fe3+". Leaves `at` behind it.
std::optional<std::pair<AtomShare, bool>> mixture_part(const std::string& text, std::size_t& at) {
  // With or without a standard uncertainty, "0.967(4)".
  const auto number = [&] {
    const std::size_t begin = at;
    while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
    const std::string digits = text.substr(begin, at - begin);
    std::size_t end = at;
    if (!digits.empty() && end < text.size() && text[end] == '(') {
      for (++end; end < text.size() && is_digit(text[end]);) ++end;
      if (end < text.size() && text[end] == ')' && end > at + 1) at = end + 1;
    }
    return digits;
  };
  AtomShare part;
  bool has_share = false;
  if (const auto before = number(); !before.empty()) {
    const auto share = number_from(before);
    if (!share) return std::nullopt;
    part.share = *share;
    has_share = true;
    while (at < text.size() && (is_blank(text[at]) || text[at] == '*')) ++at;
  }
  if (at >= text.size() || !is_upper(text[at])) return std::nullopt;
  std::string symbol(1, text[at++]);
  if (at < text.size() && std::islower(static_cast<unsigned char>(text[at])) != 0) symbol += text[at++];
  const auto species = element(symbol);
  if (!species) return std::nullopt;
  part.species = *species;
  const std::string after = number();
  if (at < text.size() && (text[at] == '+' || text[at] == '-') &&
      (at + 1 == text.size() || is_blank(text[at + 1]) ||
       std::string_view(",/;:&|)+").find(text[at + 1]) != std::string_view::npos)) {
    // "Fe3+" before a separator; "Si0.75+Al" goes on with the next element.
    const auto size = after.empty() ? std::optional<double>(1.0) : number_from(after);
    if (!size) return std::nullopt;
    if (after.find('.') == std::string::npos) {
      part.oxidation_state = text[at] == '-' ? -*size : *size;
      ++at;
      return std::pair{part, has_share};
    }
  }
  if (!after.empty()) {
    const auto share = number_from(after);
    if (!share || has_share) return std::nullopt;
    part.share = *share;
    has_share = true;
  }
  return std::pair{part, has_share};
}

/// Several elements in one symbol; nothing if it is not such a list.
std::optional<AtomReading> mixture(const std::string& text) {
  AtomReading reading;
  std::size_t shares = 0, separators = 0;
  double sum = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at]) || std::string_view(",/;:&|+()").find(text[at]) != std::string_view::npos) {
      if (!is_blank(text[at]) && text[at] != '(' && text[at] != ')') ++separators;
      ++at;
      continue;
    }
    const auto part = mixture_part(text, at);
    if (!part) return std::nullopt;
    reading.atoms.push_back(part->first);
    shares += part->second ? 1 : 0;
    sum += part->first.share;
  }
  if (reading.atoms.size() < 2) return std::nullopt;
  if (shares != reading.atoms.size() || sum > 1.02) {
    if (separators == 0) return std::nullopt;
    throw FormatError(in_quotes(text) +
                      " names several elements without their shares: list each on its own line with its occupancy");
  }
  return reading;
}

AtomReading single(Species species, std::optional<double> state, const std::string& remark) {
  return {{{species, state, 1.0}}, remark};
}

}  // namespace

std::optional<AtomReading> read_type_symbol(const std::string& text, const std::set<Species>& expected) {
  const std::size_t begin = text.find_first_not_of(" \t\n'\"");
  if (begin == std::string::npos) return std::nullopt;
  std::string symbol = text.substr(begin);
  while (is_blank(symbol.back()) || symbol.back() == '\'' || symbol.back() == '"') symbol.pop_back();
  if (const auto several = mixture(symbol)) return several;
  // "57Fe", "2H": an isotope.
  if (const auto letter = std::find_if_not(symbol.begin(), symbol.end(), is_digit);
      letter != symbol.begin() && letter != symbol.end() && is_upper(*letter)) {
    const bool deuterium = symbol == "2H";
    symbol.erase(symbol.begin(), letter);
    if (deuterium) symbol = "D";
  }
  const std::string letters = leading_letters(symbol);
  if (letters == "T") return single(*Species::parse("H"), std::nullopt, ": read as hydrogen");
  if (const auto group = group_of_atoms(symbol)) return single(group->first, std::nullopt, group->second);
  if (const auto species = Species::parse(letters)) {
    const std::string rest = symbol.substr(letters.size());
    const auto state = charge(rest);
    return single(*species, state.value_or(std::nullopt),
                  state ? "" : ": " + in_quotes(rest) + " is not a charge and is passed over");
  }
  if (is_placeholder(letters)) return AtomReading{{}, ": no atom, left out"};
  const auto found = leading_element(letters, expected);
  if (!found) return std::nullopt;
  // "Qq" or "Fx": a letter too many is not a charge, but a capital after a whole symbol may be a name ("CuA").
  if (found->length < letters.size() && !is_upper(letters[found->length]) && is_upper(letters[0])) return std::nullopt;
  const auto state = charge(symbol.substr(letters.size()));
  return single(found->species, state.value_or(std::nullopt), ": read as " + std::string(found->species.symbol()));
}

std::optional<AtomReading> read_site_label(const std::string& text, const std::set<Species>& expected) {
  std::string label = text;
  while (!label.empty() &&
         (is_blank(label.front()) || label.front() == '(' || label.front() == '*' || label.front() == '_')) {
    label.erase(0, 1);
  }
  if (std::any_of(label.begin(), label.end(), is_blank) || label.find('+') != std::string::npos) {
    try {
      if (const auto several = mixture(label)) return several;
    } catch (const FormatError&) {  // "Na+" and names with blanks: the letters at the start decide
    }
  }
  const std::string letters = leading_letters(label);
  if (letters == "T") return std::nullopt;  // a tetrahedral site
  if (const auto species = Species::parse(letters)) {
    if (letters != "O" || !label.starts_with("O-")) {
      // "W" may be water where the formula knows no tungsten.
      if (letters == "W" && !expected.empty() && !expected.contains(*species) &&
          expected.contains(*Species::parse("O"))) {
        return single(*Species::parse("O"), std::nullopt, ": read as O of water, the formula has no W");
      }
      return single(*species, std::nullopt, "");
    }
  }
  if (const auto group = group_of_atoms(label)) {
    // "OW1", "NH2": the atom itself is named; "Wat" names the molecule.
    const bool names_atom = to_upper(letters[0]) == group->first.symbol()[0] && label.find('-') == std::string::npos;
    return single(group->first, std::nullopt, names_atom ? "" : group->second);
  }
  if (is_placeholder(letters)) return AtomReading{{}, ": no atom, left out"};
  const auto found = leading_element(letters, expected);
  if (!found) return std::nullopt;
  return single(found->species, std::nullopt,
                found->is_sure ? "" : ": read as " + std::string(found->species.symbol()));
}

}  // namespace hullscan
