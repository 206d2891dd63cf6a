/// @file
/// The syntax of CIF 1.1 and 2.0: data blocks of items and loops, every value with its place. What the items mean is
/// not here. Programs write what the syntax forbids: what can be understood is read, with a note. Source: Hall, Allen
/// & Brown, Acta Cryst. A47, 655 (1991); the IUCr's CIF 1.1 syntax specification.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {

struct CifValue {
  std::string text;
  bool is_quoted = false;  ///< 'text', "text" or a ;text field: then ? and . are ordinary characters
  int line = 0;
  int column = 0;

  /// False for an unquoted ? (unknown) or . (does not apply), and for nothing but blanks.
  [[nodiscard]] bool is_known() const;
};

struct CifColumn {
  std::vector<CifValue> values;  ///< one for an item outside a loop
  int loop = -1;                 ///< number of the loop within the block; -1 outside
  int line = 0;                  ///< of the tag
  int column = 0;
};

struct CifBlock {
  std::string name;  ///< as written, without "data_"
  int line = 0;
  std::map<std::string, CifColumn>
      items;                       ///< tag in lower case, '.' written '_' (so that DDLm names match), "_" included
  std::vector<std::string> notes;  ///< `file:line:column: …`, what was mended or passed over in this block
  std::string fault;               ///< `file:line:column: …`, why the block cannot be used; or empty

  [[nodiscard]] const CifColumn* find(const std::string& tag) const;  ///< nullptr if absent
  /// First of `tags` that is there with a known value, else the first that is there.
  [[nodiscard]] const CifColumn* find_any(const std::vector<std::string>& tags) const;
  /// First of `tags` that is there with a known value.
  [[nodiscard]] const CifValue* value(const std::vector<std::string>& tags) const;
};

/// @param file_name for messages. Save frames are skipped. A tag that a block gives twice with different values is
/// kept as first given, with a note; two cells or two lists of atoms are the block's fault.
std::vector<CifBlock> parse_cif(const std::string& text, const std::string& file_name);

/// A number with or without a standard uncertainty: "5.28(1)" is 5.28, ".5" is 0.5; "1/3", "1.5D-1" and "0,25" too.
std::optional<double> cif_number(const std::string& text);

}  // namespace hullscan
