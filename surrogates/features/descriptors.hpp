/// @file
/// Named columns that describe a configuration, for the table models: composition, contact counters or cluster
/// orbits, and if asked for the Ewald energy and the energy by an interatomic potential. All per primitive cell.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "surrogates/features/contact_counters.hpp"
#include "surrogates/features/lattice_features.hpp"
#include "surrogates/features/orbit_columns.hpp"
#include "surrogates/potentials/kim_energies.hpp"
#include "surrogates/regression/table_model.hpp"

namespace hullscan {

struct DescriptorSettings {
  std::string features = "contacts";  ///< or "clusters"
  ContactSettings contacts;
  FeatureSettings clusters;  ///< cutoffs of "clusters"; electrostatic and charges of both
  std::optional<KimSettings> kim;
  std::vector<std::string> leave_out;  ///< groups, or single descriptors
};

/// Takes the keys features; contacts, contact_bins and images, or pairs, triplets, quadruplets; electrostatic,
/// oxidation; kim, relax; leave_out.
DescriptorSettings read_descriptor_settings(SettingsReader& reader, const ParentCrystal& parent);
/// The same without a potential and without groups to leave out; "clusters" unless it says otherwise.
DescriptorSettings read_kernel_settings(SettingsReader& reader, const ParentCrystal& parent);

class DescriptorCounter;

class Descriptors {
 public:
  /// @throws InputError if a group of leave_out does not exist, or as LatticeFeatures and KimCalculator do.
  Descriptors(std::shared_ptr<const ParentCrystal> parent, DescriptorSettings settings);
  static Descriptors of_clusters(std::shared_ptr<const ParentCrystal> parent, LatticeFeatures clusters);
  /// The same descriptors of several crystals in columns that all of them have, per cell of as many sites.
  /// Clusters: of one crystal whose sublattices take other species. Contacts: of any crystals with the same sublattices
  /// and hosts; what one has not is zero, and a column for each further crystal says that it is that.
  /// @param members of one [[surrogate]]. @returns why there are none, as the end of a sentence.
  static std::variant<std::vector<Descriptors>, std::string> join(std::span<const Descriptors* const> members);

  /// A table's columns follow the others, as they are: not per cell, and equal in all crystals that are joined.
  /// @throws InputError if one has the name of a descriptor.
  void take_columns(std::shared_ptr<const OrbitColumns> columns);

  [[nodiscard]] const ParentCrystal& parent() const { return *parent_; }
  [[nodiscard]] const TableColumns& columns() const { return columns_; }
  /// [columns] their sites and diameters.
  [[nodiscard]] const std::vector<FittedCoefficient>& described() const { return described_; }
  /// What counts the composition, also where it is left out.
  [[nodiscard]] const std::vector<PointColumn>& points() const { return points_; }
  [[nodiscard]] const DescriptorSettings& settings() const { return settings_; }
  [[nodiscard]] const LatticeFeatures& clusters() const { return *clusters_; }
  /// @throws InputError if the supercell is of another parent crystal.
  void require_own_parent(const Supercell& supercell, const std::string& who) const {
    require_parent(*parent_, supercell, who);
  }

  /// Nothing but what the first format of the descriptors says.
  [[nodiscard]] bool plain() const {
    return !joined_ && occupants_.empty() && settings_.contacts.bin_angstrom == 0 && !from_table_;
  }
  void write(ByteWriter& out) const;
  /// @param plain as it was when they were written. @throws StorageError.
  static Descriptors read(ByteReader& in, std::shared_ptr<const ParentCrystal> parent, bool plain);

 private:
  friend class DescriptorCounter;
  /// Where the columns of this crystal stand among those of several.
  struct Joined {
    std::vector<std::size_t> place, point_place;  ///< [own columns], [own points]
    std::optional<std::size_t> crystal;           ///< the column that says which crystal this is
    double cells = 1;                             ///< of the first crystal's size in one primitive cell
  };
  struct Own {
    TableColumns columns;
    std::vector<FittedCoefficient> described;
    std::vector<PointColumn> points;
    std::vector<std::string> keys, point_keys;  ///< equal in two crystals, equal meaning; empty: of clusters
  };
  Descriptors(std::shared_ptr<const ParentCrystal> parent, std::shared_ptr<const ParentCrystal> seen,
              DescriptorSettings settings, std::shared_ptr<const LatticeFeatures> clusters);
  static std::variant<std::vector<Descriptors>, std::string> join_clusters(std::span<const Descriptors* const>);
  static std::variant<std::vector<Descriptors>, std::string> join_contacts(std::span<const Descriptors* const>);
  void show(const Own& shown);
  void write_joined(ByteWriter& out) const;
  void read_joined(ByteReader& in);

  std::shared_ptr<const ParentCrystal> parent_;
  std::shared_ptr<const ParentCrystal> seen_;         ///< as the clusters see it: with the species of all members
  std::vector<std::vector<std::uint8_t>> occupants_;  ///< [sublattice][occupant] of seen_; empty: it is the parent
  DescriptorSettings settings_;
  std::shared_ptr<const LatticeFeatures> clusters_;  ///< points only, with contacts
  std::shared_ptr<const ContactCounters> contacts_;
  std::shared_ptr<const KimEnergies> kim_;
  Own own_;
  TableColumns columns_;
  std::vector<FittedCoefficient> described_;
  std::vector<PointColumn> points_;
  std::shared_ptr<const Joined> joined_;
  std::vector<std::size_t> taken_;  ///< the columns that are not left out
  std::size_t all_ = 0;
  std::shared_ptr<const OrbitColumns> from_table_;  ///< the last columns; null: there are none
};

/// Counts the descriptors of configurations of one supercell. Safe to use from several threads.
class DescriptorCounter {
 public:
  DescriptorCounter(const Descriptors& descriptors, std::shared_ptr<const Supercell> supercell);
  /// @param row [columns]. @throws InputError if a potential fails, or a table of columns has no row for it.
  void count(std::span<const std::uint8_t> occupation, std::span<double> row) const;
  /// Whether a table of columns, if there is one, has a row for it.
  [[nodiscard]] bool has_row(std::span<const std::uint8_t> occupation) const {
    return !from_table_ || lookup_.has(occupation);
  }
  /// @param row [points].
  void count_points(std::span<const std::uint8_t> occupation, std::span<double> row) const;
  /// Of joined descriptors: cells of the first crystal's size.
  [[nodiscard]] double primitive_cells() const { return counter_.primitive_cells() * (joined_ ? joined_->cells : 1.0); }
  [[nodiscard]] int atoms(std::span<const std::uint8_t> occupation) const {
    std::vector<std::uint8_t> translated;
    return counter_.atoms().atoms(seen(occupation, translated));
  }

 private:
  /// The occupation as the clusters see it. @param translated what it is made in where it is another.
  [[nodiscard]] std::span<const std::uint8_t> seen(std::span<const std::uint8_t> occupation,
                                                   std::vector<std::uint8_t>& translated) const;

  std::shared_ptr<const Supercell> supercell_;  ///< of the crystal as the clusters see it
  std::vector<std::vector<std::uint8_t>> occupants_;
  std::shared_ptr<const Descriptors::Joined> joined_;
  std::shared_ptr<const KimEnergies> kim_;
  FeatureCounter counter_;
  std::optional<SupercellContacts> contacts_;
  std::size_t clusters_, points_, all_;
  std::vector<std::size_t> taken_;
  std::shared_ptr<const OrbitColumns> from_table_;
  OrbitColumns::Lookup lookup_ = {};  ///< in from_table_, if there is one
};

}  // namespace hullscan
