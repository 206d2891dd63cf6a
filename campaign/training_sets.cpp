#include "campaign/training_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>  // std::iota
#include <tuple>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/orbits/canonical_form.hpp"

namespace hullscan {
namespace {

constexpr std::pair<const char*, TrainedOn> kTrainedOn[] = {{"random", TrainedOn::kAny},
                                                            {"low-symmetry", TrainedOn::kLowSymmetry},
                                                            {"high-symmetry", TrainedOn::kHighSymmetry}};

std::shared_ptr<const GroupAction> action_on(const Supercell& supercell) {
  std::vector<int> sublattices;
  for (std::size_t v = 0; v < supercell.varied_sites().size(); ++v)
    sublattices.push_back(supercell.sublattice_of(static_cast<int>(v)));
  return std::make_shared<const GroupAction>(group_of(supercell).permutations, sublattices);
}

/// The labels that may be drawn, between equals in the order of a draw.
std::vector<std::size_t> labels_to_draw(const LabelledStructures& structures, const TrainingSets& wanted) {
  const std::vector<LabelledStructure>& labels = structures.kept;
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::vector<bool> always = always_learnt(structures);
  std::erase_if(order, [&](std::size_t i) { return always[i]; });
  if (wanted.from == TrainedOn::kAny) return order;
  const std::vector<std::uint64_t> stabilisers = stabiliser_orders(labels);
  const double sign = wanted.from == TrainedOn::kHighSymmetry ? -1 : 1;
  const auto per_atom = [&](std::size_t i) {
    return sign * static_cast<double>(stabilisers[i]) / static_cast<double>(labels[i].composition.atom_count());
  };
  const auto rank = [&](std::size_t i) {
    return std::tuple(per_atom(i), random_bits(wanted.seed, hash64(labels[i].id)), i);
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  order.resize(static_cast<std::size_t>(kShareOfSymmetry * static_cast<double>(order.size())));
  return order;
}

}  // namespace

std::vector<std::uint64_t> stabiliser_orders(std::span<const LabelledStructure> labels) {
  std::map<const Supercell*, std::shared_ptr<const GroupAction>> actions;
  std::vector<std::uint64_t> orders;
  for (const LabelledStructure& label : labels) {
    const Configuration& configuration = label.mapping.configuration;
    auto& action = actions[configuration.supercell.get()];
    if (!action) action = action_on(*configuration.supercell);
    orders.push_back(stabiliser_of(*action, configuration.occupation).size());
  }
  return orders;
}

std::vector<std::uint64_t> degeneracies_of(std::span<const LabelledStructure> labels) {
  constexpr double kLargestTable = 2e8;  // operations times sites
  std::map<const Supercell*, std::shared_ptr<const GroupAction>> actions;
  std::vector<std::uint64_t> degeneracies;
  for (const LabelledStructure& label : labels) {
    const auto& [supercell, occupation] = label.mapping.configuration;
    const auto [found, is_new] = actions.try_emplace(supercell.get());
    const double entries = static_cast<double>(supercell->volume_factor()) *
                           static_cast<double>(supercell->parent().operations.size()) *
                           static_cast<double>(occupation.size());
    if (is_new && entries <= kLargestTable) found->second = action_on(*supercell);
    degeneracies.push_back(found->second ? found->second->order() / stabiliser_of(*found->second, occupation).size()
                                         : 0);
  }
  return degeneracies;
}

TrainedOn trained_on(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, from] : kTrainedOn) {
    if (name == known) return from;
    names.emplace_back(known);
  }
  throw InputError(
      fmt::format("expected random, low-symmetry or high-symmetry, found \"{}\"{}", name, did_you_mean(name, names)));
}

LabelLists folds_of_training_sets(const LabelledStructures& structures, const TrainingSets& wanted) {
  const std::vector<std::size_t> drawn_from = labels_to_draw(structures, wanted);
  const std::size_t count = wanted.labels.value_or(drawn_from.size() / 2);
  if (count < 1 || count > drawn_from.size()) {
    throw InputError(
        fmt::format("{} labels to learn from: between 1 and {} can be drawn{}", count, drawn_from.size(),
                    wanted.from == TrainedOn::kAny
                        ? ""
                        : fmt::format(" of the {:.0f} % that are of {} symmetry", 100 * kShareOfSymmetry,
                                      wanted.from == TrainedOn::kLowSymmetry ? "the lowest" : "the highest")));
  }
  const std::vector<bool> always = always_learnt(structures);
  LabelLists folds;
  for (const std::vector<std::size_t>& order : random_permutations(drawn_from.size(), wanted.repeats, wanted.seed)) {
    std::vector<bool> learnt = always;
    for (std::size_t k = 0; k < count; ++k) learnt[drawn_from[order[k]]] = true;
    std::vector<std::size_t> tested;
    for (std::size_t i = 0; i < learnt.size(); ++i) {
      if (!learnt[i]) tested.push_back(i);
    }
    if (tested.empty()) throw InputError(fmt::format("{} labels to learn from leave none to test", count));
    folds.push_back(std::move(tested));
  }
  return folds;
}

}  // namespace hullscan
