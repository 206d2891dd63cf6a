/// @file
/// A table of settings with the place of every key, so that whoever owns a setting can complain about it precisely.
/// The campaign file is read into this; the format (TOML) is known only to settings_toml.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/errors.hpp"

namespace hullscan {

struct Setting;
struct SettingsEntry;

/// Keys in the order of the file. What it is made of is not complete here, so its members are defined elsewhere.
struct SettingsTable {
  SettingsTable();
  SettingsTable(SourcePosition at, std::vector<SettingsEntry> some);
  SettingsTable(const SettingsTable&);
  SettingsTable(SettingsTable&&) noexcept;
  SettingsTable& operator=(const SettingsTable&);
  SettingsTable& operator=(SettingsTable&&) noexcept;
  ~SettingsTable();

  SourcePosition where;
  std::vector<SettingsEntry> entries;

  [[nodiscard]] const Setting* find(const std::string& key) const;  ///< nullptr if absent
};

struct Setting {
  SourcePosition where;      ///< of the value
  SourcePosition key_where;  ///< of the key; in a list, of the element
  std::variant<bool, std::int64_t, double, std::string, std::vector<Setting>, SettingsTable> value;

  [[nodiscard]] const char* type_name() const;  ///< "integer", "text", "list", …
};

/// Key and value. A type of its own, since a pair of a type that is not complete yet is more than some compilers take.
struct SettingsEntry : std::pair<std::string, Setting> {
  using pair::pair;
};

/// @param file_name how messages call the file. @throws InputError `file:line:column: …` on a syntax error.
SettingsTable parse_settings_toml(const std::string& text, const std::string& file_name);

/// Takes known keys out of one table, checks type and range, and at the end complains about the keys nobody took.
/// A problem is added to `problems` and the default is returned, so reading goes on and all problems are found.
class SettingsReader {
 public:
  /// @param name how messages call the table, e.g. "dft" -> "dft.ecutwfc: …"; may be empty.
  SettingsReader(const SettingsTable& table, std::string name, Problems& problems);

  std::string text(const std::string& key, const std::string& fallback);
  std::optional<std::string> text(const std::string& key);
  /// One of `choices`; the message lists them.
  std::string choice(const std::string& key, const std::vector<std::string>& choices, const std::string& fallback);
  bool boolean(const std::string& key, bool fallback);
  std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t lowest, std::int64_t highest);
  std::optional<std::int64_t> integer(const std::string& key, std::int64_t lowest, std::int64_t highest);
  /// Integers are numbers too. Infinite values and NaN are refused.
  double number(const std::string& key, double fallback, double lowest, double highest);
  std::optional<double> number(const std::string& key, double lowest, double highest);
  std::vector<double> numbers(const std::string& key, const std::vector<double>& fallback);
  std::vector<std::string> texts(const std::string& key);                ///< a text or a list of texts; empty if absent
  const SettingsTable* table(const std::string& key);                    ///< nullptr if absent
  std::vector<const SettingsTable*> tables(const std::string& key);      ///< an array of tables; empty if absent
  std::map<std::string, double> number_by_name(const std::string& key);  ///< { Ni = 0.5, … }
  std::map<std::string, std::string> text_by_name(const std::string& key);  ///< { Al = "Al.UPF", … }
  const Setting* raw(const std::string& key);  ///< for values with several forms; nullptr if absent

  /// Complains that a key is missing.
  void require(const std::string& key, const std::string& what_it_is);
  void problem(const std::string& key, const std::string& what);  ///< at the key's value, or at the table if absent
  [[nodiscard]] bool has(const std::string& key) const { return table_.find(key) != nullptr; }
  [[nodiscard]] SourcePosition where(const std::string& key) const;
  /// Every key that was not asked for becomes a problem with a "did you mean".
  void finish();

 private:
  const Setting* take(const std::string& key);
  [[nodiscard]] std::string full(const std::string& key) const;
  void wrong_type(const std::string& key, const Setting& found, const std::string& expected);

  const SettingsTable& table_;
  std::string name_;
  Problems& problems_;
  std::vector<std::string> known_;
};

}  // namespace hullscan
