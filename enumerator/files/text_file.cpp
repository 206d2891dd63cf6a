#include "enumerator/files/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr std::uintmax_t kLargestBytes = std::uintmax_t{1} << 30;

}  // namespace

std::string read_text_file(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (status.type() == std::filesystem::file_type::not_found) throw FormatError(name + ": no such file");
  if (std::filesystem::is_directory(status)) throw FormatError(name + ": is a directory, expected a file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) throw FormatError(name + ": cannot be read (" + std::strerror(errno != 0 ? errno : EIO) + ")");
  if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(file, code) > kLargestBytes) {
    throw FormatError(name + ": larger than 1 GiB, expected a structure file");
  }
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const std::string raw = bytes.str();
  if (raw.empty()) throw FormatError(name + ": the file is empty");
  if (raw.find('\0') != std::string::npos) throw FormatError(name + ": holds zero bytes, expected text");

  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = raw.starts_with("\xEF\xBB\xBF") ? 3 : 0; i < raw.size(); ++i) {
    if (raw[i] != '\r') {
      text += raw[i];
    } else if (i + 1 == raw.size() || raw[i + 1] != '\n') {
      text += '\n';
    }
  }
  return text;
}

}  // namespace hullscan
