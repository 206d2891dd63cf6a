#include "surrogates/regression/detail/tree_training.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>

#include "core/errors.hpp"
#include "core/json.hpp"

namespace hullscan::detail {
namespace {

/// The library is opened when the first tree is grown: linked, it and what it needs would cost every command 8 ms.
/// Its functions are declared here (xgboost.readthedocs.io, "XGBoost C Package"), so that a build needs nothing of it.
struct Library {
  const char* (*last_error)();
  int (*create_matrix)(const float* rows, std::uint64_t row_count, std::uint64_t columns, float missing, void** matrix);
  int (*set_float_info)(void* matrix, const char* field, const float* values, std::uint64_t count);
  int (*free_matrix)(void* matrix);
  int (*create_booster)(void* const matrices[], std::uint64_t count, void** booster);
  int (*set_parameter)(void* booster, const char* name, const char* value);
  int (*update)(void* booster, int iteration, void* matrix);
  int (*save)(void* booster, const char* config, std::uint64_t* size, const char** text);
  int (*free_booster)(void* booster);

  Library() {
#ifdef HULLSCAN_WITHOUT_XGBOOST
    throw InputError("forests and boosting: this hullscan was built without XGBoost (-DHULLSCAN_XGBOOST=OFF)");
#endif
    void* handle = nullptr;
    for (const char* name : {"libxgboost.so.0", "libxgboost.so"}) {
      if (handle == nullptr) handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    }
    if (handle == nullptr)
      throw InputError(
          fmt::format("forests and boosting need the library libxgboost.so where the system looks for libraries "
                      "(LD_LIBRARY_PATH adds a folder; on Debian it is in the package libxgboost0): {}",
                      dlerror()));
    const auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
      if (function == nullptr)
        throw InputError(fmt::format("libxgboost.so has no {}; version 1.6 and newer have", name));
    };
    find(last_error, "XGBGetLastError");
    find(create_matrix, "XGDMatrixCreateFromMat");
    find(set_float_info, "XGDMatrixSetFloatInfo");
    find(free_matrix, "XGDMatrixFree");
    find(create_booster, "XGBoosterCreate");
    find(set_parameter, "XGBoosterSetParam");
    find(update, "XGBoosterUpdateOneIter");
    find(save, "XGBoosterSaveModelToBuffer");
    find(free_booster, "XGBoosterFree");
  }
};

const Library& library() {
  static const Library opened;
  return opened;
}

void check(int code) {
  if (code != 0) throw Error(fmt::format("xgboost: {}", library().last_error()));
}

struct FreeMatrix {
  void operator()(void* matrix) const noexcept { library().free_matrix(matrix); }
};
struct FreeBooster {
  void operator()(void* booster) const noexcept { library().free_booster(booster); }
};

}  // namespace

GrownTrees grow_trees(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets, const Eigen::VectorXd& weights,
                      const TableModelSettings& settings) {
  const bool forest = settings.method == TableMethod::kRandomForest;
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = features.cast<float>();
  const Eigen::VectorXf labels = targets.cast<float>();
  void* raw = nullptr;
  check(library().create_matrix(rows.data(), static_cast<std::uint64_t>(rows.rows()),
                                static_cast<std::uint64_t>(rows.cols()), std::numeric_limits<float>::quiet_NaN(),
                                &raw));
  const std::unique_ptr<void, FreeMatrix> matrix(raw);
  check(library().set_float_info(matrix.get(), "label", labels.data(), static_cast<std::uint64_t>(labels.size())));
  if (weights.size() > 0 && weights.maxCoeff() > weights.minCoeff()) {
    const Eigen::VectorXf about_one = (weights / weights.mean()).cast<float>();
    check(library().set_float_info(matrix.get(), "weight", about_one.data(),
                                   static_cast<std::uint64_t>(about_one.size())));
  }
  void* const matrices[] = {matrix.get()};
  raw = nullptr;
  check(library().create_booster(matrices, 1, &raw));
  const std::unique_ptr<void, FreeBooster> booster(raw);
  const int trees = settings.trees > 0 ? settings.trees : (forest ? 300 : 500);
  const int depth = settings.depth > 0 ? settings.depth : (forest ? 16 : 4);
  const std::vector<std::pair<const char*, std::string>> parameters = {
      {"objective", "reg:squarederror"},
      {"base_score", "0"},
      {"nthread", "1"},
      {"verbosity", "0"},
      {"seed", std::to_string(settings.seed % 2147483647ULL)},
      {"tree_method", "exact"},
      {"max_depth", std::to_string(depth)},
      {"eta", forest ? "1" : fmt::format("{}", settings.learning_rate)},
      {"lambda", forest ? "0" : "1"},
      {"min_child_weight", "1"},
      {"subsample", forest ? "0.632" : "0.7"},
      {"colsample_bynode", forest ? "0.333" : "1"},
      {"num_parallel_tree", forest ? std::to_string(trees) : "1"}};
  for (const auto& [name, value] : parameters) check(library().set_parameter(booster.get(), name, value.c_str()));
  for (int round = 0; round < (forest ? 1 : trees); ++round)
    check(library().update(booster.get(), round, matrix.get()));

  std::uint64_t size = 0;
  const char* text = nullptr;
  check(library().save(booster.get(), R"({"format": "json"})", &size, &text));
  const auto json = Json::parse(text, text + size);
  GrownTrees grown;
  grown.gain.assign(static_cast<std::size_t>(rows.cols()), 0.0);
  for (const auto& tree : json.at("learner").at("gradient_booster").at("model").at("trees")) {
    const auto left = tree.at("left_children").get<std::vector<std::int32_t>>();
    const auto right = tree.at("right_children").get<std::vector<std::int32_t>>();
    const auto feature = tree.at("split_indices").get<std::vector<std::uint32_t>>();
    const auto value = tree.at("split_conditions").get<std::vector<float>>();
    const auto gain = tree.at("loss_changes").get<std::vector<double>>();
    RegressionTree& out = grown.trees.emplace_back();
    for (std::size_t i = 0; i < left.size(); ++i) {
      out.nodes.push_back({left[i], right[i], feature[i], value[i]});
      if (left[i] >= 0) grown.gain[feature[i]] += gain[i];
    }
  }
  return grown;
}

}  // namespace hullscan::detail

namespace hullscan {

std::optional<std::string> why_no_trees() {
  try {
    (void)detail::library();
  } catch (const InputError& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace hullscan
