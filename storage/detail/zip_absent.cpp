// In the place of zip_stream.cpp and zip_reader.cpp where a build does without libarchive.
#include "core/errors.hpp"
#include "storage/detail/zip_reader.hpp"
#include "storage/detail/zip_stream.hpp"

namespace hullscan::zip {

std::string why_no_zip() {
  return "this hullscan was built without libarchive; install it (libarchive-dev on Debian, libarchive-devel on Red "
         "Hat) "
         "and configure with -DHULLSCAN_ARCHIVE=ON";
}

void FreeArchive::operator()(archive* /*a*/) const noexcept {}

std::unique_ptr<archive, FreeArchive> open(const std::filesystem::path& file) {
  throw StorageError(file.string() + ": cannot be written: " + why_no_zip());
}

void add(archive& /*to*/, const std::string& /*name*/, std::string_view /*text*/, const std::filesystem::path& /*file*/,
         const OfFile& /*of*/) {}

void close(archive& /*a*/, const std::filesystem::path& /*file*/) {}

void read(const std::filesystem::path& file, std::uint64_t /*largest*/,
          const std::function<bool(const Member&)>& /*wanted*/,
          const std::function<void(const Member&, std::string&&)>& /*visit*/) {
  throw StorageError(file.string() + ": cannot be read: " + why_no_zip() + "; `unzip` in its folder unpacks it");
}

}  // namespace hullscan::zip
