/// @file
/// Named columns that describe a configuration, for the table models: composition, contact counters or cluster
/// orbits, and if asked for the Ewald energy and the energy by an interatomic potential. All per primitive cell.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "surrogates/features/contact_counters.hpp"
#include "surrogates/features/lattice_features.hpp"
#include "surrogates/potentials/kim_energies.hpp"
#include "surrogates/regression/table_model.hpp"

namespace hullscan {

struct DescriptorSettings {
  std::string features = "contacts";  ///< or "clusters"
  ContactSettings contacts;
  FeatureSettings clusters;  ///< cutoffs of "clusters"; electrostatic and charges of both
  std::optional<KimSettings> kim;
  std::vector<std::string> leave_out;  ///< groups
};

/// Takes the keys features; contacts and images, or pairs, triplets, quadruplets; electrostatic, oxidation; kim,
/// relax; leave_out.
DescriptorSettings read_descriptor_settings(SettingsReader& reader, const ParentCrystal& parent);

class DescriptorCounter;

class Descriptors {
 public:
  /// @throws InputError if a group of leave_out does not exist, or as LatticeFeatures and KimCalculator do.
  Descriptors(std::shared_ptr<const ParentCrystal> parent, DescriptorSettings settings);
  [[nodiscard]] const ParentCrystal& parent() const { return clusters_->parent(); }
  [[nodiscard]] const TableColumns& columns() const { return columns_; }
  [[nodiscard]] const DescriptorSettings& settings() const { return settings_; }
  /// @throws InputError if the supercell is of another parent crystal.
  void require_own_parent(const Supercell& supercell, const std::string& who) const {
    clusters_->require_own_parent(supercell, who);
  }

  void write(ByteWriter& out) const;
  static Descriptors read(ByteReader& in, std::shared_ptr<const ParentCrystal> parent);

 private:
  friend class DescriptorCounter;
  DescriptorSettings settings_;
  std::shared_ptr<const LatticeFeatures> clusters_;  ///< points only, with contacts
  std::shared_ptr<const ContactCounters> contacts_;
  std::shared_ptr<const KimEnergies> kim_;
  TableColumns columns_;
  std::vector<std::size_t> taken_;  ///< the columns that are not left out
  std::size_t all_ = 0;
};

/// Counts the descriptors of configurations of one supercell. Safe to use from several threads.
class DescriptorCounter {
 public:
  DescriptorCounter(const Descriptors& descriptors, std::shared_ptr<const Supercell> supercell);
  /// @param row [columns]. @throws InputError if a potential fails.
  void count(std::span<const std::uint8_t> occupation, std::span<double> row) const;
  [[nodiscard]] double primitive_cells() const { return counter_.primitive_cells(); }
  [[nodiscard]] int atoms(std::span<const std::uint8_t> occupation) const { return counter_.atoms().atoms(occupation); }

 private:
  std::shared_ptr<const Supercell> supercell_;
  std::shared_ptr<const KimEnergies> kim_;
  FeatureCounter counter_;
  std::optional<SupercellContacts> contacts_;
  std::size_t clusters_, all_;
  std::vector<std::size_t> taken_;
};

}  // namespace hullscan
