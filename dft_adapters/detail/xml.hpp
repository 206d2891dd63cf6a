/// @file
/// An XML file as elements with text and numbers: the one place that names the XML library. Looking for what is not
/// there gives an empty element, so a reader states a path once and checks the value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

namespace hullscan::detail {

class XmlElement {
 public:
  XmlElement() = default;
  explicit XmlElement(pugi::xml_node node) : node_(node) {}

  explicit operator bool() const { return !node_.empty(); }
  /// @param path names joined by '/': the first of each. Empty element if one is missing.
  [[nodiscard]] XmlElement at(const std::string& path) const;
  [[nodiscard]] std::vector<XmlElement> children(const std::string& name) const;
  [[nodiscard]] std::string text() const;                              ///< trimmed; "" if absent
  [[nodiscard]] std::string attribute(const std::string& name) const;  ///< trimmed; "" if absent
  [[nodiscard]] std::optional<double> number() const;                  ///< finite or nothing
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<bool> boolean() const;  ///< "true", "false"
  [[nodiscard]] std::vector<double> numbers() const;  ///< empty if any word is not a finite number

 private:
  pugi::xml_node node_;
};

class XmlDocument {
 public:
  /// @returns nothing, and the reason in `problem`, if the file (plain or gzipped) cannot be read or is not complete,
  /// well-formed XML.
  static std::optional<XmlDocument> read(const std::filesystem::path& file, std::string& problem);
  [[nodiscard]] XmlElement root() const;

 private:
  pugi::xml_document document_;
};

}  // namespace hullscan::detail
