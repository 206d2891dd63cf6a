/// @file
/// Numbers and categories that a user's table gives for every orbit of one space, as further columns of a descriptor
/// model. Held by supercell and canonical occupation, a category as the number of its word: a table of millions of
/// orbits travels with the model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/supercell.hpp"
#include "surrogates/byte_stream.hpp"

namespace hullscan {

/// Whether a model of this kind can take columns from a table.
bool takes_orbit_columns(std::string_view kind);
/// The same as part of a sentence: "ridge", "random-forest" and so on, in quotes.
std::string kinds_that_take_orbit_columns();

/// "net = 6,11,12": what the column of zeros and ones of one word is called.
std::string word_column_name(const std::string& name, const std::string& word);

class OrbitColumns {
 public:
  /// One column of the table. Of numbers, or, where it has words, of categories.
  struct Column {
    std::string group, name;
    std::vector<std::string> words = {};          ///< ascending; empty: numbers
    std::vector<double> numbers = {};             ///< [rows]
    std::vector<std::uint32_t> word_of_row = {};  ///< [rows] index into words
  };
  /// Which rows of the columns are the orbits of a supercell.
  struct Orbits {
    SupercellMatrix matrix = SupercellMatrix::Identity();
    std::vector<std::vector<std::uint8_t>> occupations = {};  ///< canonical forms, each once
    std::vector<std::uint32_t> rows = {};                     ///< [occupations] into the columns
  };
  OrbitColumns(std::vector<Column> columns, const std::vector<Orbits>& supercells);

  /// What the model sees: every word is a column of zeros and ones. [columns] each.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<std::string>& groups() const { return groups_; }
  /// Without the columns of these groups; nothing if no column is left.
  [[nodiscard]] std::shared_ptr<const OrbitColumns> without(const std::vector<std::string>& groups) const;

  /// The rows of one supercell, for as long as the columns live.
  class Lookup {
   public:
    /// Whether the table has a row for it.
    [[nodiscard]] bool has(std::span<const std::uint8_t> occupation) const { return row_of(occupation).has_value(); }
    /// @param row [columns]. @throws InputError if the table has no row for it.
    void fill(std::span<const std::uint8_t> occupation, std::span<double> row) const;

   private:
    friend class OrbitColumns;
    [[nodiscard]] std::optional<std::size_t> row_of(std::span<const std::uint8_t> occupation) const;
    const OrbitColumns* columns_ = nullptr;
    std::size_t supercell_ = 0;
  };
  [[nodiscard]] Lookup of(const Supercell& supercell) const;

  void write(ByteWriter& out) const;
  /// @throws StorageError.
  static OrbitColumns read(ByteReader& in);

 private:
  /// The occupations of a supercell, ascending, each packed into as few bits a site as its species need.
  struct Packed {
    SupercellMatrix matrix;
    std::uint32_t sites = 0, bits = 1;
    std::vector<std::uint8_t> keys;  ///< [rows * bytes()]
    std::uint32_t first_row = 0;     ///< into the columns, which stand in the order of the keys
    std::uint32_t rows = 0;
    [[nodiscard]] std::size_t bytes() const { return (static_cast<std::size_t>(sites) * bits + 7) / 8; }
  };
  OrbitColumns() = default;
  void name_columns();

  std::vector<Column> columns_;
  std::vector<Packed> supercells_;
  std::vector<std::string> names_, groups_;
};

/// A model that can be given columns from a table, once, after it was joined with others and before its first fit.
class TakesOrbitColumns {
 public:
  virtual ~TakesOrbitColumns() = default;
  /// @throws InputError if a column has the name of one of the model's own.
  virtual void take_columns(std::shared_ptr<const OrbitColumns> columns) = 0;
};

}  // namespace hullscan
