#include "surrogates/lattice/lattice_polynomial.hpp"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

struct Term {
  std::vector<int> sites;
  std::vector<std::uint8_t> occupants;
  double value = 0;
};

std::vector<Term> random_terms(const Supercell& supercell, std::size_t count, std::uint64_t seed) {
  std::vector<Term> terms;
  const std::size_t sites = supercell.varied_sites().size();
  for (std::uint64_t t = 0; t < count; ++t) {
    Term term;
    const std::uint64_t words[] = {t, 0};
    const std::size_t size = random_bits(seed, words) % 4 + 1;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t draw[] = {t, i + 1};
      const std::uint64_t bits = random_bits(seed, draw);
      term.sites.push_back(static_cast<int>(bits % sites));
      const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(term.sites.back()));
      const std::size_t others = supercell.parent().sublattices[sublattice].allowed.size() - 1;
      term.occupants.push_back(static_cast<std::uint8_t>(1 + (bits >> 32U) % others));
    }
    term.value = static_cast<double>(random_bits(seed, t) % 2001) - 1000.0;  // integers: sums are exact
    terms.push_back(term);
  }
  return terms;
}

double by_definition(const std::vector<Term>& terms, const std::vector<std::uint8_t>& occupation) {
  double sum = 0;
  for (const Term& term : terms) {
    bool realised = true;
    for (std::size_t i = 0; i < term.sites.size(); ++i) {
      realised = realised && occupation[static_cast<std::size_t>(term.sites[i])] == term.occupants[i];
    }
    if (realised) sum += term.value;
  }
  return sum;
}

}  // namespace

TEST_CASE("a polynomial is the sum of the terms whose sites have their occupants",
          "[surrogates][polynomial][property]") {
  const auto parent = rock_salt({"Ti", "Zr", "Va"}, {"C", "N"});
  // The second has 1,500 site states: beyond the square table.
  for (const int size : {2, 10}) {
    SupercellMatrix matrix = SupercellMatrix::Identity() * size;
    if (size == 10) matrix(2, 2) = 5;
    const Supercell supercell(parent, matrix);
    CHECK(rc::check("value() agrees with the definition", [&] {
      const auto terms = random_terms(supercell, 300, *rc::gen::arbitrary<std::uint64_t>());
      LatticePolynomial::Builder builder(supercell);
      builder.add_constant(5.0);
      for (const Term& term : terms) builder.add(term.sites, term.occupants, term.value);
      const LatticePolynomial polynomial = builder.build();
      for (std::uint64_t i = 0; i < 5; ++i) {
        const auto occupation = random_occupation(supercell, *rc::gen::arbitrary<std::uint64_t>());
        RC_ASSERT(polynomial.value(occupation) == 5.0 + by_definition(terms, occupation));
      }
    }));
  }
}

TEST_CASE("a supercell with more states than a table can number is refused", "[surrogates][polynomial]") {
  const Supercell supercell(fcc({"Al", "Ni"}), SupercellMatrix::Identity() * 41);

  CHECK_THROWS_AS(LatticePolynomial::Builder(supercell), InputError);
}
