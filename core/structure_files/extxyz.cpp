#include "core/structure_files/extxyz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "core/errors.hpp"
#include "core/structure_files/text_words.hpp"

namespace hullscan {
namespace {

struct ExtxyzPair {
  std::string key, value;
  int column = 1;  ///< of the value
};

/// A column group of Properties: name:type:count.
struct ExtxyzColumns {
  std::string name;
  char type = 'S';
  std::size_t first = 0, count = 0;
};

class ExtxyzReader {
 public:
  ExtxyzReader(const std::string& text, const std::string& file) : lines_(lines_of(text)), file_(file) {}

  std::vector<LabelledFrame> read() {
    std::vector<LabelledFrame> frames;
    while (skip_blank()) frames.push_back(frame());
    if (frames.empty()) throw FormatError(file_ + ": expected extended XYZ, found no frame");
    return frames;
  }

 private:
  [[noreturn]] void fail(std::size_t line, int column, const std::string& what) const {
    throw FormatError(to_string(SourcePosition{file_, static_cast<int>(line + 1), column}) + ": " + what);
  }

  bool skip_blank() {
    while (at_ < lines_.size() && words_of(lines_[at_]).empty()) ++at_;
    return at_ < lines_.size();
  }

  LabelledFrame frame() {
    const std::vector<Word> first = words_of(lines_[at_]);
    const auto count = integer_from(first[0].text);
    if (!count || *count < 0 || first.size() != 1) {
      fail(at_, first[0].column, "expected the number of atoms of a frame, found " + in_quotes(lines_[at_]));
    }
    ++at_;
    if (at_ >= lines_.size()) fail(at_, 0, "expected a line with Lattice=\"…\", the file ends");
    const std::size_t comment = at_++;
    std::map<std::string, std::string> info;
    std::optional<Lattice> lattice;
    std::vector<ExtxyzColumns> properties = {{"species", 'S', 0, 1}, {"pos", 'R', 1, 3}};
    for (ExtxyzPair& pair : pairs(comment)) {
      if (pair.key == "Lattice") {
        lattice = read_lattice(comment, pair);
      } else if (pair.key == "Properties") {
        properties = read_properties(comment, pair);
      } else {
        info[pair.key] = std::move(pair.value);
      }
    }
    if (!lattice)
      fail(comment, 1, "expected Lattice=\"ax ay az bx by bz cx cy cz\": a frame without a lattice is not a crystal");
    LabelledFrame result{{*lattice, {}, {}}, std::move(info), {}};
    if (static_cast<std::size_t>(*count) > lines_.size() - at_) {
      fail(lines_.size(), 0,
           "expected " + std::to_string(*count) + " atoms, the file ends after " + std::to_string(lines_.size() - at_));
    }
    for (long i = 0; i < *count; ++i) atom(properties, result);
    if (!result.forces.empty() && result.forces.size() != result.structure.species.size()) result.forces.clear();
    return result;
  }

  /// key=value, key="value", key='value', key={value}, key=[value]; a key alone means true ("T").
  std::vector<ExtxyzPair> pairs(std::size_t line) const {
    const std::string_view text = lines_[line];
    const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    std::vector<ExtxyzPair> result;
    std::size_t i = 0;
    while (i < text.size()) {
      if (is_space(text[i])) {
        ++i;
        continue;
      }
      ExtxyzPair pair;
      if (text[i] == '"' || text[i] == '\'') {
        pair.key = enclosed(line, i, text[i]);
      } else {
        while (i < text.size() && !is_space(text[i]) && text[i] != '=') pair.key += text[i++];
      }
      std::size_t next = i;
      while (next < text.size() && is_space(text[next])) ++next;
      if (next < text.size() && text[next] == '=') {
        i = next + 1;
        while (i < text.size() && is_space(text[i])) ++i;
        pair.column = static_cast<int>(i) + 1;
        if (i < text.size() && (text[i] == '"' || text[i] == '\'')) {
          pair.value = enclosed(line, i, text[i]);
        } else if (i < text.size() && text[i] == '{') {
          pair.value = enclosed(line, i, '}');
        } else if (i < text.size() && text[i] == '[') {
          pair.value = "[" + enclosed(line, i, ']') + "]";
        } else {
          while (i < text.size() && !is_space(text[i])) pair.value += text[i++];
        }
      } else {
        pair.value = "T";
      }
      if (pair.key.empty()) fail(line, static_cast<int>(i) + 1, "expected a key before '='");
      result.push_back(std::move(pair));
    }
    return result;
  }

  /// From the opening character at i to `close`; \" and \\ are escapes. Leaves i after the closing character.
  std::string enclosed(std::size_t line, std::size_t& i, char close) const {
    const std::string_view text = lines_[line];
    const std::size_t begin = i++;
    std::string value;
    int depth = 0;
    for (; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '\\' && i + 1 < text.size()) {
        const char escaped = text[++i];
        value += escaped == 'n' ? '\n' : escaped;
      } else if (close == ']' && c == '[') {
        ++depth;
        value += c;
      } else if (c == close && depth > 0) {
        --depth;
        value += c;
      } else if (c == close) {
        ++i;
        return value;
      } else {
        value += c;
      }
    }
    fail(line, static_cast<int>(begin) + 1, std::string("expected a closing ") + close + " on this line");
  }

  Lattice read_lattice(std::size_t line, const ExtxyzPair& pair) const {
    const std::vector<Word> words = words_of(pair.value);
    Eigen::Matrix3d rows;
    for (std::size_t i = 0; i < 9; ++i) {
      const auto value = i < words.size() ? number_from(words[i].text) : std::nullopt;
      if (!value || words.size() != 9)
        fail(line, pair.column, "Lattice: expected 9 numbers, found " + in_quotes(pair.value));
      rows(static_cast<int>(i / 3), static_cast<int>(i % 3)) = *value;
    }
    try {
      return Lattice(rows);
    } catch (const FormatError& error) {
      fail(line, pair.column, error.what());
    }
  }

  std::vector<ExtxyzColumns> read_properties(std::size_t line, const ExtxyzPair& pair) const {
    std::vector<std::string> parts(1);
    for (const char c : pair.value) {
      if (c == ':') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    std::vector<ExtxyzColumns> properties;
    std::size_t first = 0;
    for (std::size_t i = 0; i + 2 < parts.size(); i += 3) {
      const auto count = integer_from(parts[i + 2]);
      if (parts[i + 1].size() != 1 || std::string("SRIL").find(parts[i + 1]) == std::string::npos || !count ||
          *count < 1 || *count > 1000) {
        fail(line, pair.column,
             "Properties: expected name:type:count with type S, R, I or L, found " +
                 in_quotes(parts[i] + ":" + parts[i + 1] + ":" + parts[i + 2]));
      }
      properties.push_back({parts[i], parts[i + 1][0], first, static_cast<std::size_t>(*count)});
      first += static_cast<std::size_t>(*count);
    }
    const auto has = [&](const char* name, std::size_t count) {
      for (const ExtxyzColumns& p : properties) {
        if (p.name == name && p.count == count) return true;
      }
      return false;
    };
    if (parts.size() % 3 != 0 || !(has("species", 1) || has("Z", 1) || has("element", 1)) || !has("pos", 3)) {
      fail(line, pair.column,
           "Properties: expected species:S:1 and pos:R:3 among its columns, found " + in_quotes(pair.value));
    }
    return properties;
  }

  void atom(const std::vector<ExtxyzColumns>& properties, LabelledFrame& frame) {
    const std::size_t line = at_++;
    const std::vector<Word> words = words_of(lines_[line]);
    const std::size_t expected = properties.back().first + properties.back().count;
    if (words.size() < expected) {
      fail(line, words.empty() ? 1 : words.back().column,
           "expected " + std::to_string(expected) + " columns for an atom, found " + std::to_string(words.size()));
    }
    const auto vector = [&](const ExtxyzColumns& property) {
      Eigen::Vector3d x;
      for (std::size_t i = 0; i < 3; ++i) {
        const Word& word = words[property.first + i];
        const auto value = number_from(word.text);
        if (!value) fail(line, word.column, property.name + ": expected a number, found " + in_quotes(word.text));
        x[static_cast<int>(i)] = *value;
      }
      return x;
    };
    std::optional<Species> species;
    Eigen::Vector3d position = Eigen::Vector3d::Zero();
    std::optional<Eigen::Vector3d> force;
    for (const ExtxyzColumns& property : properties) {
      const Word& word = words[property.first];
      if (property.name == "species" || property.name == "element") {
        species = Species::parse(word.text);
        if (!species) fail(line, word.column, "expected an element, found " + in_quotes(word.text));
      } else if (property.name == "Z" && !species) {
        const auto number = integer_from(word.text);
        if (!number || *number < 0 || *number > 118) {
          fail(line, word.column, "expected an atomic number, found " + in_quotes(word.text));
        }
        species = *number == 0 ? Species::vacancy() : Species::from_atomic_number(static_cast<int>(*number));
      } else if (property.name == "pos" && property.count == 3) {
        position = vector(property);
      } else if ((property.name == "forces" || property.name == "force") && property.count == 3) {
        force = vector(property);
      }
    }
    if (species->is_vacancy()) return;
    frame.structure.species.push_back(*species);
    frame.structure.positions.push_back(frame.structure.lattice.to_fractional({position}));
    if (force) frame.forces.push_back(*force);
  }

  std::vector<std::string_view> lines_;
  const std::string& file_;
  std::size_t at_ = 0;
};

bool needs_no_quotes(const std::string& value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '+' || c == '_' || c == ':' || c == '/';
  });
}

std::string quoted_value(const std::string& value) {
  if (needs_no_quotes(value)) return value;
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "\"";
}

}  // namespace

std::vector<LabelledFrame> parse_extxyz(const std::string& text, const std::string& file_name) {
  return ExtxyzReader(text, file_name).read();
}

std::string to_extxyz(const Structure& structure, const std::map<std::string, std::string>& info,
                      const std::vector<Eigen::Vector3d>& forces_ev_per_angstrom, const CoordinateLayout& layout) {
  const bool with_forces = !forces_ev_per_angstrom.empty() && forces_ev_per_angstrom.size() == structure.atom_count();
  std::string text = std::to_string(structure.atom_count()) + "\nLattice=\"";
  for (int i = 0; i < 9; ++i) {
    text += (i == 0 ? "" : " ") + coordinate_text(structure.lattice.rows()(i / 3, i % 3), layout);
  }
  text += "\" Properties=species:S:1:pos:R:3" + std::string(with_forces ? ":forces:R:3" : "");
  for (const auto& [key, value] : info) {
    if (key != "Lattice" && key != "Properties" && key != "pbc")
      text += " " + quoted_value(key) + "=" + quoted_value(value);
  }
  text += " pbc=\"T T T\"\n";
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    text += fmt::format("{:<2} {}", structure.species[i].symbol(),
                        vector_text(structure.lattice.to_cartesian(structure.positions[i]).x, layout));
    if (with_forces) text += " " + vector_text(forces_ev_per_angstrom[i], layout);
    text += "\n";
  }
  return text;
}

}  // namespace hullscan
