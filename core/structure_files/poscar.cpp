#include "core/structure_files/poscar.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>
#include <vector>

#include "core/structure_files/text_words.hpp"

namespace hullscan {
namespace {

class PoscarReader {
 public:
  PoscarReader(std::string_view text, const std::string& file, long most_atoms)
      : lines_(lines_of(text)), file_(file), most_atoms_(most_atoms) {}

  Poscar read() {
    next("a comment");
    const Eigen::Vector3d scale = read_scale();
    const Eigen::Matrix3d rows = scaled(read_vectors(), scale);
    const auto species = read_species();
    const bool cartesian = read_mode();
    Structure structure{lattice(rows), {}, {}};
    for (const auto& [element, count] : species) {
      for (long i = 0; i < count; ++i) {
        const Eigen::Vector3d x = read_vector("the position of an atom");
        structure.species.push_back(element);
        structure.positions.push_back(
            cartesian ? structure.lattice.to_fractional({Eigen::Vector3d(x.cwiseProduct(cartesian_scale_))})
                      : Fractional{x});
      }
    }
    return {std::move(structure), std::move(remark_)};
  }

 private:
  [[noreturn]] void fail(int column, const std::string& what) const {
    throw FormatError(to_string(SourcePosition{file_, static_cast<int>(line_), column}) + ": " + what);
  }

  void next(const std::string& expected) {
    if (line_ >= lines_.size()) {
      ++line_;
      fail(0, "expected " + expected + ", the file ends");
    }
    words_ = words_of(lines_[line_++]);
  }

  double number(std::size_t word, const std::string& expected) const {
    if (word >= words_.size()) {
      fail(static_cast<int>(lines_[line_ - 1].size()) + 1,
           "expected " + expected + ", found " + std::to_string(words_.size()) + " words");
    }
    const auto value = fortran_number(words_[word].text);
    if (!value) fail(words_[word].column, "expected " + expected + ", found " + in_quotes(words_[word].text));
    return *value;
  }

  /// VASP reads 1.5d-3 as it reads 1.5e-3.
  static std::optional<double> fortran_number(std::string_view word) {
    std::string text(word);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == 'd' || c == 'D'; }, 'e');
    return number_from(text);
  }

  Eigen::Vector3d read_vector(const std::string& what) {
    next(what);
    const std::string expected = "three numbers, " + what;
    return {number(0, expected), number(1, expected), number(2, expected)};
  }

  /// One factor; a negative one is the cell's volume; three factors scale x, y and z.
  Eigen::Vector3d read_scale() {
    next("the scaling factor");
    const double first = number(0, "the scaling factor");
    if (words_.size() >= 3 && fortran_number(words_[1].text) && fortran_number(words_[2].text)) {
      const Eigen::Vector3d three(first, number(1, "a scaling factor"), number(2, "a scaling factor"));
      if ((three.array() <= 0).any()) fail(words_[0].column, "three scaling factors must be positive");
      return three;
    }
    if (first == 0.0) fail(words_[0].column, "the scaling factor is 0");
    return Eigen::Vector3d::Constant(first);
  }

  Eigen::Matrix3d read_vectors() {
    Eigen::Matrix3d rows;
    for (int i = 0; i < 3; ++i) rows.row(i) = read_vector("a lattice vector").transpose();
    return rows;
  }

  Eigen::Matrix3d scaled(const Eigen::Matrix3d& rows, Eigen::Vector3d scale) {
    if (scale[0] < 0) {
      const double volume = std::abs(rows.determinant());
      if (!(volume > 0)) fail(0, "the lattice vectors span no volume");
      scale.setConstant(std::cbrt(-scale[0] / volume));
    }
    cartesian_scale_ = scale;
    return rows * scale.asDiagonal();
  }

  Lattice lattice(const Eigen::Matrix3d& rows) const {
    try {
      return Lattice(rows);
    } catch (const FormatError& error) {
      throw FormatError(to_string(SourcePosition{file_, 3, 0}) + ": " + error.what());
    }
  }

  /// "Ti", "Ti_sv", "Ti_sv/7c5f…", "Ti/7c5f…": an element or the name of a potential.
  static std::optional<Species> element(std::string_view word) {
    return Species::parse(word.substr(0, word.find_first_of("_/")));
  }

  /// The elements of a VASP 4 file from its comment: "Na Cl", "Na1 Cl1", "Na:Cl", "NaCl", the first so many words.
  [[nodiscard]] std::vector<Species> elements_of_comment(std::size_t count) const {
    std::string comment(lines_.front());
    std::replace_if(
        comment.begin(), comment.end(), [](char c) { return c == ':' || c == ',' || c == ';' || c == '|'; }, ' ');
    std::vector<Species> elements;
    for (const Word& word : words_of(comment)) {
      const auto species = element(word.text);
      if (!species) break;
      elements.push_back(*species);
    }
    if (elements.size() == count) return elements;
    // A formula: "NaCl", "Li1 Co1 O2", "Ba Ti O3 cubic".
    elements.clear();
    for (std::size_t at = 0; at < comment.size();) {
      const char c = comment[at];
      if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        ++at;
        if (elements.size() == count) break;
        continue;
      }
      if (std::isupper(static_cast<unsigned char>(c)) == 0) break;
      std::size_t length = 1;
      while (at + length < comment.size() && std::islower(static_cast<unsigned char>(comment[at + length])) != 0)
        ++length;
      const auto species = Species::parse(std::string_view(comment).substr(at, length));
      if (!species) break;
      elements.push_back(*species);
      at += length;
      while (at < comment.size() && (std::isdigit(static_cast<unsigned char>(comment[at])) != 0 || comment[at] == '.'))
        ++at;
    }
    return elements;
  }

  std::vector<std::pair<Species, long>> read_species() {
    next("a line of elements");
    if (words_.empty()) fail(1, "expected a line of elements, found an empty line");
    std::vector<std::pair<Species, long>> species;
    if (integer_from(words_[0].text)) {
      std::size_t count = 0;
      while (count < words_.size() && integer_from(words_[count].text)) ++count;
      const std::vector<Species> named = elements_of_comment(count);
      if (named.size() != count) {
        fail(words_[0].column,
             "expected a line of elements, found numbers: this is the format of VASP 4, which does not say which "
             "elements there are, and the comment line does not name " +
                 std::to_string(count) + "; add their symbols as a line above the counts");
      }
      std::string list;
      for (const Species one : named) {
        species.emplace_back(one, 0);
        list += (list.empty() ? "" : ", ") + std::string(one.symbol());
      }
      remark_ = {{file_, static_cast<int>(line_), words_[0].column},
                 "this is the format of VASP 4, which does not say which elements there are: " + list +
                     " are taken from the comment line"};
      read_counts(species);
      return species;
    }
    for (const Word& word : words_) {
      if (word.text[0] == '!' || word.text[0] == '#') break;
      const auto found = element(word.text);
      if (!found) fail(word.column, "expected an element, found " + in_quotes(word.text));
      species.emplace_back(*found, 0);
    }
    if (species.empty()) fail(words_[0].column, "expected an element, found " + in_quotes(words_[0].text));
    next("a line of counts");
    read_counts(species);
    return species;
  }

  void read_counts(std::vector<std::pair<Species, long>>& species) const {
    if (words_.size() < species.size()) {
      fail(words_.empty() ? 1 : words_.back().column, "expected " + std::to_string(species.size()) +
                                                          " counts, one per element, found " +
                                                          std::to_string(words_.size()));
    }
    long total = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const auto count = integer_from(words_[i].text);
      if (i >= species.size()) {
        if (count) fail(words_[i].column, "more counts than elements");
        break;  // a comment
      }
      if (!count || *count < 0)
        fail(words_[i].column, "expected a number of atoms, found " + in_quotes(words_[i].text));
      if (*count > most_atoms_) fail(words_[i].column, "more than " + std::to_string(most_atoms_) + " atoms");
      species[i].second = *count;
      total += *count;
    }
    if (total == 0) fail(words_[0].column, "expected at least one atom");
    if (total > most_atoms_) fail(words_[0].column, "more than " + std::to_string(most_atoms_) + " atoms");
  }

  /// @returns true for Cartesian positions.
  bool read_mode() {
    next("Direct or Cartesian");
    const auto initial = [&] {
      return words_.empty() ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(words_[0].text[0])));
    };
    if (initial() == 's') next("Direct or Cartesian");
    const char mode = initial();
    if (mode == 'c' || mode == 'k') return true;
    if (mode == 'd' || mode == 'f') return false;
    fail(words_.empty() ? 1 : words_[0].column,
         "expected Direct or Cartesian, found " +
             (words_.empty() ? std::string("an empty line") : in_quotes(words_[0].text)));
  }

  std::vector<std::string_view> lines_;
  const std::string& file_;
  long most_atoms_;
  std::size_t line_ = 0;  ///< lines read so far = number of the current one
  std::vector<Word> words_;
  std::optional<PoscarRemark> remark_;
  Eigen::Vector3d cartesian_scale_ = Eigen::Vector3d::Ones();
};

/// Without control characters: a line must stay a line.
std::string one_line(const std::string& text) {
  std::string line = text;
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return line;
}

std::vector<Species> species_order(const Structure& structure, std::span<const Species> order) {
  std::vector<Species> result;
  const auto append = [&](Species species) {
    if (std::find(result.begin(), result.end(), species) != result.end()) return;
    if (std::find(structure.species.begin(), structure.species.end(), species) != structure.species.end()) {
      result.push_back(species);
    }
  };
  for (const Species species : order) append(species);
  for (const Species species : structure.species) append(species);
  return result;
}

}  // namespace

Poscar parse_poscar(std::string_view text, const std::string& file_name, long most_atoms) {
  return PoscarReader(text, file_name, most_atoms).read();
}

std::string to_poscar(const Structure& structure, const std::string& comment, std::span<const Species> order,
                      const PoscarLayout& layout) {
  const auto line = [&](const Eigen::Vector3d& x) { return vector_text(x, layout.coordinates) + "\n"; };
  const auto column = [&](std::string_view word, std::size_t count_digits) {
    const std::size_t least = layout.species_column_width;
    return fmt::format("{:>{}}", word, least == 0 ? word.size() + 1 : std::max(least, count_digits + 1));
  };
  std::string text = one_line(comment) + "\n1.0\n";
  for (int i = 0; i < 3; ++i) text += line(structure.lattice.rows().row(i).transpose());
  std::string symbols, counts, positions;
  for (const Species species : species_order(structure, order)) {
    std::size_t atoms = 0;
    for (std::size_t i = 0; i < structure.atom_count(); ++i) {
      if (structure.species[i] != species) continue;
      ++atoms;
      positions += line(structure.positions[i].x);
    }
    const std::string count = std::to_string(atoms);
    const bool renamed = layout.deuterium_as_hydrogen && species.symbol() == "D";
    symbols += column(renamed ? "H" : species.symbol(), count.size());
    counts += column(count, count.size());
  }
  return text + symbols + "\n" + counts + "\nDirect\n" + positions;
}

}  // namespace hullscan
