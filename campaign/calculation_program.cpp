#include "campaign/calculation_program.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "core/errors.hpp"
#include "scheduler/executors/executor_kind.hpp"
#include "scheduler/executors/program_search.hpp"

namespace hullscan {
namespace {

struct ProgramPlace {
  std::string program;  ///< as written: the first word of the command
  std::string file;     ///< on this machine; "" if it is not there
  std::string why_not;  ///< then: where it was looked for
  bool needed_here = true;
  std::vector<std::string> setup;  ///< lines of shell before a job looks for it
};

ProgramPlace place_of(const ResolvedCampaign& resolved) {
  ProgramPlace place;
  const std::vector<std::string> command = resolved.code->command(resolved.settings);
  if (command.empty()) return place;
  place.program = command.front();
  const RunSpec& run = resolved.campaign.run;
  if (const auto search = executor_kind(run.executor).program_search) {
    const ProgramSearch found = search(run);
    place.needed_here = found.here;
    place.setup = found.setup;
  }
  try {
    const char* path = std::getenv("PATH");
    place.file = hullscan::find_program(place.program, path == nullptr ? "" : path).string();
  } catch (const TransportError& error) {
    place.why_not = error.what();
  }
  return place;
}

std::string what_to_do(const DftCode& code) {
  const auto& packages = code.info().debian_packages;
  if (packages.empty()) return "set dft.command to its full path, or add its folder to PATH";
  return fmt::format("it is in the Debian package {0} (apt-get install {0}), or set dft.command", packages.front());
}

}  // namespace

std::string program_note(const ResolvedCampaign& resolved) {
  if (resolved.code == nullptr) return "";
  const ProgramPlace place = place_of(resolved);
  if (place.program.empty()) return "";
  if (!place.needed_here) {
    std::string after;
    for (const std::string& line : place.setup) after += (after.empty() ? ", after: " : "; ") + line;
    return fmt::format("program: every job looks for {} on its own node{}; this machine {}", place.program, after,
                       place.file.empty() ? "does not have it and need not" : "has it as " + place.file);
  }
  if (!place.file.empty()) return "program: " + place.file;
  return fmt::format("program: {}; hullscan run refuses here until it is there: {}", place.why_not,
                     what_to_do(*resolved.code));
}

void require_program(const ResolvedCampaign& resolved) {
  if (resolved.code == nullptr) return;
  const ProgramPlace place = place_of(resolved);
  if (place.program.empty() || !place.needed_here || !place.file.empty()) return;
  const Setting* written = resolved.campaign.dft->settings.find("command");
  Problems problems;
  problems.add(written != nullptr ? written->where : resolved.campaign.dft->settings.where,
               fmt::format("dft.command: {}; {}", place.why_not, what_to_do(*resolved.code)));
  problems.throw_if_any();
}

}  // namespace hullscan
