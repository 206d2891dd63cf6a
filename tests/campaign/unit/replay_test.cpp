/// @file
/// Replay called as a function, on chains whose hulls are worked out by hand.

#include "campaign/replay.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>  // std::iota
#include <set>

#include "chain_labels.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

SelectSpec selection(const std::string& policy, int initial, int per_round, int rounds) {
  SelectSpec select;
  select.policy = policy;
  select.initial = initial;
  select.per_round = per_round;
  select.rounds = rounds;
  return select;
}

std::vector<ReplayRound> run(const LabelledStructures& structures, const SelectSpec& select, std::uint64_t seed = 1) {
  return Replay(structures, select).run(seed);
}

/// Everything chosen, in order.
std::vector<std::size_t> order_of(const std::vector<ReplayRound>& rounds) {
  std::vector<std::size_t> order;
  for (const ReplayRound& round : rounds) order.insert(order.end(), round.chosen.begin(), round.chosen.end());
  return order;
}

std::vector<std::string> ids(const LabelledStructures& structures, const std::vector<std::size_t>& which) {
  std::vector<std::string> ids;
  for (const std::size_t i : which) ids.push_back(structures.kept[i].id);
  return ids;
}

using Cells = std::map<std::string, double>;

/// Total energies, eV. Per atom against x(Ni): A 0 at 0, AAN -0.1 at 1/3, AN -0.1 at 1/2, ANNN -0.08 at 3/4, N 0 at 1
/// are the lower hull: its slopes -0.3, 0, 0.08 and 0.32 rise. AAAAN at 1/5 is -0.02, and the hull there -0.06.
const Cells kLargestIsNoVertex = {{"A", 0}, {"N", 0}, {"AN", -0.2}, {"AAN", -0.3}, {"ANNN", -0.32}, {"AAAAN", -0.1}};
/// AAAAN is -0.08 at 1/5, so that the slopes are -0.4, -0.15, 0 and 0.2 by way of AAN and AN. ANNN is -0.02 at 3/4, and
/// the hull there -0.05.
const Cells kLargestIsVertex = {{"A", 0}, {"N", 0}, {"AN", -0.2}, {"AAN", -0.3}, {"ANNN", -0.08}, {"AAAAN", -0.4}};

LabelledStructures labels_of(const Cells& cells) {
  return chain_labels({"ANNN", "A", "AAN", "AAAAN", "N", "AN"}, kPairs,
                      [&](const std::string& word) { return cells.at(word); });
}

std::vector<std::size_t> vertices_after(const std::vector<ReplayRound>& rounds) {
  std::vector<std::size_t> vertices;
  for (const ReplayRound& round : rounds) vertices.push_back(round.vertices);
  return vertices;
}

}  // namespace

TEST_CASE("a replay chooses every label once, if it has the rounds", "[campaign][replay]") {
  const LabelledStructures structures = chain_labels(fifteen_words());
  std::vector<std::size_t> all(structures.kept.size());
  std::iota(all.begin(), all.end(), std::size_t{0});

  for (const std::string policy : {"uniform", "hull-distance", "stratified", "all"}) {
    std::vector<std::size_t> order = order_of(run(structures, selection(policy, 4, 2, 100)));

    std::sort(order.begin(), order.end());
    INFO(policy);
    CHECK(order == all);
  }
}

TEST_CASE("a replay ends when nothing is left, or after its rounds", "[campaign][replay]") {
  const LabelledStructures structures = chain_labels(fifteen_words());

  const auto whole = run(structures, selection("uniform", 4, 2, 100));
  const auto short_one = run(structures, selection("uniform", 4, 2, 3));
  const auto none = run(structures, selection("uniform", 4, 2, 0));

  CHECK(whole.size() == 7);  // 4 labels, then 6, 8, 10, 12, 14 and the last one
  CHECK(whole.back().labels == 15);
  CHECK(short_one.size() == 4);
  CHECK(short_one.back().labels == 10);
  CHECK(none.size() == 1);
}

TEST_CASE("the first round takes the end members, then one structure of every composition", "[campaign][replay]") {
  const LabelledStructures structures = chain_labels(fifteen_words());

  const auto rounds = run(structures, selection("uniform", 11, 1, 1));

  const auto& chosen = rounds.front().chosen;
  REQUIRE(chosen.size() == 11);
  const auto first = ids(structures, chosen);
  CHECK(std::set<std::string>{first[0], first[1]} == std::set<std::string>{"A", "N"});
  std::set<std::string> formulas;
  for (const std::size_t i : chosen) formulas.insert(structures.kept[i].composition.reduced().formula());
  CHECK(formulas.size() == 11);  // x(Ni) = 0, 1/5, 1/4, 1/3, 2/5, 1/2, 3/5, 2/3, 3/4, 4/5, 1
  CHECK_FALSE(rounds[0].rmse_mev_per_atom.has_value());
  CHECK(rounds[1].rmse_mev_per_atom.has_value());
}

TEST_CASE("the seed decides what is drawn, and nothing else does", "[campaign][replay]") {
  const LabelledStructures structures = chain_labels(fifteen_words());
  const SelectSpec select = selection("uniform", 2, 1, 100);
  Replay replay(structures, select);

  const auto first = order_of(replay.run(1)), other = order_of(replay.run(2)), again = order_of(replay.run(1));

  CHECK(first == again);
  CHECK(first != other);
  CHECK(order_of(run(structures, select, 2)) == other);  // a replay that has not run before
}

TEST_CASE("policies choose differently from one seed", "[campaign][replay]") {
  const LabelledStructures structures = chain_labels(fifteen_words());

  const auto by_composition = order_of(run(structures, selection("stratified", 4, 1, 100)));
  const auto by_distance = order_of(run(structures, selection("hull-distance", 4, 1, 100)));
  const auto at_random = order_of(run(structures, selection("uniform", 4, 1, 100)));

  CHECK(by_composition != by_distance);
  CHECK(by_composition != at_random);
  CHECK(by_distance != at_random);
}

TEST_CASE("the hull is found when the last of its vertices is calculated", "[campaign][replay]") {
  // The compositions differ, so "stratified" goes by the size of the cell: A, N, then AN, AAN, ANNN, AAAAN.
  const LabelledStructures early = labels_of(kLargestIsNoVertex), late = labels_of(kLargestIsVertex);
  const SelectSpec one_at_a_time = selection("stratified", 2, 1, 10);

  const std::vector<std::vector<ReplayRound>> first = {run(early, one_at_a_time)}, second = {run(late, one_at_a_time)};

  REQUIRE(vertex_count(early) == 5);
  REQUIRE(vertex_count(late) == 5);
  CHECK(vertices_after(first.front()) == std::vector<std::size_t>{2, 3, 4, 5, 5});
  CHECK(vertices_after(second.front()) == std::vector<std::size_t>{2, 3, 4, 4, 5});
  CHECK(summarise(first, 5).labels_until_all_vertices.front() == 5);
  CHECK(summarise(second, 5).labels_until_all_vertices.front() == 6);
}

TEST_CASE("a replay says which labels a round chose", "[campaign][replay]") {
  const LabelledStructures structures = labels_of(kLargestIsVertex);

  const auto rounds = run(structures, selection("stratified", 2, 2, 10));

  REQUIRE(rounds.size() == 3);
  CHECK(ids(structures, rounds[1].chosen) == std::vector<std::string>{"AN", "AAN"});
  CHECK(ids(structures, rounds[2].chosen) == std::vector<std::string>{"ANNN", "AAAAN"});
  CHECK(rounds[2].labels == 6);
}

TEST_CASE("what a model represents it predicts without error once it is determined", "[campaign][replay]") {
  const LabelledStructures structures = chain_labels(fifteen_words());

  const auto rounds = run(structures, selection("uniform", 10, 1, 4));

  REQUIRE(rounds.size() == 5);
  for (std::size_t r = 1; r < rounds.size(); ++r) CHECK(rounds[r].rmse_mev_per_atom.value() < 1e-6);
}

TEST_CASE("a summary gives means over the runs that have the round", "[campaign][replay]") {
  const std::vector<std::vector<ReplayRound>> runs = {
      {{{}, 4, 1, std::nullopt}, {{}, 6, 2, 10.0}, {{}, 8, 4, 20.0}},
      {{{}, 4, 3, std::nullopt}, {{}, 6, 4, 30.0}},
  };

  const ReplaySummary summary = summarise(runs, 4);

  REQUIRE(summary.rounds.size() == 3);
  CHECK(summary.rounds[0].vertices == Approx(2));
  CHECK(summary.rounds[0].share == Approx(0.5));
  CHECK_FALSE(summary.rounds[0].rmse_mev_per_atom.has_value());
  CHECK(summary.rounds[1].rmse_mev_per_atom.value() == Approx(20));
  CHECK(summary.rounds[2].labels == Approx(8));
  CHECK(summary.labels_until_all_vertices == std::vector<std::optional<std::size_t>>{8, 6});
  CHECK(summary.mean_labels_until_all_vertices.value() == Approx(7));
}

TEST_CASE("a run that misses a vertex has no number of labels, and the runs no mean", "[campaign][replay]") {
  const std::vector<std::vector<ReplayRound>> runs = {{{{}, 4, 4, std::nullopt}}, {{{}, 4, 3, std::nullopt}}};

  const ReplaySummary summary = summarise(runs, 4);

  CHECK(summary.labels_until_all_vertices == std::vector<std::optional<std::size_t>>{4, std::nullopt});
  CHECK_FALSE(summary.mean_labels_until_all_vertices.has_value());
}

TEST_CASE("a model with settings that do not exist is not replayed", "[campaign][replay]") {
  const LabelledStructures structures =
      chain_labels({"A", "N", "AN"}, "[[surrogate]]\nkind = \"ridge\"\nnonsense = 3\n");

  CHECK_THROWS_AS(run(structures, selection("uniform", 2, 1, 1)), InputError);
}
