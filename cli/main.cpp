/// @file
/// hullscan: one binary, one function a subcommand; errors become messages and exit codes here and nowhere else.

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <new>
#include <system_error>

#include "campaign/stop_signals.hpp"
#include "campaign/version.hpp"
#include "cli/build_parts.hpp"
#include "cli/command.hpp"
#include "cli/messages.hpp"
#include "cli/standard_output.hpp"
#include "core/json.hpp"
#include "surrogates/potentials/kim_calculator.hpp"
#include "workers/mpi_session.hpp"

namespace hullscan::cli {
namespace {

struct Command {
  const char* name;
  ExitCode (*run)(const Arguments&);
  const char* usage;
  const char* summary;
};

constexpr std::array kCommands = {
    Command{"init", run_init, "init STRUCTURE [--vary Pb=Zn,Cd …]", "write a commented campaign.toml for a structure"},
    Command{"check", run_check, "check FILE", "validate a campaign file, print every problem"},
    Command{"count", run_count, "count FILE", "exact counts of the space, no enumeration"},
    Command{"enumerate", run_enumerate, "enumerate FILE --out X", "inequivalent configurations with degeneracies"},
    Command{"run", run_run, "run FILE [--dir DIR]", "the campaign; the same line resumes it"},
    Command{"sbatch", run_sbatch, "sbatch FILE", "print a Slurm job script that runs the campaign"},
    Command{"qsub", run_qsub, "qsub FILE", "print a PBS job script that runs the campaign"},
    Command{"status", run_status, "status DIR [--watch]", "how far a campaign is, also while it runs"},
    Command{"tasks", run_tasks, "tasks DIR", "the DFT calculations and what happened to them"},
    Command{"why", run_why, "why DIR ID", "why a calculation was made and what came of it"},
    Command{"accept", run_accept, "accept DIR ID", "let a result count that was set aside"},
    Command{"exclude", run_exclude, "exclude DIR ID --because WORDS", "take a result out of fits and hull"},
    Command{"include", run_include, "include DIR ID", "take accept or exclude back"},
    Command{"import", run_import, "import DIR FILE…", "results that others computed become labels of a campaign"},
    Command{"report", run_report, "report DIR",
            "write report.html, report.json, hull.csv, entries.json, structures.extxyz"},
    Command{"export", run_export, "export DIR --format F", "results as csv, extxyz, poscar, cif or pymatgen"},
    Command{"top", run_top, "top DIR [N] [--out FOLDER]", "the best structures by distance to the hull, as files"},
    Command{"plot", run_plot, "plot DIR KIND --out X.{svg,pdf,png}",
            "figures for papers; without a KIND, which there are"},
    Command{"hull", run_hull, "hull ENTRIES.{csv,json}", "the convex hull of any list of entries"},
    Command{"validate", run_validate, "validate FILE --data X.extxyz",
            "how well the models predict labelled structures"},
    Command{"replay", run_replay, "replay FILE --data X.extxyz",
            "a campaign against labelled structures as the calculator"},
    Command{"best", run_best, "best FILE [--data X.extxyz]", "the lowest configurations of each composition, proven"},
    Command{"mc", run_mc, "mc FILE [--model DIR]", "Monte Carlo by the fitted model, beyond enumeration"},
    Command{"sqs", run_sqs, "sqs FILE --atoms N", "special quasirandom structures, proven"},
    Command{"descriptors", run_descriptors, "descriptors FILE --out X.csv",
            "the descriptor matrix of the configurations"},
    Command{"paths", run_paths, "paths TABLE.csv --target COLUMN",
            "migration paths by type and dopants, favourable thirds"},
    Command{"regress", run_regress, "regress TABLE.csv --target COLUMN",
            "ridge, forest, boosting on a descriptor table"},
    Command{"read", run_read, "read CODE PATH", "judge a finished DFT calculation"},
    Command{"slab", run_slab, "slab STRUCTURE --miller H,K,L", "distinct planes, slabs, adsorption sites"},
    Command{"kim-single-point", run_kim_single_point, "kim-single-point",
            "one calculation with a KIM potential: request.json in, result.json out"},
    Command{"log", run_log, "log DIR", "how the campaign file has changed, and what each version asked for"},
    Command{"verify", run_verify, "verify DIR [--recompute PERCENT]", "is everything there as it was stored?"},
    Command{"merge", run_merge, "merge --out DIR PART-DIR…", "join the parts of a job array (run --part I/N)"},
    Command{"rebuild-ledger", run_rebuild_ledger, "rebuild-ledger DIR", "make a lost database again"},
    Command{"doctor", run_doctor, "doctor", "what is installed and works"},
};

void print_usage(std::FILE* stream) {
  fmt::print(stream, "hullscan {}: the stable phases of a disordered crystal's whole configuration space\n\n",
             kVersion);
  fmt::print(stream, "usage: hullscan COMMAND …\n\n");
  for (const Command& command : kCommands) fmt::print(stream, "  {:<40} {}\n", command.usage, command.summary);
  fmt::print(stream, "\nhullscan COMMAND --help explains one. Start with: hullscan doctor\n");
}

ExitCode dispatch(int argc, char** argv) {
  if (argc < 2) {
    print_usage(stderr);
    return ExitCode::kUsage;
  }
  const std::string name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_usage(stdout);
    return ExitCode::kDone;
  }
  if (name == "--version") {
    const std::string kim = kim_api_version();
    std::string parts = kim.empty() ? "without the KIM API" : "the KIM API " + kim;
    for (const BuildPart& part : build_parts())
      if (!part.why_absent.empty()) parts += ", without " + part.library;
    fmt::print("hullscan {}\nwith {}, {}\n", kVersion, MpiSession::library(), parts);
    return ExitCode::kDone;
  }
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    if (name == command.name) return command.run(Arguments(argv + 2, argv + argc));
    names.emplace_back(command.name);
  }
  throw InputError(
      fmt::format("unknown command \"{}\"{}; hullscan --help lists them", name, did_you_mean(name, names)));
}

}  // namespace
}  // namespace hullscan::cli

/// Without memory there is no tidy end: what is stored is safe against a kill, so it ends like one, but with a word.
[[noreturn]] void out_of_memory() {
  constexpr char kWords[] = "hullscan: out of memory; everything stored is safe: run the same line again with more\n";
  (void)!::write(STDERR_FILENO, kWords, sizeof(kWords) - 1);
  ::_exit(static_cast<int>(hullscan::ExitCode::kStorage));
}

/// Before the constructors of the libraries: what they allocate may be too much already.
extern "C" void expect_to_starve() { std::set_new_handler(out_of_memory); }
[[gnu::section(".preinit_array"), gnu::used]] void (*const kBeforeLibraries)() = expect_to_starve;

int main(int argc, char** argv) {
  using hullscan::ExitCode;
  hullscan::cli::open_missing_descriptors();
  hullscan::install_stop_signals();
  ExitCode code = ExitCode::kUnexpected;
  try {
    code = hullscan::cli::dispatch(argc, argv);
    std::cout.flush();
    if ((!std::cout || std::fflush(stdout) != 0) && code == ExitCode::kDone && !hullscan::cli::reader_has_gone()) {
      throw hullscan::StorageError("standard output cannot be written");
    }
  } catch (const hullscan::cli::ReaderGone&) {
    code = ExitCode::kDone;
  } catch (const hullscan::Error& error) {
    hullscan::cli::print_error(error.what());
    code = hullscan::cli::exit_code_of(error);
  } catch (
      const hullscan::Json::exception& error) {  // what a command was given is judged where it is read: this was stored
    hullscan::cli::print_error(std::string("a JSON text that was stored in the campaign directory is damaged: ") +
                               error.what());
    code = ExitCode::kStorage;
  } catch (const std::system_error& error) {  // fmt's, when it cannot write, or of a file
    if (hullscan::cli::reader_has_gone()) return static_cast<int>(ExitCode::kDone);
    const bool of_files = dynamic_cast<const std::filesystem::filesystem_error*>(&error) != nullptr;
    hullscan::cli::print_error((of_files ? "" : std::string("standard output cannot be written: ")) + error.what());
    code = ExitCode::kStorage;
  } catch (const std::exception& error) {
    hullscan::cli::print_error(error.what());
  } catch (...) {
    hullscan::cli::print_error("it was ended by an exception that neither hullscan nor its libraries define");
  }
  return static_cast<int>(code);
}
