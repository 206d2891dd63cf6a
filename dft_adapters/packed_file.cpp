#include "dft_adapters/packed_file.hpp"

#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "dft_adapters/detail/gzip_file.hpp"

namespace hullscan {

std::string unpacked_user_file(const std::filesystem::path& file) {
  std::string bytes = user_file(file);
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
  constexpr std::size_t kMost = std::size_t{1} << 31;
  auto unpacked = detail::unpacked_text(file, kMost);
  if (!unpacked) throw FormatError(file.string() + ": compressed by gzip, and damaged or not complete");
  return std::move(*unpacked);
}

}  // namespace hullscan
