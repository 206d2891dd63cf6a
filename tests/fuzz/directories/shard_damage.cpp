#include "shard_damage.hpp"

#include <hdf5.h>

#include <vector>

namespace hullscan::test {
namespace {

const std::vector<std::string> kColumns = {"degeneracy", "energy", "best_score", "best_degeneracy", "best_occupation"};
const std::vector<std::string> kAttributes = {"format",     "format_version", "campaign",    "pass",  "unit",
                                              "space",      "supercell",      "composition", "begin", "end",
                                              "model_hash", "orbits",         "labelled"};

hid_t any_type(Dice& dice) {
  const std::vector<hid_t> types = {H5T_STD_U8LE,   H5T_STD_I64LE,  H5T_STD_U64BE,
                                    H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_STD_I32LE};
  switch (dice.below(8)) {
    case 0: {
      const hid_t text = H5Tcopy(H5T_C_S1);
      H5Tset_size(text, dice.one_in(2) ? H5T_VARIABLE : 1 + dice.below(64));
      return text;
    }
    case 1: {
      const hid_t pair = H5Tcreate(H5T_COMPOUND, 16);
      H5Tinsert(pair, "a", 0, H5T_STD_I64LE);
      H5Tinsert(pair, "b", 8, H5T_IEEE_F64LE);
      return pair;
    }
    default:
      return H5Tcopy(dice.of(types));
  }
}

hid_t any_space(Dice& dice) {
  const std::vector<hsize_t> lengths = {0, 1, 2, 3, 7, 64, 1000, 70'000};
  switch (dice.below(6)) {
    case 0:
      return H5Screate(H5S_NULL);
    case 1:
      return H5Screate(H5S_SCALAR);
    case 2: {
      const hsize_t shape[] = {dice.of(lengths), 1 + dice.below(5)};
      return H5Screate_simple(2, shape, nullptr);
    }
    case 3: {
      const hsize_t shape[] = {hsize_t{1} << (20 + dice.below(40))};  // nothing is written: the file stays small
      return H5Screate_simple(1, shape, nullptr);
    }
    default: {
      const hsize_t shape[] = {dice.of(lengths)};
      return H5Screate_simple(1, shape, nullptr);
    }
  }
}

std::string another_column(hid_t file, const std::string& name, Dice& dice) {
  H5Ldelete(file, name.c_str(), H5P_DEFAULT);
  if (dice.one_in(4)) return "no " + name;
  if (dice.one_in(6)) {
    H5Gclose(H5Gcreate2(file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    return name + " is a group";
  }
  if (dice.one_in(6)) {
    H5Lcreate_external("/dev/zero", "/x", file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    return name + " lies in another file";
  }
  const hid_t type = any_type(dice), space = any_space(dice), creation = H5Pcreate(H5P_DATASET_CREATE);
  if (dice.one_in(2)) {
    const hsize_t chunk[] = {64, 1};
    H5Pset_chunk(creation, H5Sget_simple_extent_ndims(space) == 2 ? 2 : 1, chunk);
  }
  const hid_t column = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  if (column >= 0) H5Dclose(column);
  H5Pclose(creation);
  H5Sclose(space);
  H5Tclose(type);
  return name + " of another type and shape";
}

/// The same type and shape, other values.
std::string other_values(hid_t file, const std::string& name, Dice& dice) {
  const hid_t column = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
  if (column < 0) return "";
  const hid_t space = H5Dget_space(column), type = H5Dget_type(column);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  constexpr hssize_t kMost = 1'000'000;
  std::vector<unsigned char> values(static_cast<std::size_t>(count < 0 || count > kMost ? 0 : count) *
                                    H5Tget_size(type));
  if (!values.empty() && H5Dread(column, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0) {
    if (dice.one_in(3)) {
      const unsigned char fill = dice.one_in(2) ? 0xff : 0x00;
      for (unsigned char& byte : values) byte = fill;
    } else {
      for (std::size_t times = 1 + dice.below(6); times > 0; --times)
        values[dice.below(values.size())] = static_cast<unsigned char>(dice.bits());
    }
    H5Dwrite(column, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(column);
  return "other values in " + name;
}

std::string another_attribute(hid_t file, const std::string& name, Dice& dice) {
  H5Adelete(file, name.c_str());
  if (dice.one_in(4)) return "no attribute " + name;
  if (dice.one_in(3)) {
    const hid_t type = any_type(dice), space = any_space(dice);
    const hid_t attribute = H5Acreate2(file, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    return "attribute " + name + " of another type and shape";
  }
  const std::vector<std::uint64_t> wild = {
      0, 1, 2, 3, 5, 1000, 2147483648U, 4294967295U, 4294967296U, ~std::uint64_t{0}, std::uint64_t{1} << 63U};
  std::vector<std::uint64_t> values(1 + (name == "begin" || name == "end" ? dice.below(8) : 0));
  for (std::uint64_t& value : values) value = dice.of(wild);
  const hsize_t length = values.size();
  const hid_t space = length == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &length, nullptr);
  const hid_t attribute = H5Acreate2(file, name.c_str(), H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) {
    H5Awrite(attribute, H5T_NATIVE_UINT64, values.data());
    H5Aclose(attribute);
  }
  H5Sclose(space);
  return "attribute " + name + " is " + std::to_string(values[0]);
}

}  // namespace

std::string damage_shard(const std::filesystem::path& path, Dice& dice) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_file_locking(access, 0, 1);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, access);
  H5Pclose(access);
  if (file < 0) return "";
  std::string done;
  for (std::size_t times = 1 + dice.below(2); times > 0; --times) {
    const std::size_t kind = dice.below(3);
    const std::string what = kind == 0   ? another_column(file, dice.of(kColumns), dice)
                             : kind == 1 ? other_values(file, dice.of(kColumns), dice)
                                         : another_attribute(file, dice.of(kAttributes), dice);
    if (!what.empty()) done += (done.empty() ? "" : "; ") + what;
  }
  H5Fclose(file);
  return done;
}

}  // namespace hullscan::test
