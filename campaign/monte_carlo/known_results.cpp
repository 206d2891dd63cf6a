#include "campaign/monte_carlo/known_results.hpp"

#include "campaign/campaign_directory.hpp"
#include "campaign/report/make_report.hpp"
#include "campaign/resolved_campaign.hpp"
#include "scheduler/decisions/results.hpp"
#include "storage/campaign_store.hpp"

namespace hullscan {

KnownResults known_results(const std::filesystem::path& directory) {
  const CampaignStore store = CampaignStore::open_read_only(directory);
  const LoadedCampaign loaded = load_stored_campaign(directory);
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  const Report report = make_report(view, loaded.spaces, store);
  KnownResults known;
  known.labels.resize(loaded.spaces.size());
  if (!report.hull) return known;
  for (std::size_t i = 0; i < report.content.entries.size(); ++i) {
    const ReportEntry& entry = report.content.entries[i];
    if (report.of_entry(i).on_hull) known.phases[entry.space].push_back(entry.matrix);
  }
  const std::vector<TaskRecord> tasks = store.tasks();
  const HullReport hull = hull_of(view, tasks);
  for (std::size_t space = 0; space < known.labels.size(); ++space) {
    for (LabelledConfiguration& label : labels_of(view, static_cast<std::uint32_t>(space), tasks, hull))
      known.labels[space].push_back(std::move(label.configuration));
  }
  return known;
}

}  // namespace hullscan
