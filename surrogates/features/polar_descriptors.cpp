#include "surrogates/features/polar_descriptors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hullscan {
namespace {

/// The image of `site` that is nearest to `point`.
Eigen::Vector3d nearest_image(const Lattice& lattice, const Fractional& site, const Eigen::Vector3d& point) {
  const Eigen::Vector3d at = wrapped(site).x, about = lattice.to_fractional({point}).x;
  const Eigen::Vector3d base = (about - at).array().round().matrix();
  Eigen::Vector3d best = Eigen::Vector3d::Zero();
  double shortest = 1e300;
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      for (int k = -1; k <= 1; ++k) {
        const Eigen::Vector3d x = lattice.to_cartesian({at + base + Eigen::Vector3d(i, j, k)}).x;
        // The first of equally far images in this order is taken, whatever the rounding.
        if (const double distance = (x - point).norm(); distance < shortest - 1e-6) {
          shortest = distance;
          best = x;
        }
      }
    }
  }
  return best;
}

}  // namespace

PolarPlace polar_place(const Supercell& supercell, const MarkedPair& pair, std::size_t site) {
  const Eigen::Vector3d middle = 0.5 * (pair.begin.x + pair.end.x), line = (pair.end.x - pair.begin.x).normalized();
  const auto at = static_cast<std::size_t>(supercell.varied_sites()[site]);
  const Eigen::Vector3d x = nearest_image(supercell.lattice(), supercell.sites()[at].position, middle);
  const double far = (x - middle).norm();
  const double cosine = far > 0 ? std::min(1.0, std::abs(line.dot(x - middle)) / far) : 1.0;
  return {far, 90 * (std::acos(cosine) / std::acos(0.0)), (x - pair.begin.x).norm(), (x - pair.end.x).norm()};
}

std::size_t PolarDescriptors::count() const {
  return settings_.path_types + settings_.site_classes + 2 + settings_.distance_bins + settings_.angle_bins;
}

std::vector<std::string> PolarDescriptors::names(std::span<const std::string> class_names) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < settings_.path_types; ++i) names.push_back(fmt::format("path {}", i + 1));
  for (std::size_t i = 0; i < settings_.site_classes; ++i) names.push_back("on " + class_names[i]);
  names.insert(names.end(), {"nearer end 1", "nearer end 2"});
  const double wide = settings_.longest_angstrom / static_cast<double>(settings_.distance_bins);
  for (std::size_t i = 0; i < settings_.distance_bins; ++i) {
    names.push_back(i + 1 < settings_.distance_bins ? fmt::format("{:.1f}-{:.1f} Å", wide * static_cast<double>(i),
                                                                  wide * static_cast<double>(i + 1))
                                                    : fmt::format("over {:.1f} Å", wide * static_cast<double>(i)));
  }
  const double angle = 90.0 / static_cast<double>(settings_.angle_bins);
  for (std::size_t i = 0; i < settings_.angle_bins; ++i) {
    names.push_back(
        fmt::format("{:.0f}-{:.0f} degrees", angle * static_cast<double>(i), angle * static_cast<double>(i + 1)));
  }
  return names;
}

std::vector<std::string> PolarDescriptors::groups() const {
  std::vector<std::string> groups(settings_.path_types, "path type");
  groups.insert(groups.end(), settings_.site_classes, "dopant sublattice");
  groups.insert(groups.end(), 2, "nearer end");
  groups.insert(groups.end(), settings_.distance_bins, "distance");
  groups.insert(groups.end(), settings_.angle_bins, "angle");
  return groups;
}

void PolarDescriptors::fill(const Supercell& supercell, const MarkedPair& pair, std::span<const std::size_t> dopants,
                            std::span<double> row) const {
  constexpr double kRounding = 1e-9, kSameDistanceAngstrom = 1e-6;
  std::fill(row.begin(), row.end(), 0.0);
  row[pair.type] = 1;
  const std::span<double> on = row.subspan(settings_.path_types), end = on.subspan(settings_.site_classes),
                          distance = end.subspan(2), angle = distance.subspan(settings_.distance_bins);
  const auto bin = [](double share, std::size_t bins) {
    const auto at = static_cast<std::ptrdiff_t>(std::floor(share * static_cast<double>(bins) + kRounding));
    return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, static_cast<std::ptrdiff_t>(bins) - 1));
  };
  for (const std::size_t dopant : dopants) {
    const PolarPlace place = polar_place(supercell, pair, dopant);
    on[settings_.class_of_site[dopant]] += 1;
    if (std::abs(place.to_begin_angstrom - place.to_end_angstrom) < kSameDistanceAngstrom) {
      end[0] += 0.5;
      end[1] += 0.5;
    } else {
      end[place.to_begin_angstrom < place.to_end_angstrom ? 0 : 1] += 1;
    }
    distance[bin(place.distance_angstrom / settings_.longest_angstrom, settings_.distance_bins)] += 1;
    angle[bin(place.angle_degrees / 90, settings_.angle_bins)] += 1;
  }
}

}  // namespace hullscan
