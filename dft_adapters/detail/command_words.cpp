#include "dft_adapters/detail/command_words.hpp"

#include "core/json.hpp"
#include "core/json_text.hpp"
#include "dft_adapters/detail/words.hpp"

namespace hullscan::detail {

std::vector<std::string> read_command(SettingsReader& reader) {
  std::vector<std::string> command = reader.texts("command");
  const Setting* written = reader.raw("command");
  if (written != nullptr && std::holds_alternative<std::string>(written->value) && !command.empty())
    command = words(command.front());
  return command;
}

std::vector<std::string> read_command(SettingsReader& reader, const std::string& default_program) {
  if (!reader.has("command")) return {default_program};
  std::vector<std::string> command = read_command(reader);
  if (command.empty() || command.front().empty())
    reader.problem("command", "expected a program and its arguments, found none");
  return command;
}

std::string command_text(const std::vector<std::string>& words) { return json_text(Json(words)); }

std::vector<std::string> command_words(const std::string& text) {
  const Json command = Json::parse(text, nullptr, false);
  std::vector<std::string> words;
  if (!command.is_array()) return words;
  for (const Json& one : command) {
    if (one.is_string()) words.push_back(one.get<std::string>());
  }
  return words;
}

}  // namespace hullscan::detail
