#include "enumerator/site_selection.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "enumerator/detail/primitive_cell.hpp"

namespace hullscan {
namespace {

bool looks_like_wyckoff(const std::string& text) {
  if (text.size() < 2 || std::isalpha(static_cast<unsigned char>(text.back())) == 0) return false;
  return std::all_of(text.begin(), text.end() - 1, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// At most 12 names, so that a message about a big cell stays readable.
std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < 12; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > 12) text += ", … (" + std::to_string(names.size()) + ")";
  return text;
}

void append_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

bool has_label(const CrystalSite& site, const std::string& label) {
  return site.label == label || std::find(site.other_labels.begin(), site.other_labels.end(), label) != site.other_labels.end();
}

}  // namespace

std::map<std::string, std::vector<std::size_t>> SiteSelection::wyckoff_positions(std::string& why) const {
  // Alike = the same occupants in the same amounts, to a thousandth.
  std::map<std::vector<long>, int> type_of;
  std::vector<int> types;
  std::vector<Fractional> positions;
  for (const CrystalSite& site : crystal_.sites) {
    std::vector<long> key;
    for (const Occupant& occupant : site.occupants) {
      key.push_back(occupant.species.code());
      key.push_back(std::lround(occupant.occupancy * 1000));
    }
    types.push_back(type_of.try_emplace(key, static_cast<int>(type_of.size()) + 1).first->second);
    positions.push_back(site.position);
  }
  std::map<std::string, std::vector<std::size_t>> found;
  try {
    const detail::PrimitiveCell cell = detail::primitive_cell(crystal_.lattice, positions, types, symprec_);
    for (std::size_t i = 0; i < crystal_.sites.size(); ++i) {
      const std::size_t p = cell.site_of[i];
      found[std::to_string(cell.multiplicities[p]) + cell.wyckoff_letters[p]].push_back(i);
    }
  } catch (const InputError& error) {
    why = error.what();
  }
  return found;
}

std::vector<std::size_t> SiteSelection::sites(const std::string& selector, const SourcePosition& where,
                                              Problems& problems) const {
  std::vector<std::size_t> by_label, by_element;
  const auto element = Species::parse(selector);
  for (std::size_t i = 0; i < crystal_.sites.size(); ++i) {
    const CrystalSite& site = crystal_.sites[i];
    if (has_label(site, selector)) by_label.push_back(i);
    if (element && std::any_of(site.occupants.begin(), site.occupants.end(),
                               [&](const Occupant& occupant) { return occupant.species == *element; })) {
      by_element.push_back(i);
    }
  }
  if (!by_label.empty() && !by_element.empty() && by_label != by_element) {
    problems.add(where, "\"" + selector + "\" is a label (" + std::to_string(by_label.size()) + " sites) and an element (" +
                            std::to_string(by_element.size()) + " sites) in " + crystal_.source +
                            ": name Wyckoff positions, or rename the label in the file");
    return {};
  }
  if (!by_label.empty()) return by_label;
  if (!by_element.empty()) return by_element;

  std::string why;
  const auto positions = wyckoff_positions(why);
  if (looks_like_wyckoff(selector)) {
    const auto match = positions.find(selector);
    if (match != positions.end()) return match->second;
  }
  std::vector<std::string> labels, elements, wyckoff;
  for (const CrystalSite& site : crystal_.sites) {
    append_new(labels, site.label);
    for (const Occupant& occupant : site.occupants) append_new(elements, std::string(occupant.species.symbol()));
  }
  std::vector<std::string> all = labels;
  all.insert(all.end(), elements.begin(), elements.end());
  for (const auto& [name, members] : positions) {
    wyckoff.push_back(name);
    all.push_back(name);
  }
  problems.add(where, "no site \"" + selector + "\" in " + crystal_.source + did_you_mean(selector, all) + "; labels: " +
                          joined(labels) + "; elements: " + joined(elements) + "; Wyckoff positions: " +
                          (why.empty() ? joined(wyckoff) : why));
  return {};
}

}  // namespace hullscan
