// Tasks that another thread reads while the ones before are worked on.
#include <catch2/catch.hpp>

#include "campaign/tasks_ahead.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;

TEST_CASE("tasks that are read ahead come as they are stored, in the same order", "[campaign][tasks]") {
  const CalculatedCampaign campaign;
  const CampaignStore store = campaign.store();
  std::vector<std::pair<std::string, double>> stored, ahead;
  const auto into = [](auto& list) {
    return [&list](const TaskRecord& task) { list.emplace_back(task.task.key, task.result->converged.energy_ev); };
  };

  store.each_task({}, into(stored));
  each_task_ahead(store, into(ahead));

  CHECK(stored.size() == 10);  // CalculatedCampaign's configurations
  CHECK(ahead == stored);
}

TEST_CASE("an error in the work on a task ends the reading and reaches the caller", "[campaign][tasks]") {
  const CalculatedCampaign campaign;
  const CampaignStore store = campaign.store();
  int seen = 0;

  const std::string said = refusal<InputError>([&] {
    each_task_ahead(store, [&](TaskRecord&&) {
      if (++seen == 3) throw InputError("the third one is not for us");
    });
  });

  CHECK(said == "the third one is not for us");
  CHECK(seen == 3);
}
