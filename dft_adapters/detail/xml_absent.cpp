// In the place of xml.cpp and xml_stream.cpp where a build does without XML libraries.
#include "core/errors.hpp"
#include "dft_adapters/detail/xml.hpp"
#include "dft_adapters/detail/xml_stream.hpp"
#include "dft_adapters/dft_code.hpp"

namespace hullscan {

std::string why_no_xml() {
  return "this hullscan was built without XML libraries; install pugixml and expat (libpugixml-dev and libexpat1-dev "
         "on "
         "Debian, pugixml-devel and expat-devel on Red Hat) and configure with -DHULLSCAN_XML=ON";
}

namespace detail {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file) {
  throw InputError((file.empty() ? "" : file.string() + ": ") + why_no_xml());
}

}  // namespace

XmlElement XmlElement::at(const std::string& /*path*/) const { return {}; }
std::vector<XmlElement> XmlElement::children(const std::string& /*name*/) const { return {}; }
std::string XmlElement::text() const { return {}; }
std::string XmlElement::attribute(const std::string& /*name*/) const { return {}; }
std::optional<double> XmlElement::number() const { return std::nullopt; }
std::optional<std::int64_t> XmlElement::integer() const { return std::nullopt; }
std::optional<bool> XmlElement::boolean() const { return std::nullopt; }
std::vector<double> XmlElement::numbers() const { return {}; }

void XmlDocument::Free::operator()(pugi::xml_document* /*document*/) const noexcept {}
XmlElement XmlDocument::root() const { return {}; }

std::optional<XmlDocument> XmlDocument::read(const std::filesystem::path& file, std::string& /*problem*/) {
  refuse(file);
}

XmlStreamEnd read_xml_stream(const std::filesystem::path& file, XmlListener& /*listener*/) { refuse(file); }

}  // namespace detail
}  // namespace hullscan
