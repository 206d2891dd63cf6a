#include "dft_adapters/detail/xml_stream.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <memory>

#include "dft_adapters/detail/gzip_file.hpp"

namespace hullscan::detail {
namespace {

constexpr int kPieceBytes = 1 << 16;

struct Free {
  void operator()(XML_ParserStruct* parser) const noexcept { XML_ParserFree(parser); }
};

/// What crosses the C library: the listener, and an exception of its own on the way back.
struct Crossing {
  XmlListener& listener;
  XML_Parser parser = nullptr;
  int depth = 0;
  bool root_closed = false;
  std::exception_ptr thrown;

  template <class Call>
  void guarded(Call call) noexcept {
    if (thrown) return;
    try {
      call();
    } catch (...) {  // rethrown behind the C frames
      thrown = std::current_exception();
      XML_StopParser(parser, XML_FALSE);
    }
  }
};

void XMLCALL on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
  auto& crossing = *static_cast<Crossing*>(user);
  ++crossing.depth;
  crossing.guarded([&] {
    std::map<std::string, std::string> named;
    for (int i = 0; attributes[i] != nullptr; i += 2) named[attributes[i]] = attributes[i + 1];
    crossing.listener.opened(name, named);
  });
}

void XMLCALL on_end(void* user, const XML_Char* name) {
  auto& crossing = *static_cast<Crossing*>(user);
  crossing.root_closed = --crossing.depth == 0;
  crossing.guarded([&] { crossing.listener.closed(name); });
}

void XMLCALL on_text(void* user, const XML_Char* text, int length) {
  auto& crossing = *static_cast<Crossing*>(user);
  crossing.guarded([&] { crossing.listener.text(std::string(text, static_cast<std::size_t>(length))); });
}

std::uint64_t current_line(XML_Parser parser) {
#ifdef XML_ATTR_DEPRECATED  // Expat 2.9 and newer: the other one counts in long
  return XML_GetCurrentLineNumber64(parser);
#else
  return XML_GetCurrentLineNumber(parser);
#endif
}

}  // namespace

XmlStreamEnd read_xml_stream(const std::filesystem::path& file, XmlListener& listener) {
  UnpackedFile in(file);
  if (!in.is_open()) return {.complete = false, .problem = "cannot be read"};
  const std::unique_ptr<XML_ParserStruct, Free> parser(XML_ParserCreate(nullptr));
  if (!parser) return {.complete = false, .problem = "no memory to read it"};
  Crossing crossing{.listener = listener, .parser = parser.get(), .depth = 0, .root_closed = false, .thrown = {}};
  XML_SetUserData(parser.get(), &crossing);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  while (true) {
    void* buffer = XML_GetBuffer(parser.get(), kPieceBytes);
    if (buffer == nullptr) return {.complete = false, .problem = "no memory to read it"};
    const auto length = in.read(buffer, kPieceBytes);
    if (!length) return {.complete = false, .problem = "the packed file is damaged"};
    const bool last = *length < kPieceBytes;
    const XML_Status status = XML_ParseBuffer(parser.get(), *length, last ? XML_TRUE : XML_FALSE);
    if (crossing.thrown) std::rethrow_exception(crossing.thrown);
    if (status != XML_STATUS_OK) {
      return {.complete = false,
              .problem = fmt::format("{} in line {}", XML_ErrorString(XML_GetErrorCode(parser.get())),
                                     current_line(parser.get()))};
    }
    if (last) return {.complete = crossing.root_closed, .problem = ""};
  }
}

}  // namespace hullscan::detail
