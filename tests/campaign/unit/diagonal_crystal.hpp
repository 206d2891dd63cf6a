/// @file
/// Crystals of which nothing but the composition and the labels matter.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/crystal.hpp"

namespace hullscan::test {

struct Atom {
  std::string occupants;  ///< "Li" or "Li:0.5 Va:0.5"
  std::string label = "";
};

/// A cubic cell of 10 Å with the atoms along its diagonal; labels S1, S2, … where none are given.
inline std::shared_ptr<const Crystal> crystal_of(const std::vector<Atom>& atoms) {
  Crystal crystal{Lattice(Eigen::Matrix3d(10 * Eigen::Matrix3d::Identity())), {}, "test"};
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const double x = static_cast<double>(i) / static_cast<double>(atoms.size());
    CrystalSite site{atoms[i].label.empty() ? "S" + std::to_string(i + 1) : atoms[i].label, Fractional{{x, x, x}}, {}};
    std::istringstream words(atoms[i].occupants);
    for (std::string word; words >> word;) {
      const auto colon = word.find(':');
      site.occupants.push_back({Species::from_symbol(word.substr(0, colon)),
                                colon == std::string::npos ? 1.0 : std::stod(word.substr(colon + 1)), std::nullopt});
    }
    std::sort(site.occupants.begin(), site.occupants.end(),
              [](const Occupant& a, const Occupant& b) { return a.species < b.species; });
    crystal.sites.push_back(std::move(site));
  }
  return std::make_shared<const Crystal>(std::move(crystal));
}

}  // namespace hullscan::test
