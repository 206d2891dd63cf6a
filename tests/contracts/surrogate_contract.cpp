/// @file
/// What every surrogate promises (surrogates/surrogate.hpp), whatever it models.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <thread>

#include "../kim_models.hpp"
#include "../surrogates/symmetric_crystals.hpp"
#include "core/errors.hpp"
#include "surrogates/external/scorer_pool.hpp"
#include "surrogates/lattice/branch_scorer.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {
namespace {

using namespace test;

constexpr const char* kNickelAluminiumModel = "EAM_Dynamo_PunMishin_2009_NiAl__MO_751354403791_005";

/// A surrogate of Al and Ni on the sites of an fcc crystal, as a user asks for it.
struct SurrogateUnderContract {
  std::string kind;
  std::string settings;
  bool learns_energies = true;        ///< else of pairs of sites only: fit() and scorer() refuse
  bool needs_labels = true;           ///< before it can score
  std::string kim_model{};            ///< it cannot be had without
  bool learns_substitutions = false;  ///< from an ordered crystal with every single and double substitution alone
};

std::string external_command(const std::string& arguments) {
  return std::string("command = ['") + HULLSCAN_TEST_SCORERS + "/python', '" + HULLSCAN_TEST_SCORERS +
         "/composition.py'" + arguments + "]\n";
}

/// One line a kind; further lines for settings that take other ways.
std::vector<SurrogateUnderContract> surrogates_under_contract() {
  const std::vector<SurrogateUnderContract> all = {
      {"electrostatic", "oxidation = { Al = 3, Ni = 2 }", true, false},
      {"substitution-expansion", "", true, true, "", true},
      {"cluster-expansion", "pairs = 4.5\ntriplets = 3.1", true, true},
      {"cluster-expansion", "pairs = 4.5\nselection = 'ard'", true, true},
      {"gaussian-process", "pairs = 4.5", true, true},
      {"ridge", "contacts = 3.0", true, true},
      {"random-forest", "contacts = 3.0\ntrees = 10", true, true},
      {"gradient-boosting", "contacts = 3.0\ntrees = 10", true, true},
      {"marked-pair", "labels = 'x.csv'\ntarget = 'barrier'", false, true},
      {"external", external_command(""), true, false},
      {"external", external_command(", '--fit'") + "needs = 'labels'", true, true},
      {"kim", std::string("model = '") + kNickelAluminiumModel + "'", true, false, kNickelAluminiumModel},
  };
  std::vector<SurrogateUnderContract> installed;
  for (const auto& which : all) {
    if (which.kim_model.empty() || have_kim_models(which.kim_model)) installed.push_back(which);
  }
  return installed;
}

std::vector<SurrogateUnderContract> models_of_energies() {
  std::vector<SurrogateUnderContract> found;
  for (const auto& which : surrogates_under_contract()) {
    if (which.learns_energies) found.push_back(which);
  }
  return found;
}

std::string described(const SurrogateUnderContract& which) { return which.kind + " " + which.settings; }

std::shared_ptr<const ParentCrystal> al_ni() { return fcc({"Al", "Ni"}, 3.8); }

std::unique_ptr<Surrogate> made(const SurrogateUnderContract& which, const std::shared_ptr<const ParentCrystal>& parent,
                                const std::string& more = "") {
  Problems problems;
  auto model = make_surrogate(
      {which.kind,
       parse_settings_toml("kind = '" + which.kind + "'\n" + which.settings + "\n" + more, "campaign.toml")},
      parent, problems);
  problems.throw_if_any();
  REQUIRE(model != nullptr);
  if (which.kind == "external") {
    const SettingsTable table = parse_settings_toml(which.settings, "campaign.toml");
    permit_scorer(SettingsReader(table, "", problems).texts("command"));
  }
  return model;
}

/// Configurations with energies that have nothing to do with any model: of two supercells, or what a model of
/// substitutions asks for: none, every single and every double one, of the smaller.
struct Labels {
  Labels(const std::shared_ptr<const ParentCrystal>& parent, const SurrogateUnderContract& which)
      : supercells{
            std::make_shared<const Supercell>(parent, 2 * SupercellMatrix::Identity()),
            std::make_shared<const Supercell>(parent, (SupercellMatrix() << 2, 0, 0, 0, 2, 0, 0, 0, 3).finished())} {
    if (which.learns_substitutions) label_substitutions();
    for (std::uint64_t seed = 0; seed < 16 && !which.learns_substitutions; ++seed) {
      const auto& supercell = supercells[seed % 2];
      add(supercell, random_occupation(*supercell, seed));
    }
  }
  std::vector<std::shared_ptr<const Supercell>> supercells;
  std::vector<LabelledConfiguration> labels;

 private:
  void add(const std::shared_ptr<const Supercell>& supercell, const std::vector<std::uint8_t>& occupation) {
    const std::size_t n = labels.size();
    labels.push_back({{supercell, occupation},
                      -0.3 + 0.02 * static_cast<double>((n * n + 3) % 11),
                      1,
                      "label " + std::to_string(n)});
  }
  void label_substitutions() {
    const std::size_t sites = supercells[0]->varied_sites().size();
    const std::vector<std::uint8_t> none(sites, 0);
    add(supercells[0], none);
    for (std::size_t a = 0; a < sites; ++a) {
      for (std::size_t b = a; b < sites; ++b) {
        auto occupation = none;
        occupation[a] = occupation[b] = 1;
        add(supercells[0], occupation);
      }
    }
    // Symmetry makes many of these one, and one must have one energy.
    for (auto& label : labels) {
      const auto substituted =
          std::count(label.configuration.occupation.begin(), label.configuration.occupation.end(), 1);
      label.formation_energy_ev_per_atom = 0.01 * static_cast<double>(substituted * substituted);
    }
  }
};

/// Occupations that were not learnt, one after the other.
std::vector<std::uint8_t> packed(const Supercell& supercell, int count) {
  std::vector<std::uint8_t> all;
  for (int i = 0; i < count; ++i) {
    const auto one = random_occupation(supercell, 1000 + static_cast<std::uint64_t>(i));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

std::vector<double> energies_of(const Surrogate& model, const Supercell& supercell, int count) {
  std::vector<double> energies(static_cast<std::size_t>(count));
  model.predict_batch(supercell, packed(supercell, count), energies);
  return energies;
}

}  // namespace

TEST_CASE("every surrogate has a contract to keep", "[contract][surrogate]") {
  std::set<std::string> tested;
  for (const auto& which : surrogates_under_contract()) tested.insert(which.kind);
  for (const std::string& kind : surrogate_kinds()) {
    INFO("add a line for \"" << kind << "\" to surrogates_under_contract()");
    CHECK((tested.contains(kind) || (kind == "kim" && !have_kim_models(kNickelAluminiumModel))));
  }
}

TEST_CASE("a surrogate is called as it was asked for, and refuses settings that it does not know",
          "[contract][surrogate]") {
  const auto which = GENERATE(from_range(surrogates_under_contract()));
  INFO(described(which));
  const auto parent = al_ni();
  const auto model = made(which, parent);

  CHECK(model->kind() == which.kind);
  CHECK(&model->parent() == parent.get());
  CHECK_THROWS_WITH(made(which, parent, "no_such_key = 1"),
                    Catch::Contains("campaign.toml:") && Catch::Contains("surrogate.no_such_key: unknown key"));
  CHECK_THROWS_WITH(made(which, parent, "one = 1\ntwo = 2"), Catch::Contains("one") && Catch::Contains("two"));
}

TEST_CASE("a surrogate that has learnt nothing says so", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(surrogates_under_contract()));
  INFO(described(which));
  const auto parent = al_ni();
  const auto model = made(which, parent);
  const Supercell supercell(parent, 2 * SupercellMatrix::Identity());

  CHECK(model->fitted() == !which.needs_labels);
  if (which.needs_labels) {
    CHECK_THROWS_AS(model->scorer(supercell), InputError);
  } else {
    CHECK(std::isfinite(energies_of(*model, supercell, 1).front()));
  }
  const auto restored = deserialise_surrogate(which.kind, model->serialise(), parent);
  CHECK(restored->fitted() == model->fitted());
}

TEST_CASE("the same labels in another order, or learnt twice, give the same bytes", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  const Labels given(parent, which);
  const auto model = made(which, parent);
  const FitReport report = model->fit(given.labels);
  const auto bytes = model->serialise();

  CHECK(model->fitted());
  CHECK(report.labels == given.labels.size());
  CHECK(std::isfinite(report.rmse_mev_per_atom));
  CHECK(report.loo_residuals_ev_per_atom.size() == given.labels.size());
  CHECK(model->serialise() == bytes);
  std::vector<LabelledConfiguration> turned(given.labels.rbegin(), given.labels.rend());
  std::swap(turned[2], turned[9]);
  if (!which.learns_substitutions) (void)model->fit(std::span(given.labels).first(5));  // forgotten by the next
  (void)model->fit(turned);
  CHECK(model->serialise() == bytes);
  const auto other = made(which, parent);
  (void)other->fit(turned);
  CHECK(other->serialise() == bytes);
}

TEST_CASE("a restored surrogate gives the same energies, to the last bit", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  const Labels given(parent, which);
  const auto model = made(which, parent);
  (void)model->fit(given.labels);

  const auto restored = deserialise_surrogate(which.kind, model->serialise(), parent);

  CHECK(restored->kind() == which.kind);
  CHECK(restored->fitted());
  CHECK(restored->serialise() == model->serialise());
  for (const auto& supercell : given.supercells) {
    if (which.learns_substitutions && supercell != given.supercells[0]) continue;
    CHECK(energies_of(*restored, *supercell, 9) == energies_of(*model, *supercell, 9));
  }
}

TEST_CASE("a score depends on the occupation alone: not on its batch, its neighbours or its thread",
          "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  const Labels given(parent, which);
  const auto model = made(which, parent);
  (void)model->fit(given.labels);
  const Supercell& supercell = *given.supercells[which.learns_substitutions ? 0 : 1];
  const std::size_t sites = supercell.varied_sites().size();
  constexpr int kMany = 67;  // no multiple of any vector's length
  const auto occupations = packed(supercell, kMany);
  const auto all = energies_of(*model, supercell, kMany);
  const auto scorer = model->scorer(supercell);

  std::vector<double> one_by_one, in_threes(kMany), by_threads(kMany);
  for (std::size_t i = 0; i < kMany; ++i)
    one_by_one.push_back(scorer->score(std::span(occupations).subspan(i * sites, sites)));
  for (std::size_t i = 0; i < kMany; i += 3) {
    const std::size_t count = std::min<std::size_t>(3, kMany - i);
    scorer->score_batch(std::span(occupations).subspan(i * sites, count * sites),
                        std::span(in_threes).subspan(i, count));
  }
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < kMany; i += 4)
          by_threads[i] = scorer->score(std::span(occupations).subspan(i * sites, sites));
      });
    }
  }

  CHECK(one_by_one == all);
  CHECK(in_threes == all);
  CHECK(by_threads == all);
  for (const double energy : all) CHECK(std::isfinite(energy));
}

TEST_CASE("configurations that symmetry makes one have one energy", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  const Labels given(parent, which);
  const auto model = made(which, parent);
  (void)model->fit(given.labels);
  const Supercell& supercell = *given.supercells[0];
  const auto scorer = model->scorer(supercell);
  const auto group = supercell_group(supercell);
  const auto occupation = random_occupation(supercell, 77);
  const double energy = scorer->score(occupation);

  for (std::size_t g = 0; g < group.size(); g += 17)
    CHECK(scorer->score(moved(occupation, group[g])) == Approx(energy).margin(1e-9));
}

TEST_CASE("energies along a search path are the scores, where a model can be followed", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  const Labels given(parent, which);
  const auto model = made(which, parent);
  (void)model->fit(given.labels);
  const Supercell& supercell = *given.supercells[0];
  const auto scorer = model->scorer(supercell);
  const std::vector<std::uint8_t> background(supercell.varied_sites().size(), 0);
  const auto tables = scorer->branch_tables(background);
  if (tables == nullptr) return;
  BranchScorer branch(tables);
  std::vector<std::uint16_t> at;
  std::vector<std::uint8_t> species;
  auto occupation = background;

  for (std::uint16_t site = 0; site < occupation.size(); ++site) {
    branch.move_to(at, species);
    const auto atoms = static_cast<double>(occupation.size());
    CHECK(branch.energy_ev() == Approx(scorer->score(occupation) * atoms).margin(1e-9));
    occupation[site] = 1;
    CHECK(branch.energy_with_ev(site, 1) == Approx(scorer->score(occupation) * atoms).margin(1e-9));
    at.push_back(site);
    species.push_back(1);
  }
}

TEST_CASE("the uncertainties of several predictions are of one form, or there are none", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  const Labels given(parent, which);
  const auto model = made(which, parent);
  (void)model->fit(given.labels);
  const Supercell& supercell = *given.supercells[which.learns_substitutions ? 0 : 1];

  const auto uncertainties = model->uncertainties(supercell, packed(supercell, 7));

  if (uncertainties.empty()) return;
  REQUIRE(uncertainties.size() == 7);
  for (const Uncertainty& uncertainty : uncertainties) {
    CHECK(std::isfinite(uncertainty.deviation_ev_per_atom));
    CHECK(uncertainty.deviation_ev_per_atom >= 0);
    CHECK(uncertainty.factor.size() == uncertainties.front().factor.size());
    double variance = 0;
    for (const double coordinate : uncertainty.factor) variance += coordinate * coordinate;
    CHECK(variance <= uncertainty.deviation_ev_per_atom * uncertainty.deviation_ev_per_atom * (1 + 1e-6) + 1e-12);
  }
}

TEST_CASE("labels that nothing can be learnt from are refused by name", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  const auto model = made(which, parent);
  const auto with = [&](auto change) {
    Labels given(parent, which);
    change(given.labels[3]);
    (void)model->fit(given.labels);
  };
  const auto other = fcc({"Al", "Cu"}, 3.8);
  const auto foreign = std::make_shared<const Supercell>(other, 2 * SupercellMatrix::Identity());

  CHECK_THROWS_AS(model->fit({}), InputError);
  CHECK_THROWS_WITH(with([](auto& label) { label.formation_energy_ev_per_atom = std::nan(""); }),
                    Catch::Contains("label 3"));
  CHECK_THROWS_WITH(with([](auto& label) { label.formation_energy_ev_per_atom = INFINITY; }),
                    Catch::Contains("label 3"));
  CHECK_THROWS_WITH(with([](auto& label) { label.weight = -1; }), Catch::Contains("label 3"));
  CHECK_THROWS_WITH(with([&](auto& label) { label.configuration.supercell = foreign; }), Catch::Contains("label 3"));
  (void)model->fit(Labels(parent, which).labels);
  CHECK_THROWS_AS(model->scorer(*foreign), InputError);
}

TEST_CASE("few labels and equal ones are learnt from all the same", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  Labels given(parent, which);
  const auto model = made(which, parent);
  if (which.learns_substitutions) return;
  for (auto& label : given.labels) label.formation_energy_ev_per_atom = -0.1;
  for (const std::size_t count : {1, 2, 3, 16}) {
    CAPTURE(count);
    (void)model->fit(std::span(given.labels).first(count));
    for (const auto& supercell : given.supercells) {
      const auto energies = energies_of(*model, *supercell, 5);
      for (const double energy : energies) CHECK(std::isfinite(energy));
    }
  }
}

TEST_CASE("a label of weight 0 is as if it were not there", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = al_ni();
  Labels given(parent, which);
  const auto with = made(which, parent), without = made(which, parent);
  given.labels.back().weight = 0;
  given.labels.back().formation_energy_ev_per_atom = 100;

  const FitReport report = with->fit(given.labels);
  (void)without->fit(std::span(given.labels).first(given.labels.size() - 1));

  CHECK(report.labels == given.labels.size() - 1);
  CHECK(report.loo_residuals_ev_per_atom.back() == 0);
  for (const auto& supercell : given.supercells) {
    if (which.learns_substitutions && supercell != given.supercells[0]) continue;
    CHECK(energies_of(*with, *supercell, 5) == energies_of(*without, *supercell, 5));
  }
}

TEST_CASE("where no atom is left the energy is infinite", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(models_of_energies()));
  INFO(described(which));
  const auto parent = fcc({"Al", "Ni", "Va"}, 3.8);
  const Labels given(parent, which);
  const auto model = made(which, parent);
  (void)model->fit(given.labels);
  const Supercell& supercell = *given.supercells[0];
  const auto& allowed = parent->sublattices[0].allowed;
  const auto vacancy =
      static_cast<std::uint8_t>(std::find(allowed.begin(), allowed.end(), Species::vacancy()) - allowed.begin());
  const std::vector<std::uint8_t> empty(supercell.varied_sites().size(), vacancy);

  const double energy = model->scorer(supercell)->score(empty);

  CHECK(std::isinf(energy));
  CHECK(energy > 0);
}

TEST_CASE("a stored surrogate that is cut, longer or another crystal's is refused", "[contract][surrogate]") {
  const auto which = GENERATE(from_range(surrogates_under_contract()));
  INFO(described(which));
  const auto parent = al_ni();
  const auto model = made(which, parent);
  if (which.learns_energies) (void)model->fit(Labels(parent, which).labels);
  const auto bytes = model->serialise();
  const std::size_t step = std::max<std::size_t>(1, bytes.size() / 200);

  for (std::size_t length = 0; length < bytes.size(); length += step)
    CHECK_THROWS_AS(deserialise_surrogate(which.kind, std::span(bytes).first(length), parent), StorageError);
  auto longer = bytes;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(deserialise_surrogate(which.kind, longer, parent), StorageError);
  // A model of pairs is learnt once for many crystals: it looks at its columns when it is asked. The stored form of
  // substitutions holds the number of its states alone.
  if (which.learns_energies && !which.learns_substitutions)
    CHECK_THROWS_AS(deserialise_surrogate(which.kind, bytes, fcc({"Al", "Cu"}, 3.8)), StorageError);
}

TEST_CASE("a model of pairs refuses configurations, in words", "[contract][surrogate]") {
  for (const auto& which : surrogates_under_contract()) {
    if (which.learns_energies) continue;
    const auto parent = al_ni();
    const auto model = made(which, parent);
    CHECK_THROWS_AS(model->fit(Labels(parent, which).labels), InputError);
    CHECK_THROWS_AS(model->scorer(Supercell(parent, SupercellMatrix::Identity())), InputError);
  }
}

}  // namespace hullscan
