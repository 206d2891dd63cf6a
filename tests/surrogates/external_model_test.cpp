// A model that is a program: tests/surrogates/scorers has those that answer here.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "../files.hpp"
#include "core/errors.hpp"
#include "surrogates/external/scorer_pool.hpp"
#include "surrogates/surrogate.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

const std::string kScorers = HULLSCAN_TEST_SCORERS;

std::unique_ptr<Surrogate> external(const std::string& settings, const std::shared_ptr<const ParentCrystal>& parent) {
  Problems problems;
  const SettingsTable table = parse_settings_toml("kind = 'external'\n" + settings, "campaign.toml");
  auto model = make_surrogate({"external", table}, parent, problems);
  problems.throw_if_any();
  SettingsReader reader(table, "", problems);
  permit_scorer(reader.texts("command"));
  return model;
}

std::string python(const std::string& script, const std::string& arguments = "") {
  return fmt::format("command = ['{}/python', '{}/{}'{}]\n", kScorers, kScorers, script,
                     arguments.empty() ? "" : ", " + arguments);
}

Supercell cell_of_four(const std::shared_ptr<const ParentCrystal>& parent) {
  return {parent, SupercellMatrix(Eigen::Vector3i(1, 1, 4).asDiagonal())};
}

std::string error_of(const Surrogate& model, const Supercell& cell) {
  const std::vector<std::uint8_t> occupation(cell.varied_sites().size(), 1);
  try {
    (void)model.scorer(cell)->score(occupation);
  } catch (const ScorerError& error) {
    CHECK(error.exit_code() == ExitCode::kSomeFailed);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a scorer's energies are those it answers, in every order and batch", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  const auto model = external(python("composition.py") + "batch = 3\nprocesses = 2", parent);
  const Supercell cell = cell_of_four(parent);
  REQUIRE(model->fitted());
  const auto scorer = model->scorer(cell);
  CHECK(scorer->batch() == 3);
  std::vector<std::uint8_t> all;
  for (int bits = 0; bits < 16; ++bits) {
    for (int site = 0; site < 4; ++site) all.push_back(static_cast<std::uint8_t>(bits >> site & 1));
  }
  std::vector<double> energies(16), other(16);

  std::thread beside([&] { scorer->score_batch(all, other); });
  scorer->score_batch(all, energies);
  beside.join();

  CHECK(energies == other);
  for (std::size_t i = 0; i < 16; ++i) {
    const auto occupation = std::span(all).subspan(4 * i, 4);
    const double nickel = static_cast<double>(std::count(occupation.begin(), occupation.end(), 1)) / 4;
    CHECK(energies[i] == Approx(-3 - nickel));
    CHECK(scorer->score(occupation) == energies[i]);
  }
}

TEST_CASE("what holds no atom is not asked for, and its energy is infinite", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Va"}, 3.8);
  const auto model = external(python("composition.py"), parent);
  const auto scorer = model->scorer(cell_of_four(parent));

  CHECK(scorer->score(std::vector<std::uint8_t>(4, 1)) == std::numeric_limits<double>::infinity());
  CHECK(scorer->score(std::vector<std::uint8_t>{0, 1, 1, 1}) == Approx(-3.0));
}

TEST_CASE("a scorer that fits learns from labels, and another process has the same model", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  const std::string settings = python("composition.py", "'--fit'") + "needs = 'labels'";
  auto model = external(settings, parent);
  const auto cell = std::make_shared<Supercell>(cell_of_four(parent));
  CHECK_FALSE(model->fitted());
  std::vector<LabelledConfiguration> labels;
  for (const auto& [bits, energy] : {std::pair(0, 0.1), std::pair(3, 0.0), std::pair(15, -0.1)}) {
    LabelledConfiguration label{{cell, {}}, energy, 1, fmt::format("l{}", bits)};
    for (int site = 0; site < 4; ++site)
      label.configuration.occupation.push_back(static_cast<std::uint8_t>(bits >> site & 1));
    labels.push_back(std::move(label));
  }

  const FitReport report = model->fit(labels);
  const auto again = deserialise_surrogate("external", model->serialise(), parent);

  CHECK(report.labels == 3);
  CHECK(report.features == 2);
  CHECK(report.rmse_mev_per_atom == Approx(0).margin(1e-9));
  REQUIRE(report.warnings.size() == 1);
  CHECK(report.warnings[0] == "3 labels");
  for (const auto* one : {model.get(), again.get()}) {
    // A line through the labels: 0.1 at Al, -0.1 at Ni.
    CHECK(one->scorer(*cell)->score(std::vector<std::uint8_t>{1, 0, 0, 0}) == Approx(0.05));
    const auto deviations = one->uncertainties(*cell, std::vector<std::uint8_t>{1, 0, 0, 0, 1, 1, 0, 0});
    REQUIRE(deviations.size() == 2);
    CHECK(deviations[1].deviation_ev_per_atom == Approx(0.025));
  }
  CHECK(again->serialise() == model->serialise());
}

TEST_CASE("labels give a scorer that does not fit a constant and a slope with composition", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  auto model = external(python("composition.py"), parent);
  const auto cell = std::make_shared<Supercell>(cell_of_four(parent));
  std::vector<LabelledConfiguration> labels = {{{cell, {0, 0, 0, 0}}, 0.0, 1, "al"},
                                               {{cell, {1, 1, 1, 1}}, 0.0, 1, "ni"}};

  (void)model->fit(labels);

  // Its energies are linear in composition: with both ends at zero nothing is left.
  CHECK(std::abs(model->scorer(*cell)->score(std::vector<std::uint8_t>{1, 0, 1, 0})) < 1e-6);
}

TEST_CASE("a scorer that fails four times stops with its own words", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  const auto [fault, words] = GENERATE(table<std::string, std::string>({
      {"ends at once", "no module named mace"},
      {"greets wrongly", "Welcome to my network!"},
      {"speaks another version", "another version of the protocol"},
      {"dies", "CUDA out of memory"},
      {"hangs", "no answer within 1 s"},
      {"answers NaN", "nan"},
      {"answers too few", "asked for 1 energies and answered 0 bytes, not 8"},
      {"answers text", "0.5 0.5"},
      {"answers an error", "weights are of another species"},
      {"answers half", "ended within an answer"},
  }));
  INFO(fault);
  const auto model = external(python("faulty.py", "'" + fault + "'") + "answer_within_s = 1", parent);

  const std::string error = error_of(*model, cell_of_four(parent));

  CHECK_THAT(error, Contains(words) && Contains("started 4 times"));
}

TEST_CASE("an energy that no matter has is refused", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  const auto model = external(python("faulty.py", "'answers nonsense energies'"), parent);

  CHECK_THAT(error_of(*model, cell_of_four(parent)), Contains("1e+30 eV/atom"));
}

TEST_CASE("a scorer that fails once is started again and nothing is lost", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  const std::string fault = GENERATE("dies", "ends at once", "answers text");
  const TemporaryFolder folder;
  const auto model =
      external(python("faulty.py", fmt::format("'{}', '{}'", fault, (folder.path() / "done").string())), parent);

  CHECK(model->scorer(cell_of_four(parent))->score(std::vector<std::uint8_t>(4, 1)) == 0.5);
}

TEST_CASE("settings of an external model that cannot be are refused at their line", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);

  CHECK_THROWS_WITH(
      external("command = ['no-such-program-of-mine', 'x']", parent),
      Contains("campaign.toml:2:11: surrogate.command: the program \"no-such-program-of-mine\" is not found"));
  CHECK_THROWS_WITH(external("", parent), Contains("surrogate.command"));
  CHECK_THROWS_WITH(external("command = ['cat']\nneeds = 'weights'\nbatch = 0", parent),
                    Contains("surrogate.needs") && Contains("surrogate.batch"));
}

TEST_CASE("a program that only stored bytes name is not started", "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  const TemporaryFolder folder;
  std::vector<std::byte> stored = external(python("composition.py"), parent)->serialise();
  const std::string was = kScorers + "/composition.py", is = kScorers + "/composition.PY";
  const auto at = std::search(stored.begin(), stored.end(), was.begin(), was.end(),
                              [](std::byte a, char b) { return a == static_cast<std::byte>(b); });
  REQUIRE(at != stored.end());
  std::transform(is.begin(), is.end(), at, [](char c) { return static_cast<std::byte>(c); });

  const auto model = deserialise_surrogate("external", stored, parent);

  CHECK_THROWS_WITH(model->scorer(cell_of_four(parent)), Contains("started only where a campaign file names it"));
}

TEST_CASE("scores of another model of the same scorer are not mixed with those that are stored",
          "[surrogates][external]") {
  const auto parent = fcc({"Al", "Ni"}, 3.8);
  std::vector<std::byte> stored = external(python("composition.py"), parent)->serialise();
  const std::string was = "linear in composition", is = "linear in comparisons";
  const auto at = std::search(stored.begin(), stored.end(), was.begin(), was.end(),
                              [](std::byte a, char b) { return a == static_cast<std::byte>(b); });
  REQUIRE(at != stored.end());
  std::transform(is.begin(), is.end(), at, [](char c) { return static_cast<std::byte>(c); });

  const auto model = deserialise_surrogate("external", stored, parent);

  CHECK_THAT(error_of(*model, cell_of_four(parent)),
             Contains("computes with \"linear in composition\"") && Contains("are of \"linear in comparisons\""));
}
