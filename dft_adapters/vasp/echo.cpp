#include "dft_adapters/vasp/echo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/vasp/settings.hpp"

namespace hullscan::vasp {
namespace {

constexpr double kHalfOfLastDecimal = 0.6e-8;
constexpr double kSmallestEdiff = 1e-12;  ///< smaller values are raised to it

std::string text_of(const Incar& incar, const std::string& tag) {
  const auto found = incar.find(tag);
  return found == incar.end() ? "" : found->second;
}

/// Numbers by value; nothing is said where either is not a number.
bool differ(const std::string& a, const std::string& b) {
  const auto x = detail::to_number(a), y = detail::to_number(b);
  if (!x || !y) return false;
  return std::abs(*x - *y) > std::max(kHalfOfLastDecimal, 1e-6 * std::max(std::abs(*x), std::abs(*y)));
}

class Comparison {
 public:
  Comparison(const Incar& incar, const Incar& read, const std::map<std::string, std::string>& used)
      : incar_(incar), read_(read), asked_(incar.empty() ? read : incar), used_(used) {
    for (const auto& [tag, value] : read) asked_.try_emplace(tag, value);
    if (const auto cutoff = used_.find("ENMAX"); cutoff != used_.end()) used_["ENCUT"] = cutoff->second;
  }

  std::string first() const {
    for (const char* tag : {"ENCUT", "EDIFF", "ISPIN", "ISMEAR", "SIGMA", "NSW", "IBRION", "ISIF", "NELM"}) {
      if (const std::string text = misread(tag); !text.empty()) return text;
      if (const std::string text = changed(tag); !text.empty()) return text;
    }
    return "";
  }

 private:
  /// The file that lies there now is not the one that VASP read.
  std::string misread(const std::string& tag) const {
    const std::string asked = text_of(incar_, tag), read = text_of(read_, tag);
    return differ(asked, read) ? fmt::format("{}: asked for {}, read by VASP as {}", tag, asked, read) : "";
  }

  std::string changed(const std::string& tag) const {
    const std::string asked = text_of(asked_, tag), used = text_of(used_, tag);
    if (!differ(asked, used) || by_vasp_itself(tag)) return "";
    return fmt::format("{}: asked for {}, computed with {}", tag, asked, used);
  }

  bool by_vasp_itself(const std::string& tag) const {
    if (tag == "ISMEAR" || tag == "SIGMA") return smearing_class(asked_) == smearing_class(smearing_used());
    if (tag == "ISPIN") return is_true("LSORBIT") || is_true("LNONCOLLINEAR");
    const bool was_read = !text_of(read_, tag).empty();
    if (tag == "NELM") return was_read;
    if (tag == "EDIFF") return was_read && detail::to_number(text_of(asked_, tag)).value_or(1) <= kSmallestEdiff;
    if (tag == "NSW" || tag == "IBRION" || tag == "ISIF") {
      const std::string kind = calculation_of(asked_);
      return kind == calculation_of(with_motion_used()) && (kind == "scf" || (was_read && tag == "NSW"));
    }
    return false;
  }

  bool is_true(const std::string& tag) const {
    const std::string used = detail::trimmed(text_of(used_, tag));
    return text_of(asked_, tag) == ".TRUE." || used == "T" || used == ".TRUE.";
  }

  Incar smearing_used() const {
    Incar smearing;
    for (const char* tag : {"ISMEAR", "SIGMA"}) {
      const auto number = detail::to_number(text_of(used_, tag));
      if (number) smearing[tag] = fmt::format("{}", *number);
    }
    return smearing;
  }

  Incar with_motion_used() const {
    Incar motion = asked_;
    for (const char* tag : {"NSW", "IBRION", "ISIF"}) {
      if (const auto number = detail::to_number(text_of(used_, tag))) motion[tag] = fmt::format("{}", *number);
    }
    return motion;
  }

  const Incar& incar_;
  const Incar& read_;
  Incar asked_;
  Incar used_;
};

}  // namespace

std::string request_difference(const Incar& incar, const Incar& read_by_vasp,
                               const std::map<std::string, std::string>& used) {
  return Comparison(incar, read_by_vasp, used).first();
}

}  // namespace hullscan::vasp
