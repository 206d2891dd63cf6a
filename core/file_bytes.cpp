#include "core/file_bytes.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/errors.hpp"

namespace hullscan {

std::optional<std::string> file_bytes(const std::filesystem::path& file, std::string& problem) {
  std::error_code ignored;
  const auto status = std::filesystem::status(file, ignored);
  if (status.type() == std::filesystem::file_type::not_found) {
    problem = file.string() + ": cannot be read: no such file";
    return std::nullopt;
  }
  if (std::filesystem::is_directory(status)) {
    problem = file.string() + ": is a directory, expected a file";
    return std::nullopt;
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  if (in && in.peek() != std::ifstream::traits_type::eof()) bytes << in.rdbuf();  // no byte to copy counts as a failure
  if (!in.is_open() || in.bad() || !bytes) {
    problem = file.string() + ": cannot be read" + (errno == 0 ? "" : std::string(": ") + std::strerror(errno));
    return std::nullopt;
  }
  return bytes.str();
}

std::string user_file(const std::filesystem::path& file) {
  std::string problem;
  auto bytes = file_bytes(file, problem);
  if (!bytes) throw InputError(problem);
  return std::move(*bytes);
}

}  // namespace hullscan
