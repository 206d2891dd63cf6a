#include "dft_adapters/vasp/steps.hpp"

#include <fmt/format.h>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/vasp/settings.hpp"

namespace hullscan::vasp {
namespace {

constexpr const char* kSinglePoint = "single-point";
constexpr const char* kClosingStep = "closing single point";
constexpr const char* kRelaxations = "relaxations";
constexpr const char* kRelaxationStep = "relaxation ";  ///< and its number, from 2

std::int64_t relaxations_of(const DftSettings& settings) {
  return detail::to_integer(text_value(settings, kRelaxations)).value_or(1);
}

/// What was asked, with what a remedy found out on the way there (ALGO, mixing, bands): that part changes no energy.
DftSettings carried_on(const DftSettings& asked, const DftSettings& done) {
  const DftSettings physics_asked = identity_of(asked), physics_done = identity_of(done);
  DftSettings settings = asked;
  std::erase_if(settings.values, [&](const auto& entry) { return !physics_asked.values.contains(entry.first); });
  for (const auto& [key, value] : done.values) {
    if (!physics_done.values.contains(key) && key != kStepKey) settings.values[key] = value;
  }
  return settings;
}

void move_nothing(DftSettings& settings) {
  for (const char* tag : {"EDIFFG", "POTIM", "SMASS"}) settings.values.erase(fmt::format("incar.{}", tag));
  settings.values["incar.IBRION"] = "-1";
  settings.values["incar.ISIF"] = "2";
  settings.values["incar.NSW"] = "0";
  const std::string prefix = kClosingIncarPrefix;
  for (const auto& [key, value] : DftSettings(settings).values) {
    if (!key.starts_with(prefix)) continue;
    const std::string tag = key.substr(prefix.size());
    settings.values["incar." + tag] = value;
    if (tag == "EDIFF") settings.values.erase("ediff_per_atom");
  }
}

}  // namespace

void read_steps(SettingsReader& reader, DftSettings& settings) {
  const bool relaxes = calculation_of(incar_of(settings)) == "vc-relax";
  const std::int64_t relaxations = reader.integer(kRelaxations, 1, 1, 5);
  // Where the last of several relaxations has begun near its end, its basis is that of its cell.
  const std::string closing =
      reader.choice(kClosing, {kSinglePoint, "none"}, relaxes && relaxations == 1 ? kSinglePoint : "none");
  if (!relaxes) {
    const char* why = "has no effect: no cell is relaxed (NSW > 0 with ISIF from 3 to 8)";
    if (relaxations > 1) reader.problem(kRelaxations, why);
    if (closing != "none") reader.problem(kClosing, why);
    return;
  }
  if (relaxations > 1) settings.values[kRelaxations] = fmt::format("{}", relaxations);
  if (closing == kSinglePoint) settings.values[kClosing] = closing;
}

std::int64_t relaxation_of(const DftSettings& settings) {
  const std::string step = text_value(settings, kStepKey);
  const std::string prefix = kRelaxationStep;
  return step.starts_with(prefix) ? detail::to_integer(step.substr(prefix.size())).value_or(1) : 1;
}

std::optional<DftStep> next_step(const DftSettings& asked, const DftSettings& done) {
  if (calculation_of(incar_of(asked)) != "vc-relax" || text_value(done, kStepKey) == kClosingStep) return std::nullopt;
  DftStep step;
  if (const auto number = relaxation_of(done); number < relaxations_of(asked)) {
    step.name = fmt::format("{}{}", kRelaxationStep, number + 1);
    step.settings = carried_on(asked, done);
  } else if (text_value(asked, kClosing) == kSinglePoint) {
    step.name = kClosingStep;
    step.settings = carried_on(asked, done);
    move_nothing(step.settings);
  } else {
    return std::nullopt;
  }
  step.settings.values[kStepKey] = step.name;
  return step;
}

DftSettings last_step(const DftSettings& asked) {
  DftSettings last = asked;
  while (const auto next = next_step(asked, last)) last = next->settings;
  return last;
}

void add_step_keys(const DftSettings& settings, std::map<std::string, std::string>& hull_keys) {
  if (text_value(settings, kStepKey) == kClosingStep) hull_keys[kClosing] = kSinglePoint;
  const auto number = relaxation_of(settings);
  if (number > 1 && number == relaxations_of(settings)) hull_keys[kRelaxations] = fmt::format("{}", number);
}

std::optional<DftSettings> without_closing_default(const SettingsTable& table, const DftSettings& settings) {
  if (table.find(kClosing) != nullptr || !settings.values.contains(kClosing)) return std::nullopt;
  DftSettings before = settings;
  before.values.erase(kClosing);
  return before;
}

}  // namespace hullscan::vasp
