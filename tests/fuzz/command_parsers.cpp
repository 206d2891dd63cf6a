/// @file
/// Whole commands, as their main function calls them, on files of a user: nothing may end in exit code 1.

#include <algorithm>
#include <array>
#include <iostream>
#include <sstream>
#include <string>

#include "campaign/drafts/peer_inputs.hpp"
#include "cli/command.hpp"
#include "parser.hpp"

namespace hullscan::fuzz {
namespace {

using cli::Arguments;

void expect_known(ExitCode code) {
  if (code == ExitCode::kUnexpected) throw Error("a command ended with exit code 1");
}

/// Questions that the entries may not answer; the answer is looked at all the same.
void ask_hull(const Arguments& arguments) {
  try {
    expect_known(cli::run_hull(arguments));
  } catch (const InputError&) {
  }
}
void hull_csv(std::string_view bytes) {
  const std::string file = as_file("entries.csv", bytes);
  ask_hull({file, "--json", "--windows"});
  ask_hull({file, "--voltage", "Li"});
}
void hull_json(std::string_view bytes) {
  const std::string file = as_file("entries.json", bytes);
  ask_hull({file});
  ask_hull({file, "--json", "--cut", "Li:CoO2"});
}

void regress(std::string_view bytes) {
  expect_known(cli::run_regress(
      {as_file("table.csv", bytes), "--target", "energy", "--model", "ridge", "--json", "--by", "formula"}));
}

void paths(std::string_view bytes) {
  expect_known(cli::run_paths({as_file("paths.csv", bytes), "--target", "barrier", "--json"}));
}

void csslib(std::string_view bytes) {
  (void)as_file("structure.cif", R"(data_x
_cell_length_a 5.47
_cell_length_b 5.47
_cell_length_c 5.47
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
U U 0 0 0
O O 0.25 0.25 0.25
)");
  (void)read_csslib(as_file("csslib.json", bytes), 1e-3);
}

void init(std::string_view bytes) { expect_known(cli::run_init({as_file("x.cif", bytes), "--out", "-"})); }
void slab(std::string_view bytes) {
  expect_known(cli::run_slab({as_file("POSCAR", bytes), "--miller", "1,1,0", "--json"}));
}

/// Words of a command line, one a line, the first the command; what they may name lies in the folder.
void words(std::string_view bytes) {
  using Run = ExitCode (*)(const Arguments&);
  static constexpr std::array<std::pair<std::string_view, Run>, 10> kCommands = {{{"hull", cli::run_hull},
                                                                                  {"regress", cli::run_regress},
                                                                                  {"paths", cli::run_paths},
                                                                                  {"slab", cli::run_slab},
                                                                                  {"sbatch", cli::run_sbatch},
                                                                                  {"check", cli::run_check},
                                                                                  {"read", cli::run_read},
                                                                                  {"status", cli::run_status},
                                                                                  {"init", cli::run_init},
                                                                                  {"qsub", cli::run_qsub}}};
  (void)as_file("fcc.vasp", "Al\n4.05\n0 .5 .5\n.5 0 .5\n.5 .5 0\nAl\n1\nDirect\n0 0 0\n");
  (void)as_file("e.csv", "formula,energy\nAl,-3.7\nNi,-5.5\nAl3Ni,-17.5\nAlNi,-10.5\n");
  (void)as_file("t.csv", "id,y,pair: a,pair: b\n1,0.1,1,2\n2,0.2,2,1\n3,0.4,3,3\n4,0.1,4,1\n5,0.3,2,2\n6,0.2,0,1\n");
  (void)as_file(
      "c.toml",
      "name = 'x'\n[[space]]\nstructure = 'fcc.vasp'\nsupercell = [2, 1, 1]\n[[space.sublattice]]\nsites = 'Al'\n"
      "species = { Ni = '0..2', Al = 'rest' }\n");
  Arguments arguments;
  std::istringstream lines{std::string(bytes.substr(0, 2000))};
  for (std::string line; std::getline(lines, line) && arguments.size() < 20;) arguments.push_back(line);
  if (arguments.empty()) return;
  const std::string command = arguments.front();
  arguments.erase(arguments.begin());
  // Nothing is written outside of the folder, and nobody waits.
  if (std::any_of(arguments.begin(), arguments.end(), [](const std::string& word) {
        return word.find('/') != std::string::npos || word.find("watch") != std::string::npos;
      })) {
    return;
  }
  for (const auto& [name, run] : kCommands) {
    if (name == command) expect_known(run(arguments));
  }
}

}  // namespace

std::span<const Parser> command_parsers() {
  static const std::array parsers = {
      Parser{"hull-csv", {".csv"}, hull_csv}, Parser{"hull-json", {}, hull_json},
      Parser{"regress", {}, regress},         Parser{"paths", {}, paths},
      Parser{"csslib", {}, csslib},           Parser{"init", {".cif"}, init},
      Parser{"slab", {".vasp"}, slab},        Parser{"command-line", {}, words},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
