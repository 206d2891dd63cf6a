#include "surrogates/features/described_labels.hpp"

#include <fmt/format.h>

#include <map>

#include "surrogates/features/extreme_labels.hpp"

namespace hullscan {

std::vector<std::string> DescribedLabels::warnings(const Eigen::VectorXd& loo_residuals) const {
  TrainingTable seen = table;
  const Eigen::Index others = table.features.cols() - static_cast<Eigen::Index>(point_features);
  seen.features.resize(composition.rows(), composition.cols() + others);
  seen.features << composition, table.features.rightCols(others);
  std::vector<std::string> warnings = label_warnings(points, seen, loo_residuals);
  if (!without_row.empty()) {
    warnings.push_back(
        fmt::format("{} label{} no row in the table of columns, and the model does not learn from {}: the first is {}",
                    without_row.size(), without_row.size() == 1 ? " has" : "s have",
                    without_row.size() == 1 ? "it" : "them", without_row.front()));
  }
  return warnings;
}

DescribedLabels describe_labels(std::span<const Descriptors* const> members,
                                std::span<const std::vector<LabelledConfiguration>> labels) {
  DescribedLabels described;
  std::vector<LabelledConfiguration> all;
  std::vector<std::size_t> member_of;
  for (std::size_t m = 0; m < members.size(); ++m) {
    all.insert(all.end(), labels[m].begin(), labels[m].end());
    member_of.insert(member_of.end(), labels[m].size(), m);
  }
  const Descriptors& first = *members.front();
  described.points = first.points();
  described.point_features = 0;
  for (std::size_t c = 0; c < first.columns().trend; ++c)
    described.point_features += first.columns().groups[c] == "composition" ? 1 : 0;
  TrainingTable& table = described.table;
  table.order = usable_labels(all);
  std::map<std::pair<std::size_t, const Supercell*>, DescriptorCounter> counters;
  const auto counter_of = [&](std::size_t index) -> const DescriptorCounter& {
    const auto& supercell = all[index].configuration.supercell;
    const Descriptors& descriptors = *members[member_of[index]];
    descriptors.require_own_parent(*supercell, name_of_label(all[index], index));
    const std::pair key(member_of[index], supercell.get());
    auto found = counters.find(key);
    if (found == counters.end()) found = counters.try_emplace(key, descriptors, supercell).first;
    return found->second;
  };
  std::erase_if(table.order, [&](std::size_t index) {
    if (counter_of(index).has_row(all[index].configuration.occupation)) return false;
    described.without_row.push_back(name_of_label(all[index], index));
    return true;
  });
  if (table.order.empty())
    throw InputError(fmt::format("{}: no label has a row in the table of columns", described.without_row.front()));
  const std::size_t columns = first.columns().names.size(), points = described.points.size();
  const auto rows = static_cast<Eigen::Index>(table.order.size());
  table.features.resize(rows, static_cast<Eigen::Index>(columns));
  described.composition.resize(rows, static_cast<Eigen::Index>(points));
  table.targets.resize(rows);
  table.weights.resize(rows);
  table.error_scale.resize(rows);
  std::vector<double> row(columns), composition(points);
  for (Eigen::Index r = 0; r < rows; ++r) {
    const std::size_t index = table.order[static_cast<std::size_t>(r)];
    const LabelledConfiguration& label = all[index];
    table.ids.push_back(name_of_label(label, index));
    const DescriptorCounter& counter = counter_of(index);
    counter.count(label.configuration.occupation, row);
    counter.count_points(label.configuration.occupation, composition);
    for (std::size_t c = 0; c < columns; ++c) table.features(r, static_cast<Eigen::Index>(c)) = row[c];
    for (std::size_t p = 0; p < points; ++p) described.composition(r, static_cast<Eigen::Index>(p)) = composition[p];
    if (!table.features.row(r).allFinite())
      throw InputError(
          fmt::format("{}: the potential gives no energy for it; leave it out of the labels", table.ids.back()));
    const double atoms_per_cell = counter.atoms(label.configuration.occupation) / counter.primitive_cells();
    table.targets[r] = label.formation_energy_ev_per_atom * atoms_per_cell;
    table.weights[r] = label.weight;
    table.error_scale[r] = atoms_per_cell > 0 ? 1.0 / atoms_per_cell : 1.0;
  }
  for (const auto& of_member : labels) {  // whose crystals are known by now
    const std::vector<bool> extreme = extreme_labels(of_member);
    described.extreme.insert(described.extreme.end(), extreme.begin(), extreme.end());
  }
  return described;
}

}  // namespace hullscan
