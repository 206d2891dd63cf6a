#include <algorithm>

#include "dft_adapters/dft_code.hpp"

namespace hullscan {

const DftCode* find_dft_code(const std::string& name) {
  for (const DftCode* code : dft_codes()) {
    const auto& aliases = code->info().aliases;
    if (code->info().name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return code;
  }
  return nullptr;
}

std::vector<std::string> dft_code_names() {
  std::vector<std::string> names;
  for (const DftCode* code : dft_codes()) names.push_back(code->info().name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hullscan
