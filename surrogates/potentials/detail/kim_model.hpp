/// @file
/// The KIM API's handles with their deleters, and one energy evaluation of a periodic cell. The C API goes no
/// further.
#pragma once

extern "C" {  // the library's headers do not say it
#include <KIM_Log.h>
#include <KIM_SemVer.h>
#include <KIM_SimulatorHeaders.h>
}

#include <memory>
#include <string>
#include <vector>

#include "surrogates/potentials/kim_calculator.hpp"

namespace hullscan::detail {

struct DestroyKimModel {
  void operator()(KIM_Model* model) const noexcept { KIM_Model_Destroy(&model); }
};

class KimModel {
 public:
  explicit KimModel(const std::string& name);  ///< @throws InputError
  /// @returns the model's code of a species, or -1.
  [[nodiscard]] int code(Species species) const;
  [[nodiscard]] KimPoint evaluate(const Structure& structure) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::unique_ptr<KIM_Model, DestroyKimModel> model_;
  double influence_angstrom_ = 0;
  std::vector<double> cutoffs_angstrom_;
  bool needs_image_lists_ = false;  ///< neighbours of images too
};

std::vector<std::string> portable_models();
std::string kim_version();

}  // namespace hullscan::detail
