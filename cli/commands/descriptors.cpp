/// @file
/// `hullscan descriptors`: the descriptor matrix of a campaign's configurations as CSV, one row per orbit: contact
/// counters, or, where the campaign marks pairs, the polar bins about the marked pair.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "campaign/descriptor_writer.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/new_place.hpp"

namespace hullscan::cli {
namespace {

std::size_t write_polar(const LoadedCampaign& loaded, const std::vector<std::string>& dopant_names, double longest,
                        const std::string& out) {
  require_one_supercell(loaded);
  std::set<Species> dopants;
  for (const std::string& name : dopant_names) dopants.insert(Species::from_symbol(name));
  const PairDescriptors descriptors = [&] {
    try {
      return pair_descriptors_of(loaded, dopants, longest);
    } catch (const InputError& error) {
      throw InputError(fmt::format("--dopant: {}: {}", loaded.campaign.file.string(), error.what()));
    }
  }();
  return write_pair_descriptors(loaded, descriptors, out);
}

}  // namespace

ExitCode run_descriptors(const Arguments& arguments) {
  CommandLine line("descriptors FILE --out X.csv",
                   "The descriptor matrix of every inequivalent configuration, for regress or for other programs.");
  line.option("out", "X.csv", "the table to write");
  line.option("dopant", "ELEMENT",
              "marked pairs: what is counted about them; may be repeated; default: every species that "
              "is not its sublattice's first");
  line.option("longest", "ANGSTROM", "marked pairs: where the last of six distance bins ends; default 12");
  line.positionals("FILE, a campaign file", 1, 1);
  line.epilogue(
      "Contact counters as the campaign's first ridge, random-forest or gradient-boosting model has them, else up to "
      "5 Å;\n"
      "where the space marks pairs, the polar bins about them.");
  if (!line.parse(arguments)) return ExitCode::kDone;
  const auto out = line.value("out");
  if (!out) throw InputError("descriptors: --out X.csv is missing; hullscan descriptors --help");
  require_new_place(*out, Parents::kMustExist);
  const double longest = static_cast<double>(line.integer("longest", 1, 1000).value_or(12));
  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  const bool marked = std::any_of(loaded.spaces.begin(), loaded.spaces.end(),
                                  [](const SearchSpace& space) { return !space.spec().markers.empty(); });
  const std::size_t rows =
      marked ? write_polar(loaded, line.values("dopant"), longest, *out) : write_contact_descriptors(loaded, *out);
  fmt::print("{} rows in {}\n", rows, *out);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
