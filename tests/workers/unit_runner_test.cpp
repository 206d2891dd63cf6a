#include "workers/unit_runner.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <map>
#include <string>

#include "core/errors.hpp"
#include "necklaces.hpp"

namespace hullscan {
namespace {

constexpr double kForEver = 1e9;

RunUnit whole(std::uint32_t composition, std::uint32_t keep_best, double quota_s = kForEver) {
  return {.unit = {1, {0, 0, composition}, {}, {}}, .quota_s = quota_s, .keep_best = keep_best};
}

struct Sum {
  std::uint64_t orbits = 0, labelled = 0, units = 0;
  std::vector<Candidate> kept;  ///< the best of all pieces
};

/// Runs a unit and everything that is handed back of it, as a master would.
Sum run_to_the_end(UnitRunner& runner, const RunUnit& order) {
  Sum sum;
  std::deque<WorkUnit> open = {order.unit};
  while (!open.empty()) {
    RunUnit piece = order;
    piece.unit = open.back();
    open.pop_back();
    const UnitScored result = runner.run(piece);
    sum.orbits += result.orbits;
    sum.labelled += result.labelled;
    ++sum.units;
    sum.kept.insert(sum.kept.end(), result.kept.begin(), result.kept.end());
    open.insert(open.end(), result.remainder.begin(), result.remainder.end());
  }
  std::sort(sum.kept.begin(), sum.kept.end(), better);
  if (sum.kept.size() > order.keep_best) sum.kept.resize(order.keep_best);
  return sum;
}

/// A model of the energy of a ring, fitted to a few made-up labels.
UseModel some_model(const UnitRunnerParts& parts, int sites) {
  SurrogateSpec spec{.kind = "cluster-expansion", .settings = parse_settings_toml("pairs = 6.5\n", "test")};
  Problems problems;
  auto models = SurrogateSet::make(spec, parts.parents, problems);
  problems.throw_if_any();
  std::vector<LabelledConfiguration> labels;
  for (int aluminium = 0; aluminium <= sites; ++aluminium) {
    LabelledConfiguration label;
    label.configuration.supercell = parts.stratum({0, 0, static_cast<std::uint32_t>(aluminium)}).supercell;
    label.configuration.occupation.assign(static_cast<std::size_t>(sites), 0);
    for (int i = 0; i < aluminium; ++i) label.configuration.occupation[static_cast<std::size_t>(i)] = 1;
    const double x = aluminium / static_cast<double>(sites);
    label.formation_energy_ev_per_atom = -0.3 * x * (1 - x);
    label.id = std::to_string(aluminium);
    labels.push_back(label);
  }
  models.space(0).fit(labels);
  return {.pass = 1, .model_hash = models.hash(), .serialised = models.serialise()};
}

class RecordingSink : public ShardSink {
 public:
  struct Shard {
    WorkUnit asked, done;
    std::uint64_t model_hash = 0;
    std::vector<std::uint64_t> degeneracies;
    std::vector<std::optional<std::int32_t>> energies;
  };
  explicit RecordingSink(std::vector<Shard>& shards) : shards_(shards) {}
  void begin(const WorkUnit& unit, std::uint64_t model_hash) override {
    shards_.push_back({unit, {}, model_hash, {}, {}});
  }
  void add(std::uint64_t degeneracy, std::optional<std::int32_t> energy) override {
    shards_.back().degeneracies.push_back(degeneracy);
    shards_.back().energies.push_back(energy);
  }
  ShardReceipt publish(const WorkUnit& done, std::span<const Candidate>) override {
    shards_.back().done = done;
    return {"units/" + std::to_string(shards_.size()) + ".h5", 1, "c", shards_.back().degeneracies.size()};
  }

 private:
  std::vector<Shard>& shards_;
};

}  // namespace

TEST_CASE("a whole unit yields every orbit of its stratum once", "[workers][unit_runner]") {
  UnitRunner runner(ring_parts(12));
  for (std::uint32_t aluminium = 0; aluminium <= 12; ++aluminium) {
    const UnitScored result = runner.run(whole(aluminium, 1000));

    CHECK(result.orbits == necklaces(12, aluminium));
    CHECK(result.labelled == binomial(12, aluminium));
    CHECK(result.kept.size() == result.orbits);
    CHECK(result.remainder.empty());
    CHECK(result.unit == whole(aluminium, 0).unit);
    CHECK(result.shards.empty());
    CHECK(std::is_sorted(result.kept.begin(), result.kept.end(), better));
    std::uint64_t labelled = 0;
    for (const Candidate& candidate : result.kept) {
      CHECK(candidate.stratum == Stratum{0, 0, aluminium});
      CHECK(std::count(candidate.occupation.begin(), candidate.occupation.end(), 1) == static_cast<int>(aluminium));
      labelled += candidate.degeneracy;
    }
    CHECK(labelled == result.labelled);
  }
}

TEST_CASE("a unit cut by its quota and its remainders find what the whole unit finds", "[workers][unit_runner]") {
  UnitRunner runner(ring_parts(24));
  const UnitScored at_once = runner.run(whole(9, 50));

  const Sum in_pieces = run_to_the_end(runner, whole(9, 50, 0.0));

  CHECK(at_once.orbits == necklaces(24, 9));
  CHECK(in_pieces.units > 100);
  CHECK(in_pieces.orbits == at_once.orbits);
  CHECK(in_pieces.labelled == at_once.labelled);
  CHECK(in_pieces.kept == at_once.kept);
}

TEST_CASE("a cut unit hands back at most four units that continue it without a gap", "[workers][unit_runner]") {
  UnitRunner runner(ring_parts(24));

  const UnitScored first = runner.run(whole(9, 0, 0.0));

  REQUIRE_FALSE(first.remainder.empty());
  CHECK(first.remainder.size() <= 4);
  CHECK(first.unit.begin.empty());
  Cursor reached = first.unit.end;
  for (const WorkUnit& piece : first.remainder) {
    CHECK(piece.stratum == first.unit.stratum);
    CHECK(piece.begin == reached);
    reached = piece.end;
  }
  CHECK(reached.empty());
}

TEST_CASE("a worker that is asked to stop hands back the rest soon", "[workers][unit_runner]") {
  UnitRunner runner(ring_parts(24));
  int asked = 0;

  const UnitScored result = runner.run(whole(9, 10), [&] { return ++asked == 3; });

  CHECK(result.orbits < necklaces(24, 9));
  CHECK(result.orbits >= 3);
  CHECK_FALSE(result.remainder.empty());
}

TEST_CASE("without a model the kept ones are a draw that the seed alone decides", "[workers][unit_runner]") {
  UnitRunner one(ring_parts(16, 1)), same(ring_parts(16, 1)), other(ring_parts(16, 2));

  const auto kept = one.run(whole(8, 10)).kept;

  CHECK(same.run(whole(8, 10)).kept == kept);
  CHECK(other.run(whole(8, 10)).kept != kept);
  CHECK(kept.front().score >= 0);
}

TEST_CASE("the draw without a model is uniform over orbits", "[workers][unit_runner]") {
  // 10 of 80 orbits, 400 seeds: every orbit is drawn 50 times, give or take sqrt(400 * 1/8 * 7/8) = 6.6.
  std::map<std::string, int> drawn;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    UnitRunner runner(ring_parts(12, seed));
    for (const Candidate& candidate : runner.run(whole(6, 10)).kept)
      ++drawn[{candidate.occupation.begin(), candidate.occupation.end()}];
  }

  REQUIRE(drawn.size() == 80);
  for (const auto& [occupation, times] : drawn) CHECK(std::abs(times - 50) < 5 * 6.7);
}

TEST_CASE("with a model the best predictions are kept, in 1e-9 eV per atom", "[workers][unit_runner]") {
  const UnitRunnerParts parts = ring_parts(12);
  const UseModel model = some_model(parts, 12);
  const auto models = SurrogateSet::deserialise(model.serialised, parts.parents);
  const auto scorer = models.space(0).scorer(*parts.stratum({0, 0, 6}).supercell);
  UnitRunner runner(parts);
  const auto every = runner.run(whole(6, 1000)).kept;
  std::vector<Candidate> expected = every;
  for (Candidate& candidate : expected) candidate.score = std::llround(scorer->score(candidate.occupation) * 1e9);
  std::sort(expected.begin(), expected.end(), better);
  expected.resize(20);

  runner.use_model(model);
  const UnitScored result = runner.run(whole(6, 20));

  CHECK(result.model_hash == model.model_hash);
  CHECK(result.kept == expected);
  runner.use_model(UseModel{});
  CHECK(runner.run(whole(6, 1000)).kept == every);
}

TEST_CASE("every orbit goes to the shard, in search order, with its energy if there is a model",
          "[workers][unit_runner]") {
  std::vector<RecordingSink::Shard> shards;
  std::vector<std::uint32_t> passes;
  UnitRunnerParts parts = ring_parts(24);
  parts.shard_sink = [&](std::uint32_t pass) {
    passes.push_back(pass);
    return std::make_unique<RecordingSink>(shards);
  };
  UnitRunner runner(parts);
  RunUnit order = whole(5, 0, 0.0);
  order.write_shard = true;

  const UnitScored without_model = runner.run(order);
  const UseModel model = some_model(parts, 24);
  runner.use_model(model);
  const UnitScored with_model = runner.run(order);

  CHECK(passes == std::vector<std::uint32_t>{0, 1});
  REQUIRE(shards.size() == 2);
  CHECK(shards[0].degeneracies.size() == without_model.orbits);
  CHECK(shards[0].degeneracies == shards[1].degeneracies);
  CHECK(shards[0].asked == order.unit);
  CHECK(shards[0].done == without_model.unit);
  CHECK(shards[1].model_hash == model.model_hash);
  CHECK(std::none_of(shards[0].energies.begin(), shards[0].energies.end(),
                     [](const auto& energy) { return energy.has_value(); }));
  CHECK(std::all_of(shards[1].energies.begin(), shards[1].energies.end(),
                    [](const auto& energy) { return energy.has_value(); }));
  REQUIRE(with_model.shards.size() == 1);
  CHECK(with_model.shards[0].file_name == "units/2.h5");
}

TEST_CASE("a shard without a place to put it is an error, not silence", "[workers][unit_runner]") {
  UnitRunner runner(ring_parts(8));
  RunUnit order = whole(4, 0);
  order.write_shard = true;

  CHECK_THROWS_AS(runner.run(order), Error);
}

TEST_CASE("a damaged model is refused", "[workers][unit_runner]") {
  UnitRunner runner(ring_parts(8));

  CHECK_THROWS_AS(runner.use_model({.pass = 0, .model_hash = 1, .serialised = {std::byte{1}, std::byte{2}}}), Error);
}

}  // namespace hullscan
