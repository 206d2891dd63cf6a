/// @file
/// The lower hull of points over compositions, as linear programs: one optimal basis per composition, kept by an own
/// revised simplex. Knows columns and rows only; elements, references and entries are hull.hpp's.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace hullscan {

/// The points: one column per distinct reduced composition, with the lowest energy found there.
struct HullColumns {
  std::size_t rows = 0;                    ///< independent components
  std::vector<std::int64_t> counts;        ///< [size * rows] atoms per reduced formula
  std::vector<std::int64_t> atoms;         ///< [size] of the reduced formula, all components
  std::vector<double> costs;               ///< [size] formation energy, eV/atom
  std::vector<std::bitset<128>> elements;  ///< [size] which elements the composition holds, by species code
  [[nodiscard]] std::size_t size() const { return costs.size(); }
};

/// The hull at one composition.
struct HullValue {
  bool feasible = true;  ///< false: no mix of the allowed columns has this composition
  double ev_per_atom = 0;
  std::vector<std::pair<std::size_t, double>> mix;  ///< column, atomic fraction > 0; sums to 1
};

/// The hull of all columns, solved in the constructor.
///
/// Invariant: every composition i has a basis B_i, a_i = B_i·λ with λ >= 0, and no active column prices below
/// −kPivotToleranceEv. Columns become active deepest first. A column of greatest depth below the current hull H is a
/// point of the final hull: were p = Σ t_q q with E_p >= Σ t_q E_q, then H(p) − E_p <= Σ t_q (H(q) − E_q), so every q
/// is as deep and p lies on their facet. So the active columns are the vertices, up to exact ties, which are sorted out
/// at the end. A new vertex v changes the hull only over the facets that it lies below, and the new facets join v with
/// corners of those: pricing is local to them, compositions of one facet share its basis, and a last pass prices every
/// distinct basis against all active columns. Cost: O(vertices · columns · rows) to find what lies below, plus the
/// pivots.
class LowerHull {
 public:
  static constexpr double kPivotToleranceEv = 1e-12;   ///< eV/atom
  static constexpr double kVertexToleranceEv = 1e-11;  ///< eV/atom; a shallower vertex is taken for a point on a facet

  /// @param references column of the pure component of each row; empty: there are none, and the columns themselves
  /// must cover each other (they do: each is its own mix).
  LowerHull(HullColumns columns, std::vector<std::size_t> references);

  /// Recomputed from the integer counts by LU with one step of iterative refinement.
  [[nodiscard]] HullValue at(std::size_t column) const;
  [[nodiscard]] bool is_vertex(std::size_t column) const { return vertex_[column] != 0; }
  [[nodiscard]] const std::vector<std::size_t>& vertices() const { return vertices_; }
  /// The hull of all columns of other compositions.
  [[nodiscard]] HullValue without(std::size_t column) const;
  /// The hull of all vertices of other compositions.
  [[nodiscard]] HullValue among_other_vertices(std::size_t column) const;
  [[nodiscard]] const HullColumns& columns() const { return columns_; }

 private:
  /// Columns packed for pricing: row-wise, so that the inner loop runs over columns.
  struct Packed {
    explicit Packed(std::size_t rows) : fractions(rows) {}
    std::vector<std::vector<double>> fractions;
    std::vector<double> costs;
    std::vector<std::size_t> ids;
  };
  /// A view of one basis; negative column −1−k is the artificial unit of row k.
  struct Basis {
    std::int32_t* column;
    double* inverse;
    double* level;
    double* dual;
  };
  enum class Phase { kFeasibility, kEnergy };

  void pack(Packed& packed, std::size_t column) const;
  void start_artificial(const Basis& basis, std::size_t target) const;
  void set_duals(const Basis& basis, Phase phase) const;
  void enter(const Basis& basis, std::size_t column, bool smallest_index) const;
  void reinvert(const Basis& basis, std::size_t target) const;
  template <class Visit>
  void price(const Basis& basis, std::size_t target, const Packed& packed, std::size_t excluded, Phase phase,
             const double& threshold, Visit visit) const;
  void optimise(const Basis& basis, std::size_t target, const Packed& allowed, std::size_t excluded, Phase phase) const;
  void optimise_by_columns(const Basis& basis, std::size_t target, Packed& likely, const Packed& allowed,
                           std::size_t excluded, Phase phase) const;
  [[nodiscard]] static double pivot_threshold(Phase phase);
  [[nodiscard]] double infeasibility(const Basis& basis) const;
  [[nodiscard]] double value(const Basis& basis) const;
  [[nodiscard]] HullValue report(const std::int32_t* basis_columns, std::size_t target) const;
  /// @param likely columns that are allowed too and probably enough.
  [[nodiscard]] HullValue solve_alone(std::size_t target, Packed likely, const Packed& allowed,
                                      std::size_t excluded) const;
  [[nodiscard]] HullValue solve_without(std::size_t column) const;
  /// Corners of the facets around a column, itself left out.
  [[nodiscard]] Packed corners_around(std::size_t column) const;
  [[nodiscard]] Basis basis(std::size_t column);
  [[nodiscard]] bool fits(std::size_t column, std::size_t target) const;
  void solve_table();
  void price_everything();
  void settle_vertices();

  HullColumns columns_;
  std::vector<std::size_t> references_;
  std::vector<double> fractions_;            ///< [size * rows]
  std::vector<std::int32_t> basis_columns_;  ///< [size * rows]
  std::vector<double> inverses_, levels_, duals_;
  Packed active_;
  std::vector<char> vertex_;
  std::vector<std::size_t> vertices_;
  Packed packed_vertices_;
  std::map<std::size_t, HullValue> without_;    ///< of the active columns
  std::vector<std::vector<std::size_t>> star_;  ///< [size] columns whose optimal mix uses this one
};

}  // namespace hullscan
