#include "enumerator/files/extxyz_reader.hpp"

#include "enumerator/files/text_file.hpp"

namespace hullscan {

std::vector<LabelledFrame> read_extxyz(const std::filesystem::path& file) {
  return parse_extxyz(read_text_file(file), file.string());
}

}  // namespace hullscan
