#include "storage/campaign_facts.hpp"

#include <cmath>
#include <limits>

#include "storage_testing.hpp"

namespace hullscan {
namespace {

CampaignStore empty_store() { return CampaignStore::in_memory(test::sample_campaign()); }

constexpr double kInfinite = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a campaign that was just begun has no facts", "[storage][campaign_facts]") {
  const CampaignStore store = empty_store();

  CHECK_FALSE(recall_search_limits(store).has_value());
  CHECK_FALSE(recall_search_bound(store, 0, {0, 1, 2}).has_value());
  CHECK_FALSE(recall_pass_temperatures(store, 0).has_value());
  CHECK_FALSE(recall_part(store).has_value());
  CHECK_FALSE(recall_stage_decision(store).has_value());
  CHECK_FALSE(recall_judging_rules(store).has_value());
  CHECK_FALSE(recall_packed_event(store).has_value());
  CHECK_FALSE(recall_job_prefix(store, "campaign.db").has_value());
  CHECK_FALSE(recall_avoided_nodes(store).has_value());
}

TEST_CASE("every fact is recalled as it was remembered", "[storage][campaign_facts]") {
  CampaignStore store = empty_store();
  remember_search_limits(store, {1e9, 300'000'000});
  remember_search_bound(store, 2, {0, 1, 2}, {true, -0.1 - 0.2});
  remember_search_bound(store, 3, {0, 1, 2}, {false, kInfinite});
  remember_pass_temperatures(store, 4, {300, 1000.0 / 3});
  remember_part(store, "3/8");
  remember_avoided_nodes(store, {"n1", "n2"});
  remember_packed_event(store, 4711);
  remember_stage_decision(store, R"({"first_pass":1})");
  remember_judging_rules(store, "1");
  remember_job_prefix(store, "1a2b-c");

  CHECK(recall_search_limits(store) == SearchLimits{1e9, 300'000'000});
  CHECK(recall_search_bound(store, 2, {0, 1, 2}) == SearchBound{true, -0.1 - 0.2});
  CHECK(recall_search_bound(store, 3, {0, 1, 2}) == SearchBound{false, kInfinite});
  CHECK_FALSE(recall_search_bound(store, 2, {0, 1, 3}).has_value());
  CHECK(recall_pass_temperatures(store, 4) == std::vector<double>{300, 1000.0 / 3});
  CHECK_FALSE(recall_pass_temperatures(store, 5).has_value());
  CHECK(recall_part(store) == "3/8");
  CHECK(recall_avoided_nodes(store) == std::vector<std::string>{"n1", "n2"});
  CHECK(recall_packed_event(store) == 4711);
  CHECK(recall_stage_decision(store) == R"({"first_pass":1})");
  CHECK(recall_judging_rules(store) == "1");
  CHECK(recall_job_prefix(store, "campaign.db") == "1a2b-c");
}

// docs/formats/campaign-db.md: keys and texts are a contract.
TEST_CASE("keys and texts of the facts are those of version 0.1.0", "[storage][campaign_facts]") {
  CampaignStore store = empty_store();
  remember_search_limits(store, {kInfinite, 5});
  remember_search_bound(store, 2, {0, 1, 3}, {true, -0.5});
  remember_pass_temperatures(store, 0, {300, 1000});
  remember_part(store, "3/8");
  remember_stage_decision(store, "{}");
  remember_judging_rules(store, "1");
  remember_avoided_nodes(store, {"n1"});
  remember_packed_event(store, 12);
  remember_job_prefix(store, "1a2b3c4d");

  CHECK(store.recall("search limits") == R"({"scan_at_most":null,"search_nodes":5})");
  CHECK(store.recall("pass 2 search 0.1.3") == R"({"proven":true,"bound_ev_per_atom":-0.5})");
  CHECK(store.recall("pass 0 temperatures") == "[300.0,1000.0]");
  CHECK(store.recall("part") == "3/8");
  CHECK(store.recall("stage") == "{}");
  CHECK(store.recall("results judged") == "1");
  CHECK(store.recall("avoided nodes") == R"(["n1"])");
  CHECK(store.recall("packed up to event") == "12");
  CHECK(store.recall("job prefix") == "1a2b3c4d");
}

TEST_CASE("a stratum that was drawn at random and not searched has no bound", "[storage][campaign_facts]") {
  CampaignStore store = empty_store();
  remember_search_bound(store, 0, {0, 0, 0}, {false, -kInfinite});

  CHECK(store.recall("pass 0 search 0.0.0") == R"({"proven":false,"bound_ev_per_atom":null})");
  CHECK(std::isinf(recall_search_bound(store, 0, {0, 0, 0})->bound_ev_per_atom));
}

TEST_CASE("a damaged fact is a storage error that names its row", "[storage][campaign_facts]") {
  CampaignStore store = empty_store();
  for (const char* text :
       {"", "{", "[]", "{}", R"({"scan_at_most":null})", R"({"scan_at_most":1,"search_nodes":"x"})"}) {
    CAPTURE(text);
    store.remember("search limits", text);
    CHECK_THROWS_AS(recall_search_limits(store), StorageError);
    CHECK_THROWS_WITH(recall_search_limits(store),
                      Catch::StartsWith("campaign.db: table fact, row \"search limits\": is damaged: "));
  }
  store.remember("pass 2 search 0.1.2", R"({"proven":1,"bound_ev_per_atom":-1})");
  CHECK_THROWS_WITH(recall_search_bound(store, 2, {0, 1, 2}),
                    Catch::StartsWith("campaign.db: table fact, row \"pass 2 search 0.1.2\": is damaged: "));
  store.remember("pass 7 temperatures", "[300,\"hot\"]");
  CHECK_THROWS_WITH(recall_pass_temperatures(store, 7),
                    Catch::StartsWith("campaign.db: table fact, row \"pass 7 temperatures\": is damaged: "));
  store.remember("avoided nodes", "n1");
  CHECK_THROWS_WITH(recall_avoided_nodes(store),
                    Catch::StartsWith("campaign.db: table fact, row \"avoided nodes\": is damaged: "));
}

TEST_CASE("a temperature that no sum can have is refused", "[storage][campaign_facts]") {
  CampaignStore store = empty_store();
  for (const char* text : {"[0]", "[300,-1]", "[1e9]"}) {
    CAPTURE(text);
    store.remember("pass 0 temperatures", text);
    CHECK_THROWS_WITH(recall_pass_temperatures(store, 0),
                      Catch::StartsWith("campaign.db: table fact, row \"pass 0 temperatures\": a temperature of "));
  }
}

TEST_CASE("a job prefix that is not a plain word never reaches a command line", "[storage][campaign_facts]") {
  CampaignStore store = empty_store();
  for (const std::string& word : {std::string(), std::string("a b"), std::string("$(reboot)"), std::string("Ab"),
                                  std::string("a/b"), std::string(33, 'a')}) {
    CAPTURE(word);
    store.remember("job prefix", word);
    CHECK_THROWS_WITH(recall_job_prefix(store, "run/campaign.db"),
                      "run/campaign.db: table fact, row \"job prefix\": is damaged: expected a word");
  }
}

TEST_CASE("what is no number of an event counts as none packed yet", "[storage][campaign_facts]") {
  CampaignStore store = empty_store();
  store.remember("packed up to event", "many");

  CHECK(recall_packed_event(store) == 0);
}

}  // namespace hullscan
