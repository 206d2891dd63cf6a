/// @file
/// The syntax of CIF 1.1: data blocks of items and loops, every value with its place. What the items mean is not here.
/// Source: Hall, Allen & Brown, Acta Cryst. A47, 655 (1991); the IUCr's CIF 1.1 syntax specification.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {

struct CifValue {
  std::string text;
  bool is_quoted = false;   ///< 'text', "text" or a ;text field: then ? and . are ordinary characters
  int line = 0;
  int column = 0;

  /// False for an unquoted ? (unknown) or . (does not apply).
  [[nodiscard]] bool is_known() const { return is_quoted || (text != "?" && text != "."); }
};

struct CifColumn {
  std::vector<CifValue> values;  ///< one for an item outside a loop
  int loop = -1;                 ///< number of the loop within the block; -1 outside
  int line = 0;                  ///< of the tag
  int column = 0;
};

struct CifBlock {
  std::string name;                        ///< as written, without "data_"
  int line = 0;
  std::map<std::string, CifColumn> items;  ///< tag in lower case, '.' written '_' (so that DDLm names match), "_" included

  [[nodiscard]] const CifColumn* find(const std::string& tag) const;  ///< nullptr if absent
  /// First of `tags` that is there.
  [[nodiscard]] const CifColumn* find_any(const std::vector<std::string>& tags) const;
  /// First of `tags` that is there with a known value.
  [[nodiscard]] const CifValue* value(const std::vector<std::string>& tags) const;
};

/// @param file_name for messages. Save frames are skipped. A tag that a block gives twice with different values is kept as
/// first given unless it describes the cell, the symmetry or the atoms.
/// @throws FormatError `file:line:column: …` for text that is no CIF.
std::vector<CifBlock> parse_cif(const std::string& text, const std::string& file_name);

/// A number with or without a standard uncertainty: "5.28(1)" is 5.28, ".5" is 0.5.
std::optional<double> cif_number(const std::string& text);

}  // namespace hullscan
