#include "workers/monte_carlo/local_environments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hullscan {
namespace {

constexpr double kShell = 1.1;  ///< neighbours up to so many times the nearest distance

}  // namespace

LocalEnvironments::LocalEnvironments(std::shared_ptr<const ParentCrystal> parent)
    : parent_(std::move(parent)), sites_(*parent_) {
  for (int site = 0; site < sites_.count(); ++site) {
    neighbours_.push_back(sites_.neighbours(site, kShell * sites_.nearest_distance_angstrom(site)));
    int first = site;
    for (int operation = 0; operation < sites_.operation_count(); ++operation)
      first = std::min(first, sites_.image(operation, {{0, 0, 0}, site}).site);
    class_of_site_.push_back(first);
  }
  for (const Sublattice& sublattice : parent_->sublattices) {
    first_count_.push_back(counts_);
    counts_ += sublattice.allowed.size();
  }
}

std::map<LocalEnvironments::Environment, std::int64_t> LocalEnvironments::environments(
    const Supercell& supercell, std::span<const std::uint8_t> occupation) const {
  const SupercellSites where(sites_, supercell);
  std::map<Environment, std::int64_t> found;
  for (const std::array<int, 3>& cell : where.cells()) {
    for (int site = 0; site < sites_.count(); ++site) {
      const auto s = static_cast<std::size_t>(site);
      const auto occupant_at = [&](const LatticeSite& at) {
        return occupation[static_cast<std::size_t>(where.varied_index(cell, at))];
      };
      const auto choices = parent_->sublattices[static_cast<std::size_t>(sites_.sublattice(site))].allowed.size();
      if (choices < 2) continue;
      Environment one(2 + counts_, 0);
      one[0] = class_of_site_[s];
      one[1] = occupant_at({{0, 0, 0}, site});
      for (const LatticeSite& other : neighbours_[s])
        ++one[2 + first_count_[static_cast<std::size_t>(sites_.sublattice(other.site))] + occupant_at(other)];
      ++found[std::move(one)];
    }
  }
  return found;
}

void LocalEnvironments::add(const Supercell& supercell, std::span<const std::uint8_t> occupation) {
  for (const auto& [environment, sites] : environments(supercell, occupation)) known_.insert(environment);
}

LocalEnvironments::Unknown LocalEnvironments::unknown(const Supercell& supercell,
                                                      std::span<const std::uint8_t> occupation) const {
  Unknown result;
  std::int64_t all = 0, unknown = 0, most = 0;
  for (const auto& [environment, sites] : environments(supercell, occupation)) {
    all += sites;
    if (known_.contains(environment)) continue;
    unknown += sites;
    if (sites <= most) continue;
    most = sites;
    result.most_common = name_of(environment);
  }
  if (all > 0) result.share = static_cast<double>(unknown) / static_cast<double>(all);
  return result;
}

std::string LocalEnvironments::name_of(const Environment& environment) const {
  const auto own = static_cast<std::size_t>(sites_.sublattice(environment[0]));
  std::string around;
  for (std::size_t l = 0; l < parent_->sublattices.size(); ++l) {
    const auto& allowed = parent_->sublattices[l].allowed;
    for (std::size_t k = 0; k < allowed.size(); ++k) {
      const int count = environment[2 + first_count_[l] + k];
      if (count > 0) around += fmt::format("{}{}", allowed[k].symbol(), count);
    }
  }
  return fmt::format("{} with {}", parent_->sublattices[own].allowed[static_cast<std::size_t>(environment[1])].symbol(),
                     around);
}

}  // namespace hullscan
