// Results from elsewhere: tasks that are converged from the first moment, in one transaction.
#include "storage/campaign_store.hpp"
#include "storage/crash_point.hpp"
#include "storage/detail/campaign_store_impl.hpp"
#include "storage/detail/fact_rows.hpp"
#include "storage/round_record.hpp"

namespace hullscan {
int CampaignStore::add_results(const Import& import) {
  sqlite::Database& database = impl_->database;
  sqlite::Transaction transaction(database);
  impl_->task_counts.reset();  // counted again afterwards, whether it succeeds or not
  if (!import.results.empty()) {
    begin_round(kImportedRound, "imported");
    finish_round(kImportedRound, to_json_text(std::vector<FitRecord>{}), to_json_text(HullRecord{}));
  }
  int added = 0;
  for (const ImportedResult& result : import.results) {
    const std::string& key = result.task.key;
    if (add_tasks(kImportedRound, std::span(&result.task, 1)) == 0) continue;
    begin_attempt(key, {1, result.directory, result.task.settings, "", ""}, import.at);
    describe_attempt(key, 1, result.particulars);
    accept(key, 1, result.converged, 0, import.at);
    ++added;
    HULLSCAN_CRASH_POINT("import.middle");
  }
  for (const auto& [key, reason] : import.answered) record(key, TaskAbandoned{reason}, import.at);
  storage_detail::change_facts(database, import.facts);
  HULLSCAN_CRASH_POINT("import.done");
  transaction.commit();
  impl_->task_counts.reset();
  return added;
}

}  // namespace hullscan
