#include "storage/status_file.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/foreign_json.hpp"
#include "core/json_text.hpp"
#include "storage/durable_file.hpp"
#include "storage/plain_files.hpp"

namespace hullscan {
namespace {

constexpr const char* kStatusName = "status.json";

StorageError absent(const std::filesystem::path& directory) {
  return StorageError(directory.string() + ": no " + kStatusName +
                      ": not a campaign directory, or nothing was run in it yet");
}

}  // namespace

void write_status(const std::filesystem::path& directory, const Json& status) {
  write_durably(directory / kStatusName, json_text(status, 2) + "\n");
}

Json read_status(const std::filesystem::path& directory) {
  require_plain_files(directory);
  std::string problem;
  const auto text = file_bytes(directory / kStatusName, problem);
  if (!text) throw absent(directory);
  auto status = parse_foreign_json(*text, problem);
  if (!status) throw StorageError((directory / kStatusName).string() + ":" + problem);
  return std::move(*status);
}

double status_age_s(const std::filesystem::path& directory) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(directory / kStatusName, error);
  if (error) throw absent(directory);
  const std::chrono::duration<double> age = std::filesystem::file_time_type::clock::now() - written;
  return std::max(0.0, age.count());
}

}  // namespace hullscan
