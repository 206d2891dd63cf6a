/// @file
/// Contacts: pairs of occupants by sublattices, by shell and by periodic image. Unlike the orbits of
/// cluster_orbits.hpp they tell pairs apart by distance alone, as the descriptor studies of cathodes do: two
/// inequivalent pairs of one length are one contact. Simple to read; less sharp where the crystal has such pairs
/// (docs/surrogates.md).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "surrogates/features/primitive_sites.hpp"

namespace hullscan {

/// Which contacts of a pair of sites are counted: `close` means its shortest contact (or contacts), `far` those with
/// the further images, a site's own images among them; `all` means both.
enum class ContactImages : std::uint8_t { kAll, kClose, kFar };

struct ContactSettings {
  double cutoff_angstrom = 5.0;
  std::vector<ContactImages> images = {ContactImages::kAll};
  /// Å. 0: every shell of the crystal is counted by itself. Else shells do not matter, which are those of one crystal:
  /// a contact counts for the two multiples of this width next to its distance, for the nearer one more.
  double bin_angstrom = 0;
};

class ContactCounters {
 public:
  ContactCounters(const ParentCrystal& parent, ContactSettings settings);
  [[nodiscard]] const ContactSettings& settings() const { return settings_; }
  /// "Zn-Zn 6.23 Å close", of sublattice B and itself: group "B-B contacts close".
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<std::string>& groups() const { return groups_; }
  /// The same in words that do not depend on the order of sublattices and species: equal in two crystals, equal
  /// meaning.
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  [[nodiscard]] const std::vector<double>& distances_angstrom() const { return distances_; }

 private:
  friend class SupercellContacts;
  struct Shell {
    int sublattice_a = 0, sublattice_b = 0;  ///< a <= b
    double distance_angstrom = 0;
    std::size_t first_column = 0;  ///< [image][occupant of a - 1][occupant of b - 1]
    std::size_t occupants_a = 0, occupants_b = 0;
    [[nodiscard]] std::size_t columns_per_image() const;
  };
  /// A shell, and how much of the contact it counts.
  using Share = std::pair<std::uint32_t, double>;
  [[nodiscard]] std::vector<Share> shells_of(int sublattice_a, int sublattice_b, double distance_angstrom) const;
  [[nodiscard]] std::size_t shell_of(int sublattice_a, int sublattice_b, double distance_angstrom) const;
  [[nodiscard]] std::vector<double> shells_at(std::vector<double> distances) const;

  ContactSettings settings_;
  PrimitiveSites sites_;
  std::vector<Shell> shells_;
  std::vector<std::string> names_, groups_, keys_;
  std::vector<double> distances_;
};

/// Safe to use from several threads.
class SupercellContacts {
 public:
  SupercellContacts(const ContactCounters& counters, const Supercell& supercell);
  /// Adds to `row` [names().size()] the contacts of the supercell between species other than their sublattice's
  /// first.
  void count(std::span<const std::uint8_t> occupation, std::span<double> row) const;

 private:
  struct Contact {
    std::uint16_t a, b;  ///< varied sites, a on the shell's first sublattice
    std::uint32_t shell;
    bool close;
    double share;  ///< of the contact that is this shell's
  };
  const std::vector<ContactCounters::Shell> shells_;
  std::vector<ContactImages> images_;
  std::vector<Contact> contacts_;
};

}  // namespace hullscan
