#include "enumerator/crystal/slab.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>  // std::gcd
#include <set>
#include <tuple>

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr double kSamePlane = 0.1;  ///< Å
constexpr double kSame = 1e-3;      ///< Å, of positions that symmetry makes equal

int common_divisor(const Eigen::Vector3i& n) { return std::gcd(std::gcd(n[0], n[1]), n[2]); }

/// The plane's indices in the primitive lattice, without a common divisor. With reference rows = M * primitive rows,
/// reference indices are M times primitive ones.
Eigen::Vector3i primitive_indices(const ParentCrystal& parent, const Eigen::Vector3i& hkl) {
  const Eigen::Matrix3d m = parent.cell_in_primitive.cast<double>();
  const double determinant = m.determinant();
  const Eigen::Vector3d scaled = std::abs(determinant) * (m.inverse() * hkl.cast<double>());
  Eigen::Vector3i indices = scaled.array().round().matrix().cast<int>();
  return indices / common_divisor(indices);
}

std::tuple<int, int, int> key(const Eigen::Vector3i& n) { return {n[0], n[1], n[2]}; }

int minus_signs(const Eigen::Vector3i& n) { return static_cast<int>((n.array() < 0).count()); }

/// Every integer vector of the box, in lexicographic order.
template <class Visit>
void for_each_in_box(int half, const Visit& visit) {
  for (int i = -half; i <= half; ++i) {
    for (int j = -half; j <= half; ++j) {
      for (int k = -half; k <= half; ++k) visit(Eigen::Vector3i(i, j, k));
    }
  }
}

Eigen::Vector3d plane_normal(const ParentCrystal& parent, const Eigen::Vector3i& indices) {
  return parent.primitive_lattice().rows().inverse() * indices.cast<double>();  // 1/Å; length = 1 / spacing
}

double fraction(double x) {
  const double f = x - std::floor(x);
  return f > 1 - 1e-9 ? 0 : f;
}

}  // namespace

std::vector<MillerClass> distinct_miller_indices(const ParentCrystal& parent, int largest) {
  std::map<std::tuple<int, int, int>, Eigen::Vector3i> best;  // least image of the class: its indices
  std::map<std::tuple<int, int, int>, int> members;
  for_each_in_box(largest, [&](const Eigen::Vector3i& hkl) {
    if (hkl.isZero() || common_divisor(hkl) != 1) return;
    const Eigen::Vector3i indices = primitive_indices(parent, hkl);
    std::set<std::tuple<int, int, int>> images;
    for (const SymmetryOperation& operation : parent.operations) {
      images.insert(key(operation.rotation.transpose() * indices));
      images.insert(key(-(operation.rotation.transpose() * indices)));
    }
    const auto [entry, fresh] = best.try_emplace(*images.begin(), hkl);
    members[*images.begin()] = static_cast<int>(images.size());
    if (fresh) return;
    const bool better = minus_signs(hkl) < minus_signs(entry->second) ||
                        (minus_signs(hkl) == minus_signs(entry->second) && key(hkl) > key(entry->second));
    if (better) entry->second = hkl;
  });
  std::vector<MillerClass> classes;
  for (const auto& [image, hkl] : best) {
    classes.push_back({hkl, members[image], 1 / plane_normal(parent, primitive_indices(parent, hkl)).norm()});
  }
  std::sort(classes.begin(), classes.end(), [](const MillerClass& a, const MillerClass& b) {
    return std::tuple(a.hkl.squaredNorm(), key(-a.hkl)) < std::tuple(b.hkl.squaredNorm(), key(-b.hkl));
  });
  return classes;
}

Surface::Surface(const ParentCrystal& parent, const Eigen::Vector3i& hkl) {
  if (hkl.isZero()) throw InputError("Miller indices 0 0 0 are not a plane");
  const Eigen::Vector3i indices = primitive_indices(parent, hkl);
  const Eigen::Matrix3d rows = parent.primitive_lattice().rows();
  const Eigen::Vector3d normal = plane_normal(parent, indices);
  spacing_ = 1 / normal.norm();
  const auto cartesian = [&](const Eigen::Vector3i& n) -> Eigen::Vector3d {
    return rows.transpose() * n.cast<double>();
  };

  // The shortest vectors that span the plane's lattice and lead to the next plane; a box as large as the largest index
  // holds them.
  const int half = indices.cwiseAbs().maxCoeff() + 1;
  std::vector<Eigen::Vector3i> in_plane, out_of_plane;
  for_each_in_box(half, [&](const Eigen::Vector3i& n) {
    if (!n.isZero() && n.dot(indices) == 0) in_plane.push_back(n);
    if (n.dot(indices) == 1) out_of_plane.push_back(n);
  });
  const auto shorter = [&](const Eigen::Vector3i& a, const Eigen::Vector3i& b) {
    const double la = cartesian(a).norm(), lb = cartesian(b).norm();
    return std::abs(la - lb) > 1e-6 ? la < lb : key(a) > key(b);
  };
  std::sort(in_plane.begin(), in_plane.end(), shorter);
  std::sort(out_of_plane.begin(), out_of_plane.end(), shorter);
  if (in_plane.empty() || out_of_plane.empty())
    throw Error("no basis for a lattice plane; this is a fault of hullscan");
  const Eigen::Vector3i u = in_plane.front();
  const auto second = std::find_if(in_plane.begin(), in_plane.end(), [&](const Eigen::Vector3i& n) {
    return u.cross(n) == indices || u.cross(n) == -indices;
  });
  if (second == in_plane.end()) throw Error("no basis for a lattice plane; this is a fault of hullscan");
  Eigen::Vector3i v = *second;
  if (cartesian(u).cross(cartesian(v)).dot(normal) < 0) v = -v;
  const Eigen::Vector3i w = out_of_plane.front();

  Eigen::Matrix3d frame;  // rows: x along u, z along the normal
  frame.row(0) = cartesian(u).normalized();
  frame.row(2) = normal.normalized();
  frame.row(1) = frame.row(2).cross(frame.row(0));
  u_ = frame * cartesian(u);
  v_ = frame * cartesian(v);
  w_ = frame * cartesian(w);

  Eigen::Matrix3d basis;  // primitive coordinates = basis * (along u, v, w)
  basis.col(0) = u.cast<double>();
  basis.col(1) = v.cast<double>();
  basis.col(2) = w.cast<double>();
  const Eigen::Matrix3d inverse = basis.inverse();

  std::set<std::tuple<long, long, long>> seen;  // sites of the reference cell repeat those of the primitive one
  for (const ParentSite& site : parent.sites) {
    const Species species = site.sublattice == kFixedSite
                                ? site.fixed_species
                                : parent.sublattices[static_cast<std::size_t>(site.sublattice)].allowed.front();
    if (species.is_vacancy()) continue;
    Eigen::Vector3d y = inverse * (parent.cell_in_primitive.cast<double>().transpose() * site.position.x);
    for (int i = 0; i < 3; ++i) y[i] = fraction(y[i]);
    const auto same = std::find_if(atoms_.begin(), atoms_.end(), [&](const Atom& atom) {
      Eigen::Vector3d difference = atom.y - y;
      difference -= difference.array().round().matrix();
      return (difference[0] * u_ + difference[1] * v_ + difference[2] * w_).norm() < 10 * kSame;
    });
    if (same == atoms_.end()) atoms_.push_back({species, y});
  }

  std::vector<std::size_t> order(atoms_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return atoms_[a].y[2] < atoms_[b].y[2]; });
  for (const std::size_t atom : order) {
    const double height = atoms_[atom].y[2];
    if (planes_.empty() || (height - plane_height_.back()) * spacing_ > kSamePlane) {
      planes_.emplace_back();
      plane_height_.push_back(height);
    }
    planes_.back().push_back(atom);
    plane_height_.back() = height;
  }
  // The lowest plane may be the rest of the highest one of the spacing below.
  if (planes_.size() > 1 &&
      (atoms_[planes_.front().front()].y[2] + 1 - plane_height_.back()) * spacing_ <= kSamePlane) {
    for (const std::size_t atom : planes_.front()) {
      atoms_[atom].y[2] += 1;
      planes_.back().push_back(atom);
      plane_height_.back() = atoms_[atom].y[2];
    }
    planes_.erase(planes_.begin());
    plane_height_.erase(plane_height_.begin());
  }

  std::vector<double> shifts;  // of heights, by symmetry that keeps the normal
  for (const SymmetryOperation& operation : parent.operations) {
    if (operation.rotation.transpose() * indices != indices) continue;
    const Eigen::Matrix3d rotation = inverse * operation.rotation.cast<double>() * basis;
    const Eigen::Vector3d translation = inverse * operation.translation;
    const double shift = fraction(translation[2] + kSame / spacing_) - kSame / spacing_;
    shifts.push_back(shift);
    if (std::abs(shift) * spacing_ < 2 * kSame) operations_.push_back({rotation, translation});
  }
  for (std::size_t plane = 0; plane < planes_.size(); ++plane) {
    const bool known = std::any_of(terminations_.begin(), terminations_.end(), [&](int other) {
      return std::any_of(shifts.begin(), shifts.end(), [&](double shift) {
        const double difference = plane_height_[static_cast<std::size_t>(other)] + shift - plane_height_[plane];
        return std::abs(difference - std::round(difference)) * spacing_ < 10 * kSame;
      });
    });
    if (!known) terminations_.push_back(static_cast<int>(plane));
  }
}

double Surface::area_square_angstrom() const { return u_.cross(v_).norm(); }

std::vector<Surface::Atom> Surface::atoms_of_slab(int termination, int planes) const {
  std::vector<Atom> atoms;
  const int count = planes_per_spacing();
  for (int below = planes - 1; below >= 0; --below) {
    int plane = termination - below, cell = 0;
    while (plane < 0) {
      plane += count;
      --cell;
    }
    for (const std::size_t index : planes_[static_cast<std::size_t>(plane)]) {
      Atom atom = atoms_[index];
      atom.y[2] += cell;
      atoms.push_back(atom);
    }
  }
  return atoms;
}

Surface::Slab Surface::slab(int termination, int planes, double vacuum_angstrom) const {
  const std::vector<Atom> atoms = atoms_of_slab(termination, planes);
  double low = 1e300, high = -1e300;
  for (const Atom& atom : atoms) {
    low = std::min(low, atom.y[2] * spacing_);
    high = std::max(high, atom.y[2] * spacing_);
  }
  Eigen::Matrix3d rows;
  rows.row(0) = u_;
  rows.row(1) = v_;
  rows.row(2) = Eigen::Vector3d(0, 0, high - low + vacuum_angstrom);
  Slab slab{{Lattice(rows), {}, {}}, high - low};
  for (const Atom& atom : atoms) {
    Eigen::Vector3d position = atom.y[0] * u_ + atom.y[1] * v_ + atom.y[2] * w_;
    position[2] = atom.y[2] * spacing_ - low;
    slab.structure.species.push_back(atom.species);
    slab.structure.positions.push_back(wrapped(slab.structure.lattice.to_fractional(Cartesian{position})));
  }
  return slab;
}

namespace {

/// Points of a plane's lattice and their Voronoi diagram.
struct PlanePoint {
  Eigen::Vector2d xy;
  double height;
  int atom;  ///< of the 1 x 1 cell
  Eigen::Vector2i cell;
};

struct VoronoiVertex {
  Eigen::Vector2d xy;
  std::vector<std::size_t> points;  ///< ascending
};

struct VoronoiDiagram {
  std::vector<VoronoiVertex> vertices;
  std::vector<std::pair<std::size_t, std::size_t>> edges;  ///< points on both sides; the first in the home cell
};

constexpr double kSameVertex = 1e-2;  ///< Å

/// A corner of a cell, and the neighbour behind the edge that begins there, counterclockwise.
struct CellCorner {
  Eigen::Vector2d xy;
  std::size_t neighbour;
};
constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

/// The Voronoi cell of a point at the origin among `near` (relative to it, ascending distance), from a square of half
/// side `half` cut by one bisector after the other.
std::vector<CellCorner> voronoi_cell(const std::vector<Eigen::Vector2d>& near, double half) {
  std::vector<CellCorner> corners{
      {{-half, -half}, kNobody}, {{half, -half}, kNobody}, {{half, half}, kNobody}, {{-half, half}, kNobody}};
  double farthest = half * std::sqrt(2.0);
  for (std::size_t k = 0; k < near.size(); ++k) {
    const Eigen::Vector2d& p = near[k];
    if (p.norm() > 2 * farthest) break;  // its bisector passes outside of every corner
    const auto beyond = [&](const CellCorner& corner) { return corner.xy.dot(p) - p.squaredNorm() / 2; };
    std::vector<CellCorner> kept;
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const CellCorner &from = corners[i], &to = corners[(i + 1) % corners.size()];
      const double f = beyond(from), t = beyond(to);
      if (f <= 0) kept.push_back(from);
      if (f == 0 && t > 0) kept.back().neighbour = k;
      if ((f >= 0 || t <= 0) && (f <= 0 || t >= 0)) continue;  // the edge does not cross the bisector
      const Eigen::Vector2d cut = from.xy + (to.xy - from.xy) * (f / (f - t));
      kept.push_back({cut, f < 0 ? k : from.neighbour});
    }
    corners = std::move(kept);
    farthest = 0;
    for (const CellCorner& corner : corners) farthest = std::max(farthest, corner.xy.norm());
  }
  return corners;
}

/// Vertices and edges of the cells of the points in the home cell: every other one is an image of one of them. Edges
/// shorter than kSameVertex are none, and their ends one vertex. `density` is the number of points per Å².
VoronoiDiagram voronoi_diagram(const std::vector<PlanePoint>& points, double density) {
  struct Near {
    double distance;
    std::size_t point;
    bool operator<(const Near& other) const {
      return std::tie(distance, point) < std::tie(other.distance, other.point);
    }
  };
  VoronoiDiagram diagram;
  for (std::size_t home = 0; home < points.size(); ++home) {
    if (!points[home].cell.isZero()) continue;
    // A disc that holds all neighbours: it grows until it reaches twice as far as the cell's farthest corner.
    std::vector<Near> near;
    std::vector<CellCorner> corners;
    for (double reach = 4 / std::sqrt(density);; reach *= 2) {
      near.clear();
      for (std::size_t i = 0; i < points.size(); ++i) {
        const double distance = (points[i].xy - points[home].xy).norm();
        if (i != home && distance <= reach) near.push_back({distance, i});
      }
      std::sort(near.begin(), near.end());
      std::vector<Eigen::Vector2d> relative;
      for (const Near& other : near) relative.push_back(points[other.point].xy - points[home].xy);
      corners = voronoi_cell(relative, reach);
      double farthest = 0;
      for (const CellCorner& corner : corners) farthest = std::max(farthest, corner.xy.norm());
      if (2 * farthest + kSameVertex <= reach || near.size() + 1 == points.size()) break;
    }
    for (std::size_t c = 0; c < corners.size(); ++c) {
      const CellCorner &corner = corners[c], &next = corners[(c + 1) % corners.size()];
      if (corner.neighbour != kNobody && (next.xy - corner.xy).norm() >= kSameVertex)
        diagram.edges.emplace_back(home, near[corner.neighbour].point);
      const Eigen::Vector2d xy = points[home].xy + corner.xy;
      std::set<std::size_t> around{home};
      for (const Near& other : near) {
        if ((points[other.point].xy - xy).norm() < corner.xy.norm() + 1e-3) around.insert(other.point);
      }
      const auto known = std::find_if(diagram.vertices.begin(), diagram.vertices.end(),
                                      [&](const VoronoiVertex& v) { return (v.xy - xy).norm() < kSameVertex; });
      if (known == diagram.vertices.end()) {
        diagram.vertices.push_back({xy, {around.begin(), around.end()}});
      } else {
        around.insert(known->points.begin(), known->points.end());
        known->points.assign(around.begin(), around.end());
      }
    }
  }
  return diagram;
}

}  // namespace

std::vector<Surface::AdsorptionSite> Surface::adsorption_sites(int termination, const Slab& slab, double bond_angstrom,
                                                               double depth_angstrom) const {
  // In the crystal's own coordinates, in which the symmetry is known; the slab's lowest atom is its zero of height.
  const double shift = plane_height_[static_cast<std::size_t>(termination)] * spacing_ - slab.top_angstrom;
  const auto& structure = slab.structure;
  const Eigen::Vector2d u = u_.head<2>(), v = v_.head<2>();
  // The top atoms in crystal coordinates: the slab's positions lack the sideways part of whole spacings.
  std::vector<Atom> top;
  for (const Atom& atom : atoms_of_slab(termination, std::max(planes_per_spacing(), 3) * 3)) {
    if (plane_height_[static_cast<std::size_t>(termination)] * spacing_ - atom.y[2] * spacing_ <= depth_angstrom) {
      top.push_back(atom);
    }
  }
  const auto xy_of = [&](const Atom& atom) -> Eigen::Vector2d {
    const Eigen::Vector3d position = atom.y[0] * u_ + atom.y[1] * v_ + atom.y[2] * w_;
    return position.head<2>();
  };
  // Any empty circle is smaller than the longer diagonal of the cell; so many cells hold all neighbours.
  const double reach = 2 * (u.norm() + v.norm());
  const double area = area_square_angstrom();
  constexpr double kMostNeighbours = 1e7;
  const double cells_u = std::ceil(reach * v.norm() / area) + 1, cells_v = std::ceil(reach * u.norm() / area) + 1;
  if (!(4 * cells_u * cells_v * static_cast<double>(top.size()) < kMostNeighbours)) {
    throw InputError(
        fmt::format("the cell of the surface is too long for its width ({:.4g} and {:.4g} Å, area {:.4g} Å²): "
                    "its adsorption sites cannot be listed",
                    u.norm(), v.norm(), area));
  }
  const int nu = static_cast<int>(cells_u), nv = static_cast<int>(cells_v);
  std::vector<PlanePoint> points;
  for (int i = -nu; i <= nu; ++i) {
    for (int j = -nv; j <= nv; ++j) {
      for (std::size_t a = 0; a < top.size(); ++a) {
        const Eigen::Vector2d xy = xy_of(top[a]) + i * u + j * v;
        if ((xy - xy_of(top[a])).norm() <= reach || (i == 0 && j == 0)) {
          points.push_back({xy, top[a].y[2] * spacing_, static_cast<int>(a), Eigen::Vector2i(i, j)});
        }
      }
    }
  }

  struct Found {
    Eigen::Vector2d xy;
    std::vector<std::size_t> neighbours;
  };
  std::vector<Found> found;
  for (std::size_t a = 0; a < points.size(); ++a) {
    if (points[a].cell.isZero()) found.push_back({points[a].xy, {a}});
  }
  const VoronoiDiagram diagram = voronoi_diagram(points, static_cast<double>(top.size()) / area_square_angstrom());
  for (const auto& [home, other] : diagram.edges)
    found.push_back({(points[home].xy + points[other].xy) / 2, {home, other}});
  for (const VoronoiVertex& vertex : diagram.vertices) found.push_back({vertex.xy, vertex.points});

  // One of every set of translated sites, then orbits.
  Eigen::Matrix2d plane;
  plane.col(0) = u;
  plane.col(1) = v;
  const Eigen::Matrix2d inverse = plane.inverse();
  const auto same = [&](const Eigen::Vector2d& a, const Eigen::Vector2d& b) {
    Eigen::Vector2d difference = inverse * (a - b);
    difference -= difference.array().round().matrix();
    return (plane * difference).norm() < 2e-2;
  };
  std::vector<Found> sites;
  for (const Found& site : found) {
    if (std::none_of(sites.begin(), sites.end(), [&](const Found& other) { return same(site.xy, other.xy); })) {
      sites.push_back(site);
    }
  }
  Eigen::Matrix3d cell;
  cell.col(0) = u_;
  cell.col(1) = v_;
  cell.col(2) = w_;
  const Eigen::Matrix3d to_y = cell.inverse();
  const double top_height = plane_height_[static_cast<std::size_t>(termination)] * spacing_;
  std::vector<int> orbit(sites.size(), -1);
  int orbits = 0;
  for (std::size_t s = 0; s < sites.size(); ++s) {
    if (orbit[s] >= 0) continue;
    orbit[s] = orbits++;
    const Eigen::Vector3d y = to_y * Eigen::Vector3d(sites[s].xy[0], sites[s].xy[1], top_height);
    for (const Operation& operation : operations_) {
      Eigen::Vector3d moved = operation.rotation * y + operation.translation;
      moved[2] -= std::round(moved[2] - y[2]);  // whole spacings are translations of the lattice
      const Eigen::Vector3d position = cell * moved;
      for (std::size_t t = s + 1; t < sites.size(); ++t) {
        if (orbit[t] < 0 && same(position.head<2>(), sites[t].xy)) orbit[t] = orbit[s];
      }
    }
  }

  std::vector<AdsorptionSite> result;
  std::map<std::string, int> numbers;
  std::map<int, std::string> name_of;
  for (int o = 0; o < orbits; ++o) {
    for (std::size_t s = 0; s < sites.size(); ++s) {
      if (orbit[s] != o) continue;
      const std::size_t neighbours = sites[s].neighbours.size();
      if (name_of.count(o) == 0) {
        const std::string kind = neighbours == 1 ? "top" : neighbours == 2 ? "bridge" : "hollow";
        name_of[o] = kind + std::to_string(++numbers[kind]);
      }
      double height = -1e300;
      for (const std::size_t n : sites[s].neighbours) {
        const double sideways = (points[n].xy - sites[s].xy).norm();
        const double above = std::sqrt(std::max(0.25, bond_angstrom * bond_angstrom - sideways * sideways));
        height = std::max(height, points[n].height + above);
      }
      // Sideways the slab's atoms stand where the crystal's do; only heights are shifted.
      const Eigen::Vector3d position(sites[s].xy[0], sites[s].xy[1], height - shift);
      result.push_back(
          {name_of[o], static_cast<int>(neighbours), o, wrapped(structure.lattice.to_fractional(Cartesian{position}))});
    }
  }
  return result;
}

}  // namespace hullscan
