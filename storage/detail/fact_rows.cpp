#include "storage/detail/fact_rows.hpp"

namespace hullscan::storage_detail {
namespace {

constexpr const char* kSetFact =
    "INSERT INTO fact (key, text) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET text = excluded.text";
constexpr const char* kForgetFact = "DELETE FROM fact WHERE key = ?";

}  // namespace

void set_fact(sqlite::Database& database, const std::string& key, const std::string& text) {
  database.change(kSetFact, key, text);
}

void forget_fact(sqlite::Database& database, const std::string& key) { database.change(kForgetFact, key); }

void change_facts(sqlite::Database& database, std::span<const std::pair<std::string, std::string>> facts) {
  for (const auto& [key, text] : facts) text.empty() ? forget_fact(database, key) : set_fact(database, key, text);
}

}  // namespace hullscan::storage_detail
