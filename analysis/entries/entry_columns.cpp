#include "analysis/entries/entry_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "core/plain_text.hpp"

namespace hullscan {
namespace {

/// "Energy per atom (meV)" is a word "energy_per_atom" and a unit "meV".
struct HeaderWord {
  std::string text;  ///< as it stands
  std::string word;  ///< lower case, parts joined by "_"
  std::string unit;  ///< without brackets; "": none
};

bool is_unit(const std::string& text) {
  std::string plain = lower_case(text);
  std::erase_if(plain, [](unsigned char c) { return std::isalpha(c) == 0 && c != '/'; });
  for (const char* unit : {"ev", "mev", "/ev", "/mev"}) {
    if (plain == unit || plain.starts_with(std::string(unit) + "/")) return true;
  }
  return false;
}

HeaderWord header_word(const std::string& text) {
  HeaderWord found{text, "", ""};
  std::string name = text;
  if (name.starts_with("#")) name = trimmed(name.substr(1));
  if (const auto bracket = name.find_first_of("([/"); bracket != std::string::npos && bracket > 0) {
    if (is_unit(name.substr(bracket))) {
      found.unit = name.substr(bracket);
      std::erase_if(found.unit, [](char c) { return c == '(' || c == ')' || c == '[' || c == ']'; });
      name.resize(bracket);
    }
  }
  for (const char c : lower_case(trimmed(name))) {
    const bool joint = c == ' ' || c == '\t' || c == '-' || c == '.';
    if (!joint) found.word += c;
    if (joint && !found.word.empty() && found.word.back() != '_') found.word += '_';
  }
  // "energy_ev_per_atom" and "energy_ev": the unit is a part of the name.
  for (const std::string_view unit : {"_mev", "_ev"}) {
    const auto at = found.word.find(unit);
    const std::size_t end = at + unit.size();
    if (at == std::string::npos || at == 0 || (end < found.word.size() && found.word[end] != '_')) continue;
    if (found.unit.empty()) found.unit = unit == "_mev" ? "meV" : "eV";
    found.word.erase(at, unit.size());
    break;
  }
  while (!found.word.empty() && found.word.back() == '_') found.word.pop_back();
  return found;
}

bool one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// What an energy column is, by its word and unit; nothing: no energy that a hull can be made of.
std::optional<EnergyKind> energy_kind(const HeaderWord& header) {
  const std::string unit = lower_case(header.unit);
  const bool atomic = unit.find("atom") != std::string::npos;
  const bool of_formula = unit.find("/f") != std::string::npos;  // eV/f.u., eV/fu, eV/formula
  if (one_of(header.word, {"energy", "total_energy", "final_energy", "e_tot", "etot", "e_total", "toten", "e", "e0"}))
    return atomic ? EnergyKind::kPerAtom : EnergyKind::kTotal;
  if (one_of(header.word, {"energy_per_atom", "e_per_atom", "energy_atom", "energy_pa", "total_energy_per_atom",
                           "final_energy_per_atom", "e_atom", "energy/atom", "e/atom", "enthalpy_atom"}))
    return EnergyKind::kPerAtom;
  if (one_of(header.word, {"formation_energy_per_atom",
                           "e_form",
                           "eform",
                           "e_f",
                           "ef",
                           "formation_energy",
                           "form_energy",
                           "e_form_per_atom",
                           "eform_per_atom",
                           "formation_enthalpy",
                           "formation_enthalpy_per_atom",
                           "enthalpy_of_formation",
                           "energy_of_formation",
                           "h_form",
                           "hform",
                           "delta_e",
                           "delta_h",
                           "dhf",
                           "enthalpy_formation_atom",
                           "formation_energy/atom"}))
    return of_formula ? EnergyKind::kFormationPerFormula : EnergyKind::kFormation;
  return std::nullopt;
}

/// Names of one thing, those that come first win over the later ones.
using Ranks = std::vector<std::vector<std::string_view>>;
const Ranks kFormulaNames = {{"formula"},
                             {"composition", "full_formula", "formula_pretty", "pretty_formula", "reduced_formula",
                              "chemical_formula", "compound", "formel", "formule"},
                             {"name", "material", "phase"}};
const Ranks kIdNames = {{"id"},
                        {"entry_id", "material_id", "mp_id", "mpid", "auid", "entry"},
                        {"name", "label", "structure", "structure_id", "file", "filename", "phase"}};

bool is_index_name(const HeaderWord& header) {
  return header.word.empty() || header.word.starts_with("unnamed:") ||
         one_of(header.word, {"index", "no", "nr", "number", "row"});
}

class ColumnFinder {
 public:
  ColumnFinder(const CsvTable& table, const NamedColumns& named, const std::string& file)
      : table_(table), named_(named), file_(file), header_(table.lines.front()) {
    for (const CsvField& field : header_.fields) words_.push_back(header_word(field.text));
  }

  EntryColumns find() {
    columns_.has_header = !is_data();
    find_index();
    find_energy();
    find_formula();
    if (problems_.empty()) find_id();
    problems_.throw_if_any();
    for (const char* key : {"code", "functional", "pseudopotentials", "U"}) {
      for (std::size_t i = 0; i < words_.size() && columns_.has_header; ++i) {
        if (words_[i].text == key) columns_.hull_keys.emplace(key, i);
      }
    }
    return columns_;
  }

 private:
  void problem(const std::string& what) { problems_.add({file_, header_.number, 0}, what); }

  std::string seen() const {
    std::vector<std::string> quoted;
    for (const HeaderWord& word : words_) quoted.push_back(fmt::format("\"{}\"", word.text));
    return fmt::format("{}", fmt::join(quoted, ", "));
  }

  /// A first line that holds a number and no word that is known: the file has no header.
  bool is_data() const {
    bool number = false, known = false;
    for (const HeaderWord& word : words_) {
      std::string ignored;
      CsvNumbers numbers(table_.separator);
      number = number || numbers.read(word.text, ignored).has_value();
      known = known || energy_kind(word) || rank_of(word, kFormulaNames) || rank_of(word, kIdNames);
    }
    return number && !known;
  }

  static std::optional<std::size_t> rank_of(const HeaderWord& header, const Ranks& names) {
    for (std::size_t rank = 0; rank < names.size(); ++rank) {
      for (const std::string_view name : names[rank]) {
        if (header.word == name) return rank;
      }
    }
    return std::nullopt;
  }

  /// pandas' to_string names no column for its index: every line has one field more.
  void find_index() {
    if (table_.separator != ' ' || !columns_.has_header || table_.lines.size() < 2) return;
    const bool shifted = std::all_of(table_.lines.begin() + 1, table_.lines.end(), [&](const CsvLine& line) {
      return line.fields.size() == header_.fields.size() + 1;
    });
    if (!shifted) return;
    columns_.shift = 1;
    columns_.remarks.emplace_back("the first field of a line, which has no name, is an index");
  }

  /// The column that a person named. @returns nothing if they did not, or it is not there (a problem).
  std::optional<std::size_t> named(const std::string& what) {
    const auto asked = named_.find(what);
    if (asked == named_.end()) return std::nullopt;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i].text == asked->second) return i;
    }
    const auto number = parse_number(asked->second);
    for (std::size_t i = 0; number && i < words_.size(); ++i) {
      if (*number == static_cast<double>(i + 1)) return i;
    }
    std::vector<std::string> texts;
    for (const HeaderWord& word : words_) texts.push_back(word.text);
    problem(fmt::format("--columns {}={}: there is no such column; the columns are {}{}", what, asked->second, seen(),
                        did_you_mean(asked->second, texts)));
    return std::nullopt;
  }

  void missing(const std::string& what, const char* names, const char* example) {
    if (!columns_.has_header)
      return problem(
          fmt::format("expected a header that names the columns, e.g. formula,energy; found {}. A file "
                      "without a header is read with the numbers of its columns: --columns "
                      "formula=1,energy=2",
                      seen()));
    std::vector<std::string> texts;
    for (const HeaderWord& word : words_) texts.push_back(word.text);
    problem(
        fmt::format("expected a header with columns id, formula, energy; no \"{}\"{} ({}); found {}. Say which it "
                    "is: --columns {}",
                    what, did_you_mean(what, texts), names, seen(), example));
  }

  /// The one column of the best rank. @param[out] several those that share it.
  std::optional<std::size_t> best(const Ranks& names, std::vector<std::size_t>& several) const {
    std::optional<std::size_t> rank;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const auto found = rank_of(words_[i], names);
      if (!found || (rank && *found > *rank)) continue;
      if (!rank || *found < *rank) several.clear();
      rank = found;
      several.push_back(i);
    }
    return rank;
  }

  void ask(const char* what, const std::vector<std::size_t>& several) {
    std::vector<std::string> quoted;
    for (const std::size_t i : several) quoted.push_back(fmt::format("\"{}\" (column {})", words_[i].text, i + 1));
    problem(fmt::format("{} may each be the {}. Say which it is: --columns {}={}", fmt::join(quoted, " and "), what,
                        what, several.front() + 1));
  }

  void find_energy() {
    constexpr std::array kNamed = {std::pair{"energy", EnergyKind::kTotal},
                                   std::pair{"energy_per_atom", EnergyKind::kPerAtom},
                                   std::pair{"formation_energy_per_atom", EnergyKind::kFormation}};
    for (const auto& [name, kind] : kNamed) {
      if (!named_.contains(name)) continue;
      if (const auto column = named(name)) take_energy(*column, kind, false);
      return;
    }
    if (!columns_.has_header) return missing("energy", "", "energy=2");
    // As before there were other names: what is documented wins over what resembles it.
    for (const auto& [name, kind] : kNamed) {
      for (std::size_t i = 0; i < words_.size(); ++i) {
        if (words_[i].text == name) return take_energy(i, kind, false);
      }
    }
    for (const auto& kinds :
         {std::pair{EnergyKind::kTotal, EnergyKind::kTotal}, std::pair{EnergyKind::kPerAtom, EnergyKind::kPerAtom},
          std::pair{EnergyKind::kFormation, EnergyKind::kFormationPerFormula}}) {
      std::vector<std::size_t> several;
      for (std::size_t i = 0; i < words_.size(); ++i) {
        const auto kind = energy_kind(words_[i]);
        if (kind && (*kind == kinds.first || *kind == kinds.second)) several.push_back(i);
      }
      const auto plain = std::find_if(several.begin(), several.end(), [&](std::size_t i) {
        return words_[i].word == "energy" || words_[i].word == "energy_per_atom" ||
               words_[i].word == "formation_energy_per_atom";
      });
      const auto of_a_plain_name = std::count_if(several.begin(), several.end(), [&](std::size_t i) {
        return plain != several.end() && words_[i].word == words_[*plain].word;
      });
      if (several.size() > 1 && of_a_plain_name == 1) several = {*plain};
      if (several.size() > 1)
        return ask(kinds.first == EnergyKind::kTotal     ? "energy"
                   : kinds.first == EnergyKind::kPerAtom ? "energy_per_atom"
                                                         : "formation_energy_per_atom",
                   several);
      if (several.size() == 1) return take_energy(several.front(), *energy_kind(words_[several.front()]), true);
    }
    missing("energy", "or energy_per_atom, formation_energy_per_atom, e_form", "energy=NAME");
  }

  void take_energy(std::size_t column, EnergyKind kind, bool remark) {
    columns_.energy = column;
    columns_.kind = kind;
    const HeaderWord& header = words_[column];
    if (columns_.has_header && lower_case(header.unit).find("mev") != std::string::npos) columns_.unit_ev = 1e-3;
    const bool formation = kind == EnergyKind::kFormation || kind == EnergyKind::kFormationPerFormula;
    if (!remark && !formation && columns_.unit_ev == 1) return;
    if (!formation && columns_.unit_ev == 1 && one_of(header.word, {"energy", "energy_per_atom"})) return;
    columns_.remarks.push_back(fmt::format(
        "\"{}\" is taken for {} in {}{}", header.text,
        formation ? "formation energies against the elements" : "energies", columns_.unit_ev == 1 ? "eV" : "meV",
        kind == EnergyKind::kTotal || kind == EnergyKind::kFormationPerFormula ? " per formula as written"
                                                                               : " per atom"));
  }

  void find_formula() {
    if (named_.contains("formula")) {
      if (const auto column = named("formula")) columns_.formula = *column;
      return;
    }
    if (!columns_.has_header) {
      if (problems_.empty()) missing("formula", "", "formula=1");
      return;
    }
    std::vector<std::size_t> several;
    const auto rank = best(kFormulaNames, several);
    if (!rank) return missing("formula", "or composition, compound", "formula=NAME");
    if (several.size() > 1 && *rank > 0) return ask("formula", several);
    columns_.formula = several.front();
    if (*rank > 0)
      columns_.remarks.push_back(fmt::format("formulas are those of \"{}\"", words_[several.front()].text));
  }

  void find_id() {
    if (named_.contains("id")) {
      columns_.id = named("id");
      return;
    }
    if (!columns_.has_header) return;
    std::vector<std::size_t> several;
    auto rank = best(kIdNames, several);
    std::erase_if(several, [&](std::size_t i) { return i == columns_.formula; });
    if (rank && !several.empty()) {
      columns_.id = several.front();
      columns_.id_must_fit = *rank == 0;
      return;
    }
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!is_index_name(words_[i]) || i == columns_.formula || i == columns_.energy) continue;
      columns_.id = i;
      columns_.id_must_fit = false;
      return;
    }
  }

  const CsvTable& table_;
  const NamedColumns& named_;
  const std::string& file_;
  const CsvLine& header_;
  std::vector<HeaderWord> words_;
  Problems problems_;
  EntryColumns columns_;
};

}  // namespace

NamedColumns parse_named_columns(const std::vector<std::string>& words) {
  NamedColumns named;
  std::string energy;
  for (const std::string& word : words) {
    for (std::size_t begin = 0; begin <= word.size();) {
      const std::size_t end = std::min(word.find(',', begin), word.size());
      const std::string one = word.substr(begin, end - begin);
      begin = end + 1;
      const auto equals = one.find('=');
      const std::string what = trimmed(one.substr(0, equals));
      const std::vector<std::string> known(std::begin(kEntryColumns), std::end(kEntryColumns));
      if (std::find(known.begin(), known.end(), what) == known.end() || equals == std::string::npos ||
          trimmed(one.substr(equals + 1)).empty()) {
        throw InputError(
            fmt::format("--columns: expected NAME=COLUMN, NAME one of {} and COLUMN a word of the header or "
                        "a number from 1, found \"{}\"{}",
                        fmt::join(known, ", "), one, did_you_mean(what, known)));
      }
      if (!named.emplace(what, trimmed(one.substr(equals + 1))).second)
        throw InputError(fmt::format("--columns: {} is named twice", what));
      if (what != "id" && what != "formula") {
        if (!energy.empty()) throw InputError(fmt::format("--columns: {} and {} are both named", energy, what));
        energy = what;
      }
    }
  }
  return named;
}

EntryColumns find_entry_columns(const CsvTable& table, const NamedColumns& named, const std::string& file_name) {
  return ColumnFinder(table, named, file_name).find();
}

}  // namespace hullscan
