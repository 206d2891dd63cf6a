#include "enumerator/poscar_reader.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "enumerator/text_file.hpp"

namespace hullscan {
namespace {

constexpr long kMostAtoms = 20000;  ///< a parent crystal is a small cell

class PoscarReader {
 public:
  PoscarReader(const std::string& text, const std::string& file) : lines_(lines_of(text)), file_(file) {}

  Crystal read() {
    next("a comment");
    const Eigen::Vector3d scale = read_scale();
    const Eigen::Matrix3d rows = scaled(read_vectors(), scale);
    const auto species = read_species();
    bool cartesian = read_mode();
    Crystal crystal{lattice(rows), {}, file_};
    std::map<Species, int> numbers;
    for (const auto& [element, count] : species) {
      for (long i = 0; i < count; ++i) {
        const Eigen::Vector3d x = read_vector("the position of an atom");
        const Fractional position = cartesian ? crystal.lattice.to_fractional({Eigen::Vector3d(x.cwiseProduct(cartesian_scale_))})
                                              : Fractional{x};
        const std::string label = std::string(element.symbol()) + std::to_string(++numbers[element]);
        crystal.sites.push_back({label, wrapped(position), {{element, 1.0, std::nullopt}}, {}});
      }
    }
    return crystal;
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
    const auto value = number_from(words_[word].text);
    if (!value) fail(words_[word].column, "expected " + expected + ", found " + in_quotes(words_[word].text));
    return *value;
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
    if (words_.size() >= 3 && number_from(words_[1].text) && number_from(words_[2].text)) {
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

  std::vector<std::pair<Species, long>> read_species() {
    next("a line of elements");
    if (words_.empty()) fail(1, "expected a line of elements, found an empty line");
    if (integer_from(words_[0].text)) {
      fail(words_[0].column, "expected a line of elements, found numbers: this is the format of VASP 4, which does not say "
                             "which elements there are; add their symbols as a line above the counts");
    }
    std::vector<std::pair<Species, long>> species;
    for (const Word& word : words_) {
      // "Ti_sv" or "Ti_sv/7c5f…": the name of a potential.
      const std::string symbol(word.text.substr(0, word.text.find_first_of("_/")));
      const auto element = Species::parse(symbol);
      if (!element) fail(word.column, "expected an element, found " + in_quotes(word.text));
      species.emplace_back(*element, 0);
    }
    next("a line of counts");
    if (words_.size() < species.size()) {
      fail(words_.empty() ? 1 : words_.back().column, "expected " + std::to_string(species.size()) +
                                                          " counts, one an element, found " + std::to_string(words_.size()));
    }
    long total = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const auto count = integer_from(words_[i].text);
      if (i >= species.size()) {
        if (count) fail(words_[i].column, "more counts than elements");
        break;  // a comment
      }
      if (!count || *count < 0) fail(words_[i].column, "expected a number of atoms, found " + in_quotes(words_[i].text));
      if (*count > kMostAtoms) fail(words_[i].column, "more than 20000 atoms");
      species[i].second = *count;
      total += *count;
    }
    if (total == 0) fail(words_[0].column, "expected at least one atom");
    if (total > kMostAtoms) fail(words_[0].column, "more than 20000 atoms");
    return species;
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
         "expected Direct or Cartesian, found " + (words_.empty() ? std::string("an empty line") : in_quotes(words_[0].text)));
  }

  std::vector<std::string_view> lines_;
  const std::string& file_;
  std::size_t line_ = 0;  ///< lines read so far = number of the current one
  std::vector<Word> words_;
  Eigen::Vector3d cartesian_scale_ = Eigen::Vector3d::Ones();
};

}  // namespace

Crystal crystal_from_poscar(const std::string& text, const std::string& file_name) {
  return PoscarReader(text, file_name).read();
}

}  // namespace hullscan
