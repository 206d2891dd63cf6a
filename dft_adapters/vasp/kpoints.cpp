#include "dft_adapters/vasp/kpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;
constexpr double kSlack = 1e-6;  ///< keeps vectors that symmetry makes equal from being rounded apart

/// Lengths that symmetry makes equal, or 60 degrees: an even grid beside Γ would lose the symmetry.
bool needs_gamma(const Lattice& lattice) {
  const Eigen::Vector3d lengths = lattice.lengths_angstrom(), angles = lattice.angles_degree();
  bool square = true, two_equal = false;
  for (int i = 0; i < 3; ++i) {
    square = square && std::abs(angles[i] - 90) < 0.1;
    two_equal = two_equal || std::abs(lengths[i] - lengths[(i + 1) % 3]) < 1e-3 * lengths[i];
  }
  return !square && two_equal;
}

constexpr double kMostPointsAlong = 1e6;  ///< no calculation has so many; keeps a cell without extent within int

}  // namespace

KPointGrid grid_by_density(const Lattice& lattice, double reciprocal_density) {
  const double volume = std::pow(kTwoPi, 3) / lattice.volume_cubic_angstrom();
  const Eigen::Vector3d lengths = lattice.lengths_angstrom();
  const double multiplier = std::cbrt(reciprocal_density * volume * lengths[0] * lengths[1] * lengths[2]);
  KPointGrid grid;
  bool any_odd = false;
  for (int i = 0; i < 3; ++i) {
    const int n = static_cast<int>(std::floor(std::clamp(multiplier / lengths[i] + kSlack, 1.0, kMostPointsAlong)));
    grid.n[static_cast<std::size_t>(i)] = n;
    any_odd = any_odd || n % 2 == 1;
  }
  grid.gamma_centred = any_odd || needs_gamma(lattice);
  return grid;
}

KPointGrid grid_by_length(const Lattice& lattice, double length_angstrom) {
  KPointGrid grid;
  const Eigen::Matrix3d reciprocal = lattice.reciprocal_rows() / kTwoPi;
  for (int i = 0; i < 3; ++i) {
    const double points = std::floor(length_angstrom * reciprocal.row(i).norm() + 0.5 + kSlack);
    grid.n[static_cast<std::size_t>(i)] = std::max(1, static_cast<int>(points));
  }
  return grid;
}

KPointGrid grid_by_spacing(const Lattice& lattice, double spacing_per_angstrom) {
  KPointGrid grid;
  const Eigen::Matrix3d reciprocal = lattice.reciprocal_rows();
  for (int i = 0; i < 3; ++i) {
    const double points = std::ceil(reciprocal.row(i).norm() / spacing_per_angstrom - kSlack);
    grid.n[static_cast<std::size_t>(i)] = std::max(1, static_cast<int>(points));
  }
  return grid;
}

std::string kpoints_text(const KPointGrid& grid) {
  return fmt::format("hullscan\n0\n{}\n{} {} {}\n0 0 0\n", grid.gamma_centred ? "Gamma" : "Monkhorst-Pack", grid.n[0],
                     grid.n[1], grid.n[2]);
}

std::optional<KPointGrid> parse_kpoints(std::string_view text, std::string& problem) {
  const auto all = detail::lines(text);
  problem = "expected a regular grid: comment, 0, Gamma or Monkhorst-Pack, three numbers, shift 0 0 0";
  if (all.size() < 4 || detail::words(all[1]).empty() || detail::words(all[1])[0] != "0") return std::nullopt;
  const std::string style = detail::lower_case(detail::trimmed(all[2]));
  if (style.empty() || (style[0] != 'g' && style[0] != 'm')) return std::nullopt;
  KPointGrid grid;
  grid.gamma_centred = style[0] == 'g';
  const auto numbers = detail::words(all[3]);
  if (numbers.size() < 3) return std::nullopt;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto n = detail::to_integer(numbers[i]);
    if (!n || *n < 1 || *n > 1000) return std::nullopt;
    grid.n[i] = static_cast<int>(*n);
  }
  if (all.size() > 4) {
    for (const std::string& word : detail::words(all[4])) {
      if (const auto shift = detail::to_number(word); shift && *shift != 0) return std::nullopt;
    }
  }
  problem.clear();
  return grid;
}

}  // namespace hullscan::vasp
