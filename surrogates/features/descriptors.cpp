#include "surrogates/features/descriptors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/hash.hpp"
#include "surrogates/spaces_together.hpp"

namespace hullscan {
namespace {

constexpr const char* kImageNames[] = {"all", "close", "far"};
constexpr double kNarrowestBinAngstrom = 0.05;
constexpr std::uint32_t kMoreFormatVersion = 1;
constexpr std::uint32_t kTableFormatVersion = 2;  ///< the same with columns of a table

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

DescriptorSettings read_settings(SettingsReader& reader, const ParentCrystal& parent, const char* fallback) {
  DescriptorSettings settings;
  settings.features = reader.choice("features", {"contacts", "clusters"}, fallback);
  if (settings.features == "clusters") {
    settings.clusters = read_feature_settings(reader, parent);
    return settings;
  }
  settings.contacts.cutoff_angstrom = reader.number("contacts", 5.0, 0.5, 30.0);
  settings.contacts.bin_angstrom = reader.number("contact_bins", 0.0, 0.0, 5.0);
  if (settings.contacts.bin_angstrom > 0 && settings.contacts.bin_angstrom < kNarrowestBinAngstrom)
    reader.problem("contact_bins",
                   fmt::format("expected at least {} (Å), or 0 to count every shell by itself", kNarrowestBinAngstrom));
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
  return settings;
}

/// The species of one sublattice of the crystal as a group's members see it, by its own.
std::vector<std::vector<std::uint8_t>> occupants_in(const ParentCrystal& seen, const ParentCrystal& own) {
  std::vector<std::vector<std::uint8_t>> occupants;
  for (std::size_t k = 0; k < own.sublattices.size(); ++k) {
    const std::vector<Species>& all = seen.sublattices[k].allowed;
    occupants.emplace_back();
    for (const Species species : own.sublattices[k].allowed)
      occupants.back().push_back(static_cast<std::uint8_t>(std::find(all.begin(), all.end(), species) - all.begin()));
  }
  return occupants;
}

/// Sites, sublattices and what the sublattices hold first; not what else they may hold.
bool same_but_for_species(const ParentCrystal& a, const ParentCrystal& b) {
  if (a.sublattices.size() != b.sublattices.size()) return false;
  ParentCrystal other = b;
  for (std::size_t k = 0; k < a.sublattices.size(); ++k) {
    if (a.sublattices[k].allowed.front() != b.sublattices[k].allowed.front()) return false;
    other.sublattices[k].allowed = a.sublattices[k].allowed;
  }
  return same_crystal(a, other);
}

double sites_per_primitive_cell(const ParentCrystal& parent) {
  return static_cast<double>(parent.sites.size()) /
         std::round(std::abs(parent.cell_in_primitive.cast<double>().determinant()));
}

std::map<std::string, Species> hosts_of(const ParentCrystal& parent) {
  std::map<std::string, Species> hosts;
  for (const Sublattice& sublattice : parent.sublattices) hosts.emplace(sublattice.name, sublattice.allowed.front());
  return hosts;
}

std::string hosts_text(const std::map<std::string, Species>& hosts) {
  std::vector<std::string> parts;
  for (const auto& [name, host] : hosts) parts.push_back(fmt::format("\"{}\" ({} first)", name, host.symbol()));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string names_text(const TableColumns& columns) { return fmt::format("{}", fmt::join(columns.names, "\n")); }

void write_texts(ByteWriter& out, const std::vector<std::string>& texts) {
  out.write(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) out.write(std::string_view(text));
}

constexpr std::uint32_t kMostJoined = 1'000'000;

std::uint32_t read_count(ByteReader& in) {
  const auto count = in.read<std::uint32_t>();
  if (count > kMostJoined) throw StorageError("stored descriptor model is damaged: an impossible number of columns");
  return count;
}

std::vector<std::string> read_texts(ByteReader& in) {
  std::vector<std::string> texts;
  for (auto left = read_count(in); left > 0; --left) texts.push_back(in.read_text());
  return texts;
}

void write_places(ByteWriter& out, const std::vector<std::size_t>& places) {
  out.write(static_cast<std::uint32_t>(places.size()));
  for (const std::size_t place : places) out.write(static_cast<std::uint32_t>(place));
}

std::vector<std::size_t> read_places(ByteReader& in, std::size_t expected, std::size_t below) {
  std::vector<std::size_t> places;
  for (auto left = read_count(in); left > 0; --left) places.push_back(in.read<std::uint32_t>());
  if (places.size() != expected ||
      std::any_of(places.begin(), places.end(), [&](std::size_t place) { return place >= below; }))
    throw StorageError("stored descriptor model is damaged: its columns do not fit its crystal");
  return places;
}

}  // namespace

DescriptorSettings read_descriptor_settings(SettingsReader& reader, const ParentCrystal& parent) {
  DescriptorSettings settings = read_settings(reader, parent, "contacts");
  if (reader.has("kim")) settings.kim = read_kim_settings(reader, "kim");
  settings.leave_out = reader.texts("leave_out");
  return settings;
}

DescriptorSettings read_kernel_settings(SettingsReader& reader, const ParentCrystal& parent) {
  DescriptorSettings settings = read_settings(reader, parent, "clusters");
  settings.leave_out = reader.texts("leave_out");
  return settings;
}

Descriptors::Descriptors(std::shared_ptr<const ParentCrystal> parent, DescriptorSettings settings)
    : Descriptors(parent, parent, std::move(settings), nullptr) {}

Descriptors Descriptors::of_clusters(std::shared_ptr<const ParentCrystal> parent, LatticeFeatures clusters) {
  DescriptorSettings settings;
  settings.features = "clusters";
  settings.clusters = clusters.settings();
  return {parent, parent, std::move(settings), std::make_shared<LatticeFeatures>(std::move(clusters))};
}

Descriptors::Descriptors(std::shared_ptr<const ParentCrystal> parent, std::shared_ptr<const ParentCrystal> seen,
                         DescriptorSettings settings, std::shared_ptr<const LatticeFeatures> clusters)
    : parent_(std::move(parent)),
      seen_(std::move(seen)),
      settings_(std::move(settings)),
      clusters_(std::move(clusters)) {
  if (seen_ != parent_) occupants_ = occupants_in(*seen_, *parent_);
  const bool contacts = settings_.features == "contacts";
  if (!clusters_)
    clusters_ =
        std::make_shared<LatticeFeatures>(seen_, contacts ? points_only(settings_.clusters) : settings_.clusters);
  Own all;
  const auto add = [&](FittedCoefficient described, const std::string& group, const std::string& key) {
    all.columns.names.push_back(described.cluster);
    all.columns.groups.push_back(group);
    all.described.push_back(std::move(described));
    all.keys.push_back(key);
  };
  own_.points = point_columns(*clusters_);
  for (const PointColumn& point : own_.points)
    own_.point_keys.push_back(fmt::format("point {}({})", point.species, point.sublattice));
  for (std::size_t i = 0; i < clusters_->count(); ++i) {
    const FittedCoefficient feature = clusters_->description(i);
    add(feature, group_of_size(feature.sites), i < own_.points.size() ? own_.point_keys[i] : feature.cluster);
  }
  if (contacts) {
    contacts_ = std::make_shared<ContactCounters>(*seen_, settings_.contacts);
    for (std::size_t i = 0; i < contacts_->names().size(); ++i) {
      const double distance = std::max(contacts_->distances_angstrom()[i], settings_.contacts.bin_angstrom);
      add({contacts_->names()[i], 2, distance, 1}, contacts_->groups()[i], contacts_->keys()[i]);
    }
  }
  if (settings_.kim) {
    kim_ = std::make_shared<KimEnergies>(*settings_.kim, species_of(*seen_));
    const std::string name = "energy by " + settings_.kim->model;
    add({name, 0, 0, 1}, "potential", name);
  }
  all_ = all.columns.names.size();
  const std::vector<std::string> known = all.columns.distinct_groups();
  for (const std::string& group : settings_.leave_out) {
    const bool is_name =
        std::find(all.columns.names.begin(), all.columns.names.end(), group) != all.columns.names.end();
    if (!is_name && std::find(known.begin(), known.end(), group) == known.end()) {
      throw InputError(fmt::format("leave_out: no group \"{}\"; there are \"{}\"{}", group, fmt::join(known, "\", \""),
                                   did_you_mean(group, known)));
    }
  }
  for (std::size_t i = 0; i < all_; ++i) {
    const std::string& group = all.columns.groups[i];
    if (std::any_of(settings_.leave_out.begin(), settings_.leave_out.end(),
                    [&](const std::string& one) { return one == group || one == all.columns.names[i]; }))
      continue;
    taken_.push_back(i);
    own_.columns.names.push_back(all.columns.names[i]);
    own_.columns.groups.push_back(group);
    own_.columns.trend += i < clusters_->point_count() ? 1 : 0;
    own_.described.push_back(all.described[i]);
    own_.keys.push_back(all.keys[i]);
  }
  if (taken_.empty()) throw InputError("leave_out: nothing is left to fit");
  show(own_);
}

void Descriptors::show(const Own& shown) {
  columns_ = shown.columns;
  described_ = shown.described;
  points_ = shown.points;
}

std::variant<std::vector<Descriptors>, std::string> Descriptors::join(std::span<const Descriptors* const> members) {
  try {
    return members.front()->settings_.features == "clusters" ? join_clusters(members) : join_contacts(members);
  } catch (const InputError& error) {
    return std::string(error.what());
  }
}

std::variant<std::vector<Descriptors>, std::string> Descriptors::join_clusters(
    std::span<const Descriptors* const> members) {
  const Descriptors& first = *members.front();
  ParentCrystal all = *first.parent_;
  DescriptorSettings settings = first.settings_;
  for (const Descriptors* member : members) {
    if (!same_but_for_species(*first.parent_, *member->parent_))
      return "the clusters of one crystal are not those of another, and these differ in their sites, sublattices or "
             "first species; compare them by features = \"contacts\" with contact_bins = 0.5, for example, or give "
             "each "
             "its own model";
    for (std::size_t k = 0; k < all.sublattices.size(); ++k) {
      std::vector<Species>& allowed = all.sublattices[k].allowed;
      for (const Species species : member->parent_->sublattices[k].allowed) {
        if (std::find(allowed.begin(), allowed.end(), species) == allowed.end()) allowed.push_back(species);
      }
    }
    settings.clusters.charges.insert(member->settings_.clusters.charges.begin(),
                                     member->settings_.clusters.charges.end());
  }
  const auto seen = std::make_shared<const ParentCrystal>(std::move(all));
  std::vector<Descriptors> joined;
  for (const Descriptors* member : members) {
    const bool all_its_own = same_crystal(*seen, *member->parent_);
    joined.push_back({member->parent_, all_its_own ? member->parent_ : seen, settings, nullptr});
  }
  return joined;
}

std::variant<std::vector<Descriptors>, std::string> Descriptors::join_contacts(
    std::span<const Descriptors* const> members) {
  const Descriptors& first = *members.front();
  std::vector<const ParentCrystal*> crystals;  // those that differ in more than their species
  std::vector<std::size_t> crystal_of;
  for (const Descriptors* member : members) {
    const auto hosts = hosts_of(*first.parent_), own_hosts = hosts_of(*member->parent_);
    if (hosts != own_hosts)
      return fmt::format(
          "contacts are compared by the names of the sublattices, between species other than the first of each, and "
          "these have {} and {}; give equal sublattices the same `name` and the same first species",
          hosts_text(hosts), hosts_text(own_hosts));
    const auto found = std::find_if(crystals.begin(), crystals.end(), [&](const ParentCrystal* one) {
      return same_but_for_species(*one, *member->parent_);
    });
    crystal_of.push_back(static_cast<std::size_t>(found - crystals.begin()));
    if (found == crystals.end()) crystals.push_back(member->parent_.get());
  }
  if (crystals.size() > 1 && first.settings_.contacts.bin_angstrom <= 0)
    return "their contacts have other lengths, shell by shell; add contact_bins = 0.5 (Å), for example, and they are "
           "compared by length";
  Own shared;
  std::map<std::string, std::size_t> place, point_place;
  const auto add = [&](const Descriptors& member, std::size_t column) {
    const Own& own = member.own_;
    if (!place.try_emplace(own.keys[column], shared.columns.names.size()).second) return;
    const bool point = own.described[column].sites == 1;
    shared.columns.names.push_back(point ? own.keys[column] : own.columns.names[column]);
    shared.columns.groups.push_back(own.columns.groups[column]);
    shared.described.push_back(own.described[column]);
    shared.described.back().cluster = shared.columns.names.back();
  };
  for (const Descriptors* member : members) {
    for (std::size_t i = 0; i < member->own_.columns.trend; ++i) add(*member, i);
    for (std::size_t p = 0; p < member->own_.points.size(); ++p) {
      const std::string& key = member->own_.point_keys[p];
      if (!point_place.try_emplace(key, shared.points.size()).second) continue;
      shared.points.push_back(member->own_.points[p]);
      shared.points.back().description = key;
    }
  }
  const std::size_t first_crystal_column = shared.columns.names.size();
  for (std::size_t crystal = 1; crystal < crystals.size(); ++crystal) {
    shared.columns.names.push_back(fmt::format("crystal {}", crystal + 1));
    shared.columns.groups.emplace_back("crystal");
    shared.described.push_back({shared.columns.names.back(), 1, 0, 1});
  }
  shared.columns.trend = shared.columns.names.size();
  for (const Descriptors* member : members) {
    for (std::size_t i = member->own_.columns.trend; i < member->own_.keys.size(); ++i) add(*member, i);
  }
  std::vector<Descriptors> joined;
  for (std::size_t m = 0; m < members.size(); ++m) {
    const Descriptors& member = *members[m];
    Joined where;
    for (const std::string& key : member.own_.keys) where.place.push_back(place.at(key));
    for (const std::string& key : member.own_.point_keys) where.point_place.push_back(point_place.at(key));
    if (crystal_of[m] > 0) where.crystal = first_crystal_column + crystal_of[m] - 1;
    where.cells = sites_per_primitive_cell(*member.parent_) / sites_per_primitive_cell(*first.parent_);
    joined.push_back(member);
    joined.back().show(shared);
    joined.back().joined_ = std::make_shared<const Joined>(std::move(where));
  }
  return joined;
}

void Descriptors::take_columns(std::shared_ptr<const OrbitColumns> columns) {
  for (std::size_t i = 0; i < columns->names().size(); ++i) {
    const std::string& name = columns->names()[i];
    if (std::find(columns_.names.begin(), columns_.names.end(), name) != columns_.names.end())
      throw InputError(fmt::format("the column \"{}\" has the name of a descriptor that the model has already", name));
    columns_.names.push_back(name);
    columns_.groups.push_back(columns->groups()[i]);
    described_.push_back({name, 0, 0, 1});
  }
  from_table_ = std::move(columns);
}

void Descriptors::write(ByteWriter& out) const {
  if (!plain()) write_joined(out);
  out.write(std::string_view(settings_.features));
  out.write(settings_.contacts.cutoff_angstrom);
  out.write(static_cast<std::uint32_t>(settings_.contacts.images.size()));
  for (const ContactImages images : settings_.contacts.images) out.write(static_cast<std::uint8_t>(images));
  clusters_->write(out);
  out.write(std::string_view(settings_.kim ? settings_.kim->model : ""));
  out.write(static_cast<std::uint8_t>(settings_.kim ? static_cast<int>(settings_.kim->relaxation) : 0));
  out.write(static_cast<std::uint32_t>(settings_.leave_out.size()));
  for (const std::string& group : settings_.leave_out) out.write(std::string_view(group));
  out.write(hash64(names_text(own_.columns)));
  if (from_table_) from_table_->write(out);
  if (!joined_) return;
  const std::size_t of_table = from_table_ ? from_table_->names().size() : 0, own = columns_.names.size() - of_table;
  write_texts(out, {columns_.names.begin(), columns_.names.end() - static_cast<std::ptrdiff_t>(of_table)});
  write_texts(out, {columns_.groups.begin(), columns_.groups.end() - static_cast<std::ptrdiff_t>(of_table)});
  out.write(static_cast<std::uint32_t>(columns_.trend));
  for (const FittedCoefficient& one : std::span(described_).first(own)) {
    out.write(static_cast<std::uint32_t>(one.sites));
    out.write(one.diameter_angstrom);
    out.write(static_cast<std::uint32_t>(one.multiplicity));
  }
  std::vector<std::string> points;
  for (const PointColumn& point : points_)
    points.insert(points.end(), {point.species, point.sublattice, point.description});
  write_texts(out, points);
  write_places(out, joined_->place);
  write_places(out, joined_->point_place);
  out.write(static_cast<std::uint32_t>(joined_->crystal ? *joined_->crystal + 1 : 0));
  out.write(joined_->cells);
}

void Descriptors::write_joined(ByteWriter& out) const {
  out.write(from_table_ ? kTableFormatVersion : kMoreFormatVersion);
  out.write(settings_.contacts.bin_angstrom);
  out.write(static_cast<std::uint8_t>(joined_ ? 1 : 0));
  out.write(static_cast<std::uint32_t>(occupants_.empty() ? 0 : seen_->sublattices.size()));
  if (occupants_.empty()) return;
  for (const Sublattice& sublattice : seen_->sublattices) {
    out.write(static_cast<std::uint32_t>(sublattice.allowed.size()));
    for (const Species species : sublattice.allowed) out.write(species.code());
  }
}

void Descriptors::read_joined(ByteReader& in) {
  Own shared;
  shared.columns.names = read_texts(in);
  shared.columns.groups = read_texts(in);
  const std::size_t columns = shared.columns.names.size();
  shared.columns.trend = in.read<std::uint32_t>();
  if (shared.columns.groups.size() != columns || shared.columns.trend > columns)
    throw StorageError("stored descriptor model is damaged: its columns do not fit their groups");
  for (const std::string& name : shared.columns.names) {
    FittedCoefficient one{name};
    one.sites = static_cast<int>(in.read<std::uint32_t>());
    one.diameter_angstrom = in.read_double();
    one.multiplicity = static_cast<int>(in.read<std::uint32_t>());
    if (one.sites < 0 || one.sites > 4 || !(one.diameter_angstrom >= 0))
      throw StorageError("stored descriptor model is damaged: a column of no cluster");
    shared.described.push_back(std::move(one));
  }
  const std::vector<std::string> points = read_texts(in);
  if (points.size() % 3 != 0) throw StorageError("stored descriptor model is damaged: its composition");
  for (std::size_t i = 0; i < points.size(); i += 3) shared.points.push_back({points[i], points[i + 1], points[i + 2]});
  Joined where;
  where.place = read_places(in, own_.keys.size(), columns);
  where.point_place = read_places(in, own_.points.size(), shared.points.size());
  if (const auto crystal = in.read<std::uint32_t>(); crystal > columns)
    throw StorageError("stored descriptor model is damaged: the column of its crystal");
  else if (crystal > 0)
    where.crystal = crystal - 1;
  where.cells = in.read_double();
  if (!(where.cells > 0) || !std::isfinite(where.cells))
    throw StorageError("stored descriptor model is damaged: the size of its cell");
  show(shared);
  joined_ = std::make_shared<const Joined>(std::move(where));
}

Descriptors Descriptors::read(ByteReader& in, std::shared_ptr<const ParentCrystal> parent, bool plain) {
  DescriptorSettings settings;
  std::shared_ptr<const ParentCrystal> seen = parent;
  bool joined = false, from_table = false;
  if (!plain) {
    const auto format = in.read<std::uint32_t>();
    from_table = format == kTableFormatVersion;
    if (format != kMoreFormatVersion && !from_table)
      throw StorageError("stored descriptor model has a format that this version does not read");
    double& bin = settings.contacts.bin_angstrom = in.read_double();
    if (!(bin == 0 || (bin >= kNarrowestBinAngstrom && bin <= 5)))
      throw StorageError("stored descriptor model is damaged: an impossible bin");
    joined = in.read<std::uint8_t>() != 0;
    const auto sublattices = read_count(in);
    if (sublattices != 0 && sublattices != parent->sublattices.size())
      throw StorageError(
          "stored descriptor model belongs to another parent crystal; fit it again to this one's labels");
    ParentCrystal all = *parent;
    for (std::size_t k = 0; k < sublattices; ++k) {
      all.sublattices[k].allowed.clear();
      for (auto left = read_count(in); left > 0; --left)
        all.sublattices[k].allowed.push_back(Species::from_code(in.read<std::uint8_t>()));
      for (const Species species : parent->sublattices[k].allowed) {
        const std::vector<Species>& allowed = all.sublattices[k].allowed;
        if (std::find(allowed.begin(), allowed.end(), species) == allowed.end() || allowed.size() > 255)
          throw StorageError("stored descriptor model is damaged: its species are not those of the parent crystal");
      }
    }
    if (sublattices > 0) seen = std::make_shared<const ParentCrystal>(std::move(all));
  }
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
  settings.clusters = LatticeFeatures::read(in, seen, "descriptor model").settings();
  if (const std::string model = in.read_text(); !model.empty()) settings.kim = KimSettings{model, {}};
  const auto relaxation = in.read<std::uint8_t>();
  if (relaxation > 2) throw StorageError("stored descriptor model is damaged: unknown relaxation");
  if (settings.kim) settings.kim->relaxation = static_cast<KimRelaxation>(relaxation);
  const auto left_out = in.read<std::uint32_t>();
  for (std::uint32_t i = 0; i < left_out; ++i) settings.leave_out.push_back(in.read_text());
  const auto names = in.read<std::uint64_t>();
  Descriptors descriptors(std::move(parent), std::move(seen), std::move(settings), nullptr);
  if (hash64(names_text(descriptors.own_.columns)) != names) {
    throw StorageError("stored descriptor model belongs to another parent crystal; fit it again to this one's labels");
  }
  std::shared_ptr<const OrbitColumns> columns;
  if (from_table) columns = std::make_shared<const OrbitColumns>(OrbitColumns::read(in));
  if (joined) descriptors.read_joined(in);
  if (columns) descriptors.take_columns(std::move(columns));
  return descriptors;
}

DescriptorCounter::DescriptorCounter(const Descriptors& descriptors, std::shared_ptr<const Supercell> supercell)
    : supercell_(descriptors.occupants_.empty() ? std::move(supercell)
                                                : std::make_shared<Supercell>(descriptors.seen_, supercell->matrix())),
      occupants_(descriptors.occupants_),
      joined_(descriptors.joined_),
      kim_(descriptors.kim_),
      counter_(*descriptors.clusters_, *supercell_),
      clusters_(descriptors.clusters_->count()),
      points_(descriptors.clusters_->point_count()),
      all_(descriptors.all_),
      taken_(descriptors.taken_),
      from_table_(descriptors.from_table_) {
  if (from_table_) lookup_ = from_table_->of(*supercell_);
  if (descriptors.contacts_) contacts_.emplace(*descriptors.contacts_, *supercell_);
}

std::span<const std::uint8_t> DescriptorCounter::seen(std::span<const std::uint8_t> occupation,
                                                      std::vector<std::uint8_t>& translated) const {
  if (occupants_.empty()) return occupation;
  translated.assign(occupation.begin(), occupation.end());
  for (std::size_t site = 0; site < translated.size(); ++site)
    translated[site] =
        occupants_[static_cast<std::size_t>(supercell_->sublattice_of(static_cast<int>(site)))][translated[site]];
  return translated;
}

void DescriptorCounter::count(std::span<const std::uint8_t> of, std::span<double> row) const {
  if (from_table_) {
    const std::size_t own = row.size() - from_table_->names().size();
    lookup_.fill(of, row.subspan(own));
    row = row.first(own);
  }
  std::vector<std::uint8_t> translated;
  const std::span<const std::uint8_t> occupation = seen(of, translated);
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
  if (!joined_) {
    for (std::size_t i = 0; i < taken_.size(); ++i) row[i] = all[taken_[i]];
    return;
  }
  std::fill(row.begin(), row.end(), 0.0);
  for (std::size_t i = 0; i < taken_.size(); ++i) row[joined_->place[i]] += all[taken_[i]] / joined_->cells;
  if (joined_->crystal) row[*joined_->crystal] = 1;
}

void DescriptorCounter::count_points(std::span<const std::uint8_t> occupation, std::span<double> row) const {
  std::vector<std::uint8_t> translated;
  std::vector<double> own(clusters_, 0.0);
  counter_.count(seen(occupation, translated), own);
  std::fill(row.begin(), row.end(), 0.0);
  for (std::size_t p = 0; p < points_; ++p)
    row[joined_ ? joined_->point_place[p] : p] += own[p] / (joined_ ? joined_->cells : 1.0);
}

}  // namespace hullscan
