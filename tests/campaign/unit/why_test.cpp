// Why a calculation was made, called as a function.
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "campaign/task_by_id.hpp"
#include "campaign/why.hpp"
#include "small_campaign.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

Explanation explanation_of(const FinishedCopy& campaign, const std::string& id) {
  const CampaignStore store = campaign.store();
  const LoadedCampaign loaded = load_stored_campaign(campaign.directory());
  return explain(view_of(loaded.campaign, loaded.spaces), loaded.spaces, store, find_task(store, id));
}

/// The first task of a round for which this is true.
template <class Wanted>
TaskRecord task_where(const FinishedCopy& campaign, const Wanted& wanted) {
  for (TaskRecord& task : campaign.store().tasks()) {
    if (wanted(task)) return std::move(task);
  }
  throw std::runtime_error("there is no such task");
}

double share_of_nickel(const TaskRecord& task) {
  const Composition composition = task.task.structure.composition();
  return static_cast<double>(composition.count(Species::from_symbol("Ni"))) /
         static_cast<double>(composition.atom_count());
}

bool is_mixed(const TaskRecord& task) { return share_of_nickel(task) > 0 && share_of_nickel(task) < 1; }

}  // namespace

TEST_CASE("an end member was chosen by the first round, without a model and before any result", "[campaign][why]") {
  const CalculatedCampaign campaign;
  const TaskRecord task = task_where(campaign, [](const TaskRecord& one) { return !is_mixed(one) && one.round == 0; });

  const Explanation why = explanation_of(campaign, "fcc-" + task.short_id);

  CHECK(why.id == "fcc-" + task.short_id);
  REQUIRE(why.revision);
  CHECK(why.revision->number == 1);
  CHECK(why.rank >= 1);
  CHECK(why.rank <= why.of_round);
  CHECK(why.of_round == 2);
  CHECK_FALSE(why.policy.empty());
  CHECK(why.results_then == 0);
  CHECK_FALSE(why.predicted_ev_per_atom.value);
  CHECK_THAT(why.predicted_ev_per_atom.why_not, Contains("without a model"));
  CHECK_THAT(why.predicted_above_hull_then_ev_per_atom.why_not, Contains("no result before this round"));
  CHECK_FALSE(why.uncertainty_ev_per_atom.value);
  CHECK(why.formation_energy_ev_per_atom.value == Approx(0).margin(1e-9));
  CHECK(why.vertex);
}

TEST_CASE("ranks of a round are the numbers from one, each once", "[campaign][why]") {
  const CalculatedCampaign campaign;
  const std::vector<TaskRecord> tasks = campaign.store().tasks();
  std::map<int, std::set<std::size_t>> ranks;

  for (const TaskRecord& task : tasks) ranks[task.round].insert(explanation_of(campaign, task.short_id).rank);

  std::map<int, std::size_t> of_round;
  for (const TaskRecord& task : tasks) ++of_round[task.round];
  for (const auto& [round, all] : ranks) {
    INFO("round " << round);
    CHECK(all.size() == of_round[round]);
    CHECK(*all.begin() == 1);
    CHECK(*all.rbegin() == of_round[round]);
  }
}

TEST_CASE("what came out is the calculator's formula: -0.4 x (1 - x) eV per atom", "[campaign][why]") {
  const CalculatedCampaign campaign;
  const TaskRecord task = task_where(campaign, is_mixed);
  const double x = share_of_nickel(task);

  const Explanation why = explanation_of(campaign, task.short_id);

  REQUIRE(why.formation_energy_ev_per_atom.value);
  CHECK(*why.formation_energy_ev_per_atom.value == Approx(-0.4 * x * (1 - x)));
  CHECK(why.above_hull_ev_per_atom.value == Approx(0).margin(1e-9));  // the formula is convex
  CHECK(why.energy_ev.value == Approx(task.result->converged.energy_ev));
}

TEST_CASE("a prediction stands against the hull of what earlier rounds had found", "[campaign][why]") {
  const CalculatedCampaign campaign;
  const TaskRecord task = task_where(campaign, is_mixed);
  const double x = share_of_nickel(task);
  // As if a model had chosen it, with 10 meV/atom less than what came out; before its round there were the end members.
  const CampaignStore store = campaign.store();
  const LoadedCampaign loaded = load_stored_campaign(campaign.directory());
  TaskRecord chosen = task;
  chosen.task.predicted_ev_per_atom = -0.4 * x * (1 - x) - 0.010;
  const Explanation why = explain(view_of(loaded.campaign, loaded.spaces), loaded.spaces, store, chosen);

  CHECK(why.results_then == 2);
  REQUIRE(why.predicted_above_hull_then_ev_per_atom.value);
  // The hull between two end members is the line of zero.
  CHECK(*why.predicted_above_hull_then_ev_per_atom.value == Approx(-0.4 * x * (1 - x) - 0.010));
}

TEST_CASE("a result that is excluded now is on no hull, and why says so", "[campaign][why]") {
  const CalculatedCampaign campaign;
  const TaskRecord task = task_where(campaign, is_mixed);
  {
    CampaignStore store = CampaignStore::open_existing(campaign.directory());
    store.judge(task.task.key, {Instant(std::chrono::seconds(1'900'000'000)), JudgementKind::kExcluded,
                                "somebody@somewhere", "wrong magnetic state"});
  }

  const Explanation why = explanation_of(campaign, task.short_id);

  CHECK_FALSE(why.above_hull_ev_per_atom.value);
  CHECK_THAT(why.above_hull_ev_per_atom.why_not, Contains("excluded"));
  REQUIRE(why.task.judgements.size() == 1);
  const Json json = explanation_json(why);
  CHECK(json["standing"] == "excluded");
  CHECK(json["judgements"][0]["why"] == "wrong magnetic state");
  CHECK(json["e_above_hull"].is_null());
  CHECK_THAT(json["not_known"]["e_above_hull"].get<std::string>(), Contains("excluded"));
}

TEST_CASE("a result that did not relax is the configuration that it began as", "[campaign][why]") {
  const CalculatedCampaign campaign;

  for (const TaskRecord& task : campaign.store().tasks()) {
    const Explanation why = explanation_of(campaign, task.short_id);
    INFO(task.task.formula);
    REQUIRE(why.lattice);
    CHECK_FALSE(why.lattice->left);
    CHECK(why.lattice->orbit == LatticeOfResult::Orbit::kSame);
  }
}

TEST_CASE("a result whose atoms have changed places is named as the configuration that it became", "[campaign][why]") {
  const CalculatedCampaign campaign;
  const CampaignStore store = campaign.store();
  const LoadedCampaign loaded = load_stored_campaign(campaign.directory());
  const CampaignView view = view_of(loaded.campaign, loaded.spaces);
  // Two configurations of one composition: AlNi2 has three in cells of three atoms.
  std::vector<TaskRecord> same;
  for (TaskRecord& task : store.tasks()) {
    if (std::abs(share_of_nickel(task) - 2.0 / 3) < 1e-9) same.push_back(std::move(task));
  }
  REQUIRE(same.size() >= 2);
  TaskRecord wandered = same[0];
  wandered.result->converged.structure = same[1].result->converged.structure;

  const Explanation why = explain(view, loaded.spaces, store, wandered);

  REQUIRE(why.lattice);
  CHECK(why.lattice->orbit == LatticeOfResult::Orbit::kOther);
  CHECK(why.lattice->other_task == "fcc-" + same[1].short_id);
  CHECK_THAT(why.lattice->orbit_text, Contains("AlNi2"));
}

TEST_CASE("an id is the report's, or any prefix of the key that one task has", "[campaign][why]") {
  const CalculatedCampaign campaign;
  const CampaignStore store = campaign.store();
  const TaskRecord task = store.tasks().front();

  CHECK(find_task(store, task.task.key).task.key == task.task.key);
  CHECK(find_task(store, "fcc-" + task.task.key.substr(0, 12)).task.key == task.task.key);
  CHECK_THAT(refusal<InputError>([&] { (void)find_task(store, "zzz"); }), Contains("no task has this id"));
  CHECK_THAT(refusal<InputError>([&] { (void)find_task(store, ""); }), Contains("no task has this id"));
}

TEST_CASE("ids of several spaces are not mixed, and an ambiguous one lists its candidates", "[campaign][why]") {
  TemporaryFolder folder;
  const fs::path file = write_calculation(folder.path());
  std::string text = read_file(file);
  const auto models = text.find("[[surrogate]]");
  REQUIRE(models != std::string::npos);
  std::string second = text.substr(text.find("[[space]]"), models - text.find("[[space]]"));
  second.replace(second.find("\"fcc\""), 5, "\"bcc\"");
  second.replace(second.find("volume = [1, 3]"), 15, "volume = [1, 2]");
  second.replace(second.find("fcc.cif"), 7, "bcc.cif");
  std::string structure = read_file(folder.path() / "fcc.cif");
  for (const auto& [from, to] : {std::pair("'F m -3 m'", "'I m -3 m'"), {"number 225", "number 229"}})
    structure.replace(structure.find(from), std::string(from).size(), to);
  write_file(folder.path() / "bcc.cif", structure);
  text.insert(models, second);
  write_file(file, text);
  run_campaign(file, folder.path() / "c");
  const CampaignStore store = CampaignStore::open_read_only(folder.path() / "c");
  std::map<std::string, TaskRecord> first_of;  // [space]
  for (TaskRecord& task : store.tasks()) first_of.try_emplace(task.task.stratum.space == 0 ? "fcc" : "bcc", task);
  REQUIRE(first_of.size() == 2);
  const TaskRecord& fcc = first_of.at("fcc");
  const TaskRecord& bcc = first_of.at("bcc");

  CHECK(find_task(store, "fcc-" + fcc.short_id).task.key == fcc.task.key);
  CHECK(find_task(store, "bcc-" + bcc.short_id).task.key == bcc.task.key);
  CHECK(find_task(store, bcc.short_id).task.key == bcc.task.key);
  CHECK_THAT(refusal<InputError>([&] { (void)find_task(store, "bcc-" + fcc.short_id); }),
             Contains("no task has this id; of these digits there is fcc-" + fcc.short_id + " ("));
  CHECK_THAT(refusal<InputError>([&] { (void)find_task(store, "hcp-" + fcc.short_id); }),
             Contains("fcc-" + fcc.short_id));
  // As a prefix of ids the name of a space alone means all of its calculations.
  CHECK_THAT(refusal<InputError>([&] { (void)find_task(store, "bcc-"); }),
             Contains("several tasks begin like this: ") && Contains("bcc-" + bcc.short_id + " (") &&
                 Contains("converged") && !Contains("fcc-"));
}
