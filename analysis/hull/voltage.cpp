#include "analysis/hull/voltage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/errors.hpp"

namespace hullscan {
namespace {

/// F / 3.6: electrons a mole in mAh (CODATA 2018).
constexpr double kMilliampereHoursPerMole = 96485.33212 / 3.6;
/// Å³ per host to cm³ per mole.
constexpr double kCubicCentimetresPerMole = 0.602214076;

struct Scaled {
  Composition host;
  ElectrodePoint point;
  std::int64_t ions = 0, hosts = 1;  ///< x as a fraction
};

Scaled scaled(const ElectrodeEntry& entry, Species ion) {
  std::map<Species, std::int64_t> rest = entry.composition.without_vacancies().counts();
  const std::int64_t ions = entry.composition.count(ion);
  rest.erase(ion);
  const Composition all(rest);
  Scaled result;
  result.host = all.reduced();
  result.hosts = result.host.atom_count() == 0 ? 1 : all.atom_count() / result.host.atom_count();
  result.ions = ions;
  const auto units = static_cast<double>(result.hosts);
  result.point = {entry.id, static_cast<double>(ions) / units, entry.energy_ev / units, std::nullopt};
  if (entry.volume_angstrom3) result.point.volume_angstrom3_per_host = *entry.volume_angstrom3 / units;
  return result;
}

double mass_u(const Composition& composition) {
  double mass = 0;
  for (const auto& [species, count] : composition.counts()) mass += static_cast<double>(count) * species.mass_u();
  return mass;
}

/// Lower hull of points by ions, each content once: Andrew's monotone chain.
std::vector<ElectrodePoint> lower_hull(const std::vector<ElectrodePoint>& points) {
  std::vector<ElectrodePoint> hull;
  for (const ElectrodePoint& p : points) {
    while (hull.size() >= 2) {
      const ElectrodePoint &a = hull[hull.size() - 2], &b = hull.back();
      const double turn = (b.ions_per_host - a.ions_per_host) * (p.energy_ev_per_host - a.energy_ev_per_host) -
                          (b.energy_ev_per_host - a.energy_ev_per_host) * (p.ions_per_host - a.ions_per_host);
      if (turn > 1e-12) break;
      hull.pop_back();
    }
    hull.push_back(p);
  }
  return hull;
}

}  // namespace

int usual_ion_charge(Species ion) {
  constexpr std::array kTwo{"Be", "Mg", "Ca", "Sr", "Ba", "Zn"};
  constexpr std::array kThree{"Al", "Sc", "Y"};
  const auto among = [&](const auto& symbols) {
    return std::any_of(symbols.begin(), symbols.end(), [&](const char* symbol) { return ion.symbol() == symbol; });
  };
  return among(kThree) ? 3 : among(kTwo) ? 2 : 1;
}

VoltageProfile voltage_profile(std::span<const ElectrodeEntry> entries, Species ion, double ion_ev, int charge) {
  Problems problems;
  if (charge < 1) problems.add({}, fmt::format("voltage: a charge of {}, must be at least 1", charge));
  if (!std::isfinite(ion_ev)) problems.add({}, fmt::format("voltage: the energy of {} is {}", ion.symbol(), ion_ev));
  std::map<std::pair<std::int64_t, std::int64_t>, ElectrodePoint> lowest;
  VoltageProfile profile;
  profile.ion = ion;
  profile.charge = charge;
  for (const ElectrodeEntry& entry : entries) {
    const Scaled here = scaled(entry, ion);
    if (!std::isfinite(entry.energy_ev)) {
      problems.add({}, fmt::format("voltage: entry \"{}\": energy is {}, must be finite", entry.id, entry.energy_ev));
      continue;
    }
    if (here.host.atom_count() == 0) continue;  // the metal itself
    if (profile.host.atom_count() == 0) profile.host = here.host;
    if (here.host != profile.host) {
      problems.add({},
                   fmt::format("voltage: entry \"{}\": {} without {} is {}, expected {}", entry.id,
                               entry.composition.formula(), ion.symbol(), here.host.formula(), profile.host.formula()));
      continue;
    }
    const std::int64_t divisor = std::gcd(here.ions, here.hosts);
    const auto [at, inserted] = lowest.emplace(std::pair{here.ions / divisor, here.hosts / divisor}, here.point);
    if (!inserted && here.point.energy_ev_per_host < at->second.energy_ev_per_host) at->second = here.point;
  }
  problems.throw_if_any();
  if (lowest.size() < 2)
    throw InputError(fmt::format("voltage: {} content{} of {}, at least two are needed", lowest.size(),
                                 lowest.size() == 1 ? "" : "s", ion.symbol()));

  std::vector<ElectrodePoint> points;
  for (const auto& [x, point] : lowest) points.push_back(point);
  std::sort(points.begin(), points.end(),
            [](const ElectrodePoint& a, const ElectrodePoint& b) { return a.ions_per_host < b.ions_per_host; });
  profile.stable = lower_hull(points);

  const ElectrodePoint &empty = profile.stable.front(), &full = profile.stable.back();
  const double mass = mass_u(profile.host) + full.ions_per_host * ion.mass_u();
  const double per_ion = charge * kMilliampereHoursPerMole / mass;
  for (std::size_t i = 0; i + 1 < profile.stable.size(); ++i) {
    VoltagePlateau plateau{profile.stable[i], profile.stable[i + 1], 0, 0, std::nullopt};
    const double ions = plateau.discharged.ions_per_host - plateau.charged.ions_per_host;
    plateau.voltage =
        -(plateau.discharged.energy_ev_per_host - plateau.charged.energy_ev_per_host - ions * ion_ev) / (ions * charge);
    plateau.capacity_mah_per_g = ions * per_ion;
    const auto &before = plateau.charged.volume_angstrom3_per_host,
               &after = plateau.discharged.volume_angstrom3_per_host;
    if (before && after) plateau.volume_change = *after / *before - 1;
    profile.plateaus.push_back(std::move(plateau));
  }
  const double ions = full.ions_per_host - empty.ions_per_host;
  profile.average_voltage = -(full.energy_ev_per_host - empty.energy_ev_per_host - ions * ion_ev) / (ions * charge);
  profile.highest_voltage = profile.plateaus.front().voltage;
  profile.lowest_voltage = profile.plateaus.back().voltage;
  profile.capacity_mah_per_g = ions * per_ion;
  if (full.volume_angstrom3_per_host)
    profile.capacity_mah_per_cm3 =
        ions * charge * kMilliampereHoursPerMole / (*full.volume_angstrom3_per_host * kCubicCentimetresPerMole);
  profile.energy_wh_per_kg = profile.average_voltage * profile.capacity_mah_per_g;
  return profile;
}

}  // namespace hullscan
