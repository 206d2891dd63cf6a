/// @file
/// The entries of report.json and entries.json as text, one at a time.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "analysis/entries/json_writer.hpp"
#include "analysis/hull/end_members.hpp"
#include "analysis/report/report_content.hpp"

namespace hullscan {

/// Remembers what entries of one composition share. The report must outlive it.
class EntryTexts {
 public:
  explicit EntryTexts(const Report& report);
  /// A member of `entries` of report.json.
  [[nodiscard]] std::string entry(std::size_t i, bool with_structure);
  /// A member of `references`.
  [[nodiscard]] std::string reference(std::size_t i);
  /// Members of entries.json: first the entries, then the references.
  [[nodiscard]] std::string pymatgen_entry(std::size_t i);
  [[nodiscard]] std::string pymatgen_reference(std::size_t i);

 private:
  struct OfComposition {
    std::string formula, reduced_formula, counts, shares;  ///< the last two as JSON
  };
  [[nodiscard]] const std::string& symbol_of(const std::optional<int>& space_group_number) const;
  const OfComposition& of(const Composition& composition);
  /// As JSON. One entry mostly has the keys of the one before.
  const std::string& keys_text(const std::map<std::string, std::string>& keys);
  void add_hull(JsonWriter& json, const HullEntryResult& result);

  const Report& report_;
  std::optional<EndMemberSpace> space_;
  std::map<Composition, OfComposition> compositions_;
  std::map<std::string, std::string> keys_;  ///< of `keys_text_`
  std::string keys_text_;
};

}  // namespace hullscan
