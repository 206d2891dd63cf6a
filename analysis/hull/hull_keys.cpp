#include "analysis/hull/hull_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/errors.hpp"

namespace hullscan {
namespace {

const std::string kNotStated = "not stated";

bool concerns(const std::string& key, const HullEntry& entry) {
  if (entry.keys.empty()) return false;
  const auto dot = key.rfind('.');
  if (dot == std::string::npos) return true;
  const auto element = Species::parse(key.substr(dot + 1));
  return !element || entry.composition.count(*element) > 0;
}

std::string value_in(const std::string& key, const HullEntry& entry) {
  const auto found = entry.keys.find(key);
  return found == entry.keys.end() ? kNotStated : found->second;
}

std::string quoted(const std::string& value) { return value == kNotStated ? value : "\"" + value + "\""; }

}  // namespace

void require_same_keys(std::span<const HullEntry> entries) {
  constexpr std::size_t kNamed = 3;
  std::set<std::string> keys;
  for (const HullEntry& entry : entries) {
    for (const auto& [key, value] : entry.keys) keys.insert(key);
  }
  Problems problems;
  for (const std::string& key : keys) {
    std::map<std::string, std::vector<std::string>> by_value;
    for (const HullEntry& entry : entries) {
      if (concerns(key, entry)) by_value[quoted(value_in(key, entry))].push_back(entry.id);
    }
    if (by_value.size() <= 1) continue;
    std::string line;
    for (const auto& [value, ids] : by_value) {
      line += line.empty() ? "" : "; ";
      line += fmt::format(
          "{} in {}", value,
          fmt::join(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, ids.size())), ", "));
      if (ids.size() > kNamed) line += fmt::format(" and {} more", ids.size() - kNamed);
    }
    problems.add({}, fmt::format("hull: entries that differ in {} cannot share a hull: {}", key, line));
  }
  problems.throw_if_any();
}

std::string difference_in_keys(const HullEntry& entry, std::span<const HullEntry> others) {
  constexpr std::size_t kNamed = 4;
  std::map<std::string, std::string> stated;  // by the others, as far as it concerns this entry
  std::set<std::string> known_elements;       // keys of which some other holds the element
  for (const HullEntry& other : others) {
    for (const auto& [key, value] : other.keys) {
      if (concerns(key, entry)) stated.emplace(key, value);
    }
    for (const auto& [key, value] : entry.keys) {
      if (concerns(key, other)) known_elements.insert(key);
    }
  }
  std::set<std::string> keys = known_elements;
  for (const auto& [key, value] : stated) {
    if (!entry.keys.empty()) keys.insert(key);
  }
  std::vector<std::string> differences;
  for (const std::string& key : keys) {
    const auto found = stated.find(key);
    const std::string theirs = found == stated.end() ? kNotStated : found->second, ours = value_in(key, entry);
    if (ours != theirs) differences.push_back(fmt::format("{} {}, here {}", key, ours, theirs));
  }
  std::string text = fmt::format(
      "{}", fmt::join(differences.begin(),
                      differences.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, differences.size())), "; "));
  if (differences.size() > kNamed) text += fmt::format("; and {} more", differences.size() - kNamed);
  return text;
}

}  // namespace hullscan
