#include "enumerator/crystal/site_selection.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include "enumerator/crystal/detail/primitive_cell.hpp"

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
  return site.label == label ||
         std::find(site.other_labels.begin(), site.other_labels.end(), label) != site.other_labels.end();
}

/// "#3", "#3..7": sites by their number in the file's cell, from 1; first and last.
std::optional<std::pair<std::size_t, std::size_t>> number_range(const std::string& text) {
  if (!text.starts_with('#')) return std::nullopt;
  const char* const end = text.data() + text.size();
  std::size_t first = 0, last = 0;
  auto read = std::from_chars(text.data() + 1, end, first);
  if (read.ec != std::errc()) return std::nullopt;
  if (read.ptr == end) return std::pair(first, first);
  if (!std::string_view(read.ptr, end).starts_with("..")) return std::nullopt;
  read = std::from_chars(read.ptr + 2, end, last);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return std::pair(first, last);
}

std::vector<std::string> numbers_of(const std::vector<std::size_t>& sites) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sites.size();) {
    std::size_t end = i + 1;
    while (end < sites.size() && sites[end] == sites[end - 1] + 1) ++end;
    names.push_back("#" + std::to_string(sites[i] + 1) +
                    (end - i == 1 ? "" : ".." + std::to_string(sites[end - 1] + 1)));
    i = end;
  }
  return names;
}

bool is_part_of(const std::vector<std::size_t>& part, const std::vector<std::size_t>& whole) {
  return !part.empty() && std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

bool SiteSelection::selects(const std::string& selector, const std::vector<std::size_t>& wanted) const {
  Problems no_matter;
  return sites(selector, {}, no_matter) == wanted;
}

std::vector<std::string> SiteSelection::names_of(const std::vector<std::size_t>& wanted) const {
  std::vector<std::string> labels, elements;
  for (const std::size_t i : wanted) {
    append_new(labels, crystal_.sites[i].label);
    for (const Occupant& occupant : crystal_.sites[i].occupants) {
      if (!occupant.species.is_vacancy()) append_new(elements, std::string(occupant.species.symbol()));
    }
  }
  for (const std::string& element : elements) {
    if (selects(element, wanted)) return {element};
  }
  if (labels.size() == 1 && selects(labels.front(), wanted)) return labels;
  Problems no_matter;
  const bool exact = std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
    return is_part_of(sites(label, {}, no_matter), wanted);
  });
  if (exact) return labels;
  std::string why;
  std::vector<std::string> wyckoff;
  std::size_t covered = 0;
  for (const auto& [name, members] : wyckoff_positions(why)) {
    const bool is_label = std::any_of(crystal_.sites.begin(), crystal_.sites.end(),
                                      [&, &label = name](const CrystalSite& site) { return has_label(site, label); });
    if (is_label || !is_part_of(members, wanted)) continue;
    wyckoff.push_back(name);
    covered += members.size();
  }
  return covered == wanted.size() ? wyckoff : numbers_of(wanted);
}

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
    problems.add(where, "\"" + selector + "\" is a label (" + std::to_string(by_label.size()) +
                            " sites) and an element (" + std::to_string(by_element.size()) + " sites) in " +
                            crystal_.source +
                            ": name Wyckoff positions, or the sites by their number in the cell, as in \"#1..4\" "
                            "(hullscan init lists them), "
                            "or rename the label in the file");
    return {};
  }
  if (!by_label.empty()) return by_label;
  if (!by_element.empty()) return by_element;
  if (const auto range = number_range(selector)) {
    const auto [first, last] = *range;
    std::vector<std::size_t> by_number;
    if (first >= 1 && first <= last && last <= crystal_.sites.size()) {
      for (std::size_t i = first; i <= last; ++i) by_number.push_back(i - 1);
    } else {
      problems.add(where, "\"" + selector + "\": " + crystal_.source + " has the sites #1 to #" +
                              std::to_string(crystal_.sites.size()) + " in its cell");
    }
    return by_number;
  }

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
  problems.add(where, "no site \"" + selector + "\" in " + crystal_.source + did_you_mean(selector, all) +
                          "; labels: " + joined(labels) + "; elements: " + joined(elements) +
                          "; Wyckoff positions: " + (why.empty() ? joined(wyckoff) : why));
  return {};
}

}  // namespace hullscan
