#include "dft_adapters/vasp/messages.hpp"

#include <algorithm>
#include <cctype>

#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

constexpr std::size_t kLongestQuote = 600;
constexpr int kStepsThatHeal = 5;  ///< electronic steps after which a warning is over

std::string_view stripped(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front())) != 0) line.remove_prefix(1);
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.remove_suffix(1);
  return line;
}

bool is_boxed(std::string_view plain) { return plain.size() >= 2 && plain.front() == '|'; }

/// Without the borders; a box that a terminal cut has none at its right.
std::string_view unboxed(std::string_view plain) {
  plain.remove_prefix(1);
  if (!plain.empty() && plain.back() == '|') plain.remove_suffix(1);
  return stripped(plain);
}

/// "EEEEEEE  RRRRRR" and "W WW W  AAAAAA": the large letters ERROR, WARNING, ADVICE are drawn with single ones.
bool is_drawn(std::string_view line) {
  if (line.find("---->") != std::string_view::npos) return false;
  std::size_t words = 0, uniform = 0;
  for (const std::string& word : detail::words(line)) {
    ++words;
    if (std::all_of(word.begin(), word.end(), [&](char c) { return c == word[0]; })) ++uniform;
  }
  return words > 0 && words == uniform;
}

bool has_words(std::string_view line) {
  return std::count_if(line.begin(), line.end(), [](unsigned char c) { return std::isalpha(c) != 0; }) >= 8;
}

enum class Progress { kNone, kElectronic, kIonic };

/// "DAV:  12 …" and "  3 F= … E0= …" of standard output, "Iteration  3(  12)" and the end of a loop in OUTCAR.
Progress progress_of(std::string_view plain) {
  if (plain.find("F=") != std::string_view::npos && plain.find("E0=") != std::string_view::npos)
    return Progress::kIonic;
  if (plain.find("aborting loop") != std::string_view::npos) return Progress::kIonic;
  if (plain.find(" Iteration ") != std::string_view::npos) return Progress::kElectronic;
  for (const std::string_view name : {"DAV:", "RMM:", "CG :", "CGA:", "SDA:", "DIA:", "EXX:", "DMP:", "CG:"}) {
    if (plain.starts_with(name)) return Progress::kElectronic;
  }
  return Progress::kNone;
}

/// Calls `on_progress(Progress)` and `on_statement(Statement)` in the order of the text.
template <class OnProgress, class OnStatement>
void walk(std::string_view text, OnProgress on_progress, OnStatement on_statement) {
  Statement box;
  const auto end_box = [&] {
    if (!box.text.empty() || box.refuses) on_statement(box);
    box = {};
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view plain = stripped(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_boxed(plain)) {
      const std::string_view inside = unboxed(plain);
      if (inside.find("I REFUSE TO CONTINUE WITH THIS SICK JOB") != std::string_view::npos) {
        box.refuses = true;
      } else if (!inside.empty() && !is_drawn(inside)) {
        box.text += (box.text.empty() ? "" : " ") + std::string(inside);
      }
      continue;
    }
    end_box();
    if (const Progress progress = progress_of(plain); progress != Progress::kNone) on_progress(progress);
    if (has_words(plain)) on_statement(Statement{std::string(plain), false});
  }
  end_box();
}

}  // namespace

std::vector<Statement> statements_of(std::string_view text) {
  std::vector<Statement> statements;
  walk(
      text, [](Progress) {}, [&](const Statement& one) { statements.push_back(one); });
  return statements;
}

std::optional<SaidError> error_said(std::string_view text, Source source) {
  std::optional<SaidError> fatal, warned, refused;
  int steps_since = 0;
  bool begun = source == Source::kStandardOutput;
  const auto on_progress = [&](Progress progress) {
    begun = true;
    steps_since += progress == Progress::kIonic ? kStepsThatHeal : 1;
    if (steps_since >= kStepsThatHeal) warned.reset();
  };
  const auto on_statement = [&](const Statement& said) {
    if (!begun && said.text.find('=') != std::string::npos && !said.refuses) return;
    const KnownError* error = find_error(said.text);
    const SaidError one{error, said.text.substr(0, kLongestQuote)};
    if (error == nullptr) {
      if (said.refuses && !said.text.empty()) refused = one;
    } else if (!error->vasp_goes_on || said.refuses) {
      if (!fatal) fatal = one;
    } else {
      warned = one;
      steps_since = 0;
    }
  };
  walk(text, on_progress, on_statement);
  if (fatal) return fatal;
  return refused ? refused : warned;
}

std::optional<SaidError> warning_said(std::string_view text) {
  std::optional<SaidError> last;
  for (const Statement& said : statements_of(text)) {
    const KnownError* error = find_error(said.text);
    if (error != nullptr && error->vasp_goes_on) last = SaidError{error, said.text.substr(0, kLongestQuote)};
  }
  return last;
}

std::string crash_said(std::string_view text) {
  for (const std::string& line : detail::lines(text)) {
    for (const std::string_view mark :
         {"forrtl: severe", "forrtl: error", "Program received signal", "Fortran runtime error"}) {
      if (line.find(mark) != std::string::npos) return detail::trimmed(line).substr(0, kLongestQuote);
    }
  }
  return "";
}

}  // namespace hullscan::vasp
