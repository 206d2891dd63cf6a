#include "surrogates/potentials/kim_energies.hpp"

#include <fmt/format.h>

#include <limits>
#include <map>

namespace hullscan {

KimSettings read_kim_settings(SettingsReader& reader, const std::string& model_key) {
  KimSettings settings;
  reader.require(model_key, "the name of a KIM model, e.g. \"EAM_Dynamo_PunMishin_2009_NiAl__MO_751354403791_005\"");
  settings.model = reader.text(model_key, "");
  const std::string relax = reader.choice("relax", {"none", "positions", "cell"}, "cell");
  settings.relaxation = relax == "none" ? KimRelaxation::kNone
                                        : (relax == "positions" ? KimRelaxation::kPositions : KimRelaxation::kCell);
  return settings;
}

std::unique_ptr<KimCalculator> KimEnergies::Pool::borrow() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto calculator = std::move(idle_.back());
      idle_.pop_back();
      return calculator;
    }
  }
  return std::make_unique<KimCalculator>(model_);
}

void KimEnergies::Pool::give_back(std::unique_ptr<KimCalculator> calculator) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(calculator));
}

std::shared_ptr<KimEnergies::Pool> KimEnergies::Pool::of(const std::string& model) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Pool>> pools;
  const std::scoped_lock lock(mutex);
  auto& known = pools[model];
  auto pool = known.lock();
  if (!pool) known = pool = std::make_shared<Pool>(model);
  return pool;
}

KimEnergies::KimEnergies(KimSettings settings, const std::vector<Species>& species)
    : settings_(std::move(settings)), pool_(Pool::of(settings_.model)) {
  auto calculator = pool_->borrow();
  for (const Species one : species) {
    if (!one.is_vacancy() && !calculator->knows(one)) {
      throw InputError(fmt::format("KIM model {}: does not know {}", settings_.model, one.symbol()));
    }
  }
  pool_->give_back(std::move(calculator));
}

double KimEnergies::energy_ev(const Structure& structure) const {
  constexpr double kLowestEvPerAtom = -50;
  if (structure.atom_count() == 0) return 0;
  auto calculator = pool_->borrow();
  double energy = std::numeric_limits<double>::infinity();
  try {
    // Looser than a calculation's own: a score needs 0.1 meV/atom.
    const KimRelaxed relaxed = calculator->relax(structure, {.relaxation = settings_.relaxation,
                                                             .largest_force_ev_per_angstrom = 5e-3,
                                                             .largest_stress_ev_per_cubic_angstrom = 1e-4,
                                                             .steps = 500});
    if (relaxed.energy_ev > kLowestEvPerAtom * static_cast<double>(structure.atom_count())) energy = relaxed.energy_ev;
  } catch (const InputError&) {
    energy = std::numeric_limits<double>::infinity();  // the potential refuses this structure: it is not a candidate
  }
  pool_->give_back(std::move(calculator));
  return energy;
}

}  // namespace hullscan
