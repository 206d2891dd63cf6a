/// @file
/// What a campaign's report says, as plain values that whoever knows the campaign fills in; and the finished report,
/// sorted and with its hull. No storage, no formats: report_files.hpp writes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/hull.hpp"
#include "core/composition.hpp"
#include "core/structure.hpp"
#include "core/supercell.hpp"

namespace hullscan {

/// One composition of one supercell. Counts that can outgrow 2^53 are decimal strings.
struct ReportComposition {
  std::map<std::string, std::int64_t> counts;     ///< "Pb.Zn" -> 6
  Composition composition;                        ///< of the supercell, fixed sites included
  std::string total, inequivalent;                ///< exact, by formula
  std::string enumerated_orbits;                  ///< generated; empty: not enumerated
  std::string degeneracy_sum;                     ///< of the generated orbits; empty: not enumerated
  std::optional<double> lowest_predicted_ev_per_atom;  ///< formation energy
  /// Predicted formation energies as counts of orbits in equal bins from `histogram_low`; empty: none kept.
  std::vector<std::uint64_t> histogram;
  double histogram_low_ev_per_atom = 0, histogram_bin_ev_per_atom = 0;
  /// -kT ln sum of degeneracy * exp(-E/kT) over all configurations, predicted, against the end members.
  struct FreeEnergy {
    double temperature_kelvin = 0;
    double free_energy_ev_per_atom = 0;
  };
  std::vector<FreeEnergy> free_energies;          ///< by temperature, in the campaign's order
};

struct ReportSupercell {
  SupercellMatrix matrix = SupercellMatrix::Identity();
  int sites = 0;
  std::int64_t group_order = 0;
  std::vector<ReportComposition> compositions;
};

struct ReportSpace {
  std::string name;
  std::string structure_file;                     ///< name without folder
  int space_group_number = 0;
  std::string space_group_symbol;
  bool sampled = false;                           ///< a sample, not all orbits: its books cannot close
  std::vector<ReportSupercell> supercells;
};

struct ReportRound {
  int round = 0;
  std::string surrogate;                          ///< kind
  std::int64_t labels = 0, features = 0;
  std::optional<double> loo_rmse_ev_per_atom;
  std::optional<double> rmse_ev_per_atom;         ///< on the labels it was fitted to
};

/// A finished calculation.
struct ReportEntry {
  std::string id;
  std::string space;
  SupercellMatrix matrix = SupercellMatrix::Identity();
  Composition composition;                        ///< of the cell
  std::string degeneracy;                         ///< decimal; empty: not known
  std::optional<int> space_group_number;
  double energy_ev = 0;                           ///< per cell
  std::optional<double> predicted_ev_per_atom;    ///< formation energy by the surrogate that chose it or was last fitted
  int round = 0;                                  ///< that asked for it
  int attempts = 0;
  std::optional<Structure> structure;             ///< final
  std::map<std::string, std::string> keys;        ///< hull keys
};

/// A competing phase that the campaign did not compute.
struct ReportReference {
  HullEntry entry;
  std::string source;                             ///< file name
};

struct ReportFailure {
  std::string id, space;
  Composition composition;
  int attempts = 0;
  std::string state;                              ///< "failed", "abandoned"
  std::string reason;
};

struct ReportContent {
  std::string campaign;
  std::string hullscan_version;
  std::string campaign_hash;                      ///< of the campaign file's text
  std::string campaign_text;
  std::vector<ReportSpace> spaces;
  std::vector<ReportRound> rounds;
  std::vector<ReportEntry> entries;
  std::vector<ReportReference> references;
  std::vector<ReportFailure> failures;
  std::map<std::string, std::string> settings;    ///< the calculator's, as resolved; besides the hull keys of entries
  double near_hull_ev_per_atom = 0.025;
};

/// The content in its fixed order (entries, references and failures by id, rounds by number, then kind) and its hull
/// over entries and references together, so that no output depends on the order in which results came.
struct Report {
  ReportContent content;
  std::optional<HullReport> hull;                 ///< entries, then references; nothing if there are none
  std::string hull_problem;                       ///< why there is no hull although there are entries

  [[nodiscard]] const HullEntryResult& of_entry(std::size_t i) const { return hull->entries[i]; }
  [[nodiscard]] const HullEntryResult& of_reference(std::size_t i) const { return hull->entries[content.entries.size() + i]; }
};

/// Entries that cannot share a hull do not stop a report: the hull is left out and `hull_problem` says why.
Report finish_report(ReportContent content);

/// The books of a composition: what was generated is what the formula says.
enum class Books { kOpen, kClosed, kWrong };       ///< not enumerated; sums agree; enumerated and they do not
Books books_of(const ReportSpace& space, const ReportComposition& composition);

}  // namespace hullscan
