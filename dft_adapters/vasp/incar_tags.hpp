/// @file
/// The tags of INCAR and what VASP reads behind each: one number, a list, a truth value, a word, or the whole text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hullscan::vasp {

enum class TagKind {
  kNumber,   ///< the first word; what stands behind it is not read
  kNumbers,  ///< as many words as are numbers, "3*0.6" included
  kLogical,  ///< T, .T., .TRUE., TRUE and the like
  kWord,     ///< the first word: ALGO, PREC
  kText,     ///< everything: SYSTEM
  kUnknown,  ///< a tag that is not in the table: numbers if it begins with one, else everything
};

/// @param tag in capitals; of "KERNEL_TRUNCATION/LTRUNCATE" the part before the stroke decides if the whole is
/// unknown.
TagKind kind_of(std::string_view tag);

/// Tags that VASP knows and a campaign may use, in alphabetical order; a tag that is not here is most likely
/// misspelled.
const std::vector<std::string>& known_tags();

/// Tags that hullscan writes itself, from the structure, and where to say them instead; "" if the tag is free.
std::string where_to_say(const std::string& tag);

}  // namespace hullscan::vasp
