#include "enumerator/mapping/lattice_mapping.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>

#include "../../shared_data.hpp"
#include "core/hash.hpp"
#include "enumerator/crystal/parent_builder.hpp"
#include "enumerator/crystal/supercell_group.hpp"
#include "enumerator/files/crystal_reader.hpp"
#include "enumerator/files/extxyz_reader.hpp"
#include "enumerator/mapping/assignment.hpp"
#include "enumerator/orbits/canonical_form.hpp"

using namespace hullscan;

namespace {

SpaceSpec space_of(const std::string& sites, const std::vector<std::string>& species) {
  SpaceSpec spec;
  spec.name = "space";
  SublatticeSpec sublattice;
  sublattice.name = "A";
  sublattice.sites = {sites};
  for (const std::string& symbol : species) {
    CountRule rule;
    rule.species = Species::from_symbol(symbol);
    rule.rest = symbol == species.front();
    if (!rule.rest) rule.ranges = {{0, 100, true}};
    sublattice.species.push_back(rule);
  }
  spec.sublattices.push_back(sublattice);
  return spec;
}

std::shared_ptr<const ParentCrystal> read_parent(const std::string& file, const SpaceSpec& spec) {
  Problems problems;
  auto parent = build_parent(read_crystal(file), spec, problems);
  problems.throw_if_any();
  return parent;
}

double noise(std::uint64_t seed, std::uint64_t n, double size) {
  return size * (2 * static_cast<double>(random_bits(seed, n) >> 11U) * 0x1p-53 - 1);
}

/// Largest colouring over the group of the supercell: equal for equivalent configurations of one supercell.
std::vector<std::uint8_t> canonical(const Configuration& configuration) {
  std::vector<int> sublattices(configuration.occupation.size());
  for (std::size_t i = 0; i < sublattices.size(); ++i)
    sublattices[i] = configuration.supercell->sublattice_of(static_cast<int>(i));
  const GroupAction action(group_of(*configuration.supercell).permutations, sublattices);
  return canonical_form(action, configuration.occupation).occupation;
}

}  // namespace

TEST_CASE("the cheapest assignment is the cheapest of all permutations", "[enumerator][mapping]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Eigen::MatrixXd cost(5, 5);
    for (int i = 0; i < 25; ++i) {
      cost(i / 5, i % 5) = random_bits(seed, static_cast<std::uint64_t>(i)) % 7 == 0
                               ? std::numeric_limits<double>::infinity()
                               : static_cast<double>(random_bits(seed + 1000, static_cast<std::uint64_t>(i)) % 50);
    }
    std::vector<int> order{0, 1, 2, 3, 4};
    double best = std::numeric_limits<double>::infinity();
    do {
      double sum = 0;
      for (int i = 0; i < 5; ++i) sum += cost(i, order[static_cast<std::size_t>(i)]);
      best = std::min(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));

    const auto found = cheapest_assignment(cost);

    REQUIRE(found.has_value() == std::isfinite(best));
    if (!found) continue;
    double sum = 0;
    for (int i = 0; i < 5; ++i) sum += cost(i, (*found)[static_cast<std::size_t>(i)]);
    CHECK(sum == best);
  }
}

TEST_CASE("a strained, shaken, rotated and shuffled structure maps back to its configuration",
          "[enumerator][mapping]") {
  // Two parents: fcc with a conventional reference cell, and an oxide with vacancies on three sites a cell.
  const std::string data = std::string(HULLSCAN_TEST_DATA);
  struct Case {
    std::shared_ptr<const ParentCrystal> parent;
    SupercellMatrix matrix;
  };
  SupercellMatrix doubled = SupercellMatrix::Identity(), skewed;
  doubled(2, 2) = 2;
  skewed << 2, 0, 0, 1, 1, 0, 0, 1, 2;
  const std::vector<Case> cases = {
      {read_parent(data + "/structures/Al-fcc.cif", space_of("Al", {"Al", "Ni"})), doubled},
      {read_parent(data + "/SrCuOx/perovskite.vasp", space_of("O", {"O", "Va"})), skewed}};
  for (const Case& of : cases) {
    LatticeMapper mapper(of.parent);
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const auto supercell = std::make_shared<const Supercell>(of.parent, of.matrix);
      Configuration original{supercell, {}};
      for (std::uint64_t s = 0; s < supercell->varied_sites().size(); ++s) {
        original.occupation.push_back(static_cast<std::uint8_t>(random_bits(seed, s) % 3 == 0 ? 1 : 0));
      }
      Structure structure = supercell->structure(original.occupation);
      Eigen::Matrix3d strain = 1.04 * Eigen::Matrix3d::Identity();
      strain(0, 1) = noise(seed, 50, 0.03);
      strain(2, 2) += noise(seed, 51, 0.03);
      const Eigen::Matrix3d rotation =
          Eigen::AngleAxisd(noise(seed, 52, 3.0), Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
      Eigen::Matrix3i other_basis;
      other_basis << 1, 1, 0, 0, 1, 0, 1, 0, 1;
      const Eigen::Matrix3d rows =
          other_basis.cast<double>() * structure.lattice.rows() * strain * rotation.transpose();
      Structure moved{Lattice(rows), {}, {}};
      for (std::size_t a = structure.atom_count(); a-- > 0;) {
        const Eigen::Vector3d in_other = other_basis.cast<double>().inverse().transpose() * structure.positions[a].x;
        Eigen::Vector3d shake;
        for (int i = 0; i < 3; ++i) shake[i] = noise(seed, 100 + 3 * a + static_cast<std::uint64_t>(i), 0.12);
        moved.species.push_back(structure.species[a]);
        moved.positions.push_back(
            {in_other + Eigen::Vector3d(0.37, 0.11, 0.83) + moved.lattice.to_fractional({shake}).x});
      }

      const auto mapped = mapper.map(moved);

      REQUIRE(std::holds_alternative<LatticeMapping>(mapped));
      const auto& mapping = std::get<LatticeMapping>(mapped);
      CHECK(mapping.rms_displacement_angstrom < 0.21);
      CHECK(mapping.volume_ratio == Approx(strain.determinant()).epsilon(1e-9));
      CHECK(mapping.configuration.supercell->volume_factor() == supercell->volume_factor());
      // The same crystal: equal compositions, and, where the supercell's lattice came back as it was, equal orbits.
      CHECK(mapping.configuration.supercell->composition(mapping.configuration.occupation) ==
            supercell->composition(original.occupation));
      if (mapping.configuration.supercell->matrix() == supercell->matrix()) {
        CHECK(canonical(mapping.configuration) == canonical(original));
      }
    }
  }
}

TEST_CASE("what does not fit the parent is told why", "[enumerator][mapping]") {
  const auto parent =
      read_parent(std::string(HULLSCAN_TEST_DATA) + "/SrCuOx/perovskite.vasp", space_of("O", {"O", "Va"}));
  LatticeMapper mapper(parent);
  const Structure cell = Supercell(parent, SupercellMatrix::Identity()).structure(std::vector<std::uint8_t>{0, 0, 1});
  const auto reason = [&](const Structure& structure) { return std::get<NotMapped>(mapper.map(structure)).reason; };

  Structure other = cell;
  other.species[0] = Species::from_symbol("Ba");
  CHECK(reason(other) == "Ba may not be on any site of the parent crystal");
  Structure doubled_cation = cell;
  doubled_cation.species[0] = Species::from_symbol("Cu");
  CHECK(reason(doubled_cation).find("does not fill a whole number of primitive cells") != std::string::npos);
  CHECK(reason({Lattice(3 * cell.lattice.rows()), cell.species, cell.positions}).find("volume") != std::string::npos);
}

TEST_CASE("98 % of the relaxed structures of Cu-Ag-Au map, and displacements agree with the published ones",
          "[enumerator][mapping][data]") {
  if (!test::have_shared_data("Cu-Ag-Au")) return;
  const auto folder = test::shared_data() / "Cu-Ag-Au";
  LatticeMapper mapper(
      read_parent(std::string(HULLSCAN_TEST_DATA) + "/Cu-Ag-Au/fcc.vasp", space_of("Cu", {"Cu", "Ag", "Au"})));
  std::map<std::string, double> published;  // index.csv: id, …, mapped, map_rms_A, …
  std::ifstream index(folder / "index.csv");
  for (std::string line; std::getline(index, line);) {
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
    if (fields.size() > 7 && fields[6] == "1") published[fields[0]] = std::stod(fields[7]);
  }

  std::size_t mapped = 0, on_lattice = 0, like_published = 0, frames = 0;
  for (const LabelledFrame& frame : read_extxyz(folder / "structures_dft.extxyz")) {
    ++frames;
    const auto result = mapper.map(frame.structure);
    if (!std::holds_alternative<LatticeMapping>(result)) continue;
    ++mapped;
    const double rms = std::get<LatticeMapping>(result).rms_displacement_angstrom;
    on_lattice += rms <= kOffLatticeAngstrom ? 1 : 0;
    const auto known = published.find(frame.info.at("id"));
    like_published += known != published.end() && rms < known->second + 0.02 ? 1 : 0;
  }

  std::cout << "Cu-Ag-Au: " << mapped << " of " << frames << " mapped, " << on_lattice << " within 0.25 Å, "
            << like_published << " of " << published.size() << " displaced no more than published\n";
  CHECK(frames == 1079);
  CHECK(mapped >= 1057);
  CHECK(on_lattice >= 1028);
  CHECK(100 * like_published > 98 * published.size());
}

namespace {

/// Two sublattices that both may be empty, as a study of point defects in MoS2 has them.
SpaceSpec defects_in_layer() {
  SpaceSpec spec = space_of("Mo", {"Mo", "W", "Va"});
  spec.sublattices.push_back(space_of("S", {"S", "Se", "Va"}).sublattices.front());
  spec.sublattices.back().name = "B";
  return spec;
}

}  // namespace

TEST_CASE("a large layer with defects maps to its supercell, whatever its vacuum, turned and shaken",
          "[enumerator][mapping]") {
  const auto parent = read_parent(std::string(HULLSCAN_TEST_DATA) + "/structures/MoS2-layer.vasp", defects_in_layer());
  SupercellMatrix matrix = 8 * SupercellMatrix::Identity();
  matrix(2, 2) = 1;
  const auto supercell = std::make_shared<const Supercell>(parent, matrix);
  std::vector<std::uint8_t> occupation(supercell->varied_sites().size(), 0);
  REQUIRE(occupation.size() == 192);
  occupation[5] = 2;  // one vacancy each of the two sublattices, and one foreign atom of each
  occupation[40] = 1;
  occupation[100] = 2;
  occupation[101] = 1;
  const Structure layer = supercell->structure(occupation);
  REQUIRE(layer.atom_count() == 190);
  LatticeMapper mapper(parent);
  for (const double height : {15.0, 24.0}) {
    for (const double angle : {0.0, 0.4}) {
      const Eigen::Matrix3d turn = Eigen::AngleAxisd(angle, Eigen::Vector3d::UnitZ()).toRotationMatrix();
      Eigen::Matrix3d rows = layer.lattice.rows();
      rows.topRows(2) *= 1.01;
      rows(2, 2) = height;
      Structure moved{Lattice(rows * turn.transpose()), layer.species, {}};
      for (std::uint64_t a = 0; a < layer.atom_count(); ++a) {
        Eigen::Vector3d place = layer.lattice.to_cartesian(layer.positions[a]).x;
        place.head(2) *= 1.01;
        for (std::uint64_t i = 0; i < 3; ++i) place[static_cast<Eigen::Index>(i)] += noise(7, 3 * a + i, 0.1);
        moved.positions.push_back(moved.lattice.to_fractional({turn * (place + Eigen::Vector3d(0.5, 0.2, 11))}));
      }

      const auto mapped = mapper.map(moved);

      REQUIRE(std::holds_alternative<LatticeMapping>(mapped));
      const auto& mapping = std::get<LatticeMapping>(mapped);
      CHECK(mapping.configuration.supercell->volume_factor() == 64);
      CHECK(mapping.rms_displacement_angstrom < 0.11);  // 0.1 of noise in three directions has 0.1 Å rms
      CHECK(mapping.configuration.supercell->composition(mapping.configuration.occupation) ==
            supercell->composition(occupation));
      CHECK(canonical(mapping.configuration) == canonical({supercell, occupation}));
    }
  }
}

TEST_CASE("a large structure that lies on no lattice gets an answer too", "[enumerator][mapping]") {
  const auto parent = read_parent(std::string(HULLSCAN_TEST_DATA) + "/structures/MoS2-layer.vasp", defects_in_layer());
  SupercellMatrix matrix = 8 * SupercellMatrix::Identity();
  matrix(2, 2) = 1;
  Structure molten = Supercell(parent, matrix).structure(std::vector<std::uint8_t>(192, 0));
  for (std::uint64_t a = 0; a < molten.atom_count(); ++a) {
    for (std::uint64_t i = 0; i < 3; ++i)
      molten.positions[a].x[static_cast<Eigen::Index>(i)] += noise(3, 3 * a + i, 0.05);  // 1.3 Å, 0.8 Å along c
  }

  const auto mapped = LatticeMapper(parent).map(molten);

  if (const auto* mapping = std::get_if<LatticeMapping>(&mapped)) {
    CHECK(mapping->rms_displacement_angstrom > kOffLatticeAngstrom);
  } else {
    CHECK_FALSE(std::get<NotMapped>(mapped).reason.empty());
  }
}
