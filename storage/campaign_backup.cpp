#include "storage/campaign_backup.hpp"

#include <fmt/format.h>

#include <string>
#include <system_error>

#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/hash.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

constexpr const char* kModels = "models";

std::filesystem::path model_file(const std::filesystem::path& directory, int pass, std::uint64_t model_hash) {
  return directory / kModels / fmt::format("p{}-{:016x}.model", pass, model_hash);
}

}  // namespace

void keep_model(const std::filesystem::path& directory, int pass, std::uint64_t model_hash,
                std::span<const std::byte> serialised) {
  if (kept_model(directory, pass, model_hash)) return;
  std::error_code error;
  if (std::filesystem::create_directory(directory / kModels, error)) sync_directory(directory);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", (directory / kModels).string(), error.message()));
  const auto* first = reinterpret_cast<const char*>(serialised.data());
  write_durably(model_file(directory, pass, model_hash), {first, serialised.size()});
}

std::optional<std::vector<std::byte>> kept_model(const std::filesystem::path& directory, int pass,
                                                 std::uint64_t model_hash) {
  std::string unreadable;
  const auto text = file_bytes(model_file(directory, pass, model_hash), unreadable);
  if (!text || hash64(*text) != model_hash) return std::nullopt;
  const auto bytes = std::as_bytes(std::span(*text));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace hullscan
