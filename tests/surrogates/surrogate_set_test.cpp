#include "surrogates/surrogate_set.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

SurrogateSpec pairs_to_six_angstrom() {
  return {"cluster-expansion",
          parse_settings_toml("kind = 'cluster-expansion'\npairs = 6.0\ntriplets = 4.1", "campaign.toml")};
}

SurrogateSet fitted_set(const std::vector<std::shared_ptr<const ParentCrystal>>& parents) {
  Problems problems;
  SurrogateSet set = SurrogateSet::make(pairs_to_six_angstrom(), parents, problems);
  REQUIRE(problems.empty());
  for (std::size_t space = 0; space < parents.size(); ++space) {
    const auto supercell = std::make_shared<const Supercell>(parents[space], SupercellMatrix::Identity() * 2);
    std::vector<LabelledConfiguration> labels;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      labels.push_back(
          {{supercell, random_occupation(*supercell, seed)}, 0.01 * static_cast<double>(seed * seed % 7), 1, ""});
    }
    (void)set.space(space).fit(labels);
  }
  return set;
}

}  // namespace

TEST_CASE("a set of models survives being stored", "[surrogates][set]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"}), perovskite({"O", "Va"})};
  const SurrogateSet set = fitted_set(parents);
  REQUIRE(set.fitted());

  const SurrogateSet restored = SurrogateSet::deserialise(set.serialise(), parents);

  CHECK(restored.fitted());
  CHECK(restored.hash() == set.hash());
  for (std::size_t space = 0; space < 2; ++space) {
    const auto supercell = std::make_shared<const Supercell>(parents[space], SupercellMatrix::Identity() * 3);
    const Configuration configuration{supercell, random_occupation(*supercell, 5)};
    CHECK(restored.space(space).predict_ev_per_atom(configuration) ==
          set.space(space).predict_ev_per_atom(configuration));
  }
}

TEST_CASE("a set that was not fitted says so, also after being stored", "[surrogates][set]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"})};
  Problems problems;
  const SurrogateSet set = SurrogateSet::make(pairs_to_six_angstrom(), parents, problems);

  CHECK_FALSE(set.fitted());
  CHECK_FALSE(SurrogateSet::deserialise(set.serialise(), parents).fitted());
}

TEST_CASE("another fit has another hash", "[surrogates][set]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"})};
  SurrogateSet set = fitted_set(parents);
  const std::uint64_t before = set.hash();
  const auto supercell = std::make_shared<const Supercell>(parents[0], SupercellMatrix::Identity());

  (void)set.space(0).fit(std::vector<LabelledConfiguration>{{{supercell, {1}}, 0.5, 1, "Ni"}});

  CHECK(set.hash() != before);
}

TEST_CASE("stored models that are cut, changed or for other parents are refused", "[surrogates][set]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"}), perovskite({"O", "Va"})};
  const std::vector<std::byte> bytes = fitted_set(parents).serialise();

  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_THROWS_AS(SurrogateSet::deserialise(std::span(bytes).first(length), parents), StorageError);
  }
  std::vector<std::byte> longer = bytes;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(SurrogateSet::deserialise(longer, parents), StorageError);
  CHECK_THROWS_WITH(SurrogateSet::deserialise(bytes, {parents[0]}), "stored model covers 2 spaces, the campaign has 1");
  CHECK_THROWS_WITH(SurrogateSet::deserialise(bytes, {parents[1], parents[0]}),
                    "stored cluster expansion belongs to another parent crystal; fit it again to this one's labels");
  CHECK_THROWS_WITH(SurrogateSet::deserialise(bytes, {fcc({"Al", "Cu"}), parents[1]}),
                    "stored cluster expansion belongs to another parent crystal; fit it again to this one's labels");
}

TEST_CASE("changed bytes of a stored model never do worse than an error", "[surrogates][set]") {
  const std::vector<std::shared_ptr<const ParentCrystal>> parents = {fcc({"Al", "Ni"})};
  const std::vector<std::byte> bytes = fitted_set(parents).serialise();
  for (std::size_t place = 0; place < std::min<std::size_t>(bytes.size(), 120); ++place) {
    std::vector<std::byte> changed = bytes;
    changed[place] ^= std::byte{0x80};
    try {
      (void)SurrogateSet::deserialise(changed, parents);
    } catch (const StorageError&) {
    }
  }
  SUCCEED();
}

TEST_CASE("a network in TorchScript is sent to the port for external models", "[surrogates][set]") {
  Problems problems;
  const SurrogateSpec network{"torchscript", parse_settings_toml("file = 'net.pt'\nkind = 'torchscript'", "c.toml")};
  CHECK(SurrogateSet::make(network, {fcc({"Al", "Ni"})}, problems).space_count() == 0);
  REQUIRE(problems.lines().size() == 1);
  CHECK_THAT(problems.lines().front(),
             Catch::StartsWith("c.toml:2:8: surrogate.kind: ") && Catch::Contains("\"external\""));
}
