/// @file
/// Energies of configurations by an interatomic potential: what of kim_calculator.hpp the models use. Every thread
/// borrows a calculator, and all spaces of a potential share them: to load one takes some 20 ms.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
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
  /// Calculators of one potential that nobody uses now.
  class Pool {
   public:
    explicit Pool(std::string model) : model_(std::move(model)) {}
    std::unique_ptr<KimCalculator> borrow();
    void give_back(std::unique_ptr<KimCalculator> calculator);
    /// The one of a potential in this process; gone with the last that holds it.
    static std::shared_ptr<Pool> of(const std::string& model);

   private:
    std::string model_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<KimCalculator>> idle_;
  };

  KimSettings settings_;
  std::shared_ptr<Pool> pool_;
};

}  // namespace hullscan
