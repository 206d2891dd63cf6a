#include <algorithm>
#include <array>

#include "dft_adapters/command/command.hpp"
#include "dft_adapters/dft_code.hpp"
#include "dft_adapters/kim/kim.hpp"
#include "dft_adapters/qe/quantum_espresso.hpp"
#include "dft_adapters/vasp/vasp.hpp"

namespace hullscan {
namespace {

/// One line a code.
const std::array kMakers = {
    &quantum_espresso,
    &vasp_code,
    &command_code,
    &kim_code,
};

}  // namespace

const DftCode* find_dft_code(const std::string& name) {
  for (const auto maker : kMakers) {
    const DftCode& code = maker();
    const auto& aliases = code.info().aliases;
    if (code.info().name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return &code;
  }
  return nullptr;
}

std::vector<std::string> dft_code_names() {
  std::vector<std::string> names;
  for (const auto maker : kMakers) names.push_back(maker().info().name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hullscan
