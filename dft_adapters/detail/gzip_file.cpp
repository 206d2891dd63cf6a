#include "dft_adapters/detail/gzip_file.hpp"

#include <zlib.h>

#include <array>
#include <memory>

namespace hullscan::detail {

std::optional<std::string> unpacked_text(const std::filesystem::path& file, std::size_t limit) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  struct Close {
    void operator()(gzFile_s* handle) const noexcept { gzclose(handle); }
  };
  const std::unique_ptr<gzFile_s, Close> handle(gzopen(file.c_str(), "rb"));  // reads plain files as they are
  if (!handle) return std::nullopt;
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const int read = gzread(handle.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    if (read < 0) return std::nullopt;
    if (read == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(read));
    if (text.size() > limit) return std::nullopt;
  }
  int status = Z_OK;
  (void)gzerror(handle.get(), &status);
  if (status != Z_OK) return std::nullopt;
  return text;
}

}  // namespace hullscan::detail
