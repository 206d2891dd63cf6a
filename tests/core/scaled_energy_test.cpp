#include "core/scaled_energy.hpp"

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr auto kHighestScore = std::numeric_limits<std::int64_t>::max();
constexpr auto kHighestMicroEv = std::numeric_limits<std::int32_t>::max();

}  // namespace

TEST_CASE("a score counts billionths of an eV per atom, a shard's energy millionths of an eV", "[core][energy]") {
  CHECK(score_from_ev_per_atom(-0.25) == -250'000'000);
  CHECK(score_to_ev_per_atom(-250'000'000) == -0.25);
  CHECK(micro_ev_from_ev(-0.25) == -250'000);
  CHECK(micro_ev_to_ev(-250'000) == -0.25);
}

TEST_CASE("energies are rounded to the nearest unit, halves away from zero", "[core][energy]") {
  // A half of 1e-6 eV has no exact double, but 2^-7 eV has: 7812.5 units.
  CHECK(micro_ev_from_ev(std::ldexp(1.0, -7)) == 7813);
  CHECK(micro_ev_from_ev(-std::ldexp(1.0, -7)) == -7813);
  CHECK(score_from_ev_per_atom(0.4e-9) == 0);
  CHECK(score_from_ev_per_atom(-0.6e-9) == -1);
}

TEST_CASE("an energy that does not fit is the largest number of its sign", "[core][energy]") {
  CHECK(score_from_ev_per_atom(kInfinite) == kHighestScore);
  CHECK(score_from_ev_per_atom(-kInfinite) == -kHighestScore);
  CHECK(score_from_ev_per_atom(1e10) == kHighestScore);
  CHECK(micro_ev_from_ev(2147.483647) == kHighestMicroEv);
  CHECK(micro_ev_from_ev(2147.484) == kHighestMicroEv);
  CHECK(micro_ev_from_ev(-1e300) == -kHighestMicroEv);
}

TEST_CASE("what is not a number has no score", "[core][energy]") {
  CHECK_THROWS_WITH(score_from_ev_per_atom(std::nan("")), "the model's prediction is not a number");
  CHECK_THROWS_AS(micro_ev_from_ev(std::nan("")), Error);
}

TEST_CASE("a stored energy is read and written again as it was", "[core][energy][property]") {
  CHECK(rc::check("micro-eV to eV and back", [] {
    const auto micro_ev = *rc::gen::arbitrary<std::int32_t>();
    RC_PRE(micro_ev != std::numeric_limits<std::int32_t>::min());  // never written
    RC_ASSERT(micro_ev_from_ev(micro_ev_to_ev(micro_ev)) == micro_ev);
  }));
  CHECK(rc::check("scores of energies below 1 MeV per atom: all electrons of the heaviest elements", [] {
    // Three roundings of a relative 2^-53 each move it by at most 3/8.
    const auto score = *rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << 50), std::int64_t{1} << 50);
    RC_ASSERT(score_from_ev_per_atom(score_to_ev_per_atom(score)) == score);
  }));
}

TEST_CASE("the order of energies is that of their scores", "[core][energy][property]") {
  CHECK(rc::check("rounding never turns two energies round", [] {
    const double a = *rc::gen::inRange(-1'000'000, 1'000'000) * 1.7e-9;
    const double b = *rc::gen::inRange(-1'000'000, 1'000'000) * 1.7e-9;
    RC_ASSERT((a < b ? score_from_ev_per_atom(a) <= score_from_ev_per_atom(b)
                     : score_from_ev_per_atom(b) <= score_from_ev_per_atom(a)));
  }));
}

}  // namespace hullscan
