// What the models learn from: one result for each orbit, the lowest, whatever it was asked for as.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "scheduler/decisions/results.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

/// The calculated campaign with its tasks in memory, to be changed.
class Labels {
  CalculatedCampaign campaign_;
  LoadedCampaign loaded_ = load_stored_campaign(campaign_.directory());
  CampaignView view_ = view_of(loaded_.campaign, loaded_.spaces);

 public:
  const CampaignView& view() const { return view_; }
  std::vector<TaskRecord> tasks = campaign_.store().tasks();

  /// Two tasks of one composition: AlNi2 has three configurations in cells of three atoms.
  std::pair<TaskRecord&, TaskRecord&> two_of_AlNi2() {
    std::vector<TaskRecord*> found;
    for (TaskRecord& task : tasks) {
      if (task.task.formula == "AlNi2") found.push_back(&task);
    }
    if (found.size() < 2) throw std::runtime_error("there are not two");
    return {*found[0], *found[1]};
  }

  /// [id of the label] -> occupation that it labels.
  std::map<std::string, std::vector<std::uint8_t>> labels() const {
    std::map<std::string, std::vector<std::uint8_t>> of;
    for (const LabelledConfiguration& label : labels_of(view_, 0, tasks, hull_of(view_, tasks)))
      of[label.id] = label.configuration.occupation;
    return of;
  }
  std::string id(const TaskRecord& task) const { return entry_id(view_, task); }
};

}  // namespace

TEST_CASE("every configuration that was calculated has its own label", "[campaign][labels]") {
  const Labels campaign;
  const auto labels = campaign.labels();

  CHECK(labels.size() == 10);
  for (const TaskRecord& task : campaign.tasks) CHECK(labels.at(campaign.id(task)) == task.task.occupation);
  CHECK(words_on_left_lattices(campaign.view(), campaign.tasks).empty());
}

TEST_CASE("a relaxation that ended as another configuration labels that one where it is lower", "[campaign][labels]") {
  Labels campaign;
  auto [wandered, other] = campaign.two_of_AlNi2();
  wandered.result->converged.structure = other.result->converged.structure;
  const double by = GENERATE(-0.3, 0.3);
  wandered.result->converged.energy_ev = other.result->converged.energy_ev + by;

  const auto labels = campaign.labels();

  CHECK(labels.size() == 9);
  CHECK(labels.contains(campaign.id(wandered)) == (by < 0));
  CHECK(labels.contains(campaign.id(other)) == (by > 0));
  CHECK(labels.at(campaign.id(by < 0 ? wandered : other)) == other.task.occupation);
  CHECK(words_on_left_lattices(campaign.view(), campaign.tasks) ==
        "1 of 10 results became other configurations, and models learn them as these");
}

TEST_CASE("a relaxation that lies on no orbit labels nothing and stays on the hull", "[campaign][labels]") {
  Labels campaign;
  TaskRecord& lost = campaign.two_of_AlNi2().first;
  for (Fractional& position : lost.result->converged.structure.positions) {
    if (&position != &lost.result->converged.structure.positions.front()) position.x.z() += 0.21;
  }

  CHECK_FALSE(orbit_of_result(campaign.view(), lost));
  CHECK(campaign.labels().size() == 9);
  CHECK(hull_of(campaign.view(), campaign.tasks).entries.size() == 10);
  const std::string words = words_on_left_lattices(campaign.view(), campaign.tasks);
  CHECK(words.find("1 of 10 results have left their lattice, and no model learns from them: " + campaign.id(lost) +
                   " (") == 0);
  CHECK(words.find("Å rms") != std::string::npos);
}

TEST_CASE("of two results for one configuration the lower is its label", "[campaign][labels]") {
  Labels campaign;
  TaskRecord again = campaign.two_of_AlNi2().first;
  const std::string first = campaign.id(again);
  again.task.key = std::string(32, 'f');
  again.short_id = "ffffffff";
  const double by = GENERATE(-0.01, 0.01);
  again.result->converged.energy_ev += by;
  campaign.tasks.push_back(again);

  const auto labels = campaign.labels();

  CHECK(labels.size() == 10);
  CHECK(labels.contains(campaign.id(again)) == (by < 0));
  CHECK(labels.contains(first) == (by > 0));
  CHECK(hull_of(campaign.view(), campaign.tasks).entries.size() == 11);
}
