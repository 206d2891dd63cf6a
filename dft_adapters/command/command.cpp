/// @file
/// Any program as the calculator: it finds request.json in its working directory and leaves result.json there; or it
/// stays, and gets and answers the same in messages (`lasting`).

#include <fmt/format.h>

#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/json_text.hpp"
#include "dft_adapters/command/exchange_code.hpp"
#include "dft_adapters/detail/command_words.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

/// Values of the program's own settings as JSON; tables inside tables too.
Json json_of(const Setting& setting) {
  struct Visitor {
    Json operator()(const std::vector<Setting>& list) const {
      Json json = Json::array();
      for (const Setting& one : list) json.push_back(json_of(one));
      return json;
    }
    Json operator()(const SettingsTable& table) const {
      Json json = Json::object();
      for (const auto& [key, value] : table.entries) json[key] = json_of(value);
      return json;
    }
    Json operator()(bool value) const { return value; }
    Json operator()(std::int64_t value) const { return value; }
    Json operator()(double value) const { return value; }
    Json operator()(const std::string& value) const { return value; }
  };
  return std::visit(Visitor{}, setting.value);
}

class Command final : public exchange::ExchangeCode {
 public:
  Command() : ExchangeCode("command", {}) {}

  DftSettings resolve(const SettingsTable& dft_table, std::span<const Species> /*campaign_species*/,
                      Problems& problems) const override {
    SettingsReader reader(dft_table, "dft", problems);
    DftSettings settings{.code = "command", .values = {}};
    auto& values = settings.values;
    values["calculation"] = reader.choice("calculation", info().calculations, "vc-relax");
    if (!reader.has("method"))
      reader.require("method",
                     "a name for what is computed, e.g. \"mace-mp-0 medium\"; "
                     "results of different methods never share a hull");
    values["method"] = reader.text("method", "");
    if (!reader.has("command")) reader.require("command", "the program and its arguments");
    std::vector<std::string> command = detail::read_command(reader);
    const fs::path folder = fs::absolute(dft_table.where.file.empty() ? "." : dft_table.where.file).parent_path();
    // A program beside the campaign file is meant as such, wherever the calculations run.
    for (std::string& word : command) {
      if (word.starts_with("./") || word.starts_with("../")) word = (folder / word).lexically_normal().string();
    }
    values["command"] = detail::command_text(command);
    // Absent unless wanted: settings are stored, and older campaigns have none.
    if (reader.boolean("lasting", false)) values["lasting"] = "true";
    const SettingsTable* parameters = reader.table("parameters");
    Json own = Json::object();
    if (parameters != nullptr) {
      for (const auto& [key, value] : parameters->entries) own[key] = json_of(value);
    }
    values["parameters"] = json_text(own);
    for (const std::string& name : reader.texts("files")) {
      const fs::path file = (fs::path(name).is_absolute() ? fs::path(name) : folder / name).lexically_normal();
      std::error_code error;
      if (!fs::is_regular_file(file, error)) {
        reader.problem("files", fmt::format("no file {}", file.string()));
        continue;
      }
      values["file." + file.filename().string()] = file.string();
      values["file_hash." + file.filename().string()] = file_hash128_hex(file);
    }
    values["min_distance_angstrom"] =
        fmt::format("{}", reader.number("min_distance_angstrom", exchange::kDefaultMinimumDistanceAngstrom, 0, 10));
    reader.finish();
    return settings;
  }

  void write_inputs(const Structure& structure, const DftSettings& settings, const fs::path& dir) const override {
    exchange::Request asked = request(structure, settings);
    asked.parameters = Json::parse(value_of(settings, "parameters"), nullptr, false);
    for (const auto& [key, value] : settings.values) {
      if (key.starts_with("file.")) asked.files[key.substr(5)] = value;
    }
    if (lasting(settings))
      exchange::write_bare_request(asked, dir);
    else
      exchange::write_request(asked, dir);
  }

  std::optional<LastingExchange> lasting(const DftSettings& settings) const override {
    if (value_of(settings, "lasting") != "true") return std::nullopt;
    return LastingExchange{exchange::kRequestFile, exchange::kResultFile, exchange::why_no_answer};
  }

  std::vector<std::string> command(const DftSettings& settings) const override {
    return detail::command_words(value_of(settings, "command"));
  }

  std::map<std::string, std::string> hull_keys(const DftSettings& settings) const override {
    std::map<std::string, std::string> keys{{"code", "command"},
                                            {"method", value_of(settings, "method")},
                                            {"parameters", value_of(settings, "parameters")}};
    for (const auto& [key, value] : settings.values) {
      if (key.starts_with("file_hash.")) keys[key] = value;
    }
    return keys;
  }

  DftSettings identity(const DftSettings& settings) const override {
    DftSettings identity = settings;
    identity.values.erase("command");
    identity.values.erase("lasting");
    std::erase_if(identity.values, [](const auto& entry) { return entry.first.starts_with("file."); });
    return identity;
  }

  double relative_cost(const Structure& structure, const DftSettings& settings) const override {
    return static_cast<double>(structure.atom_count()) * (value_of(settings, "calculation") == "scf" ? 1 : 20);
  }
};

}  // namespace

const DftCode& command_code() {
  static const Command code;
  return code;
}

}  // namespace hullscan
