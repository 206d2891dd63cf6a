/// @file
/// What a campaign's report says, as plain values that whoever knows the campaign fills in; and the finished report,
/// sorted and with its hull. No storage, no formats: report_files.hpp writes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/entries/measured_points.hpp"
#include "analysis/hull/composition_axis.hpp"
#include "analysis/hull/hull.hpp"
#include "analysis/hull/hull_cut.hpp"
#include "analysis/hull/voltage.hpp"
#include "analysis/statistics/path_statistics.hpp"
#include "core/big_integer.hpp"
#include "core/composition.hpp"
#include "core/structure.hpp"
#include "core/supercell.hpp"

namespace hullscan {

/// As files have it: decimal digits; "" for what is not known.
std::string decimal_text(const std::optional<BigInteger>& count);

/// One composition of one supercell. Counts that can outgrow 2^53 are decimal strings in files.
struct ReportComposition {
  std::map<std::string, std::int64_t> counts;          ///< "Pb.Zn" -> 6
  Composition composition;                             ///< of the supercell, fixed sites included
  std::optional<BigInteger> total, inequivalent;       ///< exact, by formula; nothing: not known
  std::optional<BigInteger> enumerated_orbits;         ///< generated; nothing: not enumerated
  std::optional<BigInteger> degeneracy_sum;            ///< of the generated orbits; nothing: not enumerated
  std::optional<double> lowest_predicted_ev_per_atom;  ///< formation energy
  /// Where only the lowest were searched: nothing that was not found is below the bound (formation energy).
  struct Search {
    bool proven = false;                      ///< then those found are the lowest
    std::optional<double> bound_ev_per_atom;  ///< nothing: all configurations were found
  };
  std::optional<Search> search;
  /// Predicted formation energies as counts of orbits in equal bins from `histogram_low`; empty: none kept.
  std::vector<std::uint64_t> histogram;
  std::vector<std::uint64_t> histogram_configurations;  ///< the same bins, orbits counted with their degeneracies
  double histogram_low_ev_per_atom = 0, histogram_bin_ev_per_atom = 0;
  /// -kT ln sum of degeneracy * exp(-E/kT) over all configurations, predicted, against the end members. Removed where
  /// the space has a `free_energy_problem`.
  struct FreeEnergy {
    double temperature_kelvin = 0;
    double free_energy_ev_per_atom = 0;
    std::optional<double> e_above_hull_ev_per_atom = {};  ///< of the free energies at this temperature; filled in
    /// Over all distributions of the same atoms over the sublattices, where there are several; filled in.
    std::optional<double> of_formula_ev_per_atom = {};
  };
  std::vector<FreeEnergy> free_energies;  ///< by temperature, in the campaign's order
  /// Boltzmann average over all configurations of the one supercell at `Report::temperature_kelvin`, predicted. Removed
  /// where the space has a `free_energy_problem`.
  struct Average {
    double mean_ev_per_atom = 0, deviation_ev_per_atom = 0;
  };
  std::optional<Average> predicted_average;
  std::vector<std::optional<double>> on_axes;  ///< [i]: on `Report::axes[i]`; filled in where it has predictions
  /// How many of the best that the model kept are within its numerical noise of the lowest; `all_tied`: all of them.
  std::uint64_t tied_lowest = 0;
  bool all_tied = false;
  /// The hull of what was calculated, at this composition; nothing outside its end members. Filled in.
  std::optional<double> hull_formation_energy_ev_per_atom;
};

struct ReportSupercell {
  SupercellMatrix matrix = SupercellMatrix::Identity();
  int sites = 0;
  std::int64_t group_order = 0;
  std::vector<ReportComposition> compositions;
};

struct ReportSpace {
  std::string name;
  std::string structure_file;  ///< name without folder
  int space_group_number = 0;
  std::string space_group_symbol;
  bool sampled = false;  ///< a sample, not all orbits: its books cannot close
  std::vector<ReportSupercell> supercells;
  bool repeats_left_out = false;  ///< no copies of smaller cells: superperiodic = false
  /// Why configurations cannot be summed to a free energy, in a whole sentence; empty: they can. Filled in.
  std::string free_energy_problem = {};
  std::string list = {};  ///< of which it is one structure: its one configuration is all of it
};

struct ReportRound {
  int round = 0;
  std::string surrogate;  ///< kind
  std::int64_t labels = 0, features = 0;
  std::optional<double> loo_rmse_ev_per_atom;
  std::optional<double> rmse_ev_per_atom;  ///< on the labels it was fitted to
};

/// A finished calculation.
struct ReportEntry {
  std::string id;
  std::string space;
  SupercellMatrix matrix = SupercellMatrix::Identity();
  Composition composition;               ///< of the cell
  std::optional<BigInteger> degeneracy;  ///< nothing: not known
  std::optional<int> space_group_number;
  std::map<std::string, std::int64_t> counts;   ///< "Pb.Zn" -> 6; empty: not known
  double energy_ev = 0;                         ///< per cell
  std::optional<double> predicted_ev_per_atom;  ///< formation energy by the surrogate that chose it or was last fitted
  int round = 0;                                ///< that asked for it
  int revision = 1;                             ///< of the campaign file that asked for it
  int attempts = 0;
  std::optional<Structure> structure;  ///< final
  /// Distance of the atoms from the sites of the lattice (rms), and the cell's shear strain; nothing: not known.
  std::optional<double> displacement_angstrom, shear_strain;
  bool left_lattice = false;  ///< too far: its energy says nothing of the configuration
  /// Another orbit of the campaign that the relaxation ended as, and that it is a result of.
  struct Became {
    std::string space, formula;
    std::uint64_t degeneracy = 1;
  };
  std::optional<Became> became;
  std::string lower_result;                 ///< id of a lower result of the same configuration: that one counts for it
  bool repeats = false;                     ///< the lower one was asked for as the same configuration too
  std::map<std::string, std::string> keys;  ///< hull keys
  std::string directory;                    ///< of the accepted attempt, below the campaign's; empty: not known
  /// By which the last step changed the energy of the relaxation before it, included in `energy_ev`; nothing: one step.
  std::optional<double> pulay_correction_ev_per_atom;
  std::vector<std::string> remarks;              ///< what else touched this energy and not that of every entry
  std::optional<std::uint64_t> prior_rank = {};  ///< 1: the lowest above the hull of the prior's own energies
};

/// A relaxed structure as tables of phases show it.
struct ReportCrystal {
  int space_group_number = 1;
  std::string space_group_symbol;                     ///< "Pm-3m"
  double a = 0, b = 0, c = 0;                         ///< Å, of the conventional cell
  double alpha = 90, beta = 90, gamma = 90;           ///< degrees
  double volume_per_atom_cubic_angstrom = 0;          ///< of the structure as it is
  std::string strukturbericht, example, aflow_label;  ///< of its type, "L1_2", "Cu3Au", …; empty: not known
};

/// A configuration that a model ranks high and nobody has calculated.
struct ReportCandidate {
  std::string space;
  Composition composition;  ///< of the supercell
  BigInteger degeneracy;
  double predicted_ev_per_atom = 0;    ///< formation energy
  std::string state;                   ///< "not selected", "running", …
  std::optional<Structure> structure;  ///< not relaxed
  std::optional<double>
      e_above_hull_ev_per_atom;  ///< of the prediction, against the hull of what was calculated; filled in
  /// Filled in where nothing was calculated: "fcc-AlNi3-predicted-1", the rank in its composition; energies against
  /// the lowest of the composition in the space, the end members, and the hull of the predictions.
  std::string id = {};
  std::optional<double> above_lowest_ev_per_atom = {}, mixing_ev_per_atom = {}, e_above_predicted_hull_ev_per_atom = {};
};

/// What a fitted linear model says matters.
struct ReportCoefficient {
  std::string space;
  std::string feature;  ///< "pair Ni-Ni 2.83 Å (6 per cell)"
  int sites = 0;
  int multiplicity = 0;  ///< per primitive cell
  double energy_ev = 0;  ///< per member
};

/// A species of a sublattice that the first stage judged.
struct ReportJudgement {
  std::string space, by, rule;             ///< the space restricted, the one that judged, the rule in words
  std::string type;                        ///< "X.Se"
  std::optional<double> cost_ev_per_site;  ///< energy of the cell above the hull, a site of the species, at its lowest
  std::string formula;                     ///< of the lowest
  bool calculated = false;                 ///< the lowest was calculated, not predicted
  bool unopposed = false;                  ///< not judged: only extreme compositions have it
  bool kept = true;
};

/// A competing phase that the campaign did not compute.
struct ReportReference {
  HullEntry entry;
  std::string source;  ///< file name
};

/// A result that does not count: hullscan found it suspect, or a person excluded it.
struct ReportSetAside {
  std::string id, space;
  Composition composition;
  double energy_ev = 0;      ///< total, as it was calculated
  std::string standing;      ///< "suspect", "excluded"
  std::string who, why, at;  ///< `at`: UTC, ISO 8601
};

struct ReportFailure {
  std::string id, space;
  Composition composition;
  int attempts = 0;
  std::string state;  ///< "failed", "abandoned"
  std::string reason;
};

/// A version of the campaign file that the campaign ran.
struct ReportRevision {
  int number = 1;
  std::string at;                    ///< UTC; empty: not known
  std::vector<std::string> changes;  ///< against the one before
};

/// Errors of the campaign's models on labels that they had not seen: one `hullscan validate` that was kept.
struct ReportValidation {
  std::string name, protocol;
  struct Group {
    std::string by;    ///< "composition", "space", "energy above hull", "fold"; "all"
    std::string name;  ///< "Cs8Pb7ZnI24", "gamma", "0 to 25 meV/atom"
    std::size_t count = 0;
    double rmse_ev_per_atom = 0, mae_ev_per_atom = 0;
    /// Each label counted as often as its orbit has configurations; nothing where that is not known of all.
    std::optional<double> rmse_by_degeneracy = {}, mae_by_degeneracy = {};
  };
  struct Point {
    std::string id, formula;
    double actual_ev_per_atom = 0, predicted_ev_per_atom = 0;
    std::uint64_t degeneracy = 0;  ///< 0: not known
  };
  /// Errors with only the pairs of two species or of one length, and without them.
  struct Part {
    std::string name;
    double only_ev_per_atom = 0, without_ev_per_atom = 0;
  };
  struct Model {
    std::string kind;
    std::vector<Group> groups;
    std::vector<Point> parity = {};  ///< out of fold; empty where there are too many for a page
    std::vector<Part> parts = {};    ///< of validate --ablation
    double rmse_ev_per_atom = 0;     ///< of the whole model
  };
  std::vector<Model> models;
  /// What the models said of a label, each as energy above the hull of all labels.
  struct Label {
    std::string id, space, formula;
    double e_above_hull_ev_per_atom = 0;
    std::vector<double> predicted_above_hull_ev_per_atom;  ///< [model]
  };
  std::vector<Label> labels;  ///< of several models; else empty
};

/// The model that scores migration paths, fitted to its table of labels.
struct ReportPathModel {
  std::string space, target, method;
  double rmse = 0, out_of_sample_rmse = 0;  ///< in the target's unit
  struct Column {
    std::string group, name;
    double coefficient = 0;  ///< of the linear model, or of the trees' linear trend
    double importance = 0;   ///< share of 1
  };
  std::vector<Column> columns;
  std::vector<std::pair<double, double>> parity;  ///< [label]: known, predicted without it
};

/// What the hull may still lack, by the model of one round.
struct ReportOutlook {
  struct Candidate {
    std::string space, formula;
    double above_ev_per_atom = 0;      ///< predicted, above the hull of what was calculated
    double deviation_ev_per_atom = 0;  ///< of that
  };
  int round = 0;               ///< the last that it knows
  std::size_t calculated = 0;  ///< results that made the hull
  double looked_at = 0;        ///< predictions
  double bounded = 0;          ///< configurations of which only bounds were asked
  double sigmas = 0;
  double possible_error_ev_per_atom = 0;  ///< how far below the hull something may lie, at so many deviations
  double expected_missing = 0;            ///< of the predictions
  double probability_complete = 1;
  double deviation_factor = 1;  ///< by which the models' own deviations were multiplied
  std::vector<Candidate> likeliest;
};

struct ReportContent {
  std::string campaign;
  std::string hullscan_version;
  std::string campaign_hash;  ///< of the campaign file's text
  std::string campaign_text;
  std::vector<ReportSpace> spaces;
  std::string changed;                    ///< UTC, when the last result or change was stored; empty: not known
  std::vector<ReportRevision> revisions;  ///< oldest first
  std::size_t outside = 0;                ///< calculations that take no part in the campaign as its file is now
  std::vector<ReportRound> rounds;
  std::optional<ReportOutlook> outlook;
  std::uint64_t ranked_by_prior = 0;  ///< configurations among which ReportEntry::prior_rank counts; 0: no prior
  std::vector<ReportEntry> entries;
  std::vector<ReportReference> references;
  std::vector<ReportFailure> failures;
  std::vector<ReportSetAside> set_aside;
  std::vector<ReportCandidate> candidates;
  std::string model;  ///< kind of the campaign's model; empty: none
  /// Whether its energies of different compositions can be compared, so that end members mean something.
  bool model_compares_compositions = false;
  bool entries_are_predicted = false;           ///< of report_of_predictions: no entry was calculated
  std::vector<ReportCoefficient> coefficients;  ///< of the last fit
  std::vector<ReportJudgement> judgements;      ///< of a campaign of two stages, once it has decided
  std::vector<double> temperatures_kelvin;      ///< asked for; empty: the usual ones
  std::optional<Species> working_ion;
  std::optional<int> ion_charge;  ///< electrons an ion of it; nothing: usual_ion_charge
  std::vector<std::string> cuts;  ///< asked for: "LiNiO2:CoO2"
  std::vector<MeasuredPoint> measured;
  std::vector<PathStatistics> paths;            ///< one per space that marks migration paths and is scored
  std::map<std::string, std::string> settings;  ///< the calculator's, as resolved; besides the hull keys of entries
  double near_hull_ev_per_atom = 0.025;
  std::map<int, std::string> space_group_symbols;  ///< of the numbers that occur
  /// By id of entry: of the stable and the nearest to the hull.
  std::map<std::string, ReportCrystal> crystals;
  double crystal_symprec_angstrom = 0;  ///< by which their symmetry was found
  std::vector<ReportValidation> validations;
  std::vector<ReportPathModel> path_models;  ///< one per space that marks pairs
};

/// What the calculated configurations of one composition of one supercell are together, at
/// `Report::temperature_kelvin`.
struct ReportEnsemble {
  std::string space;
  SupercellMatrix matrix = SupercellMatrix::Identity();
  Composition composition;                          ///< of the supercell
  std::optional<double> x;                          ///< on `Report::axis`
  std::vector<std::optional<double>> on_axes = {};  ///< [i]: on `Report::axes[i]`
  std::size_t entries = 0;
  bool complete = false;  ///< the degeneracies add up to all configurations
  std::string lowest_id;
  double minimum_ev_per_atom = 0;  ///< total energy of the lowest
  bool averaged = true;            ///< false: no averages, since the space has a `free_energy_problem`
  double mean_ev_per_atom = 0, deviation_ev_per_atom = 0;  ///< Boltzmann
  /// A length, angle or volume of the space's own cell, cut out of the relaxed supercell: lengths Å, angles degrees,
  /// volume Å³.
  struct CellQuantity {
    std::string name;  ///< "a" … "gamma", "volume"
    double of_lowest = 0, mean = 0, deviation = 0, smallest = 0, largest = 0;
  };
  std::vector<CellQuantity> cell;  ///< empty unless every entry has a structure
  /// Exact, from the calculated energies; complete ensembles only. Energies against the end members.
  struct State {
    double temperature_kelvin = 0;
    double free_energy_ev_per_atom = 0, energy_ev_per_atom = 0, entropy_ev_per_kelvin_per_atom = 0;
    double lowest_share = 0;  ///< probability of the orbit of lowest energy
    std::optional<double> e_above_hull_ev_per_atom = {};
  };
  std::vector<State> states;
};

struct ReportVoltage {
  std::string space;
  std::optional<VoltageProfile> profile;
  std::string problem;  ///< why there is none
};

struct ReportCut {
  std::string asked;  ///< "LiNiO2:CoO2"
  std::optional<HullCut> cut;
  std::string problem;  ///< why there is none
};

/// References whose settings differ from the campaign's: they never share its hull.
struct ReportOtherHull {
  std::vector<ReportReference> references;
  std::string differs;  ///< "functional PBEsol, not PBE"
  std::optional<HullReport> hull;
  std::string problem;
};

/// The content in its fixed order (entries, references and failures by id, rounds by number, then kind) and its hull
/// over entries and references together, so that no output depends on the order in which results came.
struct Report {
  ReportContent content;
  std::optional<HullReport> hull;      ///< entries, then references; nothing if there are none
  std::string hull_problem;            ///< why there is no hull although there are entries
  std::optional<double> ion_metal_ev;  ///< per atom of the working ion's metal, if a reference of it was set aside
  std::vector<ReportOtherHull> other_hulls;
  std::vector<ReportCut> cuts;            ///< in the order asked
  std::vector<ReportVoltage> voltages;    ///< one per space, if there is a working ion
  std::vector<ReportEnsemble> ensembles;  ///< by space, then composition
  double temperature_kelvin = 300;        ///< of the Boltzmann averages
  CompositionAxis hull_axis;              ///< in which the hull is drawn
  std::string axis;                       ///< what x of curves is: "Li per NiO2"; empty: none
  std::vector<std::string> axes;          ///< all that curves may be drawn against; the first is `axis`
  std::string free_energy_hull_problem;   ///< why free energies of several spaces do not share a hull; empty: they do

  [[nodiscard]] const HullEntryResult& of_entry(std::size_t i) const { return hull->entries[i]; }
  [[nodiscard]] const HullEntryResult& of_reference(std::size_t i) const {
    return hull->entries[content.entries.size() + i];
  }
};

/// Entries that cannot share a hull do not stop a report: the hull is left out and `hull_problem` says why.
Report finish_report(ReportContent content);

/// The books of a composition: what was generated is what the formula says.
enum class Books { kOpen, kClosed, kWrong };  ///< not enumerated; sums agree; enumerated and they do not
Books books_of(const ReportSpace& space, const ReportComposition& composition);

/// Configurations that a model ranks although it gives them one energy.
struct IndistinguishableConfigurations {
  std::string space;
  std::size_t compositions = 0, of_compositions = 0;  ///< where it is so; that have predictions
  std::uint64_t configurations = 0;                   ///< inequivalent, over these compositions
  bool at_least = false;                              ///< there may be more: only the best are kept
  [[nodiscard]] std::string text() const;             ///< a whole sentence
};
/// By space: of compositions where all that a model kept, or ten or more of its best, are equal within its numerical
/// noise.
std::vector<IndistinguishableConfigurations> indistinguishable(const ReportContent& content);

}  // namespace hullscan
