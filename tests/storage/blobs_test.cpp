#include "storage/detail/blobs.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <limits>

#include "storage_testing.hpp"

using namespace hullscan;
using namespace hullscan::storage_detail;

TEST_CASE("the bytes of cursors are ordered like the cursors", "[storage][blobs][property]") {
  CHECK(rc::check("memcmp order = lexicographic order of words", [] {
    const auto words = rc::gen::container<std::vector<std::uint32_t>>(
        rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0, 3), rc::gen::arbitrary<std::uint32_t>()));
    const Cursor a = *words;
    const Cursor b = *words;
    RC_ASSERT((cursor_blob(a) < cursor_blob(b)) == (a < b));
    RC_ASSERT(cursor_of(cursor_blob(a)) == a);
  }));
}

TEST_CASE("a structure comes back bit for bit", "[storage][blobs]") {
  Structure structure = test::nickel_aluminide();
  structure.positions[1].x = {std::numeric_limits<double>::denorm_min(), std::nextafter(1.0, 0.0), -0.0};

  const Structure back = structure_of(structure_blob(structure));

  CHECK(structure_blob(back) == structure_blob(structure));
  CHECK(back.species == structure.species);
  CHECK(back.lattice == structure.lattice);
}

TEST_CASE("the bytes of a structure are those that docs/formats/campaign-db.md says", "[storage][blobs]") {
  const Structure structure{
      Lattice(Eigen::Matrix3d::Identity()), {Species::from_symbol("Al")}, {Fractional{{0.5, 0, 0}}}};

  const Blob blob = structure_blob(structure);

  REQUIRE(blob.size() == 4 + 72 + 25);
  CHECK(Blob(blob.begin(), blob.begin() + 4) == Blob{1, 0, 0, 0});
  CHECK(Blob(blob.begin() + 4, blob.begin() + 12) ==
        Blob{0, 0, 0, 0, 0, 0, 0xf0, 0x3f});  // 1.0, IEEE 754 little-endian
  CHECK(blob[76] == 13);                      // Al
  CHECK(Blob(blob.begin() + 77, blob.begin() + 85) == Blob{0, 0, 0, 0, 0, 0, 0xe0, 0x3f});  // 0.5
}

TEST_CASE("a damaged blob is refused, never read past its end", "[storage][blobs]") {
  const Blob good = structure_blob(test::nickel_aluminide());
  for (std::size_t length = 0; length < good.size(); ++length) {
    CHECK_THROWS_AS(structure_of(std::span(good).first(length)), StorageError);
  }
  Blob many_atoms = good;
  many_atoms[3] = 0xff;
  CHECK_THROWS_AS(structure_of(many_atoms), StorageError);
  Blob no_species = good;
  no_species[76] = 250;
  CHECK_THROWS_AS(structure_of(no_species), StorageError);
  Blob no_volume = good;
  std::fill(no_volume.begin() + 4, no_volume.begin() + 76, std::uint8_t{0});
  CHECK_THROWS_AS(structure_of(no_volume), StorageError);
  CHECK_THROWS_AS(cursor_of(Blob{1, 2, 3}), StorageError);
  CHECK_THROWS_AS(settings_of("{\"code\": 3}"), StorageError);
  CHECK_THROWS_AS(settings_of("{"), StorageError);
  CHECK_THROWS_AS(text_map_of("[1]"), StorageError);
}

TEST_CASE("settings come back equal, whatever text they hold", "[storage][blobs]") {
  const DftSettings settings{"command", {{"line", "a \"quoted\" \\ line\nand Å"}, {"", ""}}};

  CHECK(settings_of(settings_text(settings)) == settings);
}
