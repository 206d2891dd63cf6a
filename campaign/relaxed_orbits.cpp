#include "campaign/relaxed_orbits.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "core/lattice_departure.hpp"
#include "enumerator/mapping/orbit_placement.hpp"

namespace hullscan {
namespace {

/// Most campaigns have no structure that has left its lattice: the mappers are made for the first.
class MappedRelaxations : public RelaxedOrbits {
 public:
  explicit MappedRelaxations(const std::vector<SearchSpace>& spaces) : spaces_(spaces) {}

  std::optional<OrbitReached> orbit_of(const std::string& key, const Structure& relaxed) override {
    const auto [at, unknown] = known_.try_emplace(key);
    if (unknown) at->second = look_for(relaxed);
    return at->second;
  }

 private:
  std::optional<OrbitReached> look_for(const Structure& relaxed) {
    if (!placer_) placer_.emplace(spaces_);
    auto placed = placer_->place_atoms(relaxed);
    auto* at = std::get_if<OnLattice>(&placed);
    if (at == nullptr || left_lattice(lattice_departure(at->sites, at->relaxed))) return std::nullopt;
    return OrbitReached{at->orbit.stratum, std::move(at->orbit.occupation), at->orbit.degeneracy};
  }

  const std::vector<SearchSpace>& spaces_;
  std::optional<OrbitPlacer> placer_;
  std::map<std::string, std::optional<OrbitReached>> known_;
};

}  // namespace

std::shared_ptr<RelaxedOrbits> relaxed_orbits(const std::vector<SearchSpace>& spaces) {
  return std::make_shared<MappedRelaxations>(spaces);
}

}  // namespace hullscan
