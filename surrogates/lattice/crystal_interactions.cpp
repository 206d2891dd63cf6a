#include "surrogates/lattice/crystal_interactions.hpp"

#include <algorithm>

#include "surrogates/models/cluster_expansion.hpp"

namespace hullscan {

std::optional<CrystalInteractions> crystal_interactions(const Surrogate& model) {
  const auto* expansion = dynamic_cast<const ClusterExpansion*>(&model);
  if (expansion == nullptr) return std::nullopt;
  if (!expansion->fitted()) throw InputError("the cluster expansion has not been fitted");
  const ClusterOrbits& orbits = expansion->orbits();
  const std::vector<double>& coefficients = expansion->coefficients();
  CrystalInteractions made{orbits.parent_pointer(), orbits.sites(), expansion->constant_ev_per_primitive_cell(), {}};
  for (const SiteCluster& cluster : orbits.clusters()) {
    CrystalInteractions::Cluster one{cluster.sites, {}};
    for (const int orbit : cluster.orbit_of) one.energies_ev.push_back(coefficients[static_cast<std::size_t>(orbit)]);
    const auto is_zero = [](double energy) { return energy == 0.0; };
    if (!std::all_of(one.energies_ev.begin(), one.energies_ev.end(), is_zero)) made.clusters.push_back(std::move(one));
  }
  const FeatureSettings& settings = expansion->features().settings();
  if (settings.electrostatic && coefficients.back() != 0.0)
    made.electrostatics = CrystalInteractions::Electrostatics{coefficients.back(), settings.charges};
  return made;
}

}  // namespace hullscan
