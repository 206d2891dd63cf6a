#include <catch2/catch.hpp>

#include "qe_code.hpp"
#include "qe_fixtures.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

DftFailure failure_of(FailureKind kind, bool with_structure = false) {
  DftFailure failure;
  failure.kind = kind;
  failure.failure_class = class_of(kind);
  if (with_structure) {
    failure.last_structure =
        Structure{Lattice(Eigen::Matrix3d::Identity() * 4.0), {Species::from_symbol("Al")}, {Fractional{}}};
  }
  return failure;
}

/// Handlers in the order in which they are tried until there is nothing left.
std::vector<std::string> whole_ladder(const DftFailure& failure, DftSettings settings) {
  std::vector<std::string> tried;
  while (const auto correction = qe_code().correct(failure, settings, tried)) {
    tried.push_back(correction->handler);
    settings = correction->settings;
    REQUIRE(tried.size() < 50);
  }
  return tried;
}

}  // namespace

TEST_CASE("density mixing is slowed twice", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic);
  const DftFailure failure = failure_of(FailureKind::kElectronicNotConverged);

  const auto first = qe_code().correct(failure, settings, {});

  REQUIRE(first);
  CHECK(first->settings.values.at("mixing_beta") == "0.4");
  CHECK(first->settings.values.at("electron_maxstep") == "200");
  CHECK(whole_ladder(failure, settings) == std::vector<std::string>{"qe-mixing-beta-0.4", "qe-mixing-beta-0.2"});
  CHECK(whole_ladder(failure, resolved(folder, kBasic + "mixing_beta = 0.3\n")) ==
        std::vector<std::string>{"qe-mixing-beta-0.2"});
}

TEST_CASE("a failed diagonalisation is tried once with conjugate gradients", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftFailure failure = failure_of(FailureKind::kDiagonalisation);

  CHECK(whole_ladder(failure, resolved(folder, kBasic)) == std::vector<std::string>{"qe-diagonalization-cg"});
  CHECK(whole_ladder(failure, resolved(folder, kBasic + "diagonalization = \"cg\"\n")).empty());
}

TEST_CASE("the newer methods of diagonalisation give way to Davidson's first", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftFailure failure = failure_of(FailureKind::kDiagonalisation);

  for (const char* method : {"ppcg", "paro"}) {
    CHECK(whole_ladder(failure, resolved(folder, kBasic + "diagonalization = \"" + method + "\"\n")) ==
          std::vector<std::string>{"qe-diagonalization-david", "qe-diagonalization-cg"});
  }
}

TEST_CASE("a calculation that hung is tried once more", "[dft_adapters][qe]") {
  const PseudoFolder folder;

  CHECK(whole_ladder(failure_of(FailureKind::kHung), resolved(folder, kBasic)) ==
        std::vector<std::string>{"qe-same-again"});
}

TEST_CASE("an optimisation that did not end goes on from its last structure, three times", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic);

  const auto correction = qe_code().correct(failure_of(FailureKind::kIonicNotConverged, true), settings, {});

  REQUIRE(correction);
  CHECK(correction->from_last_structure);
  CHECK(correction->settings == settings);
  CHECK(whole_ladder(failure_of(FailureKind::kIonicNotConverged, true), settings).size() == 3);
  CHECK(whole_ladder(failure_of(FailureKind::kStoppedByTime, true), settings).size() == 2);
}

TEST_CASE("a single point that stopped itself goes on from its files; one that was ended has none",
          "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings scf = resolved(folder, kBasic + "calculation = \"scf\"\n");

  const auto correction = qe_code().correct(failure_of(FailureKind::kStoppedByTime, true), scf, {});

  REQUIRE(correction);
  CHECK(correction->handler == "qe-restart");
  CHECK(correction->settings.values.at("restart") == "true");
  CHECK(qe_code().identity(correction->settings) == qe_code().identity(scf));
  CHECK(whole_ladder(failure_of(FailureKind::kStoppedByTime, true), scf).size() == 3);
  CHECK_FALSE(qe_code().correct(failure_of(FailureKind::kTimeLimit, true), scf, {}));
  const auto afresh = qe_code().correct(failure_of(FailureKind::kRestartUnreadable), correction->settings, {});
  REQUIRE(afresh);
  CHECK_FALSE(afresh->settings.values.contains("restart"));
}

TEST_CASE("an attempt is told to end itself before it is ended", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const auto limit = [&](const std::string& toml, double seconds) {
    return qe_code().within_time(resolved(folder, kBasic + toml), seconds).values.at("max_seconds");
  };

  CHECK(limit("", 1000) == "950");
  CHECK(limit("", 86400) == "86100");  // a margin of five minutes is enough for any step
  CHECK(limit("", 60) == "55");
  CHECK(limit("max_seconds = 100\n", 1000) == "100");
}

TEST_CASE("a killed calculation runs once more, on from where it was", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic);

  const auto correction = qe_code().correct(failure_of(FailureKind::kTruncated, true), settings, {});

  REQUIRE(correction);
  CHECK(correction->handler == "qe-same-again");
  CHECK(correction->from_last_structure);
  CHECK(whole_ladder(failure_of(FailureKind::kTruncated), settings).size() == 1);
}

TEST_CASE("what only a person can decide is left alone", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic);

  for (const FailureKind kind :
       {FailureKind::kNeedsSmearing, FailureKind::kInputRefused, FailureKind::kMissingPseudopotential,
        FailureKind::kRequestNotEchoed, FailureKind::kUnphysical, FailureKind::kDiskTrouble}) {
    INFO(name_of(kind));
    CHECK_FALSE(qe_code().correct(failure_of(kind, true), settings, {}));
  }
}

TEST_CASE("no correction of any failure changes the physics, and every ladder ends", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings settings = resolved(folder, kBasic + "starting_magnetization = { Ni = 0.5 }\n");

  for (int kind = 0; kind <= static_cast<int>(FailureKind::kHung); ++kind) {
    const DftFailure failure = failure_of(static_cast<FailureKind>(kind), true);
    std::vector<std::string> tried;
    DftSettings now = settings;
    while (const auto correction = qe_code().correct(failure, now, tried)) {
      tried.push_back(correction->handler);
      now = correction->settings;
      CHECK(qe_code().identity(now) == qe_code().identity(settings));
      CHECK_FALSE(correction->explanation.empty());
      REQUIRE(tried.size() < 10);
    }
  }
}
