#include "symmetric_crystals.hpp"

#include <Eigen/LU>
#include <cmath>
#include <stdexcept>

#include "core/hash.hpp"

namespace hullscan::test {
namespace {

bool same_point(const Lattice& lattice, const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  Eigen::Vector3d difference = a - b;
  for (int i = 0; i < 3; ++i) difference[i] -= std::round(difference[i]);
  return lattice.to_cartesian({difference}).x.norm() < 1e-3;
}

bool preserves(const std::vector<VariedSite>& sites, const Lattice& lattice, const SymmetryOperation& operation) {
  for (const VariedSite& site : sites) {
    const Eigen::Vector3d image = operation.rotation.cast<double>() * site.fractional + operation.translation;
    bool found = false;
    for (const VariedSite& other : sites) {
      found = found || (other.allowed == site.allowed && same_point(lattice, image, other.fractional));
    }
    if (!found) return false;
  }
  return true;
}

int site_at(const Supercell& supercell, const Eigen::Vector3d& cartesian) {
  const Eigen::Vector3d fractional = supercell.lattice().to_fractional({cartesian}).x;
  for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
    const SupercellSite& site = supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[v])];
    if (same_point(supercell.lattice(), fractional, site.position.x)) return static_cast<int>(v);
  }
  throw std::logic_error("no site there");
}

Eigen::Vector3d cartesian_of(const Supercell& supercell, std::size_t varied) {
  return supercell.lattice()
      .to_cartesian(supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[varied])].position)
      .x;
}

}  // namespace

std::vector<Species> species(const std::vector<std::string>& symbols) {
  std::vector<Species> result;
  for (const std::string& symbol : symbols) result.push_back(Species::from_symbol(symbol));
  return result;
}

std::shared_ptr<const ParentCrystal> primitive_parent(const Eigen::Matrix3d& rows,
                                                      const std::vector<VariedSite>& sites) {
  ParentCrystal parent{.lattice = Lattice(rows),
                       .sites = {},
                       .sublattices = {},
                       .space_group_number = 1,
                       .space_group_symbol = "",
                       .symprec_angstrom = 1e-3,
                       .cell_in_primitive = Eigen::Matrix3i::Identity(),
                       .operations = {},
                       .source = "test"};
  for (const VariedSite& site : sites) {
    ParentSite parent_site{.label = "S",
                           .wyckoff_letter = '?',
                           .position = wrapped({site.fractional}),
                           .sublattice = kFixedSite,
                           .fixed_species = site.allowed.front()};
    if (site.allowed.size() > 1) {
      std::size_t s = 0;
      while (s < parent.sublattices.size() && parent.sublattices[s].allowed != site.allowed) ++s;
      if (s == parent.sublattices.size())
        parent.sublattices.push_back({std::string(1, static_cast<char>('A' + s)), site.allowed, {}});
      parent.sublattices[s].sites.push_back(static_cast<int>(parent.sites.size()));
      parent_site.sublattice = static_cast<int>(s);
    }
    parent.sites.push_back(parent_site);
  }

  const Eigen::Matrix3d metric = rows * rows.transpose();
  for (int code = 0; code < 19683; ++code) {  // 3^9
    Eigen::Matrix3i rotation;
    for (int i = 0, rest = code; i < 9; ++i, rest /= 3) rotation(i / 3, i % 3) = rest % 3 - 1;
    const Eigen::Matrix3d r = rotation.cast<double>();
    if ((r.transpose() * metric * r - metric).norm() > 1e-6) continue;
    for (const VariedSite& target : sites) {
      const SymmetryOperation operation{rotation, target.fractional - r * sites.front().fractional};
      bool known = false;
      for (const SymmetryOperation& other : parent.operations) {
        known = known ||
                (other.rotation == rotation && same_point(parent.lattice, other.translation, operation.translation));
      }
      if (!known && preserves(sites, parent.lattice, operation)) parent.operations.push_back(operation);
    }
  }
  return std::make_shared<const ParentCrystal>(parent);
}

std::shared_ptr<const ParentCrystal> in_larger_cell(const ParentCrystal& primitive, const Eigen::Matrix3i& cell) {
  ParentCrystal larger = primitive;
  larger.lattice = Lattice(cell.cast<double>() * primitive.lattice.rows());
  larger.cell_in_primitive = cell;
  larger.sites.clear();
  for (Sublattice& sublattice : larger.sublattices) sublattice.sites.clear();
  const Supercell layout(std::make_shared<const ParentCrystal>(primitive), cell);
  for (const SupercellSite& site : layout.sites()) {
    ParentSite copy = primitive.sites[static_cast<std::size_t>(site.parent_site)];
    copy.position = site.position;
    if (copy.sublattice != kFixedSite) {
      larger.sublattices[static_cast<std::size_t>(copy.sublattice)].sites.push_back(
          static_cast<int>(larger.sites.size()));
    }
    larger.sites.push_back(copy);
  }
  return std::make_shared<const ParentCrystal>(larger);
}

std::shared_ptr<const ParentCrystal> fcc(const std::vector<std::string>& symbols, double lattice_constant) {
  Eigen::Matrix3d rows;
  rows << 0, 1, 1, 1, 0, 1, 1, 1, 0;
  return primitive_parent(rows * (lattice_constant / 2), {{Eigen::Vector3d::Zero(), species(symbols)}});
}

std::shared_ptr<const ParentCrystal> perovskite(const std::vector<std::string>& on_oxygen) {
  const std::vector<Species> oxygen = species(on_oxygen);
  return primitive_parent(Eigen::Matrix3d::Identity() * 4.0, {{{0, 0, 0}, species({"Sr"})},
                                                              {{0.5, 0.5, 0.5}, species({"Cu"})},
                                                              {{0.5, 0.5, 0}, oxygen},
                                                              {{0, 0.5, 0.5}, oxygen},
                                                              {{0.5, 0, 0.5}, oxygen}});
}

std::shared_ptr<const ParentCrystal> rock_salt(const std::vector<std::string>& cations,
                                               const std::vector<std::string>& anions) {
  Eigen::Matrix3d rows;
  rows << 0, 2, 2, 2, 0, 2, 2, 2, 0;
  return primitive_parent(rows, {{{0, 0, 0}, species(cations)}, {{0.5, 0.5, 0.5}, species(anions)}});
}

std::vector<std::vector<int>> supercell_group(const Supercell& supercell) {
  const Lattice primitive = supercell.parent().primitive_lattice();
  const Eigen::Matrix3d to_cartesian = primitive.rows().transpose();
  const Eigen::Matrix3d from_cartesian = to_cartesian.inverse();
  const Eigen::Matrix3d cell_inverse = supercell.lattice().rows().transpose().inverse();
  // Translations of the primitive lattice inside the supercell.
  std::vector<Eigen::Vector3d> translations;
  const int reach = 8;
  for (int i = -reach; i <= reach; ++i) {
    for (int j = -reach; j <= reach; ++j) {
      for (int k = -reach; k <= reach; ++k) {
        const Eigen::Vector3d translation = to_cartesian * Eigen::Vector3d(i, j, k);
        const Eigen::Vector3d inside = cell_inverse * translation;
        if ((inside.array() > -1e-9).all() && (inside.array() < 1 - 1e-9).all()) translations.push_back(translation);
      }
    }
  }
  std::vector<std::vector<int>> group;
  for (const SymmetryOperation& operation : supercell.parent().operations) {
    const Eigen::Matrix3d rotation = to_cartesian * operation.rotation.cast<double>() * from_cartesian;
    const Eigen::Matrix3d of_cell = cell_inverse * rotation * supercell.lattice().rows().transpose();
    const Eigen::Matrix3d rounded = of_cell.array().round();
    if ((of_cell - rounded).norm() > 1e-6) continue;
    for (const Eigen::Vector3d& translation : translations) {
      std::vector<int> images;
      for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
        images.push_back(site_at(
            supercell, rotation * cartesian_of(supercell, v) + to_cartesian * operation.translation + translation));
      }
      group.push_back(images);
    }
  }
  return group;
}

std::vector<std::uint8_t> moved(const std::vector<std::uint8_t>& occupation, const std::vector<int>& permutation) {
  std::vector<std::uint8_t> image(occupation.size());
  for (std::size_t i = 0; i < occupation.size(); ++i) image[static_cast<std::size_t>(permutation[i])] = occupation[i];
  return image;
}

std::vector<std::uint8_t> rewritten(const Supercell& from, const std::vector<std::uint8_t>& occupation,
                                    const Supercell& to) {
  std::vector<std::uint8_t> result;
  for (std::size_t v = 0; v < to.varied_sites().size(); ++v) {
    result.push_back(occupation[static_cast<std::size_t>(site_at(from, cartesian_of(to, v)))]);
  }
  return result;
}

std::vector<std::uint8_t> random_occupation(const Supercell& supercell, std::uint64_t seed) {
  std::vector<std::uint8_t> occupation;
  for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v) {
    const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(v)));
    occupation.push_back(
        static_cast<std::uint8_t>(random_bits(seed, v) % supercell.parent().sublattices[sublattice].allowed.size()));
  }
  return occupation;
}

}  // namespace hullscan::test
