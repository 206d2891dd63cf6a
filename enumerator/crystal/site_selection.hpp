/// @file
/// What the `sites` of a campaign's sublattices and markers name: labels, elements, Wyckoff positions, numbers of the
/// sites of a crystal; and the other way round, names for a set of sites.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/crystal.hpp"
#include "core/errors.hpp"

namespace hullscan {

class SiteSelection {
 public:
  /// @param crystal must outlive the selection. Symmetry is looked for only when a Wyckoff position is asked for.
  SiteSelection(const Crystal& crystal, double symprec_angstrom) : crystal_(crystal), symprec_(symprec_angstrom) {}

  /// Indices of the sites that `selector` names, ascending. Case counts. "#3" and "#3..7" are sites by their number in
  /// the file's cell, from 1.
  /// Empty after a problem was added: nothing matches, or a label and an element of one name mean different sites.
  [[nodiscard]] std::vector<std::size_t> sites(const std::string& selector, const SourcePosition& where,
                                               Problems& problems) const;

  /// The fewest names that select exactly these sites: an element, all their labels, Wyckoff positions, or
  /// else their numbers. @param wanted ascending, not empty.
  [[nodiscard]] std::vector<std::string> names_of(const std::vector<std::size_t>& wanted) const;

 private:
  [[nodiscard]] std::map<std::string, std::vector<std::size_t>> wyckoff_positions(std::string& why) const;
  [[nodiscard]] bool selects(const std::string& selector, const std::vector<std::size_t>& wanted) const;

  const Crystal& crystal_;
  double symprec_;
};

}  // namespace hullscan
