/// @file
/// The KIM API's handles with their deleters, and one energy evaluation of a periodic cell. The C API goes no
/// further.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "surrogates/potentials/kim_calculator.hpp"

struct KIM_Model;  // of the library

namespace hullscan::detail {

struct DestroyKimModel {
  void operator()(KIM_Model* model) const noexcept;
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
std::string kim_version();  ///< "" where this program was built without the KIM API (kim_absent.cpp)

}  // namespace hullscan::detail
