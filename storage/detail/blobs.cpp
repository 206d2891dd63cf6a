#include "storage/detail/blobs.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"

namespace hullscan::storage_detail {
namespace {

/// A fractional coordinate; an atom may drift through cells, not through millions of them.
constexpr double kFarthest = 1e6;

void put_double(Blob& blob, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::array<std::uint8_t, 8> bytes;
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(bits >> (8 * i));
  blob.insert(blob.end(), bytes.begin(), bytes.end());
}

double get_double(std::span<const std::uint8_t> blob, std::size_t index) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(blob[8 * index + i]) << (8 * i);
  return std::bit_cast<double>(bits);
}

/// Bytes that are not UTF-8 (a code may print anything) are replaced instead of refused.
std::string dumped(const Json& json) { return json_text(json); }

[[noreturn]] void damaged(const char* what) {
  throw StorageError(std::string("campaign.db: a stored ") + what + " is damaged");
}

Json parsed(const std::string& text, const char* what) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) damaged(what);
  return json;
}

}  // namespace

Blob cursor_blob(const Cursor& cursor) {
  Blob blob;
  blob.reserve(4 * cursor.size());
  for (const std::uint32_t word : cursor) {
    for (int shift = 24; shift >= 0; shift -= 8) blob.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  return blob;
}

Cursor cursor_of(std::span<const std::uint8_t> blob) {
  if (blob.size() % 4 != 0) damaged("cursor");
  Cursor cursor(blob.size() / 4, 0);
  for (std::size_t i = 0; i < blob.size(); ++i) cursor[i / 4] = (cursor[i / 4] << 8U) | blob[i];
  return cursor;
}

Blob structure_blob(const Structure& structure) {
  const std::size_t atoms = structure.atom_count();
  if (structure.positions.size() != atoms) throw Error("a structure with unequal numbers of species and positions");
  Blob blob;
  blob.reserve(4 + 72 + atoms * 25);
  for (unsigned shift = 0; shift < 32; shift += 8) blob.push_back(static_cast<std::uint8_t>(atoms >> shift));
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) put_double(blob, structure.lattice.rows()(i, j));
  }
  for (const Species species : structure.species) blob.push_back(species.code());
  for (const Fractional& position : structure.positions) {
    for (int i = 0; i < 3; ++i) put_double(blob, position.x(i));
  }
  return blob;
}

Structure structure_of(std::span<const std::uint8_t> blob) {
  if (blob.size() < 4 + 72) damaged("structure");
  std::size_t atoms = 0;
  for (std::size_t i = 0; i < 4; ++i) atoms |= static_cast<std::size_t>(blob[i]) << (8 * i);
  if (blob.size() != 4 + 72 + atoms * 25) damaged("structure");
  const auto rows = blob.subspan(4, 72);
  const auto codes = blob.subspan(76, atoms);
  const auto positions = blob.subspan(76 + atoms);
  try {
    Structure structure{Lattice(matrix_of(rows)), {}, {}};
    structure.species.reserve(atoms);
    structure.positions.reserve(atoms);
    for (std::size_t i = 0; i < atoms; ++i) {
      structure.species.push_back(Species::from_code(codes[i]));
      const Fractional position{
          {get_double(positions, 3 * i), get_double(positions, 3 * i + 1), get_double(positions, 3 * i + 2)}};
      if (!(position.x.cwiseAbs().maxCoeff() <= kFarthest)) damaged("structure");
      structure.positions.push_back(position);
    }
    return structure;
  } catch (const FormatError&) {
    damaged("structure");
  } catch (const InputError&) {
    damaged("structure");
  }
}

Blob doubles_blob(std::span<const double> values) {
  Blob blob;
  blob.reserve(8 * values.size());
  for (const double value : values) put_double(blob, value);
  return blob;
}

std::vector<double> doubles_of(std::span<const std::uint8_t> blob) {
  if (blob.size() % 8 != 0) damaged("list of numbers");
  std::vector<double> values(blob.size() / 8);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = get_double(blob, i);
    if (!std::isfinite(values[i])) damaged("list of numbers");
  }
  return values;
}

Blob vectors_blob(const std::vector<Eigen::Vector3d>& vectors) {
  std::vector<double> values;
  values.reserve(3 * vectors.size());
  for (const Eigen::Vector3d& vector : vectors) values.insert(values.end(), vector.data(), vector.data() + 3);
  return doubles_blob(values);
}

std::vector<Eigen::Vector3d> vectors_of(std::span<const std::uint8_t> blob) {
  const std::vector<double> values = doubles_of(blob);
  if (values.size() % 3 != 0) damaged("list of vectors");
  std::vector<Eigen::Vector3d> vectors(values.size() / 3);
  for (std::size_t i = 0; i < vectors.size(); ++i) vectors[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
  return vectors;
}

Blob matrix_blob(const Eigen::Matrix3d& matrix) {
  const Eigen::Matrix<double, 3, 3, Eigen::RowMajor> rows = matrix;
  return doubles_blob(std::span<const double>(rows.data(), 9));
}

Eigen::Matrix3d matrix_of(std::span<const std::uint8_t> blob) {
  const std::vector<double> values = doubles_of(blob);
  if (values.size() != 9) damaged("matrix");
  return Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(values.data());
}

std::string text_map_text(const std::map<std::string, std::string>& map) { return dumped(Json(map)); }

std::map<std::string, std::string> text_map_of(const std::string& text) {
  try {
    return parsed(text, "table").get<std::map<std::string, std::string>>();
  } catch (const Json::exception&) {
    damaged("table");
  }
}

std::string settings_text(const DftSettings& settings) {
  Json json;
  json["code"] = settings.code;
  json["values"] = settings.values;
  return dumped(json);
}

DftSettings settings_of(const std::string& text) {
  try {
    const Json json = parsed(text, "table of settings");
    return {json.at("code").get<std::string>(), json.at("values").get<std::map<std::string, std::string>>()};
  } catch (const Json::exception&) {
    damaged("table of settings");
  }
}

}  // namespace hullscan::storage_detail
