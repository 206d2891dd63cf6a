/// @file
/// An XML file as elements with text and numbers: the one place that names the XML library. Looking for what is not
/// there gives an empty element, so a reader states a path once and checks the value. detail/xml_absent.cpp is in the
/// place of its source, and of that of xml_stream.hpp, where a build does without XML libraries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pugi {
struct xml_node_struct;
class xml_document;
}  // namespace pugi

namespace hullscan::detail {

class XmlElement {
 public:
  XmlElement() = default;
  explicit XmlElement(pugi::xml_node_struct* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
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
  pugi::xml_node_struct* node_ = nullptr;  ///< of the document, which must outlive it
};

class XmlDocument {
 public:
  /// @returns nothing, and the reason in `problem`, if the file (plain or gzipped) cannot be read or is not complete,
  /// well-formed XML. @throws InputError where a build does without.
  static std::optional<XmlDocument> read(const std::filesystem::path& file, std::string& problem);
  [[nodiscard]] XmlElement root() const;

 private:
  struct Free {
    void operator()(pugi::xml_document* document) const noexcept;
  };
  std::unique_ptr<pugi::xml_document, Free> document_;
};

}  // namespace hullscan::detail
