/// @file
/// XML read as it comes, piece by piece: for files too large for a tree and for files that end in the middle.
/// The one place that names expat.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace hullscan::detail {

class XmlListener {
 public:
  virtual ~XmlListener() = default;
  virtual void opened(const std::string& element, const std::map<std::string, std::string>& attributes) = 0;
  /// Pieces of text come in any size, between the elements they stand between.
  virtual void text(const std::string& piece) = 0;
  virtual void closed(const std::string& element) = 0;
};

struct XmlStreamEnd {
  bool complete = false;  ///< the document element was closed and nothing was wrong up to there
  std::string problem;    ///< why not, with the line
};

/// A file packed by gzip is unpacked on the way. Everything up to the end or the first fault is heard. Never throws
/// for what the file holds; memory does not grow with the file. Entities beyond XML's five are not expanded.
XmlStreamEnd read_xml_stream(const std::filesystem::path& file, XmlListener& listener);

}  // namespace hullscan::detail
