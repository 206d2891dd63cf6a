/// @file
/// Energies, forces and relaxations by interatomic potentials of the OpenKIM repository, through the KIM API. What a
/// model is called and which elements it knows is the KIM API's business; Debian's openkim-models brings about 440.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string>
#include <vector>

#include "core/structure.hpp"

namespace hullscan {

struct KimPoint {
  double energy_ev = 0;                                            ///< of the cell
  Eigen::Matrix3Xd forces_ev_per_angstrom;                         ///< [3, atoms]
  Eigen::Matrix3d strain_derivative_ev = Eigen::Matrix3d::Zero();  ///< dE/d(strain); stress = this / volume
};

enum class KimRelaxation { kNone, kPositions, kCell };  ///< kCell: positions and all six strains

struct KimRelaxOptions {
  KimRelaxation relaxation = KimRelaxation::kCell;
  double largest_force_ev_per_angstrom = 1e-3;
  double largest_stress_ev_per_cubic_angstrom = 1e-5;  ///< 1.6 MPa
  int steps = 1000;                                    ///< evaluations at most
};

struct KimRelaxed {
  Structure structure;   ///< positions in [0, 1), atoms in the order given
  double energy_ev = 0;  ///< of the cell
  double largest_force_ev_per_angstrom = 0;
  double largest_stress_ev_per_cubic_angstrom = 0;  ///< also where the cell was kept
  int steps = 0;                                    ///< evaluations that were made
  bool converged = false;
};

/// One potential. Not for two threads at a time: every thread takes its own.
class KimCalculator {
 public:
  /// @throws InputError if no such model is installed (with a "did you mean"), or it cannot do what is needed.
  explicit KimCalculator(const std::string& model);
  ~KimCalculator();
  KimCalculator(KimCalculator&&) noexcept;
  KimCalculator& operator=(KimCalculator&&) noexcept;

  [[nodiscard]] const std::string& model() const;
  [[nodiscard]] bool knows(Species species) const;
  /// @throws InputError for no atoms, a species the model does not know, or atoms on top of each other.
  [[nodiscard]] double energy_ev(const Structure& structure) const;
  [[nodiscard]] KimPoint evaluate(const Structure& structure) const;
  /// To the nearest minimum by L-BFGS with an energy that never rises; a structure that runs away (an atom's energy
  /// below -100 eV, or a volume outside a quarter and four times the first) ends not converged.
  [[nodiscard]] KimRelaxed relax(const Structure& structure, const KimRelaxOptions& options = {}) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Portable models that the KIM API finds on this machine, sorted.
std::vector<std::string> installed_kim_models();
/// "2.3.0".
std::string kim_api_version();

/// Installed models whose names say that they know all of these elements, fewest others first; at most `most`. The name
/// decides ("EAM_…_NiAlCo__MO_…"): a model is not loaded for a suggestion, since that is foreign code.
std::vector<std::string> potentials_for(const std::vector<Species>& elements, std::size_t most);

}  // namespace hullscan
