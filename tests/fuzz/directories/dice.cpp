#include "dice.hpp"

#include <algorithm>

#include "core/json.hpp"

namespace hullscan::test {
namespace {

Json wild_json(Dice& dice) {
  switch (dice.below(12)) {
    case 0:
      return nullptr;
    case 1:
      return true;
    case 2:
      return -1;
    case 3:
      return 1e308;
    case 4:
      return std::int64_t{1} << 62;
    case 5:
      return Json::array();
    case 6:
      return Json::object();
    case 7:
      return Json::array({Json::array({nullptr})});
    case 8:
      return 0;
    case 9:
      return 0.1;
    case 10:
      return Json{{"", Json::array()}};
    default:
      return "wild";
  }
}

/// One of all nodes below, each equally likely at its depth.
Json& any_node(Json& json, Dice& dice) {
  if (!json.is_structured() || json.empty() || dice.one_in(5)) return json;
  auto child = json.begin();
  std::advance(child, static_cast<std::ptrdiff_t>(dice.below(json.size())));
  return any_node(*child, dice);
}

}  // namespace

bool is_file(const std::filesystem::path& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(path, none);
}

std::string damaged_bytes(std::string bytes, Dice& dice) {
  const std::string before = bytes;
  switch (dice.below(8)) {
    case 0:
    case 1:
    case 2:
      for (std::size_t flips = 1 + dice.below(8); flips > 0 && !bytes.empty(); --flips) {
        char& byte = bytes[dice.below(bytes.size())];
        byte = static_cast<char>(byte ^ (1 << dice.below(8)));
      }
      break;
    case 3:
      bytes.resize(dice.below(bytes.size()));
      break;
    case 4:
      bytes.clear();
      break;
    case 5: {
      const std::size_t from = dice.below(bytes.size());
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  std::min(bytes.size() - from, 1 + dice.below(4096)), '\0');
      break;
    }
    case 6: {
      const std::size_t from = dice.below(bytes.size());
      bytes.insert(from, bytes.substr(from, 1 + dice.below(512)));
      break;
    }
    default:
      for (std::size_t at = dice.below(bytes.size()), n = 1 + dice.below(64); n > 0 && at < bytes.size(); --n, ++at)
        bytes[at] = static_cast<char>(dice.bits());
  }
  if (bytes == before && !bytes.empty()) bytes[0] = static_cast<char>(bytes[0] ^ 1);
  return bytes;
}

std::string damaged_text(const std::string& text, Dice& dice) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_structured() || dice.one_in(3)) return damaged_bytes(text, dice);
  Json& node = any_node(json, dice);
  if (node.is_structured() && !node.empty() && dice.one_in(3)) {
    if (node.is_array())
      node.erase(dice.below(node.size()));
    else
      node.erase(std::next(node.begin(), static_cast<std::ptrdiff_t>(dice.below(node.size()))));
  } else {
    node = wild_json(dice);
  }
  return json.dump();
}

std::string wild_text(Dice& dice) {
  switch (dice.below(14)) {
    case 0:
      return "";
    case 1:
      return "../../../../escaped";
    case 2:
      return std::string(100'000, 'A');
    case 3:
      return "\xff\xfe r\xe9seau";
    case 4:
      return "a\n[dft]\ncommand = \"x\"\x1b[31m";
    case 5:
      return "{}";
    case 6:
      return "[]";
    case 7:
      return std::string(20'000, '[');
    case 8:
      return "{\"a\": 1e999}";
    case 9:
      return "1/0";
    case 10:
      return std::string("a\0b", 3);
    case 11:
      return "{\"code\": \"vasp\", \"values\": {\"step\": \"-1\"}}";
    case 12:
      return "999999999999999999999999/3";
    default:
      return "~";
  }
}

}  // namespace hullscan::test
