/// @file
/// Energies of configurations by an interatomic potential: what of kim_calculator.hpp the models use. Every thread
/// borrows a calculator of its own.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/campaign/settings.hpp"
#include "surrogates/potentials/kim_calculator.hpp"

namespace hullscan {

struct KimSettings {
  std::string model;
  KimRelaxation relaxation = KimRelaxation::kCell;
};

/// Takes the keys `model_key` and relax = "none" | "positions" | "cell".
KimSettings read_kim_settings(SettingsReader& reader, const std::string& model_key);

class KimEnergies {
 public:
  /// @throws InputError as KimCalculator does, or for a species that the potential does not know.
  KimEnergies(KimSettings settings, const std::vector<Species>& species);
  [[nodiscard]] const KimSettings& settings() const { return settings_; }
  /// Energy of the structure, relaxed as the settings say; eV per cell. +infinity where the relaxation runs away or
  /// the potential gives no energy.
  [[nodiscard]] double energy_ev(const Structure& structure) const;

 private:
  KimSettings settings_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<KimCalculator>> idle_;
};

}  // namespace hullscan
