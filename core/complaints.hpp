/// @file
/// Problems from several sources, reported together.
#pragma once

#include <string>

#include "core/errors.hpp"

namespace hullscan {

/// A broken structure file is the more serious problem and decides the exit code.
class Complaints {
 public:
  /// Keeps the words of an InputError or a FormatError that `work` throws. @returns false if it threw one.
  template <class Work>
  bool collect(Work&& work) {
    try {
      work();
      return true;
    } catch (const InputError& error) {
      add(error.what());
    } catch (const FormatError& error) {
      add(error.what());
      structure_ = true;
    }
    return false;
  }
  /// @throws FormatError or InputError with all of them.
  void throw_if_any() const {
    if (text_.empty()) return;
    if (structure_) throw FormatError(text_);
    throw InputError(text_);
  }

 private:
  void add(const std::string& lines) { text_ += (text_.empty() ? "" : "\n") + lines; }
  std::string text_;
  bool structure_ = false;
};

}  // namespace hullscan
