#include "storage/detail/zip_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>

#include "core/errors.hpp"

namespace hullscan::zip {
namespace {

struct FreeReader {
  void operator()(archive* a) const noexcept { archive_read_free(a); }
};

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& why) {
  throw StorageError(fmt::format("{}: cannot be read: {}", file.string(), why));
}

std::string reason_of(archive* a) {
  const char* reason = archive_error_string(a);
  return reason != nullptr ? reason : "no reason given";
}

}  // namespace

void read(const std::filesystem::path& file, std::uint64_t largest, const std::function<bool(const Member&)>& wanted,
          const std::function<void(const Member&, std::string&&)>& visit) {
  const std::unique_ptr<archive, FreeReader> a(archive_read_new());
  if (a == nullptr) damaged(file, "out of memory");
  constexpr std::size_t kBlock = 65536;
  if (archive_read_support_format_zip_seekable(a.get()) != ARCHIVE_OK ||
      archive_read_open_filename(a.get(), file.c_str(), kBlock) != ARCHIVE_OK)
    damaged(file, reason_of(a.get()));
  archive_entry* entry = nullptr;
  int result = ARCHIVE_OK;
  while ((result = archive_read_next_header(a.get(), &entry)) == ARCHIVE_OK) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) damaged(file, "a file in it has no name");
    const Member member{name, static_cast<std::uint64_t>(archive_entry_size(entry)), archive_entry_mtime(entry),
                        static_cast<unsigned>(archive_entry_perm(entry))};
    if (!wanted(member)) continue;
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_size_is_set(entry) == 0 || member.bytes > largest)
      damaged(file, fmt::format("{} in it is not a file that hullscan packs", member.name));
    std::string text(member.bytes, '\0');
    std::size_t got = 0;
    while (got < text.size()) {
      const la_ssize_t more = archive_read_data(a.get(), text.data() + got, text.size() - got);
      if (more < 0) damaged(file, reason_of(a.get()));
      if (more == 0) damaged(file, fmt::format("{} in it is cut off", member.name));
      got += static_cast<std::size_t>(more);
    }
    // The checksum is compared at the end of the data.
    char beyond = 0;
    if (archive_read_data(a.get(), &beyond, 1) != 0) damaged(file, reason_of(a.get()));
    visit(member, std::move(text));
  }
  if (result != ARCHIVE_EOF) damaged(file, reason_of(a.get()));
}

}  // namespace hullscan::zip
