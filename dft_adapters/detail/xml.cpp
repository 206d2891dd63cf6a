#include "dft_adapters/detail/xml.hpp"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "dft_adapters/detail/gzip_file.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/dft_code.hpp"

namespace hullscan::detail {

XmlElement XmlElement::at(const std::string& path) const {
  pugi::xml_node node(node_);
  for (const std::string& name : split(path, '/')) node = node.child(name.c_str());
  return XmlElement(node.internal_object());
}

std::vector<XmlElement> XmlElement::children(const std::string& name) const {
  std::vector<XmlElement> found;
  for (const pugi::xml_node child : pugi::xml_node(node_).children(name.c_str()))
    found.emplace_back(child.internal_object());
  return found;
}

std::string XmlElement::text() const { return trimmed(pugi::xml_node(node_).child_value()); }

std::string XmlElement::attribute(const std::string& name) const {
  return trimmed(pugi::xml_node(node_).attribute(name.c_str()).value());
}

std::optional<double> XmlElement::number() const { return to_number(text()); }

std::optional<std::int64_t> XmlElement::integer() const { return to_integer(text()); }

std::optional<bool> XmlElement::boolean() const {
  const std::string value = text();
  if (value == "true") return true;
  if (value == "false") return false;
  return std::nullopt;
}

std::vector<double> XmlElement::numbers() const {
  std::vector<double> values;
  for (const std::string& word : words(text())) {
    const auto value = to_number(word);
    if (!value) return {};
    values.push_back(*value);
  }
  return values;
}

void XmlDocument::Free::operator()(pugi::xml_document* document) const noexcept { delete document; }

std::optional<XmlDocument> XmlDocument::read(const std::filesystem::path& file, std::string& problem) {
  constexpr std::size_t kLargest = std::size_t{1} << 30;
  const auto text = unpacked_text(file, kLargest);
  if (!text) {
    problem = "it cannot be read";
    return std::nullopt;
  }
  std::optional<XmlDocument> document(std::in_place);
  document->document_.reset(new pugi::xml_document);
  const auto result = document->document_->load_buffer(text->data(), text->size());
  if (result) return document;
  problem = fmt::format("{} at byte {}", result.description(), result.offset);
  return std::nullopt;
}

XmlElement XmlDocument::root() const { return XmlElement(document_->document_element().internal_object()); }

}  // namespace hullscan::detail

namespace hullscan {
std::string why_no_xml() { return {}; }
}  // namespace hullscan
