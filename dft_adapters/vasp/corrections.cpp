#include "dft_adapters/vasp/corrections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/vasp/code_errors.hpp"
#include "dft_adapters/vasp/settings.hpp"

namespace hullscan::vasp {
namespace {

/// The number of bands that the reason quotes: the judge writes "NBANDS = 12" behind a message about bands.
std::optional<double> quoted_bands(const std::string& reason) {
  const std::size_t at = reason.rfind("NBANDS = ");
  if (at == std::string::npos) return std::nullopt;
  const auto parts = detail::words(std::string_view(reason).substr(at + 9));
  return parts.empty() ? std::nullopt : detail::to_number(parts[0].substr(0, parts[0].find(')')));
}

/// @returns false if the change has no meaning here.
bool apply(const Change& change, const std::string& reason, DftSettings& settings) {
  if (change.tag == "@gamma") {
    if (settings.values.contains("incar.KSPACING") && text_value(settings, "incar.KGAMMA") != ".FALSE.") return false;
    settings.values.erase("incar.KGAMMA");
    settings.values["gamma_centred"] = std::string(change.value);
    return true;
  }
  const std::string key = "incar." + std::string(change.tag);
  if (change.how == Change::How::kErase) {
    settings.values.erase(key);
    return true;
  }
  if (change.how == Change::How::kSet) {
    settings.values[key] = std::string(change.value);
    if (change.tag == "EDIFF") settings.values.erase("ediff_per_atom");
    return true;
  }
  auto now = detail::to_number(text_value(settings, key));
  if (!now && change.tag == "NBANDS") now = quoted_bands(reason);
  if (!now) now = detail::to_number(change.start);
  const auto factor = detail::to_number(change.value);
  if (!now || !factor) return false;
  if (change.how == Change::How::kScaleUp) {
    settings.values[key] = fmt::format("{}", std::max(std::ceil(*now * *factor), *now + 1));
  } else if (change.tag == "KPAR") {
    if (*now < 2) return false;
    settings.values[key] = fmt::format("{}", std::floor(*now * *factor));
  } else {
    settings.values[key] = fmt::format("{:.6g}", *now * *factor);
  }
  return true;
}

bool has_no_effect(const Rung& rung, const DftSettings& before, const DftSettings& after) {
  if (rung.changes.empty()) return false;
  if (before == after) return true;
  // "Fast" and "FAST" are one value to VASP.
  const auto algo = [](const DftSettings& settings) {
    return detail::lower_case(text_value(settings, "incar.ALGO"));
  };
  return rung.changes.size() == 1 && rung.changes[0].tag == "ALGO" && algo(before) == algo(after);
}

}  // namespace

std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried) {
  if (failure.failure_class == FailureClass::kEnvironment) return std::nullopt;
  const bool ions_move = calculation_of(incar_of(settings)) != "scf";
  const bool can_go_on = ions_move && failure.last_structure.has_value();
  const KnownError* error = find_error(failure.reason);
  const auto& ladder = error != nullptr ? error->ladder : ladder_of(failure.kind);
  // Time alone brings a calculation no further that would stop at the same place again.
  const bool needs_progress =
      error == nullptr && (failure.kind == FailureKind::kIonicNotConverged ||
                           failure.kind == FailureKind::kStoppedByTime || failure.kind == FailureKind::kTimeLimit);
  if (needs_progress && !can_go_on) return std::nullopt;
  for (const Rung& rung : ladder) {
    if (std::count(tried.begin(), tried.end(), rung.handler) >= rung.at_most) continue;
    Correction correction{.handler = std::string(rung.handler),
                          .explanation = std::string(rung.explanation),
                          .settings = settings,
                          .from_last_structure = rung.from_last_structure && can_go_on};
    const bool fits = std::all_of(rung.changes.begin(), rung.changes.end(), [&](const Change& change) {
      return apply(change, failure.reason, correction.settings);
    });
    if (!fits || has_no_effect(rung, settings, correction.settings)) continue;
    if (hull_keys_of(correction.settings) != hull_keys_of(settings)) continue;
    return correction;
  }
  return std::nullopt;
}

}  // namespace hullscan::vasp
