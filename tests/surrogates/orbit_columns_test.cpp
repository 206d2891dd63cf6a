/// @file
/// Columns of a table as descriptors of a model: looked up by orbit, stored with the model.

#include "surrogates/features/orbit_columns.hpp"

#include <catch2/catch.hpp>

#include "core/errors.hpp"
#include "surrogates/models/descriptor_model.hpp"
#include "symmetric_crystals.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

const std::vector<std::vector<std::uint8_t>> kOccupations = {{1, 0, 2}, {0, 0, 0}, {2, 2, 1}, {1, 1, 0}};

OrbitColumns columns_of(const SupercellMatrix& matrix) {
  OrbitColumns::Column size{"size", "size"}, net{"motif", "net", {"a", "b", "c"}};
  size.numbers = {1.5, -2, 3, 4};
  net.word_of_row = {2, 0, 1, 0};
  return {{size, net}, {{matrix, kOccupations, {0, 1, 2, 3}}}};
}

SupercellMatrix three_cells() {
  SupercellMatrix matrix = SupercellMatrix::Identity();
  matrix(0, 0) = 3;
  return matrix;
}

std::unique_ptr<Surrogate> with_columns(const std::string& kind, const std::shared_ptr<const ParentCrystal>& parent) {
  Problems problems;
  const SettingsTable table = parse_settings_toml("kind = \"" + kind + "\"\n", "campaign.toml");
  auto model = make_surrogate({kind, table}, parent, problems);
  problems.throw_if_any();
  dynamic_cast<TakesOrbitColumns&>(*model).take_columns(
      std::make_shared<const OrbitColumns>(columns_of(three_cells())));
  return model;
}

}  // namespace

TEST_CASE("every orbit has the numbers of its row, a word as zeros and a one", "[descriptors][columns]") {
  const auto parent = fcc({"Al", "Ni", "Cu"}, 4.0);
  const Supercell supercell(parent, three_cells());
  const OrbitColumns columns = columns_of(three_cells());
  REQUIRE(columns.names() == std::vector<std::string>{"size", "net = a", "net = b", "net = c"});
  REQUIRE(columns.groups() == std::vector<std::string>{"size", "motif", "motif", "motif"});
  ByteWriter out;
  columns.write(out);
  const auto bytes = out.take();
  ByteReader in(bytes);
  const OrbitColumns restored = OrbitColumns::read(in);

  for (const OrbitColumns* one : {&columns, &restored}) {
    const auto lookup = one->of(supercell);
    std::vector<double> row(4);
    lookup.fill(kOccupations[0], row);
    CHECK(row == std::vector<double>{1.5, 0, 0, 1});
    lookup.fill(kOccupations[2], row);
    CHECK(row == std::vector<double>{3, 0, 1, 0});
    CHECK_FALSE(lookup.has(std::vector<std::uint8_t>{0, 0, 1}));
    CHECK_FALSE(lookup.has(std::vector<std::uint8_t>{3, 0, 0}));
    CHECK_THROWS_WITH(lookup.fill(std::vector<std::uint8_t>{0, 0, 1}, row), Contains("no row for the occupation 001"));
    CHECK_FALSE(one->of(Supercell(parent, SupercellMatrix::Identity())).has(std::vector<std::uint8_t>{0}));
  }
  CHECK(columns.without({"motif"})->names() == std::vector<std::string>{"size"});
  CHECK(columns.without({"motif", "size"}) == nullptr);
}

TEST_CASE("a model goes to another process with its columns", "[descriptors][columns]") {
  const auto parent = fcc({"Al", "Ni", "Cu"}, 4.0);
  const auto supercell = std::make_shared<const Supercell>(parent, three_cells());
  std::vector<LabelledConfiguration> labels;
  for (std::size_t i = 0; i < kOccupations.size(); ++i)
    labels.push_back({{supercell, kOccupations[i]}, -0.1 * static_cast<double>(i * i), 1, std::to_string(i)});
  labels.push_back({{supercell, {0, 0, 1}}, 5.0, 1, "elsewhere"});  // which the table does not know

  for (const char* kind : {"ridge", "gaussian-process"}) {
    const auto model = with_columns(kind, parent);
    const FitReport report = model->fit(labels);
    const auto bytes = model->serialise();
    const auto restored = deserialise_surrogate(kind, bytes, parent);

    CHECK(report.labels == 4);
    CHECK_THAT(report.warnings.back(), Contains("1 label has no row in the table of columns") && Contains("elsewhere"));
    CHECK(restored->serialise() == bytes);
    for (const auto& occupation : kOccupations)
      CHECK(restored->predict_ev_per_atom({supercell, occupation}) ==
            model->predict_ev_per_atom({supercell, occupation}));
    for (std::size_t length = 0; length < bytes.size(); length += 7)
      CHECK_THROWS_AS(deserialise_surrogate(kind, std::span(bytes).first(length), parent), StorageError);
  }
}

TEST_CASE("a column with the name of a descriptor is refused", "[descriptors][columns]") {
  const auto parent = fcc({"Al", "Ni", "Cu"}, 4.0);
  Descriptors descriptors(parent, {});
  OrbitColumns::Column twice{"x", descriptors.columns().names.front()};
  twice.numbers = {1, 2, 3, 4};

  CHECK_THROWS_WITH(
      descriptors.take_columns(std::make_shared<const OrbitColumns>(
          std::vector{twice}, std::vector<OrbitColumns::Orbits>{{three_cells(), kOccupations, {0, 1, 2, 3}}})),
      Contains("has the name of a descriptor"));
}
