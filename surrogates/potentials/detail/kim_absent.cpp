// In the place of kim_model.cpp where the KIM API was not found: no potential can be had.
#include <fmt/format.h>

#include "core/errors.hpp"
#include "surrogates/potentials/detail/kim_model.hpp"

namespace hullscan::detail {

std::vector<std::string> portable_models() { return {}; }
std::string kim_version() { return {}; }

void DestroyKimModel::operator()(KIM_Model* /*model*/) const noexcept {}

KimModel::KimModel(const std::string& name) : name_(name) {
  throw InputError(fmt::format(
      "KIM model {}: this hullscan was built without the KIM API; install it (libkim-api-dev on Debian, kim-api of "
      "conda-forge or Spack) and configure with -DHULLSCAN_KIM=ON",
      name));
}

int KimModel::code(Species /*species*/) const { return -1; }
KimPoint KimModel::evaluate(const Structure& /*structure*/) const { return {}; }

}  // namespace hullscan::detail
