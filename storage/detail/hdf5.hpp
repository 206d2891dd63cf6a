/// @file
/// HDF5 as handles with owners and errors as StorageError. The only place that includes hdf5.h.
/// The serial library is not safe between threads: whoever holds a handle, or lets one go, holds `library()`.
#pragma once

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hullscan::hdf5 {

/// The process-wide lock of the library. The first call silences the library's own error printing.
std::mutex& library();

/// One identifier of any HDF5 class, closed by the function that fits its class.
class Handle {
 public:
  using Closer = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      (void)close();
      id_ = std::exchange(other.id_, -1);
      closer_ = other.closer_;
    }
    return *this;
  }
  ~Handle() { (void)close(); }
  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] explicit operator bool() const { return id_ >= 0; }
  /// @returns false if the library could not close it (a full disk, for a file).
  [[nodiscard]] bool close() noexcept { return id_ < 0 || closer_(std::exchange(id_, -1)) >= 0; }

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

/// @throws StorageError `file: what: the library's own innermost reason`.
[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what);
/// Passes a valid identifier on as a handle. @throws StorageError.
Handle checked(hid_t id, Handle::Closer closer, const std::filesystem::path& file, const char* what);
void checked(herr_t result, const std::filesystem::path& file, const char* what);

/// A new file in the latest format that 1.10 reads (every metadata block has a checksum), without the library's locks:
/// it is written under a name that nobody else knows.
Handle create_file(const std::filesystem::path& file);
Handle open_file(const std::filesystem::path& file);

/// A new file in memory (HDF5 User's Guide, "File Image Operations"). Its bytes are those of a file on disk.
class FileInMemory {
 public:
  /// @param what names it in messages.
  explicit FileInMemory(const std::filesystem::path& what);
  FileInMemory(const FileInMemory&) = delete;
  FileInMemory& operator=(const FileInMemory&) = delete;
  [[nodiscard]] const Handle& handle() const { return file_; }
  /// Everything in the file must be closed. @returns its bytes, which live as long as this.
  std::span<const std::byte> close();

 private:
  struct Free {
    void operator()(void* bytes) const noexcept { std::free(bytes); }
  };
  /// What the library keeps the file in.
  struct Memory {
    std::unique_ptr<void, Free> bytes;
    std::size_t size = 0;
  };
  static Handle access_to(Memory& memory, const std::filesystem::path& what);

  std::filesystem::path what_;
  Memory memory_;
  Handle file_;  ///< closed before its memory goes
};

/// A file from its bytes, which are copied; read only.
Handle open_image(std::span<const std::byte> image, const std::filesystem::path& what);

/// A growing column: chunks of `chunk_rows`, shuffle + deflate 1 + fletcher32.
Handle create_column(const Handle& in, const char* name, hid_t stored_type, hsize_t chunk_rows,
                     const std::filesystem::path& file);
void append_rows(const Handle& column, hid_t memory_type, hsize_t first_row, hsize_t rows, const void* values,
                 const std::filesystem::path& file);
void read_rows(const Handle& column, hid_t memory_type, hsize_t first_row, hsize_t rows, void* values,
               const std::filesystem::path& file);
/// The same for rows of `width` values; with many rows, one chunk is `chunk_rows` rows.
Handle create_table(const Handle& in, const char* name, hid_t stored_type, hsize_t chunk_rows, hsize_t width,
                    const std::filesystem::path& file);
void append_table_rows(const Handle& table, hid_t memory_type, hsize_t first_row, hsize_t rows, hsize_t width,
                       const void* values, const std::filesystem::path& file);
/// The whole of a table of bytes that has `rows` rows. @param width is set to the length of a row.
std::vector<std::uint8_t> read_table(const Handle& table, hsize_t rows, hsize_t& width,
                                     const std::filesystem::path& file);
/// A small array, written at once, without filters.
void write_array(const Handle& in, const char* name, hid_t type, std::span<const hsize_t> shape, const void* values,
                 const std::filesystem::path& file);
hsize_t row_count(const Handle& column, const std::filesystem::path& file);

void write_attribute(const Handle& on, const char* name, std::uint64_t value, const std::filesystem::path& file);
void write_attribute(const Handle& on, const char* name, const std::string& text, const std::filesystem::path& file);
void write_attribute(const Handle& on, const char* name, std::span<const std::uint32_t> words,
                     const std::filesystem::path& file);
std::uint64_t read_integer(const Handle& on, const char* name, const std::filesystem::path& file);
std::string read_text(const Handle& on, const char* name, const std::filesystem::path& file);
std::vector<std::uint32_t> read_words(const Handle& on, const char* name, const std::filesystem::path& file);

}  // namespace hullscan::hdf5
