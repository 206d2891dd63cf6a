// Damages small campaign directories and runs every command that reads one on them (docs/crash-tests.md, row 20).
// usage: fuzz_directories [--inputs N] [--seed S] [--from I] [--kind K] [--all] [--show] [--damage-only FOLDER]
// Each input is known by seed and number; --from I --inputs 1 --show makes it again and says what was run, with
// --damage-only FOLDER nothing is run and the damaged copy is left there.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "../../files.hpp"
#include "campaigns.hpp"
#include "file_damage.hpp"
#include "trial.hpp"

using namespace hullscan::test;

#ifdef __SANITIZE_ADDRESS__
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0:abort_on_error=1:max_allocation_size_mb=2048";
}
extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() { return "abort_on_error=1:print_stacktrace=1"; }
#endif

namespace {

struct Options {
  std::uint64_t inputs = 200, seed = 1, from = 0;
  std::string kind, damage_only;
  bool all = false, show = false;
};

Options options_of(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
    if (word == "--inputs")
      options.inputs = number();
    else if (word == "--seed")
      options.seed = number();
    else if (word == "--from")
      options.from = number();
    else if (word == "--kind" && i + 1 < argc)
      options.kind = argv[++i];
    else if (word == "--damage-only" && i + 1 < argc)
      options.damage_only = argv[++i];
    else if (word == "--all")
      options.all = true;
    else if (word == "--show")
      options.show = true;
    else {
      std::fprintf(stderr, "unknown word %s\n", argv[i]);
      std::exit(2);
    }
  }
  return options;
}

struct Figures {
  std::uint64_t inputs = 0, commands = 0, must_notice = 0, missed = 0, findings = 0;
};

void print(const TrialReport& report, std::uint64_t number) {
  std::printf("input %llu: %s, %s: %s\n", static_cast<unsigned long long>(number), report.campaign.c_str(),
              report.kind.c_str(), report.damage.c_str());
  for (const std::string& command : report.commands) std::printf("    %s\n", command.c_str());
  for (const Finding& finding : report.findings)
    std::printf("  FOUND %s: hullscan %s\n%s\n", finding.what.c_str(), finding.command.c_str(),
                finding.messages.c_str());
  if (report.must_notice && !report.noticed) std::printf("  MISSED by verify\n");
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = options_of(argc, argv);
  // Nothing here has to survive a power cut.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  ::setenv("OMP_NUM_THREADS", "1", 1);
  const TemporaryFolder folder;
  const auto campaigns =
      make_campaigns(folder.path() / "originals", [](const auto& arguments, const auto& where, const auto& crash_at) {
        const CommandEnd end = run_forked(arguments, where, crash_at);
        if (end.exit_code != 0 && end.exit_code != 4 && crash_at.empty())
          std::fprintf(stderr, "%s", end.messages.c_str());
        return end.exit_code;
      });
  std::map<std::string, Figures> figures;
  for (std::uint64_t number = options.from; number < options.from + options.inputs; ++number) {
    Dice dice(options.seed * 1'000'003 + number);
    const TemporaryFolder box;
    const bool only = !options.damage_only.empty();
    const TrialReport report = try_damage(folder.path() / "originals", campaigns,
                                          only ? fs::path(options.damage_only) : box.path(), options.kind, dice,
                                          only          ? Thoroughness::kNone
                                          : options.all ? Thoroughness::kAll
                                                        : Thoroughness::kFew);
    Figures& of = figures[report.kind];
    ++of.inputs;
    of.commands += report.commands.size();
    of.must_notice += report.must_notice ? 1 : 0;
    of.missed += report.must_notice && !report.noticed ? 1 : 0;
    of.findings += report.findings.size();
    if (options.show || !report.findings.empty() || (report.must_notice && !report.noticed)) print(report, number);
    std::fflush(stdout);
  }
  Figures sum;
  std::printf("%-16s %8s %9s %14s %8s %9s\n", "kind", "inputs", "commands", "must be seen", "missed", "findings");
  for (const auto& [kind, of] : figures) {
    std::printf("%-16s %8llu %9llu %14llu %8llu %9llu\n", kind.c_str(), static_cast<unsigned long long>(of.inputs),
                static_cast<unsigned long long>(of.commands), static_cast<unsigned long long>(of.must_notice),
                static_cast<unsigned long long>(of.missed), static_cast<unsigned long long>(of.findings));
    sum.findings += of.findings;
    sum.missed += of.missed;
  }
  return sum.findings + sum.missed == 0 ? 0 : 1;
}
