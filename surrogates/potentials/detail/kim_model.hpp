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

/// Not for two threads at a time.
class KimModel {
 public:
  explicit KimModel(const std::string& name);  ///< @throws InputError
  /// @returns the model's code of a species, or -1.
  [[nodiscard]] int code(Species species) const;
  [[nodiscard]] KimPoint evaluate(const Structure& structure) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  using Handle = std::unique_ptr<KIM_Model, DestroyKimModel>;
  struct Arranged;  ///< a structure as the library wants it
  static Handle load(const std::string& name);
  [[nodiscard]] KimPoint compute(KIM_Model* model, const Structure& structure, Arranged& arranged) const;
  /// Whether the model has not been tested yet for keeping the kinds of atoms that it was given first, and this
  /// structure would show it.
  [[nodiscard]] bool would_tell(const std::vector<int>& codes) const;

  std::string name_;
  Handle model_;
  double influence_angstrom_ = 0;
  std::vector<double> cutoffs_angstrom_;
  bool needs_image_lists_ = false;        ///< neighbours of images too
  mutable std::vector<int> first_codes_;  ///< of the first structure
  mutable bool tested_ = false;
  mutable bool keeps_kinds_ = false;  ///< takes every structure for one of the first one's atoms: loaded anew for each
};

std::vector<std::string> portable_models();
std::string kim_version();  ///< "" where this program was built without the KIM API (kim_absent.cpp)

}  // namespace hullscan::detail
