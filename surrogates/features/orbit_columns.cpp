#include "surrogates/features/orbit_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>  // std::iota

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr const char* kKindsWithColumns[] = {"ridge", "random-forest", "gradient-boosting", "gaussian-process"};
constexpr std::uint32_t kColumnsFormatVersion = 1;

void pack_occupation(std::span<const std::uint8_t> occupation, std::uint32_t bits, std::span<std::uint8_t> key) {
  std::fill(key.begin(), key.end(), std::uint8_t{0});
  std::size_t at = 0;
  for (const std::uint8_t occupant : occupation) {
    for (std::uint32_t bit = bits; bit-- > 0; ++at) {
      const unsigned on = (static_cast<unsigned>(occupant) >> bit) & 1U;
      key[at / 8] = static_cast<std::uint8_t>(key[at / 8] | on << (7 - at % 8));
    }
  }
}

[[noreturn]] void damaged_columns(const char* what) {
  throw StorageError(fmt::format("stored descriptor model is damaged: its table of columns: {}", what));
}

/// As many bytes as numbers up to `most` need.
std::size_t bytes_of_words(std::size_t words) { return words <= 0x100 ? 1 : words <= 0x10000 ? 2 : 4; }

}  // namespace

bool takes_orbit_columns(std::string_view kind) {
  return std::find(std::begin(kKindsWithColumns), std::end(kKindsWithColumns), kind) != std::end(kKindsWithColumns);
}

std::string kinds_that_take_orbit_columns() { return fmt::format("\"{}\"", fmt::join(kKindsWithColumns, "\", \"")); }

std::string word_column_name(const std::string& name, const std::string& word) {
  return fmt::format("{} = {}", name, word);
}

OrbitColumns::OrbitColumns(std::vector<Column> columns, const std::vector<Orbits>& supercells) {
  std::vector<std::uint32_t> order;  // [rows as they are held] of the table
  for (const Orbits& orbits : supercells) {
    if (orbits.occupations.empty()) continue;
    Packed packed;
    packed.matrix = orbits.matrix;
    packed.sites = static_cast<std::uint32_t>(orbits.occupations.front().size());
    packed.rows = static_cast<std::uint32_t>(orbits.occupations.size());
    packed.first_row = static_cast<std::uint32_t>(order.size());
    unsigned highest = 1;
    for (const auto& occupation : orbits.occupations) {
      for (const std::uint8_t occupant : occupation) highest = std::max<unsigned>(highest, occupant);
    }
    packed.bits = static_cast<std::uint32_t>(std::bit_width(highest));
    std::vector<std::uint32_t> ascending(orbits.occupations.size());
    std::iota(ascending.begin(), ascending.end(), 0U);
    std::sort(ascending.begin(), ascending.end(),
              [&](std::uint32_t a, std::uint32_t b) { return orbits.occupations[a] < orbits.occupations[b]; });
    packed.keys.resize(packed.bytes() * ascending.size());
    for (std::size_t i = 0; i < ascending.size(); ++i) {
      pack_occupation(orbits.occupations[ascending[i]], packed.bits,
                      std::span(packed.keys).subspan(i * packed.bytes(), packed.bytes()));
      order.push_back(orbits.rows[ascending[i]]);
    }
    supercells_.push_back(std::move(packed));
  }
  for (Column& column : columns) {
    Column sorted{column.group, column.name, std::move(column.words), {}, {}};
    for (const std::uint32_t row : order) {
      if (sorted.words.empty()) {
        sorted.numbers.push_back(column.numbers[row]);
      } else {
        sorted.word_of_row.push_back(column.word_of_row[row]);
      }
    }
    columns_.push_back(std::move(sorted));
  }
  name_columns();
}

void OrbitColumns::name_columns() {
  for (const Column& column : columns_) {
    if (column.words.empty()) names_.push_back(column.name);
    for (const std::string& word : column.words) names_.push_back(word_column_name(column.name, word));
    groups_.resize(names_.size(), column.group);
  }
}

std::shared_ptr<const OrbitColumns> OrbitColumns::without(const std::vector<std::string>& groups) const {
  OrbitColumns rest;
  for (const Column& column : columns_) {
    if (std::find(groups.begin(), groups.end(), column.group) == groups.end()) rest.columns_.push_back(column);
  }
  if (rest.columns_.empty()) return nullptr;
  rest.supercells_ = supercells_;
  rest.name_columns();
  return std::make_shared<const OrbitColumns>(std::move(rest));
}

OrbitColumns::Lookup OrbitColumns::of(const Supercell& supercell) const {
  Lookup lookup;
  lookup.columns_ = this;
  for (; lookup.supercell_ < supercells_.size(); ++lookup.supercell_) {
    const Packed& packed = supercells_[lookup.supercell_];
    if (packed.matrix == supercell.matrix() && packed.sites == supercell.varied_sites().size()) break;
  }
  return lookup;
}

std::optional<std::size_t> OrbitColumns::Lookup::row_of(std::span<const std::uint8_t> occupation) const {
  if (supercell_ == columns_->supercells_.size()) return std::nullopt;
  const Packed& packed = columns_->supercells_[supercell_];
  const std::size_t bytes = packed.bytes();
  constexpr std::size_t kUsual = 64;
  std::uint8_t usual[kUsual];
  std::vector<std::uint8_t> long_key(bytes > kUsual ? bytes : 0);
  const std::span<std::uint8_t> key(bytes > kUsual ? long_key.data() : usual, bytes);
  const bool fits = std::all_of(occupation.begin(), occupation.end(),
                                [&](std::uint8_t occupant) { return occupant >> packed.bits == 0; });
  pack_occupation(occupation, packed.bits, key);
  std::size_t low = 0, high = packed.rows;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (std::memcmp(packed.keys.data() + middle * bytes, key.data(), bytes) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (!fits || occupation.size() != packed.sites || low == packed.rows ||
      std::memcmp(packed.keys.data() + low * bytes, key.data(), bytes) != 0)
    return std::nullopt;
  return packed.first_row + low;
}

void OrbitColumns::Lookup::fill(std::span<const std::uint8_t> occupation, std::span<double> row) const {
  const auto found = row_of(occupation);
  if (!found) {
    std::string text;
    for (const std::uint8_t occupant : occupation)
      text += static_cast<char>(occupant < 10 ? '0' + occupant : 'a' + occupant - 10);
    throw InputError(fmt::format("the table of columns has no row for the occupation {}", text));
  }
  const std::size_t at = *found;
  std::size_t next = 0;
  for (const Column& column : columns_->columns_) {
    if (column.words.empty()) {
      row[next++] = column.numbers[at];
      continue;
    }
    std::fill_n(row.begin() + static_cast<std::ptrdiff_t>(next), column.words.size(), 0.0);
    row[next + column.word_of_row[at]] = 1;
    next += column.words.size();
  }
}

void OrbitColumns::write(ByteWriter& out) const {
  out.write(kColumnsFormatVersion);
  out.write(static_cast<std::uint32_t>(supercells_.size()));
  for (const Packed& packed : supercells_) {
    for (int i = 0; i < 9; ++i) out.write(static_cast<std::uint32_t>(packed.matrix(i / 3, i % 3)));
    out.write(packed.sites);
    out.write(packed.bits);
    out.write(packed.rows);
    out.write(std::as_bytes(std::span(packed.keys)));
  }
  out.write(static_cast<std::uint32_t>(columns_.size()));
  for (const Column& column : columns_) {
    out.write(std::string_view(column.group));
    out.write(std::string_view(column.name));
    out.write(static_cast<std::uint32_t>(column.words.size()));
    for (const std::string& word : column.words) out.write(std::string_view(word));
    if (column.words.empty()) {
      out.write(std::span<const double>(column.numbers));
      continue;
    }
    const std::size_t bytes = bytes_of_words(column.words.size());
    for (const std::uint32_t word : column.word_of_row) {
      if (bytes == 1) out.write(static_cast<std::uint8_t>(word));
      if (bytes == 2) out.write(static_cast<std::uint16_t>(word));
      if (bytes == 4) out.write(word);
    }
  }
}

OrbitColumns OrbitColumns::read(ByteReader& in) {
  if (in.read<std::uint32_t>() != kColumnsFormatVersion)
    throw StorageError("stored descriptor model has a table of columns that this version does not read");
  OrbitColumns columns;
  std::uint64_t rows = 0;
  for (auto left = in.read<std::uint32_t>(); left > 0; --left) {
    Packed packed;
    for (int i = 0; i < 9; ++i) packed.matrix(i / 3, i % 3) = static_cast<int>(in.read<std::uint32_t>());
    packed.sites = in.read<std::uint32_t>();
    packed.bits = in.read<std::uint32_t>();
    packed.rows = in.read<std::uint32_t>();
    packed.first_row = static_cast<std::uint32_t>(rows);
    if (packed.bits < 1 || packed.bits > 8) damaged_columns("impossible occupants");
    const auto keys = in.read_bytes();
    if (packed.bytes() * packed.rows != keys.size()) damaged_columns("its occupations are not as many as its rows");
    packed.keys.resize(keys.size());
    std::transform(keys.begin(), keys.end(), packed.keys.begin(),
                   [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
    rows += packed.rows;
    if (rows > 0xffffffffU) damaged_columns("too many rows");
    columns.supercells_.push_back(std::move(packed));
  }
  for (auto left = in.read<std::uint32_t>(); left > 0; --left) {
    Column column;
    column.group = in.read_text();
    column.name = in.read_text();
    const auto words = in.read<std::uint32_t>();
    for (std::uint32_t i = 0; i < words; ++i) column.words.push_back(in.read_text());
    if (words == 0) {
      column.numbers = in.read_doubles();
      if (column.numbers.size() != rows ||
          !std::all_of(column.numbers.begin(), column.numbers.end(), [](double one) { return std::isfinite(one); }))
        damaged_columns("a column of numbers");
    }
    const std::size_t bytes = bytes_of_words(words);
    for (std::uint64_t row = 0; row < rows && words > 0; ++row) {
      const std::uint32_t word = bytes == 1   ? in.read<std::uint8_t>()
                                 : bytes == 2 ? in.read<std::uint16_t>()
                                              : in.read<std::uint32_t>();
      if (word >= words) damaged_columns("a word that is none of its column");
      column.word_of_row.push_back(word);
    }
    columns.columns_.push_back(std::move(column));
  }
  if (columns.columns_.empty()) damaged_columns("no column");
  columns.name_columns();
  return columns;
}

}  // namespace hullscan
