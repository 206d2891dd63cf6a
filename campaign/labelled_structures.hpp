/// @file
/// Structures with energies, as any code or dataset gives them, made labels of a campaign: mapped to the parent
/// crystals, flagged where they left the lattice, referred to the hull they span. What validate and replay begin with.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analysis/hull/hull.hpp"
#include "campaign/column_tables.hpp"
#include "core/campaign/campaign.hpp"
#include "enumerator/mapping/lattice_mapping.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {

struct LabelledStructure {
  std::string id;
  std::size_t space = 0;
  LatticeMapping mapping;
  Composition composition;  ///< atoms of the structure
  double energy_ev = 0;     ///< total, of the structure
  bool off_lattice = false;
  // Against the hull of all labels that are kept:
  double formation_energy_ev_per_atom = 0;
  double e_above_hull_ev_per_atom = 0;
  bool vertex = false;

  [[nodiscard]] LabelledConfiguration label() const {
    return {mapping.configuration, formation_energy_ev_per_atom, 1.0, id, e_above_hull_ev_per_atom};
  }
};

struct LabelledStructures {
  Campaign campaign;
  std::vector<std::shared_ptr<const ParentCrystal>> parents;    ///< of campaign.spaces
  std::vector<LabelledStructure> kept;                          ///< in the order of the file
  std::vector<LabelledStructure> off_lattice;                   ///< mapped, but left out: no hull values
  std::vector<std::pair<std::string, std::string>> not_mapped;  ///< id, reason
  std::size_t frames = 0;
  /// Of tables that the models name. Then every label is the orbit of the campaign's own supercells that it is, in the
  /// canonical form that the table knows it by; what is none of them is not mapped.
  ModelColumns columns = {};
};

struct LabelledStructuresRequest {
  std::filesystem::path campaign;
  std::filesystem::path data;         ///< extended XYZ, one energy a frame
  std::string energy_key = "energy";  ///< total energy, eV per cell
  bool keep_off_lattice = false;
  std::vector<std::string> only = {};  ///< ids; empty: all
};

/// @throws InputError with every problem of the campaign file, or of the labels (no energy, two of one id, an id of
///         `only` that is absent or not mapped); FormatError for a structure file.
LabelledStructures read_labelled_structures(const LabelledStructuresRequest& request);

/// Entries of the hull that some of the labels span, without those that are not named.
/// @param which indices into `labels`: the order of the entries.
std::vector<HullEntry> hull_entries(std::span<const LabelledStructure> labels, std::span<const std::size_t> which);
/// The same of all labels.
std::vector<HullEntry> hull_entries(std::span<const LabelledStructure> labels);

/// Two lines for people: how many were mapped, how many left out and the commonest reasons.
std::string mapping_summary(const LabelledStructures& structures);

}  // namespace hullscan
