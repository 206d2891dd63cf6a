/// @file
/// How many right results are set aside: labelled sets of others, as if their labels came one after the other in random
/// orders. The figures are in docs/results.md; HULLSCAN_DATA says where the sets are.

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "../shared_data.hpp"
#include "../surrogates/labelled_data.hpp"
#include "analysis/hull/hull.hpp"
#include "analysis/judging/result_judge.hpp"
#include "core/campaign/settings.hpp"
#include "core/hash.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

constexpr int kOrders = 20;

struct Label {
  ResultFacts facts;
  const LabelledConfiguration* configuration = nullptr;
  bool vertex = false;
};

std::set<std::string> vertices_of(const std::string& set) {
  std::ifstream stream(shared_data() / set / "reference.csv");
  std::string line;
  std::set<std::string> vertices;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (std::abs(std::stod(row.at(4))) < 1e-3) vertices.insert(row[0]);
  }
  return vertices;
}

std::vector<Label> labels_of(const std::string& name, const LabelledSet& set) {
  const std::set<std::string> vertices = vertices_of(name);
  std::vector<Label> labels;
  for (const LabelledConfiguration& one : set.labels) {
    Label label;
    label.facts.id = one.id;
    label.facts.composition = one.configuration.supercell->structure(one.configuration.occupation).composition();
    label.facts.energy_ev_per_atom = one.formation_energy_ev_per_atom;  // total, per atom
    label.facts.fingerprint = labels.size();
    label.configuration = &one;
    label.vertex = vertices.count(one.id) != 0;
    labels.push_back(std::move(label));
  }
  return labels;
}

/// In order `order`: every other one begins with the end members, as campaigns do.
std::vector<Label> in_order(const std::vector<Label>& labels, std::uint64_t order) {
  std::vector<std::tuple<bool, std::uint64_t, std::size_t>> draws;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool later = order % 2 == 0 || labels[i].facts.composition.counts().size() > 1;
    draws.emplace_back(later, random_bits(order, i), i);
  }
  std::sort(draws.begin(), draws.end());
  std::vector<Label> ordered;
  for (const auto& [later, draw, i] : draws) ordered.push_back(labels[i]);
  return ordered;
}

std::set<std::size_t> set_aside_by_model(const LabelledSet& set, const std::vector<Label>& labels) {
  std::vector<HullEntry> entries;
  for (const Label& label : labels) {
    const auto atoms = static_cast<double>(label.facts.composition.atom_count());
    entries.push_back({label.facts.id, label.facts.composition, label.facts.energy_ev_per_atom * atoms, {}});
  }
  const HullReport hull = compute_hull(entries, hull_options_for(entries));
  std::vector<LabelledConfiguration> fitted;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    fitted.push_back({labels[i].configuration->configuration, hull.entries[i].formation_energy_ev_per_atom, 1,
                      labels[i].facts.id, hull.entries[i].e_above_hull_ev_per_atom});
  }
  Problems problems;
  const auto model = make_surrogate({"cluster-expansion", parse_settings_toml("pairs = 6.0\ntriplets = 4.2", "test")},
                                    set.parent, problems);
  problems.throw_if_any();
  const FitReport report = model->fit(fitted);
  const auto far = far_from_model(report.loo_residuals_ev_per_atom, report.rank);
  return {far.begin(), far.end()};
}

}  // namespace

TEST_CASE("of labels that are right at most 2 in 1000 are set aside, and none that is on the hull",
          "[scheduler][judge][.long]") {
  const std::string name = GENERATE("Ag-Au", "Cu-Ag-Au", "SrCuOx");
  if (!have_shared_data(name)) return;
  const LabelledSet set = read_labelled_set(name);
  const std::vector<Label> all = labels_of(name, set);
  std::size_t judged = 0, aside = 0, by_model = 0, vertices = 0;
  std::set<std::string> ever;
  for (std::uint64_t order = 0; order < kOrders; ++order) {
    const std::vector<Label> labels = in_order(all, order);
    for (std::size_t n = 4; n < 2 * labels.size(); n = n * 4 / 3 + 1) {
      const std::vector<Label> some(labels.begin(),
                                    labels.begin() + static_cast<std::ptrdiff_t>(std::min(n, labels.size())));
      std::vector<ResultFacts> facts;
      for (const Label& label : some) facts.push_back(label.facts);
      const auto why = judge_results(facts);
      // A fit of a thousand labels takes seconds: the model speaks in some of the orders.
      const auto far = order < 4 && n >= 20 ? set_aside_by_model(set, some) : std::set<std::size_t>{};
      for (std::size_t i = 0; i < some.size(); ++i) {
        ++judged;
        if (why[i].empty() && far.count(i) == 0) continue;
        ++aside;
        by_model += far.count(i);
        vertices += some[i].vertex ? 1 : 0;
        if (ever.insert(some[i].facts.id).second)
          std::cout << name << ", " << some.size() << " labels: " << some[i].facts.id << ": "
                    << (why[i].empty() ? "the model" : why[i]) << "\n";
      }
    }
  }
  fmt::print("| {} | {} | {} | {} | {} ({} by the model) | {:.4f} % | {} |\n", name, all.size(), kOrders, judged, aside,
             by_model, 100.0 * static_cast<double>(aside) / static_cast<double>(judged), vertices);
  CHECK(static_cast<double>(aside) <= 0.002 * static_cast<double>(judged));
  CHECK(static_cast<double>(ever.size()) <= 0.02 * static_cast<double>(all.size()));
  CHECK(vertices == 0);
}
