#include "storage/detail/hdf5.hpp"

#include <array>
#include <cstdlib>

#include "core/errors.hpp"

// Since 1.10.7 and 1.12.1.
#define HULLSCAN_SETS_FILE_LOCKING (H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 11, 0)))

namespace hullscan::hdf5 {
namespace {

#if !HULLSCAN_SETS_FILE_LOCKING
// Older ones look into the environment when their first function is called.
[[maybe_unused]] const bool kSaidInTime = ::setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0) == 0;
#endif

constexpr std::size_t kMemoryOfACall = std::size_t{16} << 20U;

/// The walk goes from the outermost call inwards; the last description is the reason.
herr_t keep_description(unsigned, const H5E_error2_t* entry, void* into) {
  if (entry->desc != nullptr) *static_cast<std::string*>(into) = entry->desc;
  return 0;
}

std::string innermost_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_description, &reason);
  H5Eclear2(H5E_DEFAULT);
  // "file write failed: time = …, filename = '…', file descriptor = 5, errno = 28, error message = 'No space left on
  // device', buf = …": the message is what helps.
  const std::string mark = "error message = '";
  if (const auto at = reason.find(mark); at != std::string::npos) {
    const auto start = at + mark.size();
    return reason.substr(start, reason.find('\'', start) - start);
  }
  return reason.empty() ? "no reason given" : reason;
}

Handle access_list(const std::filesystem::path& file) {
  Handle list = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, file, "HDF5");
  checked(H5Pset_libver_bounds(list.get(), H5F_LIBVER_V110, H5F_LIBVER_V110), file, "HDF5");
#if HULLSCAN_SETS_FILE_LOCKING
  checked(H5Pset_file_locking(list.get(), 0, 1), file, "HDF5");
#endif
  return list;
}

Handle rows_in_file(const Handle& column, hsize_t first_row, hsize_t rows, const std::filesystem::path& file) {
  Handle space = checked(H5Dget_space(column.get()), H5Sclose, file, "cannot be used");
  checked(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &first_row, nullptr, &rows, nullptr), file,
          "has not that many rows");
  return space;
}

Handle open_attribute(const Handle& on, const char* name, const std::filesystem::path& file) {
  Handle attribute(H5Aopen(on.get(), name, H5P_DEFAULT), H5Aclose);
  if (!attribute) fail(file, std::string("attribute ") + name + " cannot be read");
  return attribute;
}

void write_values(const Handle& on, const char* name, hid_t type, const Handle& space, const void* values,
                  const std::filesystem::path& file) {
  const Handle attribute = checked(H5Acreate2(on.get(), name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                                   file, "cannot be written");
  if (values != nullptr) checked(H5Awrite(attribute.get(), type, values), file, "cannot be written");
}

/// A fixed-length text type.
Handle text_type(std::size_t length, const std::filesystem::path& file) {
  Handle type = checked(H5Tcopy(H5T_C_S1), H5Tclose, file, "HDF5");
  checked(H5Tset_size(type.get(), length == 0 ? 1 : length), file, "HDF5");
  checked(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), file, "HDF5");
  checked(H5Tset_cset(type.get(), H5T_CSET_UTF8), file, "HDF5");
  return type;
}

}  // namespace

std::mutex& library() {
  static std::mutex mutex;
  // The library crashes where it cannot allocate: without memory we end before it is asked for anything.
  ::operator delete(::operator new(kMemoryOfACall));
  // Handles have owners, so nothing is left for the library to do at exit; after a failed close it would crash there.
  static const herr_t no_exit_handler = H5dont_atexit();
  (void)no_exit_handler;
  // Every thread has an error stack of its own.
  static thread_local const herr_t silenced = [] {
    const std::lock_guard lock(mutex);
    return H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }();
  (void)silenced;
  return mutex;
}

void fail(const std::filesystem::path& file, const std::string& what) {
  throw StorageError(file.string() + ": " + what + ": " + innermost_reason());
}

Handle checked(hid_t id, Handle::Closer closer, const std::filesystem::path& file, const char* what) {
  if (id < 0) fail(file, what);
  return {id, closer};
}

void checked(herr_t result, const std::filesystem::path& file, const char* what) {
  if (result < 0) fail(file, what);
}

namespace {

/// @param name the library's: of the file, or one that no other file in memory has.
Handle create(const std::string& name, const Handle& access, const std::filesystem::path& file) {
  const Handle creation = checked(H5Pcreate(H5P_FILE_CREATE), H5Pclose, file, "HDF5");
  checked(H5Pset_obj_track_times(creation.get(), false), file, "HDF5");  // same content, same bytes
  return checked(H5Fcreate(name.c_str(), H5F_ACC_EXCL, creation.get(), access.get()), H5Fclose, file,
                 "cannot be created");
}

constexpr std::size_t kGrowth = std::size_t{256} << 10U;  ///< of a file in memory

Handle access_in_memory(const std::filesystem::path& what) {
  Handle access = access_list(what);
  checked(H5Pset_fapl_core(access.get(), kGrowth, false), what, "HDF5");
  return access;
}

/// Under the library's lock. The library takes two files of one name for one file.
std::string name_in_memory() {
  static std::uint64_t counter = 0;
  return "in memory " + std::to_string(counter++);
}

}  // namespace

Handle create_file(const std::filesystem::path& file) { return create(file.string(), access_list(file), file); }

Handle FileInMemory::access_to(Memory& memory, const std::filesystem::path& what) {
  Handle access = access_in_memory(what);
  H5FD_file_image_callbacks_t calls{};
  calls.udata = &memory;
  calls.udata_copy = [](void* same) { return same; };
  calls.udata_free = [](void*) -> herr_t { return 0; };
  calls.image_realloc = [](void*, std::size_t size, H5FD_file_image_op_t, void* of) -> void* {
    auto& held = *static_cast<Memory*>(of);
    void* const larger = std::realloc(held.bytes.get(), size);
    if (larger == nullptr) return nullptr;
    (void)held.bytes.release();
    held.bytes.reset(larger);
    held.size = size;
    return larger;
  };
  calls.image_free = [](void*, H5FD_file_image_op_t, void*) -> herr_t { return 0; };  // the bytes are ours
  checked(H5Pset_file_image_callbacks(access.get(), &calls), what, "HDF5");
  return access;
}

FileInMemory::FileInMemory(const std::filesystem::path& what)
    : what_(what), file_(create(name_in_memory(), access_to(memory_, what), what)) {}

std::span<const std::byte> FileInMemory::close() {
  if (!file_.close()) fail(what_, "cannot be closed");
  // The library takes memory in large steps. Where the file ends is in its superblock, version 2 or 3 (HDF5 File Format
  // Specification, section II.A).
  constexpr std::size_t kVersionAt = 8, kEndAt = 28, kWord = 8;
  const std::span held(static_cast<const std::byte*>(memory_.bytes.get()), memory_.size);
  std::uint64_t end = 0;
  if (held.size() >= kEndAt + kWord && (held[kVersionAt] == std::byte{2} || held[kVersionAt] == std::byte{3})) {
    for (std::size_t i = kWord; i > 0; --i) end = end << 8U | std::to_integer<std::uint64_t>(held[kEndAt + i - 1]);
  }
  if (end == 0 || end > held.size()) throw StorageError(what_.string() + ": HDF5 has left no whole file in memory");
  return held.first(static_cast<std::size_t>(end));
}

Handle open_image(std::span<const std::byte> image, const std::filesystem::path& what) {
  const Handle access = access_in_memory(what);
  // The library takes a pointer to what it only reads.
  checked(H5Pset_file_image(access.get(), const_cast<std::byte*>(image.data()), image.size()), what, "HDF5");
  return checked(H5Fopen(name_in_memory().c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose, what,
                 "cannot be opened as HDF5");
}

Handle open_file(const std::filesystem::path& file) {
  const Handle access = access_list(file);
  return checked(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose, file, "cannot be opened as HDF5");
}

namespace {

Handle create_growing(const Handle& in, const char* name, hid_t stored_type, std::span<const hsize_t> chunk,
                      const std::filesystem::path& file) {
  const int rank = static_cast<int>(chunk.size());
  std::vector<hsize_t> none(chunk.begin(), chunk.end()), unlimited = none;
  none[0] = 0;
  unlimited[0] = H5S_UNLIMITED;
  const Handle space = checked(H5Screate_simple(rank, none.data(), unlimited.data()), H5Sclose, file, "HDF5");
  const Handle creation = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, file, "HDF5");
  checked(H5Pset_chunk(creation.get(), rank, chunk.data()), file, "HDF5");
  checked(H5Pset_shuffle(creation.get()), file, "HDF5");
  checked(H5Pset_deflate(creation.get(), 1), file, "HDF5");
  checked(H5Pset_fletcher32(creation.get()), file, "HDF5");
  checked(H5Pset_obj_track_times(creation.get(), false), file, "HDF5");
  return checked(H5Dcreate2(in.get(), name, stored_type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                 H5Dclose, file, "cannot be written");
}

}  // namespace

Handle create_column(const Handle& in, const char* name, hid_t stored_type, hsize_t chunk_rows,
                     const std::filesystem::path& file) {
  const std::array<hsize_t, 1> chunk{chunk_rows};
  return create_growing(in, name, stored_type, chunk, file);
}

Handle create_table(const Handle& in, const char* name, hid_t stored_type, hsize_t chunk_rows, hsize_t width,
                    const std::filesystem::path& file) {
  const std::array<hsize_t, 2> chunk{chunk_rows, width};
  return create_growing(in, name, stored_type, chunk, file);
}

void append_table_rows(const Handle& table, hid_t memory_type, hsize_t first_row, hsize_t rows, hsize_t width,
                       const void* values, const std::filesystem::path& file) {
  const std::array<hsize_t, 2> size{first_row + rows, width}, start{first_row, 0}, count{rows, width};
  checked(H5Dset_extent(table.get(), size.data()), file, "cannot be written");
  const Handle space = checked(H5Dget_space(table.get()), H5Sclose, file, "cannot be used");
  checked(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr), file,
          "cannot be written");
  const Handle memory = checked(H5Screate_simple(2, count.data(), nullptr), H5Sclose, file, "HDF5");
  checked(H5Dwrite(table.get(), memory_type, memory.get(), space.get(), H5P_DEFAULT, values), file,
          "cannot be written");
}

std::vector<std::uint8_t> read_table(const Handle& table, hsize_t rows, hsize_t& width,
                                     const std::filesystem::path& file) {
  const Handle space = checked(H5Dget_space(table.get()), H5Sclose, file, "cannot be read");
  std::array<hsize_t, 2> shape{};
  if (H5Sget_simple_extent_ndims(space.get()) != 2 ||
      H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr) < 0 || shape[0] != rows || shape[1] > 65536) {
    throw StorageError(file.string() + ": a table is not of the shape that belongs there");
  }
  width = shape[1];
  std::vector<std::uint8_t> values(rows * width);
  checked(H5Dread(table.get(), H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), file, "cannot be read");
  return values;
}

void write_array(const Handle& in, const char* name, hid_t type, std::span<const hsize_t> shape, const void* values,
                 const std::filesystem::path& file) {
  const Handle space =
      checked(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose, file, "HDF5");
  const Handle creation = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, file, "HDF5");
  checked(H5Pset_obj_track_times(creation.get(), false), file, "HDF5");
  const Handle array = checked(H5Dcreate2(in.get(), name, type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                               H5Dclose, file, "cannot be written");
  checked(H5Dwrite(array.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), file, "cannot be written");
}

void append_rows(const Handle& column, hid_t memory_type, hsize_t first_row, hsize_t rows, const void* values,
                 const std::filesystem::path& file) {
  const hsize_t size = first_row + rows;
  checked(H5Dset_extent(column.get(), &size), file, "cannot be written");
  const Handle space = rows_in_file(column, first_row, rows, file);
  const Handle memory = checked(H5Screate_simple(1, &rows, nullptr), H5Sclose, file, "HDF5");
  checked(H5Dwrite(column.get(), memory_type, memory.get(), space.get(), H5P_DEFAULT, values), file,
          "cannot be written");
}

void read_rows(const Handle& column, hid_t memory_type, hsize_t first_row, hsize_t rows, void* values,
               const std::filesystem::path& file) {
  const Handle space = rows_in_file(column, first_row, rows, file);
  const Handle memory = checked(H5Screate_simple(1, &rows, nullptr), H5Sclose, file, "HDF5");
  checked(H5Dread(column.get(), memory_type, memory.get(), space.get(), H5P_DEFAULT, values), file, "cannot be read");
}

hsize_t row_count(const Handle& column, const std::filesystem::path& file) {
  const Handle space = checked(H5Dget_space(column.get()), H5Sclose, file, "cannot be read");
  hsize_t rows = 0;
  if (H5Sget_simple_extent_ndims(space.get()) != 1) fail(file, "a column has not one dimension");
  checked(H5Sget_simple_extent_dims(space.get(), &rows, nullptr), file, "cannot be read");
  return rows;
}

void write_attribute(const Handle& on, const char* name, std::uint64_t value, const std::filesystem::path& file) {
  const Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, file, "HDF5");
  write_values(on, name, H5T_STD_U64LE, space, &value, file);
}

void write_attribute(const Handle& on, const char* name, const std::string& text, const std::filesystem::path& file) {
  const Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, file, "HDF5");
  const Handle type = text_type(text.size(), file);
  write_values(on, name, type.get(), space, text.data(), file);  // an empty text is its terminating zero
}

void write_attribute(const Handle& on, const char* name, std::span<const std::uint32_t> words,
                     const std::filesystem::path& file) {
  const hsize_t count = words.size();
  const Handle space =
      checked(count == 0 ? H5Screate(H5S_NULL) : H5Screate_simple(1, &count, nullptr), H5Sclose, file, "HDF5");
  write_values(on, name, H5T_STD_U32LE, space, count == 0 ? nullptr : words.data(), file);
}

std::uint64_t read_integer(const Handle& on, const char* name, const std::filesystem::path& file) {
  const Handle attribute = open_attribute(on, name, file);
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, file, "cannot be read");
  if (H5Sget_simple_extent_npoints(space.get()) != 1)
    fail(file, std::string("attribute ") + name + " is not one number");
  std::uint64_t value = 0;
  checked(H5Aread(attribute.get(), H5T_NATIVE_UINT64, &value), file, "cannot be read");
  return value;
}

std::string read_text(const Handle& on, const char* name, const std::filesystem::path& file) {
  const Handle attribute = open_attribute(on, name, file);
  const Handle type = checked(H5Aget_type(attribute.get()), H5Tclose, file, "cannot be read");
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, file, "cannot be read");
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0 ||
      H5Sget_simple_extent_npoints(space.get()) != 1) {
    fail(file, std::string("attribute ") + name + " is not a text");
  }
  std::string text(H5Tget_size(type.get()), '\0');
  checked(H5Aread(attribute.get(), type.get(), text.data()), file, "cannot be read");
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

std::vector<std::uint32_t> read_words(const Handle& on, const char* name, const std::filesystem::path& file) {
  const Handle attribute = open_attribute(on, name, file);
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, file, "cannot be read");
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  if (count < 0) fail(file, std::string("attribute ") + name + " is not a list");
  std::vector<std::uint32_t> words(static_cast<std::size_t>(count));
  if (count > 0) checked(H5Aread(attribute.get(), H5T_NATIVE_UINT32, words.data()), file, "cannot be read");
  return words;
}

}  // namespace hullscan::hdf5
