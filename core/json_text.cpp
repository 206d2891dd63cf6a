#include "core/json_text.hpp"

namespace hullscan {

std::string json_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hullscan
