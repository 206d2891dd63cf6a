/// @file
/// `hullscan descriptors`: the descriptor matrix of a campaign's configurations as CSV, one row per orbit: contact
/// counters, or, where the campaign marks pairs, the polar bins about the marked pair.

#include "surrogates/features/descriptors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/descriptor_table.hpp"
#include "campaign/marked_pairs.hpp"
#include "campaign/orbit_writer.hpp"
#include "campaign/resolved_campaign.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "core/log.hpp"
#include "enumerator/space/strata.hpp"
#include "storage/staged_file.hpp"

namespace hullscan::cli {
namespace {

class Table {
 public:
  explicit Table(const std::filesystem::path& file) : staged_(file), stream_(staged_.temporary()) {}
  void line(const std::string& text) {
    stream_ << text << "\n";
    ++lines_;
  }
  void finish() {
    stream_.close();
    if (!stream_) throw StorageError(fmt::format("{}: cannot be written", staged_.temporary().string()));
    staged_.publish();
  }
  [[nodiscard]] std::size_t rows() const { return lines_ - 1; }

 private:
  StagedFile staged_;
  std::ofstream stream_;
  std::size_t lines_ = 0;
};

std::string header(const std::vector<std::string>& names, const std::vector<std::string>& groups) {
  std::string text = "space,supercell,marker,formula,degeneracy,occupation";
  for (std::size_t i = 0; i < names.size(); ++i) text += "," + csv_field(groups[i] + ": " + names[i]);
  return text;
}

std::string row_text(const SpaceStratum& stratum, const Orbit& orbit, std::span<const double> row) {
  return fmt::format("{},{},{},{},{},{},{}", csv_field(stratum.space->name()),
                     csv_field(matrix_text(stratum.space->supercells()[stratum.supercell()]->matrix())),
                     stratum.marker ? std::to_string(*stratum.marker + 1) : "", stratum.formula(), orbit.degeneracy,
                     occupation_text(orbit.occupation), fmt::join(row, ","));
}

/// Settings of the first model that has any, else contacts to 5 Å.
DescriptorSettings descriptor_settings(const Campaign& campaign, const ParentCrystal& parent) {
  for (const SurrogateSpec& spec : campaign.surrogates) {
    if (!table_method(spec.kind)) continue;
    Problems problems;
    SettingsReader reader(spec.settings, "surrogate", problems);
    DescriptorSettings settings = read_descriptor_settings(reader, parent);
    problems.throw_if_any();
    return settings;
  }
  return {};
}

void write_contacts(const LoadedCampaign& loaded, Table& table) {
  std::vector<std::string> first;
  for (const SearchSpace& space : loaded.spaces) {
    const Descriptors descriptors(space.parent(), descriptor_settings(loaded.campaign, *space.parent()));
    if (first.empty()) {
      first = descriptors.columns().names;
      table.line(header(first, descriptors.columns().groups));
    } else if (first != descriptors.columns().names) {
      throw InputError(
          fmt::format("{}: spaces \"{}\" and \"{}\" have different descriptors; give each its own campaign file",
                      loaded.campaign.file.string(), loaded.spaces.front().name(), space.name()));
    }
    std::vector<double> row(first.size());
    const Strata strata(std::span(&space, 1));
    for (std::size_t s = 0; s < space.supercells().size(); ++s) {
      const DescriptorCounter counter(descriptors, space.supercells()[s]);
      for (const SpaceStratum& stratum : strata.of(0, s)) {
        stratum.enumerator().run({}, {}, [&](const Orbit& orbit) {
          counter.count(orbit.occupation, row);
          table.line(row_text(stratum, orbit, row));
          return true;
        });
      }
    }
  }
}

void write_polar(const LoadedCampaign& loaded, const std::vector<std::string>& dopant_names, double longest,
                 Table& table) {
  if (loaded.spaces.size() != 1 || loaded.spaces.front().supercells().size() != 1) {
    throw InputError(fmt::format("{}: marked pairs are described in one space of one supercell; here are {} spaces",
                                 loaded.campaign.file.string(), loaded.spaces.size()));
  }
  const SearchSpace& space = loaded.spaces.front();
  const Supercell& supercell = *space.supercells()[0];
  std::set<Species> dopants;
  for (const std::string& name : dopant_names) dopants.insert(Species::from_symbol(name));
  const std::size_t types = space.markers(0).size();
  const PairDescriptors descriptors = [&] {
    try {
      return PairDescriptors(supercell, types, dopants, longest);
    } catch (const InputError& error) {
      throw InputError(fmt::format("--dopant: {}: {}", loaded.campaign.file.string(), error.what()));
    }
  }();
  const SiteClasses classes = site_classes(supercell);
  table.line(header(descriptors.columns().names, descriptors.columns().groups));
  std::vector<double> row(descriptors.columns().names.size());
  const Strata strata(loaded.spaces);
  for (std::size_t m = 0; m < types; ++m) {
    const MarkerOrbit& marker = space.markers(0)[m];
    if (marker.sites.size() != 2)
      throw InputError(
          fmt::format("{}: descriptors of a marked site: only pairs have an angle", loaded.campaign.file.string()));
    const MarkedPair pair = marked_pair(supercell, marker, m, classes);
    for (const SpaceStratum& stratum : strata) {
      if (stratum.marker != m) continue;
      stratum.enumerator().run({}, {}, [&](const Orbit& orbit) {
        descriptors.fill(pair, orbit.occupation, row);
        table.line(row_text(stratum, orbit, row));
        return true;
      });
    }
  }
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
  if (std::filesystem::exists(*out))
    throw InputError(
        fmt::format("{}: this file exists already; nothing is overwritten; choose another name with --out", *out));
  const double longest = static_cast<double>(line.integer("longest", 1, 1000).value_or(12));
  const LoadedCampaign loaded = load_campaign(line.positional()[0]);
  Table table(*out);
  const bool marked = std::any_of(loaded.spaces.begin(), loaded.spaces.end(),
                                  [](const SearchSpace& space) { return !space.spec().markers.empty(); });
  if (marked) {
    write_polar(loaded, line.values("dopant"), longest, table);
  } else {
    write_contacts(loaded, table);
  }
  table.finish();
  fmt::print("{} rows in {}\n", table.rows(), *out);
  return ExitCode::kDone;
}

}  // namespace hullscan::cli
