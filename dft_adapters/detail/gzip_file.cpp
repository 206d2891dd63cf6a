#include "dft_adapters/detail/gzip_file.hpp"

#include <zlib.h>

#include <array>

namespace hullscan::detail {

struct UnpackedFile::Handle {
  struct Close {
    void operator()(gzFile_s* open) const noexcept { gzclose(open); }
  };
  std::unique_ptr<gzFile_s, Close> file;
};

UnpackedFile::UnpackedFile(const std::filesystem::path& file) : handle_(std::make_unique<Handle>()) {
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) handle_->file.reset(gzopen(file.c_str(), "rb"));
}

UnpackedFile::~UnpackedFile() = default;

bool UnpackedFile::is_open() const { return handle_->file != nullptr; }

std::optional<int> UnpackedFile::read(void* buffer, int length) {
  int total = 0;
  while (total < length) {
    const int got = gzread(handle_->file.get(), static_cast<char*>(buffer) + total,  // reads plain files as they are
                           static_cast<unsigned>(length - total));
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    total += got;
  }
  int status = Z_OK;
  (void)gzerror(handle_->file.get(), &status);
  if (total < length && status != Z_OK) return std::nullopt;
  return total;
}

std::optional<std::string> unpacked_text(const std::filesystem::path& file, std::size_t limit) {
  UnpackedFile in(file);
  if (!in.is_open()) return std::nullopt;
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const auto read = in.read(buffer.data(), static_cast<int>(buffer.size()));
    if (!read) return std::nullopt;
    text.append(buffer.data(), static_cast<std::size_t>(*read));
    if (text.size() > limit) return std::nullopt;
    if (*read < static_cast<int>(buffer.size())) return text;
  }
}

}  // namespace hullscan::detail
