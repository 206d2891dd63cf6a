/// @file
/// What people see on a terminal: hullscan in a pseudo-terminal of some width.

#include <fcntl.h>
#include <pty.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <regex>
#include <sstream>

#include "../program.hpp"
#include "core/terminal_width.hpp"

using namespace hullscan::test;
using Catch::Contains;

namespace {

/// All that a command writes to a terminal of so many columns, in the folder.
std::string on_terminal(std::uint16_t columns, const std::vector<std::string>& arguments, const fs::path& folder) {
  winsize size{};
  size.ws_row = 40;
  size.ws_col = columns;
  int master = -1;
  std::fflush(nullptr);
  const pid_t pid = forkpty(&master, nullptr, nullptr, &size);
  if (pid == 0) {
    std::vector<char*> words{const_cast<char*>(HULLSCAN_PROGRAM)};
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    setenv("LC_ALL", "C.UTF-8", 1);
    if (chdir(folder.c_str()) == 0) execv(words[0], words.data());
    _exit(127);
  }
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(master, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  close(master);
  int status = 0;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  return text;
}

/// What is ever on one line of the screen: a carriage return begins it anew.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(std::regex_replace(text, std::regex("\x1b\\[[0-9;]*[A-Za-z]"), ""));
  for (std::string line; std::getline(stream, line);) {
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, '\r');) lines.push_back(part);
  }
  return lines;
}

std::size_t widest(const std::vector<std::string>& lines) {
  std::size_t most = 0;
  for (const std::string& line : lines) most = std::max(most, hullscan::columns_of(line));
  return most;
}

/// Al and Ni on fcc that mix at a cost, 0.4 x (1 - x) eV/atom; every calculation takes a little while.
struct Mixing : TemporaryFolder {
  Mixing() {
    write_file(path() / "fcc.vasp", "fcc\n1.0\n0 1.9 1.9\n1.9 0 1.9\n1.9 1.9 0\nAl\n1\nDirect\n0 0 0\n");
    write_file(path() / "calculator", R"(#!/bin/sh
sleep 0.15
awk 'NR == 6 { for (i = 1; i <= NF; ++i) name[i] = $i }
     NR == 7 { for (i = 1; i <= NF; ++i) n[name[i]] += $i }
     END { al = n["Al"] + 0; ni = n["Ni"] + 0
           printf "{\"converged\": true, \"energy_ev\": %.12f}\n", -3*al - 4*ni + 0.4*al*ni/(al + ni) }' POSCAR > part
mv part result.json
)");
    fs::permissions(path() / "calculator", fs::perms::owner_all);
    write_file(path() / "campaign.toml",
               "name = \"mixing\"\n[[space]]\nname = \"a-space-with-a-long-name\"\nstructure = \"fcc.vasp\"\n"
               "volume = [1, 3]\n[[space.sublattice]]\nsites = \"Al\"\nspecies = { Al = \"0%..100%\", Ni = \"rest\" }\n"
               "[[surrogate]]\nkind = \"cluster-expansion\"\npairs = 4.2\n[select]\ninitial = 10\nrounds = 0\n"
               "[dft]\ncode = \"command\"\ncommand = \"./calculator\"\nmethod = \"mean field\"\ncalculation = "
               "\"scf\"\n");
  }
};

}  // namespace

TEST_CASE("nothing that hullscan writes is wider than its terminal", "[cli][terminal]") {
  const Mixing campaign;
  for (const std::uint16_t columns : {std::uint16_t{80}, std::uint16_t{60}, std::uint16_t{120}}) {
    INFO(columns);
    const std::string directory = "d" + std::to_string(columns);
    const auto lines = lines_of(on_terminal(columns, {"run", "campaign.toml", "--dir", directory}, campaign.path()));

    CHECK(widest(lines) <= columns);
    const auto is_bar = [](const std::string& line) { return line.find("calculations (") != std::string::npos; };
    CHECK(std::any_of(lines.begin(), lines.end(), is_bar));
    for (const std::string& line : lines)
      if (is_bar(line)) CHECK(hullscan::columns_of(line) < columns);
    // All ten configurations cost energy, and those of five compositions are seen.
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
            return line.find("○") != std::string::npos && line.find("above the") == std::string::npos;
          }) >= 2);
    for (const std::vector<std::string>& command : {std::vector<std::string>{"top", directory},
                                                    {"status", directory},
                                                    {"tasks", directory},
                                                    {"report", directory},
                                                    {"hull", directory + "/report/entries.json"}}) {
      INFO(command.front());
      CHECK(widest(lines_of(on_terminal(columns, command, campaign.path()))) <= columns);
    }
  }
}

TEST_CASE("where nothing says how wide the terminal is, 80 columns are taken", "[cli][terminal]") {
  const Mixing campaign;

  const auto lines = lines_of(on_terminal(0, {"run", "campaign.toml", "--dir", "d"}, campaign.path()));

  CHECK(widest(lines) <= 80);
}

TEST_CASE("a table that nobody watches has one line a row", "[cli][terminal]") {
  const Mixing campaign;
  REQUIRE(run_hullscan({"run", "campaign.toml", "--dir", "d"}, campaign.path()).exit_code == 0);

  std::istringstream rows(run_hullscan({"top", "d"}, campaign.path()).output);

  std::size_t count = 0;
  for (std::string row; std::getline(rows, row);) ++count;
  CHECK(count == 1 + 10);
}
