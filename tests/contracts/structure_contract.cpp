/// @file
/// What every reader of structure files promises, through read_crystal (enumerator/files/crystal_reader.hpp), on files
/// of our own writers.

#include <catch2/catch.hpp>
#include <random>

#include "../enumerator/crystals/crystals.hpp"
#include "../files.hpp"
#include "core/errors.hpp"
#include "core/structure_files/extxyz.hpp"
#include "core/structure_files/poscar.hpp"
#include "enumerator/files/cif_writer.hpp"
#include "enumerator/files/crystal_reader.hpp"

namespace hullscan {
namespace {

using namespace test;

struct FormatUnderContract {
  std::string name;  ///< of a file
  std::string (*written)(const Structure& structure);
  std::string good, bad;  ///< a number of the sample's file, and a text that is not a number; each stands there once
  bool keeps_orientation = true;
};

/// One line a format.
std::vector<FormatUnderContract> formats_under_contract() {
  return {
      {"a.cif", [](const Structure& s) { return to_cif(s, "sample"); }, "0.3125", "0.3x25", false},
      {"POSCAR", [](const Structure& s) { return to_poscar(s, "sample"); }, "0.3125", "0.3x25"},
      {"a.extxyz", [](const Structure& s) { return to_extxyz(s, {}); }, "", ""},
  };
}

/// Three atoms in a cell without a right angle; the numbers are exact in decimals.
Structure sample() {
  Eigen::Matrix3d rows;
  rows << 4, 0, 0, 0.5, 4.5, 0, 0.25, 0.75, 5;
  const Species al = Species::from_symbol("Al"), ni = Species::from_symbol("Ni");
  return {Lattice(rows), {al, al, ni}, {{{0, 0, 0}}, {{0.5, 0.3125, 0.5}}, {{0.25, 0.75, 0.125}}}};
}

/// Species and place of every atom, distances between all: what does not depend on how the cell lies in space.
std::vector<std::string> atoms_of(const Crystal& crystal) {
  std::vector<std::string> atoms;
  for (const CrystalSite& site : crystal.sites) {
    char place[100];
    std::snprintf(place, sizeof place, " %.5f %.5f %.5f", site.position.x[0], site.position.x[1], site.position.x[2]);
    atoms.push_back(std::string(site.occupants.front().species.symbol()) + place);
  }
  std::sort(atoms.begin(), atoms.end());
  return atoms;
}

Crystal read(const std::string& name, const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a folder" / name, text);
  return read_crystal(folder.path() / "a folder" / name);
}

std::string complaint(const std::string& name, const std::string& text) {
  return error_of([&] { (void)read(name, text); });
}

}  // namespace

TEST_CASE("a file that hullscan has written is read back as what it was", "[contract][structure]") {
  const auto format = GENERATE(from_range(formats_under_contract()));
  INFO(format.name);
  const Structure structure = sample();

  const Crystal crystal = read(format.name, format.written(structure));

  CHECK(atoms_of(crystal) == std::vector<std::string>{"Al 0.00000 0.00000 0.00000", "Al 0.50000 0.31250 0.50000",
                                                      "Ni 0.25000 0.75000 0.12500"});
  const Eigen::Matrix3d metric = structure.lattice.rows() * structure.lattice.rows().transpose();
  CHECK((crystal.lattice.rows() * crystal.lattice.rows().transpose() - metric).norm() < 1e-5);
  if (format.keeps_orientation) CHECK((crystal.lattice.rows() - structure.lattice.rows()).norm() < 1e-8);
  for (const CrystalSite& site : crystal.sites) {
    CHECK_FALSE(site.label.empty());
    CHECK(site.occupants.front().occupancy == Approx(1));
  }
}

TEST_CASE("line ends, a byte order mark and blank ends change nothing", "[contract][structure]") {
  const auto format = GENERATE(from_range(formats_under_contract()));
  INFO(format.name);
  const std::string text = format.written(sample());
  const auto expected = atoms_of(read(format.name, text));
  std::string windows, old_mac;
  for (const char c : text) {
    windows += c == '\n' ? "\r\n" : std::string(1, c);
    old_mac += c == '\n' ? '\r' : c;
  }
  REQUIRE(text.ends_with('\n'));

  CHECK(atoms_of(read(format.name, windows)) == expected);
  CHECK(atoms_of(read(format.name, old_mac)) == expected);
  CHECK(atoms_of(read(format.name, "\xEF\xBB\xBF" + text)) == expected);
  CHECK(atoms_of(read(format.name, "\xEF\xBB\xBF" + windows)) == expected);
  CHECK(atoms_of(read(format.name, text.substr(0, text.size() - 1))) == expected);
  CHECK(atoms_of(read(format.name, text + "\n\n  \n")) == expected);
}

TEST_CASE("a format is known by its content where the name says nothing", "[contract][structure]") {
  const auto format = GENERATE(from_range(formats_under_contract()));
  INFO(format.name);
  const std::string text = format.written(sample());

  CHECK(atoms_of(read("structure.txt", text)) == atoms_of(read(format.name, text)));
}

TEST_CASE("what is not a structure is refused with the file's name", "[contract][structure]") {
  const auto format = GENERATE(from_range(formats_under_contract()));
  INFO(format.name);
  std::mt19937 random(7);
  std::string junk;
  for (int i = 0; i < 4000; ++i) junk += static_cast<char>(random() % 255 + 1);
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string(" \n \t\n"), std::string("hello\nworld\n"),
        std::string("\xEF\xBB\xBF"), std::string("a\0b\n", 4), junk, std::string("\x1f\x8b\x08\x08zipped")}) {
    CAPTURE(text.substr(0, 20));
    const std::string message = complaint(format.name, text);
    CHECK_THAT(message, Catch::Contains("a folder/" + format.name + ":"));
  }
}

TEST_CASE("a text in place of a number is named with its line and column", "[contract][structure]") {
  const auto format = GENERATE(from_range(formats_under_contract()));
  INFO(format.name);
  std::string text = format.written(sample());
  // Formats that write Cartesian places have another number of the same kind: the last of the file's.
  std::size_t at = format.good.empty() ? text.find_last_of("0123456789") : text.find(format.good);
  REQUIRE(at != std::string::npos);
  if (format.good.empty()) {
    text[at] = 'x';
  } else {
    REQUIRE(text.find(format.good, at + 1) == std::string::npos);
    text.replace(at, format.good.size(), format.bad);
  }
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');

  const std::string message = complaint(format.name, text);

  CHECK_THAT(message, Catch::Contains("a folder/" + format.name + ":" + std::to_string(line) + ":"));
  CHECK_THAT(message, Catch::Contains("expected"));
  CHECK_THAT(message, Catch::Contains("x"));
}

TEST_CASE("two atoms on one place and a cell without volume are refused", "[contract][structure]") {
  const auto format = GENERATE(from_range(formats_under_contract()));
  INFO(format.name);
  Structure near = sample();
  near.positions[1] = {{0.01, 0, 0}};

  CHECK_THAT(complaint(format.name, format.written(near)), Catch::Contains("two atoms on one place"));
}

TEST_CASE("a file that is cut anywhere is refused or read, and nothing else happens", "[contract][structure]") {
  const auto format = GENERATE(from_range(formats_under_contract()));
  INFO(format.name);
  const std::string text = format.written(sample());
  const TemporaryFolder folder;
  for (std::size_t length = 0; length < text.size(); length += 3) {
    CAPTURE(length);
    write_file(folder.path() / format.name, text.substr(0, length));
    std::size_t sites = 0;
    std::string message;
    try {
      sites = read_crystal(folder.path() / format.name).sites.size();
    } catch (const FormatError& error) {
      message = error.what();
    }
    CHECK(sites <= 3);
    if (sites == 0) CHECK_THAT(message, Catch::Contains(format.name));
  }
}

}  // namespace hullscan
