/// @file
/// Which machines are to be avoided: those on which several calculations in a row failed at once.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace hullscan {

class NodeHealth {
 public:
  /// @param failures in a row, on one machine, after which it is avoided; >= 1
  explicit NodeHealth(int failures) : failures_(failures) {}

  /// A calculation came to an end that proves that the machine works. Unnamed machines are passed over.
  void worked(const std::string& host) { in_a_row_.erase(host); }
  /// One failed at once or because of the machine. @returns whether the machine is avoided from now on.
  bool failed(const std::string& host) {
    if (host.empty() || ++in_a_row_[host] != failures_) return false;
    avoided_.push_back(host);
    return true;
  }
  [[nodiscard]] const std::vector<std::string>& avoided() const { return avoided_; }

 private:
  int failures_;
  std::map<std::string, int> in_a_row_;
  std::vector<std::string> avoided_;
};

}  // namespace hullscan
