#include "core/errors.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>  // std::iota

namespace hullscan {
namespace {

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substitution});
    }
  }
  return row[b.size()];
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::string to_string(const SourcePosition& position) {
  std::string text = position.file;
  if (position.line > 0) {
    text += ":" + std::to_string(position.line);
    if (position.column > 0) text += ":" + std::to_string(position.column);
  }
  return text;
}

void Problems::add(const SourcePosition& where, const std::string& what) {
  const std::string place = to_string(where);
  // Most come in order: sorting all at every one of 10^5 problems of a file would take minutes.
  std::size_t at = entries_.size();
  for (std::size_t i = entries_.size(); i > 0; --i) {
    const SourcePosition& before = entries_[i - 1].where;
    if (before.file != where.file) continue;
    if (std::pair(before.line, before.column) <= std::pair(where.line, where.column)) break;
    at = i - 1;
  }
  const auto offset = static_cast<std::ptrdiff_t>(at);
  const Entry entry{where, place.empty() ? what : place + ": " + what};
  lines_.insert(lines_.begin() + offset, entry.line);
  entries_.insert(entries_.begin() + offset, entry);
}

void Problems::throw_if_any() const {
  if (lines_.empty()) return;
  std::string text;
  for (const std::string& line : lines_) text += (text.empty() ? "" : "\n") + line;
  throw InputError(text);
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(lower(word), lower(candidate));
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? "" : " (did you mean \"" + *best + "\"?)";
}

}  // namespace hullscan
