// Marked objects: published numbers, Burnside, and counting every (object, colouring) pair by hand.
#include "enumerator/space/markers.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "campaign_spaces.hpp"
#include "core/errors.hpp"
#include "enumerator/space/stratum_counter.hpp"

namespace hullscan {
namespace {

using Catch::Contains;
using test::space_from;
using test::space_spec;

std::string kfeo2(int titanium, int vacancies, const std::string& marker) {
  return R"(
structure = "KFeO2-Pbca.cif"
supercell = [2, 1, 1]
[[space.sublattice]]
sites = "Fe"
species = { Fe = "rest", Ti = )" +
         std::to_string(titanium) + R"( }
[[space.sublattice]]
sites = "K"
species = { K = "rest", Va = )" +
         std::to_string(vacancies) + " }\n" + marker;
}

const std::string kPath = "[[space.marker]]\npair = [\"K\", \"K\"]\nmax_distance = 4.2\n";

/// Every marker orbit of every composition, visited one by one, adds up to what is counted.
OrbitCount enumerated(const SearchSpace& space) {
  OrbitCount sum{0, 0};
  StratumCounter counter(space, 0);
  for (std::size_t c = 0; c < space.compositions(0).size(); ++c) {
    const CompositionCounts& counts = space.compositions(0)[c];
    OrbitCount of_composition{0, 0};
    for (std::size_t m = 0; m < space.markers(0).size(); ++m) {
      if (!space.markers(0)[m].holds(counts)) continue;
      const auto outcome = space.enumerator(0, c, m).count({}, {});
      CHECK(*counter.count(counts, m) == OrbitCount{outcome.labelled, outcome.orbits});
      of_composition.total += outcome.labelled;
      of_composition.inequivalent += outcome.orbits;
    }
    CHECK(*counter.count(counts) == of_composition);
    sum.total += of_composition.total;
    sum.inequivalent += of_composition.inequivalent;
  }
  return sum;
}

TEST_CASE("titanium with potassium vacancies in KFeO2 is counted as published", "[enumerator][space][slow]") {
  const std::pair<const char*, const char*> expected[] = {{"1024", "64"}, {"246016", "15552"}, {"24601600", "1537600"}};
  for (int n = 1; n <= 3; ++n) {
    const auto space = space_from(kfeo2(n, n, ""));
    CHECK(space.parent()->space_group_number == 61);
    CHECK(space.group(0).operation_count == 16);
    StratumCounter counter(space, 0);
    const auto count = counter.count(space.compositions(0).front());
    CHECK(count->total.str() == expected[n - 1].first);
    CHECK(count->inequivalent.str() == expected[n - 1].second);
    const auto outcome = space.enumerator(0, 0).count({}, {});
    CHECK(*count == OrbitCount{outcome.labelled, outcome.orbits});
  }
}

TEST_CASE("migration paths in KFeO2 are counted as published", "[enumerator][space][marker][slow]") {
  const std::pair<const char*, const char*> expected[] = {
      {"2048", "128"}, {"952320", "59520"}, {"138086400", "8630400"}};
  for (int n = 1; n <= 3; ++n) {
    const auto space = space_from(kfeo2(n, n - 1, kPath));
    std::multiset<std::size_t> sizes;
    for (const MarkerOrbit& orbit : space.markers(0)) {
      sizes.insert(orbit.size);
      CHECK(orbit.coloured_sites == std::vector<int>{32, 30});
      CHECK(orbit.sites.size() == 2);
      CHECK(orbit.action->order() * orbit.size == 16);
    }
    CHECK(sizes == std::multiset<std::size_t>{8, 8, 16, 16, 16});
    const OrbitCount count = enumerated(space);
    CHECK(count.total.str() == expected[n - 1].first);
    CHECK(count.inequivalent.str() == expected[n - 1].second);
  }
}

TEST_CASE("marked sites keep their atoms and are not coloured", "[enumerator][space][marker]") {
  const auto space = space_from(kfeo2(2, 1, kPath));
  REQUIRE(space.compositions(0).size() == 1);
  CHECK(space.compositions(0)[0].of_sublattice == std::vector<std::vector<int>>{{30, 2}, {29, 1}});
  CHECK(space.formula(0, space.compositions(0)[0]) == "K31Fe30Ti2O64");

  for (std::size_t m = 0; m < space.markers(0).size(); ++m) {
    const auto& supercell = *space.supercells()[0];
    int seen = 0;
    (void)space.enumerator(0, 0, m).run({}, {}, [&](const Orbit& orbit) {
      CHECK(supercell.structure(orbit.occupation).composition().formula(space.parent()->formula_order()) ==
            "K31Fe30Ti2O64");
      for (std::size_t v = 0; v < orbit.occupation.size(); ++v) {
        const auto& sites = space.markers(0)[m].sites;
        if (std::find(sites.begin(), sites.end(), supercell.varied_sites()[v]) != sites.end()) {
          CHECK(orbit.occupation[v] == 0);
        }
      }
      return ++seen < 50;
    });
  }
}

/// Every (object, colouring) pair of a space by geometry alone: sites and lines are moved as points in space.
class MarkedByHand {
 public:
  explicit MarkedByHand(const SearchSpace& space) : space_(space), supercell_(*space.supercells()[0]) {
    const Lattice primitive = space.parent()->primitive_lattice();
    const SupercellGroup& group = space.group(0);
    for (const SymmetryOperation& g : group.operation_of) {
      for (const SymmetryOperation& k : group.kernel) {
        // In space: first k, then g.
        const Eigen::Matrix3d rows = primitive.rows();
        const Eigen::Matrix3d rotation =
            rows.transpose() * (g.rotation * k.rotation).cast<double>() * rows.transpose().inverse();
        const Eigen::Vector3d shift = rows.transpose() * (g.rotation.cast<double>() * k.translation + g.translation);
        operations_.push_back({rotation, shift, {}});
        for (const SupercellSite& site : supercell_.sites()) {
          operations_.back().image.push_back(
              site_at(rotation * supercell_.lattice().to_cartesian(site.position).x + shift));
        }
      }
    }
  }

  /// Lines between sites of two labels, at most this long; in the direction from the smaller site to the larger.
  void mark_pairs(const std::string& a, const std::string& b, double most) {
    const Eigen::Matrix3d rows = supercell_.lattice().rows();
    for (int i = 0; i < site_count(); ++i) {
      for (int j = i + 1; j < site_count(); ++j) {
        if (!((label(i) == a && label(j) == b) || (label(i) == b && label(j) == a))) continue;
        for (int x = -3; x <= 3; ++x) {
          for (int y = -3; y <= 3; ++y) {
            for (int z = -3; z <= 3; ++z) {
              const Eigen::Vector3d line = position(j) + rows.transpose() * Eigen::Vector3d(x, y, z) - position(i);
              if (line.norm() <= most) objects_.push_back({i, j, line});
            }
          }
        }
      }
    }
  }
  void mark_sites(const std::string& a) {
    for (int i = 0; i < site_count(); ++i) {
      if (label(i) == a) objects_.push_back({i, i, Eigen::Vector3d::Zero()});
    }
  }

  /// Counts of the compositions that the space has.
  [[nodiscard]] OrbitCount count() const {
    std::map<std::pair<std::size_t, std::vector<std::uint8_t>>, bool> seen;
    for (std::size_t o = 0; o < objects_.size(); ++o) {
      std::vector<std::uint8_t> colouring(supercell_.varied_sites().size(), 0);
      add_colourings(o, 0, colouring, seen);
    }
    OrbitCount result{seen.size(), 0};
    for (auto& [pair, done] : seen) {
      if (done) continue;
      ++result.inequivalent;
      for (const Operation& g : operations_) {
        const auto& [object, colouring] = pair;
        std::vector<std::uint8_t> image(colouring.size());
        for (std::size_t v = 0; v < colouring.size(); ++v) {
          const int to = g.image[static_cast<std::size_t>(supercell_.varied_sites()[v])];
          const auto at = std::find(supercell_.varied_sites().begin(), supercell_.varied_sites().end(), to);
          image[static_cast<std::size_t>(at - supercell_.varied_sites().begin())] = colouring[v];
        }
        seen.at({image_of(objects_[object], g), image}) = true;
      }
    }
    return result;
  }

 private:
  struct Operation {
    Eigen::Matrix3d rotation;
    Eigen::Vector3d shift;
    std::vector<int> image;
  };
  struct Line {
    int from = 0, to = 0;
    Eigen::Vector3d line;
  };

  [[nodiscard]] int site_count() const { return static_cast<int>(supercell_.sites().size()); }
  [[nodiscard]] const SupercellSite& site(int i) const { return supercell_.sites()[static_cast<std::size_t>(i)]; }
  [[nodiscard]] Eigen::Vector3d position(int i) const { return supercell_.lattice().to_cartesian(site(i).position).x; }
  [[nodiscard]] const std::string& label(int i) const {
    return space_.parent()->sites[static_cast<std::size_t>(site(i).parent_site)].label;
  }
  [[nodiscard]] int site_at(const Eigen::Vector3d& x) const {
    for (int i = 0; i < site_count(); ++i) {
      if (supercell_.lattice().distance_angstrom(supercell_.lattice().to_fractional({x}), site(i).position) < 0.05)
        return i;
    }
    FAIL("an operation maps a site to no site");
    return -1;
  }
  [[nodiscard]] std::size_t image_of(const Line& object, const Operation& g) const {
    Line image{g.image[static_cast<std::size_t>(object.from)], g.image[static_cast<std::size_t>(object.to)],
               g.rotation * object.line};
    if (image.to < image.from) image = {image.to, image.from, -image.line};
    for (std::size_t o = 0; o < objects_.size(); ++o) {
      if (objects_[o].from == image.from && objects_[o].to == image.to && (objects_[o].line - image.line).norm() < 0.05)
        return o;
    }
    FAIL("an operation maps an object to no object");
    return 0;
  }
  void add_colourings(std::size_t object, std::size_t v, std::vector<std::uint8_t>& colouring,
                      std::map<std::pair<std::size_t, std::vector<std::uint8_t>>, bool>& seen) const {
    const auto& sublattices = space_.parent()->sublattices;
    if (v == colouring.size()) {
      CompositionCounts counts;
      for (const Sublattice& sublattice : sublattices) counts.of_sublattice.emplace_back(sublattice.allowed.size(), 0);
      for (std::size_t i = 0; i < v; ++i) {
        if (is_marked(object, i)) continue;
        ++counts.of_sublattice[static_cast<std::size_t>(supercell_.sublattice_of(static_cast<int>(i)))][colouring[i]];
      }
      const auto& wanted = space_.compositions(0);
      if (std::binary_search(wanted.begin(), wanted.end(), counts)) seen[{object, colouring}] = false;
      return;
    }
    colouring[v] = 0;
    if (is_marked(object, v)) return add_colourings(object, v + 1, colouring, seen);
    const auto s = static_cast<std::size_t>(supercell_.sublattice_of(static_cast<int>(v)));
    for (std::size_t a = 0; a < sublattices[s].allowed.size(); ++a) {
      colouring[v] = static_cast<std::uint8_t>(a);
      add_colourings(object, v + 1, colouring, seen);
    }
  }
  [[nodiscard]] bool is_marked(std::size_t object, std::size_t v) const {
    const int i = supercell_.varied_sites()[v];
    return objects_[object].from == i || objects_[object].to == i;
  }

  const SearchSpace& space_;
  const Supercell& supercell_;
  std::vector<Operation> operations_;
  std::vector<Line> objects_;
};

const std::string kFcc = R"(
structure = "Al-fcc.cif"
[[space.sublattice]]
sites = "Al"
species = { Al = "rest", Cu = "0..2", Va = "0..1" }
)";

TEST_CASE("paths in small fcc cells are those found by hand", "[enumerator][space][marker]") {
  // In one cubic cell four lines join every two sites: four different paths.
  for (const char* supercell : {"[1, 1, 1]", "[2, 1, 1]", "[[1, 1, 0], [0, 1, 1], [1, 0, 1]]"}) {
    for (const double most : {2.9, 4.1}) {
      INFO(supercell << " " << most);
      const auto space =
          space_from("supercell = " + std::string(supercell) + kFcc +
                     "[[space.marker]]\npair = [\"Al\", \"Al\"]\nmax_distance = " + std::to_string(most));
      MarkedByHand by_hand(space);
      by_hand.mark_pairs("Al1", "Al1", most);
      CHECK(enumerated(space) == by_hand.count());
    }
  }
}

const std::string kLayered = R"(
structure = "LiNiO2-R-3m.cif"
[[space.sublattice]]
sites = "Li"
species = { Li = "rest", Va = "0..3" }
[[space.sublattice]]
sites = "Ni"
species = { Ni = "rest", Co = "0..2" }
)";

TEST_CASE("marked sites and pairs of every kind are those found by hand", "[enumerator][space][marker]") {
  struct Case {
    const char* supercell;
    std::string marker;
    std::vector<std::string> labels;
    double most;
  };
  const auto label = [](const std::string& element) {
    const auto space = space_from(kLayered);
    for (const ParentSite& site : space.parent()->sites) {
      if (site.label.rfind(element, 0) == 0) return site.label;
    }
    return std::string();
  };
  const std::string li = label("Li"), ni = label("Ni"), o = label("O");
  for (const Case& c : {Case{"[1, 1, 1]", "pair = [\"Li\", \"Li\"]", {li, li}, 5.5},
                        Case{"[2, 1, 1]", "pair = [\"Li\", \"Li\"]", {li, li}, 3.0},
                        Case{"[2, 1, 1]", "pair = [\"Li\", \"Ni\"]", {li, ni}, 3.2},
                        Case{"[1, 1, 1]", "pair = [\"O\", \"Li\"]", {o, li}, 2.3},
                        Case{"[2, 1, 1]", "site = \"Ni\"", {ni}, 0}, Case{"[1, 1, 1]", "site = \"O\"", {o}, 0}}) {
    INFO(c.supercell << " " << c.marker);
    const auto space = space_from("supercell = " + std::string(c.supercell) + kLayered + "[[space.marker]]\n" +
                                  c.marker + (c.most > 0 ? "\nmax_distance = " + std::to_string(c.most) : "") + "\n");
    MarkedByHand by_hand(space);
    if (c.labels.size() == 1) by_hand.mark_sites(c.labels[0]);
    if (c.labels.size() == 2) by_hand.mark_pairs(c.labels[0], c.labels[1], c.most);
    CHECK(enumerated(space) == by_hand.count());
  }
}

TEST_CASE("minimum distances hold round marked paths, the marked atoms included", "[enumerator][space][marker]") {
  const std::string cell =
      "supercell = [2, 1, 1]" + kFcc + "[[space.marker]]\npair = [\"Al\", \"Al\"]\nmax_distance = 2.9\n";
  for (const auto& [a, b] : {std::pair{"Cu", "Cu"}, std::pair{"Cu", "Va"}, std::pair{"Al", "Va"}}) {
    INFO(a << "-" << b);
    const auto free = space_from(cell);
    const auto space =
        space_from("min_distance = [{ pair = [\"" + std::string(a) + "\", \"" + b + "\"], angstrom = 3.0 }]\n" + cell);
    const auto forbidden = *space.options(0).forbidden;
    for (std::size_t c = 0; c < free.compositions(0).size(); ++c) {
      for (std::size_t m = 0; m < free.markers(0).size(); ++m) {
        OrbitCount expected{0, 0};
        (void)free.enumerator(0, c, m).run({}, {}, [&](const Orbit& orbit) {
          if (!forbidden.allows(orbit.occupation)) return true;
          ++expected.inequivalent;
          expected.total += orbit.degeneracy;
          return true;
        });
        const auto outcome = space.enumerator(0, c, m).count({}, {});
        CHECK(expected.inequivalent == outcome.orbits);
        CHECK(expected.total == outcome.labelled);
      }
    }
  }
}

TEST_CASE("an object that two markers name counts once", "[enumerator][space][marker]") {
  const std::string near = "[[space.marker]]\npair = [\"Al\", \"Al\"]\nmax_distance = 2.9\n";
  const std::string far = "[[space.marker]]\npair = [\"Al\", \"Al\"]\nmax_distance = 4.1\n";
  const std::string cell = "supercell = [2, 1, 1]" + kFcc;
  CHECK(enumerated(space_from(cell + near + far)) == enumerated(space_from(cell + far)));
}

TEST_CASE("markers that cannot be met are reported at their place", "[enumerator][space][marker]") {
  const auto problem = [](const std::string& text) -> std::string {
    try {
      (void)space_from(text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  CHECK_THAT(problem(kFcc + "[[space.marker]]\npair = [\"Al\", \"Al\"]\nmax_distance = 1.0\n"),
             Contains("campaign.toml:9:") && Contains("no two different sites"));
  CHECK_THAT(problem(kFcc + "[[space.marker]]\nsite = \"Cu\"\n"),
             Contains("campaign.toml:9:") && Contains("no site \"Cu\""));
  CHECK_THAT(
      problem("structure = \"Al-fcc.cif\"\n[[space.sublattice]]\nsites = \"Al\"\nspecies = { Cu = \"rest\", Va = 1 }\n"
              "[[space.marker]]\nsite = \"Al\"\n"),
      Contains("keeps its atom") && Contains("holds Al"));
}

}  // namespace
}  // namespace hullscan
