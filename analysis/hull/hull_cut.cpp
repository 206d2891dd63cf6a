#include "analysis/hull/hull_cut.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "analysis/hull/end_members.hpp"
#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr double kSameX = 1e-9;        ///< two changes nearer than this are one
constexpr double kSmallAmount = 1e-9;  ///< of a phase, atoms per formula unit of the mix: it is not there
constexpr double kReducedCostEv = 1e-11;

/// Amounts of end members, weighted by their atoms: a mix of phases adds them, and so are the atoms.
Eigen::VectorXd amounts(const EndMemberSpace& space, const Composition& composition) {
  const auto units = space.units(composition.without_vacancies());
  if (!units) {
    throw InputError(fmt::format("{} is not a mix of the hull's end members", composition.formula()));
  }
  Eigen::VectorXd atoms(static_cast<Eigen::Index>(units->size()));
  for (std::size_t j = 0; j < units->size(); ++j) {
    const double amount = (*units)[j] * static_cast<double>(space.members()[j].atom_count());
    if (amount < -1e-9)
      throw InputError(fmt::format("{} is not a mix of the hull's end members", composition.formula()));
    atoms[static_cast<Eigen::Index>(j)] = std::max(0.0, amount);
  }
  return atoms;
}

/// The least energy of a mix of columns with given amounts, by a primal simplex whose first basis is the end members.
class Mixing {
 public:
  struct Vertex {
    std::string id;
    Eigen::VectorXd fractions;  ///< of one atom
    double ev_per_atom = 0;
  };
  struct Solution {
    double ev = 0;
    std::vector<std::pair<std::size_t, double>> atoms;  ///< of the phases that are there
    Eigen::VectorXd potentials;                         ///< of the end members' atoms
  };

  explicit Mixing(std::vector<Vertex> vertices) : vertices_(std::move(vertices)) {
    const Eigen::Index rows = vertices_.front().fractions.size();
    for (Eigen::Index row = 0; row < rows; ++row) {
      const auto pure = std::find_if(vertices_.begin(), vertices_.end(),
                                     [&](const Vertex& v) { return v.fractions[row] > 1 - 1e-12; });
      if (pure == vertices_.end()) throw Error("cut: an end member is not a vertex; this is a fault of hullscan");
      start_.push_back(static_cast<std::size_t>(pure - vertices_.begin()));
    }
  }

  [[nodiscard]] Solution at(const Eigen::VectorXd& wanted) const {
    std::vector<std::size_t> basis = start_;
    const auto rows = static_cast<Eigen::Index>(basis.size());
    for (int step = 0; step < 100'000; ++step) {
      Eigen::MatrixXd matrix(rows, rows);
      Eigen::VectorXd costs(rows);
      for (Eigen::Index k = 0; k < rows; ++k) {
        matrix.col(k) = vertices_[basis[static_cast<std::size_t>(k)]].fractions;
        costs[k] = vertices_[basis[static_cast<std::size_t>(k)]].ev_per_atom;
      }
      const Eigen::FullPivLU<Eigen::MatrixXd> solver(matrix);
      const Eigen::VectorXd levels = solver.solve(wanted);
      const Eigen::VectorXd duals = matrix.transpose().fullPivLu().solve(costs);
      // The most negative price enters; after some steps the first (Bland), which cannot cycle.
      std::optional<std::size_t> entering;
      double best = -kReducedCostEv;
      for (std::size_t v = 0; v < vertices_.size(); ++v) {
        const double price = vertices_[v].ev_per_atom - duals.dot(vertices_[v].fractions);
        if (price >= best) continue;
        entering = v;
        if (step > 200) break;
        best = price;
      }
      if (!entering) {
        Solution solution;
        solution.ev = duals.dot(wanted);
        solution.potentials = duals;
        for (Eigen::Index k = 0; k < rows; ++k) {
          if (levels[k] > kSmallAmount) solution.atoms.emplace_back(basis[static_cast<std::size_t>(k)], levels[k]);
        }
        return solution;
      }
      const Eigen::VectorXd direction = solver.solve(vertices_[*entering].fractions);
      std::optional<std::size_t> leaving;
      double least = 0;
      for (Eigen::Index k = 0; k < rows; ++k) {
        if (direction[k] <= 1e-12) continue;
        const double ratio = std::max(0.0, levels[k]) / direction[k];
        const auto place = static_cast<std::size_t>(k);
        if (!leaving || ratio < least - 1e-14 || (ratio < least + 1e-14 && basis[place] < basis[*leaving])) {
          least = leaving ? std::min(least, ratio) : ratio;
          leaving = place;
        }
      }
      if (!leaving) break;
      basis[*leaving] = *entering;
    }
    throw Error("cut: the simplex does not end; this is a fault of hullscan");
  }
  [[nodiscard]] const Vertex& vertex(std::size_t v) const { return vertices_[v]; }

 private:
  std::vector<Vertex> vertices_;
  std::vector<std::size_t> start_;
};

/// The energy below the cut is convex and straight between changes. Two supporting lines meet either on it, and then
/// there is a change, or below it, and then both sides are looked at.
class Walk {
 public:
  Walk(const Mixing& mixing, Eigen::VectorXd from, Eigen::VectorXd to)
      : mixing_(mixing), from_(std::move(from)), to_(std::move(to)) {}

  [[nodiscard]] Eigen::VectorXd amounts_at(double x) const { return (1 - x) * from_ + x * to_; }
  std::vector<double> changes() {
    found_ = {0, 1};
    between(0, mixing_.at(from_), 1, mixing_.at(to_), 0);
    std::sort(found_.begin(), found_.end());
    std::vector<double> distinct;
    for (const double x : found_) {
      if (distinct.empty() || x - distinct.back() > kSameX) distinct.push_back(x);
    }
    distinct.back() = 1;
    return distinct;
  }

 private:
  [[nodiscard]] double slope(const Mixing::Solution& at) const { return at.potentials.dot(to_ - from_); }

  void between(double low, const Mixing::Solution& left, double high, const Mixing::Solution& right, int depth) {
    constexpr int kDeepest = 200;
    const double down = slope(left), up = slope(right);
    if (high - low <= kSameX || up - down <= 1e-12 || depth > kDeepest) return;
    const double x = (left.ev - right.ev + up * high - down * low) / (up - down);
    if (x <= low + kSameX || x >= high - kSameX) return;
    const double line = left.ev + down * (x - low);
    const Mixing::Solution here = mixing_.at(amounts_at(x));
    if (here.ev <= line + 1e-10) {
      found_.push_back(x);
      return;
    }
    between(low, left, x, here, depth + 1);
    between(x, here, high, right, depth + 1);
    // The line that supports the hull here may only touch it here.
    found_.push_back(x);
  }

  const Mixing& mixing_;
  Eigen::VectorXd from_, to_;
  std::vector<double> found_;
};

std::vector<std::string> ids(const Mixing& mixing, const Mixing::Solution& solution) {
  std::vector<std::string> names;
  for (const auto& [v, atoms] : solution.atoms) names.push_back(mixing.vertex(v).id);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Mixing::Vertex> vertices_of(const HullReport& report, const EndMemberSpace& space) {
  std::vector<Mixing::Vertex> vertices;
  std::vector<bool> has_entry(report.end_members.size(), false);
  for (const HullEntryResult& entry : report.entries) {
    if (!entry.vertex) continue;
    const Eigen::VectorXd all = amounts(space, entry.composition);
    vertices.push_back({entry.id, all / all.sum(), entry.formation_energy_ev_per_atom});
    for (std::size_t j = 0; j < has_entry.size(); ++j)
      has_entry[j] = has_entry[j] || vertices.back().fractions[static_cast<Eigen::Index>(j)] > 1 - 1e-12;
  }
  for (std::size_t j = 0; j < has_entry.size(); ++j) {
    if (has_entry[j]) continue;
    // An element that is there with 0 and without an entry.
    vertices.push_back(
        {report.end_members[j].formula(),
         Eigen::VectorXd::Unit(static_cast<Eigen::Index>(has_entry.size()), static_cast<Eigen::Index>(j)), 0.0});
  }
  return vertices;
}

}  // namespace

HullCut hull_cut(const HullReport& report, const Composition& from, const Composition& to) {
  const EndMemberSpace space(report.end_members);
  HullCut cut;
  cut.from = from.without_vacancies().reduced();
  cut.to = to.without_vacancies().reduced();
  if (cut.from == cut.to) throw InputError(fmt::format("both ends are {}", cut.from.formula()));
  const Mixing mixing(vertices_of(report, space));
  const Eigen::VectorXd first = amounts(space, cut.from), last = amounts(space, cut.to);
  Walk walk(mixing, first, last);

  const auto end_energy = [&](const Composition& end, const Eigen::VectorXd& wanted, bool& has_entry) {
    std::optional<double> lowest;
    for (const HullEntryResult& entry : report.entries) {
      if (entry.composition.reduced() == end)
        lowest = std::min(lowest.value_or(entry.formation_energy_ev_per_atom), entry.formation_energy_ev_per_atom);
    }
    has_entry = lowest.has_value();
    return lowest.value_or(mixing.at(wanted).ev / wanted.sum());
  };
  cut.from_ev_per_atom = end_energy(cut.from, first, cut.from_has_entry);
  cut.to_ev_per_atom = end_energy(cut.to, last, cut.to_has_entry);
  const auto mixed = [&](double x) {
    const double of_from = (1 - x) * first.sum(), of_to = x * last.sum();
    return (of_from * cut.from_ev_per_atom + of_to * cut.to_ev_per_atom) / (of_from + of_to);
  };

  for (const double x : walk.changes()) {
    const Eigen::VectorXd here = walk.amounts_at(x);
    const Mixing::Solution solution = mixing.at(here);
    CutPoint point;
    point.x = x;
    point.formation_energy_ev_per_atom = solution.ev / here.sum();
    point.mix_above_hull_ev_per_atom = std::max(0.0, mixed(x) - point.formation_energy_ev_per_atom);
    for (const auto& [v, atoms] : solution.atoms) point.phases.push_back({mixing.vertex(v).id, atoms / here.sum()});
    std::sort(point.phases.begin(), point.phases.end(), [](const DecompositionPart& a, const DecompositionPart& b) {
      return std::abs(a.fraction - b.fraction) > 1e-9 ? a.fraction > b.fraction : a.id < b.id;
    });
    if (!cut.points.empty()) {
      const double middle = 0.5 * (cut.points.back().x + x);
      const auto phases = ids(mixing, mixing.at(walk.amounts_at(middle)));
      // Two stretches of the same phases are one: nothing changes between them.
      if (!cut.fields.empty() && cut.fields.back().phases == phases) {
        cut.fields.back().x_high = x;
        cut.points.pop_back();
      } else {
        cut.fields.push_back({cut.points.back().x, x, phases});
      }
    }
    cut.points.push_back(std::move(point));
  }

  for (const HullEntryResult& entry : report.entries) {
    // n = p from + q to with p, q >= 0, judged by the component across.
    const Eigen::VectorXd all = amounts(space, entry.composition);
    Eigen::MatrixXd ends(all.size(), 2);
    ends << first, last;
    const Eigen::Vector2d units = ends.colPivHouseholderQr().solve(all);
    if ((ends * units - all).norm() > 1e-9 * all.norm() || units.minCoeff() < -1e-9) continue;
    const double x = std::clamp(units[1] / units.sum(), 0.0, 1.0);
    cut.entries.push_back({entry.id, x, entry.formation_energy_ev_per_atom, entry.e_above_hull_ev_per_atom,
                           entry.formation_energy_ev_per_atom - mixed(x), entry.vertex});
  }
  std::sort(cut.entries.begin(), cut.entries.end(), [](const CutEntry& a, const CutEntry& b) {
    return std::tuple(a.x, a.formation_energy_ev_per_atom, a.id) <
           std::tuple(b.x, b.formation_energy_ev_per_atom, b.id);
  });
  return cut;
}

std::pair<Composition, Composition> parse_cut(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size())
    throw InputError(fmt::format("--cut: expected two formulas as in LiNiO2:CoO2, found \"{}\"", text));
  try {
    return {Composition::from_formula(text.substr(0, colon)), Composition::from_formula(text.substr(colon + 1))};
  } catch (const InputError& error) {
    throw InputError(fmt::format("--cut: {}", error.what()));
  }
}

CompositionAxis axis_of(const HullCut& cut) {
  const std::vector<Composition> ends{cut.from.reduced(), cut.to.reduced()};
  return composition_axis(ends, ends[0].counts().size() == 1 && ends[1].counts().size() == 1);
}

Json cut_json(const HullCut& cut) {
  Json points = Json::array(), fields = Json::array(), entries = Json::array();
  for (const CutPoint& point : cut.points) {
    Json phases = Json::array();
    for (const DecompositionPart& part : point.phases) phases.push_back({{"id", part.id}, {"fraction", part.fraction}});
    points.push_back({{"x", point.x},
                      {"formation_energy_per_atom", point.formation_energy_ev_per_atom},
                      {"mix_above_hull", point.mix_above_hull_ev_per_atom},
                      {"phases", std::move(phases)}});
  }
  for (const CutField& field : cut.fields)
    fields.push_back({{"x_low", field.x_low}, {"x_high", field.x_high}, {"phases", field.phases}});
  for (const CutEntry& entry : cut.entries) {
    entries.push_back({{"id", entry.id},
                       {"x", entry.x},
                       {"formation_energy_per_atom", entry.formation_energy_ev_per_atom},
                       {"e_above_hull", entry.e_above_hull_ev_per_atom},
                       {"against_ends", entry.against_ends_ev_per_atom},
                       {"vertex", entry.vertex}});
  }
  return {{"from", cut.from.formula()},
          {"to", cut.to.formula()},
          {"from_atoms", cut.from.atom_count()},
          {"to_atoms", cut.to.atom_count()},
          {"from_energy_per_atom", cut.from_ev_per_atom},
          {"to_energy_per_atom", cut.to_ev_per_atom},
          {"axis", axis_json(axis_of(cut))},
          {"from_has_entry", cut.from_has_entry},
          {"to_has_entry", cut.to_has_entry},
          {"points", std::move(points)},
          {"fields", std::move(fields)},
          {"entries", std::move(entries)}};
}

}  // namespace hullscan
