#include "workers/monte_carlo/cell_interactions.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace hullscan {
namespace {

struct PlacedSite {
  std::array<int, 3> at{};
  int site = 0;
  friend auto operator<=>(const PlacedSite&, const PlacedSite&) = default;
};

Eigen::Matrix3i primitive_rows(const PrimitiveSites& sites, const SupercellMatrix& matrix) {
  return matrix * sites.cell_in_primitive();
}

}  // namespace

CellInteractions::CellInteractions(std::shared_ptr<const ParentCrystal> parent, const PrimitiveSites& sites,
                                   const SupercellMatrix& matrix)
    : parent_(std::move(parent)), sites_(sites), translations_(primitive_rows(sites, matrix)) {
  basis_ = static_cast<std::size_t>(sites.count());
  const double volume = std::abs(primitive_rows(sites, matrix).cast<double>().determinant());
  if (volume * static_cast<double>(basis_) > static_cast<double>(std::numeric_limits<std::int32_t>::max()))
    throw InputError(fmt::format("a cell of {:.3g} sites is too large", volume * static_cast<double>(basis_)));
  cells_ = translations_.count();
  for (std::size_t s = 0; s < basis_; ++s) {
    sublattice_.push_back(sites.sublattice(static_cast<int>(s)));
    const auto occupants = parent_->sublattices[static_cast<std::size_t>(sublattice_.back())].allowed.size();
    occupants_.push_back(static_cast<int>(occupants));
    points_.emplace_back(occupants, 0.0);
    binary_ = binary_ && occupants <= 2;
    stride_ = std::max(stride_, occupants - 1);
  }
  pairs_.resize(basis_);
  many_.resize(basis_);
}

CellInteractions::CellInteractions(const CrystalInteractions& crystal, const SupercellMatrix& matrix)
    : CellInteractions(crystal.parent, crystal.sites, matrix) {
  constant_ = crystal.constant_ev * static_cast<double>(cells_);
  for (const CrystalInteractions::Cluster& cluster : crystal.clusters) add(cluster);
  if (crystal.electrostatics) add_electrostatics(*crystal.electrostatics, matrix);
  write_offsets();
}

CellInteractions CellInteractions::without_energy(std::shared_ptr<const ParentCrystal> parent,
                                                  const SupercellMatrix& matrix) {
  const PrimitiveSites sites(*parent);
  CellInteractions made(std::move(parent), sites, matrix);
  made.write_offsets();
  return made;
}

std::array<int, 3> CellInteractions::coordinates(std::size_t cell) const {
  const auto& order = translations_.order();
  const auto last = static_cast<std::size_t>(order[2]), middle = static_cast<std::size_t>(order[1]);
  return {static_cast<int>(cell / (last * middle)), static_cast<int>(cell / last % middle),
          static_cast<int>(cell % last)};
}

void CellInteractions::add(const CrystalInteractions::Cluster& cluster) {
  // Sites of the cluster that are one site of the cell must have one occupant.
  std::vector<PlacedSite> distinct;
  std::vector<std::size_t> which;
  for (const LatticeSite& site : cluster.sites) {
    const PlacedSite placed{translations_.coordinates(site.cell), site.site};
    const auto found = std::find(distinct.begin(), distinct.end(), placed);
    which.push_back(static_cast<std::size_t>(found - distinct.begin()));
    if (found == distinct.end()) distinct.push_back(placed);
  }
  std::vector<std::size_t> radix;
  std::size_t decorations = 1;
  for (const PlacedSite& site : distinct) {
    radix.push_back(static_cast<std::size_t>(occupants_[static_cast<std::size_t>(site.site)]));
    decorations *= radix.back();
  }
  std::vector<double> energies(decorations, 0.0);  // of all occupants, 0 too; last site fastest
  for (std::size_t code = 0; code < cluster.energies_ev.size(); ++code) {
    std::vector<std::size_t> occupant(distinct.size(), 0);
    std::size_t rest = code;
    bool possible = true;
    for (std::size_t i = cluster.sites.size(); i-- > 0;) {
      const std::size_t own = radix[which[i]] - 1, value = rest % own + 1;
      rest /= own;
      possible = possible && (occupant[which[i]] == 0 || occupant[which[i]] == value);
      occupant[which[i]] = value;
    }
    if (!possible) continue;
    std::size_t at = 0;
    for (std::size_t i = 0; i < distinct.size(); ++i) at = at * radix[i] + occupant[i];
    energies[at] += cluster.energies_ev[code];
  }

  const auto& order = translations_.order();
  const auto shift_to = [&](const PlacedSite& from, const PlacedSite& to) {
    std::array<int, 3> shift{};
    for (std::size_t i = 0; i < 3; ++i) shift[i] = (to.at[i] - from.at[i] + order[i]) % order[i];
    return shift;
  };
  if (distinct.size() == 1) {
    auto& point = points_[static_cast<std::size_t>(distinct[0].site)];
    for (std::size_t o = 0; o < point.size(); ++o) point[o] += energies[o];
    return;
  }
  for (std::size_t centre = 0; centre < distinct.size(); ++centre) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < distinct.size(); ++i) {
      if (i != centre) others.push_back(i);
    }
    // The energies with the centre's occupant slowest.
    std::vector<double> seen(decorations);
    for (std::size_t code = 0; code < decorations; ++code) {
      std::vector<std::size_t> occupant(distinct.size());
      std::size_t rest = code;
      for (std::size_t i = distinct.size(); i-- > 0;) {
        occupant[i] = rest % radix[i];
        rest /= radix[i];
      }
      std::size_t at = occupant[centre];
      for (const std::size_t other : others) at = at * radix[other] + occupant[other];
      seen[at] = energies[code];
    }
    const auto own = static_cast<std::size_t>(distinct[centre].site);
    if (others.size() == 1) {
      const PlacedSite& other = distinct[others[0]];
      const auto shift = shift_to(distinct[centre], other);
      auto& pairs = pairs_[own];
      const auto found = std::find_if(pairs.begin(), pairs.end(),
                                      [&](const Pair& pair) { return pair.shift == shift && pair.site == other.site; });
      if (found == pairs.end()) {
        pairs.push_back({shift, other.site, std::move(seen)});
      } else {
        for (std::size_t i = 0; i < seen.size(); ++i) found->energy_ev[i] += seen[i];
      }
      continue;
    }
    Many many;
    many.others = static_cast<int>(others.size());
    for (std::size_t i = 0; i < others.size(); ++i) {
      many.shift[i] = shift_to(distinct[centre], distinct[others[i]]);
      many.site[i] = distinct[others[i]].site;
    }
    many.energy_ev = std::move(seen);
    many_[own].push_back(std::move(many));
  }
}

void CellInteractions::write_offsets() {
  const auto& order = translations_.order();
  // Shifts are seen as the shortest, so that few sites are near enough to a border to go over it.
  std::array<int, 3> reach{};
  const auto look = [&](const std::array<int, 3>& shift) {
    for (std::size_t i = 0; i < 3; ++i) reach[i] = std::max(reach[i], std::min(shift[i], order[i] - shift[i]));
  };
  offsets_per_class_ = 0;
  for (std::size_t s = 0; s < basis_; ++s) {
    std::stable_sort(pairs_[s].begin(), pairs_[s].end(), [](const Pair& a, const Pair& b) {
      return std::tie(a.shift, a.site) < std::tie(b.shift, b.site);
    });
    first_offset_.push_back(offsets_per_class_);
    offsets_per_class_ += pairs_[s].size();
    for (const Pair& pair : pairs_[s]) look(pair.shift);
    for (const Many& many : many_[s]) {
      offsets_per_class_ += static_cast<std::size_t>(many.others);
      for (int i = 0; i < many.others; ++i) look(many.shift[static_cast<std::size_t>(i)]);
    }
  }
  std::array<std::vector<int>, 3> class_of, representative;
  for (std::size_t i = 0; i < 3; ++i) {
    const bool near_everywhere = 2 * reach[i] + 1 >= order[i];
    for (int y = 0; y < order[i]; ++y) {
      int number = y;
      if (!near_everywhere && y >= reach[i])
        number = y < order[i] - reach[i] ? reach[i] : y - order[i] + 2 * reach[i] + 1;
      class_of[i].push_back(number);
      if (number == static_cast<int>(representative[i].size())) representative[i].push_back(y);
    }
  }
  class_.resize(cells_);
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    const auto y = coordinates(cell);
    std::size_t number = 0;
    for (std::size_t i = 0; i < 3; ++i)
      number =
          number * representative[i].size() + static_cast<std::size_t>(class_of[i][static_cast<std::size_t>(y[i])]);
    class_[cell] = static_cast<std::uint32_t>(number);
  }
  for (const int y0 : representative[0]) {
    for (const int y1 : representative[1]) {
      for (const int y2 : representative[2]) {
        const std::array<int, 3> y{y0, y1, y2};
        const auto home = static_cast<std::int64_t>(translations_.index(y) * basis_);
        const auto write = [&](const std::array<int, 3>& shift, int site, std::size_t own) {
          std::array<int, 3> there{};
          for (std::size_t i = 0; i < 3; ++i) there[i] = (y[i] + shift[i]) % order[i];
          offsets_.push_back(static_cast<std::int32_t>(static_cast<std::int64_t>(translations_.index(there) * basis_) +
                                                       site - home - static_cast<std::int64_t>(own)));
        };
        for (std::size_t s = 0; s < basis_; ++s) {
          for (const Pair& pair : pairs_[s]) write(pair.shift, pair.site, s);
          for (const Many& many : many_[s]) {
            for (std::size_t i = 0; i < static_cast<std::size_t>(many.others); ++i)
              write(many.shift[i], many.site[i], s);
          }
        }
      }
    }
  }
  for (std::size_t s = 0; s < basis_; ++s) {
    const auto own = static_cast<std::size_t>(occupants_[s]);
    std::vector<double>& change = pair_change_.emplace_back(own * own * pairs_[s].size() * stride_, 0.0);
    for (std::size_t from = 0; from < own; ++from) {
      for (std::size_t to = 0; to < own; ++to) {
        for (std::size_t p = 0; p < pairs_[s].size(); ++p) {
          const Pair& pair = pairs_[s][p];
          const auto there = static_cast<std::size_t>(occupants_[static_cast<std::size_t>(pair.site)]);
          for (std::size_t o = 1; o < there; ++o) {
            change[((from * own + to) * pairs_[s].size() + p) * stride_ + o - 1] =
                pair.energy_ev[to * there + o] - pair.energy_ev[from * there + o];
          }
        }
      }
    }
  }
}

std::vector<std::size_t> CellInteractions::numbers_of(const Supercell& supercell) const {
  std::vector<std::size_t> numbers;
  for (const int varied : supercell.varied_sites()) {
    const SupercellSite& site = supercell.sites()[static_cast<std::size_t>(varied)];
    const LatticeSite& home = sites_.of_parent_site(site.parent_site);
    const Eigen::Vector3i shift = sites_.cell_in_primitive().transpose() * site.cell;
    const std::array<int, 3> cell{home.cell[0] + shift[0], home.cell[1] + shift[1], home.cell[2] + shift[2]};
    numbers.push_back(translations_.index(translations_.coordinates(cell)) * basis_ +
                      static_cast<std::size_t>(home.site));
  }
  return numbers;
}

std::size_t CellInteractions::table_bytes() const {
  return class_.size() * sizeof(std::uint32_t) + offsets_.size() * sizeof(std::int32_t) +
         coulomb_.size() * sizeof(double);
}

std::size_t CellInteractions::walker_bytes() const {
  const std::size_t a_site = 1 + stride_ * sizeof(double) + 2 * sizeof(std::uint32_t) + (charged_ ? sizeof(double) : 0);
  return a_site * site_count();
}

}  // namespace hullscan
