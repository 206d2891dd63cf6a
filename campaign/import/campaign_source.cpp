// Another directory of hullscan: its results that count.
#include <fmt/format.h>

#include "campaign/import/result_source.hpp"
#include "core/hash.hpp"
#include "storage/campaign_store.hpp"
#include "storage/plain_files.hpp"

namespace hullscan {
namespace {

bool is_campaign(const ImportPath& path) {
  return path.directory && std::filesystem::exists(path.path / "campaign.db");
}

void read_tasks(const ImportPath& path, const ReadingOptions& /*options*/, Reading& reading) {
  require_plain_files(path.path);
  const CampaignStore store = CampaignStore::open_read_only(path.path);
  // Those of earlier campaign files too: whether their settings are ours is looked at as for all.
  store.each_task({.round = {}, .states = {TaskState::kConverged}, .outside = true}, [&](TaskRecord&& task) {
    if (!task.result) return;
    DftConverged& converged = task.result->converged;
    ForeignResult result =
        result_of(path, campaign_source().kind, fmt::format("{} ({})", task.short_id, task.task.formula),
                  converged.structure, converged.energy_ev);
    if (!task.counts()) {
      reading.left_out.push_back(
          {name_of(result), fmt::format("it does not count there: {}", task.judgements.back().why)});
      return;
    }
    result.hash = task.result->checksum;
    result.keys = converged.hull_keys;
    result.verdict = ImportVerdict::kJudged;
    result.more = details_of(std::move(converged));
    reading.results.push_back(std::move(result));
  });
}

}  // namespace

const ResultSource& campaign_source() {
  static const ResultSource source{"hullscan", "a campaign directory of hullscan", is_campaign, read_tasks};
  return source;
}

}  // namespace hullscan
