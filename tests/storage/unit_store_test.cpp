#include <rapidcheck.h>

#include <algorithm>
#include <array>

#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

CampaignStore store_with_pass() {
  auto store = CampaignStore::in_memory(sample_campaign());
  store.begin_pass(0, kModel, {});
  return store;
}

Candidate candidate(std::uint32_t composition, std::int64_t score, std::vector<std::uint8_t> occupation) {
  return {{0, 0, composition}, std::move(occupation), 8, score};
}

}  // namespace

TEST_CASE("a pass keeps its model", "[storage][units]") {
  auto store = CampaignStore::in_memory(sample_campaign());
  CHECK_FALSE(store.current_pass().has_value());
  const std::vector<std::byte> model = {std::byte{0}, std::byte{255}, std::byte{7}};

  store.begin_pass(0, 0, {});
  store.begin_pass(1, kModel, model);
  store.begin_pass(1, kModel, model);

  const auto pass = store.current_pass();
  REQUIRE(pass.has_value());
  CHECK(pass->number == 1);
  CHECK(pass->model_hash == kModel);
  CHECK(pass->model == model);
  CHECK_FALSE(pass->finished);
  CHECK_THROWS_AS(store.begin_pass(1, kModel + 1, model), Error);
}

TEST_CASE("units get ids once", "[storage][units]") {
  auto store = store_with_pass();
  const std::vector<WorkUnit> units = {
      whole_stratum(0), whole_stratum(1), {0, {0, 0, 2}, {}, {3, 0}}, {0, {0, 0, 2}, {3, 0}, {}}};

  const auto first = store.add_units(0, units);
  const auto second = store.add_units(0, units);

  CHECK(first == second);
  CHECK(store.open_units(0) == first);
  for (std::size_t i = 0; i < units.size(); ++i) {
    CHECK(first[i].id != 0);
    CHECK(first[i].stratum == units[i].stratum);
    CHECK(first[i].begin == units[i].begin);
    CHECK(first[i].end == units[i].end);
  }
  CHECK_THROWS_AS(store.add_units(1, units), Error);
}

TEST_CASE("a result that arrives twice counts once", "[storage][units]") {
  auto store = store_with_pass();
  const auto unit = store.add_units(0, std::vector{whole_stratum(0)}).front();
  UnitScored result = scored(unit);
  result.kept = {candidate(0, -5, {1, 0}), candidate(0, 3, {0, 1})};
  result.shards = {{"units/a.h5", 100, "ab", 10}};

  const auto first = store.finish_unit(0, result, 10);
  const auto second = store.finish_unit(0, result, 10);

  CHECK(first.counted);
  CHECK_FALSE(second.counted);
  CHECK(store.open_units(0).empty());
  CHECK(store.candidates(0) == result.kept);
  REQUIRE(store.shards().size() == 1);
  CHECK(store.shards().front().receipt == result.shards.front());
  CHECK(store.shards().front().unit == unit);
  const UnitTotals totals = store.unit_totals(0).at({0, 0, 0});
  CHECK(totals.done == 1);
  CHECK(totals.total == 1);
  CHECK(totals.orbits == 10);
  CHECK(totals.labelled == 40);
  CHECK(totals.seconds == 0.5);
}

TEST_CASE("the remainder of a unit becomes units, and its books still close", "[storage][units]") {
  auto store = store_with_pass();
  const auto unit = store.add_units(0, std::vector{whole_stratum(0)}).front();
  UnitScored result = scored(unit, 3);
  result.unit.end = {5, 1};
  result.remainder = {{0, {0, 0, 0}, {9}, {}}, {0, {0, 0, 0}, {5, 1}, {9}}};  // in any order

  const auto finished = store.finish_unit(0, result, 0);
  const auto again = store.finish_unit(0, result, 0);

  REQUIRE(finished.added.size() == 2);
  CHECK(finished.added[0].begin == Cursor{9});
  CHECK(finished.added[0].id != finished.added[1].id);
  CHECK(again.added.empty());
  CHECK(store.open_units(0).size() == 2);
  CHECK(store.unit_totals(0).at({0, 0, 0}).total == 3);
  // The first division still knows its unit, shortened as it is.
  CHECK(store.add_units(0, std::vector{whole_stratum(0)}).front().id == unit.id);
}

TEST_CASE("a result that does not fit its unit is refused and changes nothing", "[storage][units]") {
  auto store = store_with_pass();
  const auto unit = store.add_units(0, std::vector{whole_stratum(0)}).front();
  const auto refuse = [&](const UnitScored& result) {
    CHECK_THROWS_AS(store.finish_unit(0, result, 10), Error);
    CHECK(store.open_units(0).size() == 1);
    CHECK(store.candidates(0).empty());
    CHECK(store.shards().empty());
  };
  UnitScored result = scored(unit);
  result.kept = {candidate(0, 1, {1})};
  result.shards = {{"units/a.h5", 1, "", 1}};

  auto other_model = result;
  other_model.model_hash = 1;
  refuse(other_model);
  auto unknown = result;
  unknown.unit.id = 77;
  refuse(unknown);
  auto other_stratum = result;
  other_stratum.unit.stratum.index_in_supercell = 1;
  refuse(other_stratum);
  auto gap = result;
  gap.unit.end = {3};
  gap.remainder = {{0, unit.stratum, {4}, {}}};
  refuse(gap);
  auto short_of_end = result;
  short_of_end.unit.end = {3};
  refuse(short_of_end);
  auto overlap = result;
  overlap.remainder = {{0, unit.stratum, {4}, {}}};
  refuse(overlap);
  auto foreign_candidate = result;
  foreign_candidate.kept.push_back(candidate(1, 1, {1}));
  refuse(foreign_candidate);
  // In a group, one bad result undoes the good ones too.
  CHECK_THROWS_AS(store.finish_units(0, std::vector{result, unknown}, 10), Error);
  CHECK(store.open_units(0).size() == 1);
}

TEST_CASE("a unit of which nothing was done stays open", "[storage][units]") {
  auto store = store_with_pass();
  const auto unit = store.add_units(0, std::vector{WorkUnit{0, {0, 0, 0}, {2}, {}}}).front();
  UnitScored result = scored(unit, 0);
  result.unit.end = {2};
  result.remainder = {{0, unit.stratum, {2}, {}}};

  CHECK_FALSE(store.finish_unit(0, result, 10).counted);
  CHECK(store.open_units(0) == std::vector{unit});
}

TEST_CASE("the kept candidates are the best of all that were seen, in any order of results",
          "[storage][units][property]") {
  CHECK(rc::check("best K of the union, ordered by better()", [] {
    const std::uint32_t keep = *rc::gen::inRange<std::uint32_t>(1, 6);
    const int unit_count = *rc::gen::inRange(1, 5);
    std::vector<Candidate> all;
    auto store = store_with_pass();
    for (int i = 0; i < unit_count; ++i) {
      const WorkUnit unit{0, {0, 0, 0}, {static_cast<std::uint32_t>(i + 1)}, {static_cast<std::uint32_t>(i + 2)}};
      UnitScored result = scored(store.add_units(0, std::vector{unit}).front());
      const auto scores = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-3, 3));
      for (std::size_t j = 0; j < scores.size(); ++j) {
        // Occupations differ, so ties of the score are decided by them.
        result.kept.push_back(
            candidate(0, scores[j], {static_cast<std::uint8_t>(200 - i), static_cast<std::uint8_t>(j)}));
      }
      std::sort(result.kept.begin(), result.kept.end(), better);
      all.insert(all.end(), result.kept.begin(), result.kept.end());
      store.finish_unit(0, result, keep);
    }
    std::sort(all.begin(), all.end(), better);
    all.resize(std::min<std::size_t>(all.size(), keep));
    RC_ASSERT(store.candidates(0) == all);
    RC_ASSERT(store.candidates(0, Stratum{0, 0, 0}) == all);
  }));
}

TEST_CASE("each stratum keeps its own best", "[storage][units]") {
  auto store = store_with_pass();
  const auto units = store.add_units(0, std::vector{whole_stratum(1), whole_stratum(0)});
  std::vector<UnitScored> results = {scored(units[0]), scored(units[1])};
  results[0].kept = {candidate(1, -9, {1}), candidate(1, -8, {0})};
  results[1].kept = {candidate(0, 4, {1}), candidate(0, 5, {0})};

  store.finish_units(0, results, 1);

  CHECK(store.candidates(0) == std::vector{candidate(0, 4, {1}), candidate(1, -9, {1})});
  CHECK(store.candidates(0, Stratum{0, 0, 1}) == std::vector{candidate(1, -9, {1})});
  CHECK(store.candidates(0, Stratum{5, 0, 1}).empty());
}

TEST_CASE("sums beyond 64 bits are exact", "[storage][units]") {
  auto store = store_with_pass();
  const auto units = store.add_units(0, std::vector<WorkUnit>{{0, {0, 0, 0}, {}, {1}}, {0, {0, 0, 0}, {1}, {}}});
  for (const WorkUnit& unit : units) {
    UnitScored result = scored(unit);
    result.labelled = 0xffffffffffffffffULL;
    store.finish_unit(0, result, 1);
  }

  CHECK(store.unit_totals(0).at({0, 0, 0}).labelled == BigInteger("36893488147419103230"));  // 2 * (2^64 - 1)
}

TEST_CASE("a pass is finished when all its units are", "[storage][units]") {
  auto store = store_with_pass();
  const auto unit = store.add_units(0, std::vector{whole_stratum(0)}).front();
  CHECK_THROWS_AS(store.finish_pass(0), Error);
  store.finish_unit(0, scored(unit), 1);
  CHECK_FALSE(store.pass_complete(0));

  store.finish_pass(0);
  store.finish_pass(0);

  CHECK(store.pass_complete(0));
  CHECK(store.current_pass()->finished);
  CHECK_FALSE(store.pass_complete(3));
  CHECK_THROWS_AS(store.finish_pass(3), Error);
}

TEST_CASE("a shard that is forgotten opens its unit again", "[storage][units]") {
  auto store = store_with_pass();
  const auto units = store.add_units(0, std::vector{whole_stratum(0), whole_stratum(1)});
  for (const WorkUnit& unit : units) {
    UnitScored result = scored(unit);
    result.shards = {{"units/" + std::to_string(unit.id) + "a.h5", 1, "", 5},
                     {"units/" + std::to_string(unit.id) + "b.h5", 1, "", 5}};
    store.finish_unit(0, result, 1);
  }
  store.finish_pass(0);
  const ShardReceipt shard = store.shards().front().receipt;

  const auto reopened = store.forget_shard(shard);
  const auto again = store.forget_shard(shard);

  REQUIRE(reopened.has_value());
  CHECK(*reopened == units[0]);
  CHECK_FALSE(again.has_value());
  CHECK(store.open_units(0) == std::vector{units[0]});
  CHECK(store.shards().size() == 2);
  CHECK_FALSE(store.pass_complete(0));
  CHECK(store.unit_totals(0).at({0, 0, 0}).orbits == 0);
  CHECK(store.finish_unit(0, scored(units[0]), 1).counted);
}

TEST_CASE("the spectrum of a stratum is the sum of its units', whatever their groups", "[storage][units]") {
  const auto spectrum = [](std::int32_t energy) {
    EnergySpectrum one({300}, 4);
    one.add(energy, 6);
    return one;
  };
  EnergySpectrum expected = spectrum(-1000);
  for (const std::int32_t energy : {-2000, 500, 7}) expected.merge(spectrum(energy));
  for (const std::size_t group : {1U, 2U, 4U}) {
    auto store = store_with_pass();
    std::vector<WorkUnit> pieces;
    for (std::uint32_t i = 0; i < 4; ++i)
      pieces.push_back({0, {0, 0, 0}, i == 0 ? Cursor{} : Cursor{i}, i == 3 ? Cursor{} : Cursor{i + 1}});
    pieces = store.add_units(0, pieces);
    std::vector<UnitScored> results;
    for (std::size_t i = 0; i < 4; ++i) {
      results.push_back(scored(pieces[i], 1));
      results.back().spectrum = spectrum(std::array{-1000, -2000, 500, 7}[i]);
    }
    for (std::size_t i = 0; i < 4; i += group) (void)store.finish_units(0, std::span(results).subspan(i, group), 5);

    CHECK(store.spectra(0).at({0, 0, 0}) == expected);
  }
}

TEST_CASE("a unit that is done again, in other pieces, adds nothing to its stratum's spectrum", "[storage][units]") {
  auto store = store_with_pass();
  const WorkUnit whole = store.add_units(0, std::vector{whole_stratum(0)}).front();
  UnitScored result = scored(whole);
  result.spectrum = EnergySpectrum({300}, 4);
  result.spectrum.add(-1000, 6);
  result.shards = {{"units/a.h5", 100, "ab", 10}};
  store.finish_unit(0, result, 5);
  const auto before = store.spectra(0);

  REQUIRE(store.forget_shard(result.shards.front()).has_value());
  UnitScored first = result;
  first.unit.end = {4};
  first.remainder = {{0, whole.stratum, {4}, {}}};
  first.shards = {{"units/b.h5", 100, "cd", 4}};
  const auto rest = store.finish_unit(0, first, 5).added;
  REQUIRE(rest.size() == 1);
  UnitScored second = result;
  second.unit = rest.front();
  second.shards = {{"units/c.h5", 100, "ef", 6}};
  store.finish_unit(0, second, 5);

  CHECK(store.open_units(0).empty());
  CHECK(store.spectra(0) == before);
}

TEST_CASE("finished units are reported in search order with their shards", "[storage][units]") {
  auto store = store_with_pass();
  const auto units = store.add_units(
      0, std::vector<WorkUnit>{
             {0, {0, 0, 1}, {3}, {}}, {0, {0, 0, 1}, {}, {3}}, {0, {0, 0, 0}, {}, {}}, {0, {0, 0, 2}, {}, {}}});
  for (std::size_t i = 0; i < 3; ++i) {
    UnitScored result = scored(units[i], i + 1);
    if (i == 0) result.shards = {{"units/a.h5", 100, "ab", 1}};
    store.finish_unit(0, result, 5);
  }

  const auto all = store.finished_units(0);
  const auto one = store.finished_units(0, Stratum{0, 0, 1});

  REQUIRE(all.size() == 3);
  CHECK(all[0].unit == units[2]);
  CHECK(all[1].unit == units[1]);
  CHECK(all[2].unit == units[0]);
  CHECK(all[2].orbits == 1);
  REQUIRE(all[2].shard.has_value());
  CHECK(all[2].shard->file_name == "units/a.h5");
  CHECK_FALSE(all[0].shard.has_value());
  CHECK(one.size() == 2);
}

TEST_CASE("a pass whose units are forgotten is as new", "[storage][units]") {
  auto store = store_with_pass();
  const auto unit = store.add_units(0, std::vector{whole_stratum(0)}).front();
  UnitScored result = scored(unit);
  result.kept = {candidate(0, -5, {1, 0})};
  result.shards = {{"units/a.h5", 100, "ab", 10}};
  store.finish_unit(0, result, 1);
  store.finish_pass(0);

  store.forget_units(0);

  CHECK_FALSE(store.pass_complete(0));
  CHECK(store.candidates(0).empty());
  CHECK(store.shards().empty());
  CHECK(store.unit_totals(0).empty());
  UnitScored worse = scored(store.add_units(0, std::vector{whole_stratum(0)}).front());
  worse.kept = {candidate(0, 100, {0, 1})};
  store.finish_unit(0, worse, 1);
  CHECK(store.candidates(0) == worse.kept);
}

TEST_CASE("a backup is the database at its moment", "[storage][units]") {
  const TemporaryFolder folder;
  const TemporaryFolder copy;
  auto store = CampaignStore::create_or_open(folder.path(), sample_campaign());
  store.remember("a", "1");

  store.back_up(copy.path() / "campaign.db");
  store.remember("a", "2");

  const auto read = CampaignStore::open_read_only(copy.path());
  CHECK(read.recall("a") == "1");
  CHECK(read.identity() == store.identity());
  CHECK(names_in(copy.path()) == std::vector<std::string>{"campaign.db"});
  store.back_up(copy.path() / "campaign.db");
  CHECK(CampaignStore::open_read_only(copy.path()).recall("a") == "2");
}
