#include "enumerator/files/space_group_symbols.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "enumerator/crystal/detail/spglib.hpp"

namespace hullscan {
namespace {

using detail::kHallNumbers;
using detail::SpaceGroupSetting;

/// Symbols are compared without spaces and underscores and in lower case; that makes no two of them equal.
std::string squeezed(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '_') continue;
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

void erase_all(std::string& text, const std::string& part, const std::string& by = "") {
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i)) {
    text.replace(i, part.size(), by);
    i += by.size();
  }
}

/// "P 2(1)/c", "P 2~1~/c", "P 2<sub>1</sub>/c", "Fd-3m (No. 227)", "F d -3 m (origin choice 2)" -> squeezed symbol
/// and what stands after its colon.
std::pair<std::string, std::string> symbol_and_code(const std::string& text) {
  std::string symbol = squeezed(text), code;
  for (const char* mark : {"<sub>", "</sub>", "<i>", "</i>", "~", "$", "{", "}", "'", "\"", "*"})
    erase_all(symbol, mark);
  erase_all(symbol, "\\overline", "-");
  erase_all(symbol, "\\bar", "-");
  erase_all(symbol, "bar", "-");
  for (std::size_t i = 1; i + 2 < symbol.size(); ++i) {
    const auto digit = [&](std::size_t at) { return std::isdigit(static_cast<unsigned char>(symbol[at])) != 0; };
    if (symbol[i] == '(' && digit(i - 1) && digit(i + 1) && symbol[i + 2] == ')') {
      symbol.erase(i + 2, 1);
      symbol.erase(i, 1);
    }
  }
  if (const std::size_t open = symbol.find('('); open != std::string::npos && open > 1) {
    const std::string remark = symbol.substr(open);
    symbol.resize(open);
    if (remark.find("origin") != std::string::npos) code = remark.find('2') != std::string::npos ? "2" : "1";
  }
  if (const std::size_t colon = symbol.find(':'); colon != std::string::npos) {
    code = symbol.substr(colon + 1);
    symbol.resize(colon);
  }
  return {symbol, code};
}

/// Lower case, every run of spaces and underscores one space, none at the ends.
std::string single_spaced(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '_') {
      if (!result.empty() && result.back() != ' ') result += ' ';
    } else {
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

const std::vector<SpaceGroupSetting>& settings() {
  static const std::vector<SpaceGroupSetting> all = [] {
    std::vector<SpaceGroupSetting> list;
    for (int hall = 1; hall <= kHallNumbers; ++hall) list.push_back(detail::space_group_setting(hall));
    return list;
  }();
  return all;
}

const SpaceGroupSetting& setting(int hall_number) { return settings()[static_cast<std::size_t>(hall_number - 1)]; }

bool is_cubic_with_inversion(int number) { return (number >= 200 && number <= 206) || number >= 221; }

/// Symbols of before 1992 that are written with the glide e today -> first entry of the table.
/// Source: International Tables A (2002), table 1.3.2.2 and the headlines of the groups.
const std::vector<std::pair<std::string, int>>& symbols_before_e() {
  static const std::vector<std::pair<std::string, int>> table = {
      {"abm2", 191}, {"bma2", 192}, {"b2cm", 193}, {"c2mb", 194}, {"cm2a", 195}, {"ac2m", 196},
      {"aba2", 203}, {"bba2", 204}, {"b2cb", 205}, {"c2cb", 206}, {"cc2a", 207}, {"ac2a", 208},
      {"cmca", 304}, {"ccmb", 305}, {"abma", 306}, {"acam", 307}, {"bbcm", 308}, {"bmab", 309},
      {"cmma", 316}, {"cmmb", 317}, {"abmm", 318}, {"acmm", 319}, {"bmcm", 320}, {"bmam", 321},
      {"ccca", 322}, {"ccca", 323}, {"cccb", 324}, {"cccb", 325}, {"abaa", 326}, {"abaa", 327},
      {"acaa", 328}, {"acaa", 329}, {"bbcb", 330}, {"bbcb", 331}, {"bbab", 332}, {"bbab", 333}};
  return table;
}

/// Every way to write a symbol -> the settings it may mean, in the order of the table.
const std::map<std::string, std::vector<int>>& settings_by_symbol() {
  static const std::map<std::string, std::vector<int>> index = [] {
    std::map<std::string, std::vector<int>> map;
    const auto add = [&](const std::string& symbol, int hall) {
      std::vector<int>& list = map[squeezed(symbol)];
      if (std::find(list.begin(), list.end(), hall) == list.end()) list.push_back(hall);
    };
    // The symbol of a setting before that of the type: "P 1 1 m" is a setting, "Pm" a type with many.
    for (const SpaceGroupSetting& s : settings()) {
      std::vector<std::string> ways = {s.full_symbol};
      for (std::size_t at = 0; at <= s.symbols.size();) {
        const std::size_t end = std::min(s.symbols.find('=', at), s.symbols.size());
        ways.push_back(s.symbols.substr(at, end - at));
        at = end + 1;
      }
      ways.push_back(s.short_symbol);
      for (const std::string& way : ways) {
        add(way, s.hall_number);
        if (!is_cubic_with_inversion(s.number)) continue;
        std::string old = way;
        old.erase(std::remove(old.begin(), old.end(), '-'), old.end());
        add(old, s.hall_number);
      }
    }
    for (const auto& [symbol, hall] : symbols_before_e()) add(symbol, hall);
    return map;
  }();
  return index;
}

bool near(double a, double b, double tolerance) { return std::abs(a - b) < tolerance; }

bool is_rhombohedral(const Lattice& lattice) {
  const Eigen::Vector3d l = lattice.lengths_angstrom(), angle = lattice.angles_degree();
  return near(l[0], l[1], 1e-3 * l[0]) && near(l[0], l[2], 1e-3 * l[0]) && near(angle[0], angle[1], 0.1) &&
         near(angle[0], angle[2], 0.1);
}

/// 'a', 'b', 'c': the axis whose angle is not 90° while the others are; ' ' if that names none.
char unique_axis(const Lattice& lattice) {
  const Eigen::Vector3d angle = lattice.angles_degree();
  char axis = ' ';
  for (int i = 0; i < 3; ++i) {
    if (near(angle[i], 90.0, 0.01)) continue;
    if (axis != ' ') return ' ';
    axis = static_cast<char>('a' + i);
  }
  return axis;
}

bool is_rhombohedral_group(int number) {
  static constexpr std::array<int, 7> kGroups = {146, 148, 155, 160, 161, 166, 167};
  return std::find(kGroups.begin(), kGroups.end(), number) != kGroups.end();
}

/// "-b1" and "b1" have the unique axis b.
char axis_of_choice(const std::string& choice) {
  const auto found = std::find_if(choice.begin(), choice.end(), [](char c) { return c >= 'a' && c <= 'c'; });
  return found == choice.end() ? ' ' : *found;
}

/// The candidates that `code` allows, the one that fits best first, else in the order of the table.
std::vector<int> in_order_of_fit(const std::vector<int>& candidates, const std::string& code, const Lattice& lattice) {
  std::vector<int> list;
  if (!code.empty()) {
    for (const bool whole : {true, false}) {
      for (const int hall : candidates) {
        const std::string choice = squeezed(setting(hall).choice);
        if (whole ? choice == code : choice.starts_with(code)) list.push_back(hall);
      }
      if (!list.empty()) return list;
    }
    return list;
  }
  list = candidates;
  if (list.empty()) return list;
  const int number = setting(list.front()).number;
  const auto first_to_front = [&](auto fits) {
    const auto found = std::find_if(list.begin(), list.end(), fits);
    if (found != list.end()) std::rotate(list.begin(), found, found + 1);
  };
  if (is_rhombohedral_group(number) && is_rhombohedral(lattice)) {
    first_to_front([](int hall) { return setting(hall).choice == "R"; });
  }
  if (const char axis = unique_axis(lattice); number >= 3 && number <= 15 && axis != ' ') {
    first_to_front([axis](int hall) { return axis_of_choice(setting(hall).choice) == axis; });
  }
  return list;
}

}  // namespace

std::optional<int> setting_of_hall_symbol(const std::string& symbol) {
  // Blanks count: "P 32" is a screw axis, "P 3 2" two axes. Where a file has lost them, one setting alone must
  // remain.
  const std::string wanted = single_spaced(symbol);
  for (const SpaceGroupSetting& s : settings()) {
    if (single_spaced(s.hall_symbol) == wanted) return s.hall_number;
  }
  std::optional<int> found;
  for (const SpaceGroupSetting& s : settings()) {
    if (squeezed(s.hall_symbol) != squeezed(symbol)) continue;
    if (found) return std::nullopt;
    found = s.hall_number;
  }
  return found;
}

std::optional<int> setting_of_hm_symbol(const std::string& symbol, const std::string& code, const Lattice& lattice) {
  const std::vector<int> list = settings_of_hm_symbol(symbol, code, lattice);
  return list.empty() ? std::nullopt : std::optional(list.front());
}

std::vector<int> settings_of_hm_symbol(const std::string& symbol, const std::string& code, const Lattice& lattice) {
  auto [wanted, wanted_code] = symbol_and_code(symbol);
  if (!squeezed(code).empty()) wanted_code = squeezed(code);
  const auto& index = settings_by_symbol();
  const auto candidates = [&](const std::string& name) {
    const auto found = index.find(name);
    return found == index.end() ? std::vector<int>{} : found->second;
  };
  std::vector<int> list = candidates(wanted);
  if (list.empty() && wanted.size() > 2) {
    // A setting without a colon: "R -3 m H", "R -3 m HR", and "F d -3 m S" or "Z" for the first and second origin.
    static const std::vector<std::pair<std::string, std::string>> suffixes = {
        {"hr", "h"}, {"h", "h"}, {"r", "r"}, {"s", "1"}, {"z", "2"}, {"o1", "1"}, {"o2", "2"}};
    for (const auto& [suffix, meaning] : suffixes) {
      if (!wanted.ends_with(suffix)) continue;
      list = candidates(wanted.substr(0, wanted.size() - suffix.size()));
      if (list.empty()) continue;
      if (wanted_code.empty()) wanted_code = meaning;
      break;
    }
  }
  if (list.empty() && wanted.size() > 1) {
    // "P 21/n": which setting depends on the unique axis, b unless the cell says otherwise.
    const std::string centring = wanted.substr(0, 1), element = wanted.substr(1);
    const char axis = unique_axis(lattice);
    const std::string b = centring + "1" + element + "1", c = centring + "11" + element, a = centring + element + "11";
    list = candidates(axis == 'c' ? c : axis == 'a' ? a : b);
    for (const std::string& other : {b, c, a}) {
      if (list.empty()) list = candidates(other);
    }
  }
  const std::vector<int> coded = in_order_of_fit(list, wanted_code, lattice);
  // "P m -3 m :1": the first of one origin.
  return coded.empty() && wanted_code == "1" ? in_order_of_fit(list, "", lattice) : coded;
}

std::vector<int> settings_of_number(long number, const std::string& code, const Lattice& lattice) {
  std::vector<int> list;
  for (const SpaceGroupSetting& s : settings()) {
    if (s.number == number) list.push_back(s.hall_number);
  }
  return in_order_of_fit(list, squeezed(code), lattice);
}

std::optional<int> setting_of_number(long number, const std::string& code, const Lattice& lattice) {
  const std::vector<int> list = settings_of_number(number, code, lattice);
  return list.empty() ? std::nullopt : std::optional(list.front());
}

std::string symbol_of_number(int number) {
  for (int hall = 1; hall <= kHallNumbers; ++hall) {
    const auto setting = detail::space_group_setting(hall);
    if (setting.number == number) return setting.short_symbol;
  }
  throw Error(fmt::format("no space group has the number {}", number));
}

int lower_of_enantiomorphs(int number) {
  // The eleven pairs of International Tables for Crystallography A.
  constexpr std::array<std::pair<int, int>, 11> kPairs = {{{76, 78},
                                                           {91, 95},
                                                           {92, 96},
                                                           {144, 145},
                                                           {151, 153},
                                                           {152, 154},
                                                           {169, 170},
                                                           {171, 172},
                                                           {178, 179},
                                                           {180, 181},
                                                           {212, 213}}};
  for (const auto& [lower, upper] : kPairs) {
    if (number == upper) return lower;
  }
  return number;
}

}  // namespace hullscan
