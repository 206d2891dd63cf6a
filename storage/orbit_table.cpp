#include "storage/orbit_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "storage/detail/hdf5.hpp"
#include "storage/staged_file.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kBlockBytes = 1U << 20U;  ///< of occupations
constexpr std::size_t kLargestBlockRows = 65536;
constexpr std::uint8_t kNoSpecies = 255;
constexpr std::uint32_t kNoSite = 0xFFFF'FFFF;

/// The species of a supercell's sites as small numbers.
struct SpeciesTable {
  std::vector<std::string> symbols;
  std::vector<std::uint8_t> fixed;    ///< [sites]
  std::vector<std::uint8_t> allowed;  ///< [varied sites][width]
  std::size_t width = 0;

  explicit SpeciesTable(const Supercell& supercell) {
    const ParentCrystal& parent = supercell.parent();
    for (const SupercellSite& site : supercell.sites()) {
      const ParentSite& parent_site = parent.sites[static_cast<std::size_t>(site.parent_site)];
      fixed.push_back(parent_site.sublattice == kFixedSite ? number(parent_site.fixed_species) : kNoSpecies);
    }
    for (const Sublattice& sublattice : parent.sublattices) width = std::max(width, sublattice.allowed.size());
    for (std::size_t i = 0; i < supercell.varied_sites().size(); ++i) {
      const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(i)));
      const auto& species = parent.sublattices[sublattice].allowed;
      for (std::size_t k = 0; k < width; ++k) allowed.push_back(k < species.size() ? number(species[k]) : kNoSpecies);
    }
  }

 private:
  std::uint8_t number(Species species) {
    const std::string symbol(species.symbol());
    const auto at = std::find(symbols.begin(), symbols.end(), symbol);
    const auto result = static_cast<std::uint8_t>(at - symbols.begin());
    if (at == symbols.end()) symbols.push_back(symbol);
    return result;
  }
};

}  // namespace

/// Everything that touches HDF5 is done under the library's lock.
struct OrbitTableWriter::Impl {
  explicit Impl(const std::filesystem::path& target) : staged(target), name(staged.temporary()) {}

  StagedFile staged;
  const std::filesystem::path& name;
  hdf5::Handle file, group, occupation, degeneracy, composition, marker, space_group;
  std::size_t groups = 0, sites = 0, block_rows = 0;
  std::uint64_t rows_in_group = 0;
  bool marked = false;  ///< the group has a column for markers
  std::vector<std::uint8_t> occupations, space_groups;
  std::vector<std::uint64_t> degeneracies;
  std::vector<std::uint32_t> compositions, markers;

  void flush() {
    const hsize_t rows = degeneracies.size();
    if (!occupation) {  // small groups have small chunks
      const hsize_t chunk = std::max<hsize_t>(rows, 1);
      occupation = hdf5::create_table(group, "occupation", H5T_STD_U8LE, chunk, sites, name);
      degeneracy = hdf5::create_column(group, "degeneracy", H5T_STD_U64LE, chunk, name);
      composition = hdf5::create_column(group, "composition", H5T_STD_U32LE, chunk, name);
      if (marked) marker = hdf5::create_column(group, "marker", H5T_STD_U32LE, chunk, name);
      space_group = hdf5::create_column(group, "space_group", H5T_STD_U8LE, chunk, name);
    }
    if (rows == 0) return;
    hdf5::append_table_rows(occupation, H5T_NATIVE_UINT8, rows_in_group, rows, sites, occupations.data(), name);
    hdf5::append_rows(degeneracy, H5T_NATIVE_UINT64, rows_in_group, rows, degeneracies.data(), name);
    hdf5::append_rows(composition, H5T_NATIVE_UINT32, rows_in_group, rows, compositions.data(), name);
    if (marked) hdf5::append_rows(marker, H5T_NATIVE_UINT32, rows_in_group, rows, markers.data(), name);
    hdf5::append_rows(space_group, H5T_NATIVE_UINT8, rows_in_group, rows, space_groups.data(), name);
    rows_in_group += rows;
    occupations.clear();
    degeneracies.clear();
    compositions.clear();
    markers.clear();
    space_groups.clear();
  }

  void end_group() {
    if (!group) return;
    flush();
    // The first failure is reported: the library forgets its reason with the next call.
    for (hdf5::Handle* handle : {&occupation, &degeneracy, &composition, &marker, &space_group, &group}) {
      if (!handle->close()) hdf5::fail(name, "cannot be written");
    }
  }
};

OrbitTableWriter::OrbitTableWriter(const std::filesystem::path& file, const std::string& campaign)
    : impl_(std::make_unique<Impl>(file)) {
  const std::lock_guard lock(hdf5::library());
  impl_->file = hdf5::create_file(impl_->name);
  hdf5::write_attribute(impl_->file, "format", std::string("hullscan orbit table"), impl_->name);
  hdf5::write_attribute(impl_->file, "format_version", std::uint64_t{2}, impl_->name);
  hdf5::write_attribute(impl_->file, "campaign", campaign, impl_->name);
}

OrbitTableWriter::~OrbitTableWriter() {
  const std::lock_guard lock(hdf5::library());
  Impl& now = *impl_;
  for (hdf5::Handle* handle :
       {&now.occupation, &now.degeneracy, &now.composition, &now.marker, &now.space_group, &now.group, &now.file}) {
    (void)handle->close();
  }
}

void OrbitTableWriter::begin_supercell(const OrbitTableHeader& header, const Supercell& supercell) {
  const std::lock_guard lock(hdf5::library());
  Impl& now = *impl_;
  now.end_group();
  now.sites = supercell.varied_sites().size();
  now.block_rows = std::clamp<std::size_t>(kBlockBytes / std::max<std::size_t>(now.sites, 1), 1, kLargestBlockRows);
  now.rows_in_group = 0;
  now.marked = !header.markers.empty();
  now.group = hdf5::checked(
      H5Gcreate2(now.file.get(), fmt::format("{:06}", now.groups++).c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      H5Gclose, now.name, "cannot be written");

  const SpeciesTable species(supercell);
  hdf5::write_attribute(now.group, "space", header.space, now.name);
  hdf5::write_attribute(now.group, "count_names", fmt::format("{}", fmt::join(header.count_names, " ")), now.name);
  hdf5::write_attribute(now.group, "species", fmt::format("{}", fmt::join(species.symbols, " ")), now.name);

  using Shape = std::array<hsize_t, 2>;
  using RowMajor = Eigen::Matrix<double, 3, 3, Eigen::RowMajor>;
  const Eigen::Matrix<std::int32_t, 3, 3, Eigen::RowMajor> matrix = supercell.matrix();
  const RowMajor lattice = supercell.lattice().rows();
  std::vector<double> positions;
  for (const SupercellSite& site : supercell.sites()) {
    for (int axis = 0; axis < 3; ++axis) positions.push_back(site.position.x[axis]);
  }
  const std::vector<std::uint32_t> varied(supercell.varied_sites().begin(), supercell.varied_sites().end());
  std::vector<std::uint32_t> counts;
  for (const auto& row : header.counts) counts.insert(counts.end(), row.begin(), row.end());
  const auto put = [&](const char* what, hid_t type, std::span<const hsize_t> shape, const void* values) {
    hdf5::write_array(now.group, what, type, shape, values, now.name);
  };
  const hsize_t all_sites = species.fixed.size();
  const hsize_t varied_sites = varied.size();
  put("matrix", H5T_NATIVE_INT32, Shape{3, 3}, matrix.data());
  put("lattice", H5T_NATIVE_DOUBLE, Shape{3, 3}, lattice.data());
  put("positions", H5T_NATIVE_DOUBLE, Shape{all_sites, 3}, positions.data());
  put("fixed", H5T_NATIVE_UINT8, std::array<hsize_t, 1>{all_sites}, species.fixed.data());
  put("varied_sites", H5T_NATIVE_UINT32, std::array<hsize_t, 1>{varied_sites}, varied.data());
  put("allowed", H5T_NATIVE_UINT8, Shape{varied_sites, species.width}, species.allowed.data());
  if (now.marked) {
    std::vector<std::uint32_t> sites;
    std::vector<std::uint64_t> objects;
    std::vector<double> distances;
    for (const OrbitTableMarker& marker : header.markers) {
      for (std::size_t end = 0; end < 2; ++end)
        sites.push_back(end < marker.sites.size() ? marker.sites[end] : kNoSite);
      objects.push_back(marker.objects);
      distances.push_back(marker.distance_angstrom);
    }
    const hsize_t markers = objects.size();
    put("marker_sites", H5T_NATIVE_UINT32, Shape{markers, 2}, sites.data());
    put("marker_objects", H5T_NATIVE_UINT64, std::array<hsize_t, 1>{markers}, objects.data());
    put("marker_distance", H5T_NATIVE_DOUBLE, std::array<hsize_t, 1>{markers}, distances.data());
  }
  put("counts", H5T_NATIVE_UINT32, Shape{header.counts.size(), header.count_names.size()}, counts.data());
}

void OrbitTableWriter::add(std::uint32_t composition, std::optional<std::uint32_t> marker, std::uint64_t degeneracy,
                           std::optional<int> space_group, std::span<const std::uint8_t> occupation) {
  Impl& now = *impl_;
  if (occupation.size() != now.sites) throw Error("an orbit table was given a configuration of another supercell");
  if (marker.has_value() != now.marked) throw Error("an orbit table was given a marked configuration among others");
  now.occupations.insert(now.occupations.end(), occupation.begin(), occupation.end());
  now.degeneracies.push_back(degeneracy);
  now.compositions.push_back(composition);
  if (marker) now.markers.push_back(*marker);
  now.space_groups.push_back(static_cast<std::uint8_t>(space_group.value_or(0)));
  if (now.degeneracies.size() < now.block_rows) return;
  const std::lock_guard lock(hdf5::library());
  now.flush();
}

void OrbitTableWriter::finish() {
  Impl& now = *impl_;
  {
    const std::lock_guard lock(hdf5::library());
    now.end_group();
    if (!now.file.close()) hdf5::fail(now.name, "cannot be closed");
  }
  now.staged.publish();
}

}  // namespace hullscan
