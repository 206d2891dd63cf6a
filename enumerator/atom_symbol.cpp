#include "enumerator/atom_symbol.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "core/errors.hpp"
#include "enumerator/text_file.hpp"

namespace hullscan {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

std::string leading_letters(const std::string& text) {
  return text.substr(0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_letter) - text.begin()));
}

/// "CO" or "FE" -> the element in usual case, if that is one.
std::string hint(const std::string& letters) {
  std::string usual = letters;
  for (std::size_t i = 1; i < usual.size(); ++i) {
    usual[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(usual[i])));
  }
  if (usual != letters && Species::parse(usual)) return " (did you mean \"" + usual + "\"?)";
  return "";
}

[[noreturn]] void refuse_type(const std::string& text, const std::string& letters) {
  if (text.find_first_of("+ ,") != std::string::npos &&
      std::count_if(text.begin(), text.end(), is_upper) > 1) {
    throw FormatError("type symbol " + in_quotes(text) +
                      " names several elements: list each on its own line with its occupancy");
  }
  if (letters == "OH" || letters == "Wat" || letters == "HOH" || letters == "NH" || letters == "CH" || letters == "OW" ||
      std::count_if(letters.begin(), letters.end(), is_upper) > 1) {
    throw FormatError("type symbol " + in_quotes(text) + " is a group of atoms or no element" + hint(letters) +
                      ": list each atom on its own line");
  }
  throw FormatError("type symbol " + in_quotes(text) + " is no element" + hint(letters));
}

/// "3+", "+3", "2.5+", "-", "" after the letters; nothing if it is not a charge.
std::optional<std::optional<double>> charge(const std::string& text) {
  if (text.empty()) return std::optional<double>{};
  if (std::all_of(text.begin(), text.end(), is_digit)) return std::optional<double>{};  // "Pb1": a label
  std::string number = text;
  const bool sign_first = text.front() == '+' || text.front() == '-';
  const char sign = sign_first ? text.front() : text.back();
  if (sign != '+' && sign != '-') return std::nullopt;
  number.erase(sign_first ? 0 : number.size() - 1, 1);
  const auto size = number.empty() ? std::optional<double>(1.0) : number_from(number);
  if (!size || *size < 0 || (!number.empty() && !is_digit(number.front()) && number.front() != '.')) return std::nullopt;
  return std::optional<double>(sign == '-' ? -*size : *size);
}

}  // namespace

AtomSymbol parse_type_symbol(const std::string& text) {
  const std::string letters = leading_letters(text);
  const auto species = Species::parse(letters);
  if (!species) refuse_type(text, letters);
  const auto state = charge(text.substr(letters.size()));
  if (!state) refuse_type(text, letters);
  return {*species, *state};
}

AtomSymbol parse_site_label(const std::string& text) {
  const std::string letters = leading_letters(text);
  if (const auto species = Species::parse(letters)) return {*species, std::nullopt};
  // "LiA": a symbol of two letters before a capital leaves no doubt.
  if (letters.size() > 2 && is_upper(letters[0]) && !is_upper(letters[1]) && is_upper(letters[2])) {
    if (const auto species = Species::parse(letters.substr(0, 2))) return {*species, std::nullopt};
  }
  throw FormatError("label " + in_quotes(text) + " does not begin with an element and there is no _atom_site_type_symbol" +
                    hint(letters));
}

}  // namespace hullscan
