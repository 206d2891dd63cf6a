/// @file
/// The words of a CIF, 1.1 or 2.0, each with its place. What follows what is not here.
#pragma once

#include <string>

#include "enumerator/files/cif_document.hpp"

namespace hullscan {

enum class CifTokenKind { kTag, kValue, kData, kLoop, kSave, kOther, kEnd };

struct CifToken {
  CifTokenKind kind = CifTokenKind::kEnd;
  CifValue value;
  int last_line = 0;      ///< of a text field: where it ends
  std::string complaint;  ///< what was mended: a quote without end, or empty
};

class CifTokenizer {
 public:
  /// @param text must outlive the tokenizer.
  explicit CifTokenizer(const std::string& text);
  CifToken next();

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] int column() const { return static_cast<int>(at_ - line_start_) + 1; }
  void advance();
  void skip_space_and_comments();
  void read_text_field(CifToken& token);
  void read_quoted(CifToken& token, char quote);
  void read_triple_quoted(CifToken& token, char quote);
  void read_bracketed(CifToken& token);
  void read_bare(CifToken& token);

  const std::string& text_;
  bool is_cif2_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
};

}  // namespace hullscan
