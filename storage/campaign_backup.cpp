#include "storage/campaign_backup.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>

#include "core/errors.hpp"
#include "core/file_bytes.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

constexpr const char* kModels = "models";

std::filesystem::path model_file(const std::filesystem::path& directory, int pass, std::uint64_t model_hash) {
  return directory / kModels / fmt::format("p{}-{:016x}.model", pass, model_hash);
}

constexpr std::string_view kDeviations = ".deviations.json";

void make_models_folder(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::create_directory(directory / kModels, error)) sync_directory(directory);
  if (error) throw StorageError(fmt::format("{}: cannot be made: {}", (directory / kModels).string(), error.message()));
}

/// "r12.deviations.json" -> 12.
std::optional<int> round_of(const std::string& name) {
  if (!name.starts_with('r') || !name.ends_with(kDeviations)) return std::nullopt;
  const std::string digits = name.substr(1, name.size() - 1 - kDeviations.size());
  int round = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), round);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return round;
}

}  // namespace

void keep_model(const std::filesystem::path& directory, int pass, std::uint64_t model_hash,
                std::span<const std::byte> serialised) {
  if (kept_model(directory, pass, model_hash)) return;
  make_models_folder(directory);
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

void keep_deviations(const std::filesystem::path& directory, int round,
                     const std::map<std::string, double>& ev_per_atom) {
  make_models_folder(directory);
  write_durably(directory / kModels / fmt::format("r{}{}", round, kDeviations), json_text(Json(ev_per_atom)) + "\n");
}

std::map<int, std::map<std::string, double>> kept_deviations(const std::filesystem::path& directory) {
  std::map<int, std::map<std::string, double>> of_round;
  std::error_code none;
  for (std::filesystem::directory_iterator it(directory / kModels, none), end; !none && it != end; it.increment(none)) {
    const std::string name = it->path().filename().string();
    const std::optional<int> round = round_of(name);
    if (!round) continue;
    std::string problem;
    const std::optional<std::string> text = file_bytes(it->path(), problem);
    try {
      auto deviations = Json::parse(text.value_or("")).get<std::map<std::string, double>>();
      std::erase_if(deviations, [](const auto& one) { return !(one.second > 0 && std::isfinite(one.second)); });
      of_round.emplace(*round, std::move(deviations));
    } catch (const Json::exception&) {
      log_warning(fmt::format("models/{}: it is damaged and left out", name));
    }
  }
  return of_round;
}

}  // namespace hullscan
