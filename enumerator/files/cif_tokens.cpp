#include "enumerator/files/cif_tokens.hpp"

#include <algorithm>
#include <cctype>

#include "enumerator/files/text_file.hpp"

namespace hullscan {
namespace {

/// Control characters too: old files end with the end-of-file mark of DOS.
bool is_cif_space(char c) { return c == ' ' || (static_cast<unsigned char>(c) < 0x20 && c != '\0') || c == '\x7f'; }

}  // namespace

CifTokenizer::CifTokenizer(const std::string& text) : text_(text), is_cif2_(text.starts_with("#\\#CIF_2")) {}

CifToken CifTokenizer::next() {
  skip_space_and_comments();
  CifToken token;
  token.value.line = line_;
  token.value.column = column();
  token.last_line = line_;
  if (at_end()) return token;
  const char c = text_[at_];
  if (c == ';' && at_ == line_start_) {
    read_text_field(token);
  } else if (is_cif2_ && (c == '[' || c == '{')) {
    read_bracketed(token);
  } else if ((c == '\'' || c == '"') && is_cif2_ && text_.compare(at_, 3, std::string(3, c)) == 0) {
    read_triple_quoted(token, c);
  } else if (c == '\'' || c == '"') {
    read_quoted(token, c);
  } else {
    read_bare(token);
  }
  token.last_line = line_;
  return token;
}

void CifTokenizer::advance() {
  if (text_[at_++] == '\n') {
    ++line_;
    line_start_ = at_;
  }
}

void CifTokenizer::skip_space_and_comments() {
  while (!at_end()) {
    if (is_cif_space(text_[at_])) {
      advance();
    } else if (text_[at_] == '#') {
      while (!at_end() && text_[at_] != '\n') advance();
    } else {
      return;
    }
  }
}

/// From ';' in the first column to the next such line.
void CifTokenizer::read_text_field(CifToken& token) {
  std::size_t end = text_.find("\n;", at_);
  token.kind = CifTokenKind::kValue;
  token.value.is_quoted = true;
  if (end == std::string::npos) {
    token.complaint =
        "text field that starts here has no closing ';' at the start of a line: it is taken to the end of the file";
    end = text_.size();
  }
  token.value.text = text_.substr(at_ + 1, end - at_ - 1);
  while (at_ < std::min(end + 2, text_.size())) advance();
}

/// A quote ends the string only before white space: 'a dog's life' is one value.
void CifTokenizer::read_quoted(CifToken& token, char quote) {
  token.kind = CifTokenKind::kValue;
  token.value.is_quoted = true;
  std::size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != '\n') {
    if (text_[end] == quote && (end + 1 == text_.size() || is_cif_space(text_[end + 1]))) break;
    ++end;
  }
  token.value.text = text_.substr(at_ + 1, end - at_ - 1);
  if (end < text_.size() && text_[end] == quote) {
    at_ = end + 1;
    return;
  }
  token.complaint = std::string("expected a closing ") + quote + " on this line: the rest of the line is taken";
  at_ = end;
}

void CifTokenizer::read_triple_quoted(CifToken& token, char quote) {
  token.kind = CifTokenKind::kValue;
  token.value.is_quoted = true;
  std::size_t end = text_.find(std::string(3, quote), at_ + 3);
  if (end == std::string::npos) {
    token.complaint = "text in three quotes that starts here does not end";
    end = text_.size();
  }
  token.value.text = text_.substr(at_ + 3, end - at_ - 3);
  while (at_ < std::min(end + 3, text_.size())) advance();
}

/// A list or table of CIF 2.0 is one value, kept as written.
void CifTokenizer::read_bracketed(CifToken& token) {
  token.kind = CifTokenKind::kValue;
  token.value.is_quoted = true;
  const std::size_t begin = at_;
  int depth = 0;
  while (!at_end()) {
    const char c = text_[at_];
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    advance();
    if (depth == 0) break;
  }
  token.value.text = text_.substr(begin, at_ - begin);
}

void CifTokenizer::read_bare(CifToken& token) {
  const std::size_t begin = at_;
  while (!at_end() && !is_cif_space(text_[at_])) ++at_;
  token.value.text = text_.substr(begin, at_ - begin);
  const std::string word = lower_case(token.value.text);
  if (word[0] == '_') {
    token.kind = CifTokenKind::kTag;
  } else if (word.starts_with("data_")) {
    token.kind = CifTokenKind::kData;
  } else if (word == "loop_") {
    token.kind = CifTokenKind::kLoop;
  } else if (word.starts_with("save_")) {
    token.kind = CifTokenKind::kSave;
  } else if (word == "global_" || word == "stop_") {
    token.kind = CifTokenKind::kOther;
  } else {
    token.kind = CifTokenKind::kValue;
  }
}

}  // namespace hullscan
