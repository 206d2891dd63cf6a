#include "dft_adapters/files_to_open.hpp"

#include "dft_adapters/command/exchange.hpp"

namespace hullscan {

std::vector<std::string> files_to_open(const DftCode& code) {
  const std::string& name = code.info().name;
  if (name == "vasp") return {"OUTCAR", "CONTCAR"};
  if (name == "quantum-espresso") return {code.info().stdout_file};
  return {exchange::kResultFile};
}

}  // namespace hullscan
