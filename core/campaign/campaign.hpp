/// @file
/// What a campaign file says, checked for form. Whether sites exist and counts can be met is found out where the
/// structure is known (enumerator); what a code's or a model's own settings mean is known to that code or model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/campaign/monte_carlo_spec.hpp"
#include "core/campaign/settings.hpp"
#include "core/crystal.hpp"
#include "core/species.hpp"
#include "core/supercell.hpp"
#include "core/work_unit.hpp"

namespace hullscan {

/// How many sites of a sublattice a species may take: "rest", or any number of closed ranges (of sites or of
/// percent).
struct CountRule {
  Species species;
  bool rest = false;
  struct Range {
    double low = 0;
    double high = 0;
    bool percent = false;  ///< of the sublattice's sites
  };
  std::vector<Range> ranges;
  std::string text;  ///< as written
  SourcePosition where;

  /// Allowed counts among `sites` sites, ascending, unique; empty for "rest" and where no integer lies in a range.
  [[nodiscard]] std::vector<int> counts(int sites) const;
};

struct SublatticeSpec {
  std::string name;
  std::vector<std::string> sites;  ///< atom-site labels, elements, or "4b"
  std::vector<CountRule> species;  ///< in the order written
  SourcePosition where;
};

/// sum of coefficient * count (relation) bound, over the supercell.
struct LinearConstraint {
  enum class Relation { kLessEqual, kEqual, kGreaterEqual };
  struct Term {
    std::int64_t coefficient = 1;
    std::string sublattice;  ///< empty: over all sublattices
    Species species;
  };
  std::vector<Term> terms;  ///< everything brought to the left
  Relation relation = Relation::kEqual;
  std::int64_t bound = 0;
  std::string text;
  SourcePosition where;
};

/// @param text "Fe.Ti == K.Va", "Zn + Cd <= 4", "2*A.Ti - B.Va >= 1". @throws InputError saying where in the text.
LinearConstraint parse_constraint(const std::string& text, const SourcePosition& where);

struct MinimumDistance {
  Species a, b;
  double angstrom = 0;
  SourcePosition where;
};

/// An object marked besides the colouring; its sites are not coloured.
struct MarkerSpec {
  std::vector<std::string> sites;    ///< one entry: a site; two: an unordered pair
  double max_distance_angstrom = 0;  ///< pairs only
  SourcePosition where;
};

struct SampleSpec {
  std::int64_t number = 0;  ///< to draw of every composition, or of all of the space together
  bool per_space = false;
  std::string method = "orbit";  ///< orbit | configuration | stratified
  SourcePosition where;
};

struct VolumeRange {
  int low = 1, high = 1;
  friend bool operator==(const VolumeRange&, const VolumeRange&) = default;
};

/// A space of the second stage: enumerated when another is done, and without the species that did badly there.
struct RestrictSpec {
  std::string by;                            ///< name of the space that judges
  std::optional<int> keep;                   ///< of each sublattice the lowest so many
  std::optional<double> within_ev_per_site;  ///< those at most so far above the hull
  SourcePosition where;
};

struct SpaceSpec {
  std::string name;
  std::filesystem::path structure;  ///< resolved against the campaign file's folder
  std::string block;                ///< CIF data block; empty: the only one
  double symprec_angstrom = 1e-3;
  std::variant<SupercellMatrix, VolumeRange> supercell = SupercellMatrix(SupercellMatrix::Identity());
  bool primitive = false;
  std::vector<LinearConstraint> constraints;
  std::map<Species, std::vector<int>> oxidation;
  bool charge_neutral = false;
  std::vector<MinimumDistance> minimum_distances;
  bool superperiodic = true;  ///< keep configurations that are copies of a smaller cell's
  std::optional<SampleSpec> sample;
  std::vector<SublatticeSpec> sublattices;
  std::vector<MarkerSpec> markers;
  std::optional<RestrictSpec> restricted;
  SourcePosition where;
  SourcePosition structure_where;
  std::size_t table = 0;  ///< which [[space]] of the file
  bool is_list = false;   ///< `structures = …`: `structure` is a file or a folder of many, none of them read yet
  std::string list = {};  ///< of a space that is one structure of such a list: the list's name
  std::shared_ptr<const Crystal> crystal = {};  ///< what `structure` holds, where it was read already
};

/// A structure of a list that is an orbit of another space: calculated there.
struct ListedOrbit {
  std::string name;  ///< as its own space would be called
  std::string list;
  Candidate candidate;  ///< its space by the number in Campaign::spaces
};

struct SurrogateSpec {
  std::string kind;
  SettingsTable settings;  ///< everything of the table; the model's own reader takes `kind` too
};

struct StopRule {
  std::optional<int> vertices_stable_rounds;
  std::optional<double> rmse_mev_per_atom;
  std::optional<double> hull_error_mev_per_atom;  ///< how far below the hull anything may lie, at `sigmas`
  double sigmas = 2;                              ///< deviations by which a prediction may be too high
};

struct SelectSpec {
  std::string policy = "mixed";
  int initial = 20;
  int per_round = 10;
  int rounds = 10;
  StopRule stop;
  bool asynchronous = false;  ///< a round is chosen as soon as a slot would stand idle
  SourcePosition where;
};

struct DftSpec {
  std::string code;
  SettingsTable settings;  ///< everything of the table but `code`
};

struct RunSpec {
  std::string executor = "local";  ///< local | slurm
  SourcePosition executor_where;
  int slots = 1;             ///< calculations at a time
  std::string keep = "all";  ///< all | best
  double scan_at_most =
      1e10;  ///< inequivalent configurations of a composition; of larger ones only the best are searched
  double search_nodes = 3e8;      ///< of branch and bound, a composition
  double time_limit_s = 86400;    ///< of one calculation
  std::optional<double> stall_s;  ///< a calculation none of whose files changes for so long is ended; 0: never; absent:
                                  ///< as the code has it
  std::optional<double> max_core_hours;  ///< of the whole campaign; then no calculation is started any more
  SettingsTable settings;                ///< the executor's own keys
};

struct ReportSpec {
  std::optional<std::filesystem::path> references;
  std::vector<double> temperatures_kelvin;
  std::optional<Species> working_ion;
  std::optional<int> ion_charge;                   ///< electrons an ion of it
  std::optional<LinearConstraint> path_reference;  ///< which marked paths are the measure of the others
  std::optional<std::filesystem::path> experiment;
  std::vector<std::string> cuts;  ///< pseudo-binary cuts of the hull, "LiNiO2:CoO2"
  double near_hull_ev_per_atom = 0.025;
};

struct Campaign {
  std::string name;
  std::uint64_t seed = 0;
  std::filesystem::path file;
  std::vector<SpaceSpec> spaces;  ///< never empty, names unique
  std::vector<SpaceSpec> lists;   ///< those with `structures`, once their structures stand in `spaces` instead
  std::vector<ListedOrbit> listed_orbits;
  std::vector<std::string> list_remarks;  ///< what became of listed structures without a space of their own
  std::vector<SurrogateSpec> surrogates;
  std::optional<SelectSpec> select;
  std::optional<DftSpec> dft;  ///< absent: a campaign that only enumerates and scores
  RunSpec run;
  ReportSpec report;
  std::string text;  ///< the file as read; stored with the campaign
  std::vector<MonteCarloSpec> monte_carlo = {};
};

/// Reads and checks a campaign file. Adds nothing to disk.
/// @throws InputError with every problem of the file, one per line, as `file:line:column: what`.
Campaign read_campaign(const std::filesystem::path& file);
/// The same from text; `file` gives the name in messages and the folder of relative paths.
Campaign parse_campaign(const std::string& text, const std::filesystem::path& file);

}  // namespace hullscan
