#include "core/energy_spectrum.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/errors.hpp"

namespace hullscan {
namespace {

struct State {
  std::int32_t energy;
  std::uint64_t degeneracy;
};

EnergySpectrum spectrum_of(const std::vector<State>& states, std::int64_t atoms = 40) {
  EnergySpectrum spectrum({10, 300, 2000}, atoms);
  for (const State& state : states) spectrum.add(state.energy, state.degeneracy);
  return spectrum;
}

std::vector<State> any_states(int at_most) {
  std::vector<State> states(static_cast<std::size_t>(*rc::gen::inRange(0, at_most)));
  for (State& state : states) {
    state.energy = *rc::gen::oneOf(rc::gen::inRange(-400'000, 400'000), rc::gen::arbitrary<std::int32_t>());
    state.degeneracy = *rc::gen::inRange<std::uint64_t>(1, std::uint64_t{1} << 50U);
  }
  return states;
}

/// -kT ln sum w exp(-E/kT) / atoms in long double, with the largest term taken out.
double free_energy_by_formula(const std::vector<State>& states, double kelvin, std::int64_t atoms) {
  const long double kt = 8.617333262e-5L * kelvin;
  long double highest = -1e30L;
  const auto exponent = [&](const State& state) { return -1e-6L * state.energy * atoms / kt; };
  for (const State& state : states) highest = std::max(highest, exponent(state));
  long double sum = 0;
  for (const State& state : states) sum += state.degeneracy * std::exp(exponent(state) - highest);
  return static_cast<double>(-kt * (highest + std::log(sum)) / atoms);
}

}  // namespace

TEST_CASE("the free energy is -kT ln Z per atom to 2e-9 eV", "[core][energy_spectrum][property]") {
  CHECK(rc::check("against long double", [] {
    auto states = any_states(200);
    std::erase_if(states, [](const State& state) { return std::abs(state.energy) > 2'000'000; });
    RC_PRE(!states.empty());
    const EnergySpectrum spectrum = spectrum_of(states);
    for (std::size_t t = 0; t < 3; ++t) {
      const double expected = free_energy_by_formula(states, spectrum.temperatures_kelvin()[t], 40);
      RC_ASSERT(std::abs(spectrum.free_energy_ev_per_atom(t) - expected) < 2e-9);
    }
  }));
}

TEST_CASE("a single state's free energy is its energy less kT ln of its degeneracy", "[core][energy_spectrum]") {
  EnergySpectrum spectrum({1000}, 2);
  spectrum.add(-123'456, 64);

  CHECK(spectrum.free_energy_ev_per_atom(0) ==
        Approx(-0.123456 - 8.617333262e-5 * 1000 * std::log(64.0) / 2).margin(1e-9));
}

TEST_CASE("spectra do not depend on how their states were divided, ordered or merged",
          "[core][energy_spectrum][property]") {
  CHECK(rc::check("any division, any order: the same bytes", [] {
    std::vector<State> states = any_states(300);
    RC_PRE(!states.empty());
    const EnergySpectrum at_once = spectrum_of(states);
    std::vector<EnergySpectrum> parts(static_cast<std::size_t>(*rc::gen::inRange(1, 8)),
                                      EnergySpectrum({10, 300, 2000}, 40));
    const auto shuffled = *rc::gen::map(
        rc::gen::container<std::vector<std::uint32_t>>(states.size(), rc::gen::arbitrary<std::uint32_t>()),
        [](auto keys) { return keys; });
    std::vector<std::size_t> order(states.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return shuffled[a] < shuffled[b]; });
    for (const std::size_t i : order) parts[shuffled[i] % parts.size()].add(states[i].energy, states[i].degeneracy);
    EnergySpectrum merged;
    for (const EnergySpectrum& part : parts) merged.merge(part);
    RC_ASSERT(merged == at_once);
    RC_ASSERT(merged.serialise() == at_once.serialise());
  }));
}

TEST_CASE("the histogram counts every state and every labelled configuration once",
          "[core][energy_spectrum][property]") {
  CHECK(rc::check("sums of the bins", [] {
    const std::vector<State> states = any_states(300);
    const EnergySpectrum spectrum = spectrum_of(states);
    std::uint64_t orbits = 0, labelled = 0, expected = 0;
    for (const EnergySpectrum::Bin& bin : spectrum.bins()) {
      orbits += bin.orbits;
      labelled += bin.labelled;
    }
    for (const State& state : states) expected += state.degeneracy;
    RC_ASSERT(orbits == states.size());
    RC_ASSERT(labelled == expected);
  }));
}

TEST_CASE("a bin holds the energies from its lower edge to below its upper one", "[core][energy_spectrum]") {
  EnergySpectrum spectrum({}, 1);
  for (const std::int32_t energy : {-1001, -1000, -1, 0, 999, 1000}) spectrum.add(energy, 1);

  CHECK(spectrum.lowest_bin() == -2);
  std::vector<std::uint64_t> orbits;
  for (const EnergySpectrum::Bin& bin : spectrum.bins()) orbits.push_back(bin.orbits);
  CHECK(orbits == std::vector<std::uint64_t>{1, 2, 2, 1});
}

TEST_CASE("a spectrum comes back from its bytes, and damaged bytes are refused", "[core][energy_spectrum][property]") {
  CHECK(rc::check("round trip, truncation", [] {
    const EnergySpectrum spectrum = spectrum_of(any_states(30));
    const auto bytes = spectrum.serialise();
    RC_PRE(!bytes.empty());
    RC_ASSERT(EnergySpectrum::deserialise(bytes) == spectrum);
    const auto length = *rc::gen::inRange<std::size_t>(1, bytes.size());
    RC_ASSERT_THROWS_AS(EnergySpectrum::deserialise(std::span(bytes).first(length)), StorageError);
  }));
}

TEST_CASE("spectra of different temperatures are not added", "[core][energy_spectrum]") {
  EnergySpectrum a({300}, 4), b({400}, 4);
  a.add(0, 1);
  b.add(0, 1);

  CHECK_THROWS_AS(a.merge(b), Error);
  CHECK_THROWS_AS(EnergySpectrum({0.5}, 4), InputError);
}

}  // namespace hullscan
