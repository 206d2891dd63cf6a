/// @file
/// Reads the labelled sets of the shared data folder: parent.json, ideal.extxyz, splits.json.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "surrogates/surrogate.hpp"

namespace hullscan::test {

struct LabelledSet {
  std::shared_ptr<const ParentCrystal> parent;
  std::vector<LabelledConfiguration> labels;           ///< total energy per atom, in the order of splits.json
  std::vector<std::vector<std::size_t>> folds;         ///< test labels of each fold
  std::vector<std::vector<std::size_t>> permutations;  ///< first n = training set
};

LabelledSet read_labelled_set(const std::string& name);

}  // namespace hullscan::test
