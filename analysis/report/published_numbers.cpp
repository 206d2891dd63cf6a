#include "analysis/report/published_numbers.hpp"

#include <string>

#include "core/decimals.hpp"

namespace hullscan {
namespace {

int decimals_of(const std::string& key) {
  const bool share = key == "x" || key == "on_axes" || key == "fraction" || key.starts_with("entropy");
  return share ? kShareDecimals : kEnergyDecimals;
}

void round_numbers(Json& value, int decimals) {
  if (value.is_number_float()) {
    value = at_decimals(value.get<double>(), decimals);
  } else if (value.is_object()) {
    for (auto& [key, one] : value.items()) round_numbers(one, decimals_of(key));
  } else if (value.is_array()) {
    for (Json& one : value) round_numbers(one, decimals);
  }
}

}  // namespace

Json published(Json tree) {
  round_numbers(tree, kEnergyDecimals);
  return tree;
}

}  // namespace hullscan
