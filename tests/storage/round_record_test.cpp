#include "storage/round_record.hpp"

#include <catch2/catch.hpp>

#include <limits>

#include "core/errors.hpp"
#include "storage_testing.hpp"

namespace hullscan {
namespace {

FitRecord sample_fit() {
  return {.space = "fcc",
          .kind = "cluster-expansion",
          .labels = 24,
          .features = 9,
          .rank = 8,
          .rmse_mev_per_atom = 0.1,
          .loo_rmse_mev_per_atom = 1.0 / 3,
          .regularisation = 1e-7,
          .coefficients = {{"pair Ni-Ni 2.83 Å (6 per cell)", 2, 6, -0.1 - 0.2}},
          .warnings = {"no label holds \"Cu\""}};
}

Round finished(std::string fit, std::string hull) {
  return {3, "hull-distance", true, std::move(fit), std::move(hull)};
}

Round of_fit(std::string fit) { return finished(std::move(fit), "{}"); }
Round of_hull(std::string hull) { return finished("[]", std::move(hull)); }

constexpr const char* kFitDamaged = "round 3: what is stored of its fit is damaged";
constexpr const char* kHullDamaged = "round 3: what is stored of its hull is damaged";

}  // namespace

TEST_CASE("fits that are written are read again to the last bit", "[storage][round_record]") {
  FitRecord other = sample_fit();
  other.space = "bcc";
  other.coefficients.clear();
  const std::vector<FitRecord> fits = {sample_fit(), other};

  CHECK(fit_records(of_fit(to_json_text(fits))) == fits);
}

TEST_CASE("a round without a model has no fit", "[storage][round_record]") {
  CHECK(to_json_text(std::vector<FitRecord>{}) == "[]");
  CHECK(fit_records(of_fit("[]")).empty());
}

TEST_CASE("a number that is not finite is written as null and read as none", "[storage][round_record]") {
  FitRecord fit = sample_fit();
  fit.loo_rmse_mev_per_atom = std::numeric_limits<double>::infinity();
  fit.coefficients[0].energy_ev = std::numeric_limits<double>::quiet_NaN();

  const std::string text = to_json_text(std::vector{fit});
  const std::vector<FitRecord> read = fit_records(of_fit(text));

  CHECK(text.find("\"loo_rmse_mev_per_atom\":null") != std::string::npos);
  REQUIRE(read.size() == 1);
  CHECK_FALSE(read[0].loo_rmse_mev_per_atom.has_value());
  CHECK_FALSE(read[0].coefficients.at(0).energy_ev.has_value());
}

// docs/formats/campaign-db.md: the bytes are a contract; these are as version 0.1.0 wrote them.
TEST_CASE("the texts of a round are those of version 0.1.0, key by key in their order", "[storage][round_record]") {
  CHECK(to_json_text(std::vector{sample_fit()}) ==
        R"([{"space":"fcc","kind":"cluster-expansion","labels":24,"features":9,"rank":8,"rmse_mev_per_atom":0.1,)"
        R"("loo_rmse_mev_per_atom":0.3333333333333333,"regularisation":1e-07,"coefficients":[{"cluster":)"
        R"j("pair Ni-Ni 2.83 Å (6 per cell)","sites":2,"multiplicity":6,"energy_ev":-0.30000000000000004}],)j"
        R"("warnings":["no label holds \"Cu\""]}])");
  CHECK(to_json_text(HullRecord{3, {"fcc-1a2b3c4d", "fcc-5e6f7a8b"}, "99aa"}) ==
        R"({"entries":3,"vertices":["fcc-1a2b3c4d","fcc-5e6f7a8b"],"set_aside":"99aa"})");
}

TEST_CASE("a hull that is written is read again, its vertices in their order", "[storage][round_record]") {
  const HullRecord hull{12, {"b", "a", "c"}, "0123"};

  CHECK(hull_record(of_hull(to_json_text(hull))) == hull);
}

TEST_CASE("a fit by an older hullscan, which kept no coefficients, is read without", "[storage][round_record]") {
  const auto fits =
      fit_records(of_fit(R"([{"space":"fcc","kind":"ridge","labels":8,"features":3,"rank":3,"rmse_mev_per_atom":1.5,)"
                         R"("loo_rmse_mev_per_atom":null,"regularisation":0.01,"warnings":[]}])"));

  REQUIRE(fits.size() == 1);
  CHECK(fits[0].kind == "ridge");
  CHECK(fits[0].rmse_mev_per_atom == 1.5);
  CHECK_FALSE(fits[0].loo_rmse_mev_per_atom.has_value());
  CHECK(fits[0].coefficients.empty());
}

TEST_CASE("a hull by an older hullscan, which set nothing aside, names no such set", "[storage][round_record]") {
  const HullRecord hull = hull_record(of_hull(R"({"entries":2,"vertices":["a"]})"));

  CHECK(hull == HullRecord{2, {"a"}, std::nullopt});
  CHECK(to_json_text(hull) == R"({"entries":2,"vertices":["a"]})");
}

TEST_CASE("what a newer hullscan adds to a round is passed over", "[storage][round_record]") {
  CHECK(hull_record(of_hull(R"({"entries":2,"vertices":["a"],"volume":7})")).vertices == std::vector<std::string>{"a"});
}

TEST_CASE("a damaged fit is a storage error that names the round", "[storage][round_record]") {
  for (const char* text : {"", "null", "{}", "[", "[1]", "[{}]", "[null]", R"([{"space":1}])",
                           R"([{"space":"fcc","kind":"ridge","labels":"many","features":3}])",
                           R"([{"space":"fcc","kind":"ridge","labels":8,"features":3,"rmse_mev_per_atom":"small"}])",
                           R"([{"space":"fcc","kind":"ridge","labels":8,"features":3,"coefficients":[{"sites":2}]}])",
                           R"([{"space":"fcc","kind":"ridge","labels":8,"features":3,"coefficients":{"a":2}}])",
                           R"([{"space":"fcc","kind":"ridge","labels":8,"features":3,"warnings":"none"}])"}) {
    INFO(text);
    CHECK_THROWS_AS(fit_records(of_fit(text)), StorageError);
    CHECK_THROWS_WITH(fit_records(of_fit(text)), Catch::StartsWith(kFitDamaged));
  }
}

TEST_CASE("a damaged hull is a storage error that names the round", "[storage][round_record]") {
  for (const char* text : {"", "null", "[]", "{", R"({"vertices":"a"})", R"({"vertices":[1]})", R"({"entries":"two"})",
                           R"({"entries":2,"vertices":["a"],"set_aside":7})"}) {
    INFO(text);
    CHECK_THROWS_AS(hull_record(of_hull(text)), StorageError);
    CHECK_THROWS_WITH(hull_record(of_hull(text)), Catch::StartsWith(kHullDamaged));
  }
}

TEST_CASE("the store gives a round's record back as it was given", "[storage][round_record]") {
  CampaignStore store = CampaignStore::in_memory(test::sample_campaign());
  const HullRecord hull{1, {"fcc-1a2b3c4d"}, "99aa"};
  store.begin_round(0, "end members");
  store.finish_round(0, to_json_text(std::vector{sample_fit()}), to_json_text(hull));

  const Round round = store.rounds().at(0);

  CHECK(fit_records(round) == std::vector{sample_fit()});
  CHECK(hull_record(round) == hull);
}

}  // namespace hullscan
