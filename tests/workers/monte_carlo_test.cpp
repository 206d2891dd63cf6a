// Monte Carlo against sums over all occupations of small cells, and against known results of the Ising model.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "../surrogates/symmetric_crystals.hpp"
#include "core/energy_spectrum.hpp"
#include "monte_carlo_spaces.hpp"
#include "surrogates/models/cluster_expansion.hpp"
#include "workers/monte_carlo/local_environments.hpp"

namespace hullscan {
namespace {

using test::BasisSite;

std::shared_ptr<const CellInteractions> cell_of(const CrystalInteractions& crystal, const SupercellMatrix& matrix) {
  return std::make_shared<const CellInteractions>(crystal, matrix);
}

SupercellMatrix matrix(std::initializer_list<int> rows) {
  SupercellMatrix made;
  auto value = rows.begin();
  for (int i = 0; i < 9; ++i) made(i / 3, i % 3) = *value++;
  return made;
}
SupercellMatrix diagonal(int a, int b, int c) { return matrix({a, 0, 0, 0, b, 0, 0, 0, c}); }

std::vector<std::uint8_t> random_cell(const CellInteractions& cell, std::uint64_t seed) {
  std::vector<std::uint8_t> occupation(cell.site_count());
  for (std::size_t i = 0; i < occupation.size(); ++i)
    occupation[i] = static_cast<std::uint8_t>(random_bits(seed, i) % static_cast<std::uint64_t>(cell.occupants(i)));
  return occupation;
}

const Eigen::Matrix3d kCubic = 3.0 * Eigen::Matrix3d::Identity();
const Eigen::Matrix3d kFlat = Eigen::Vector3d(3, 3, 20).asDiagonal();
const Eigen::Matrix3d kFcc = 2.0 * (Eigen::Matrix3d() << 0, 1, 1, 1, 0, 1, 1, 1, 0).finished();

struct SmallSpace {
  std::string name;
  std::shared_ptr<const ParentCrystal> parent;
  double pairs = 0, triplets = 0;
  SupercellMatrix cell;
  std::vector<CountLimit> limits = {};
  bool canonical = false;
};

CountLimit limit(std::vector<std::vector<std::int64_t>> coefficients, std::int64_t low, std::int64_t high) {
  return {std::move(coefficients), low, high, "a limit of the test"};
}

/// Binary, ternary, quaternary; two and three sublattices; vacancies; chains, planes and bulk; limits of every kind.
std::vector<SmallSpace> small_spaces() {
  const std::vector<BasisSite> one{{{0, 0, 0}, 0}};
  const std::vector<BasisSite> two{{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 1}};
  const std::vector<BasisSite> twice{{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 0}};
  const auto binary = test::plain_parent(kCubic, {{"Cu", "Au"}}, one);
  const auto ternary = test::plain_parent(kFcc, {{"Cu", "Ag", "Au"}}, one);
  const auto flat = test::plain_parent(kFlat, {{"Cu", "Au"}}, one);
  const auto salt = test::plain_parent(kCubic, {{"Fe", "Ti"}, {"K", "Va"}}, two);
  const auto mixed = test::plain_parent(kCubic, {{"Ni", "Co", "Al"}, {"Li", "Va"}}, two);
  return {
      {"binary cube", binary, 4.3, 4.3, diagonal(2, 2, 2)},
      {"binary, skewed cell", binary, 5.3, 0, matrix({2, 1, 0, 0, 2, 1, 1, 0, 2})},
      {"chain", binary, 3.1, 0, diagonal(1, 1, 10)},
      {"plane", flat, 4.3, 4.3, diagonal(3, 3, 1)},
      {"fcc ternary", ternary, 2.9, 2.9, diagonal(2, 2, 2)},
      {"two sublattices", salt, 4.3, 3.1, diagonal(2, 2, 1)},
      {"two sites of one sublattice", test::plain_parent(kCubic, {{"Cu", "Va"}}, twice), 3.1, 0, diagonal(2, 2, 1)},
      {"quaternary chain", test::plain_parent(kCubic, {{"Cu", "Ag", "Au", "Va"}}, one), 3.1, 0, diagonal(1, 1, 6)},
      {"dopant with its vacancy", salt, 4.3, 3.1, diagonal(2, 2, 1), {limit({{0, 1}, {0, -1}}, 0, 0)}},
      {"two vacancies a dopant", salt, 4.3, 3.1, diagonal(2, 2, 1), {limit({{0, 2}, {0, -1}}, 0, 0)}},
      {"three species, charges", mixed, 3.1, 2.7, diagonal(2, 2, 1), {limit({{0, 1, 2}, {0, -1}}, 0, 0)}},
      {"at most three", binary, 4.3, 0, diagonal(2, 2, 2), {limit({{0, 1}}, 1, 3)}},
      {"constant composition", ternary, 2.9, 2.9, diagonal(2, 2, 2), {}, true},
      {"two sublattices, constant", mixed, 3.1, 2.7, diagonal(2, 2, 1), {}, true},
  };
}

std::vector<std::vector<std::int64_t>> counts_of(const CellInteractions& cell,
                                                 std::span<const std::uint8_t> occupation) {
  std::vector<std::vector<std::int64_t>> counts;
  for (const Sublattice& sublattice : cell.parent().sublattices) counts.emplace_back(sublattice.allowed.size(), 0);
  for (std::size_t i = 0; i < occupation.size(); ++i)
    ++counts[static_cast<std::size_t>(cell.sublattice(i))][occupation[i]];
  return counts;
}

bool meets(const std::vector<CountLimit>& limits, const std::vector<std::vector<std::int64_t>>& counts) {
  return std::all_of(limits.begin(), limits.end(), [&](const CountLimit& one) {
    return one.low <= one.value(counts) && one.value(counts) <= one.high;
  });
}

/// Every occupation of the cell, with its energy by the polynomial.
template <class Visit>
void visit_all(const CrystalInteractions& crystal, const CellInteractions& cell, const SupercellMatrix& shape,
               Visit&& visit) {
  const Supercell supercell(crystal.parent, shape);
  const LatticePolynomial polynomial = test::polynomial_of(crystal, supercell);
  const std::vector<std::size_t> numbers = cell.numbers_of(supercell);
  std::vector<std::uint8_t> occupation(cell.site_count(), 0), varied(numbers.size());
  while (true) {
    for (std::size_t v = 0; v < numbers.size(); ++v) varied[v] = occupation[numbers[v]];
    visit(std::span<const std::uint8_t>(occupation), polynomial.value(varied));
    std::size_t i = 0;
    while (i < occupation.size() && ++occupation[i] == cell.occupants(i)) occupation[i++] = 0;
    if (i == occupation.size()) return;
  }
}

struct MeanAndError {
  double mean = 0, error = 0;
};
MeanAndError blocked(const std::vector<double>& series, std::size_t blocks) {
  const std::size_t length = series.size() / blocks;
  double sum = 0, squares = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    double mean = 0;
    for (std::size_t i = 0; i < length; ++i) mean += series[b * length + i] / static_cast<double>(length);
    sum += mean;
    squares += mean * mean;
  }
  const auto n = static_cast<double>(blocks);
  return {sum / n, std::sqrt(std::max(0.0, squares / n - sum * sum / n / n) / (n - 1))};
}

}  // namespace

TEST_CASE("the cell's energy is the polynomial's on every occupation", "[workers][monte-carlo]") {
  for (const SmallSpace& space : small_spaces()) {
    INFO(space.name);
    const CrystalInteractions crystal = test::random_interactions(space.parent, space.pairs, space.triplets, 0.1, 3);
    const auto cell = cell_of(crystal, space.cell);
    CellState state(cell);
    double worst = 0;
    std::size_t seen = 0;
    visit_all(crystal, *cell, space.cell, [&](std::span<const std::uint8_t> occupation, double energy) {
      if (++seen % 7 != 1) return;
      state.set(occupation);
      worst = std::max(worst, std::abs(state.energy_ev() - energy));
    });

    CHECK(worst < 1e-12 * static_cast<double>(cell->site_count()) * 10);
  }
}

TEST_CASE("fields that are carried along are those that are made anew", "[workers][monte-carlo]") {
  for (const SmallSpace& space : small_spaces()) {
    INFO(space.name);
    const CrystalInteractions crystal = test::random_interactions(space.parent, space.pairs, space.triplets, 0.1, 5);
    const auto cell = cell_of(crystal, 2 * space.cell);
    CellState state(cell), fresh(cell);
    state.set(random_cell(*cell, 11));
    double worst = 0;
    for (std::uint64_t step = 0; step < 60; ++step) {
      const std::size_t a = random_bits(step, 1) % cell->site_count();
      std::size_t b = random_bits(step, 2) % cell->site_count();
      if (b == a) b = (a + 1) % cell->site_count();
      const auto to_a =
          static_cast<std::uint8_t>(random_bits(step, 3) % static_cast<std::uint64_t>(cell->occupants(a)));
      const auto to_b =
          static_cast<std::uint8_t>(random_bits(step, 4) % static_cast<std::uint64_t>(cell->occupants(b)));
      const double change = step % 2 == 0 ? state.change_ev(a, to_a) : state.change_ev(a, to_a, b, to_b);
      if (step % 2 == 0) state.apply(a, to_a, change);
      if (step % 2 == 1) state.apply(a, to_a, b, to_b, change);
      fresh.set(state.occupation());
      worst = std::max(worst, std::abs(state.energy_ev() - fresh.energy_ev()));
    }

    CHECK(worst < 1e-10);
  }
}

TEST_CASE("a fitted expansion with point charges has the same energies in any cell", "[workers][monte-carlo]") {
  Problems problems;
  const auto parent = test::rock_salt({"Fe", "Ti"}, {"O", "F", "Va"});
  const SurrogateSpec spec{
      "cluster-expansion",
      parse_settings_toml("kind = 'cluster-expansion'\npairs = 4.1\ntriplets = 3\nquadruplets = 3\n"
                          "electrostatic = true\nridge = 1e-3\n"
                          "oxidation = { Fe = 3, Ti = 4, O = -2, F = -1 }",
                          "test")};
  const auto model = make_cluster_expansion(spec, parent, problems);
  REQUIRE(problems.empty());
  const auto labelled = std::make_shared<const Supercell>(parent, diagonal(2, 2, 1));
  std::vector<LabelledConfiguration> labels;
  for (std::uint64_t i = 0; i < 40; ++i)
    labels.push_back({{labelled, test::random_occupation(*labelled, i)},
                      1e-3 * static_cast<double>(random_bits(i, 7) % 100),
                      1,
                      std::to_string(i)});
  (void)model->fit(labels);
  const auto crystal = crystal_interactions(*model);
  REQUIRE(crystal.has_value());
  REQUIRE(crystal->electrostatics.has_value());

  for (const SupercellMatrix& shape : {diagonal(1, 1, 1), diagonal(3, 2, 2), matrix({2, 1, 0, 0, 3, 1, 1, 0, 2})}) {
    const Supercell supercell(parent, shape);
    const auto scorer = model->scorer(supercell);
    const auto cell = cell_of(*crystal, shape);
    const std::vector<std::size_t> numbers = cell->numbers_of(supercell);
    CellState state(cell);
    std::vector<std::uint8_t> occupation(cell->site_count());
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const auto varied = test::random_occupation(supercell, seed);
      for (std::size_t v = 0; v < varied.size(); ++v) occupation[numbers[v]] = varied[v];
      state.set(occupation);
      std::int64_t atoms = supercell.composition(varied).without_vacancies().atom_count();

      CHECK(std::abs(state.energy_ev() / static_cast<double>(atoms) - scorer->score(varied)) < 1e-9);

      const double change = state.change_ev(0, state.occupant(0) == 0 ? 1 : 0, cell->site_count() - 1, 1);
      const double before = state.energy_ev();
      state.apply(0, state.occupant(0) == 0 ? 1 : 0, cell->site_count() - 1, 1, change);
      const std::vector<std::uint8_t> now(state.occupation().begin(), state.occupation().end());
      state.set(now);
      CHECK(std::abs(state.energy_ev() - before - change) < 1e-8);
    }
  }
}

TEST_CASE("averages of walks are those of the sum over all occupations", "[workers][monte-carlo]") {
  std::size_t checks = 0, beyond_three = 0;
  for (const SmallSpace& space : small_spaces()) {
    const CrystalInteractions crystal = test::random_interactions(space.parent, space.pairs, space.triplets, 0.1, 3);
    const auto cell = cell_of(crystal, space.cell);
    // Constant compositions: those of one random occupation.
    std::vector<std::uint8_t> start(cell->site_count(), 0);
    if (space.canonical) {
      for (std::size_t i = 0; i < start.size(); ++i)
        start[i] = static_cast<std::uint8_t>((i / cell->basis()) % static_cast<std::size_t>(cell->occupants(i)));
    }
    if (!meets(space.limits, counts_of(*cell, start))) start[0] = 1;
    const auto fixed_counts = counts_of(*cell, start);
    struct Occupation {
      double energy;
      std::vector<std::vector<std::int64_t>> counts;
    };
    std::vector<Occupation> all;
    visit_all(crystal, *cell, space.cell, [&](std::span<const std::uint8_t> occupation, double energy) {
      auto counts = counts_of(*cell, occupation);
      if (space.canonical ? counts == fixed_counts : meets(space.limits, counts))
        all.push_back({energy, std::move(counts)});
    });
    REQUIRE(all.size() > 4);
    for (const double temperature : {500.0, 900.0, 2500.0}) {
      for (const double potential : {-0.1, 0.08}) {
        WalkConditions conditions{temperature, {}};
        for (const auto& counts : fixed_counts) {
          auto& row = conditions.chemical_potentials_ev.emplace_back(counts.size(), 0.0);
          for (std::size_t k = 1; k < row.size(); ++k) row[k] = potential / static_cast<double>(k);
        }
        const double beta = 1 / (EnergySpectrum::kBoltzmannEvPerKelvin * temperature);
        double weights = 0, energy = 0, squares = 0, number = 0;
        double lowest = 1e300;
        const auto grand = [&](const Occupation& one) {
          double value = one.energy;
          for (std::size_t l = 0; l < one.counts.size(); ++l) {
            for (std::size_t k = 0; k < one.counts[l].size(); ++k)
              value -= conditions.chemical_potentials_ev[l][k] * static_cast<double>(one.counts[l][k]);
          }
          return value;
        };
        for (const Occupation& one : all) lowest = std::min(lowest, grand(one));
        for (const Occupation& one : all) {
          const double weight = std::exp(-beta * (grand(one) - lowest));
          weights += weight;
          energy += weight * one.energy;
          squares += weight * one.energy * one.energy;
          number += weight * static_cast<double>(one.counts[0][1]);
        }
        Walker walker{CellState(cell), {!space.canonical, space.limits}};
        walker.set(start);
        (void)walker.walk(conditions, 17, 0, 200);
        const auto records = walker.walk(conditions, 17, 200, 6400);
        std::vector<double> energies, energies_squared, numbers;
        for (const SweepRecord& record : records) {
          energies.push_back(record.energy_ev);
          energies_squared.push_back(record.energy_ev * record.energy_ev);
          numbers.push_back(static_cast<double>(record.counts[0][1]));
        }
        for (const auto& [series, exact] :
             {std::pair{&energies, energy / weights}, std::pair{&energies_squared, squares / weights},
              std::pair{&numbers, number / weights}}) {
          const auto [mean, error] = blocked(*series, 32);
          INFO(space.name << ", " << temperature << " K, " << potential << " eV: " << mean << " +- " << error
                          << ", exactly " << exact);
          const double deviations = std::abs(mean - exact) / (error + 1e-9);
          ++checks;
          beyond_three += deviations > 3 ? 1 : 0;
          CHECK(deviations < 5);
        }
      }
    }
  }
  // Of a normal distribution 0.27 % lie beyond three deviations; errors of 32 blocks widen that to 0.5 %.
  CHECK(static_cast<double>(beyond_three) <= 0.01 * static_cast<double>(checks) + 1);
}

TEST_CASE("coupled moves keep what a space keeps", "[workers][monte-carlo]") {
  const auto salt = test::plain_parent(kCubic, {{"Fe", "Ti"}, {"K", "Va"}}, {{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 1}});

  const auto moves = composition_moves(*salt, {limit({{0, 1}, {0, -1}}, 0, 0)});

  REQUIRE(moves.size() == 2);  // a dopant with its vacancy, in and out
  CHECK(moves[0].flips == std::vector<CoupledMove::Flip>{{0, 0, 1}, {1, 0, 1}});
  CHECK(composition_moves(*salt, {limit({{0, 2}, {0, -1}}, 0, 0)}).front().flips.size() == 3);
  CHECK(composition_moves(*salt, {}).size() == 4);
}

TEST_CASE("a walk does not depend on where it is taken up again", "[workers][monte-carlo]") {
  const auto parent = test::plain_parent(kCubic, {{"Cu", "Au"}}, {{{0, 0, 0}, 0}});
  const auto cell = cell_of(test::random_interactions(parent, 4.3, 4.3, 0.05, 3), diagonal(6, 5, 4));
  const WalkConditions conditions{700, {}};
  for (const bool vary : {true, false}) {
    Walker whole{CellState(cell), {vary, {}}}, other{CellState(cell), {vary, {}}};
    whole.set(random_cell(*cell, 1));
    other.set(random_cell(*cell, 1));
    (void)whole.walk(conditions, 9, 0, 10);
    const auto expected = whole.walk(conditions, 9, 10, 10);
    (void)other.walk(conditions, 9, 0, 10);
    Walker later{CellState(cell), {vary, {}}};
    later.set(other.state().occupation());

    const auto found = later.walk(conditions, 9, 10, 10);

    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i].energy_ev == expected[i].energy_ev);
    CHECK(std::equal(later.state().occupation().begin(), later.state().occupation().end(),
                     whole.state().occupation().begin()));
  }
}

TEST_CASE("neighbourhoods that no label has are told with their share", "[workers][monte-carlo]") {
  const auto parent =
      test::plain_parent(Eigen::Vector3d(3, 3, 20).asDiagonal(), {{"Cu", "Au"}}, {{Eigen::Vector3d::Zero(), 0}});
  const Supercell two(parent, Eigen::Vector3i(2, 2, 1).asDiagonal()),
      four(parent, Eigen::Vector3i(4, 4, 1).asDiagonal());
  LocalEnvironments labels(parent);
  CHECK(labels.empty());
  labels.add(two, std::vector<std::uint8_t>{0, 0, 0, 0});
  const PrimitiveSites sites(*parent);
  const auto checkerboard = [&](const Supercell& supercell) {
    const SupercellSites where(sites, supercell);
    std::vector<std::uint8_t> occupation(supercell.varied_sites().size());
    for (const std::array<int, 3>& cell : where.cells())
      occupation[static_cast<std::size_t>(where.varied_index(cell, {{0, 0, 0}, 0}))] =
          static_cast<std::uint8_t>((cell[0] + cell[1]) & 1);
    return occupation;
  };
  labels.add(two, checkerboard(two));
  std::vector<std::uint8_t> impurity(16, 0);
  impurity[5] = 1;

  CHECK(labels.unknown(four, checkerboard(four)).share == 0);
  CHECK(labels.unknown(four, checkerboard(four)).most_common.empty());
  const auto one_gold_atom = labels.unknown(four, impurity);
  CHECK(one_gold_atom.share == 4.0 / 16);  // the four neighbours; gold among copper is on the checkerboard
  CHECK(one_gold_atom.most_common == "Cu with Cu3Au1");
}

TEST_CASE("a cell of a million sites takes fewer than 200 bytes a site", "[workers][monte-carlo]") {
  const auto parent = test::plain_parent(kFcc, {{"Cu", "Au"}}, {{{0, 0, 0}, 0}});
  const auto cell = cell_of(test::random_interactions(parent, 5.0, 2.9, 0.05, 3), diagonal(100, 100, 100));

  CHECK(cell->neighbours(0) == 42);
  CHECK(static_cast<double>(cell->table_bytes() + cell->walker_bytes()) < 200.0 * 1e6);
}

}  // namespace hullscan
