// The progress line and texts that must fit a terminal.
#include <catch2/catch.hpp>
#include <sstream>
#include <vector>

#include "core/progress_text.hpp"
#include "core/terminal_width.hpp"
#include "core/text_table.hpp"

using namespace hullscan;
using Catch::Contains;

namespace {

/// As a long run has it: everything that a line can say.
ProgressState long_state() {
  return {.what = "enumerating and scoring",
          .unit = "orbits",
          .done = 1'234'567'890,
          .total = 98'765'432'100,
          .elapsed_s = 4000,
          .note = "round 12, 64 running, 3 failed"};
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns_of(line));
  return widest;
}

}  // namespace

TEST_CASE("the progress bar is shorter than the line of any terminal", "[core][progress]") {
  std::vector<ProgressState> states{long_state(), long_state(), long_state(), long_state()};
  states[1].total = 0;  // not known
  states[2].elapsed_s = 1e-6;
  states[2].done = 1e-9;  // rates and times in units of several bytes, such as "µs"
  states[3].note.clear();
  for (const ProgressState& state : states) {
    for (std::size_t columns = 2; columns <= 250; ++columns) {
      const std::string bar = progress_bar(state, columns);
      CHECK(columns_of(bar) < columns);
      CHECK_THAT(bar, !Contains("\n"));
    }
  }
}

TEST_CASE("a wide terminal sees all of the progress, a narrow one its count first", "[core][progress]") {
  const std::string wide = progress_bar(long_state(), 200), usual = progress_bar(long_state(), 80),
                    narrow = progress_bar(long_state(), 60);

  CHECK_THAT(wide, Contains("[") && Contains("orbits/s") && Contains("round 12, 64 running, 3 failed"));
  CHECK_THAT(usual, Contains("1234567890/98765432100 orbits (1 %)"));
  CHECK_THAT(narrow, Contains("1234567890/98765432100"));
  CHECK_THAT(progress_text(long_state()), !Contains("[") && Contains("ETA") && Contains("3 failed"));
}

TEST_CASE("a table that fits is not broken, and one that does not is broken at blanks", "[core][table]") {
  TextTable table({"formula", "energy above hull meV/atom", "decomposes to", "id"}, {'l', 'r', 'l', 'l'});
  table.row({"Li2MnNi3O8", "12.5", "0.5 LiNiO2 + 0.25 Li2MnO3 + 0.25 NiO + 0.125 O2", "layered-53614c77"});

  const std::string whole = table.str(), same = table.str(200), broken = table.str(60);

  CHECK(whole == same);
  CHECK(std::count(whole.begin(), whole.end(), '\n') == 2);
  CHECK(widest_line(broken) <= 60);
  CHECK_THAT(broken, Contains("layered-53614c77") && Contains("12.5"));
  CHECK(widest_line(table.str(30)) <= 30);  // below what its words need it goes on in further lines
}

TEST_CASE("text is cut and broken by characters, not by bytes", "[core][table]") {
  CHECK(cut_to_columns("ÅÅÅÅÅÅ", 6) == "ÅÅÅÅÅÅ");
  CHECK(cut_to_columns("ÅÅÅÅÅÅ", 4) == "ÅÅ..");
  CHECK(wrapped_line("one two three", 8, "  ") == "one two\n  three");
  CHECK(wrapped_line("  one two", 6, "    ") == "  one\n    two");
  CHECK(wrapped_line("unbreakable", 4) == "unbreakable");
}
