#include "surrogates/models/single_structure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "surrogates/byte_stream.hpp"
#include "surrogates/features/atom_counter.hpp"
#include "surrogates/features/lattice_features.hpp"

namespace hullscan {
namespace {

class SingleScorer final : public ConfigurationScorer {
 public:
  SingleScorer(double energy_ev_per_atom, const Supercell& supercell)
      : energy_ev_per_atom_(energy_ev_per_atom), atoms_(supercell) {}
  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    return atoms_.atoms(occupation) > 0 ? energy_ev_per_atom_ : std::numeric_limits<double>::infinity();
  }

 private:
  double energy_ev_per_atom_;
  AtomCounter atoms_;
};

}  // namespace

bool has_one_configuration(const ParentCrystal& parent) {
  return std::all_of(parent.sublattices.begin(), parent.sublattices.end(),
                     [](const Sublattice& sublattice) { return sublattice.allowed.size() < 2; });
}

FitReport SingleStructure::fit(std::span<const LabelledConfiguration> labels) {
  const std::vector<std::size_t> order = usable_labels(labels);
  double sum = 0, weights = 0;
  for (const std::size_t index : order) {
    require_parent(*parent_, *labels[index].configuration.supercell, name_of_label(labels[index], index));
    sum += labels[index].weight * labels[index].formation_energy_ev_per_atom;
    weights += labels[index].weight;
  }
  energy_ev_per_atom_ = sum / weights;
  FitReport report;
  report.labels = order.size();
  report.loo_rmse_mev_per_atom = std::numeric_limits<double>::infinity();
  report.loo_residuals_ev_per_atom.assign(labels.size(), 0.0);
  for (const std::size_t index : order)
    report.rmse_mev_per_atom += std::pow(labels[index].formation_energy_ev_per_atom - *energy_ev_per_atom_, 2);
  report.rmse_mev_per_atom = 1e3 * std::sqrt(report.rmse_mev_per_atom / static_cast<double>(order.size()));
  return report;
}

std::unique_ptr<ConfigurationScorer> SingleStructure::scorer(const Supercell& supercell) const {
  require_parent(*parent_, supercell, "supercell");
  if (!fitted()) throw InputError("the structure was not calculated yet");
  return std::make_unique<SingleScorer>(*energy_ev_per_atom_, supercell);
}

std::vector<std::byte> SingleStructure::serialise() const {
  ByteWriter out;
  out.write(static_cast<std::uint8_t>(fitted() ? 1 : 0));
  out.write(energy_ev_per_atom_.value_or(0));
  return out.take();
}

std::unique_ptr<Surrogate> SingleStructure::deserialise(std::span<const std::byte> bytes,
                                                        std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  const auto fitted = in.read<std::uint8_t>();
  const double energy = in.read_double();
  in.finish();
  if (fitted > 1 || !std::isfinite(energy))
    throw StorageError("stored energy of a single structure is damaged: it is no energy");
  auto model = std::make_unique<SingleStructure>(std::move(parent));
  if (fitted == 1) model->energy_ev_per_atom_ = energy;
  return model;
}

}  // namespace hullscan
