#include "enumerator/mapping/lattice_mapping.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>  // std::gcd
#include <optional>
#include <set>

#include "core/layer.hpp"
#include "enumerator/crystal/detail/integer_lattice.hpp"
#include "enumerator/crystal/supercells.hpp"
#include "enumerator/mapping/assignment.hpp"
#include "enumerator/mapping/lattice_orientations.hpp"

namespace hullscan {
namespace {

using detail::determinant;

constexpr double kSameSite = 1e-3;    ///< fractional: sites of the parent that are one
constexpr double kClearShear = 0.03;  ///< with less, and less than the next, the unrotated cell is taken at once
constexpr double kClearRmsAngstrom = 0.1;
/// Shear strains within which orientations are looked for, one after the other: as long as what was found is not better
/// than anything beyond could be.
constexpr std::array<double, 4> kShearSteps = {0.005, 0.03, 0.1, std::numeric_limits<double>::infinity()};
constexpr std::size_t kMostAnchors = 3;
constexpr int kShiftRounds = 5;
/// Sites³ of all placements together: what lies on no lattice would be tried on thousands. Never reached by small
/// cells.
constexpr double kMostWork = 3e8;
/// A translation is not followed where the nearest sites, taken or not, are farther than the best one's by this:
/// factor, and Å added.
constexpr double kHopelessFactor = 1.5, kHopelessAngstrom = 0.2;
constexpr double kMostCells =
    1e6;  ///< primitive cells in a structure; beyond it the cell is not a structure of this crystal

Eigen::Vector3d folded(Eigen::Vector3d difference) {
  for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
  return difference;
}

/// A basis of the same lattice whose vectors are short: pairs first, then each against all small sums of the others.
Eigen::Matrix3d short_basis(Eigen::Matrix3d rows) {
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (int i = 0; i < 3; ++i) {
      const int j = (i + 1) % 3, k = (i + 2) % 3;
      for (int a = -1; a <= 1; ++a) {
        for (int b = -1; b <= 1; ++b) {
          const Eigen::RowVector3d candidate = rows.row(i) + a * rows.row(j) + b * rows.row(k);
          if (candidate.squaredNorm() < rows.row(i).squaredNorm() * (1 - 1e-9)) {
            rows.row(i) = candidate;
            shorter = true;
          }
        }
      }
    }
  }
  return rows;
}

/// The vectors of lattice `a` that are also vectors of lattice `b`, as rows in units of `b`'s vectors.
SupercellMatrix common_sublattice(const Eigen::Matrix3i& a, const Eigen::Matrix3i& b) {
  const int index = static_cast<int>(std::abs(determinant(b.cast<std::int64_t>())));
  const Eigen::Matrix3d inverse = b.cast<double>().inverse();
  const auto in_b = [&](const Eigen::Vector3i& of_a) -> std::optional<Eigen::RowVector3i> {
    const Eigen::RowVector3d x = (of_a.transpose() * a).cast<double>() * inverse;
    const Eigen::RowVector3d whole = x.array().round();
    if ((x - whole).cwiseAbs().maxCoeff() > 1e-6) return std::nullopt;
    return whole.cast<int>();
  };
  // A triangular basis, the last row first; `index` times any vector of a is in b.
  SupercellMatrix rows;
  for (int k = 1; k <= index; ++k) {
    if (const auto found = in_b({0, 0, k})) {
      rows.row(2) = *found;
      break;
    }
  }
  for (int level = 1; level >= 0; --level) {
    const auto search = [&] {
      for (int pivot = 1; pivot <= index; ++pivot) {
        for (int j = 0; j < (level == 0 ? index : 1); ++j) {
          for (int k = 0; k < index; ++k) {
            const Eigen::Vector3i v = level == 1 ? Eigen::Vector3i(0, pivot, k) : Eigen::Vector3i(pivot, j, k);
            if (const auto found = in_b(v)) {
              rows.row(level) = *found;
              return;
            }
          }
        }
      }
    };
    search();
  }
  return rows;
}

}  // namespace

std::vector<std::uint8_t> occupation_in(const Supercell& supercell, const PlacedAtoms& placed,
                                        const SymmetryOperation& operation) {
  const ParentCrystal& parent = supercell.parent();
  const Eigen::Matrix3d to_primitive =
      parent.cell_in_primitive.cast<double>().transpose() * supercell.matrix().cast<double>().transpose();
  const Eigen::Matrix3d back = operation.rotation.cast<double>().inverse();
  const Eigen::Matrix3d to_cell = placed.cells.cast<double>().inverse().transpose();
  std::vector<std::uint8_t> occupation;
  occupation.reserve(supercell.varied_sites().size());
  for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
    const SupercellSite& at = supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[v])];
    const Eigen::Vector3d position = to_cell * (back * (to_primitive * at.position.x - operation.translation));
    std::size_t nearest = 0;
    double distance = std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < placed.site.size(); ++s) {
      const double away = folded(placed.site[s] - position).squaredNorm();
      if (away < distance) {
        distance = away;
        nearest = s;
      }
    }
    const auto& allowed =
        parent.sublattices[static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(v)))].allowed;
    const auto found = std::find(allowed.begin(), allowed.end(), placed.occupant[nearest]);
    occupation.push_back(static_cast<std::uint8_t>(found - allowed.begin()));
  }
  return occupation;
}

LatticeMapper::LatticeMapper(std::shared_ptr<const ParentCrystal> parent, MappingLimits limits)
    : parent_(std::move(parent)), limits_(limits), primitive_(parent_->primitive_lattice()) {
  for (const ParentSite& site : parent_->sites) {
    Site made;
    made.position = wrapped({parent_->cell_in_primitive.cast<double>().transpose() * site.position.x}).x;
    if (site.sublattice == kFixedSite) {
      if (site.fixed_species.is_vacancy()) continue;
      made.allowed = {site.fixed_species};
    } else {
      made.allowed = parent_->sublattices[static_cast<std::size_t>(site.sublattice)].allowed;
    }
    const bool known = std::any_of(sites_.begin(), sites_.end(), [&](const Site& other) {
      return folded(other.position - made.position).cwiseAbs().maxCoeff() < kSameSite;
    });
    if (!known) sites_.push_back(std::move(made));
  }
  Structure all{primitive_, {}, {}};
  for (const Site& site : sites_) {
    all.species.push_back(site.allowed.front());
    all.positions.push_back({site.position});
  }
  if (layer_shape(all)) layer_ = std::move(all);
}

std::vector<int> LatticeMapper::volume_factors(const Structure& structure, std::string& reason) const {
  std::map<Species, int> count;
  for (const Species species : structure.species) ++count[species];
  struct Bounds {
    int least = 0, most = 0;
  };
  std::map<Species, Bounds> of_species;
  Bounds of_all;
  for (const Site& site : sites_) {
    ++of_all.most;
    if (std::find(site.allowed.begin(), site.allowed.end(), Species::vacancy()) == site.allowed.end()) ++of_all.least;
    for (const Species species : site.allowed) ++of_species[species].most;
    if (site.allowed.size() == 1) ++of_species[site.allowed.front()].least;
  }
  for (const auto& [species, number] : count) {
    if (of_species.count(species) == 0) {
      reason = fmt::format("{} may not be on any site of the parent crystal", species.symbol());
      return {};
    }
  }
  const double cells = structure.lattice.volume_cubic_angstrom() / primitive_.volume_cubic_angstrom();
  const double widest = std::pow(limits_.largest_linear_scale, 3);
  const auto atoms = static_cast<int>(structure.atom_count());
  if (!(cells * widest < kMostCells)) {
    reason = fmt::format("its volume is that of {:.3g} primitive cells, more than {} are not looked for", cells,
                         kMostCells / widest);
    return {};
  }
  std::vector<int> factors;
  bool counts_fit = false;
  for (int n = 1; n <= static_cast<int>(std::ceil(cells * widest)) + atoms; ++n) {
    bool fits = atoms >= n * of_all.least && atoms <= n * of_all.most;
    for (const auto& [species, bounds] : of_species) {
      const auto found = count.find(species);
      const int number = found == count.end() ? 0 : found->second;
      if (!species.is_vacancy()) fits = fits && number >= n * bounds.least && number <= n * bounds.most;
    }
    counts_fit = counts_fit || fits;
    if (fits && cells / n < widest && cells / n > 1 / widest) factors.push_back(n);
  }
  if (factors.empty()) {
    reason =
        counts_fit
            ? fmt::format("its volume is {:.2f} of a primitive cell of the parent, too far from what its atoms fill",
                          cells)
            : fmt::format("{} does not fill a whole number of primitive cells of the parent",
                          structure.composition().formula());
  }
  return factors;
}

/// The sites of a structure's cell: those of the primitive cell, in every primitive cell of it.
struct LatticeMapper::CellSites {
  std::vector<Eigen::Vector3d>
      position;                        ///< fractional in the cell; site s of primitive cell c is number c * kinds + s
  std::vector<Eigen::Vector3d> basis;  ///< [kinds] in the primitive cell
  Eigen::Matrix3i hermite;
  Eigen::Matrix3d to_primitive;  ///< fractional in the cell -> in the primitive cell
  Eigen::Matrix3d to_cell;

  CellSites(const Eigen::Matrix3i& cells, const std::vector<Site>& sites)
      : hermite(hermite_normal_form(cells)),
        to_primitive(cells.cast<double>().transpose()),
        to_cell(cells.cast<double>().inverse().transpose()) {
    for (const Site& site : sites) basis.push_back(site.position);
    for (int i = 0; i < hermite(0, 0); ++i) {
      for (int j = 0; j < hermite(1, 1); ++j) {
        for (int k = 0; k < hermite(2, 2); ++k) {
          for (const Site& site : sites) position.push_back(to_cell * (site.position + Eigen::Vector3d(i, j, k)));
        }
      }
    }
  }

  /// The site nearest to a place among those allowed; -1 if there is none.
  /// @param place fractional in the cell. @param allowed [kinds] @param to_cartesian of the cell, Å.
  [[nodiscard]] int nearest(const Eigen::Vector3d& place, const std::vector<bool>& allowed,
                            const Eigen::Matrix3d& to_cartesian) const {
    const Eigen::Matrix3d from_primitive = to_cartesian * to_cell;
    const Eigen::Vector3d in_primitive = to_primitive * place;
    double least = std::numeric_limits<double>::infinity();
    int found = -1;
    for (std::size_t s = 0; s < basis.size(); ++s) {
      if (!allowed[s]) continue;
      const Eigen::Vector3d away = in_primitive - basis[s];
      const Eigen::Vector3d whole = away.array().round();
      const double distance = (from_primitive * (away - whole)).squaredNorm();
      if (distance >= least) continue;
      least = distance;
      found = static_cast<int>(number_of(whole.cast<int>()) * basis.size() + s);
    }
    return found;
  }

 private:
  /// The primitive cell's number, modulo the structure's cell.
  [[nodiscard]] std::size_t number_of(Eigen::Vector3i cell) const {
    for (int i = 2; i >= 0; --i) {
      const int size = hermite(i, i);
      const int times = cell[i] >= 0 ? cell[i] / size : -((-cell[i] + size - 1) / size);
      cell -= times * hermite.row(i).transpose();
    }
    return static_cast<std::size_t>((cell[0] * hermite(1, 1) + cell[1]) * hermite(2, 2) + cell[2]);
  }
};

std::variant<LatticeMapper::Placed, NotMapped> LatticeMapper::place(const Structure& structure,
                                                                    const Eigen::Matrix3d& rows,
                                                                    const Eigen::Matrix3i& cells,
                                                                    double most_rms_angstrom) const {
  const CellSites sites(cells, sites_);
  const std::vector<Eigen::Vector3d>& site = sites.position;
  const Lattice lattice(rows);
  const std::size_t atoms = structure.atom_count(), site_count = site.size();
  if (atoms > site_count) return NotMapped{"more atoms than sites"};
  std::vector<Eigen::Vector3d> atom(atoms);
  for (std::size_t a = 0; a < atoms; ++a) {
    atom[a] = lattice.to_fractional(structure.lattice.to_cartesian(structure.positions[a])).x;
  }
  const std::size_t kinds = sites_.size();
  std::map<Species, std::vector<bool>> allowed_on;  // [site of the primitive cell]
  const auto add_species = [&](Species species) {
    std::vector<bool>& row = allowed_on[species];
    if (!row.empty()) return;
    for (const Site& one : sites_)
      row.push_back(std::find(one.allowed.begin(), one.allowed.end(), species) != one.allowed.end());
  };
  for (const Species species : structure.species) add_species(species);
  add_species(Species::vacancy());
  const auto may_take = [&](std::size_t s, Species species) { return bool(allowed_on.at(species)[s % kinds]); };
  std::vector<const std::vector<bool>*> takes(atoms);
  for (std::size_t a = 0; a < atoms; ++a) takes[a] = &allowed_on.at(structure.species[a]);

  // The origin is found by putting an atom of the most selective species on each site that it may take.
  std::map<Species, std::pair<std::size_t, std::size_t>> choice;  // sites of a primitive cell, atoms
  for (const Species species : structure.species) ++choice[species].second;
  for (auto& [species, numbers] : choice) {
    for (std::size_t s = 0; s < sites_.size(); ++s) numbers.first += may_take(s, species) ? 1 : 0;
  }
  const Species anchor_species = std::min_element(choice.begin(), choice.end(), [](const auto& a, const auto& b) {
                                   return a.second < b.second;
                                 })->first;
  std::vector<std::size_t> anchors;
  for (std::size_t a = 0; a < atoms; ++a) {
    if (structure.species[a] == anchor_species) anchors.push_back(a);
  }
  if (anchors.size() > kMostAnchors) anchors = {anchors.front(), anchors[anchors.size() / 2], anchors.back()};

  Placed best;
  best.rms_angstrom = std::numeric_limits<double>::infinity();
  const auto matrix_size = static_cast<Eigen::Index>(site_count);
  const Eigen::Matrix3d to_cartesian = rows.transpose();
  const std::vector<bool>& may_be_empty = allowed_on.at(Species::vacancy());

  std::vector<int> chosen(atoms, -1);
  std::vector<Eigen::Vector3d> off(atoms);
  struct Fit {
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();  ///< fractional
    double rms_angstrom = 0, largest_angstrom = 0;
  };
  const auto fit_of_chosen = [&](const Eigen::Vector3d& shift) {
    Fit fit;
    for (std::size_t a = 0; a < atoms; ++a) {
      off[a] = folded(atom[a] - site[static_cast<std::size_t>(chosen[a])] - shift);
      fit.mean += off[a] / static_cast<double>(atoms);
    }
    double squares = 0, longest = 0;
    for (const Eigen::Vector3d& difference : off) {
      const double square = (to_cartesian * (difference - fit.mean)).squaredNorm();
      squares += square;
      longest = std::max(longest, square);
    }
    fit.rms_angstrom = std::sqrt(squares / static_cast<double>(atoms));
    fit.largest_angstrom = std::sqrt(longest);
    return fit;
  };
  const auto choose_nearest = [&](const Eigen::Vector3d& shift) {
    for (std::size_t a = 0; a < atoms; ++a) {
      chosen[a] = sites.nearest(atom[a] - shift, *takes[a], to_cartesian);
      if (chosen[a] < 0) return false;
    }
    return true;
  };
  const auto clash = [&] {
    std::vector<bool> used(site_count, false);
    for (const int at : chosen) {
      if (used[static_cast<std::size_t>(at)]) return true;
      used[static_cast<std::size_t>(at)] = true;
    }
    for (std::size_t t = 0; t < site_count; ++t) {
      if (!used[t] && !may_be_empty[t % kinds]) return true;
    }
    return false;
  };
  const auto assign = [&](const Eigen::Vector3d& shift) {
    Eigen::MatrixXd cost(matrix_size, matrix_size);
    for (std::size_t t = 0; t < site_count; ++t) {
      const auto column = static_cast<Eigen::Index>(t);
      for (std::size_t a = 0; a < atoms; ++a)
        cost(static_cast<Eigen::Index>(a), column) =
            (*takes[a])[t % kinds] ? (to_cartesian * folded(atom[a] - site[t] - shift)).squaredNorm()
                                   : std::numeric_limits<double>::infinity();
      const double value = may_be_empty[t % kinds] ? 0.0 : std::numeric_limits<double>::infinity();
      cost.col(column).tail(matrix_size - static_cast<Eigen::Index>(atoms)).setConstant(value);
    }
    const auto assigned = cheapest_assignment(cost);
    if (assigned) chosen.assign(assigned->begin(), assigned->begin() + static_cast<std::ptrdiff_t>(atoms));
    return assigned.has_value();
  };

  // The translations that already fit well come first: a good one makes the others hopeless, and those cost most.
  std::vector<std::pair<double, Eigen::Vector3d>> starts;
  for (const std::size_t anchor : anchors) {
    for (std::size_t s = 0; s < sites_.size(); ++s) {  // of the first primitive cell
      if (!may_take(s, anchor_species)) continue;
      const Eigen::Vector3d shift = atom[anchor] - site[s];
      if (!choose_nearest(shift)) return NotMapped{"an atom has no site"};
      starts.emplace_back(fit_of_chosen(shift).rms_angstrom, shift);
    }
  }
  std::stable_sort(starts.begin(), starts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [start_rms, start] : starts) {
    const double wanted_rms = std::min(best.rms_angstrom, most_rms_angstrom);
    if (best.rms_angstrom < kClearRmsAngstrom || start_rms > kHopelessFactor * wanted_rms + kHopelessAngstrom) break;
    Eigen::Vector3d shift = start;
    std::vector<int> taken;
    Fit fit{{}, std::numeric_limits<double>::infinity(), 0};
    for (int round = 0; round < kShiftRounds; ++round) {
      if (!choose_nearest(shift)) return NotMapped{"an atom has no site"};
      if (clash() && !assign(shift)) return NotMapped{"its atoms cannot take the sites of the parent crystal"};
      const Fit now = fit_of_chosen(shift);
      shift += now.mean;
      const bool settled = chosen == taken;
      if (now.rms_angstrom < fit.rms_angstrom) {
        fit = now;
        taken = chosen;
      }
      if (settled) break;
    }
    if (fit.rms_angstrom >= best.rms_angstrom - 1e-9) continue;
    best.rms_angstrom = fit.rms_angstrom;
    best.largest_angstrom = fit.largest_angstrom;
    best.atoms.occupant.assign(site_count, Species::vacancy());
    best.atoms.place_of_atom.clear();
    for (std::size_t a = 0; a < atoms; ++a) {
      const Eigen::Vector3d& its_site = site[static_cast<std::size_t>(taken[a])];
      best.atoms.occupant[static_cast<std::size_t>(taken[a])] = structure.species[a];
      best.atoms.place_of_atom.push_back(its_site + shift +
                                         Eigen::Vector3d((atom[a] - its_site - shift).array().round()));
    }
  }
  best.atoms.cells = cells;
  best.atoms.site = sites.position;
  return best;
}

Configuration LatticeMapper::configuration_of(const PlacedAtoms& placed) {
  const SupercellMatrix matrix = hermite_normal_form(common_sublattice(placed.cells, parent_->cell_in_primitive));
  auto& supercell = supercells_[std::vector<int>(matrix.data(), matrix.data() + 9)];
  if (!supercell) supercell = std::make_shared<const Supercell>(parent_, matrix);
  return {supercell, occupation_in(*supercell, placed)};
}

Structure LatticeMapper::as_mapped(const Structure& structure) const {
  return layer_ ? with_height_of(structure, *layer_) : structure;
}

std::variant<LatticeMapping, NotMapped> LatticeMapper::map(const Structure& given) {
  if (given.atom_count() == 0) return NotMapped{"it has no atoms"};
  const Structure structure = as_mapped(given);
  std::string reason;
  const std::vector<int> factors = volume_factors(structure, reason);
  if (factors.empty()) return NotMapped{reason};
  reason = fmt::format("its lattice is not a supercell of the parent within a shear strain of {}",
                       limits_.largest_shear_strain);

  struct Volume {
    int cells = 0;
    double site_edge = 0;
    /// Where the number of sites is open, the volume decides; otherwise this term is the same for all.
    double cost = 0;
    std::size_t tried = 0;  ///< of its orientations, the least sheared first
    bool done = false;
  };
  std::vector<Volume> volumes;
  for (const int cells : factors) {
    Volume volume{cells, 0, 0};
    volume.site_edge = std::cbrt(structure.lattice.volume_cubic_angstrom() /
                                 (static_cast<double>(cells) * static_cast<double>(sites_.size())));
    const double scale =
        std::cbrt(structure.lattice.volume_cubic_angstrom() / (cells * primitive_.volume_cubic_angstrom()));
    if (factors.size() > 1) volume.cost = std::pow((scale - 1) * volume.site_edge, 2);
    volumes.push_back(volume);
  }
  std::stable_sort(volumes.begin(), volumes.end(), [](const Volume& a, const Volume& b) { return a.cost < b.cost; });

  const Eigen::Matrix3d rows = short_basis(structure.lattice.rows());
  const LatticeOrientations orientations(rows, *parent_, limits_.largest_shear_strain);
  std::optional<Placed> best;
  LatticeOrientation best_orientation;
  double best_cost = std::numeric_limits<double>::infinity(), work = 0;
  const auto try_within = [&](double shear, Volume& volume) {
    const std::vector<LatticeOrientation> found = orientations.within(shear, volume.cells);
    for (; volume.tried < found.size(); ++volume.tried) {
      const LatticeOrientation& orientation = found[volume.tried];
      const double lattice_cost = volume.cost + std::pow(orientation.shear * volume.site_edge, 2);
      if (lattice_cost >= best_cost || work > kMostWork) continue;
      work += std::pow(static_cast<double>(volume.cells) * static_cast<double>(sites_.size()), 3);
      auto placed = place(structure, rows, orientation.cells, std::sqrt(best_cost - lattice_cost));
      if (const auto* failed = std::get_if<NotMapped>(&placed)) {
        reason = failed->reason;
        continue;
      }
      auto& here = std::get<Placed>(placed);
      const double cost = lattice_cost + here.rms_angstrom * here.rms_angstrom;
      if (cost < best_cost) {
        best_cost = cost;
        best_orientation = orientation;
        best = std::move(here);
      }
      if (orientation.shear < kClearShear && best && best->rms_angstrom < kClearRmsAngstrom) {
        volume.done = true;
        return;
      }
    }
  };
  for (std::size_t step = 0; step < kShearSteps.size(); ++step) {
    const double within = std::min(kShearSteps[step], limits_.largest_shear_strain);
    for (Volume& volume : volumes) {
      const double before = step == 0 ? 0 : kShearSteps[step - 1];
      if (volume.done || work > kMostWork || volume.cost + std::pow(before * volume.site_edge, 2) >= best_cost)
        continue;
      // No more shear than could still be the best; at the last step the cell as it stands has any.
      const double open = std::sqrt(best_cost - volume.cost) / volume.site_edge;
      try_within(open < within ? std::max(open, before) : within, volume);
    }
  }
  if (!best) return NotMapped{reason};
  LatticeMapping mapping;
  mapping.configuration = configuration_of(best->atoms);
  mapping.atoms = std::move(best->atoms);
  mapping.stretch = best_orientation.stretch;
  mapping.basis = Eigen::Matrix3d((rows * structure.lattice.rows().inverse()).array().round()).cast<int>();
  mapping.rotation = best_orientation.rotation;
  mapping.volume_ratio = best_orientation.stretch.determinant();
  mapping.shear_strain = best_orientation.shear;
  mapping.rms_displacement_angstrom = best->rms_angstrom;
  mapping.largest_displacement_angstrom = best->largest_angstrom;
  return mapping;
}

}  // namespace hullscan
