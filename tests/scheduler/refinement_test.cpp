#include "scheduler/decisions/refinement.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "scheduler/decisions/candidates_to_keep.hpp"

using namespace hullscan;

namespace {

Prospect screened_prospect(std::uint32_t composition, std::uint8_t site, double above_hull) {
  Prospect prospect;
  prospect.candidate.stratum = {0, 0, composition};
  prospect.candidate.occupation = {site};
  prospect.predicted_e_above_hull_ev_per_atom = above_hull;
  return prospect;
}

}  // namespace

TEST_CASE("the lowest are refined, and one of every composition however high it lies", "[scheduler][refinement]") {
  std::vector<Prospect> prospects = {screened_prospect(0, 0, 0.03), screened_prospect(0, 1, 0.00),
                                     screened_prospect(0, 2, 0.01), screened_prospect(1, 0, 0.90),
                                     screened_prospect(1, 1, 0.80), screened_prospect(2, 0, 0.02)};

  CHECK(choose_to_refine(prospects, 2) == std::vector<std::size_t>{1, 2, 4, 5});
  CHECK(choose_to_refine(prospects, 100).size() == prospects.size());

  // Which they are does not depend on the order in which they are offered.
  std::reverse(prospects.begin(), prospects.end());
  CHECK(choose_to_refine(prospects, 2) == std::vector<std::size_t>{0, 1, 3, 4});
}

TEST_CASE("a pass keeps enough for the rounds and for a second model", "[scheduler][refinement]") {
  Campaign campaign;
  CampaignView view;
  view.campaign = &campaign;
  view.strata.resize(4);
  campaign.select = SelectSpec{};
  campaign.select->initial = 30;
  campaign.select->per_round = 10;
  campaign.select->rounds = 2;
  campaign.surrogates.resize(1);
  CHECK(candidates_to_keep(view) == 50);
  campaign.surrogates.resize(2);
  CHECK(candidates_to_keep(view) == 5000);  // twice 10,000 over 4
  campaign.surrogates[1].settings.entries.emplace_back("keep", Setting{{}, {}, std::int64_t{1000}});
  CHECK(candidates_to_keep(view) == 500);
  view.strata.resize(1000);
  CHECK(candidates_to_keep(view) == 50);
}

TEST_CASE("equally low prospects are refined in a fixed order", "[scheduler][refinement]") {
  const std::vector<Prospect> prospects = {screened_prospect(0, 7, 0), screened_prospect(0, 3, 0),
                                           screened_prospect(0, 5, 0)};
  CHECK(choose_to_refine(prospects, 2) == std::vector<std::size_t>{1, 2});
}

TEST_CASE("scores of a second model are of those candidates that it was given, and of no others",
          "[scheduler][refinement]") {
  const Candidate one{{0, 0, 1}, {0, 1}, 4, -7};
  Candidate other = one;
  const std::uint64_t hash = hash_of_candidates(std::vector{one, one});
  CHECK(hash == hash_of_candidates(std::vector{one, other}));
  other.score = -8;
  CHECK(hash != hash_of_candidates(std::vector{one, other}));
  other = one;
  other.occupation = {1, 0};
  CHECK(hash != hash_of_candidates(std::vector{one, other}));
  other = one;
  other.stratum.supercell = 1;
  CHECK(hash != hash_of_candidates(std::vector{one, other}));
  CHECK(hash != hash_of_candidates(std::vector{one}));
}

TEST_CASE("what a pass has come to is what the second model says of it, best first, until the pass is walked again",
          "[scheduler][refinement]") {
  CampaignStore store = CampaignStore::in_memory({"n", "i", "t", "r", "v"});
  const Stratum at{0, 0, 0};
  store.begin_pass(1, 7, {});
  const auto units = store.add_units(1, std::vector<WorkUnit>{{0, at, {}, {}}});
  UnitScored scored;
  scored.unit = units.front();
  scored.model_hash = 7;
  scored.orbits = 3;
  scored.kept = {{at, {0}, 1, -30}, {at, {1}, 1, -20}, {at, {2}, 1, -10}};
  store.finish_units(1, std::vector{scored}, 10);
  const std::vector<Candidate> screened = store.candidates(1);
  REQUIRE(screened.size() == 3);
  CHECK_FALSE(PassCandidates(store, 1).refined());
  CHECK(PassCandidates(store, 1).all() == screened);

  remember_refined_scores(store, 1, {hash_of_candidates(screened), 99, {{0, -5}, {1, -50}}});
  const PassCandidates refined(store, 1);
  CHECK(refined.refined());
  CHECK(refined.all() == std::vector<Candidate>{{at, {1}, 1, -50}, {at, {0}, 1, -5}});
  CHECK(refined.of(at) == refined.all());
  CHECK(refined.of(Stratum{0, 0, 5}).empty());

  remember_refined_scores(store, 1, {hash_of_candidates(screened) + 1, 99, {{0, -5}}});
  CHECK_FALSE(PassCandidates(store, 1).refined());
}
