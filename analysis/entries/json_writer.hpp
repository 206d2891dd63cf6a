/// @file
/// JSON as text, written in order without a tree in memory: for lists of a hundred thousand entries.
/// Numbers have the fewest digits that read back exactly; what is not finite is null. Texts may hold any bytes.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hullscan {

/// Takes the pieces of a text in their order.
using TextSink = std::function<void(std::string_view)>;

class JsonWriter {
 public:
  /// @param text is appended to.
  explicit JsonWriter(std::string& text) : text_(text) {}
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  /// Names the member whose value comes next. @param name needs no escapes.
  JsonWriter& key(std::string_view name);
  void value(double number);
  void value(std::string_view words);
  void value(const std::string& words) { value(std::string_view(words)); }
  void value(const char* words) { value(std::string_view(words)); }
  void value(bool truth) { raw(truth ? "true" : "false"); }
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) void value(Integer number) { raw(std::to_string(number)); }
  template <class Value>
  void value(const std::optional<Value>& known) {
    known ? value(*known) : null();
  }
  void null() { raw("null"); }
  void raw(std::string_view json);  ///< a whole value

 private:
  void separate();
  void open(char bracket);
  void close(char bracket);

  std::string& text_;
  bool first_ = true;  ///< nothing since the last opening bracket or key
};

}  // namespace hullscan
