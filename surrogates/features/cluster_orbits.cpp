#include "surrogates/features/cluster_orbits.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/errors.hpp"
#include "core/hash.hpp"

namespace hullscan {
namespace {

/// Rounding that must not push a member of a shell outside the cutoff.
constexpr double kCutoffSlackAngstrom = 1e-4;

struct DecoratedSite {
  LatticeSite at;
  std::uint8_t occupant = 0;
  friend auto operator<=>(const DecoratedSite&, const DecoratedSite&) = default;
};
using DecoratedCluster = std::vector<DecoratedSite>;

/// The translate whose sites ascend and begin in cell 0: the same for every translate.
void normalise(DecoratedCluster& cluster) {
  std::sort(cluster.begin(), cluster.end());
  const std::array<int, 3> origin = cluster.front().at.cell;
  for (DecoratedSite& site : cluster) {
    for (std::size_t i = 0; i < 3; ++i) site.at.cell[i] -= origin[i];
  }
}

/// Every set of `size` sites within the cutoff, one of each class of translations: the smallest site is in cell 0.
class SiteSets {
 public:
  SiteSets(const PrimitiveSites& sites, double cutoff_angstrom)
      : sites_(sites), cutoff_angstrom_(cutoff_angstrom + kCutoffSlackAngstrom) {}

  template <class Visit>
  void each(int size, const Visit& visit) {
    for (int first = 0; first < sites_.count(); ++first) {
      std::vector<LatticeSite> chosen{{{0, 0, 0}, first}};
      if (size == 1) {
        visit(chosen);
        continue;
      }
      std::vector<LatticeSite> later = sites_.neighbours(first, cutoff_angstrom_);
      std::erase_if(later, [&](const LatticeSite& site) { return site < chosen.front(); });
      grow(size, chosen, later, visit);
    }
  }

 private:
  template <class Visit>
  void grow(int size, std::vector<LatticeSite>& chosen, const std::vector<LatticeSite>& candidates,
            const Visit& visit) {
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      chosen.push_back(candidates[c]);
      if (static_cast<int>(chosen.size()) == size) {
        visit(chosen);
      } else {
        std::vector<LatticeSite> rest;
        for (std::size_t later = c + 1; later < candidates.size(); ++later) {
          if (sites_.distance_angstrom(candidates[c], candidates[later]) <= cutoff_angstrom_)
            rest.push_back(candidates[later]);
        }
        grow(size, chosen, rest, visit);
      }
      chosen.pop_back();
    }
  }

  const PrimitiveSites& sites_;
  double cutoff_angstrom_;
};

/// Orbits of decorated clusters, as sets of normalised members.
class OrbitCollector {
 public:
  OrbitCollector(const ParentCrystal& parent, const PrimitiveSites& sites) : parent_(parent), sites_(sites) {}

  void add_every_decoration(const std::vector<LatticeSite>& chosen) {
    DecoratedCluster cluster;
    for (const LatticeSite& site : chosen) cluster.push_back({site, 1});
    while (true) {
      add(cluster);
      std::size_t place = cluster.size();
      while (place > 0 && cluster[place - 1].occupant == last_occupant(cluster[place - 1]))
        cluster[--place].occupant = 1;
      if (place == 0) return;
      ++cluster[place - 1].occupant;
    }
  }

  [[nodiscard]] const std::vector<std::vector<DecoratedCluster>>& orbits() const { return orbits_; }

  /// False for a site that only one species can take: it decorates nothing.
  [[nodiscard]] bool has_choice(const LatticeSite& site) const { return last_occupant({site, 0}) > 0; }

 private:
  [[nodiscard]] int last_occupant(const DecoratedSite& site) const {
    const auto sublattice = static_cast<std::size_t>(sites_.sublattice(site.at.site));
    return static_cast<int>(parent_.sublattices[sublattice].allowed.size()) - 1;
  }

  void add(const DecoratedCluster& cluster) {
    DecoratedCluster member = cluster;
    normalise(member);
    if (seen_.contains(member)) return;
    std::set<DecoratedCluster> members;
    for (int operation = 0; operation < sites_.operation_count(); ++operation) {
      DecoratedCluster image = cluster;
      for (DecoratedSite& site : image) site.at = sites_.image(operation, site.at);
      normalise(image);
      members.insert(std::move(image));
    }
    seen_.insert(members.begin(), members.end());
    if (seen_.size() > ClusterOrbits::kMostClusters) {
      throw InputError(fmt::format("more than {} clusters per primitive cell: choose smaller cutoffs",
                                   ClusterOrbits::kMostClusters));
    }
    orbits_.emplace_back(members.begin(), members.end());
  }

  const ParentCrystal& parent_;
  const PrimitiveSites& sites_;
  std::set<DecoratedCluster> seen_;
  std::vector<std::vector<DecoratedCluster>> orbits_;
};

double diameter_angstrom(const PrimitiveSites& sites, const DecoratedCluster& cluster) {
  double diameter = 0;
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    for (std::size_t j = i + 1; j < cluster.size(); ++j) {
      diameter = std::max(diameter, sites.distance_angstrom(cluster[i].at, cluster[j].at));
    }
  }
  return diameter;
}

}  // namespace

ClusterOrbits::ClusterOrbits(std::shared_ptr<const ParentCrystal> parent, const ClusterCutoffs& cutoffs)
    : parent_(std::move(parent)), sites_(*parent_) {
  OrbitCollector collector(*parent_, sites_);
  const double cutoff_of_size[] = {0.0, cutoffs.pairs_angstrom, cutoffs.triplets_angstrom,
                                   cutoffs.quadruplets_angstrom};
  for (int size = 1; size <= 4; ++size) {
    const double cutoff = cutoff_of_size[size - 1];
    if (size > 1 && !(cutoff > 0)) continue;
    SiteSets(sites_, cutoff).each(size, [&](const std::vector<LatticeSite>& chosen) {
      if (std::all_of(chosen.begin(), chosen.end(), [&](const LatticeSite& s) { return collector.has_choice(s); })) {
        collector.add_every_decoration(chosen);
      }
    });
  }

  struct Ranked {
    std::size_t size;
    std::int64_t diameter;  ///< rounded, so that the order is the same on every machine
    const std::vector<DecoratedCluster>* members;
  };
  std::vector<Ranked> ranked;
  for (const auto& members : collector.orbits()) {
    const double diameter = diameter_angstrom(sites_, members.front());
    ranked.push_back({members.front().size(), std::llround(diameter * 1e3), &members});
  }
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return std::tie(a.size, a.diameter, a.members->front()) < std::tie(b.size, b.diameter, b.members->front());
  });

  std::map<std::vector<LatticeSite>, std::vector<int>> decorations;
  for (const Ranked& orbit : ranked) {
    DecoratedOrbit described;
    for (const DecoratedSite& site : orbit.members->front()) {
      described.sites.push_back(site.at);
      described.occupants.push_back(site.occupant);
    }
    described.diameter_angstrom = diameter_angstrom(sites_, orbit.members->front());
    described.multiplicity = static_cast<int>(orbit.members->size());
    for (const DecoratedCluster& member : *orbit.members) {
      std::vector<LatticeSite> where;
      std::size_t code = 0, radix_product = 1;
      for (const DecoratedSite& site : member) {
        const auto sublattice = static_cast<std::size_t>(sites_.sublattice(site.at.site));
        const std::size_t radix = parent_->sublattices[sublattice].allowed.size() - 1;
        code = code * radix + site.occupant - 1U;
        radix_product *= radix;
        where.push_back(site.at);
      }
      std::vector<int>& orbit_of = decorations[where];
      orbit_of.resize(radix_product, -1);
      orbit_of[code] = static_cast<int>(orbits_.size());
    }
    orbits_.push_back(std::move(described));
  }
  for (auto& [where, orbit_of] : decorations) clusters_.push_back({where, std::move(orbit_of)});
}

std::size_t ClusterOrbits::point_count() const {
  return static_cast<std::size_t>(std::count_if(orbits_.begin(), orbits_.end(),
                                                [](const DecoratedOrbit& orbit) { return orbit.sites.size() == 1; }));
}

std::vector<std::int64_t> ClusterOrbits::counts(const Configuration& configuration) const {
  const SupercellSites where(sites_, *configuration.supercell);
  assert(configuration.occupation.size() == configuration.supercell->varied_sites().size());
  std::vector<std::int64_t> counts(orbits_.size(), 0);
  for (const std::array<int, 3>& cell : where.cells()) {
    for (const SiteCluster& cluster : clusters_) {
      std::size_t code = 0;
      bool decorated = true;
      for (const LatticeSite& site : cluster.sites) {
        const std::uint8_t occupant =
            configuration.occupation[static_cast<std::size_t>(where.varied_index(cell, site))];
        if (occupant == 0) {
          decorated = false;
          break;
        }
        const auto sublattice = static_cast<std::size_t>(sites_.sublattice(site.site));
        code = code * (parent_->sublattices[sublattice].allowed.size() - 1) + occupant - 1U;
      }
      if (decorated) ++counts[static_cast<std::size_t>(cluster.orbit_of[code])];
    }
  }
  return counts;
}

std::string ClusterOrbits::description(std::size_t orbit) const {
  const DecoratedOrbit& described = orbits_[orbit];
  constexpr const char* kNames[] = {"", "point", "pair", "triplet", "quadruplet"};
  std::vector<std::pair<int, std::uint8_t>> occupied;  // sublattice, occupant
  for (std::size_t i = 0; i < described.sites.size(); ++i) {
    occupied.emplace_back(sites_.sublattice(described.sites[i].site), described.occupants[i]);
  }
  std::sort(occupied.begin(), occupied.end());
  std::string text = kNames[described.sites.size()];
  for (std::size_t i = 0; i < occupied.size(); ++i) {
    const Sublattice& sublattice = parent_->sublattices[static_cast<std::size_t>(occupied[i].first)];
    text += fmt::format("{}{}", i == 0 ? ' ' : '-', sublattice.allowed[occupied[i].second].symbol());
    if (parent_->sublattices.size() > 1) text += fmt::format("({})", sublattice.name);
  }
  if (described.sites.size() > 1) text += fmt::format(" {:.2f} Å", described.diameter_angstrom);
  return text + fmt::format(" ({} per cell)", described.multiplicity);
}

std::uint64_t ClusterOrbits::fingerprint() const {
  std::vector<std::int32_t> words;
  for (const SiteCluster& cluster : clusters_) {
    words.push_back(static_cast<std::int32_t>(cluster.sites.size()));
    for (const LatticeSite& site : cluster.sites) {
      words.insert(words.end(), site.cell.begin(), site.cell.end());
      words.push_back(site.site);
      words.push_back(sites_.sublattice(site.site));
    }
    words.insert(words.end(), cluster.orbit_of.begin(), cluster.orbit_of.end());
  }
  for (const Sublattice& sublattice : parent_->sublattices) {
    for (const Species species : sublattice.allowed) words.push_back(species.code());
    words.push_back(-1);
  }
  return hash64(std::as_bytes(std::span(words)));
}

int primitive_cell_count(const Supercell& supercell) {
  const Eigen::Matrix3d in_primitive = supercell.parent().cell_in_primitive.cast<double>();
  return supercell.volume_factor() * static_cast<int>(std::lround(std::abs(in_primitive.determinant())));
}

}  // namespace hullscan
