#include "enumerator/files/cif_document.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>
#include <string_view>

#include "enumerator/files/cif_tokens.hpp"
#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

using Rows = std::vector<std::vector<CifValue>>;

std::string normalised_tag(const std::string& text) {
  std::string tag = text;
  std::transform(tag.begin(), tag.end(), tag.begin(),
                 [](unsigned char c) { return c == '.' ? '_' : static_cast<char>(std::tolower(c)); });
  return tag;
}

/// What describes the cell, the symmetry, the atoms or the content; the rest may be as broken as it likes.
bool matters(const std::string& tag) {
  static constexpr const char* kStarts[] = {"_cell_length_", "_cell_angle_",         "_cell_formula_units_z",
                                            "_atom_site_",   "_atom_type_",          "_symmetry_",
                                            "_space_group_", "_chemical_formula_sum"};
  return std::any_of(std::begin(kStarts), std::end(kStarts),
                     [&](const char* start) { return tag.starts_with(start); }) &&
         !tag.starts_with("_atom_site_aniso_");
}

/// Two values of these in one block are two crystals.
bool makes_the_crystal(const std::string& tag) {
  return tag.starts_with("_cell_length_") || tag.starts_with("_cell_angle_") || tag.starts_with("_atom_site_fract_") ||
         tag.starts_with("_atom_site_cartn_");
}

bool is_coordinate(const std::string& tag) {
  return tag.starts_with("_atom_site_fract_") || tag.starts_with("_atom_site_cartn_");
}

bool is_operation(const std::string& tag) {
  return tag.ends_with("_pos_as_xyz") || tag.ends_with("operation_xyz") || tag.ends_with("centering_xyz") ||
         tag.ends_with("operation_algebraic");
}

bool holds_triplet(const CifValue& value) { return std::count(value.text.begin(), value.text.end(), ',') >= 2; }

CifValue unknown_at(const CifValue& place) { return {"?", false, place.line, place.column}; }

bool all_unknown(const CifColumn& column) {
  return std::none_of(column.values.begin(), column.values.end(),
                      [](const CifValue& value) { return value.is_known(); });
}

/// The values of a loop as they stand, row after row. @pre their number is a multiple of the columns'.
Rows in_order(const std::vector<CifValue>& values, std::size_t columns) {
  Rows rows;
  for (std::size_t i = 0; i + columns <= values.size(); i += columns) {
    rows.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i),
                      values.begin() + static_cast<std::ptrdiff_t>(i + columns));
  }
  return rows;
}

/// The values of each line of the text.
Rows by_line(const std::vector<CifValue>& values) {
  Rows rows;
  for (const CifValue& value : values) {
    if (rows.empty() || rows.back().back().line != value.line) rows.emplace_back();
    rows.back().push_back(value);
  }
  return rows;
}

/// A line's words with those of the operation as one: `1 x, y, z` has two columns. Nothing if there are too few.
std::optional<std::vector<CifValue>> with_operation_joined(const std::vector<CifValue>& words, std::size_t columns,
                                                           std::size_t operation) {
  std::vector<CifValue> row;
  const std::size_t after = columns - 1 - operation;
  if (words.size() < columns) {
    // A list of numbered operations whose numbers were left out.
    const auto triplet = std::find_if(words.begin(), words.end(), holds_triplet);
    if (triplet == words.end()) return std::nullopt;
    row.assign(columns, unknown_at(words.front()));
    row[operation] = *triplet;
    return row;
  }
  row.assign(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(operation));
  CifValue joined = words[operation];
  for (std::size_t i = operation + 1; i + after < words.size(); ++i) joined.text += " " + words[i].text;
  row.push_back(joined);
  row.insert(row.end(), words.end() - static_cast<std::ptrdiff_t>(after), words.end());
  return row;
}

class Parser {
 public:
  Parser(const std::string& text, const std::string& file_name) : tokens_(text), file_(file_name) { take(); }

  std::vector<CifBlock> parse() {
    while (token_.kind != CifTokenKind::kEnd) {
      switch (token_.kind) {
        case CifTokenKind::kData:
          block();
          break;
        case CifTokenKind::kSave:
          in_frame_ = token_.value.text.size() > 5;
          take();
          break;
        case CifTokenKind::kLoop:
          loop();
          break;
        case CifTokenKind::kTag:
          item();
          break;
        case CifTokenKind::kOther:
          take();
          break;
        default:
          note(token_.value, "stray",
               "expected a tag, loop_ or data_, found " + in_quotes(token_.value.text) + ": passed over");
          take();
      }
    }
    return std::move(blocks_);
  }

 private:
  void take() {
    token_ = tokens_.next();
    if (!token_.complaint.empty()) note(token_.value, "quotes", token_.complaint);
  }

  [[nodiscard]] std::string at(const CifValue& where, const std::string& what) const {
    return to_string(SourcePosition{file_, where.line, where.column}) + ": " + what;
  }

  /// The first of its kind in this block; before the first block there is nothing to note.
  void note(const CifValue& where, const std::string& kind, const std::string& what) {
    if (blocks_.empty() || !noted_.insert(kind).second) return;
    blocks_.back().notes.push_back(at(where, what));
  }

  void blame(const CifValue& where, const std::string& what) {
    if (blocks_.back().fault.empty()) blocks_.back().fault = at(where, what);
  }

  void begin_block(const std::string& name, int line) {
    CifBlock block;
    block.name = name;
    block.line = line;
    blocks_.push_back(std::move(block));
    loops_ = 0;
    in_frame_ = false;
    noted_.clear();
  }

  void block() {
    const CifValue start = token_.value;
    std::string name = start.text.substr(5);
    take();
    // "data_a long name"
    while (token_.kind == CifTokenKind::kValue && token_.value.line == start.line && !token_.value.is_quoted) {
      name += " " + token_.value.text;
      take();
    }
    begin_block(name, start.line);
  }

  void need_block() {
    if (!blocks_.empty()) return;
    begin_block("", token_.value.line);
    note(token_.value, "data",
         "expected data_ before " + in_quotes(token_.value.text) + ": read as a block without a name");
  }

  void store(const CifValue& tag, CifColumn column) {
    if (in_frame_) return;
    const std::string name = normalised_tag(tag.text);
    column.line = tag.line;
    column.column = tag.column;
    const auto [known, is_new] = blocks_.back().items.try_emplace(name, column);
    if (is_new || !matters(name) || same(known->second, column)) return;
    const std::string twice =
        tag.text + " is given twice in this block, first in line " + std::to_string(known->second.line);
    if (all_unknown(known->second) || all_unknown(column)) {
      const bool first = !all_unknown(known->second);
      note(tag, name,
           twice + ": " + texts(known->second) + " and " + texts(column) + "; the " + (first ? "first" : "second") +
               " is used");
      if (!first) known->second = column;
    } else if (makes_the_crystal(name)) {
      blame(tag, twice);
    } else {
      note(tag, name, twice + ": " + texts(known->second) + " and " + texts(column) + "; the first is used");
    }
  }

  static std::string texts(const CifColumn& column) {
    if (column.values.size() == 1) return in_quotes(column.values.front().text);
    return std::to_string(column.values.size()) + " values";
  }

  static bool same(const CifColumn& a, const CifColumn& b) {
    return std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(),
                      [](const CifValue& x, const CifValue& y) {
                        if (x.text == y.text) return true;
                        const auto first = cif_number(x.text), second = cif_number(y.text);
                        return first && second && std::abs(*first - *second) <= 1e-6 * std::abs(*first);
                      });
  }

  void item() {
    need_block();
    const CifValue tag = token_.value;
    const std::string name = normalised_tag(tag.text);
    take();
    CifColumn column;
    if (token_.kind == CifTokenKind::kValue) {
      CifValue value = token_.value;
      int line = token_.last_line;
      take();
      // "_symmetry_space_group_name_H-M P 21/c" lacks its quotes.
      while (token_.kind == CifTokenKind::kValue && token_.value.line == line && !value.is_quoted) {
        if (matters(name)) note(tag, name, tag.text + ": several words without quotes are taken as one value");
        value.text += " " + token_.value.text;
        line = token_.last_line;
        take();
      }
      column.values.push_back(std::move(value));
    } else {
      if (matters(name)) note(tag, name, tag.text + " has no value");
      column.values.push_back(unknown_at(tag));
    }
    store(tag, std::move(column));
  }

  void loop() {
    need_block();
    const CifValue start = token_.value;
    take();
    std::vector<CifValue> tags, values;
    while (token_.kind == CifTokenKind::kTag) {
      tags.push_back(token_.value);
      take();
    }
    while (token_.kind == CifTokenKind::kValue) {
      values.push_back(token_.value);
      take();
    }
    if (tags.empty()) {
      note(start, "loop", "loop_ without tags: passed over");
      return;
    }
    const Rows rows = rows_of(start, tags, values);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      CifColumn column;
      column.loop = loops_;
      for (const auto& row : rows) column.values.push_back(row[i]);
      store(tags[i], std::move(column));
    }
    ++loops_;
  }

  Rows rows_of(const CifValue& start, const std::vector<CifValue>& tags, const std::vector<CifValue>& values) {
    std::vector<std::string> names;
    for (const CifValue& tag : tags) names.push_back(normalised_tag(tag.text));
    const bool whole = values.size() % tags.size() == 0;
    const Rows rows = in_order(values, tags.size());
    const auto operation = std::find_if(names.begin(), names.end(), is_operation);
    if (operation != names.end()) {
      const auto place = static_cast<std::size_t>(operation - names.begin());
      const auto is_in_place = [&](const std::vector<CifValue>& row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
          if (i == place ? !holds_triplet(row[i]) : names[i].ends_with("id") && holds_triplet(row[i])) return false;
        }
        return true;
      };
      if (whole && std::all_of(rows.begin(), rows.end(), is_in_place)) return rows;
      if (const auto joined = operations_by_line(values, tags.size(), place)) return *joined;
    }
    const bool has_atoms = std::any_of(names.begin(), names.end(), is_coordinate);
    if (has_atoms && (!whole || !coordinates_are_numbers(rows, names))) {
      if (const auto lines = atoms_by_line(values, names)) {
        note(start, "columns",
             "loop_ of " + std::to_string(tags.size()) +
                 " columns: the atoms' lines hold another number of values; the first " + std::to_string(tags.size()) +
                 " of each are taken, and what is missing at the end is unknown");
        return *lines;
      }
    }
    if (!whole && (has_atoms || operation != names.end())) {
      blame(values.back(), "loop_ of line " + std::to_string(start.line) + " has " + std::to_string(tags.size()) +
                               " columns and " + std::to_string(values.size()) +
                               " values: the last row is not complete");
    } else if (!whole && std::any_of(names.begin(), names.end(), matters)) {
      note(start, "row",
           "loop_ of " + std::to_string(tags.size()) + " columns has " + std::to_string(values.size()) +
               " values: the last row is left out");
    }
    return rows;
  }

  static std::optional<Rows> operations_by_line(const std::vector<CifValue>& values, std::size_t columns,
                                                std::size_t place) {
    Rows rows;
    for (const auto& line : by_line(values)) {
      const auto row = with_operation_joined(line, columns, place);
      if (!row) return std::nullopt;
      rows.push_back(*row);
    }
    return rows;
  }

  static bool coordinates_are_numbers(const Rows& rows, const std::vector<std::string>& names) {
    return std::all_of(rows.begin(), rows.end(), [&](const auto& row) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (is_coordinate(names[i]) && row[i].is_known() && !cif_number(row[i].text)) return false;
      }
      return true;
    });
  }

  static std::optional<Rows> atoms_by_line(const std::vector<CifValue>& values, const std::vector<std::string>& names) {
    std::size_t least = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (is_coordinate(names[i])) least = i + 1;
    }
    Rows rows = by_line(values);
    for (auto& row : rows) {
      if (row.size() < least) return std::nullopt;
      row.resize(names.size(), unknown_at(row.back()));
    }
    if (!coordinates_are_numbers(rows, names)) return std::nullopt;
    return rows;
  }

  CifTokenizer tokens_;
  const std::string& file_;
  CifToken token_;
  std::vector<CifBlock> blocks_;
  std::set<std::string> noted_;  ///< kinds of notes of the last block
  int loops_ = 0;
  bool in_frame_ = false;
};

}  // namespace

bool CifValue::is_known() const {
  if (text.find_first_not_of(" \t\n") == std::string::npos) return false;
  return is_quoted || (text != "?" && text != ".");
}

const CifColumn* CifBlock::find(const std::string& tag) const {
  const auto found = items.find(tag);
  return found == items.end() ? nullptr : &found->second;
}

const CifColumn* CifBlock::find_any(const std::vector<std::string>& tags) const {
  const CifColumn* unknown = nullptr;
  for (const std::string& tag : tags) {
    const CifColumn* column = find(tag);
    if (column != nullptr && !all_unknown(*column)) return column;
    if (unknown == nullptr) unknown = column;
  }
  return unknown;
}

const CifValue* CifBlock::value(const std::vector<std::string>& tags) const {
  for (const std::string& tag : tags) {
    const CifColumn* column = find(tag);
    if (column == nullptr || column->values.empty()) continue;
    const CifValue& value = column->values.front();
    if (value.is_known() && value.text != "?" && value.text != ".") return &value;
  }
  return nullptr;
}

std::vector<CifBlock> parse_cif(const std::string& text, const std::string& file_name) {
  // A no-break space is a space and a typographer's minus a minus, in UTF-8.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTypography = {
      {{"\xC2\xA0", " "}, {"\xE2\x88\x92", "-"}, {"\xE2\x80\x93", "-"}}};
  std::string plain = text;
  for (const auto& [written, meant] : kTypography) {
    for (std::size_t i = plain.find(written); i != std::string::npos; i = plain.find(written, i)) {
      plain.replace(i, written.size(), meant);
    }
  }
  return Parser(plain, file_name).parse();
}

std::optional<double> cif_number(const std::string& text) {
  std::string_view number = text;
  if (const std::size_t open = number.find('('); open != std::string_view::npos) {
    if (number.back() != ')' || number.size() < open + 3) return std::nullopt;
    const std::string_view digits = number.substr(open + 1, number.size() - open - 2);
    if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
    number = number.substr(0, open);
    while (number.ends_with(' ')) number.remove_suffix(1);
  }
  if (const auto plain = number_from(number)) return plain;
  if (const std::size_t slash = number.find('/'); slash != std::string_view::npos) {
    const auto above = number_from(number.substr(0, slash)), below = number_from(number.substr(slash + 1));
    if (above && below && *below > 0) return *above / *below;
    return std::nullopt;
  }
  std::string other(number);
  if (const std::size_t exponent = other.find_first_of("dD"); exponent != std::string::npos) other[exponent] = 'e';
  if (std::count(other.begin(), other.end(), ',') == 1 && other.find('.') == std::string::npos)
    other[other.find(',')] = '.';
  return number_from(other);
}

}  // namespace hullscan
