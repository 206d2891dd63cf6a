#include "enumerator/orbits/forbidden_pairs.hpp"

#include <algorithm>
#include <cmath>

namespace hullscan {
namespace {

/// The shortest distance between a point and the images of another; of a point and itself, its nearest own image.
double distance(const Supercell& supercell, const SupercellSite& a, const SupercellSite& b) {
  if (&a == &b) return supercell.lattice().shortest_vector_angstrom();
  return supercell.lattice().distance_angstrom(a.position, b.position);
}

template <class T>
void sort_unique(std::vector<T>& v) {
  std::sort(v.begin(), v.end());
  v.erase(std::unique(v.begin(), v.end()), v.end());
}

}  // namespace

bool ForbiddenPairs::allows(std::span<const std::uint8_t> occupation) const {
  return std::none_of(sites.begin(), sites.end(), [&](const Site& s) { return occupation[s.site] == s.species; }) &&
         std::none_of(pairs.begin(), pairs.end(), [&](const Pair& p) {
           return occupation[p.a.site] == p.a.species && occupation[p.b.site] == p.b.species;
         });
}

ForbiddenPairs forbidden_pairs(const Supercell& supercell, const PermutationGroup& group,
                               std::span<const MinimumDistance> rules) {
  ForbiddenPairs forbidden;
  if (rules.empty()) return forbidden;
  const ParentCrystal& parent = supercell.parent();
  const auto& sites = supercell.sites();
  const auto parent_site = [&](int site) -> const ParentSite& {
    return parent.sites[static_cast<std::size_t>(sites[static_cast<std::size_t>(site)].parent_site)];
  };
  const auto allowed_at = [&](int site) -> std::vector<Species> {
    const ParentSite& p = parent_site(site);
    if (p.sublattice == kFixedSite) return {p.fixed_species};
    return parent.sublattices[static_cast<std::size_t>(p.sublattice)].allowed;
  };
  std::vector<int> varied_index(sites.size(), -1);
  for (std::size_t i = 0; i < supercell.varied_sites().size(); ++i) {
    varied_index[static_cast<std::size_t>(supercell.varied_sites()[i])] = static_cast<int>(i);
  }

  std::vector<std::vector<Species>> allowed;  // [site]
  for (int site = 0; site < static_cast<int>(sites.size()); ++site) allowed.push_back(allowed_at(site));
  // Distances that symmetry makes equal differ by what the tolerance lets pass. Only one so near to a rule's distance
  // can be on one side of it while its images are on the other.
  const double uncertain = 4 * parent.symprec_angstrom + 1e-6;
  bool near_a_rule = false;

  for (const int first : supercell.varied_sites()) {
    const auto first_varied = static_cast<std::uint16_t>(varied_index[static_cast<std::size_t>(first)]);
    for (int second = 0; second < static_cast<int>(sites.size()); ++second) {
      const int second_varied = varied_index[static_cast<std::size_t>(second)];
      if (second_varied >= 0 && second < first) continue;
      double d = -1;
      for (const MinimumDistance& rule : rules) {
        const auto &a = allowed[static_cast<std::size_t>(first)], &b = allowed[static_cast<std::size_t>(second)];
        for (std::size_t i = 0; i < a.size(); ++i) {
          for (std::size_t j = 0; j < b.size(); ++j) {
            if (!((a[i] == rule.a && b[j] == rule.b) || (a[i] == rule.b && b[j] == rule.a))) continue;
            if (first == second && i != j) continue;
            if (d < 0) {
              d = distance(supercell, sites[static_cast<std::size_t>(first)], sites[static_cast<std::size_t>(second)]);
            }
            const double margin = d - (rule.angstrom - parent.symprec_angstrom);
            near_a_rule = near_a_rule || std::abs(margin) < uncertain;
            if (margin >= 0) continue;
            const ForbiddenPairs::Site here{first_varied, static_cast<std::uint8_t>(i)};
            if (second_varied < 0 || first == second) {
              forbidden.sites.push_back(here);
            } else {
              forbidden.pairs.push_back(
                  {here, {static_cast<std::uint16_t>(second_varied), static_cast<std::uint8_t>(j)}});
            }
          }
        }
      }
    }
  }
  sort_unique(forbidden.sites);
  sort_unique(forbidden.pairs);

  if (!near_a_rule) return forbidden;

  // Close the relation under the group. Almost always it is closed already, so only images that are not there are
  // added. One round is enough: the images under all elements are whole orbits.
  std::vector<ForbiddenPairs::Site> fresh_sites;
  for (std::size_t g = 0; g < group.order(); ++g) {
    for (ForbiddenPairs::Site s : forbidden.sites) {
      s.site = group.element(g)[s.site];
      if (!std::binary_search(forbidden.sites.begin(), forbidden.sites.end(), s)) fresh_sites.push_back(s);
    }
  }
  forbidden.sites.insert(forbidden.sites.end(), fresh_sites.begin(), fresh_sites.end());
  sort_unique(forbidden.sites);
  std::vector<ForbiddenPairs::Pair> fresh;
  for (std::size_t g = 0; g < group.order(); ++g) {
    for (ForbiddenPairs::Pair p : forbidden.pairs) {
      p.a.site = group.element(g)[p.a.site];
      p.b.site = group.element(g)[p.b.site];
      if (p.b.site < p.a.site) std::swap(p.a, p.b);
      if (!std::binary_search(forbidden.pairs.begin(), forbidden.pairs.end(), p)) fresh.push_back(p);
    }
  }
  forbidden.pairs.insert(forbidden.pairs.end(), fresh.begin(), fresh.end());
  sort_unique(forbidden.pairs);
  return forbidden;
}

}  // namespace hullscan
