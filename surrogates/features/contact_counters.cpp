#include "surrogates/features/contact_counters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace hullscan {
namespace {

constexpr double kSameShellAngstrom = 0.01;

const char* suffix(ContactImages images) {
  switch (images) {
    case ContactImages::kAll:
      return "";
    case ContactImages::kClose:
      return " close";
    case ContactImages::kFar:
      return " far";
  }
  return "";
}

}  // namespace

std::size_t ContactCounters::Shell::columns_per_image() const {
  return sublattice_a == sublattice_b ? occupants_a * (occupants_a + 1) / 2 : occupants_a * occupants_b;
}

ContactCounters::ContactCounters(const ParentCrystal& parent, ContactSettings settings)
    : settings_(std::move(settings)), sites_(parent) {
  std::map<std::pair<int, int>, std::vector<double>> distances;
  for (int site = 0; site < sites_.count(); ++site) {
    for (const LatticeSite& other : sites_.neighbours(site, settings_.cutoff_angstrom)) {
      const auto [a, b] = std::minmax({sites_.sublattice(site), sites_.sublattice(other.site)});
      distances[{a, b}].push_back(sites_.distance_angstrom({{}, site}, other));
    }
  }
  for (auto& [pair, found] : distances) {
    const Sublattice& a = parent.sublattices[static_cast<std::size_t>(pair.first)];
    const Sublattice& b = parent.sublattices[static_cast<std::size_t>(pair.second)];
    for (const double distance : shells_at(std::move(found))) {
      Shell shell{pair.first, pair.second, distance, names_.size(), a.allowed.size() - 1, b.allowed.size() - 1};
      for (const ContactImages images : settings_.images) {
        for (std::size_t i = 0; i < shell.occupants_a; ++i) {
          for (std::size_t j = pair.first == pair.second ? i : 0; j < shell.occupants_b; ++j) {
            const std::string one(a.allowed[i + 1].symbol()), other(b.allowed[j + 1].symbol());
            const std::string where =
                fmt::format("{}{:.2f} Å{}", settings_.bin_angstrom > 0 ? "about " : "", distance, suffix(images));
            names_.push_back(fmt::format("{}-{} {}", one, other, where));
            groups_.push_back(fmt::format("{}-{} contacts{}", a.name, b.name, suffix(images)));
            std::pair ends(fmt::format("{}({})", one, a.name), fmt::format("{}({})", other, b.name));
            if (ends.second < ends.first) std::swap(ends.first, ends.second);
            keys_.push_back(fmt::format("{}-{} {}", ends.first, ends.second, where));
            distances_.push_back(distance);
          }
        }
      }
      shells_.push_back(shell);
    }
  }
}

std::vector<double> ContactCounters::shells_at(std::vector<double> distances) const {
  std::sort(distances.begin(), distances.end());
  std::vector<double> shells;
  if (settings_.bin_angstrom > 0) {
    std::set<long> multiples;
    for (const double distance : distances) {
      const long below = std::lround(std::floor(distance / settings_.bin_angstrom));
      multiples.insert({below, below + 1});
    }
    for (const long multiple : multiples) shells.push_back(static_cast<double>(multiple) * settings_.bin_angstrom);
    return shells;
  }
  for (const double distance : distances) {
    if (shells.empty() || distance >= shells.back() + kSameShellAngstrom) shells.push_back(distance);
  }
  return shells;
}

std::vector<ContactCounters::Share> ContactCounters::shells_of(int sublattice_a, int sublattice_b,
                                                               double distance_angstrom) const {
  const double width = settings_.bin_angstrom;
  if (width <= 0) return {{static_cast<std::uint32_t>(shell_of(sublattice_a, sublattice_b, distance_angstrom)), 1.0}};
  const double below = std::floor(distance_angstrom / width);
  const double beyond = distance_angstrom / width - below;
  std::vector<Share> shares;
  for (const auto& [multiple, share] : {std::pair(below, 1 - beyond), std::pair(below + 1, beyond)}) {
    if (share > 0)
      shares.emplace_back(static_cast<std::uint32_t>(shell_of(sublattice_a, sublattice_b, multiple * width)), share);
  }
  return shares;
}

std::size_t ContactCounters::shell_of(int sublattice_a, int sublattice_b, double distance_angstrom) const {
  std::size_t best = 0;
  double nearest = 1e9;
  for (std::size_t s = 0; s < shells_.size(); ++s) {
    if (shells_[s].sublattice_a != sublattice_a || shells_[s].sublattice_b != sublattice_b) continue;
    // A shell is called by its shortest distance.
    const double off = std::abs(distance_angstrom - shells_[s].distance_angstrom);
    if (off < nearest) {
      nearest = off;
      best = s;
    }
  }
  return best;
}

SupercellContacts::SupercellContacts(const ContactCounters& counters, const Supercell& supercell)
    : shells_(counters.shells_), images_(counters.settings_.images) {
  const PrimitiveSites& sites = counters.sites_;
  const SupercellSites where(sites, supercell);
  std::map<std::pair<int, int>, double> shortest;
  const auto shortest_of = [&](int a, int b) {
    const auto [found, inserted] = shortest.try_emplace({a, b}, 0.0);
    if (inserted && a != b) {
      const auto position = [&](int varied) {
        return supercell.sites()[static_cast<std::size_t>(supercell.varied_sites()[static_cast<std::size_t>(varied)])]
            .position;
      };
      found->second = supercell.lattice().distance_angstrom(position(a), position(b));
    }
    return found->second;
  };
  for (int site = 0; site < sites.count(); ++site) {
    const LatticeSite home{{}, site};
    for (const LatticeSite& other : sites.neighbours(site, counters.settings_.cutoff_angstrom)) {
      // Every pair is met from both ends: taken where the first has the lower sublattice, then site, then cell.
      const int a = sites.sublattice(site), b = sites.sublattice(other.site);
      if (std::tie(a, site, home.cell) > std::tie(b, other.site, other.cell)) continue;
      const double distance = sites.distance_angstrom(home, other);
      const auto shells = counters.shells_of(a, b, distance);
      for (const std::array<int, 3>& cell : where.cells()) {
        const int i = where.varied_index(cell, home), j = where.varied_index(cell, other);
        const bool close = i != j && distance < shortest_of(std::min(i, j), std::max(i, j)) + kSameShellAngstrom;
        for (const auto& [shell, share] : shells)
          contacts_.push_back({static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(j), shell, close, share});
      }
    }
  }
}

void SupercellContacts::count(std::span<const std::uint8_t> occupation, std::span<double> row) const {
  for (const Contact& contact : contacts_) {
    std::size_t a = occupation[contact.a], b = occupation[contact.b];
    if (a == 0 || b == 0) continue;
    const ContactCounters::Shell& shell = shells_[contact.shell];
    std::size_t code;
    if (shell.sublattice_a == shell.sublattice_b) {
      if (a > b) std::swap(a, b);
      code = (a - 1) * shell.occupants_a - (a - 1) * (a - 2) / 2 + (b - a);
    } else {
      code = (a - 1) * shell.occupants_b + (b - 1);
    }
    std::size_t column = shell.first_column + code;
    for (const ContactImages images : images_) {
      if (images == ContactImages::kAll || (images == ContactImages::kClose) == contact.close)
        row[column] += contact.share;
      column += shell.columns_per_image();
    }
  }
}

}  // namespace hullscan
