#include "campaign/descriptor_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/marked_pairs.hpp"
#include "campaign/orbit_writer.hpp"
#include "core/errors.hpp"
#include "enumerator/space/strata.hpp"
#include "storage/staged_file.hpp"
#include "surrogates/features/descriptors.hpp"
#include "surrogates/regression/table_model.hpp"

namespace hullscan {
namespace {

/// Lines of a file that is not there before finish().
class StagedTable {
 public:
  explicit StagedTable(const std::filesystem::path& file) : staged_(file), stream_(staged_.temporary()) {}
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

std::string header_line(const std::vector<std::string>& names, const std::vector<std::string>& groups) {
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

/// Rows of every orbit round the marked pairs of one type.
void add_pair_rows(const SearchSpace& space, std::size_t type, const MarkedPair& pair,
                   const PairDescriptors& descriptors, StagedTable& table) {
  std::vector<double> row(descriptors.columns().names.size());
  const Strata strata(std::span(&space, 1));
  for (const SpaceStratum& stratum : strata) {
    if (stratum.marker != type) continue;
    stratum.enumerator().run({}, {}, [&](const Orbit& orbit) {
      descriptors.fill(pair, orbit.occupation, row);
      table.line(row_text(stratum, orbit, row));
      return true;
    });
  }
}

}  // namespace

std::size_t write_contact_descriptors(const LoadedCampaign& loaded, const std::filesystem::path& file) {
  StagedTable table(file);
  std::vector<std::string> first;
  for (const SearchSpace& space : loaded.spaces) {
    const Descriptors descriptors(space.parent(), descriptor_settings(loaded.campaign, *space.parent()));
    if (first.empty()) {
      first = descriptors.columns().names;
      table.line(header_line(first, descriptors.columns().groups));
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
  table.finish();
  return table.rows();
}

void require_one_supercell(const LoadedCampaign& loaded) {
  if (loaded.spaces.size() == 1 && loaded.spaces.front().supercells().size() == 1) return;
  throw InputError(fmt::format("{}: marked pairs are described in one space of one supercell; here are {} spaces",
                               loaded.campaign.file.string(), loaded.spaces.size()));
}

PairDescriptors pair_descriptors_of(const LoadedCampaign& loaded, const std::set<Species>& dopants,
                                    double longest_angstrom) {
  require_one_supercell(loaded);
  const SearchSpace& space = loaded.spaces.front();
  return PairDescriptors(*space.supercells()[0], space.markers(0).size(), dopants, longest_angstrom);
}

std::size_t write_pair_descriptors(const LoadedCampaign& loaded, const PairDescriptors& descriptors,
                                   const std::filesystem::path& file) {
  StagedTable table(file);
  const SearchSpace& space = loaded.spaces.front();
  const Supercell& supercell = *space.supercells()[0];
  const SiteClasses classes = site_classes(supercell);
  table.line(header_line(descriptors.columns().names, descriptors.columns().groups));
  for (std::size_t type = 0; type < space.markers(0).size(); ++type) {
    const MarkerOrbit& marker = space.markers(0)[type];
    if (marker.sites.size() != 2)
      throw InputError(
          fmt::format("{}: descriptors of a marked site: only pairs have an angle", loaded.campaign.file.string()));
    add_pair_rows(space, type, marked_pair(supercell, marker, type, classes), descriptors, table);
  }
  table.finish();
  return table.rows();
}

}  // namespace hullscan
