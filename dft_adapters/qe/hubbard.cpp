#include "dft_adapters/qe/hubbard.hpp"
#include "dft_adapters/detail/atomic_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/qe/settings.hpp"

namespace hullscan::qe {
namespace {

std::string u_of(Species species, const DftSettings& settings) {
  return text_value(settings, "hubbard_u." + std::string(species.symbol()));
}

bool any_u(const std::vector<Species>& species, const DftSettings& settings) {
  return std::any_of(species.begin(), species.end(), [&](Species one) { return !u_of(one, settings).empty(); });
}

}  // namespace

std::string hubbard_manifold(Species species) {
  const int z = species.atomic_number();
  const auto within = [&](int first, int last) { return z >= first && z <= last; };
  if (within(6, 8)) return "2p";
  if (within(21, 30)) return "3d";
  if (within(39, 48)) return "4d";
  if (within(58, 71)) return "4f";
  if (within(72, 80)) return "5d";
  if (within(90, 103)) return "5f";
  return "";
}

bool has_hubbard_card(std::string_view version) {
  const auto parts = detail::split(std::string(version), '.');
  const auto major = parts.empty() ? std::nullopt : detail::to_integer(parts[0]);
  const auto minor = parts.size() < 2 ? std::nullopt : detail::to_integer(parts[1]);
  return major.value_or(0) > 7 || (major.value_or(0) == 7 && minor.value_or(0) >= 1);
}

std::string hubbard_namelist(const std::vector<Species>& species, const DftSettings& settings) {
  if (has_hubbard_card(text_value(settings, "version")) || !any_u(species, settings)) return "";
  std::string text =
      fmt::format("  lda_plus_u = .true.\n  U_projection_type = '{}'\n", text_value(settings, "hubbard_projectors"));
  for (std::size_t i = 0; i < species.size(); ++i) {
    if (const std::string u = u_of(species[i], settings); !u.empty())
      text += fmt::format("  Hubbard_U({}) = {}\n", i + 1, u);
  }
  return text;
}

std::string hubbard_card(const std::vector<Species>& species, const DftSettings& settings) {
  if (!has_hubbard_card(text_value(settings, "version")) || !any_u(species, settings)) return "";
  std::string text = fmt::format("HUBBARD ({})\n", text_value(settings, "hubbard_projectors"));
  for (const Species one : species) {
    if (const std::string u = u_of(one, settings); !u.empty())
      text += fmt::format("  U {}-{} {}\n", one.symbol(), hubbard_manifold(one), u);
  }
  return text;
}

std::string hubbard_difference(const std::map<std::string, double>& asked,
                               const std::map<std::string, double>& computed) {
  const auto same = [](double ev, double given) {
    const double tolerance = 1e-4 * std::max(1.0, std::abs(ev));
    return std::abs(given * kRydbergEv - ev) < tolerance || std::abs(given * 2 * kRydbergEv - ev) < tolerance;
  };
  for (const auto& [label, ev] : asked) {
    const auto found = computed.find(label);
    if (found == computed.end() || !same(ev, found->second))
      return fmt::format("Hubbard U of {}: asked for {} eV, computed with {}", label, ev,
                         found == computed.end() ? "none" : fmt::format("{:.6g} in the code's units", found->second));
  }
  for (const auto& [label, given] : computed) {
    if (given != 0 && !asked.contains(label))
      return fmt::format("Hubbard U of {}: asked for none, computed with {:.6g} in the code's units", label, given);
  }
  return "";
}

}  // namespace hullscan::qe
