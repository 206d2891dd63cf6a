#include "campaign/looser_symmetry_text.hpp"

#include <fmt/format.h>

#include "core/log.hpp"

namespace hullscan {

std::string looser_symmetry_text(const LooserSymmetry& looser) {
  std::string text = fmt::format("at symprec {} Å it would be {} ({})", looser.symprec_angstrom,
                                 looser.space_group_symbol, looser.space_group_number);
  if (looser.inequivalent && looser.inequivalent != looser.inequivalent_now) {
    text += fmt::format(", {} instead of {} inequivalent", grouped(looser.inequivalent->str()),
                        grouped(looser.inequivalent_now->str()));
  }
  return text;
}

Json looser_symmetry_json(const LooserSymmetry& looser) {
  return {{"symprec_angstrom", looser.symprec_angstrom},
          {"space_group", fmt::format("{} ({})", looser.space_group_symbol, looser.space_group_number)},
          {"inequivalent", looser.inequivalent ? Json(looser.inequivalent->str()) : Json()}};
}

void log_looser_symmetry(const std::vector<SearchSpace>& spaces) {
  for (const SearchSpace& space : spaces) {
    if (const auto looser = looser_symmetry(space)) {
      log_warning(fmt::format("{}: {} ({}) found at symprec {} Å; {}", space.name(), space.parent()->space_group_symbol,
                              space.parent()->space_group_number, space.parent()->symprec_angstrom,
                              looser_symmetry_text(*looser)));
    }
  }
}

}  // namespace hullscan
