// Lists of structures: the key `structures` of a [[space]].
#include "enumerator/files/structure_list.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "../../files.hpp"
#include "core/errors.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

std::string cubic_cif(const std::string& block, const std::string& element, double edge,
                      const std::string& occupancy = "1") {
  return fmt::format(
      "data_{0}\n_cell_length_a {2}\n_cell_length_b {2}\n_cell_length_c {2}\n_cell_angle_alpha 90\n_cell_angle_beta "
      "90\n"
      "_cell_angle_gamma 90\n_symmetry_space_group_name_H-M 'P m -3 m'\nloop_\n_atom_site_label\n"
      "_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\n"
      "M1 {1} 0 0 0 {3}\n",
      block, element, edge, occupancy);
}

std::string frame(const std::string& element, double edge) {
  return fmt::format("1\nLattice=\"{1} 0 0 0 {1} 0 0 0 {1}\" Properties=species:S:1:pos:R:3\n{0} 0 0 0\n", element,
                     edge);
}

}  // namespace

TEST_CASE("a folder is a list of its structure files by name, whatever their format", "[enumerator][structure-list]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "b phase.cif", cubic_cif("b", "Cu", 3.1));
  write_file(folder.path() / "a.extxyz", frame("Au", 3.2) + frame("Ag", 3.3));
  write_file(folder.path() / "POSCAR_c", "c\n1\n3 0 0\n0 3 0\n0 0 3\nNi\n1\ndirect\n0 0 0\n");
  write_file(folder.path() / "README.md", "no structure");
  write_file(folder.path() / ".hidden.cif", "no structure either");

  const auto listed = read_structure_list(folder.path());

  REQUIRE(listed.size() == 4);
  const auto shown = [&](std::size_t i) {
    return fmt::format("{} {} [{}] {}", listed[i].number, listed[i].name, listed[i].block,
                       listed[i].structure.composition().formula());
  };
  CHECK(shown(0) == "1 POSCAR_c [] Ni");
  CHECK(shown(1) == "2 2 [1] Au");
  CHECK(shown(2) == "3 3 [2] Ag");
  CHECK(shown(3) == "4 b_phase [] Cu");
  CHECK(listed[2].structure.lattice.rows()(0, 0) == 3.3);
}

TEST_CASE("the blocks of a CIF that hold a structure are a list", "[enumerator][structure-list]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "all.cif";
  write_file(file, "data_about\n_publ_section_title 'x'\n" + cubic_cif("one", "Cu", 3.1) + cubic_cif("two", "Au", 3.2));

  const auto listed = read_structure_list(file);

  REQUIRE(listed.size() == 2);
  CHECK(listed[0].block == "one");
  CHECK(listed[1].block == "two");
  CHECK(listed[1].name == "2");
  CHECK(listed[1].structure.species.front() == *Species::parse("Au"));
}

TEST_CASE("what is wrong in a list is said of every structure at once", "[enumerator][structure-list]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "1.cif", cubic_cif("half", "Cu", 3.1, "0.5"));
  write_file(folder.path() / "2.cif", cubic_cif("good", "Cu", 3.1));
  write_file(folder.path() / "3.cif", "data_nothing\n_cell_length_a x\n");

  std::string said;
  try {
    (void)read_structure_list(folder.path());
  } catch (const FormatError& error) {
    said = error.what();
  }
  CHECK_THAT(said, Contains("1.cif") && Contains("not wholly occupied") && Contains("3.cif") && !Contains("2.cif"));

  CHECK_THROWS_WITH(read_structure_list(folder.path() / "absent"), Contains("no such file or folder"));
  fs::create_directories(folder.path() / "empty");
  CHECK_THROWS_WITH(read_structure_list(folder.path() / "empty"), Contains("holds no structure file"));
}
