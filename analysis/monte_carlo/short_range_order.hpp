/// @file
/// Order of neighbours (Warren-Cowley parameters) and of sublattices, from numbers that were counted. How pairs are
/// counted, and which shells there are, is not here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hullscan {

/// [species at the first site][species at the second]: pairs of one shell. Among sites that are alike every pair is
/// counted from both of its ends. Averages of counts are as good as counts.
using PairCounts = std::vector<std::vector<double>>;

/// [i][j]: alpha_ij = (p(j|i) - c_j) / (delta_ij - c_j), p(j|i) the share of species j among the neighbours of species
/// i, c_j that among all neighbours of the shell. 0: no order; for i != j, 1 - p(j|i)/c_j: negative where unlike
/// neighbours are preferred; for a binary the same number in all four places. Nothing where it is not defined: species
/// i is not there, or j is not, or j is alone.
/// Source: Cowley, Phys. Rev. 77, 669 (1950); several species: de Fontaine, J. Appl. Cryst. 4, 15 (1971).
/// @throws InputError if the counts are not square.
std::vector<std::vector<std::optional<double>>> warren_cowley(const PairCounts& pairs);

/// [group][species]: share of the species among a group's sites.
/// @param occupation, group [sites]; species below `species`, groups below `groups`. A group without sites has zeros.
std::vector<std::vector<double>> occupation_of_groups(std::span<const std::uint8_t> occupation,
                                                      std::span<const std::size_t> group, std::size_t groups,
                                                      std::size_t species);

/// S = (r - x) / (1 - y): 1 where a species is on its own sites only and fills them at the ideal composition x = y, 0
/// where it is spread evenly. Source: Warren, X-ray Diffraction (1969), chapter 12.
/// @param on_own_sites r, share of the species on the sites that are its own in the ordered phase.
/// @param overall x, its share of all sites. @param own_sites y < 1, share of its own sites among all.
double long_range_order(double on_own_sites, double overall, double own_sites);

}  // namespace hullscan
