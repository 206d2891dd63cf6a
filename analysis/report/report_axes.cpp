#include "analysis/report/report_axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace hullscan {
namespace {

using FractionAxis = ReportAxes::FractionAxis;

constexpr std::size_t kMostAxes = 12;

/// "Pb.Zn" -> sublattice Pb, species Zn; nothing for a name of another shape.
std::optional<std::pair<std::string, Species>> occupant(const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto species = Species::parse(name.substr(dot + 1));
  return species ? std::optional(std::pair{name.substr(0, dot), *species}) : std::nullopt;
}

/// The species of every sublattice that some composition occupies with two species or more; the one with most sites is
/// first.
std::map<std::string, std::vector<Species>> varied_sublattices(const ReportContent& content) {
  std::map<std::string, std::map<Species, std::int64_t>> most;
  for (const ReportSpace& space : content.spaces) {
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        for (const auto& [name, count] : composition.counts) {
          const auto at = occupant(name);
          if (!at || count == 0) continue;
          std::int64_t& known = most[at->first][at->second];
          known = std::max(known, count);
        }
      }
    }
  }
  std::map<std::string, std::vector<Species>> varied;
  for (const auto& [sublattice, counts] : most) {
    if (counts.size() < 2) continue;
    std::vector<Species>& species = varied[sublattice];
    for (const auto& [one, count] : counts) species.push_back(one);
    std::stable_sort(species.begin(), species.end(),
                     [&, &of = counts](Species a, Species b) { return of.at(a) > of.at(b); });
  }
  return varied;
}

CrystalSites sites_of(const ReportContent& content, const std::map<std::string, std::vector<Species>>& varied) {
  CrystalSites sites;
  for (const auto& [sublattice, species] : varied) sites.varied.insert(species.begin(), species.end());
  for (const ReportSpace& space : content.spaces) {
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        const auto atoms = static_cast<double>(composition.composition.atom_count());
        if (atoms == 0) continue;
        double vacant = 0;
        for (const auto& [name, count] : composition.counts) {
          const auto at = occupant(name);
          if (at && at->second.is_vacancy()) vacant += static_cast<double>(count);
        }
        sites.sites_per_atom.emplace(composition.composition.reduced(), (atoms + vacant) / atoms);
      }
    }
  }
  return sites;
}

/// Ions per formula unit of what is left without them.
std::optional<std::pair<Composition, double>> ions_per_host(const Composition& composition, Species ion) {
  std::map<Species, std::int64_t> rest = composition.without_vacancies().counts();
  rest.erase(ion);
  const Composition all(rest), host = all.reduced();
  if (host.atom_count() == 0) return std::nullopt;
  return std::pair{
      host, static_cast<double>(composition.count(ion) * host.atom_count()) / static_cast<double>(all.atom_count())};
}

std::optional<Composition> host_of(const ReportContent& content) {
  if (!content.working_ion) return std::nullopt;
  for (const ReportEntry& entry : content.entries) {
    const auto found = ions_per_host(entry.composition, *content.working_ion);
    if (found) return found->first;
  }
  return std::nullopt;
}

std::string label_of(const FractionAxis& axis) {
  if (axis.sublattice.empty()) return fmt::format("atomic fraction of {}", axis.species.symbol());
  if (axis.species.is_vacancy()) return fmt::format("vacant fraction of the {} sites", axis.sublattice);
  return fmt::format("fraction of the {} sites with {}", axis.sublattice, axis.species.symbol());
}

/// Every atom of every composition lies on one and the same varied sublattice: an alloy.
bool is_alloy(const ReportContent& content, const std::map<std::string, std::vector<Species>>& varied) {
  if (varied.size() > 1) return false;
  for (const ReportSpace& space : content.spaces) {
    for (const ReportSupercell& supercell : space.supercells) {
      for (const ReportComposition& composition : supercell.compositions) {
        std::int64_t atoms = 0;
        for (const auto& [name, count] : composition.counts) {
          const auto at = occupant(name);
          if (at && at->second.is_vacancy() && count > 0) return false;
          if (at && varied.contains(at->first)) atoms += count;
        }
        if (atoms != composition.composition.without_vacancies().atom_count()) return false;
      }
    }
  }
  return true;
}

/// One for each species that varies; of two species on a sublattice one says all.
std::vector<FractionAxis> fraction_axes(const Report& report,
                                        const std::map<std::string, std::vector<Species>>& varied) {
  std::vector<FractionAxis> axes;
  if (report.hull && report.hull->elemental && (varied.empty() || is_alloy(report.content, varied))) {
    const auto& members = report.hull->end_members;
    for (std::size_t j = 1; j <= members.size(); ++j)
      axes.push_back({"", members[j % members.size()].counts().begin()->first});
  } else {
    for (const auto& [sublattice, species] : varied) {
      for (std::size_t k = 1; k < species.size(); ++k) axes.push_back({sublattice, species[k]});
      if (species.size() > 2) axes.push_back({sublattice, species[0]});
    }
  }
  if (axes.size() > kMostAxes) axes.resize(kMostAxes);
  return axes;
}

std::optional<double> fraction_of(const FractionAxis& axis, const Composition& composition,
                                  const std::map<std::string, std::int64_t>& counts) {
  if (axis.sublattice.empty()) return composition.atomic_fraction(axis.species);
  std::int64_t sites = 0, taken = 0;
  for (const auto& [name, count] : counts) {
    const auto at = occupant(name);
    if (!at || at->first != axis.sublattice) continue;
    sites += count;
    if (at->second == axis.species) taken += count;
  }
  return sites > 0 ? std::optional(static_cast<double>(taken) / static_cast<double>(sites)) : std::nullopt;
}

}  // namespace

ReportAxes::ReportAxes(const Report& report) : report_(report), host_(host_of(report.content)) {
  const auto varied = varied_sublattices(report.content);
  if (report.hull)
    hull_ = composition_axis(report.hull->end_members, report.hull->elemental, sites_of(report.content, varied));
  if (host_) {
    labels_ = {fmt::format("{} per {}", report.content.working_ion->symbol(), host_->formula())};
  } else if (report.hull && report.hull->end_members.size() == 2) {
    between_.emplace(report.hull->end_members);
    labels_ = {hull_.label};
  } else {
    fractions_ = fraction_axes(report, varied);
    for (const FractionAxis& axis : fractions_) labels_.push_back(label_of(axis));
  }
}

std::vector<std::optional<double>> ReportAxes::places(const Composition& composition,
                                                      const std::map<std::string, std::int64_t>& counts) const {
  if (host_) {
    const auto found = ions_per_host(composition, *report_.content.working_ion);
    return {found && found->first == *host_ ? std::optional(found->second) : std::nullopt};
  }
  if (between_) {
    const auto shares = between_->shares(composition);
    return {shares ? std::optional(hull_.x(*shares)) : std::nullopt};
  }
  std::vector<std::optional<double>> places;
  for (const FractionAxis& axis : fractions_) places.push_back(fraction_of(axis, composition, counts));
  return places;
}

}  // namespace hullscan
