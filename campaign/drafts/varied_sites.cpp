#include "campaign/drafts/varied_sites.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>  // std::iota
#include <set>

#include "core/campaign/toml_text.hpp"
#include "core/errors.hpp"
#include "enumerator/crystal/site_selection.hpp"

namespace hullscan {
namespace {

constexpr double kSameOccupancy = 0.005 + 1e-9;
/// More than one reads, and more than one counts in a moment.
constexpr double kManyOfMixedSites = 20'000, kManyAsked = 500'000;

bool is_mixed(const CrystalSite& site) { return site.occupants.size() > 1; }

bool holds(const CrystalSite& site, Species species) {
  return std::any_of(site.occupants.begin(), site.occupants.end(),
                     [&](const Occupant& occupant) { return occupant.species == species; });
}

bool same_occupants(const CrystalSite& a, const CrystalSite& b) {
  return std::equal(a.occupants.begin(), a.occupants.end(), b.occupants.begin(), b.occupants.end(),
                    [](const Occupant& x, const Occupant& y) {
                      return x.species == y.species && std::abs(x.occupancy - y.occupancy) <= kSameOccupancy;
                    });
}

std::string occupants_text(const CrystalSite& site) {
  std::vector<std::string> parts;
  for (const Occupant& o : site.occupants) {
    parts.push_back(o.occupancy == 1.0 ? std::string(o.species.symbol())
                                       : fmt::format("{:.4g} {}", o.occupancy, o.species.symbol()));
  }
  return fmt::format("{}", fmt::join(parts, " + "));
}

std::vector<std::string> species_of(const VariedSites& varied) {
  std::vector<std::string> symbols;
  for (const auto& [symbol, atoms] : varied.atoms) symbols.push_back(symbol);
  for (const std::string& symbol : varied.added) {
    if (std::find(symbols.begin(), symbols.end(), symbol) == symbols.end()) symbols.push_back(symbol);
  }
  return symbols;
}

/// Ways to put `species` of them on `sites` by number: the binomial of sites + species - 1 over species - 1.
double compositions(double sites, std::size_t species) {
  double product = 1;
  for (std::size_t i = 1; i < species; ++i) product *= (sites + static_cast<double>(i)) / static_cast<double>(i);
  return product;
}

std::string whole_range(const VariedSites& varied) {
  std::string text;
  for (const std::string& symbol : species_of(varied)) {
    text += text.empty() ? symbol + " = \"rest\"" : fmt::format(", {} = \"0%..100%\"", symbol);
  }
  return text;
}

/// The file's own composition in whole atoms: rounded down, then the largest remainders up; the commonest is the rest.
std::string of_file(const VariedSites& varied, int cells) {
  struct Share {
    std::string symbol;
    long atoms;
    double remainder;
  };
  std::vector<Share> shares;
  long missing = static_cast<long>(varied.sites.size()) * cells;
  for (const auto& [symbol, atoms] : varied.atoms) {
    const double exact = atoms * cells;
    const double whole = std::floor(exact + 1e-6);
    shares.push_back({symbol, std::lround(whole), exact - whole});
    missing -= std::lround(whole);
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const Share& a, const Share& b) { return a.remainder > b.remainder + 1e-6; });
  for (Share& share : shares) {
    if (missing-- > 0) ++share.atoms;
  }
  std::stable_sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) { return a.atoms > b.atoms; });
  std::string text;
  for (const Share& share : shares) {
    text += text.empty() ? share.symbol + " = \"rest\"" : fmt::format(", {} = {}", share.symbol, share.atoms);
  }
  return text;
}

std::string few_added(const VariedSites& varied, int cells, int few) {
  const int at_most = std::min(few, static_cast<int>(varied.sites.size()) * cells);
  std::string text;
  for (const std::string& symbol : species_of(varied)) {
    text += text.empty() ? symbol + " = \"rest\"" : fmt::format(", {} = \"0..{}\"", symbol, at_most);
  }
  return text;
}

}  // namespace

std::vector<std::size_t> sites_named(const Crystal& crystal, const std::string& name, double symprec_angstrom,
                                     const std::string& option) {
  std::vector<std::size_t> found;
  if (const auto element = Species::parse(name)) {
    for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
      if (holds(crystal.sites[i], *element)) found.push_back(i);
    }
  }
  if (!found.empty()) return found;
  Problems problems;
  found = SiteSelection(crystal, symprec_angstrom).sites(name, {}, problems);
  if (found.empty()) {
    throw InputError(
        fmt::format("{}: matches no site: {}", option, problems.empty() ? "it names none" : problems.lines().front()));
  }
  return found;
}

VariedSites varied_sites(const Crystal& crystal, std::vector<std::size_t> sites) {
  VariedSites varied{std::move(sites), {}, {}};
  for (const std::size_t i : varied.sites) {
    for (const Occupant& occupant : crystal.sites[i].occupants) {
      varied.atoms[std::string(occupant.species.symbol())] += occupant.occupancy;
    }
  }
  return varied;
}

void add_variation(std::vector<VariedSites>& all, VariedSites one) {
  for (auto other = all.begin(); other != all.end();) {
    std::vector<std::size_t> shared, together;
    std::set_intersection(one.sites.begin(), one.sites.end(), other->sites.begin(), other->sites.end(),
                          std::back_inserter(shared));
    if (shared.empty()) {
      ++other;
      continue;
    }
    // What both put on a shared site is one atom of the file.
    const double kept = 1 - static_cast<double>(shared.size()) / static_cast<double>(other->sites.size());
    for (const auto& [symbol, atoms] : other->atoms) one.atoms[symbol] += atoms * kept;
    one.added.insert(one.added.begin(), other->added.begin(), other->added.end());
    std::set_union(one.sites.begin(), one.sites.end(), other->sites.begin(), other->sites.end(),
                   std::back_inserter(together));
    one.sites = std::move(together);
    other = all.erase(other);
  }
  all.push_back(std::move(one));
}

void add_mixed_sites(const Crystal& crystal, std::vector<VariedSites>& all) {
  std::set<std::size_t> taken;
  for (const VariedSites& varied : all) taken.insert(varied.sites.begin(), varied.sites.end());
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
    if (!is_mixed(crystal.sites[i]) || taken.count(i) > 0) continue;
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const std::vector<std::size_t>& g) {
      return same_occupants(crystal.sites[g.front()], crystal.sites[i]);
    });
    if (group == groups.end()) {
      groups.push_back({i});
    } else {
      group->push_back(i);
    }
  }
  for (std::vector<std::size_t>& group : groups) all.push_back(varied_sites(crystal, std::move(group)));
}

SublatticeText named_sublattice(const Crystal& crystal, const std::vector<std::size_t>& sites, double symprec_angstrom,
                                std::vector<std::string>& taken) {
  const std::vector<std::string> names = SiteSelection(crystal, symprec_angstrom).names_of(sites);
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(toml_quoted(name));
  SublatticeText text{quoted.size() == 1 ? quoted.front() : fmt::format("[{}]", fmt::join(quoted, ", ")), "", ""};
  std::string name = names.front();
  const bool word =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (names.size() > 1 || !word || std::find(taken.begin(), taken.end(), name) != taken.end()) {
    const auto& occupants = crystal.sites[sites.front()].occupants;
    const std::string stem(
        std::max_element(occupants.begin(), occupants.end(), [](const Occupant& a, const Occupant& b) {
          return b.species.is_vacancy() ? false : a.species.is_vacancy() || a.occupancy < b.occupancy;
        })->species.symbol());
    name = stem;
    for (int i = 2; std::find(taken.begin(), taken.end(), name) != taken.end(); ++i)
      name = fmt::format("{}_{}", stem, i);
    text.name = name;
  }
  taken.push_back(name);
  return text;
}

std::vector<SublatticeText> sublattice_texts(const Crystal& crystal, const std::vector<VariedSites>& all, int cells,
                                             double symprec_angstrom, std::vector<std::string>& remarks) {
  double of_mixed = 1, of_asked = 1;
  for (const VariedSites& varied : all) {
    const double number = compositions(static_cast<double>(varied.sites.size()) * cells, species_of(varied).size());
    (varied.added.empty() ? of_mixed : of_asked) *= number;
  }
  const bool narrow_mixed = of_mixed > kManyOfMixedSites || (of_mixed > 1 && of_mixed * of_asked > kManyAsked);
  int few = 0;
  const double limit = kManyAsked / (narrow_mixed ? 1 : of_mixed);
  if (of_asked > limit) {
    double species = 0;  // besides the rest
    for (const VariedSites& varied : all) {
      if (!varied.added.empty()) species += static_cast<double>(species_of(varied).size()) - 1;
    }
    few = std::max(1, static_cast<int>(std::pow(limit, 1 / species)) - 1);
  }
  if (narrow_mixed) {
    remarks.push_back(fmt::format(
        "the mixed sites could take about {:.2g} compositions; the file's own is written, rounded to whole atoms",
        of_mixed));
  }
  if (few > 0) {
    remarks.push_back(
        fmt::format("the species of --vary could take about {:.2g} compositions; at most {} atom{} of each are written",
                    of_asked, few, few == 1 ? "" : "s"));
  }
  std::vector<SublatticeText> texts;
  std::vector<std::string> taken;
  for (const VariedSites& varied : all) {
    texts.push_back(named_sublattice(crystal, varied.sites, symprec_angstrom, taken));
    const bool mixed = varied.added.empty() && varied.atoms.size() > 1;
    if (mixed && !narrow_mixed) texts.back().of_file = of_file(varied, cells);
    texts.back().species = varied.added.empty() ? (narrow_mixed ? of_file(varied, cells) : whole_range(varied))
                                                : (few > 0 ? few_added(varied, cells, few) : whole_range(varied));
  }
  return texts;
}

std::string site_list(const Crystal& crystal) {
  struct Line {
    std::string label, occupants, numbers;
    std::size_t first = 0, last = 0;
    int sites = 0;
  };
  std::vector<Line> lines;
  std::map<std::pair<std::string, std::string>, std::size_t> line_of;
  std::map<std::string, int> lines_of_label;
  const auto close_run = [](Line& line) {
    line.numbers += line.numbers.empty() ? "#" : ", #";
    line.numbers += line.first == line.last ? std::to_string(line.first) : fmt::format("{}..{}", line.first, line.last);
  };
  for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
    const CrystalSite& site = crystal.sites[i];
    const auto [known, fresh] = line_of.try_emplace({site.label, occupants_text(site)}, lines.size());
    if (fresh) {
      lines.push_back({known->first.first, known->first.second, "", i + 1, i, 0});
      ++lines_of_label[site.label];
    }
    Line& line = lines[known->second];
    if (line.last + 1 != i + 1) {
      close_run(line);
      line.first = i + 1;
    }
    line.last = i + 1;
    ++line.sites;
  }
  std::string text;
  for (Line& line : lines) {
    close_run(line);
    // One label for unlike sites: then their numbers tell them apart.
    text += fmt::format("#   {:<6} {:>3} × {}{}\n", toml_comment(line.label), line.sites, line.occupants,
                        lines_of_label[line.label] > 1 ? "   " + line.numbers : "");
  }
  return text;
}

}  // namespace hullscan
