#include "storage/detail/zip_stream.hpp"

#include <archive.h>
#include <archive_entry.h>

#include "core/errors.hpp"

namespace hullscan::zip {
namespace {

struct FreeEntry {
  void operator()(archive_entry* e) const noexcept { archive_entry_free(e); }
};

void require(bool good, archive& a, const std::filesystem::path& file) {
  if (good) return;
  const char* reason = archive_error_string(&a);
  throw StorageError(file.string() + ": cannot be written: " + (reason != nullptr ? reason : "no reason given"));
}

}  // namespace

void FreeArchive::operator()(archive* a) const noexcept { archive_write_free(a); }

std::string why_no_zip() { return {}; }

std::unique_ptr<archive, FreeArchive> open(const std::filesystem::path& file) {
  std::unique_ptr<archive, FreeArchive> a(archive_write_new());
  if (a == nullptr) throw StorageError(file.string() + ": cannot be written: out of memory");
  require(archive_write_set_format_zip(a.get()) == ARCHIVE_OK, *a, file);
  require(archive_write_zip_set_compression_deflate(a.get()) == ARCHIVE_OK, *a, file);
  require(archive_write_open_filename(a.get(), file.c_str()) == ARCHIVE_OK, *a, file);
  return a;
}

void add(archive& to, const std::string& name, std::string_view text, const std::filesystem::path& file,
         const OfFile& of) {
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), of.permissions);
  if (of.modified_s) archive_entry_set_mtime(entry.get(), static_cast<time_t>(*of.modified_s), 0);
  require(archive_write_header(&to, entry.get()) == ARCHIVE_OK, to, file);
  require(archive_write_data(&to, text.data(), text.size()) == static_cast<la_ssize_t>(text.size()), to, file);
  require(archive_write_finish_entry(&to) == ARCHIVE_OK, to, file);
}

void close(archive& a, const std::filesystem::path& file) { require(archive_write_close(&a) == ARCHIVE_OK, a, file); }

}  // namespace hullscan::zip
