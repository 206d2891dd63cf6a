#include "enumerator/files/site_images.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>  // std::accumulate

#include "core/errors.hpp"

namespace hullscan {
namespace {

/// Distances below `reach`, fast: for them the rounded difference is the nearest image if no lattice plane spacing is
/// below 2 * reach.
class NearDistance {
 public:
  NearDistance(const Lattice& lattice, double reach)
      : lattice_(lattice), rounding_suffices_((lattice.cells_within(2 * reach).array() <= 1).all()) {}

  [[nodiscard]] double operator()(const Fractional& a, const Fractional& b) const {
    if (!rounding_suffices_) return lattice_.distance_angstrom(a, b);
    Eigen::Vector3d difference = b.x - a.x;
    for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
    return (lattice_.rows().transpose() * difference).norm();
  }

 private:
  const Lattice& lattice_;
  bool rounding_suffices_;
};

Fractional apply(const SymmetryOperation& operation, const Fractional& position) {
  return {operation.rotation.cast<double>() * position.x + operation.translation};
}

/// The fixed point of the operations that leave the site where it is, to `same_image_angstrom`.
Fractional on_special_position(const NearDistance& distance, const Fractional& listed,
                               const std::vector<SymmetryOperation>& operations, double same_image_angstrom) {
  Fractional position = listed;
  for (int pass = 0; pass < 3; ++pass) {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    int count = 0;
    for (const SymmetryOperation& operation : operations) {
      const Fractional image = apply(operation, position);
      if (distance(position, image) >= same_image_angstrom) continue;
      Eigen::Vector3d difference = image.x - position.x;
      for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
      sum += difference;
      ++count;
    }
    if (count > 0) position.x += sum / count;
  }
  return position;
}

[[noreturn]] void fail(const ListedSite& site, const std::string& what) {
  throw FormatError(to_string(site.where) + ": " + what);
}

void add_occupant(CrystalSite& site, const ListedSite& listed) {
  for (Occupant& occupant : site.occupants) {
    if (occupant.species == listed.species && occupant.oxidation_state == listed.oxidation_state) {
      occupant.occupancy += listed.occupancy;
      return;
    }
  }
  if (listed.occupancy > 0) site.occupants.push_back({listed.species, listed.occupancy, listed.oxidation_state});
}

double occupancy_sum(const CrystalSite& site) {
  double sum = 0;
  for (const Occupant& occupant : site.occupants) sum += occupant.occupancy;
  return sum;
}

double atoms_on(const CrystalSite& site) {
  double sum = 0;
  for (const Occupant& occupant : site.occupants) {
    if (!occupant.species.is_vacancy()) sum += occupant.occupancy;
  }
  return sum;
}

std::string labels_text(const CrystalSite& site) {
  std::string text = site.label;
  for (const std::string& label : site.other_labels) text += ", " + label;
  return text;
}

/// The decimals a number was written with, at least.
int decimals_of(double value) {
  for (int digits = 0; digits < 6; ++digits) {
    const double shifted = value * std::pow(10.0, digits);
    if (std::abs(shifted - std::round(shifted)) < 1e-6) return digits;
  }
  return 6;
}

/// k of k/n if `value` is that fraction rounded or cut to its decimals, of which it has two or more.
std::optional<int> rounded_fraction(double value, int n) {
  const int digits = decimals_of(value);
  const double unit = std::pow(10.0, -digits), exact = std::round(value * n) / n;
  const bool is_exact = std::abs(exact - value) < 1e-9;
  const bool rounded = digits >= 2 && std::abs(exact - value) <= 0.5001 * unit;
  const bool cut = digits >= 2 && exact > value && exact - value < unit;
  // 0.49 is not a half cut short: a half has as few decimals.
  if (!is_exact && (decimals_of(exact) <= digits || !(rounded || cut))) return std::nullopt;
  return static_cast<int>(std::lround(exact * n));
}

/// Occupancies that are thirds, sixths, … rounded become those, if these sum to 1 and the numbers as written do not.
bool restore_fractions(CrystalSite& site) {
  if (site.occupants.size() < 2) return false;
  for (int n = 3; n <= 12; ++n) {
    std::vector<int> parts;
    for (const Occupant& occupant : site.occupants) {
      const auto part = rounded_fraction(occupant.occupancy, n);
      if (!part || *part == 0) break;
      parts.push_back(*part);
    }
    if (parts.size() != site.occupants.size() || std::accumulate(parts.begin(), parts.end(), 0) != n) continue;
    for (std::size_t i = 0; i < parts.size(); ++i) site.occupants[i].occupancy = static_cast<double>(parts[i]) / n;
    return true;
  }
  return false;
}

/// What is missing to 1 is vacancy; within the tolerance, or where rounding explains it, the occupancies are scaled
/// to 1.
void complete_occupants(CrystalSite& site, const SourcePosition& where, ReadingWarnings& warnings) {
  double sum = occupancy_sum(site);
  if (std::abs(sum - 1.0) > kOccupancyTolerance && (sum > 1.0 || restore_fractions(site))) {
    warnings.add(where, fmt::format("occupancies of {} sum to {:.4g}: taken as rounded, and as 1 in sum",
                                    labels_text(site), sum));
    sum = sum > 1.0 ? sum : 1.0;
    for (Occupant& occupant : site.occupants) occupant.occupancy /= sum;
    sum = 1.0;
  }
  if (std::abs(sum - 1.0) <= kOccupancyTolerance) {
    for (Occupant& occupant : site.occupants) occupant.occupancy /= sum;
  } else {
    const auto vacancy = std::find_if(site.occupants.begin(), site.occupants.end(),
                                      [](const Occupant& o) { return o.species.is_vacancy(); });
    if (vacancy != site.occupants.end()) {
      vacancy->occupancy += 1.0 - sum;
    } else {
      site.occupants.push_back({Species::vacancy(), 1.0 - sum, std::nullopt});
    }
  }
  std::stable_sort(site.occupants.begin(), site.occupants.end(),
                   [](const Occupant& a, const Occupant& b) { return a.species < b.species; });
}

/// The first site made by another list entry that is nearer than kSamePlaceAngstrom, or nothing.
std::optional<std::size_t> site_at(const std::vector<CrystalSite>& sites, const Fractional& position,
                                   const NearDistance& distance) {
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (distance(sites[i].position, position) < kSamePlaceAngstrom) return i;
  }
  return std::nullopt;
}

/// A full site of one species, given again at coordinates that symmetry or a lattice vector makes equal. The same
/// coordinates twice are not such a thing but two atoms on one place.
bool is_listed_again(const ListedSite& site, const CrystalSite& place, const std::vector<ListedSite>& listed,
                     std::size_t first) {
  return place.occupants.size() == 1 && place.occupants.front().species == site.species &&
         place.occupants.front().occupancy > 1.0 - kOccupancyTolerance && site.occupancy > 1.0 - kOccupancyTolerance &&
         (listed[first].position.x - site.position.x).cwiseAbs().maxCoeff() > 1e-3;
}

void check_distances(const SitesOfCell& expanded, const std::vector<std::size_t>& listed_of,
                     const std::vector<ListedSite>& listed, const NearDistance& distance) {
  for (std::size_t i = 0; i < expanded.sites.size(); ++i) {
    for (std::size_t j = i + 1; j < expanded.sites.size(); ++j) {
      const double d = distance(expanded.sites[i].position, expanded.sites[j].position);
      if (d >= kTooNearAngstrom) continue;
      const double atoms = atoms_on(expanded.sites[i]) + atoms_on(expanded.sites[j]);
      if (atoms <= 1.0 + kOccupancyTolerance) continue;
      const ListedSite& second = listed[listed_of[j]];
      const std::string first = labels_text(expanded.sites[i]), other = labels_text(expanded.sites[j]);
      fail(second, fmt::format("two atoms on one place: {} are {:.3f} Å apart and hold {:.3f} atoms, at most 1",
                               listed_of[i] == listed_of[j] ? "two images of site " + first
                                                            : "sites " + first + " and " + other,
                               d, atoms));
    }
  }
}

}  // namespace

std::string unusable_cell(const Lattice& lattice) {
  const Eigen::Vector3d lengths = lattice.lengths_angstrom();
  if (!(lengths.maxCoeff() <= 1e4)) {
    return fmt::format("a lattice vector of {:.6g} Å, expected at most 10000 Å", lengths.maxCoeff());
  }
  double images = 1;
  for (int i = 0; i < 3; ++i) {
    images *= 1 + lengths.sum() * lattice.reciprocal_rows().row(i).norm() / (2 * std::numbers::pi);
  }
  if (!(images <= 1e7)) {
    return fmt::format(
        "a cell of {:.6g} × {:.6g} × {:.6g} Å and {:.6g} Å^3 is too flat or too skewed to be a crystal's", lengths[0],
        lengths[1], lengths[2], lattice.volume_cubic_angstrom());
  }
  return "";
}

SitesOfCell all_sites_of_cell(const Lattice& lattice, const std::vector<ListedSite>& listed,
                              const std::vector<SymmetryOperation>& operations, ReadingWarnings& warnings) {
  const NearDistance distance(lattice, kTooNearAngstrom);
  SitesOfCell expanded;
  std::vector<std::size_t> listed_of;  // [site]
  std::vector<std::string> again;      // labels of atoms that are listed twice
  SourcePosition first_again;
  for (std::size_t l = 0; l < listed.size(); ++l) {
    const ListedSite& site = listed[l];
    const double same_image =
        site.occupancy > 0.5 + kOccupancyTolerance ? kSameImageAngstrom : kSamePartialImageAngstrom;
    const Fractional start = on_special_position(distance, site.position, operations, same_image);
    std::vector<Fractional> images;
    for (const SymmetryOperation& operation : operations) {
      const Fractional image = wrapped(apply(operation, start));
      const bool known = std::any_of(images.begin(), images.end(),
                                     [&](const Fractional& other) { return distance(other, image) < same_image; });
      if (!known) images.push_back(image);
    }
    expanded.image_counts.push_back(static_cast<int>(images.size()));

    std::vector<std::optional<std::size_t>> shared;
    for (const Fractional& image : images) shared.push_back(site_at(expanded.sites, image, distance));
    const auto shared_count = std::count_if(shared.begin(), shared.end(), [](const auto& s) { return s.has_value(); });
    if (shared_count != 0 && static_cast<std::size_t>(shared_count) != images.size()) {
      const CrystalSite& other =
          expanded.sites[**std::find_if(shared.begin(), shared.end(), [](const auto& s) { return s.has_value(); })];
      fail(site, fmt::format("site {} shares {} of its {} places with {}: they must share all or none", site.label,
                             shared_count, images.size(), other.label));
    }
    if (shared_count != 0 && is_listed_again(site, expanded.sites[*shared[0]], listed, listed_of[*shared[0]])) {
      again.push_back(site.label);
      if (again.size() == 1) first_again = site.where;
      continue;
    }
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (shared[i]) {
        CrystalSite& place = expanded.sites[*shared[i]];
        add_occupant(place, site);
        if (site.occupancy > 0 && place.label != site.label &&
            std::find(place.other_labels.begin(), place.other_labels.end(), site.label) == place.other_labels.end()) {
          place.other_labels.push_back(site.label);
        }
        const double sum = occupancy_sum(place);
        if (sum > 1.0 + kOccupancyRounding) {
          fail(site,
               fmt::format("occupancies of sites {} on one place sum to {:.4g}, at most 1", labels_text(place), sum));
        }
      } else {
        CrystalSite made{site.label, images[i], {}, {}};
        add_occupant(made, site);
        expanded.sites.push_back(std::move(made));
        listed_of.push_back(l);
      }
    }
  }
  if (!again.empty()) {
    warnings.add(
        first_again,
        fmt::format("{} of the {} listed sites, first {}, {} in places that sites before them fill with the same "
                    "atom by symmetry: {} left out",
                    again.size(), listed.size(), again.front(), again.size() == 1 ? "is" : "are",
                    again.size() == 1 ? "it is" : "they are"));
  }
  for (std::size_t i = 0; i < expanded.sites.size(); ++i)
    complete_occupants(expanded.sites[i], listed[listed_of[i]].where, warnings);
  check_distances(expanded, listed_of, listed, distance);
  return expanded;
}

}  // namespace hullscan
