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

TEST_CASE("a single point that ran out of time is not started again", "[dft_adapters][qe]") {
  const PseudoFolder folder;
  const DftSettings scf = resolved(folder, kBasic + "calculation = \"scf\"\n");

  CHECK_FALSE(qe_code().correct(failure_of(FailureKind::kStoppedByTime, true), scf, {}));
  CHECK_FALSE(qe_code().correct(failure_of(FailureKind::kTimeLimit, true), scf, {}));
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

  for (int kind = 0; kind <= static_cast<int>(FailureKind::kCrashed); ++kind) {
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
