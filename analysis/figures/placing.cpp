#include "analysis/figures/placing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace hullscan {
namespace {

constexpr double kGap = 0.5;         ///< between a mark and its name, mm
constexpr double kApart = 0.45;      ///< between two names, mm
constexpr double kLeaderFrom = 1.2;  ///< a name this far from its mark has a leader, mm
constexpr double kFromLines = 1;     ///< between a legend and lines, mm
constexpr double kStep = 0.9, kFarthest = 26;
constexpr int kDirections = 24;
// Costs, in mm of distance.
constexpr double kCoversName = 1000, kCoversMark = 60, kCoversLine = 40, kLeadersCross = 45, kLeaderOverName = 300,
                 kHopeless = 600, kLeaderOverMark = 12, kAside = 3.5, kSlantwise = 0.4;

struct Candidate {
  PlacedName placed;
  double cost = 0;  ///< of what does not move
  bool clear = true, readable = true;
};

double across(const Place& a, const Place& b, const Place& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

bool cross(const std::pair<Place, Place>& a, const std::pair<Place, Place>& b) {
  return across(a.first, a.second, b.first) * across(a.first, a.second, b.second) < 0 &&
         across(b.first, b.second, a.first) * across(b.first, b.second, a.second) < 0;
}

/// A box whose nearest side or corner is `distance` from the mark, in a direction whose larger part is 1.
PlacedName place_at(const NameToPlace& name, double angle, double distance) {
  double ux = std::cos(angle), uy = std::sin(angle);
  const double largest = std::max(std::abs(ux), std::abs(uy)), away = name.mark_radius_mm + distance;
  ux /= largest;
  uy /= largest;
  const double x = name.at.x + ux * (away + name.width_mm / 2), y = name.at.y + uy * (away + name.height_mm / 2);
  PlacedName placed;
  placed.box = {x - name.width_mm / 2, y - name.height_mm / 2, x + name.width_mm / 2, y + name.height_mm / 2};
  if (distance < kLeaderFrom) return placed;
  const Box inner{placed.box.left + 0.15 * name.width_mm, placed.box.top, placed.box.right - 0.15 * name.width_mm,
                  placed.box.bottom};
  const bool beside = name.at.y > placed.box.top && name.at.y < placed.box.bottom;
  Place end{std::clamp(name.at.x, inner.left, inner.right), std::clamp(name.at.y, inner.top, inner.bottom)};
  if (beside) end.x = name.at.x < placed.box.left ? placed.box.left : placed.box.right;
  const double dx = end.x - name.at.x, dy = end.y - name.at.y, length = std::hypot(dx, dy);
  const double from = name.mark_radius_mm / length, to = (length - 0.45) / length;
  placed.leader = {{name.at.x + from * dx, name.at.y + from * dy}, {name.at.x + to * dx, name.at.y + to * dy}};
  return placed;
}

Candidate judged(const NameToPlace& name, double angle, double distance, const Obstacles& obstacles) {
  Candidate candidate{place_at(name, angle, distance), distance};
  const Box& box = candidate.placed.box;
  const auto& leader = candidate.placed.leader;
  if (name.towards) {
    const double along = std::cos(angle) * name.towards->x + std::sin(angle) * name.towards->y;
    candidate.cost += kAside * (1 - along / std::hypot(name.towards->x, name.towards->y));
  }
  candidate.cost += kSlantwise * std::abs(std::sin(2 * angle));
  if (leader) candidate.cost += 1;
  const auto pay = [&](double price) {
    candidate.cost += price;
    candidate.clear = false;
    candidate.readable = candidate.readable && price <= kCoversLine;
  };
  for (const Box& text : obstacles.texts) {
    if (text.grown(kApart).overlaps(box)) pay(kCoversName);
    if (leader && text.meets(leader->first, leader->second)) pay(kLeaderOverName);
  }
  Box reach = box;
  if (leader) {
    reach = {std::min(reach.left, leader->first.x), std::min(reach.top, leader->first.y),
             std::max(reach.right, leader->first.x), std::max(reach.bottom, leader->first.y)};
  }
  for (const Box& mark : obstacles.marks) {
    if (!mark.overlaps(reach)) continue;
    if (candidate.cost > kHopeless) return candidate;
    if (mark.overlaps(box)) pay(kCoversMark);
    if (leader && mark.meets(leader->first, leader->second)) candidate.cost += kLeaderOverMark;
  }
  const Box room = box.grown(0.3);
  for (const auto& line : obstacles.lines) {
    if (room.meets(line.first, line.second)) pay(kCoversLine);
    if (leader && cross(*leader, line)) candidate.cost += kLeaderOverMark;
  }
  return candidate;
}

/// The cheapest first.
std::vector<Candidate> candidates_of(const NameToPlace& name, const Obstacles& obstacles) {
  std::vector<Candidate> candidates;
  for (double distance = kGap; distance <= kFarthest; distance += kStep) {
    for (int k = 0; k < kDirections; ++k) {
      const double angle = 2 * std::numbers::pi * k / kDirections;
      if (obstacles.within.contains(place_at(name, angle, distance).box))
        candidates.push_back(judged(name, angle, distance, obstacles));
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  return candidates;
}

double between(const PlacedName& one, const PlacedName& other) {
  double cost = 0;
  if (one.box.grown(kApart).overlaps(other.box)) cost += kCoversName;
  if (one.leader && other.box.grown(0.2).meets(one.leader->first, one.leader->second)) cost += kLeaderOverName;
  if (other.leader && one.box.grown(0.2).meets(other.leader->first, other.leader->second)) cost += kLeaderOverName;
  if (one.leader && other.leader && cross(*one.leader, *other.leader)) cost += kLeadersCross;
  return cost;
}

/// Where nothing fits: over its point, moved into the page.
Candidate squeezed(const NameToPlace& name, const Box& within) {
  PlacedName placed = place_at(name, -std::numbers::pi / 2, kGap);
  const double dx = std::max(0.0, within.left - placed.box.left) - std::max(0.0, placed.box.right - within.right);
  const double dy = std::max(0.0, within.top - placed.box.top) - std::max(0.0, placed.box.bottom - within.bottom);
  placed.box = {placed.box.left + dx, placed.box.top + dy, placed.box.right + dx, placed.box.bottom + dy};
  return {placed, kCoversName, false, false};
}

}  // namespace

PlacedNames place_names(std::span<const NameToPlace> names, const Obstacles& obstacles) {
  std::vector<std::vector<Candidate>> candidates;
  for (const NameToPlace& name : names) {
    candidates.push_back(candidates_of(name, obstacles));
    if (candidates.back().empty()) candidates.back().push_back(squeezed(name, obstacles.within));
  }
  std::vector<std::optional<std::size_t>> taken(names.size());
  const auto dynamic_cost = [&](std::size_t i, std::size_t choice) {
    double cost = 0;
    for (std::size_t j = 0; j < names.size(); ++j) {
      if (j != i && taken[j]) cost += between(candidates[i][choice].placed, candidates[j][*taken[j]].placed);
    }
    return cost;
  };
  constexpr int kMostRounds = 30;
  bool moved = true;
  for (int round = 0; round < kMostRounds && moved; ++round) {
    moved = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      double lowest = std::numeric_limits<double>::infinity();
      std::size_t best = 0;
      for (std::size_t choice = 0; choice < candidates[i].size(); ++choice) {
        if (candidates[i][choice].cost >= lowest) break;
        const double cost = candidates[i][choice].cost + dynamic_cost(i, choice);
        if (cost >= lowest) continue;
        lowest = cost;
        best = choice;
      }
      moved = moved || taken[i] != best;
      taken[i] = best;
    }
  }
  PlacedNames result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Candidate& one = candidates[i][*taken[i]];
    const double others = dynamic_cost(i, *taken[i]);
    result.clear = result.clear && one.clear && others < kLeadersCross;
    result.readable = result.readable && one.readable && others < kLeaderOverName;
    result.names.push_back(one.placed);
  }
  return result;
}

std::optional<Place> free_place(double width_mm, double height_mm, const Obstacles& obstacles) {
  const Box& within = obstacles.within;
  const double right = within.right - width_mm, bottom = within.bottom - height_mm;
  if (right < within.left || bottom < within.top) return std::nullopt;
  const auto is_free = [&](const Place& at) {
    const Box box{at.x, at.y, at.x + width_mm, at.y + height_mm};
    const auto overlaps = [&](const Box& other) { return box.overlaps(other); };
    return std::none_of(obstacles.marks.begin(), obstacles.marks.end(), overlaps) &&
           std::none_of(obstacles.texts.begin(), obstacles.texts.end(), overlaps) &&
           std::none_of(obstacles.lines.begin(), obstacles.lines.end(),
                        [&](const auto& line) { return box.grown(kFromLines).meets(line.first, line.second); });
  };
  constexpr int kAcross = 24, kDown = 24;
  // Nearest to a corner, the upper ones first.
  const Place corners[] = {{right, within.top}, {within.left, within.top}, {right, bottom}, {within.left, bottom}};
  std::optional<Place> best;
  double least = 0;
  for (int row = 0; row <= kDown; ++row) {
    for (int column = 0; column <= kAcross; ++column) {
      const Place at{within.left + (right - within.left) * column / kAcross,
                     within.top + (bottom - within.top) * row / kDown};
      double distance = 1e300;
      for (std::size_t k = 0; k < std::size(corners); ++k)
        distance =
            std::min(distance, std::hypot(at.x - corners[k].x, at.y - corners[k].y) + 2.0 * static_cast<double>(k));
      if ((best && distance >= least) || !is_free(at)) continue;
      best = at;
      least = distance;
    }
  }
  return best;
}

}  // namespace hullscan
