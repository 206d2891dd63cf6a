/// @file
/// What a [[monte_carlo]] of a campaign file says, checked for form. Whether its species vary and its cell can hold a
/// composition is found out where the space is known.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/campaign/settings.hpp"
#include "core/supercell.hpp"

namespace hullscan {

enum class Ensemble { kSemiGrand, kCanonical, kAnneal };

/// "semi-grand", "canonical", "anneal".
const char* name_of(Ensemble ensemble);

struct MonteCarloSpec {
  /// A key as it is written, "Au" or "A.Au", with the values that are visited.
  struct Axis {
    std::string name;
    std::vector<double> values;
    SourcePosition where;
  };
  /// Fractions of their sublattice by "species" or "sublattice.species".
  struct Fractions {
    std::vector<std::pair<std::string, double>> of;
    SourcePosition where;
  };

  std::string name;                     ///< default: the space's; unique in the file
  std::string space;                    ///< default: the only one
  std::optional<SupercellMatrix> cell;  ///< default: near-cubic
  Ensemble ensemble = Ensemble::kSemiGrand;
  std::vector<double> temperatures_kelvin;  ///< in the order in which they are visited
  std::vector<Axis> chemical_potentials;    ///< eV; semi-grand; every combination is visited
  std::vector<Fractions> compositions;      ///< canonical and anneal
  double precision_ev_per_atom = 1e-4;      ///< standard error of the energy at which a point is done
  std::int64_t most_sweeps = 200'000;       ///< of a point, equilibration included
  std::int64_t sweeps_per_block = 50;
  std::optional<double> time_limit_s;  ///< of a point
  bool tempering = false;              ///< neighbouring temperatures exchange configurations
  std::uint64_t seed = 0;              ///< with the campaign's
  SourcePosition where = {}, space_where = {}, cell_where = {};
};

MonteCarloSpec read_monte_carlo(const SettingsTable& table, Problems& problems);

/// Names that are there twice, spaces that are not there. Fills in what follows from the only space.
void check_monte_carlo(std::vector<MonteCarloSpec>& specs, const std::vector<std::string>& spaces, Problems& problems);

}  // namespace hullscan
