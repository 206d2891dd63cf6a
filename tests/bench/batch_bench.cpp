// bench_batches: packed batches of models that are not polynomials, one thread: descriptor rows through 500 boosted
// trees of depth 4, whole configurations through the same, and Gaussian-process means with 400 labels.
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "core/hash.hpp"
#include "enumerator/space/search_space.hpp"
#include "surrogates/models/descriptor_model.hpp"

namespace {

using namespace hullscan;

SearchSpace ternary() {
  SpaceSpec spec;
  spec.name = "fcc";
  spec.structure = std::string(HULLSCAN_TEST_DATA) + "/Cu-Ag-Au/fcc.vasp";
  spec.supercell = SupercellMatrix(Eigen::Vector3i(3, 2, 1).asDiagonal());
  SublatticeSpec sublattice;
  sublattice.name = "A";
  sublattice.sites = {"Cu"};
  sublattice.species = {{Species::from_symbol("Cu"), true, {}, "rest", {}}};
  for (const char* symbol : {"Ag", "Au"})
    sublattice.species.push_back({Species::from_symbol(symbol), false, {{0, 100, true}}, "0%..100%", {}});
  spec.sublattices.push_back(sublattice);
  return SearchSpace::build(spec);
}

template <class F>
void measure(const std::string& what, std::size_t count, F&& work) {
  const auto cpu = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  work();
  const double begin = cpu();
  std::size_t repeats = 0;
  while (cpu() - begin < 2) {
    work();
    ++repeats;
  }
  fmt::print("{}: {:.3g} per second of CPU\n", what, static_cast<double>(count * repeats) / (cpu() - begin));
}

}  // namespace

int main() {
  const SearchSpace space = ternary();
  const auto& supercell = space.supercells()[0];
  const std::size_t sites = supercell->varied_sites().size();
  const auto occupations = [&](std::size_t n, std::uint64_t seed) {
    std::vector<std::uint8_t> packed;
    for (std::uint64_t i = 0; i < n * sites; ++i) packed.push_back(static_cast<std::uint8_t>(random_bits(seed, i) % 3));
    return packed;
  };
  const auto labelled = occupations(400, 1), asked = occupations(20'000, 2);
  for (const std::string kind : {"gradient-boosting", "gaussian-process"}) {
    Problems problems;
    const std::string text = "kind = '" + kind + "'\npairs = 8.1\ntriplets = 4.95" +
                             (kind == "gradient-boosting" ? "\nfeatures = 'clusters'" : "");
    const auto model = make_surrogate({kind, parse_settings_toml(text, "bench")}, space.parent(), problems);
    problems.throw_if_any();
    std::vector<LabelledConfiguration> labels;
    for (std::size_t i = 0; i < 400; ++i) {
      const auto begin = labelled.begin() + static_cast<std::ptrdiff_t>(i * sites);
      labels.push_back({{supercell, {begin, begin + static_cast<std::ptrdiff_t>(sites)}},
                        1e-4 * static_cast<double>(random_bits(3, i) % 1000),
                        1,
                        fmt::format("{:03}", i)});
    }
    (void)model->fit(labels);
    std::vector<double> energies(asked.size() / sites);
    const auto scorer = model->scorer(*supercell);
    measure(kind + ", configurations", energies.size(), [&] { scorer->score_batch(asked, energies); });
    if (const auto* trees = dynamic_cast<const DescriptorModel*>(model.get())) {
      const std::size_t columns = trees->descriptors().columns().names.size();
      std::vector<double> rows;
      for (std::size_t i = 0; i < energies.size() * columns; ++i)
        rows.push_back(static_cast<double>(random_bits(4, i) % 1000) / 100);
      measure(fmt::format("{}, rows of {} descriptors", kind, columns), energies.size(),
              [&] { trees->model().predict(rows, energies); });
    }
  }
  return 0;
}
