/// @file
/// What is wrong with several structures, said together.
#pragma once

#include <string>

#include "core/errors.hpp"

namespace hullscan {

class FormatFaults {
 public:
  /// Keeps the words of a FormatError that `work` throws.
  template <class Work>
  void collect(Work&& work) {
    try {
      work();
    } catch (const FormatError& error) {
      text_ += (text_.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  /// @throws FormatError with all of them.
  void throw_if_any() const {
    if (!text_.empty()) throw FormatError(text_);
  }

 private:
  std::string text_;
};

}  // namespace hullscan
