#include <fmt/format.h>
#include <fmt/ranges.h>

#include "surrogates/models/cluster_expansion.hpp"
#include "surrogates/models/descriptor_model.hpp"
#include "surrogates/models/external_model.hpp"
#include "surrogates/models/gaussian_process.hpp"
#include "surrogates/models/kim_surrogate.hpp"
#include "surrogates/models/pair_model.hpp"
#include "surrogates/models/prior_model.hpp"
#include "surrogates/models/single_structure.hpp"
#include "surrogates/models/substitution_expansion.hpp"
#include "surrogates/surrogate.hpp"

namespace hullscan {
namespace {

using Sees = SurrogateAbilities::Sees;

struct Kind {
  const char* name;
  SurrogateAbilities abilities;
  std::unique_ptr<Surrogate> (*make)(const SurrogateSpec&, std::shared_ptr<const ParentCrystal>, Problems&);
  std::unique_ptr<Surrogate> (*deserialise)(std::span<const std::byte>, std::shared_ptr<const ParentCrystal>);
};

constexpr Kind kKinds[] = {
    {"electrostatic", {.needs_labels = false, .of_lattice = false}, make_electrostatic, deserialise_electrostatic},
    {"substitution-expansion", {}, make_substitution_expansion, deserialise_substitution_expansion},
    {"cluster-expansion", {.knows_its_error = true}, make_cluster_expansion, deserialise_cluster_expansion},
    {"gaussian-process", {.knows_its_error = true}, make_gaussian_process, deserialise_gaussian_process},
    {"ridge", {.knows_its_error = true}, make_ridge, deserialise_descriptor_model},
    {"random-forest", {.knows_its_error = true}, make_random_forest, deserialise_descriptor_model},
    {"gradient-boosting", {.knows_its_error = true}, make_gradient_boosting, deserialise_descriptor_model},
    {PairModel::kKind, {.sees = Sees::kMarkedPairs, .needs_labels = false}, make_pair_model, deserialise_pair_model},
    {"external",
     {.needs_labels = false, .knows_its_error = true, .of_lattice = false},
     make_external,
     deserialise_external},
    {"kim",
     {.sees = Sees::kGeometry, .needs_labels = false, .of_lattice = false},
     make_kim_surrogate,
     deserialise_kim_surrogate},
};

const Kind* find_kind(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

}  // namespace

const SurrogateAbilities* surrogate_abilities(std::string_view kind) {
  const Kind* found = find_kind(kind);
  return found == nullptr ? nullptr : &found->abilities;
}

std::vector<std::string> surrogate_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::unique_ptr<Surrogate> make_surrogate(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                          Problems& problems) {
  if (find_kind(spec.kind) != nullptr && spec.settings.find("prior") != nullptr)
    return make_with_prior(spec, std::move(parent), problems);
  if (const Kind* kind = find_kind(spec.kind)) return kind->make(spec, std::move(parent), problems);
  const Setting* written = spec.settings.find("kind");
  if (spec.kind == "torchscript") {
    problems.add(
        written != nullptr ? written->where : spec.settings.where,
        "surrogate.kind: hullscan is not built with libtorch, whose makers have deprecated TorchScript; let the "
        "network score as kind = \"external\", by a scorer that loads it (docs/formats/scorer.md)");
    return nullptr;
  }
  problems.add(
      written != nullptr ? written->where : spec.settings.where,
      fmt::format("surrogate.kind: expected one of \"{}\", found \"{}\"{}", fmt::join(surrogate_kinds(), "\", \""),
                  spec.kind, did_you_mean(spec.kind, surrogate_kinds())));
  return nullptr;
}

std::unique_ptr<Surrogate> deserialise_surrogate(std::string_view kind, std::span<const std::byte> bytes,
                                                 std::shared_ptr<const ParentCrystal> parent) {
  if (kind == SingleStructure::kKind) return SingleStructure::deserialise(bytes, std::move(parent));
  const Kind* found = find_kind(kind);
  const bool with_prior = kind.ends_with(kWithPrior);
  if (found != nullptr || with_prior) {
    try {
      return with_prior ? deserialise_with_prior(bytes, std::move(parent))
                        : found->deserialise(bytes, std::move(parent));
    } catch (const StorageError&) {
      throw;
    } catch (const Error& error) {  // what nobody may write, damage can have written
      throw StorageError(fmt::format("stored model of kind \"{}\" is damaged: {}", kind, error.what()));
    }
  }
  throw StorageError(fmt::format("stored model is of kind \"{}\", which this version does not know", kind));
}

}  // namespace hullscan
