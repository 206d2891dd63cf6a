#include "surrogates/surrogate_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.hpp"
#include "surrogates/byte_stream.hpp"
#include "surrogates/models/single_structure.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kMagic = 0x53534c48;  // "HLSS"
constexpr std::uint32_t kSetFormatVersion = 1;

}  // namespace

SurrogateSet SurrogateSet::make(const SurrogateSpec& spec,
                                const std::vector<std::shared_ptr<const ParentCrystal>>& parents, Problems& problems) {
  SurrogateSet set;
  const SurrogateAbilities* abilities = surrogate_abilities(spec.kind);
  const bool of_lattice = abilities != nullptr && abilities->of_lattice;
  for (const auto& parent : parents) {
    std::unique_ptr<Surrogate> model = of_lattice && has_one_configuration(*parent)
                                           ? std::make_unique<SingleStructure>(parent)
                                           : make_surrogate(spec, parent, problems);
    if (model == nullptr) return {};
    set.groups_.push_back({set.models_.size()});
    set.models_.push_back(std::move(model));
  }
  return set;
}

SurrogateSet SurrogateSet::make(const SurrogateSpec& spec,
                                const std::vector<std::shared_ptr<const ParentCrystal>>& parents,
                                const SpacesTogether& together, Problems& problems) {
  SurrogateSet set = make(spec, parents, problems);
  if (set.models_.empty()) return set;
  set.groups_ = together.groups;
  for (const auto& group : set.groups_) {
    if (group.size() < 2) continue;
    const std::vector<Surrogate*> members = set.members(group);
    const auto single = [](const Surrogate* model) { return model->kind() == SingleStructure::kKind; };
    if (std::any_of(members.begin(), members.end(), single)) {
      problems.add(
          together.where,
          fmt::format("surrogate.spaces: {}: a model of kind \"{}\" describes what varies on a lattice, and in "
                      "a space of one configuration nothing does; leave the space out, or take a model that "
                      "knows any structure: \"external\" or \"kim\"",
                      together.name(group), spec.kind));
      continue;
    }
    if (const auto why = members.front()->join(members))
      problems.add(together.where, fmt::format("surrogate.spaces: {}: {}", together.name(group), *why));
  }
  return set;
}

std::vector<Surrogate*> SurrogateSet::members(const std::vector<std::size_t>& group) const {
  std::vector<Surrogate*> members;
  for (const std::size_t space : group) members.push_back(models_[space].get());
  return members;
}

FitReport SurrogateSet::fit(const std::vector<std::size_t>& group,
                            std::span<const std::vector<LabelledConfiguration>> labels) {
  const std::vector<Surrogate*> models = members(group);
  return group.size() == 1 ? models.front()->fit(labels.front()) : models.front()->fit_together(models, labels);
}

bool SurrogateSet::fitted() const {
  return !models_.empty() &&
         std::all_of(models_.begin(), models_.end(), [](const auto& model) { return model->fitted(); });
}

std::vector<std::byte> SurrogateSet::serialise() const {
  ByteWriter out;
  out.write(kMagic);
  out.write(kSetFormatVersion);
  out.write(static_cast<std::uint32_t>(models_.size()));
  for (const auto& model : models_) {
    out.write(std::string_view(model->kind()));
    out.write(std::span<const std::byte>(model->serialise()));
  }
  return out.take();
}

std::uint64_t SurrogateSet::hash() const { return hash64(serialise()); }

SurrogateSet SurrogateSet::deserialise(std::span<const std::byte> bytes,
                                       const std::vector<std::shared_ptr<const ParentCrystal>>& parents) {
  ByteReader in(bytes);
  if (in.read<std::uint32_t>() != kMagic)
    throw StorageError("stored model is damaged: its first bytes are not those of a model");
  if (const auto version = in.read<std::uint32_t>(); version != kSetFormatVersion) {
    throw StorageError(fmt::format("stored model has format {}, this version reads {}", version, kSetFormatVersion));
  }
  if (const auto count = in.read<std::uint32_t>(); count != parents.size()) {
    throw StorageError(fmt::format("stored model covers {} spaces, the campaign has {}", count, parents.size()));
  }
  SurrogateSet set;
  for (const auto& parent : parents) {
    const std::string kind = in.read_text();
    set.groups_.push_back({set.models_.size()});
    set.models_.push_back(deserialise_surrogate(kind, in.read_bytes(), parent));
  }
  in.finish();
  return set;
}

}  // namespace hullscan
