/// @file
/// The file of `enumerate --out X.h5`, read by the library's own functions as docs/formats/orbit-table.md describes it.

#include "storage/orbit_table.hpp"

#include <hdf5.h>

#include <array>

#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

constexpr std::uint32_t kNothing = 4294967295U;

/// Two sites that vary and one of O between them, in a cube of 4 Å.
std::shared_ptr<const ParentCrystal> oxide() {
  const auto species = [](const char* symbol) { return Species::from_symbol(symbol); };
  ParentCrystal parent{
      Lattice::from_parameters(4, 4, 4, 90, 90, 90), {}, {}, 1, "P1", 1e-3, Eigen::Matrix3i::Identity(), {}, ""};
  parent.sites = {{"M1", 'a', Fractional{{0, 0, 0}}, 0, {}},
                  {"O1", 'b', Fractional{{0.5, 0.5, 0.5}}, kFixedSite, species("O")},
                  {"X1", 'c', Fractional{{0, 0, 0.5}}, 1, {}}};
  parent.sublattices = {{"M", {species("Ni"), species("Al")}, {0}},
                        {"X", {species("S"), species("Se"), species("Va")}, {2}}};
  return std::make_shared<const ParentCrystal>(parent);
}

Supercell supercell_of(int a) {
  SupercellMatrix matrix = SupercellMatrix::Identity();
  matrix(0, 0) = a;
  return {oxide(), matrix};
}

OrbitTableHeader header() { return {"oxide", {"M.Al", "X.Se"}, {{0, 0}, {1, 1}, {2, 0}}, {}}; }

class Table {
 public:
  explicit Table(const std::filesystem::path& file) : file_(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) {}
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() { H5Fclose(file_); }

  [[nodiscard]] bool has(const std::string& path) const { return H5Lexists(file_, path.c_str(), H5P_DEFAULT) > 0; }
  [[nodiscard]] std::vector<hsize_t> shape(const std::string& path) const {
    const hid_t data = H5Dopen2(file_, path.c_str(), H5P_DEFAULT);
    const hid_t space = H5Dget_space(data);
    std::vector<hsize_t> sizes(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
    H5Sclose(space);
    H5Dclose(data);
    return sizes;
  }
  [[nodiscard]] std::vector<double> values(const std::string& path) const {
    std::size_t number = 1;
    for (const hsize_t size : shape(path)) number *= size;
    std::vector<double> all(number);
    const hid_t data = H5Dopen2(file_, path.c_str(), H5P_DEFAULT);
    const herr_t read = H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data());
    H5Dclose(data);
    if (read < 0) throw std::runtime_error("cannot be read: " + path);
    return all;
  }
  [[nodiscard]] std::string text(const std::string& path, const char* name) const {
    const hid_t attribute = H5Aopen_by_name(file_, path.c_str(), name, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    std::string all(H5Tget_size(type), '\0');
    H5Aread(attribute, type, all.data());
    H5Tclose(type);
    H5Aclose(attribute);
    return all.substr(0, all.find('\0'));
  }

 private:
  hid_t file_;
};

using Values = std::vector<double>;
using Shape = std::vector<hsize_t>;
const std::vector<std::uint8_t> kFirst = {0, 0, 0, 0};

}  // namespace

TEST_CASE("an orbit table tells what sits where in every configuration", "[storage][orbit_table]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "x.h5";
  OrbitTableWriter writer(file, "my campaign");
  writer.begin_supercell(header(), supercell_of(2));
  writer.add(0, {}, 1, {}, kFirst);
  writer.add(1, {}, 4, 227, std::vector<std::uint8_t>{0, 1, 2, 1});
  writer.finish();

  const Table table(file);
  CHECK(table.text("/", "format") == "hullscan orbit table");
  CHECK(table.text("/", "campaign") == "my campaign");
  CHECK(table.text("/000000", "space") == "oxide");
  CHECK(table.text("/000000", "count_names") == "M.Al X.Se");
  CHECK(table.text("/000000", "species") == "O Ni Al S Se Va");
  // The two cells of each site in turn: M M O O X X.
  CHECK(table.values("/000000/fixed") == Values{255, 255, 0, 0, 255, 255});
  CHECK(table.values("/000000/varied_sites") == Values{0, 1, 4, 5});
  CHECK(table.shape("/000000/allowed") == Shape{4, 3});
  CHECK(table.values("/000000/allowed") == Values{1, 2, 255, 1, 2, 255, 3, 4, 5, 3, 4, 5});
  CHECK(table.values("/000000/positions") ==
        Values{0, 0, 0, 0.5, 0, 0, 0.25, 0.5, 0.5, 0.75, 0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0.5});
  CHECK(table.values("/000000/lattice") == Values{8, 0, 0, 0, 4, 0, 0, 0, 4});
  CHECK(table.values("/000000/matrix") == Values{2, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK(table.shape("/000000/counts") == Shape{3, 2});
  CHECK(table.values("/000000/counts") == Values{0, 0, 1, 1, 2, 0});
  CHECK(table.shape("/000000/occupation") == Shape{2, 4});
  CHECK(table.values("/000000/occupation") == Values{0, 0, 0, 0, 0, 1, 2, 1});
  CHECK(table.values("/000000/degeneracy") == Values{1, 4});
  CHECK(table.values("/000000/composition") == Values{0, 1});
  CHECK(table.values("/000000/space_group") == Values{0, 227});  // 0: not looked for
  CHECK_FALSE(table.has("/000000/marker"));
  CHECK_FALSE(table.has("/000000/marker_sites"));
}

TEST_CASE("rows come back in order, however many, and each supercell has its own", "[storage][orbit_table]") {
  // A block is at most 65536 rows: one more, and blocks of another width.
  constexpr std::uint64_t kRows = 65537;
  const TemporaryFolder folder;
  const auto file = folder.path() / "x.h5";
  OrbitTableWriter writer(file, "c");
  writer.begin_supercell(header(), supercell_of(2));
  for (std::uint64_t i = 0; i < kRows; ++i) {
    const auto digit = static_cast<std::uint8_t>(i % 2);
    writer.add(static_cast<std::uint32_t>(i % 3), {}, i + 1, {}, std::vector<std::uint8_t>{digit, 0, 0, digit});
  }
  writer.begin_supercell(header(), supercell_of(1));
  writer.begin_supercell(header(), supercell_of(3));
  writer.add(2, {}, 7, {}, std::vector<std::uint8_t>{1, 1, 0, 0, 1, 2});
  writer.finish();

  const Table table(file);
  const Values degeneracy = table.values("/000000/degeneracy"), composition = table.values("/000000/composition");
  const Values occupation = table.values("/000000/occupation");
  REQUIRE(degeneracy.size() == kRows);
  REQUIRE(composition.size() == kRows);
  REQUIRE(occupation.size() == 4 * kRows);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < kRows; ++i) {
    if (degeneracy[i] != static_cast<double>(i + 1) || composition[i] != static_cast<double>(i % 3)) ++wrong;
    if (occupation[4 * i] != static_cast<double>(i % 2) || occupation[4 * i + 3] != static_cast<double>(i % 2)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(table.shape("/000001/occupation") == Shape{0, 2});
  CHECK(table.values("/000001/degeneracy").empty());
  CHECK(table.values("/000002/occupation") == Values{1, 1, 0, 0, 1, 2});
  CHECK(table.values("/000002/degeneracy") == Values{7});
  CHECK_FALSE(table.has("/000003"));
}

TEST_CASE("marked objects are sites or pairs of sites, and each row names one", "[storage][orbit_table]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "x.h5";
  OrbitTableHeader marked = header();
  marked.markers = {{{0}, 2, 0}, {{0, 4}, 8, 2.5}};
  OrbitTableWriter writer(file, "c");
  writer.begin_supercell(marked, supercell_of(2));
  writer.add(0, 1, 16, {}, kFirst);
  writer.add(0, 0, 2, {}, kFirst);
  CHECK_THROWS_AS(writer.add(0, {}, 1, {}, kFirst), Error);
  writer.begin_supercell(header(), supercell_of(2));
  writer.add(0, {}, 1, {}, kFirst);
  CHECK_THROWS_AS(writer.add(0, 0, 1, {}, kFirst), Error);
  writer.finish();

  const Table table(file);
  CHECK(table.shape("/000000/marker_sites") == Shape{2, 2});
  CHECK(table.values("/000000/marker_sites") == Values{0, kNothing, 0, 4});
  CHECK(table.values("/000000/marker_objects") == Values{2, 8});
  CHECK(table.values("/000000/marker_distance") == Values{0, 2.5});
  CHECK(table.values("/000000/marker") == Values{1, 0});
  CHECK(table.values("/000000/degeneracy") == Values{16, 2});  // what was refused left nothing
  CHECK(table.values("/000001/degeneracy") == Values{1});
  CHECK_FALSE(table.has("/000001/marker"));
}

TEST_CASE("a configuration of another supercell is refused", "[storage][orbit_table]") {
  const TemporaryFolder folder;
  OrbitTableWriter writer(folder.path() / "x.h5", "c");
  writer.begin_supercell(header(), supercell_of(2));
  CHECK_THROWS_AS(writer.add(0, {}, 1, {}, std::vector<std::uint8_t>{0, 0, 0}), Error);
  CHECK_THROWS_AS(writer.add(0, {}, 1, {}, std::vector<std::uint8_t>{0, 0, 0, 0, 0}), Error);
}

TEST_CASE("an orbit table is there when it is finished, and takes no other file's place", "[storage][orbit_table]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "x.h5";
  {
    OrbitTableWriter unfinished(file, "c");
    unfinished.begin_supercell(header(), supercell_of(2));
    unfinished.add(0, {}, 1, {}, kFirst);
    CHECK_FALSE(std::filesystem::exists(file));
  }
  CHECK(names_in(folder.path()).empty());
  {
    OrbitTableWriter writer(file, "c");
    writer.finish();
  }
  CHECK(names_in(folder.path()) == std::vector<std::string>{"x.h5"});

  const std::string before = file_text(file);
  CHECK_THROWS_AS(OrbitTableWriter(file, "other"), InputError);
  CHECK(file_text(file) == before);
  CHECK_THROWS_AS(OrbitTableWriter(folder.path() / "none" / "x.h5", "c"), StorageError);
}
