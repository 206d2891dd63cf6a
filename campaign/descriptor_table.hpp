/// @file
/// A CSV table of descriptors: what `descriptors` writes and `regress` reads. Columns called "group: name" are
/// descriptors; all others say what a row is (docs/formats/descriptor-table.md).
#pragma once

#include <Eigen/Core>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "surrogates/regression/table_model.hpp"

namespace hullscan {

/// A descriptor in words, each of which is a column "NAME = WORD" of zeros and ones.
struct CategoryColumn {
  std::string group, name;
  std::vector<std::string> words;  ///< ascending
};

struct DescriptorTable {
  TableColumns columns;
  Eigen::MatrixXd features;                                ///< [rows, columns]
  std::map<std::string, std::vector<std::string>> others;  ///< [column] -> [rows]
  std::vector<int> line_of_row;                            ///< of the file
  std::vector<CategoryColumn> categories;
  [[nodiscard]] std::size_t rows() const { return static_cast<std::size_t>(features.rows()); }
  /// @throws InputError with every row that holds no number, or a "did you mean".
  [[nodiscard]] Eigen::VectorXd numbers(const std::string& column, const std::string& file) const;
};

/// A descriptor none of whose fields is a number is one in words.
/// @param like where it is given, descriptors in words have that table's words: others are none of its columns.
/// @throws FormatError with line and column for a row of the wrong length or a descriptor that is not a number.
DescriptorTable read_descriptor_table(const std::filesystem::path& file, const DescriptorTable* like = nullptr);

}  // namespace hullscan
