#include "campaign/labelled_structures.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>  // std::iota
#include <optional>
#include <set>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/import/result_source.hpp"
#include "campaign/resolved_campaign.hpp"
#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/files/crystal_reader.hpp"
#include "enumerator/files/extxyz_reader.hpp"
#include "enumerator/mapping/orbit_placement.hpp"

namespace hullscan {
namespace {

struct MappedToSpace {
  LabelledStructure label;
  double cost = 0;
};

/// The better of the spaces' mappings, or why the first refused it.
std::variant<MappedToSpace, std::string> map_to_any(std::vector<LatticeMapper>& mappers, const Structure& structure) {
  std::optional<MappedToSpace> best;
  std::string reason;
  for (std::size_t space = 0; space < mappers.size(); ++space) {
    auto mapped = mappers[space].map(structure);
    if (const auto* failed = std::get_if<NotMapped>(&mapped)) {
      if (reason.empty()) reason = failed->reason;
      continue;
    }
    auto& found = std::get<LatticeMapping>(mapped);
    const double cost = std::hypot(found.rms_displacement_angstrom, 2 * found.shear_strain);
    if (best && cost >= best->cost) continue;
    best.emplace();
    best->cost = cost;
    best->label.space = space;
    best->label.mapping = std::move(found);
  }
  if (!best) return reason;
  return std::move(*best);
}

constexpr double kLittleShear = 0.05;

/// Mappers of all spaces. A structure is first looked for with little shear: a mapping that costs less than more shear
/// alone would cost is the best there is, and the lattices of other phases, far away, are not searched.
class SpaceMappers {
 public:
  explicit SpaceMappers(std::span<const std::shared_ptr<const ParentCrystal>> parents) {
    for (const auto& parent : parents) {
      near_.emplace_back(parent, MappingLimits{.largest_shear_strain = kLittleShear});
      all_.emplace_back(parent);
    }
  }
  std::variant<LabelledStructure, std::string> map(const Structure& structure) {
    auto near = map_to_any(near_, structure);
    if (auto* found = std::get_if<MappedToSpace>(&near); found != nullptr && found->cost < 2 * kLittleShear)
      return std::move(found->label);
    auto any = map_to_any(all_, structure);
    if (auto* reason = std::get_if<std::string>(&any)) return std::move(*reason);
    return std::move(std::get<MappedToSpace>(any).label);
  }

 private:
  std::vector<LatticeMapper> near_, all_;  ///< [space]
};

/// The label as the orbit of the campaign that it is, or why it is none.
std::variant<LabelledStructure, std::string> as_orbit(LabelledStructure label, const Structure& structure,
                                                      OrbitPlacer& orbits, const std::vector<SearchSpace>& spaces) {
  auto placed = orbits.place(structure);
  if (const auto* failed = std::get_if<NotMapped>(&placed))
    return "no orbit of the campaign, which a table of columns has rows for: " + failed->reason;
  auto& orbit = std::get<PlacedOrbit>(placed);
  label.space = orbit.stratum.space;
  label.mapping.configuration = {spaces[label.space].supercells()[orbit.stratum.supercell],
                                 std::move(orbit.occupation)};
  return label;
}

bool has_rows(const ModelColumns& columns, const LabelledStructure& label) {
  const Configuration& configuration = label.mapping.configuration;
  return std::all_of(columns.of_surrogate.begin(), columns.of_surrogate.end(), [&](const SpaceColumns& of_model) {
    return of_model.empty() || of_model[label.space] == nullptr ||
           of_model[label.space]->of(*configuration.supercell).has(configuration.occupation);
  });
}

/// What somebody's file gives, before it is mapped.
struct GivenLabel {
  std::string id;
  Structure structure;
  std::optional<double> energy_ev;  ///< nothing: a problem was said
};

/// @param wanted ids that are asked for; empty: all.
std::vector<GivenLabel> labels_of_frames(const LabelledStructuresRequest& request, const std::set<std::string>& wanted,
                                         Problems& problems) {
  const std::string file = request.data.string();
  const std::vector<LabelledFrame> frames = read_extxyz(request.data);
  std::vector<GivenLabel> given;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const LabelledFrame& frame = frames[i];
    const auto named = frame.info.find("id");
    const std::string id = named == frame.info.end() ? fmt::format("frame-{}", i + 1) : named->second;
    if (!ids.insert(id).second) {
      problems.add({file, 0, 0}, fmt::format("frame {}: id {} occurs twice; ids must be unique", i + 1, id));
      continue;
    }
    given.push_back({id, frame.structure, std::nullopt});
    if (!request.only.empty() && !wanted.contains(id)) continue;
    const auto energy = frame.info.find(request.energy_key);
    const auto value = energy == frame.info.end() ? std::nullopt : parse_number(energy->second);
    if (value && std::isfinite(*value)) {
      given.back().energy_ev = value;
      continue;
    }
    problems.add({file, 0, 0},
                 energy == frame.info.end()
                     ? fmt::format("frame {} ({}): no {}= on its second line", i + 1, id, request.energy_key)
                     : fmt::format("frame {} ({}): {} is \"{}\", expected a number of eV", i + 1, id,
                                   request.energy_key, energy->second));
  }
  return given;
}

/// Extended XYZ, or a table of energies with structure files.
std::vector<GivenLabel> given_labels(const LabelledStructuresRequest& request, const std::set<std::string>& wanted,
                                     Problems& problems) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(request.data, error)) return labels_of_frames(request, wanted, problems);
  const ImportPath table = look_at(request.data);
  if (!csv_source().recognises(table)) return labels_of_frames(request, wanted, problems);
  Reading reading;
  csv_source().read(table, {}, reading);
  Problems of_structures;
  for (const LeftOut& out : reading.left_out) of_structures.add({out.name, 0, 0}, out.reason);
  if (!of_structures.empty()) throw FormatError(fmt::format("{}", fmt::join(of_structures.lines(), "\n")));
  std::vector<GivenLabel> given;
  std::set<std::string> ids;
  for (ForeignResult& result : reading.results) {
    if (!ids.insert(result.id).second)
      problems.add({request.data.string(), 0, 0}, fmt::format("id {} occurs twice; ids must be unique", result.id));
    given.push_back({result.id, std::move(*result.structure), result.energy_ev});
  }
  return given;
}

void refer_to_hull(std::vector<LabelledStructure>& labels) {
  const std::vector<HullEntry> entries = hull_entries(labels);
  const HullReport hull = compute_hull(entries, unbounded_hull_options_for(entries));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i].formation_energy_ev_per_atom = hull.entries[i].formation_energy_ev_per_atom;
    labels[i].e_above_hull_ev_per_atom = hull.entries[i].e_above_hull_ev_per_atom;
    labels[i].vertex = hull.entries[i].vertex;
  }
}

/// Without supercells and compositions where there are no lists, whose structures have to be told from orbits.
std::vector<std::shared_ptr<const ParentCrystal>> parents_of_spaces(Campaign& campaign, Problems& problems) {
  if (std::any_of(campaign.spaces.begin(), campaign.spaces.end(), [](const auto& spec) { return spec.is_list; })) {
    LoadedCampaign loaded = load_spaces(std::move(campaign));
    campaign = std::move(loaded.campaign);
    return parents_of(loaded.spaces);
  }
  std::vector<std::shared_ptr<const ParentCrystal>> parents;
  for (const SpaceSpec& spec : campaign.spaces)
    parents.push_back(build_parent(read_crystal(spec.structure, spec.block), spec, problems));
  return parents;
}

}  // namespace

LabelledStructures read_labelled_structures(const LabelledStructuresRequest& request) {
  LabelledStructures result;
  result.campaign = read_campaign(request.campaign);
  permit_scorers(result.campaign);
  Problems problems;
  std::optional<LoadedCampaign> loaded;
  std::optional<OrbitPlacer> orbits;
  if (column_tables(result.campaign).empty()) {
    result.parents = parents_of_spaces(result.campaign, problems);
  } else {
    loaded = load_spaces(std::move(result.campaign));
    result.campaign = loaded->campaign;
    result.parents = parents_of(loaded->spaces);
    result.columns = read_model_columns(result.campaign, loaded->spaces, problems);
    orbits.emplace(loaded->spaces);
  }
  problems.throw_if_any();
  SpaceMappers mappers(result.parents);

  const std::string file = request.data.string();
  std::set<std::string> wanted(request.only.begin(), request.only.end());
  const std::vector<GivenLabel> given = given_labels(request, wanted, problems);
  result.frames = given.size();
  for (const GivenLabel& one : given) {
    if (!request.only.empty() && wanted.erase(one.id) == 0) continue;
    const std::string& id = one.id;
    if (!one.energy_ev) continue;  // said already
    auto mapped = mappers.map(one.structure);
    if (orbits && std::holds_alternative<LabelledStructure>(mapped)) {
      mapped = as_orbit(std::get<LabelledStructure>(std::move(mapped)), one.structure, *orbits, loaded->spaces);
      if (const auto* orbit = std::get_if<LabelledStructure>(&mapped);
          orbit != nullptr && !has_rows(result.columns, *orbit))
        mapped =
            "an orbit that the campaign leaves out (superperiodic or min_distance), so that no table of columns "
            "has a row for it";
    }
    if (const auto* reason = std::get_if<std::string>(&mapped)) {
      result.not_mapped.emplace_back(id, *reason);
      if (!request.only.empty())
        problems.add({file, 0, 0}, fmt::format("{}: named by the splits, but not on the lattice: {}", id, *reason));
      continue;
    }
    auto& label = std::get<LabelledStructure>(mapped);
    label.id = id;
    label.composition = one.structure.composition();
    label.energy_ev = *one.energy_ev;
    label.off_lattice = label.mapping.rms_displacement_angstrom > kOffLatticeAngstrom;
    auto& where = label.off_lattice && !request.keep_off_lattice ? result.off_lattice : result.kept;
    where.push_back(std::move(label));
  }
  for (const std::string& id : wanted)
    problems.add({file, 0, 0}, fmt::format("no frame has id {}, which the splits name", id));
  problems.throw_if_any();
  if (result.kept.empty()) {
    throw InputError(fmt::format("{}: none of {} structures lies on a parent crystal of {}{}", file, given.size(),
                                 request.campaign.string(),
                                 result.not_mapped.empty() ? "" : "; the first: " + result.not_mapped.front().second));
  }
  refer_to_hull(result.kept);
  return result;
}

std::vector<HullEntry> hull_entries(std::span<const LabelledStructure> labels, std::span<const std::size_t> which) {
  std::vector<HullEntry> entries;
  for (const std::size_t i : which) entries.push_back({labels[i].id, labels[i].composition, labels[i].energy_ev, {}});
  return entries;
}

std::vector<HullEntry> hull_entries(std::span<const LabelledStructure> labels) {
  std::vector<std::size_t> all(labels.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return hull_entries(labels, all);
}

std::string mapping_summary(const LabelledStructures& structures) {
  std::string text = fmt::format("{} structures: {} on the lattice", structures.frames, structures.kept.size());
  if (!structures.off_lattice.empty()) {
    text += fmt::format(", {} displaced by more than {} Å (rms) and left out", structures.off_lattice.size(),
                        kOffLatticeAngstrom);
  }
  if (!structures.not_mapped.empty()) {
    std::map<std::string, std::size_t> reasons;
    for (const auto& [id, reason] : structures.not_mapped) ++reasons[reason];
    const auto commonest = std::max_element(reasons.begin(), reasons.end(),
                                            [](const auto& a, const auto& b) { return a.second < b.second; });
    text += fmt::format(", {} not mapped ({}: {})", structures.not_mapped.size(), commonest->second, commonest->first);
  }
  return text;
}

}  // namespace hullscan
