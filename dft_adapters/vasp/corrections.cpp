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

/// Whatever the structure is; the even grids of a density are centred for some structures and not for others.
bool is_centred_at_gamma(const DftSettings& settings) {
  if (settings.values.contains("incar.KSPACING")) return text_value(settings, "incar.KGAMMA") != ".FALSE.";
  const std::string asked = text_value(settings, "gamma_centred");
  if (settings.values.contains("kpoints")) return asked != "0";
  return asked == "1" || settings.values.contains("kpoint_length");
}

/// @returns false if the change has no meaning here.
bool apply(const Change& change, const std::string& reason, DftSettings& settings) {
  if (change.tag == "@gamma") {
    if (is_centred_at_gamma(settings) || reason.find(kCentredAtGamma) != std::string::npos) return false;
    settings.values.erase("incar.KGAMMA");
    settings.values["gamma_centred"] = std::string(change.value);
    return true;
  }
  const std::string key = "incar." + std::string(change.tag);
  if (change.tag == "ALGO" && change.value == "Fast" && text_value(settings, "incar.LHFCALC") == ".TRUE.") return false;
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

/// The tags that rungs set, as VASP takes them: its defaults filled in, one spelling for one meaning.
std::map<std::string, std::string> as_vasp_takes(const DftSettings& settings) {
  auto values = settings.values;
  const auto fill = [&](const char* key, const char* value) { values.try_emplace(key, value); };
  if (!values.contains("incar.IALGO")) fill("incar.ALGO", "normal");
  fill("incar.LREAL", ".FALSE.");
  fill("incar.KPAR", "1");
  if (!values.contains("incar.NPAR")) fill("incar.NCORE", "1");
  fill("incar.IMIX", "4");
  if (const auto algo = values.find("incar.ALGO");
      algo != values.end()) {  // "Fast" and "F" are one, "All" and "Conjugate"
    algo->second = detail::lower_case(algo->second).substr(0, 1);
    if (algo->second == "c") algo->second = "a";
  }
  if (const auto symmetry = values.find("incar.ISYM"); symmetry != values.end() && symmetry->second == "-1")
    symmetry->second = "0";
  return values;
}

bool has_no_effect(const Rung& rung, const DftSettings& before, const DftSettings& after) {
  return !rung.changes.empty() && as_vasp_takes(before) == as_vasp_takes(after);
}

bool set_same_tags(const Rung& a, const Rung& b) {
  return std::equal(a.changes.begin(), a.changes.end(), b.changes.begin(), b.changes.end(),
                    [](const Change& x, const Change& y) { return x.tag == y.tag; });
}

/// A later rung that sets the same tags was tried: this one was passed over then, since it was what had failed.
bool would_go_back(const std::vector<Rung>& ladder, const Rung& rung, std::span<const std::string> tried) {
  return std::any_of(&rung + 1, ladder.data() + ladder.size(), [&](const Rung& later) {
    return !rung.changes.empty() && set_same_tags(rung, later) &&
           std::find(tried.begin(), tried.end(), later.handler) != tried.end();
  });
}

/// What the message asks for; where the electrons did not converge, then what helps against that.
std::vector<Rung> ladder_for(const DftFailure& failure, const KnownError* error) {
  if (error == nullptr) return ladder_of(failure.kind);
  std::vector<Rung> ladder = error->ladder;
  if (failure.kind == FailureKind::kElectronicNotConverged) {
    const auto& more = ladder_of(failure.kind);
    ladder.insert(ladder.end(), more.begin(), more.end());
  }
  return ladder;
}

}  // namespace

std::optional<Correction> next_correction(const DftFailure& failure, const DftSettings& settings,
                                          std::span<const std::string> tried) {
  if (failure.failure_class == FailureClass::kEnvironment) return std::nullopt;
  const bool ions_move = calculation_of(incar_of(settings)) != "scf";
  const bool can_go_on = ions_move && failure.last_structure.has_value();
  const KnownError* error = find_error(failure.reason);
  const auto ladder = ladder_for(failure, error);
  // Time alone brings a calculation no further that would stop at the same place again.
  const bool needs_progress =
      error == nullptr && (failure.kind == FailureKind::kIonicNotConverged ||
                           failure.kind == FailureKind::kStoppedByTime || failure.kind == FailureKind::kTimeLimit);
  if (needs_progress && !can_go_on) return std::nullopt;
  for (const Rung& rung : ladder) {
    if (std::count(tried.begin(), tried.end(), rung.handler) >= rung.at_most) continue;
    if (would_go_back(ladder, rung, tried)) continue;
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
