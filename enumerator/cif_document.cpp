#include "enumerator/cif_document.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "enumerator/text_file.hpp"

namespace hullscan {
namespace {

enum class TokenKind { kTag, kValue, kData, kLoop, kSave, kOther, kEnd };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  CifValue value;
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string normalised_tag(std::string_view text) {
  std::string tag = lower(text);
  std::replace(tag.begin(), tag.end(), '.', '_');
  return tag;
}

class Tokenizer {
 public:
  Tokenizer(const std::string& text, const std::string& file_name) : text_(text), file_(file_name) {}

  Token next() {
    skip_space_and_comments();
    Token token;
    token.value.line = line_;
    token.value.column = column();
    if (at_end()) return token;
    const char c = text_[at_];
    if (c == ';' && at_ == line_start_) {
      read_text_field(token);
    } else if (c == '\'' || c == '"') {
      read_quoted(token, c);
    } else {
      read_bare(token);
    }
    return token;
  }

  [[noreturn]] void fail(const CifValue& where, const std::string& what) const {
    throw FormatError(to_string(SourcePosition{file_, where.line, where.column}) + ": " + what);
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] int column() const { return static_cast<int>(at_ - line_start_) + 1; }
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f'; }

  void advance() {
    if (text_[at_++] == '\n') {
      ++line_;
      line_start_ = at_;
    }
  }

  void skip_space_and_comments() {
    while (!at_end()) {
      if (is_space(text_[at_])) {
        advance();
      } else if (text_[at_] == '#') {
        while (!at_end() && text_[at_] != '\n') advance();
      } else {
        return;
      }
    }
  }

  /// From ';' in the first column to the next such line.
  void read_text_field(Token& token) {
    const std::size_t end = text_.find("\n;", at_);
    if (end == std::string::npos) fail(token.value, "text field that starts here has no closing ';' at the start of a line");
    token.kind = TokenKind::kValue;
    token.value.is_quoted = true;
    token.value.text = text_.substr(at_ + 1, end - at_ - 1);
    while (at_ < end + 2) advance();
  }

  /// A quote ends the string only before white space: 'a dog's life' is one value.
  void read_quoted(Token& token, char quote) {
    token.kind = TokenKind::kValue;
    token.value.is_quoted = true;
    for (std::size_t i = at_ + 1;; ++i) {
      if (i >= text_.size() || text_[i] == '\n') {
        fail(token.value, std::string("expected a closing ") + quote + " on this line");
      }
      if (text_[i] == quote && (i + 1 == text_.size() || is_space(text_[i + 1]))) {
        token.value.text = text_.substr(at_ + 1, i - at_ - 1);
        at_ = i + 1;
        return;
      }
    }
  }

  void read_bare(Token& token) {
    const std::size_t begin = at_;
    while (!at_end() && !is_space(text_[at_])) ++at_;
    token.value.text = text_.substr(begin, at_ - begin);
    const std::string word = lower(token.value.text);
    if (word[0] == '_') {
      token.kind = TokenKind::kTag;
    } else if (word.starts_with("data_")) {
      token.kind = TokenKind::kData;
    } else if (word == "loop_") {
      token.kind = TokenKind::kLoop;
    } else if (word.starts_with("save_")) {
      token.kind = TokenKind::kSave;
    } else if (word == "global_" || word == "stop_") {
      token.kind = TokenKind::kOther;
    } else {
      token.kind = TokenKind::kValue;
    }
  }

  const std::string& text_;
  const std::string& file_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
};

class Parser {
 public:
  Parser(const std::string& text, const std::string& file_name) : tokens_(text, file_name) { take(); }

  std::vector<CifBlock> parse() {
    while (token_.kind != TokenKind::kEnd) {
      switch (token_.kind) {
        case TokenKind::kData: {
          CifBlock block;
          block.name = token_.value.text.substr(5);
          block.line = token_.value.line;
          blocks_.push_back(std::move(block));
          loops_ = 0;
          in_frame_ = false;
          take();
          break;
        }
        case TokenKind::kSave:
          in_frame_ = token_.value.text.size() > 5;
          take();
          break;
        case TokenKind::kLoop: loop(); break;
        case TokenKind::kTag: item(); break;
        case TokenKind::kOther: tokens_.fail(token_.value, in_quotes(token_.value.text) + " is not used in CIF");
        default: tokens_.fail(token_.value, "expected a tag, loop_ or data_, found " + in_quotes(token_.value.text));
      }
    }
    return std::move(blocks_);
  }

 private:
  void take() { token_ = tokens_.next(); }

  void need_block() const {
    if (blocks_.empty()) tokens_.fail(token_.value, "expected data_ before " + in_quotes(token_.value.text));
  }

  void store(const CifValue& tag, CifColumn column) {
    if (in_frame_) return;
    const std::string name = normalised_tag(tag.text);
    column.line = tag.line;
    column.column = tag.column;
    const auto [known, is_new] = blocks_.back().items.try_emplace(name, column);
    if (is_new) return;
    const auto texts = [](const CifColumn& c) {
      std::vector<std::string> all;
      for (const CifValue& value : c.values) all.push_back(value.text);
      return all;
    };
    static constexpr const char* kThatMatter[] = {"_cell_", "_atom_", "_symmetry_", "_space_group_", "_chemical_formula_sum"};
    const bool matters = std::any_of(std::begin(kThatMatter), std::end(kThatMatter),
                                     [&](const char* start) { return name.starts_with(start); });
    if (matters && texts(known->second) != texts(column)) {
      tokens_.fail(tag, tag.text + " is given twice in this block, first in line " + std::to_string(known->second.line));
    }
  }

  void item() {
    need_block();
    const CifValue tag = token_.value;
    take();
    if (token_.kind != TokenKind::kValue) {
      tokens_.fail(tag, tag.text + " has no value" +
                            (token_.kind == TokenKind::kEnd ? ": the file ends" : ", found " + in_quotes(token_.value.text)));
    }
    CifColumn column;
    column.values.push_back(token_.value);
    take();
    store(tag, std::move(column));
  }

  void loop() {
    need_block();
    const CifValue start = token_.value;
    take();
    std::vector<CifValue> tags;
    while (token_.kind == TokenKind::kTag) {
      tags.push_back(token_.value);
      take();
    }
    if (tags.empty()) tokens_.fail(start, "loop_ without tags");
    std::vector<CifColumn> columns(tags.size());
    std::size_t count = 0;
    CifValue last = start;
    while (token_.kind == TokenKind::kValue) {
      last = token_.value;
      columns[count++ % columns.size()].values.push_back(token_.value);
      take();
    }
    if (count % columns.size() != 0) {
      tokens_.fail(last, "loop_ of line " + std::to_string(start.line) + " has " + std::to_string(columns.size()) +
                             " columns and " + std::to_string(count) + " values: the last row is not complete");
    }
    for (std::size_t i = 0; i < tags.size(); ++i) {
      columns[i].loop = loops_;
      store(tags[i], std::move(columns[i]));
    }
    ++loops_;
  }

  Tokenizer tokens_;
  Token token_;
  std::vector<CifBlock> blocks_;
  int loops_ = 0;
  bool in_frame_ = false;
};

}  // namespace

const CifColumn* CifBlock::find(const std::string& tag) const {
  const auto found = items.find(tag);
  return found == items.end() ? nullptr : &found->second;
}

const CifColumn* CifBlock::find_any(const std::vector<std::string>& tags) const {
  for (const std::string& tag : tags) {
    if (const CifColumn* column = find(tag)) return column;
  }
  return nullptr;
}

const CifValue* CifBlock::value(const std::vector<std::string>& tags) const {
  for (const std::string& tag : tags) {
    const CifColumn* column = find(tag);
    if (column == nullptr || column->values.empty()) continue;
    const CifValue& value = column->values.front();
    if (value.is_known() && value.text != "?") return &value;
  }
  return nullptr;
}

std::vector<CifBlock> parse_cif(const std::string& text, const std::string& file_name) {
  return Parser(text, file_name).parse();
}

std::optional<double> cif_number(const std::string& text) {
  const std::size_t open = text.find('(');
  if (open == std::string::npos) return number_from(text);
  const std::size_t close = text.size() - 1;
  if (text[close] != ')' || close < open + 2) return std::nullopt;
  for (std::size_t i = open + 1; i < close; ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) return std::nullopt;
  }
  return number_from(std::string_view(text).substr(0, open));
}

}  // namespace hullscan
