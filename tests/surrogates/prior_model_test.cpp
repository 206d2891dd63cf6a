// Models fitted to what a potential gets wrong.
#include "surrogates/models/prior_model.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "core/hash.hpp"
#include "surrogates/features/cluster_orbits.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

using EnergyOf = std::function<double(const Configuration&)>;  // eV/atom

/// A prior that knows a function of the configuration.
class KnownEnergies final : public Surrogate {
 public:
  KnownEnergies(std::shared_ptr<const ParentCrystal> parent, std::string name, EnergyOf energy)
      : parent_(std::move(parent)), name_(std::move(name)), energy_(std::move(energy)) {}
  [[nodiscard]] std::string kind() const override { return name_; }
  [[nodiscard]] const ParentCrystal& parent() const override { return *parent_; }
  FitReport fit(std::span<const LabelledConfiguration> /*labels*/) override { return {}; }
  [[nodiscard]] bool fitted() const override { return true; }
  [[nodiscard]] std::unique_ptr<ConfigurationScorer> scorer(const Supercell& supercell) const override {
    class Scorer final : public ConfigurationScorer {
     public:
      Scorer(std::shared_ptr<const Supercell> supercell, EnergyOf energy)
          : supercell_(std::move(supercell)), energy_(std::move(energy)) {}
      [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
        return energy_({supercell_, {occupation.begin(), occupation.end()}});
      }

     private:
      std::shared_ptr<const Supercell> supercell_;
      EnergyOf energy_;
    };
    return std::make_unique<Scorer>(std::make_shared<Supercell>(supercell), energy_);
  }
  [[nodiscard]] std::vector<std::byte> serialise() const override {
    const auto* bytes = reinterpret_cast<const std::byte*>(name_.data());
    return {bytes, bytes + name_.size()};
  }

 private:
  std::shared_ptr<const ParentCrystal> parent_;
  std::string name_;
  EnergyOf energy_;
};

struct Pairs {
  std::shared_ptr<const ParentCrystal> parent = fcc({"Al", "Ni"});
  ClusterOrbits orbits{parent, {3.5, 0, 0}};

  /// Of nearest neighbours both Ni, per atom; of Ni, per atom.
  [[nodiscard]] std::pair<double, double> counts(const Configuration& configuration) const {
    const auto found = orbits.counts(configuration);
    return {static_cast<double>(found[1]) / 8, static_cast<double>(found[0]) / 8};
  }
  /// Bent by a square, which no pair expansion of nearest neighbours can have.
  [[nodiscard]] double bent(const Configuration& configuration) const {
    const double pairs = counts(configuration).first;
    return 0.02 * pairs - 0.004 * pairs * pairs;
  }
  [[nodiscard]] std::vector<LabelledConfiguration> labels(std::size_t first, std::size_t count) const {
    const auto supercell =
        std::make_shared<const Supercell>(parent, (SupercellMatrix() << 2, 0, 0, 0, 2, 0, 0, 0, 2).finished());
    std::vector<LabelledConfiguration> labels;
    for (std::size_t i = first; i < first + count; ++i) {
      Configuration configuration{supercell, {}};
      for (std::uint64_t s = 0; s < 8; ++s)
        configuration.occupation.push_back(static_cast<std::uint8_t>(random_bits(i, s) & 1U));
      labels.push_back({configuration, bent(configuration), 1, fmt::format("label-{:03}", i)});
    }
    return labels;
  }
  [[nodiscard]] std::unique_ptr<Surrogate> base() const {
    return std::make_unique<ClusterExpansion>(parent, ClusterExpansionSettings{{3.5, 0, 0}, {}});
  }
};

double rmse_mev(const Surrogate& model, const std::vector<LabelledConfiguration>& labels) {
  double squares = 0;
  for (const LabelledConfiguration& label : labels) {
    const double off = model.predict_ev_per_atom(label.configuration) - label.formation_energy_ev_per_atom;
    squares += off * off;
  }
  return 1e3 * std::sqrt(squares / static_cast<double>(labels.size()));
}

}  // namespace

TEST_CASE("a prior that is right but for its references leaves nothing to learn", "[surrogates][prior]") {
  const Pairs pairs;
  const auto labels = pairs.labels(0, 12), others = pairs.labels(100, 60);
  // Total energies: another constant and another slope with composition.
  const auto prior = std::make_shared<KnownEnergies>(pairs.parent, "right", [&](const Configuration& one) {
    return pairs.bent(one) - 3.4 - 1.1 * pairs.counts(one).second;
  });
  PriorModel model(pairs.base(), prior);
  const auto plain = pairs.base();

  const FitReport report = model.fit(labels);
  (void)plain->fit(labels);

  CHECK(model.coefficient() == 1);
  CHECK(model.explained() == Approx(1).margin(1e-6));
  CHECK(rmse_mev(model, others) < 0.1);
  CHECK(rmse_mev(*plain, others) > 1);
  CHECK(report.coefficients.back().cluster == "prior right");
}

TEST_CASE("a prior says what it thinks by the references of the labels, and leads where it explains most of them",
          "[surrogates][prior]") {
  const Pairs pairs;
  const auto labels = pairs.labels(0, 24), others = pairs.labels(100, 40);
  const double share = GENERATE(0.0, 1.0);  // of the nearest neighbours' energy that the prior does not know
  const auto prior =
      std::make_shared<KnownEnergies>(pairs.parent, fmt::format("but {}", share), [&](const Configuration& one) {
        return pairs.bent(one) - share * 0.018 * pairs.counts(one).first - 2.0 + 0.7 * pairs.counts(one).second;
      });
  PriorModel model(pairs.base(), prior);
  (void)model.fit(labels);

  const auto& first = others.front().configuration;
  const PriorOpinion opinion = model.prior_opinion(*first.supercell, first.occupation);

  if (share == 0) {
    CHECK(opinion.leads);
    REQUIRE(opinion.energies_ev_per_atom.size() == 1);
    CHECK(opinion.energies_ev_per_atom.front() == Approx(others.front().formation_energy_ev_per_atom).margin(1e-6));
  } else {
    CHECK(model.explained() < PriorModel::kLeads);
    CHECK_FALSE(opinion.leads);
  }
}

TEST_CASE("a prior that knows nothing is given no weight, and then nothing is lost by it", "[surrogates][prior]") {
  const Pairs pairs;
  const auto labels = pairs.labels(0, 40), others = pairs.labels(100, 60);
  const auto prior = std::make_shared<KnownEnergies>(pairs.parent, "noise", [](const Configuration& one) {
    return 0.3 *
           static_cast<double>(random_bits(7, one.occupation[0] + 2U * one.occupation[3] + 4U * one.occupation[5] +
                                                  8U * one.occupation[6]) >>
                               11U) *
           0x1p-53;
  });
  PriorModel model(pairs.base(), prior);
  const auto plain = pairs.base();

  (void)model.fit(labels);
  (void)plain->fit(labels);

  CHECK(model.coefficient() == 0);
  CHECK(rmse_mev(model, others) == Approx(rmse_mev(*plain, others)));
}

TEST_CASE("a configuration for which the prior has no energy is never chosen, and is no label", "[surrogates][prior]") {
  const Pairs pairs;
  const auto labels = pairs.labels(0, 30);
  const auto lost = labels[4].configuration;
  const auto prior = std::make_shared<KnownEnergies>(pairs.parent, "gaps", [&](const Configuration& one) {
    return one.occupation == lost.occupation ? std::numeric_limits<double>::infinity() : pairs.bent(one);
  });
  PriorModel model(pairs.base(), prior);

  const FitReport report = model.fit(labels);

  CHECK(std::isinf(model.predict_ev_per_atom(lost)));
  REQUIRE(report.warnings.size() == 1);
  CHECK(report.warnings.front().find("the prior has no energy") != std::string::npos);
}

TEST_CASE("a model with a potential as prior is stored and comes back", "[surrogates][prior][kim]") {
  const Pairs pairs;
  Problems problems;
  const SettingsTable table = parse_settings_toml(
      "kind = 'cluster-expansion'\npairs = 3.5\nprior = 'kim:EAM_Dynamo_PunMishin_2009_NiAl__MO_751354403791_005'",
      "t");
  const auto model = make_surrogate({"cluster-expansion", table}, pairs.parent, problems);
  problems.throw_if_any();
  REQUIRE(model);
  CHECK_FALSE(model->fitted());
  const auto labels = pairs.labels(0, 20);
  (void)model->fit(labels);

  const auto again = deserialise_surrogate(model->kind(), model->serialise(), pairs.parent);

  CHECK(model->kind() == "cluster-expansion with a prior");
  CHECK(again->serialise() == model->serialise());
  for (const LabelledConfiguration& label : labels)
    CHECK(again->predict_ev_per_atom(label.configuration) == model->predict_ev_per_atom(label.configuration));
  const auto bytes = model->serialise();
  CHECK_THROWS_AS(deserialise_surrogate(model->kind(), std::span(bytes).first(bytes.size() / 2), pairs.parent),
                  StorageError);
}

TEST_CASE("priors that make no sense are refused at their line", "[surrogates][prior]") {
  const auto refused = [](const std::string& text, const std::string& kind) {
    Problems problems;
    const SettingsTable table = parse_settings_toml("kind = '" + kind + "'\n" + text, "c.toml");
    CHECK_FALSE(make_surrogate({kind, table}, fcc({"Al", "Ni"}), problems));
    try {
      problems.throw_if_any();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(refused("pairs = 3.5\nprior = 'EAM'", "cluster-expansion"),
             Contains("c.toml:3:") && Contains("kim:MODEL"));
  CHECK_THAT(refused("pairs = 3.5\nprior = 3", "cluster-expansion"), Contains("c.toml:3:") && Contains("kim:MODEL"));
  CHECK_THAT(refused("pairs = 3.5\nprior = 'kim:none'", "cluster-expansion"),
             Contains("c.toml:3:") && Contains("none"));
  CHECK_THAT(refused("pairs = 3.5\nprior = { kind = 'ridge' }", "cluster-expansion"), Contains("without labels"));
  CHECK_THAT(refused("pairs = 3.5\nprior = { kind = 'no such' }", "cluster-expansion"), Contains("expected one of"));
  CHECK_THAT(refused("model = 'none'\nprior = 'kim:none'", "kim"), Contains("has no use for a prior"));
}
