#include "surrogates/features/descriptors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/hash.hpp"

namespace hullscan {
namespace {

constexpr const char* kImageNames[] = {"all", "close", "far"};

FeatureSettings points_only(FeatureSettings settings) {
  settings.cutoffs = {};
  return settings;
}

std::string group_of_size(int sites) {
  switch (sites) {
    case 0:
      return "electrostatic";
    case 1:
      return "composition";
    case 2:
      return "pairs";
    case 3:
      return "triplets";
    default:
      return "quadruplets";
  }
}

std::vector<Species> species_of(const ParentCrystal& parent) {
  std::vector<Species> species;
  for (const ParentSite& site : parent.sites) {
    if (site.sublattice == kFixedSite) species.push_back(site.fixed_species);
  }
  for (const Sublattice& sublattice : parent.sublattices)
    species.insert(species.end(), sublattice.allowed.begin(), sublattice.allowed.end());
  return species;
}

}  // namespace

DescriptorSettings read_descriptor_settings(SettingsReader& reader, const ParentCrystal& parent) {
  DescriptorSettings settings;
  settings.features = reader.choice("features", {"contacts", "clusters"}, "contacts");
  if (settings.features == "contacts") {
    settings.contacts.cutoff_angstrom = reader.number("contacts", 5.0, 0.5, 30.0);
    const std::vector<std::string> images = reader.texts("images");
    if (!images.empty()) settings.contacts.images.clear();
    for (const std::string& name : images) {
      const auto* found = std::find(std::begin(kImageNames), std::end(kImageNames), name);
      if (found == std::end(kImageNames)) {
        reader.problem("images",
                       fmt::format("expected \"all\", \"close\", \"far\" or a list of these, found \"{}\"", name));
      } else {
        settings.contacts.images.push_back(static_cast<ContactImages>(found - std::begin(kImageNames)));
      }
    }
    settings.clusters.electrostatic = reader.boolean("electrostatic", false);
    if (settings.clusters.electrostatic) settings.clusters.charges = read_charges(reader, parent);
  } else {
    settings.clusters = read_feature_settings(reader, parent);
  }
  if (reader.has("kim")) settings.kim = read_kim_settings(reader, "kim");
  settings.leave_out = reader.texts("leave_out");
  return settings;
}

Descriptors::Descriptors(std::shared_ptr<const ParentCrystal> parent, DescriptorSettings settings)
    : settings_(std::move(settings)) {
  const bool contacts = settings_.features == "contacts";
  clusters_ =
      std::make_shared<LatticeFeatures>(parent, contacts ? points_only(settings_.clusters) : settings_.clusters);
  TableColumns all;
  const auto add = [&](const std::string& name, const std::string& group) {
    all.names.push_back(name);
    all.groups.push_back(group);
  };
  for (std::size_t i = 0; i < clusters_->count(); ++i) {
    const FittedCoefficient feature = clusters_->description(i);
    add(feature.cluster, group_of_size(feature.sites));
  }
  if (contacts) {
    contacts_ = std::make_shared<ContactCounters>(*parent, settings_.contacts);
    for (std::size_t i = 0; i < contacts_->names().size(); ++i) add(contacts_->names()[i], contacts_->groups()[i]);
  }
  if (settings_.kim) {
    kim_ = std::make_shared<KimEnergies>(*settings_.kim, species_of(*parent));
    add("energy by " + settings_.kim->model, "potential");
  }
  all_ = all.names.size();
  const std::vector<std::string> known = all.distinct_groups();
  for (const std::string& group : settings_.leave_out) {
    if (std::find(known.begin(), known.end(), group) == known.end()) {
      throw InputError(fmt::format("leave_out: no group \"{}\"; there are \"{}\"{}", group, fmt::join(known, "\", \""),
                                   did_you_mean(group, known)));
    }
  }
  for (std::size_t i = 0; i < all_; ++i) {
    if (std::find(settings_.leave_out.begin(), settings_.leave_out.end(), all.groups[i]) != settings_.leave_out.end())
      continue;
    taken_.push_back(i);
    columns_.names.push_back(all.names[i]);
    columns_.groups.push_back(all.groups[i]);
    columns_.trend += i < clusters_->point_count() ? 1 : 0;
  }
  if (taken_.empty()) throw InputError("leave_out: nothing is left to fit");
}

void Descriptors::write(ByteWriter& out) const {
  out.write(std::string_view(settings_.features));
  out.write(settings_.contacts.cutoff_angstrom);
  out.write(static_cast<std::uint32_t>(settings_.contacts.images.size()));
  for (const ContactImages images : settings_.contacts.images) out.write(static_cast<std::uint8_t>(images));
  clusters_->write(out);
  out.write(std::string_view(settings_.kim ? settings_.kim->model : ""));
  out.write(static_cast<std::uint8_t>(settings_.kim ? static_cast<int>(settings_.kim->relaxation) : 0));
  out.write(static_cast<std::uint32_t>(settings_.leave_out.size()));
  for (const std::string& group : settings_.leave_out) out.write(std::string_view(group));
  out.write(hash64(fmt::format("{}", fmt::join(columns_.names, "\n"))));
}

Descriptors Descriptors::read(ByteReader& in, std::shared_ptr<const ParentCrystal> parent) {
  DescriptorSettings settings;
  settings.features = in.read_text();
  double& cutoff = settings.contacts.cutoff_angstrom = in.read_double();
  if (!(cutoff >= 0 && cutoff <= 50)) throw StorageError("stored descriptor model is damaged: impossible cutoff");
  settings.contacts.images.clear();
  const auto images = in.read<std::uint32_t>();
  for (std::uint32_t i = 0; i < images; ++i) {
    const auto code = in.read<std::uint8_t>();
    if (code >= std::size(kImageNames)) throw StorageError("stored descriptor model is damaged: unknown images");
    settings.contacts.images.push_back(static_cast<ContactImages>(code));
  }
  settings.clusters = LatticeFeatures::read(in, parent, "descriptor model").settings();
  if (const std::string model = in.read_text(); !model.empty()) settings.kim = KimSettings{model, {}};
  const auto relaxation = in.read<std::uint8_t>();
  if (relaxation > 2) throw StorageError("stored descriptor model is damaged: unknown relaxation");
  if (settings.kim) settings.kim->relaxation = static_cast<KimRelaxation>(relaxation);
  const auto left_out = in.read<std::uint32_t>();
  for (std::uint32_t i = 0; i < left_out; ++i) settings.leave_out.push_back(in.read_text());
  const auto names = in.read<std::uint64_t>();
  Descriptors descriptors(std::move(parent), std::move(settings));
  if (hash64(fmt::format("{}", fmt::join(descriptors.columns_.names, "\n"))) != names) {
    throw StorageError("stored descriptor model belongs to another parent crystal; fit it again to this one's labels");
  }
  return descriptors;
}

DescriptorCounter::DescriptorCounter(const Descriptors& descriptors, std::shared_ptr<const Supercell> supercell)
    : supercell_(std::move(supercell)),
      kim_(descriptors.kim_),
      counter_(*descriptors.clusters_, *supercell_),
      clusters_(descriptors.clusters_->count()),
      all_(descriptors.all_),
      taken_(descriptors.taken_) {
  if (descriptors.contacts_) contacts_.emplace(*descriptors.contacts_, *supercell_);
}

void DescriptorCounter::count(std::span<const std::uint8_t> occupation, std::span<double> row) const {
  std::vector<double> all(all_, 0.0);
  const std::span<double> values(all);
  counter_.count(occupation, values.first(clusters_));
  const double cells = counter_.primitive_cells();
  const std::size_t after = all_ - (kim_ ? 1 : 0);
  if (contacts_) {
    contacts_->count(occupation, values.subspan(clusters_, after - clusters_));
    for (double& value : values.subspan(clusters_, after - clusters_)) value /= cells;
  }
  if (kim_) all.back() = kim_->energy_ev(supercell_->structure(occupation)) / cells;
  for (std::size_t i = 0; i < taken_.size(); ++i) row[i] = all[taken_[i]];
}

}  // namespace hullscan
